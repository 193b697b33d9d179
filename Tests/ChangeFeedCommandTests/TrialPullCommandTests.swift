import ChangeFeedTesting
import Foundation
import Testing

@Suite("A trial pull of the commands", .timeLimit(.minutes(10)))
struct TrialPullCommandTests {
    /// Makes every pull with data fail: a function of the feed's raises.
    private func breakPulls(_ database: TestDatabase) async throws {
        try await database.psql(
            """
            DO $do$ BEGIN
                EXECUTE regexp_replace(pg_get_functiondef('changefeed.odoo_page_data'::regproc), 'AS \\$function\\$.*\\$function\\$',
                                       'AS $f$ BEGIN RAISE ''this is broken''; END $f$');
            END $do$
            """)
    }

    @Test(
        "verify names Odoo and the server, and a pull that fails ends it with 2, for a monitoring role, too",
        arguments: [16, 17, 18, 19])
    func verify(release: Int) async throws {
        let database = try await PrivateCluster.shared().createDatabase(
            release == 18 ? .installed : .shapeInstalled(release))
        let monitor = "monitor_\(database.name)"
        try await database.psql("CREATE ROLE \(monitor) LOGIN IN ROLE changefeed_monitor")
        for user in ["changefeed_login", monitor] {
            let result = try await BuiltBinary.run(["verify", "--database", database.conninfo(user: user)])
            #expect(result.status == 0, "\(result)")
            #expect(
                result.output.hasPrefix("Odoo \(release).0 on PostgreSQL ")
                    && result.output.contains("the feed was tested on both."), "\(result)")
            #expect(result.output.contains("No problems found."), "\(result)")
        }
        try await breakPulls(database)
        for user in ["changefeed_login", monitor] {
            let result = try await BuiltBinary.run(["verify", "--database", database.conninfo(user: user)])
            #expect(result.status == 2 && !result.output.contains("No problems found"), "\(result)")
            #expect(
                result.output.contains("CF134 error pull: ")
                    && result.output.contains("this is broken (SQLSTATE P0001"), "\(result)")
            let json = try await BuiltBinary.run(["verify", "--json", "--database", database.conninfo(user: user)])
            #expect(json.status == 2 && json.errors.contains("Odoo \(release).0 on PostgreSQL "), "\(json)")
            let findings = try #require(
                try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]])
            #expect(findings.map { $0["code"] as? String } == ["CF134"] && findings[0]["level"] as? String == "error")
        }
    }

    @Test("verify says below lines for information that there is no problem")
    func information() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql(
            """
            INSERT INTO ir_rule (name, model_id, domain_force, global)
            SELECT 'r', id, '[(''partner_id.active'', ''='', True)]', true FROM ir_model WHERE model = 'sale.order';
            SELECT changefeed.grant_rules('sale.order')
            """)
        let result = try await BuiltBinary.run(["verify", "--database", database.conninfo(user: "changefeed_login")])
        #expect(result.status == 0 && result.output.contains("CF126 info sale.order: "), "\(result)")
        #expect(result.output.hasSuffix("No problems found. The lines above are for information.\n"), "\(result)")
    }

    @Test("rules that cannot be compiled at all are a finding, and not hidden by a trial without them")
    func rules() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql(
            "INSERT INTO ir_rule (name, model_id, domain_force, global) SELECT 'r', id, '[(1, ''='', 1)]', true FROM ir_model WHERE model = 'sale.order'"
        )
        try await database.psql(
            """
            DO $do$ BEGIN
                EXECUTE regexp_replace(pg_get_functiondef('changefeed.odoo_catalog(text[])'::regprocedure), 'AS \\$function\\$.*\\$function\\$',
                                       'AS $f$ BEGIN RAISE ''no catalogue''; END $f$');
            END $do$
            """)
        let doctor = try await BuiltBinary.run(["doctor", "--database", database.conninfo(user: "changefeed_login")])
        #expect(doctor.status == 2 && doctor.output.contains("failed  pull  "), "\(doctor)")
        #expect(
            doctor.output.contains("CF134 pull: record rules cannot be compiled")
                && doctor.output.contains("no catalogue"), "\(doctor)")
    }

    @Test("doctor has a step of it, and warns of a release that was never run")
    func doctor() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let arguments = ["doctor", "--database", database.conninfo(user: "changefeed_login")]
        let good = try await BuiltBinary.run(arguments)
        #expect(
            good.status == 0 && good.output.contains("ok  pull  ") && good.output.contains("Odoo 18.0 on PostgreSQL "),
            "\(good)")
        try await breakPulls(database)
        let bad = try await BuiltBinary.run(arguments)
        #expect(
            bad.status == 2 && bad.output.contains("failed  pull  ") && bad.output.contains("this is broken"), "\(bad)")
        try await database.psql("UPDATE ir_module_module SET latest_version = '15.0.1.3' WHERE name = 'base'")
        let strange = try await BuiltBinary.run(arguments)
        #expect(
            strange.output.contains("warning  odoo  ") && strange.output.contains("it was never tested on this Odoo"),
            "\(strange)")
    }

    @Test("install ends with 2 and the cause where a pull fails afterwards, and with 0 where it comes through")
    func install() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.odoo)
        let arguments = ["install", "--database", database.conninfo()]
        let good = try await BuiltBinary.run(arguments)
        #expect(good.status == 0 && good.errors.contains("changefeed: installed. Odoo 18.0 on PostgreSQL "), "\(good)")
        try await database.psql("ALTER TABLE sale_order ENABLE ROW LEVEL SECURITY")
        let bad = try await BuiltBinary.run(arguments)
        #expect(
            bad.status == 2 && bad.errors.contains("does not work here") && bad.errors.contains("row-level security"),
            "\(bad)")
        #expect(!bad.errors.contains("changefeed: installed"), "\(bad)")
    }

    @Test("a login that the server refuses ends with 77, and a password is not shown")
    func login() async throws {
        let cluster = try await PrivateCluster.make()
        let database = try await cluster.createDatabase(.empty)
        try await database.psql("CREATE ROLE locked LOGIN PASSWORD 'right'; CREATE ROLE nologin NOLOGIN")
        try await cluster.demandPassword(of: "locked")
        let conninfo = database.conninfo(user: "locked")
        for attempt in [
            "\(conninfo) password=wrong-canary", conninfo, database.conninfo(user: "nobody"),
            database.conninfo(user: "nologin"),
        ] {
            let result = try await BuiltBinary.run(
                ["status", "--database", attempt], environment: ["PGPASSFILE": "/nonexistent"])
            #expect(result.status == 77, "\(attempt): \(result)")
            #expect(!(result.output + result.errors).contains("canary"))
        }
        let inside = try await BuiltBinary.run(["doctor", "--database", "\(conninfo) password=right"])
        #expect(inside.status == 2 && inside.output.contains("schema changefeed is not in this database"), "\(inside)")
        await cluster.remove()
    }
}
