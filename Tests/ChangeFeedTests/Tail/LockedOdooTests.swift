@testable import ChangeFeed
import ChangeFeedTesting
import Postgres
import Testing

/// An upgrade of Odoo holds tables for minutes. Who follows changes of other tables must not notice.
@Suite("While tables of Odoo are locked", .timeLimit(.minutes(10)))
struct LockedOdooTests {
    @Test("the tailer goes on: what it checks beside the log waits for no lock")
    func tailer() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let memory = IdleAnswers()
        let feed = try Following(database) {
            $0.memory = memory
            $0.heartbeat = .milliseconds(300)
            $0.heartbeatPatience = .seconds(60)
        }
        let (upgrade, writer) = (try await database.connect(), try await database.connect(user: "odoo"))
        try await feed.run {
            // A client asks.
            _ = memory.ticket()
            try await eventually("it knows the state") {
                memory.ticket() != nil
            }
            try await upgrade.execute(
                script: "BEGIN; LOCK TABLE ir_config_parameter, res_users, res_company IN ACCESS EXCLUSIVE MODE")
            for id in Int64(1)...8 {
                try await writer.execute(script: "UPDATE res_partner SET phone = '1' WHERE id = \(id)")
                try await eventually(within: .seconds(5), "change \(id) is handed out") { feed.records.contains(id) }
                try await Task.sleep(for: .milliseconds(300))
            }
            // What it cannot check it does not vouch for.
            #expect(memory.ticket() == nil)
            #expect(feed.backends.count == 1)
            try await upgrade.execute(script: "ROLLBACK")
            try await eventually("it knows the state again") { memory.ticket() != nil }
        }
    }

    @Test("questions for hints take half of the pool, however many audiences wait for a lock")
    func hints() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        var configuration = try database.configuration(user: "changefeed_login")
        configuration.lockTimeout = .seconds(4)
        let pool = ConnectionPool(configuration, maximumConnections: 4, acquireTimeout: .seconds(20))
        let hints = ChangeHints(sight: ChangeSight(pool: pool, rules: RecordRules(pool: pool)))
        for number in 0..<20 {
            hints.listen(
                for: Audience(scope: "narrow \(number)", models: ["sale.order"], isFiltered: true, userID: 2), 1)
        }
        let upgrade = try await database.connect()
        try await upgrade.execute(
            script: "BEGIN; LOCK TABLE changefeed.kept_access, changefeed.event IN ACCESS EXCLUSIVE MODE")
        hints.publish(
            ChangeBatch(
                entries: [LogEntry(id: 1, epoch: 1, model: "sale.order", kind: .write, occurredAt: 0, recordIDs: [1])],
                isConsistentCut: true))
        try await eventually("they wait") { pool.statistics.open - pool.statistics.idle >= 2 }
        try await Task.sleep(for: .milliseconds(300))
        let start = ContinuousClock.now
        _ = try await pool.query(Query("SELECT 1"))
        #expect(ContinuousClock.now - start < .seconds(2))
        #expect(pool.statistics.open - pool.statistics.idle <= 2)
        try await upgrade.execute(script: "ROLLBACK")
        hints.end()
        await pool.close()
    }
}
