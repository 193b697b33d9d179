internal import Synchronization

/// Signals to one task. It takes all that have come since it looked, so that a thousand ended messages wake it once.
final class Mailbox<Signal: Sendable>: Sendable {
    private struct State {
        var signals: [Signal] = []
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    init() {}

    func send(_ signal: Signal) {
        let waiter = state.withLock { state in
            state.signals.append(signal)
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Waits until there is a signal, or the task is cancelled. One task at a time.
    /// - Returns: in the order in which they were sent; none when the task is cancelled.
    func take() async -> [Signal] {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state -> Bool in
                    if !state.signals.isEmpty || Task.isCancelled { return true }
                    state.waiter = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume()
        }
        return state.withLock { state in
            defer { state.signals = [] }
            return state.signals
        }
    }
}
