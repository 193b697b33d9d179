import ChangeFeed
import ChangeFeedTesting
import Postgres
import Testing

/// A database that is not the one in which the feed is at home must say so, and push nothing.
@Suite("Copies, neutralized databases and the switch for delivery", .timeLimit(.minutes(10)))
struct CopyTests {
    private static let state = "SELECT allowed, reasons FROM changefeed.delivery_state()"
    private static let findings = "SELECT code, level, object FROM changefeed.verify()"

    private static func served() async throws -> TestDatabase {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql("SELECT changefeed.check_identity()")
        return database
    }

    /// As Odoo's "duplicate" does, but for the new database.uuid.
    private static func duplicated(_ database: TestDatabase) async throws -> TestDatabase {
        try await database.psql("CREATE DATABASE \(database.name)_copy TEMPLATE \(database.name)", in: "postgres")
        return try await PrivateCluster.shared().database(named: database.name + "_copy")
    }

    @Test("a duplicated database is a copy until an operator adopts it, and the adopting role is stored")
    func duplicate() async throws {
        let original = try await Self.served()
        let copy = try await Self.duplicated(original)
        #expect(try await original.psql(Self.state) == "t|{}")
        #expect(try await original.psql(Self.findings) == "")
        // Whether or not a service has looked at it yet.
        #expect(try await copy.psql(Self.state) == "f|{copy}")
        #expect(try await copy.psql("SELECT changed FROM changefeed.check_identity()") == "t")
        #expect(try await copy.psql(Self.findings) == "CF140|warning|delivery")
        #expect(try await copy.psql("SELECT changefeed.delivery_allowed()") == "f")
        let status = try await copy.psql("SELECT changefeed.status() -> 'delivery'")
        #expect(
            status.contains(#""reasons" : ["copy"]"#)
                && status.contains("another database; the feed is at home in database \(original.name) since"))
        // An installation is no word about that.
        try await copy.run(script: InstallTests.install)
        #expect(try await copy.psql(Self.state) == "f|{copy}")

        await #expect(throws: PostgresError.self) {
            try await copy.connect(user: "changefeed_login").query("SELECT changefeed.adopt('not mine to say')")
        }
        #expect(try await copy.psql("SELECT changefeed.adopt(' moved to the new server ')") == "t")
        #expect(try await copy.psql("SELECT changefeed.adopt()") == "f")
        #expect(try await copy.psql(Self.state) == "t|{}")
        #expect(try await copy.psql(Self.findings) == "")
        #expect(
            try await copy.psql("SELECT cause, reason, database_name, recorded_by FROM changefeed.home ORDER BY id")
                == "first||\(original.name)|postgres\nadopted|moved to the new server|\(copy.name)|postgres")
        // A copy of that one again.
        let second = try await Self.duplicated(copy)
        #expect(try await second.psql(Self.state) == "f|{copy}")
    }

    @Test("devices of a copy are served: they get epoch_changed and continue")
    func devices() async throws {
        let original = try await Self.served()
        func pull(_ token: String) -> String { "changefeed.pull(2, 'phone', 'all', '{res.partner}', \(token))" }
        let before = try await RuleDatabase(original)
        try await before.compile(for: 2)
        let token = try await before.service.value("SELECT next_sync_token FROM \(pull("NULL"))")
        #expect(token != "")
        for connection in [before.service, before.superuser] { await connection.close() }

        let copy = try await Self.duplicated(original)
        let service = try await copy.connect(user: "changefeed_login")
        _ = try await service.query("SELECT changefeed.check_identity()")
        #expect(try await service.lines("SELECT resync ->> 'code' FROM \(pull("'\(token)'"))") == ["epoch_changed"])
        #expect(
            try await service.lines(
                "SELECT problem, complete FROM changefeed.snapshot_page(2, 'phone', 'res.partner', NULL, 500)") == [
                    "|t"
                ])
        try await copy.psql("UPDATE res_partner SET phone = '1' WHERE id = 1", user: "odoo")
        let news = "SELECT e ->> 'record_id' FROM \(pull("NULL")) p, jsonb_array_elements(p.events::jsonb) e"
        #expect(try await service.lines(news) == ["1"])
    }

    @Test("a dump restored elsewhere is a copy although its database.uuid is the same, in the same cluster as well")
    func restored() async throws {
        let original = try await Self.served()
        let other = try await PrivateCluster.make()
        let elsewhere = try await other.restored(original)
        #expect(try await elsewhere.psql(Self.state) == "f|{copy}")
        #expect(try await elsewhere.psql("SELECT differs FROM changefeed.origin()").hasPrefix("another cluster"))
        await other.remove()
        let here = try await PrivateCluster.shared().createDatabase(.empty)
        try await here.psql(original.dump())
        #expect(try await here.psql("SELECT is_copy, differs FROM changefeed.origin()") == "t|another database")
    }

    @Test("a new name, a failover and a recovery to a point in time make no copy; a new database.uuid does")
    func theSame() async throws {
        let renamed = try await Self.served()
        try await renamed.psql("ALTER DATABASE \(renamed.name) RENAME TO \(renamed.name)_renamed", in: "postgres")
        let now = try await PrivateCluster.shared().database(named: renamed.name + "_renamed")
        #expect(try await now.psql(Self.state) == "t|{}")

        let primary = try await PrivateCluster.make()
        let database = try await primary.createDatabase(.installed)
        try await database.psql("SELECT changefeed.check_identity()")
        let standby = try await primary.makeStandby()
        let promoted = standby.database(named: database.name)
        #expect(try await promoted.psql(Self.state) == "f|{standby}")
        try await primary.stop(immediate: true)
        try await standby.promote()
        try await eventually("it is promoted") { try await promoted.psql("SELECT pg_is_in_recovery()") == "f" }
        #expect(
            try await promoted.psql("SELECT changed, reason FROM changefeed.check_identity()").hasPrefix("t|timeline 2")
        )
        #expect(try await promoted.psql(Self.state) == "t|{}")
        // As on a copy of the files whose keeper cares.
        try await promoted.psql("UPDATE ir_config_parameter SET value = 'another' WHERE key = 'database.uuid'")
        #expect(
            try await promoted.psql("SELECT is_copy, differs FROM changefeed.origin()") == "t|another database.uuid")
        for cluster in [primary, standby] { await cluster.remove() }
    }

    @Test("an Odoo that comes later, with its database.uuid, makes no copy of the database")
    func odooComes() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql(
            """
            CREATE TABLE kept AS SELECT * FROM ir_config_parameter WHERE key = 'database.uuid';
            DELETE FROM ir_config_parameter WHERE key = 'database.uuid';
            SELECT changefeed.check_identity();
            INSERT INTO ir_config_parameter SELECT * FROM kept;
            SELECT changefeed.check_identity();
            """)
        #expect(try await database.psql(Self.state) == "t|{}")
        #expect(try await database.psql("SELECT count(*), count(database_uuid) FROM changefeed.home") == "2|1")
        try await database.psql("UPDATE ir_config_parameter SET value = 'another' WHERE key = 'database.uuid'")
        #expect(try await database.psql(Self.state) == "f|{copy}")
    }

    @Test(
        "a neutralized database pushes nothing, whatever text Odoo's parameter has, and adopting it does not change that",
        arguments: ["true", "False"])
    func neutralized(_ value: String) async throws {
        let database = try await Self.served()
        try await database.psql(
            "INSERT INTO ir_config_parameter (key, value) VALUES ('database.is_neutralized', '\(value)')")
        #expect(try await database.psql(Self.state) == "f|{neutralized}")
        #expect(try await database.psql(Self.findings) == "CF141|warning|delivery")
        #expect(try await database.psql("SELECT changefeed.adopt()") == "f")
        #expect(try await database.psql(Self.state) == "f|{neutralized}")
        try await database.psql("UPDATE ir_config_parameter SET value = '' WHERE key = 'database.is_neutralized'")
        #expect(try await database.psql(Self.state) == "t|{}")
    }

    @Test(
        "an operator's word that nothing is pushed goes with every copy, is kept with who said it, and a monitor may read it"
    )
    func forbidden() async throws {
        let database = try await Self.served()
        let monitor = "watcher_of_\(database.name)"
        try await database.psql(
            "SELECT changefeed.decide_delivery('forbid', 'for tests'); CREATE ROLE \(monitor) LOGIN IN ROLE changefeed_monitor"
        )
        #expect(try await database.psql(Self.findings) == "CF142|info|delivery")
        #expect(
            try await database.psql(
                "SELECT reasons, details[1] LIKE 'postgres forbade it at %: for tests' FROM changefeed.delivery_state()",
                user: monitor) == "{forbidden}|t")
        #expect(
            try await database.psql(
                "SELECT decision, reason, decided_by FROM changefeed.delivery_decision", user: monitor)
                == "forbid|for tests|postgres")
        let copy = try await Self.duplicated(database)
        try await copy.psql("SELECT changefeed.adopt()")
        #expect(try await copy.psql(Self.state) == "f|{forbidden}")
        try await copy.psql("SELECT changefeed.decide_delivery('allow', 'goes live')")
        #expect(try await copy.psql(Self.state) == "t|{}")
        for role in ["changefeed_login", monitor] {
            for call in ["changefeed.decide_delivery('allow')", "changefeed.adopt()"] {
                await #expect(throws: PostgresError.self, "\(role): \(call)") {
                    try await database.connect(user: role).query("SELECT \(call)")
                }
            }
        }
        try await database.psql("DROP ROLE \(monitor)")
    }
}
