internal import Synchronization

/// A bell that one task waits for and any task may ring. A ring without a waiter is kept.
package final class WakeUp: Sendable {
    package enum Reason: Sendable { case rung, timeout }

    private struct State {
        var rung = false
        var waiter: CheckedContinuation<Reason, Never>?
    }

    private let state = Mutex(State())

    package init() {}

    /// Wakes the waiter, or the next one.
    package func ring() {
        let waiter = state.withLock { state in
            let waiter = state.waiter.take()
            if waiter == nil { state.rung = true }
            return waiter
        }
        waiter?.resume(returning: .rung)
    }

    /// Ends the wait as if its time were over, if a task waits.
    func interrupt() {
        state.withLock { $0.waiter.take() }?.resume(returning: .timeout)
    }

    /// Waits for a ring, at most this long. Also returns (`timeout`) when the task is cancelled.
    package func wait(atMost limit: Duration) async -> Reason {
        let deadline = ContinuousClock.now + limit
        return await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in
                try? await Task.sleep(until: deadline)
                state.withLock { $0.waiter.take() }?.resume(returning: .timeout)
            }
            let reason = await withCheckedContinuation { (continuation: CheckedContinuation<Reason, Never>) in
                let immediate: Reason? = state.withLock { state in
                    if state.rung {
                        state.rung = false
                        return .rung
                    }
                    // The time may have run out before there was a waiter.
                    if Task.isCancelled || deadline <= .now { return .timeout }
                    state.waiter = continuation
                    return nil
                }
                if let immediate { continuation.resume(returning: immediate) }
            }
            group.cancelAll()
            return reason
        }
    }
}
