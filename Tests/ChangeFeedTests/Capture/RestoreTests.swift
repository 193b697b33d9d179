import ChangeFeedTesting
import Postgres
import Testing

@Suite("A database that came from elsewhere", .timeLimit(.minutes(10)))
struct RestoreTests {
    @Test("restored without owners, it is repaired by an installation")
    func owners() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let copy = try await PrivateCluster.shared().createDatabase(.empty)
        try await database.psql("UPDATE res_partner SET phone = '1' WHERE id = 1", user: "odoo")
        try await copy.psql(database.dump("--no-owner", "--no-privileges"))
        let connection = try await copy.connect()
        // Four for all models, the one that notices changes of access, and those of the models that have rule columns.
        let own =
            "SELECT count(*) + 5 FROM pg_proc WHERE pronamespace = 'changefeed'::regnamespace AND proname ~ '^capture_(update|delete)_(account|hr|product|purchase|res|sale|stock)_'"
        let wrong = try await connection.value("SELECT count(*) FROM changefeed.verify() WHERE code = 'CF107'")
        #expect(try await connection.value(own) == wrong)
        #expect(wrong == "21")
        try await copy.run(script: Fixture.sqlFolder + "/install.sql")
        #expect(try await connection.lines("SELECT code, object, detail FROM changefeed.verify()") == [])
        try await connection.execute(script: "UPDATE res_partner SET phone = '2' WHERE id = 2")
        #expect(try await connection.value("SELECT count(*) FROM changefeed.event") == "2")
    }

    @Test("events of another cluster do not come again when this one reaches their transaction ids")
    func foreignTransactions() async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect()
        _ = try await connection.query("SELECT changefeed.check_identity()")
        // As after a restore: rows are there whose transaction this cluster has not had yet.
        try await connection.execute(
            script: """
                UPDATE res_partner SET phone = '1' WHERE id = 1;
                UPDATE changefeed.event SET xid = (pg_current_xact_id()::text::bigint + 3)::text::xid8;
                UPDATE ir_config_parameter SET value = 'restored' WHERE key = 'database.uuid';
                """)
        #expect(try await connection.value("SELECT changed FROM changefeed.check_identity()") == "t")
        let seen = try await connection.snapshot()
        for _ in 0..<8 { try await connection.execute(script: "SELECT pg_current_xact_id()") }
        #expect(try await connection.lines("SELECT id FROM changefeed.tail($1)", [.text(seen)]) == [])
        #expect(try await connection.value("SELECT count(*) FROM changefeed.event_record") == "1")
    }

    @Test("a publication of all tables is no obstacle")
    func publication() async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect()
        try await connection.execute(
            script: """
                CREATE PUBLICATION everything FOR ALL TABLES;
                UPDATE res_partner SET phone = '1' WHERE id = 1;
                UPDATE ir_config_parameter SET value = 'restored' WHERE key = 'database.uuid';
                SELECT changefeed.check_identity();
                """)
        #expect(try await connection.value("SELECT count(*) FROM changefeed.event") == "1")
    }
}
