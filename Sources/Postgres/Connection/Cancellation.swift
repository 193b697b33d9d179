internal import CLibPQ
internal import Dispatch
internal import Synchronization

/// Sends a cancel request for one connection from another thread (`PQcancel` blocks for milliseconds) and lets the
/// connection wait for it: a request that arrived late would hit the connection's next statement.
///
/// `@unchecked Sendable`: `PGcancel` never changes after `PQgetCancel`, and libpq documents `PQcancel` as
/// thread-safe; the connection frees it only after the last request has returned.
final class Cancellation: @unchecked Sendable {
    private struct State {
        /// A statement is running.
        var active = false
        var requested = false
        /// When the running statement was cancelled.
        var requestedAt: ContinuousClock.Instant?
        /// A sender's thread is running.
        var sending = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    /// How long a request may be in progress, and the statement continue after it.
    static let patience: Duration = .seconds(5)
    /// Threads that send. A host that accepts connections but does not answer occupies each of them.
    private static let maximumSenders = 64
    private static let senders = Atomic(0)

    private let handle: OpaquePointer?
    private let state = Mutex(State())
    /// Rung when the statement is over, so that a sender does not sleep longer than necessary.
    private let over = DispatchSemaphore(value: 0)

    init(of connection: OpaquePointer) {
        handle = PQgetCancel(connection)
    }

    deinit { PQfreeCancel(handle) }

    /// A statement begins; drops earlier requests.
    func begin() {
        state.withLock { state in
            state.requested = false
            state.requestedAt = nil
            state.active = true
        }
    }

    /// Asks the server to cancel the running statement. Returns at once.
    ///
    /// A request that overtakes its statement finds nothing to cancel, so it is repeated until the statement is over.
    func request() {
        let first = state.withLock { state in
            let first = !state.sending && state.active
            state.requested = true
            if state.active, state.requestedAt == nil { state.requestedAt = .now }
            if first { state.sending = true }
            return first
        }
        guard first else { return }
        guard Self.senders.add(1, ordering: .relaxed).newValue <= Self.maximumSenders else {
            // The connection is closed after the patience, which the server notices.
            Self.senders.subtract(1, ordering: .relaxed)
            return sent()
        }
        BlockingThread.run { [self] in
            defer { Self.senders.subtract(1, ordering: .relaxed) }
            // A ring that the last sender did not need.
            while over.wait(timeout: .now()) == .success {}
            var pause = 5
            repeat {
                withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
                    // If the request does not get through, the next one may.
                    _ = PQcancel(handle, buffer.baseAddress, Int32(buffer.count))
                }
                _ = over.wait(timeout: .now() + .milliseconds(pause))
                pause = min(pause * 2, 1_000)
            } while state.withLock { $0.active }
            sent()
        }
    }

    private func sent() {
        state.withLock { state in
            state.sending = false
            return state.waiter.take()
        }?.resume()
    }

    /// Whether a statement continues, or a request is in progress, long after the cancellation.
    func isOverdue(_ now: ContinuousClock.Instant) -> Bool {
        state.withLock { state in
            guard state.active || state.waiter != nil, let since = state.requestedAt else { return false }
            return now - since >= Self.patience
        }
    }

    /// No task waits for the request any more: the connection is closed. Its memory is freed when the sender returns.
    func abandon() { state.withLock { $0.waiter.take() }?.resume() }

    /// The statement is over.
    /// - Returns: false when a request is still in progress: then `untilSent()` must be awaited before the next
    ///   statement.
    func end() -> Bool {
        let sending = state.withLock { state in
            state.active = false
            return state.sending
        }
        if sending { over.signal() }
        return !sending
    }

    /// Waits until no request is in progress, or `abandon()`.
    func untilSent() async {
        await withCheckedContinuation { continuation in
            let done = state.withLock { state in
                if state.sending { state.waiter = continuation }
                return !state.sending
            }
            if done { continuation.resume() }
        }
    }

    /// True when the running statement's task was cancelled.
    var wasRequested: Bool { state.withLock { $0.requested } }
}
