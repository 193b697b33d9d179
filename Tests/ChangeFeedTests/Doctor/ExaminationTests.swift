@testable import ChangeFeed
import ChangeFeedTesting
import Postgres
import Synchronization
import Testing

@Suite("The doctor's examination", .timeLimit(.minutes(5)))
struct ExaminationTests {
    private static let steps = [
        "connect", "primary", "schema", "privileges", "pooler", "listener", "clock", "odoo", "triggers", "pull",
        "event", "doorbell",
    ]

    private func plan(_ database: TestDatabase) throws -> Examination.Plan {
        let configuration = try database.configuration(user: "changefeed_login")
        return Examination.Plan(database: configuration, listen: configuration, sessions: [])
    }

    /// The change of the step `event` waits until the transaction of this connection ends.
    private func heldDatabase() async throws -> (TestDatabase, Connection) {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let holder = try await database.connect()
        try await holder.execute(script: "BEGIN; LOCK TABLE changefeed.probe IN ACCESS EXCLUSIVE MODE")
        return (database, holder)
    }

    /// The steps up to one that failed for lack of time, and those after it, which did not begin.
    private func check(_ examination: Examination) {
        #expect(examination.steps.map(\.step) == Self.steps)
        let late = examination.steps.filter { $0.detail == "it did not end before the examination's time was over" }
        let skipped = examination.steps.filter { $0.detail == "the examination had no time left for it" }
        #expect(late.count == 1 && late.allSatisfy { $0.outcome == .failed && $0.fix != nil })
        #expect(skipped.allSatisfy { $0.outcome == .skipped })
        #expect((late + skipped).map(\.step) == Self.steps.suffix(late.count + skipped.count))
    }

    @Test("ends when its time is over, in the middle of a step, and names what it did not do")
    func limit() async throws {
        let (database, holder) = try await heldDatabase()
        let start = ContinuousClock.now
        let examination = await Examination.run(try plan(database), limit: .seconds(5))
        #expect(ContinuousClock.now - start < .seconds(60))
        check(examination)
        #expect(examination.reachable)
        // Nothing is left behind: no session waits any more.
        let left =
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        while try await database.psql(left) != "0" { try await Task.sleep(for: .milliseconds(50)) }
        try await holder.execute(script: "ROLLBACK")
        await holder.close()
    }

    @Test("ends with the task that runs it")
    func cancelled() async throws {
        let (database, holder) = try await heldDatabase()
        let plan = try plan(database)
        let reported = Mutex<[String]>([])
        let task = Task {
            await Examination.run(plan) { step in reported.withLock { $0.append(step.step) } }
        }
        let waiting =
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        while try await database.psql(waiting) == "0" { try await Task.sleep(for: .milliseconds(50)) }
        task.cancel()
        let examination = await task.value
        check(examination)
        #expect(examination.steps.map(\.step) == reported.withLock { $0 })
        await holder.close()
    }
}
