@testable import ChangeFeedHTTP
import ChangeFeedTesting
import Postgres
import Testing

@Suite("Questions to the database", .timeLimit(.minutes(10)))
struct QuestionTests {
    @Test("of a user who asks the same many times at once do not stand before another user's of the same kind")
    func fair() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.empty)
        let pool = ConnectionPool(try database.configuration(), maximumConnections: 4, acquireTimeout: .seconds(60))
        let question = Question(.pull, ["all"])
        let crowd = (0..<60).map { _ in
            Task {
                try await PoolShares.$holders.withValue(question.holders(1)) {
                    try await pool.query(Query("SELECT pg_sleep(0.4)"))
                }
            }
        }
        try await eventually("they run") { pool.statistics.open - pool.statistics.idle == 3 }
        try await Task.sleep(for: .milliseconds(100))
        let start = ContinuousClock.now
        for _ in 0..<2 {
            _ = try await PoolShares.$holders.withValue(question.holders(2)) { try await pool.query(Query("SELECT 1")) }
        }
        // The crowd needs eight seconds.
        #expect(ContinuousClock.now - start < .seconds(4))
        for task in crowd { task.cancel() }
        for task in crowd { _ = await task.result }
        await pool.close()
    }
}
