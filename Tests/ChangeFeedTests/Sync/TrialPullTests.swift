import ChangeFeed
import ChangeFeedTesting
import Postgres
import Testing

@Suite("A trial pull", .timeLimit(.minutes(10)))
struct TrialPullTests {
    /// Puts another body into a function of the feed's, which stays what it is otherwise.
    static func replace(_ function: String, by body: String, in database: TestDatabase) async throws {
        try await database.psql(
            """
            DO $do$ BEGIN
                EXECUTE regexp_replace(pg_get_functiondef('changefeed.\(function)'::regproc), 'AS \\$function\\$.*\\$function\\$',
                                       'AS $f$ BEGIN \(body) END $f$');
            END $do$
            """)
    }

    private static let counts = """
        SELECT (SELECT count(*) FROM changefeed.event), (SELECT count(*) FROM changefeed.device), (SELECT count(*) FROM changefeed.app_type),
               (SELECT count(*) FROM changefeed.compiled_rules), (SELECT count(*) FROM changefeed.rule_finding)
        """

    @Test(
        "gives records of every tracked model and leaves nothing behind, in every release", arguments: [16, 17, 18, 19])
    func releases(release: Int) async throws {
        let database = try await PrivateCluster.shared().createDatabase(
            release == 18 ? .installed : .shapeInstalled(release))
        try await database.psql(
            "UPDATE res_partner SET phone = 'x'; UPDATE sale_order SET amount_total = 7", user: "odoo")
        let connection = try await database.connect()
        let before = try await connection.lines(Self.counts)
        #expect(try await connection.lines("SELECT problem FROM changefeed.try_pull()") == [""])
        // Of the fixture's eleven models, three at most of each, and not what lies in the log.
        var expected = 0
        for table in try await connection.lines("SELECT table_name FROM changefeed.tracked") {
            expected += Int(try await connection.value("SELECT least(3, count(*)) FROM \(table)")) ?? 0
        }
        #expect(expected > 10)
        #expect(try await connection.value("SELECT records FROM changefeed.try_pull()") == "\(expected)")
        #expect(try await connection.lines(Self.counts) == before)
    }

    @Test("comes through on the real databases, too", arguments: Fixture.releases)
    func real(release: Int) async throws {
        let database = try await PrivateCluster.shared().createDatabase(.releaseInstalled(release))
        let connection = try await database.connect()
        #expect(
            try await connection.lines("SELECT user_id, records > 20, problem FROM changefeed.try_pull()") == ["2|t|"])
    }

    @Test("that fails is a finding with the database's error in it, for the service and for who watches it")
    func failure() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let monitor = "monitor_\(database.name)"
        try await database.psql("CREATE ROLE \(monitor) LOGIN IN ROLE changefeed_monitor")
        func findings(_ user: String) async throws -> [String] {
            let connection = try await database.connect(user: user)
            defer { Task { await connection.close() } }
            return try await connection.lines("SELECT code, level, object, detail FROM changefeed.verify_pull()")
        }
        for user in ["changefeed_login", monitor] { #expect(try await findings(user) == []) }
        try await Self.replace("odoo_page_data", by: "RAISE ''cell % of it is bad'', 7;", in: database)
        for user in ["changefeed_login", monitor] {
            let found = try await findings(user)
            #expect(found.count == 1 && found.first?.hasPrefix("CF134|error|pull|") == true, "\(found)")
            #expect(
                found.first?.contains("cell 7 of it is bad (SQLSTATE P0001, in changefeed.odoo_page_data)") == true,
                "\(found)")
        }
        // Without an error, and without data.
        try await Self.replace(
            "odoo_page_data", by: "shown := ids; record_ids := ''{}''; data := ''{}''; missing := ''{}'';", in: database
        )
        #expect(try await findings(monitor).first?.contains("the pull returned no data of account.journal, ") == true)
    }

    @Test("is not possible without an internal user, which is no problem, nor without Odoo")
    func nobody() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql("UPDATE res_users SET active = false")
        #expect(try await database.psql("SELECT code, level FROM changefeed.verify_pull()") == "CF134|info")
        let empty = try await PrivateCluster.shared().createDatabase(.empty)
        try await empty.run(script: Fixture.sqlFolder + "/install.sql")
        #expect(try await empty.psql("SELECT count(*) FROM changefeed.verify_pull()") == "0")
        #expect(try await empty.psql("SELECT line FROM changefeed.surroundings()").hasPrefix("no Odoo on PostgreSQL "))
    }

    @Test("psql's installation prints it, with the release and whether the release was ever run")
    func installation() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.odoo)
        let script = Fixture.sqlFolder + "/install.sql"
        let good = try await database.messages(of: script)
        #expect(
            good.contains("changefeed: installed. Odoo 18.0 on PostgreSQL ") && !good.contains("WARNING"), "\(good)")
        // Row-level security on Odoo's table, which no installation takes away.
        try await database.psql("ALTER TABLE sale_order ENABLE ROW LEVEL SECURITY")
        let bad = try await database.messages(of: script)
        #expect(
            bad.contains("WARNING:  CF134 pull: ") && bad.contains("row-level security")
                && bad.contains("does not work here"), "\(bad)")
        #expect(!bad.contains("changefeed: installed"), "\(bad)")
        try await database.psql("ALTER TABLE sale_order DISABLE ROW LEVEL SECURITY")
        for version in ["15.0.1.3", "saas~18.3.1.3", "20.0.1.0"] {
            try await database.psql("UPDATE ir_module_module SET latest_version = '\(version)' WHERE name = 'base'")
            let strange = try await database.messages(of: script)
            #expect(
                strange.contains("WARNING:  CF133 odoo: ") && strange.contains("it was never tested on this Odoo"),
                "\(strange)")
            #expect(!strange.contains("changefeed: installed"), "\(strange)")
        }
    }
}
