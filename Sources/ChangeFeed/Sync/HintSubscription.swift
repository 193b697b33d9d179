internal import Synchronization

/// One device that waits for a hint.
public final class HintSubscription: Sendable {
    /// Changes since the device last took its hint.
    public struct Hint: Sendable, Equatable {
        /// Events by model; none when its visibility has changed.
        public var models: [String: Int]
        /// Highest event id among them.
        public var newestID: Int64

        public init(models: [String: Int] = [:], newestID: Int64 = 0) {
            self.models = models
            self.newestID = newestID
        }
    }

    private struct State {
        var hint: Hint?
        var waiter: CheckedContinuation<Void, Never>?
        var deadline = ContinuousClock.now
        var isEnded = false
    }

    private let state = Mutex(State())

    init() {}

    func add(_ change: ChangeHints.Change) {
        note { hint in
            for (model, new) in change {
                hint.models[model, default: 0] += new.count
                hint.newestID = max(hint.newestID, new.newestID)
            }
        }
    }

    /// A hint without a change: the device queries again.
    func lookAgain() { note { _ in } }

    private func note(_ body: (inout Hint) -> Void) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            var hint = state.hint ?? Hint()
            body(&hint)
            state.hint = hint
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// No more hints are taken, or the service stops.
    public func end() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.isEnded = true
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    public var isEnded: Bool { state.withLock { $0.isEnded } }

    /// Takes the pending hint; nil if there is none.
    public func take() -> Hint? {
        state.withLock { state in
            defer { state.hint = nil }
            return state.hint
        }
    }

    /// Waits until there is a hint, or the time is over (to a quarter of a second), or `end`, or the task is cancelled.
    /// One task at a time.
    public func wait(atMost limit: Duration) async {
        let deadline = ContinuousClock.now + limit
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state -> Bool in
                    if state.hint != nil || state.isEnded || Task.isCancelled { return true }
                    state.waiter = continuation
                    state.deadline = deadline
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            wake(if: { _ in true })
        }
    }

    func wakeIfDue(_ now: ContinuousClock.Instant) { wake(if: { $0 <= now }) }

    private func wake(if isDue: (ContinuousClock.Instant) -> Bool) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard isDue(state.deadline) else { return nil }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }
}
