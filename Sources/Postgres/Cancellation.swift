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
        var requested = false
        var running = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let handle: OpaquePointer?
    private let state = Mutex(State())

    init(of connection: OpaquePointer) {
        handle = PQgetCancel(connection)
    }

    deinit { PQfreeCancel(handle) }

    /// Forgets earlier requests; called when a statement begins its turn.
    func begin() {
        state.withLock { $0.requested = false }
    }

    /// Asks the server to cancel the running statement. Returns at once.
    func request() {
        let first = state.withLock { state in
            let first = !state.running
            state.requested = true
            state.running = true
            return first
        }
        guard first else { return }
        DispatchQueue.global().async { [self] in
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
                // Where the request does not get through, the statement goes on and its own end is awaited.
                _ = PQcancel(handle, buffer.baseAddress, Int32(buffer.count))
            }
            state.withLock { state in
                state.running = false
                return state.waiter.take()
            }?.resume()
        }
    }

    /// Waits until no request is under way. True when one was made since `begin()`.
    func finish() async -> Bool {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let done = state.withLock { state in
                if state.running {
                    state.waiter = continuation
                    return false
                }
                return true
            }
            if done { continuation.resume() }
        }
        return state.withLock { $0.requested }
    }

    var wasRequested: Bool { state.withLock { $0.requested } }
}
