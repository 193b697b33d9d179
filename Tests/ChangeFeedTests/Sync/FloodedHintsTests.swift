@testable import ChangeFeed
import ChangeFeedTesting
import Postgres
import Synchronization
import Testing

/// An audience whose records are narrowed by rules is asked about; here the asking goes wrong.
@Suite("Hints that cannot be asked about", .timeLimit(.minutes(10)))
struct FloodedHintsTests {
    private final class Said: Sendable {
        let all = Mutex<[Trouble]>([])
    }

    private let audience = Audience(scope: "narrow", models: ["sale.order"], isFiltered: true, userID: 2)

    private func hints(_ configuration: ConnectionConfiguration, _ said: Said) -> (ChangeHints, ConnectionPool) {
        let pool = ConnectionPool(configuration, maximumConnections: 1, acquireTimeout: .milliseconds(200))
        let troubles = Troubles("hints") { observation in
            if case .troubled(_, let trouble) = observation { said.all.withLock { $0.append(trouble) } }
        }
        return (ChangeHints(sight: ChangeSight(pool: pool, rules: RecordRules(pool: pool)), troubles: troubles), pool)
    }

    private func batch(_ ids: ClosedRange<Int64>) -> ChangeBatch {
        ChangeBatch(
            entries: ids.map {
                LogEntry(id: $0, epoch: 1, model: "sale.order", kind: .write, occurredAt: 0, recordIDs: [1])
            },
            isConsistentCut: true)
    }

    @Test("while the database is away a limited number of rows waits; then devices are asked to pull")
    func bounded() async throws {
        let said = Said()
        let (hints, _) = hints(try ConnectionConfiguration("host=/nonexistent dbname=none user=nobody"), said)
        try await hints.withSubscription(of: audience) { subscription in
            var most = 0
            for start in stride(from: Int64(1), to: 100_000, by: 1_000) {
                hints.publish(batch(start...start + 999))
                most = max(most, hints.unseen)
            }
            #expect(most <= ChangeHints.maximumUnseen)
            // The last batch may have emptied what waits before anything was asked.
            hints.publish(batch(100_001...100_001))
            #expect(subscription.take() != nil)
            try await eventually("it is said") { !said.all.withLock { $0.isEmpty } }
            #expect(said.all.withLock { $0.map(\.kind) } == [.connection])
        }
        hints.end()
    }

    @Test("what asking again does not mend is not asked again: devices pull and find out, and it is said once")
    func permission() async throws {
        let said = Said()
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql(
            "REVOKE EXECUTE ON FUNCTION changefeed.hinted(int, int[], text[], bigint[]) FROM changefeed_service")
        let (hints, pool) = hints(try database.configuration(user: "changefeed_login"), said)
        try await hints.withSubscription(of: audience) { subscription in
            for id in Int64(1)...5 {
                hints.publish(batch(id...id))
                try await eventually(within: .seconds(20), "it is told to pull") { subscription.take() != nil }
            }
            #expect(said.all.withLock { $0.map(\.kind) } == [.permission])
            #expect(hints.questions == 5)
        }
        await pool.close()
    }

    @Test("the observer notifies streams with an id that is at least that of each of their events")
    func streams() async throws {
        let (hints, _) = hints(try ConnectionConfiguration("host=/nonexistent dbname=none user=nobody"), Said())
        let told = Mutex<Int64?>(nil)
        hints.observe { _, what in if case .something(let newest) = what { told.withLock { $0 = newest } } }
        hints.listen(for: audience, 1)
        hints.publish(batch(1...5_000))
        #expect(told.withLock { $0 } == 5_000 * LogEntry.eventsPerRow)
        hints.end()
    }
}

@Suite("What record rules said")
struct RecordRuleWordsTests {
    @Test("is remembered within bounds, however many rules fail in however many ways")
    func bounded() async throws {
        let rules = RecordRules(
            pool: ConnectionPool(try ConnectionConfiguration("host=/nonexistent dbname=none user=nobody")))
        for number in 0..<3_000 {
            await #expect(throws: (any Error).self) {
                try await rules.withCompiledRules(for: 2, companies: EnabledCompanies()) {
                    throw PostgresError(.server, "rule \(number) failed", sqlState: "CFR01")
                }
            }
        }
        #expect(rules.saidCount > 0 && rules.saidCount <= 1_000)
    }
}
