internal import Postgres

/// Hashes keys on separate threads, a few at a time, with a short queue: a flood of unknown keys must
/// not take the processor from the requests of known ones.
actor ApiKeyHashing {
    private let atOnce: Int
    private let queueLimit: Int
    private var running = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(atOnce: Int = 2, queueLimit: Int = 32) {
        self.atOnce = atOnce
        self.queueLimit = queueLimit
    }

    /// - Throws: `AuthenticationError.busy` when the queue is full.
    func derive(_ key: ApiKey, rounds: Int, salt: String) async throws -> String? {
        if running < atOnce {
            running += 1
        } else {
            guard waiting.count < queueLimit else { throw AuthenticationError.busy }
            await withCheckedContinuation { waiting.append($0) }
        }
        defer {
            // The slot is passed on, so `running` keeps its value.
            if waiting.isEmpty { running -= 1 } else { waiting.removeFirst().resume() }
        }
        if Task.isCancelled { throw CancellationError() }
        return await withCheckedContinuation { continuation in
            BlockingThread.run { continuation.resume(returning: ApiKeyHash.derive(key, rounds: rounds, salt: salt)) }
        }
    }
}
