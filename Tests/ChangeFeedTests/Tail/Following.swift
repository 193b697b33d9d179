import ChangeFeed
import ChangeFeedTesting
import Postgres
import Synchronization

/// A tailer with everything that it delivered and noticed.
final class Following: Sendable {
    private final class Seen: Sendable {
        let records = Mutex<[Int64]>([])
        let observations = Mutex<[FeedObservation]>([])
    }

    let tailer: Tailer
    private let seen: Seen

    init(_ database: TestDatabase, _ change: (inout Tailer.Configuration) -> Void = { _ in }) throws {
        var configuration = Tailer.Configuration(connection: try database.configuration(user: "changefeed_login"))
        configuration.followerPoll = .milliseconds(300)
        change(&configuration)
        let seen = Seen()
        self.seen = seen
        tailer = Tailer(
            configuration, observe: { observation in seen.observations.withLock { $0.append(observation) } },
            deliver: { batch in seen.records.withLock { $0 += batch.entries.flatMap(\.recordIDs) } })
    }

    var records: [Int64] { seen.records.withLock { $0 } }
    var observations: [FeedObservation] { seen.observations.withLock { $0 } }

    /// The backends that listened so far, newest last.
    var backends: [Int32] {
        observations.compactMap { if case .listening(let pid, _) = $0 { pid } else { nil } }
    }

    var leads: Bool {
        observations.last { if case .leading = $0 { true } else { false } } == .leading(true)
    }

    /// Runs it until the body returns.
    func run(_ body: () async throws -> Void) async throws {
        let task = Task { try await tailer.run() }
        defer { task.cancel() }
        try await eventually("the tailer listens") { await self.tailer.health().ready && !self.backends.isEmpty }
        try await body()
    }
}
