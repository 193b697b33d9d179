internal import Postgres

/// Hashes keys on separate threads, a few at a time, with a short queue: a flood of unknown keys must
/// not take the processor from the requests of known ones.
struct ApiKeyHashing: Sendable {
    private let turnstile: Turnstile

    init(atOnce: Int = 2, queueLimit: Int = 32) {
        turnstile = Turnstile(permits: atOnce, queueLimit: queueLimit)
    }

    /// - Throws: `AuthenticationError.busy` when the queue is full, `CancellationError`.
    func derive(_ key: ApiKey, rounds: Int, salt: String) async throws -> String? {
        do {
            try await turnstile.enter()
        } catch {
            if error.code == .poolExhausted { throw AuthenticationError.busy }
            throw CancellationError()
        }
        defer { turnstile.leave() }
        if Task.isCancelled { throw CancellationError() }
        return await withCheckedContinuation { continuation in
            BlockingThread.run { continuation.resume(returning: ApiKeyHash.derive(key, rounds: rounds, salt: salt)) }
        }
    }
}
