internal import Postgres
internal import Synchronization

/// Calls that may block (a file on a network disk), each on its own thread, a few at a time.
struct BlockingCalls: Sendable {
    private final class Count: Sendable {
        let running = Atomic(0)
    }

    private let limit: Int
    private let count = Count()

    init(limit: Int) { self.limit = limit }

    /// - Throws: `AuthenticationError.busy` when the maximum is in progress, or what the body throws.
    func run<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
        let now = count.running.add(1, ordering: .relaxed).newValue
        defer { count.running.subtract(1, ordering: .relaxed) }
        guard now <= limit else { throw AuthenticationError.busy }
        return try await withCheckedThrowingContinuation { continuation in
            BlockingThread.run { continuation.resume(with: Result { try body() }) }
        }
    }
}
