internal import Synchronization

/// Tells many waiting devices, cheaply, that models which they follow have changed.
///
/// A subscriber is one small object: what it has not taken yet collapses to a count per model, so that a slow one costs
/// no more than a fast one, and idle ones nothing.
public final class ChangeHints: Sendable {
    /// What changed, by model.
    public typealias Change = [String: ModelChange]

    /// How much of one model changed.
    public struct ModelChange: Sendable, Equatable {
        public var count: Int
        /// Highest event id.
        public var newestID: Int64

        public init(count: Int, newestID: Int64) {
            self.count = count
            self.newestID = newestID
        }
    }

    /// What changed since a subscriber last took its hint.
    public struct Hint: Sendable, Equatable {
        /// Events by model.
        public var models: [String: Int]
        /// Highest event id among them.
        public var newestID: Int64

        public init(models: [String: Int] = [:], newestID: Int64 = 0) {
            self.models = models
            self.newestID = newestID
        }
    }

    /// One waiting device.
    public final class Subscription: Sendable {
        private struct State {
            var hint = Hint()
            var waiter: CheckedContinuation<Void, Never>?
            var deadline = ContinuousClock.now
            var isEnded = false
        }

        fileprivate let models: Set<String>
        private let state = Mutex(State())

        fileprivate init(models: Set<String>) { self.models = models }

        fileprivate func add(_ change: Change) {
            let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
                for (model, new) in change where models.contains(model) {
                    state.hint.models[model, default: 0] += new.count
                    state.hint.newestID = max(state.hint.newestID, new.newestID)
                }
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume()
        }

        /// Nobody takes hints any more, or the service stops.
        public func end() {
            let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
                state.isEnded = true
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume()
        }

        public var isEnded: Bool { state.withLock { $0.isEnded } }

        /// Takes what there is; nil when there is nothing.
        public func take() -> Hint? {
            state.withLock { state in
                guard !state.hint.models.isEmpty else { return nil }
                defer { state.hint = Hint() }
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
                        if !state.hint.models.isEmpty || state.isEnded || Task.isCancelled { return true }
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

        fileprivate func wakeIfDue(_ now: ContinuousClock.Instant) { wake(if: { $0 <= now }) }

        private func wake(if isDue: (ContinuousClock.Instant) -> Bool) {
            let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
                guard isDue(state.deadline) else { return nil }
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume()
        }
    }

    private struct State {
        var nextID = 0
        var subscriptions: [Int: Subscription] = [:]
        var byModel: [String: Set<Int>] = [:]
        var isEnded = false
        /// Looks for those whose time is over, as long as there is somebody: one task for all of them.
        var clock: Task<Void, Never>?
    }

    private let state = Mutex(State())
    private let observer = Mutex<(@Sendable (Change) -> Void)?>(nil)

    public init() {}

    /// Tells one observer of every change, too.
    public func observe(_ body: @escaping @Sendable (Change) -> Void) { observer.withLock { $0 = body } }

    public var count: Int { state.withLock { $0.subscriptions.count } }

    /// Subscribes to models while the body runs.
    public func withSubscription<R>(
        to models: some Sequence<String>, _ body: (Subscription) async throws -> R
    ) async rethrows -> R {
        let subscription = Subscription(models: Set(models))
        let (id, isEnded) = state.withLock { state in
            state.nextID += 1
            state.subscriptions[state.nextID] = subscription
            for model in subscription.models { state.byModel[model, default: []].insert(state.nextID) }
            if state.clock == nil { state.clock = Task { await self.watchTheClock() } }
            return (state.nextID, state.isEnded)
        }
        if isEnded { subscription.end() }
        defer {
            state.withLock { state in
                state.subscriptions[id] = nil
                for model in subscription.models {
                    state.byModel[model]?.remove(id)
                    if state.byModel[model]?.isEmpty == true { state.byModel[model] = nil }
                }
            }
        }
        return try await body(subscription)
    }

    private func watchTheClock() async {
        while true {
            try? await Task.sleep(for: .milliseconds(250))
            let subscriptions = state.withLock { state -> [Subscription] in
                if state.subscriptions.isEmpty { state.clock = nil }
                return Array(state.subscriptions.values)
            }
            if subscriptions.isEmpty { return }
            let now = ContinuousClock.now
            for subscription in subscriptions { subscription.wakeIfDue(now) }
        }
    }

    /// Hands a batch of the tailer to everybody whom it concerns.
    public func publish(_ batch: ChangeBatch) {
        var change = Change()
        for entry in batch.entries {
            let lastID = entry.id * LogEntry.eventsPerRow + Int64(max(0, entry.recordIDs.count - 1))
            change.add(ModelChange(count: max(1, entry.recordIDs.count), newestID: lastID), to: entry.model)
        }
        observer.withLock { $0 }?(change)
        let concerned = state.withLock { state -> [Subscription] in
            let ids = change.keys.reduce(into: Set<Int>()) { $0.formUnion(state.byModel[$1] ?? []) }
            return ids.compactMap { state.subscriptions[$0] }
        }
        for subscription in concerned { subscription.add(change) }
    }

    /// Sends everybody home: the service stops.
    public func end() {
        let subscriptions = state.withLock { state -> [Subscription] in
            state.isEnded = true
            return Array(state.subscriptions.values)
        }
        for subscription in subscriptions { subscription.end() }
    }
}

extension ChangeHints.Change {
    /// Adds to what is known of a model.
    package mutating func add(_ new: ChangeHints.ModelChange, to model: String) {
        let known = self[model] ?? ChangeHints.ModelChange(count: 0, newestID: 0)
        self[model] = ChangeHints.ModelChange(count: known.count + new.count, newestID: Swift.max(known.newestID, new.newestID))
    }
}
