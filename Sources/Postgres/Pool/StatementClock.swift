internal import Synchronization

/// Sums the time in which a task and its children held connections of a pool: sending statements, their work in the
/// database, and reading the results.
public final class StatementClock: Sendable {
    /// Where the current task's time is counted; nil: nowhere.
    @TaskLocal public static var current: StatementClock?

    private let sum = Mutex((time: Duration.zero, count: 0))

    public init() {}

    public var time: Duration { sum.withLock { $0.time } }
    /// How often a connection was held.
    public var count: Int { sum.withLock { $0.count } }

    func add(_ time: Duration) {
        sum.withLock {
            $0.time += time
            $0.count += 1
        }
    }
}
