import ChangeFeedTesting
import Postgres
import Testing

/// The real Odoo 18 database with Odoo's own answers, where it lies beside the checkout.
@Suite(
    "A real Odoo 18 database", .timeLimit(.minutes(10)),
    .enabled(if: Fixture.real("demo.sql.gz") != nil, "the real Odoo database is not beside this checkout"))
struct RealDatabaseTests {
    @Test("installs cleanly, captures what Odoo writes, and goes without a trace")
    func installs() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.real)
        let before = try await database.dump("-s")
        try await database.run(script: Fixture.sqlFolder + "/install.sql")
        let connection = try await database.connect()
        #expect(try await connection.lines("SELECT code, object, detail FROM changefeed.verify()") == [])
        #expect(
            try await connection.lines("SELECT model FROM changefeed.tracked WHERE trigger_state = 'enabled'")
                == InstallTests.eleven)
        try await connection.execute(
            script:
                "UPDATE res_partner SET phone = '1' WHERE id = 3; DELETE FROM sale_order WHERE id = (SELECT min(id) FROM sale_order)"
        )
        let events = "SELECT DISTINCT model || ' ' || event FROM changefeed.event ORDER BY 1"
        let captured = try await connection.lines(events)
        #expect(captured.contains("res.partner write"))
        #expect(captured.contains("sale.order unlink"))
        await connection.close()
        try await database.run(script: Fixture.sqlFolder + "/uninstall.sql")
        #expect(try await database.dump("-s") == before)
    }

    @Test("lets each user read the models that Odoo lets them read, and no other")
    func readableModels() async throws {
        let oracle = try await OdooAnswers.read()
        #expect(oracle.users.count > 3)
        let database = try await PrivateCluster.shared().createDatabase(.realInstalled)
        let connection = try await database.connect()
        for (login, user) in oracle.users {
            let wanted = InstallTests.eleven.filter { user.models[$0]?.visibleIDs != nil }
            let readable = try await connection.lines("SELECT changefeed.odoo_readable_models($1)", [.int(user.uid)])
            // Odoo's Python code shows hr.employee, by way of hr.employee.public, to users whom ir_model_access refuses it.
            let shownByCode = Set(wanted).subtracting(readable)
            #expect(shownByCode.isSubset(of: ["hr.employee"]), "\(login)")
            #expect(readable == wanted.filter { !shownByCode.contains($0) }, "\(login)")
        }
    }
}
