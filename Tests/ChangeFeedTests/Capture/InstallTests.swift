import ChangeFeedTesting
import Postgres
import Testing

/// Installing and removing changes the cluster's roles, so each of these tests has a cluster of its own.
@Suite("Installing and removing with psql", .serialized, .timeLimit(.minutes(10)))
struct InstallTests {
    static let install = Fixture.sqlFolder + "/install.sql"
    static let uninstall = Fixture.sqlFolder + "/uninstall.sql"
    static let tracked = "SELECT model FROM changefeed.tracked WHERE trigger_state = 'enabled' ORDER BY 1"
    static let eleven = [
        "account.journal", "account.move", "hr.employee", "hr.expense", "product.category", "product.product",
        "product.template", "purchase.order", "res.partner", "sale.order", "stock.picking",
    ]

    @Test("an installation tracks the eleven models and verify finds nothing")
    func installs() async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect()
        #expect(try await connection.lines(Self.tracked) == Self.eleven)
        #expect(try await connection.lines("SELECT code, object, detail FROM changefeed.verify()") == [])
        let versions = "SELECT changefeed.schema_version() = max(version) FROM changefeed.migration"
        #expect(try await connection.value(versions) == "t")
    }

    @Test("the second installation changes nothing that pg_dump can see, and keeps the log")
    func twice() async throws {
        let cluster = try await PrivateCluster.make()
        let database = try await cluster.createDatabase(.installed)
        try await database.psql("UPDATE res_partner SET phone = '1' WHERE id = 1")
        let before = try await database.dump("-s")
        try await database.run(script: Self.install)
        #expect(try await database.dump("-s") == before)
        #expect(try await database.psql("SELECT count(*) FROM changefeed.event") == "1")
        await cluster.remove()
    }

    @Test("uninstall leaves the catalog, the rights and the roles as they were", arguments: [Fixture.odoo, .empty])
    func removes(_ fixture: Fixture) async throws {
        let cluster = try await PrivateCluster.make()
        let database = try await cluster.createDatabase(fixture)
        let before = try await database.dump("-s")
        let rolesBefore = try await database.psql("SELECT rolname FROM pg_roles ORDER BY 1")
        try await database.run(script: Self.install)
        #expect(try await database.dump("-s") != before)
        try await database.run(script: Self.uninstall)
        #expect(try await database.dump("-s") == before)
        #expect(try await database.psql("SELECT rolname FROM pg_roles ORDER BY 1") == rolesBefore)
        // A second time there is nothing to do, and that is no error.
        try await database.run(script: Self.uninstall)
        try await database.run(script: Self.install)
        try await database.run(script: Self.uninstall)
        #expect(try await database.dump("-s") == before)
        await cluster.remove()
    }

    @Test("uninstalling one database leaves the feed of another one alone")
    func twoDatabases() async throws {
        let cluster = try await PrivateCluster.make()
        let one = try await cluster.createDatabase(.installed)
        let other = try await cluster.createDatabase(.installed)
        try await one.run(script: Self.uninstall)
        try await other.psql("UPDATE res_partner SET phone = '1' WHERE id = 1", user: "odoo")
        #expect(try await other.psql("SELECT count(*) FROM changefeed.event") == "1")
        #expect(try await other.psql("SELECT code || ' ' || detail FROM changefeed.verify()") == "")
        await cluster.remove()
    }

    @Test("twenty concurrent installations all succeed and leave one")
    func atOnce() async throws {
        let cluster = try await PrivateCluster.make()
        let database = try await cluster.createDatabase(.odoo)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { _ = try await database.run(script: Self.install) } }
            try await group.waitForAll()
        }
        let connection = try await database.connect()
        #expect(try await connection.lines(Self.tracked) == Self.eleven)
        let triggers =
            "SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'changefeed\\_%' AND tgname <> 'changefeed_access' AND tgrelid <> 'changefeed.probe'::regclass"
        #expect(try await connection.value(triggers) == "44")
        #expect(try await connection.lines("SELECT * FROM changefeed.unwatched_tables()") == [])
        #expect(try await connection.lines("SELECT version FROM changefeed.migration ORDER BY 1").first == "1")
        await connection.close()
        await cluster.remove()
    }

    @Test(
        "while a transaction locks a table the others get their triggers, no writer queues, and the installation resumes afterwards"
    )
    func heldTable() async throws {
        let cluster = try await PrivateCluster.make()
        let database = try await cluster.createDatabase(.odoo)
        let holder = try await database.connect(user: "odoo")
        try await holder.execute(script: "BEGIN; UPDATE res_partner SET phone = '1' WHERE id = 1")
        let installation = Task { try await database.run(script: Self.install) }
        let observer = try await database.connect()
        try await eventually(within: .seconds(90), "the tables before res_partner have their triggers") {
            let before =
                "SELECT count(*) FROM pg_trigger WHERE tgname = 'changefeed_insert' AND tgrelid::regclass::text <> 'changefeed.probe'"
            return try await observer.value(before) == "8"
        }
        let writer = try await database.connect(user: "odoo")
        for _ in 0..<50 {
            // The longest that a try to attach may stand in front of a writer is 100 ms.
            try await writer.execute(
                script: "SET lock_timeout = '400ms'; UPDATE res_partner SET phone = '2' WHERE id = 2")
        }
        try await holder.execute(script: "COMMIT")
        _ = try await installation.value
        #expect(try await observer.lines(Self.tracked) == Self.eleven)
        for connection in [holder, observer, writer] { await connection.close() }
        await cluster.remove()
    }

    @Test("an installation that gives up on a table says who holds it, and the next one finishes")
    func givesUp() async throws {
        let cluster = try await PrivateCluster.make()
        let database = try await cluster.createDatabase(.odoo)
        let holder = try await database.connect(user: "odoo")
        try await holder.execute(script: "BEGIN; UPDATE stock_picking SET state = 'done'")
        do {
            try await database.run(script: Self.install)
            Issue.record("stock_picking was held all the time")
        } catch let failure as PrivateCluster.Failure {
            #expect(failure.description.contains("pid \(holder.backendPID)"))
            #expect(failure.description.contains("stock.picking"))
        }
        #expect(
            try await database.psql(Self.tracked)
                == Self.eleven.filter { $0 != "stock.picking" }.joined(separator: "\n"))
        try await holder.execute(script: "COMMIT")
        await holder.close()
        try await database.run(script: Self.install)
        #expect(try await database.psql(Self.tracked) == Self.eleven.joined(separator: "\n"))
        await cluster.remove()
    }

    @Test("a model that Odoo does not have here is no error")
    func missingModel() async throws {
        let cluster = try await PrivateCluster.make()
        let database = try await cluster.createDatabase(.odoo)
        try await database.psql(
            "DROP TABLE hr_expense; DELETE FROM ir_model_access WHERE model_id IN (SELECT id FROM ir_model WHERE model = 'hr.expense'); DELETE FROM ir_model WHERE model = 'hr.expense'"
        )
        try await database.run(script: Self.install)
        #expect(
            try await database.psql(Self.tracked) == Self.eleven.filter { $0 != "hr.expense" }.joined(separator: "\n"))
        await cluster.remove()
    }
}
