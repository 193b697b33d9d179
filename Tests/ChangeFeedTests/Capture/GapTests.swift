import ChangeFeedTesting
import Postgres
import Testing

/// A change that was not captured must lie inside a recorded gap, or devices would never hear of it.
@Suite("Gaps", .timeLimit(.minutes(10)))
struct GapTests {
    /// True when a reader whose snapshot is `snapshot` is past every gap (DESIGN of the cursor: xmin against xmax).
    private static let past = """
        SELECT bool_and(g.to_snapshot IS NOT NULL AND pg_snapshot_xmin($1::pg_snapshot) >= pg_snapshot_xmax(g.to_snapshot))
        FROM changefeed.gap g
        """

    private func settled(_ connection: Connection) async throws {
        try await eventually("the gap is settled") {
            _ = try await connection.query("SELECT changefeed.settle()")
            return try await connection.value("SELECT count(*) FROM changefeed.gap WHERE to_snapshot IS NULL") == "0"
        }
    }

    @Test("a change between resume() and its commit is inside the gap")
    func uncommittedResume() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let administrator = try await database.connect()
        let odoo = try await database.connect(user: "odoo")
        _ = try await administrator.query("SELECT changefeed.pause('test')")
        try await administrator.execute(script: "BEGIN; SELECT changefeed.resume()")
        try await odoo.execute(script: "UPDATE res_partner SET phone = 'unseen' WHERE id = 1")
        let reader = try await odoo.snapshot()
        try await administrator.execute(script: "COMMIT")
        #expect(try await administrator.value("SELECT count(*) FROM changefeed.event") == "0")
        try await settled(administrator)
        #expect(try await administrator.value(Self.past, [.text(reader)]) == "f")
        // As soon as the transactions that run in the cluster's other databases have ended.
        try await eventually("a new snapshot is past the gap") {
            try await administrator.value(Self.past, [.text(administrator.snapshot())]) == "t"
        }
    }

    @Test("a transaction of Odoo's level that began during the pause keeps the gap open until it ends")
    func oldSnapshot() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let administrator = try await database.connect()
        let odoo = try await database.connect(user: "odoo")
        _ = try await administrator.query("SELECT changefeed.pause('test')")
        try await odoo.execute(script: "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM res_partner")
        _ = try await administrator.query("SELECT changefeed.resume()")
        _ = try await administrator.query("SELECT changefeed.settle()")
        #expect(try await administrator.value("SELECT count(*) FROM changefeed.gap WHERE to_snapshot IS NULL") == "1")
        try await odoo.execute(script: "UPDATE res_partner SET phone = 'unseen' WHERE id = 1; COMMIT")
        #expect(try await administrator.value("SELECT count(*) FROM changefeed.event") == "0")
        try await settled(administrator)
    }

    @Test("a transaction that began before the first installation is captured all the same")
    func beforeInstallation() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.odoo)
        _ = try await PrivateCluster.shared().createDatabase(.installed)
        let odoo = try await database.connect(user: "odoo")
        try await odoo.execute(script: "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM ir_model")
        try await database.run(script: Fixture.sqlFolder + "/install.sql")
        let administrator = try await database.connect()
        let seen = try await administrator.snapshot()
        try await odoo.execute(
            script:
                "UPDATE res_partner SET phone = '1' WHERE id = 1; INSERT INTO res_partner (id, name) VALUES (950, 'n'); DELETE FROM res_partner WHERE id = 950; TRUNCATE account_move; COMMIT"
        )
        #expect(
            try await administrator.lines("SELECT event FROM changefeed.tail($1)", [.text(seen)]) == [
                "write", "create", "unlink", "truncate",
            ])
    }

    @Test(
        "a gap with a running transaction continues in the next epoch: devices are notified when it has ended",
        arguments: [false, true])
    func nextEpoch(isSpoiled: Bool) async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let administrator = try await database.connect()
        let odoo = try await database.connect(user: "odoo")
        let service = try await database.connect(user: "changefeed_login")
        if isSpoiled {
            try await database.psql(
                "DO $$ BEGIN EXECUTE replace(pg_get_functiondef('changefeed.check_identity'::regproc), 'OR pg_snapshot_xmin', 'OR false AND pg_snapshot_xmin'); END $$"
            )
        }
        try await administrator.execute(script: "SELECT changefeed.check_identity(); SELECT changefeed.pause('test')")
        try await odoo.execute(script: "BEGIN; UPDATE res_partner SET phone = 'unseen' WHERE id = 1")
        _ = try await administrator.query("SELECT changefeed.resume()")
        try await settled(administrator)
        try await administrator.execute(
            script:
                "UPDATE ir_config_parameter SET value = 'another' WHERE key = 'database.uuid'; SELECT changefeed.check_identity()"
        )
        let pull =
            "SELECT coalesce(resync ->> 'code', problem, 'none'), coalesce(incomplete::text, 'none') FROM changefeed.pull(2, 'phone', 'all', '{res.partner}')"
        _ = try await service.query("SELECT changefeed.reset_device(2, 'phone')")
        #expect(try await service.lines(pull) == [isSpoiled ? "none|none" : "none|{res.partner}"])
        try await odoo.execute(script: "COMMIT")
        guard !isSpoiled else {
            #expect(try await service.lines(pull) == ["none|none"])
            return
        }
        try await eventually("the device is told") { try await service.lines(pull) == ["model_reset|none"] }
    }

    @Test("repairing triggers that were lost or disabled records a gap from the last event that is known")
    func repaired() async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect()
        try await connection.execute(
            script: """
                UPDATE res_partner SET phone = '1' WHERE id = 1;
                ALTER TABLE res_partner DISABLE TRIGGER changefeed_update;
                UPDATE res_partner SET phone = 'unseen' WHERE id = 2;
                SELECT changefeed.track('res.partner');
                """)
        let gaps =
            "SELECT model, reason, from_log_id = (SELECT max(id) FROM changefeed.event), ended_at IS NOT NULL FROM changefeed.gap"
        #expect(try await connection.lines(gaps) == ["res.partner|its triggers were disabled|t|t"])
    }

    static let refused = [
        "SELECT changefeed.track('sale.order')", "SELECT changefeed.untrack('sale.order')",
        "SELECT changefeed.pause('x')",
        "SELECT changefeed.resume()", "SELECT changefeed.rotate()", "SELECT changefeed.empty_slot(3::smallint)",
        "SELECT changefeed.settle()", "SELECT * FROM changefeed.check_identity()",
    ]

    @Test("what depends on seeing others' commits refuses a transaction with an older snapshot", arguments: refused)
    func repeatableRead(_ call: String) async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect()
        do {
            try await connection.execute(
                script: "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM res_partner; \(call)")
            Issue.record("must be refused")
        } catch let error as PostgresError {
            #expect(error.sqlState == "25000")
        }
    }

    @Test("two administrators who untrack the same model leave one gap")
    func untrackTwice() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask { _ = try await database.connect().query("SELECT changefeed.untrack('sale.order')") }
            }
            try await group.waitForAll()
        }
        #expect(try await database.connect().value("SELECT count(*) FROM changefeed.gap") == "1")
    }
}
