internal import DequeModule
internal import Postgres
internal import Synchronization

/// Notifies many waiting devices, cheaply, that models which they follow have changed.
///
/// Devices that see the same are one audience. If record rules narrow its visibility, the database is queried once for
/// the audience; no device learns of a change that its user may not see. Pending changes collapse to a count per model.
public final class ChangeHints: Sendable {
    /// The changes, by model.
    public typealias Change = [String: ModelChange]

    /// Changes of one model.
    public struct ModelChange: Sendable, Equatable {
        public var count: Int
        /// Highest event id.
        public var newestID: Int64

        public init(count: Int, newestID: Int64) {
            self.count = count
            self.newestID = newestID
        }
    }

    /// A notification to an audience.
    public enum Told: Sendable {
        case change(Change)
        /// Its visibility has changed: its members must be evaluated again.
        case otherSight
        /// Something visible to it may have changed; a pull shows what. No event of it has a higher id.
        case something(newestID: Int64)
    }

    private struct Group {
        var subscriptions: [Int: HintSubscription] = [:]
        /// Number of listeners through the observer.
        var listeners = 0
        /// Rows of the log not evaluated for the audience yet.
        var unseen: Deque<Int64> = []
        var isAsking = false

        var isEmpty: Bool { subscriptions.isEmpty && listeners == 0 }
    }

    private struct State {
        var nextID = 0
        var groups: [Audience: Group] = [:]
        var isEnded = false
        /// Get every batch, unjudged.
        var followers: [Int: @Sendable (ChangeBatch) -> Void] = [:]
        /// Checks for expired waits, as long as there is any: one task for all of them.
        var clock: Task<Void, Never>?
    }

    /// Rows of the log per query.
    private static let rowsAtOnce = 64
    /// Pending rows of the log per audience. Rows above that are not evaluated: the audience is notified to pull.
    static let maximumUnseen = 4_096
    /// How often a query that takes too long, or waits for a lock, is retried.
    private static let maximumTries = 3

    private let state = Mutex(State())
    private let sight: ChangeSight?
    private let troubles: Troubles?
    /// In a struct: to a closure that a mutex holds by itself, each `withLock` adds two thunks, which stay.
    private struct Observer {
        let tell: @Sendable (Audience, Told) -> Void
    }
    private let observer = Mutex<Observer?>(nil)
    private let asked = Atomic(0)

    /// - Parameters:
    ///   - sight: evaluates an audience's visibility; without it, changes narrowed by record rules are not announced.
    ///   - troubles: receives why a query failed.
    public init(sight: ChangeSight? = nil, troubles: Troubles? = nil) {
        self.sight = sight
        self.troubles = troubles
    }

    /// Pending rows of the log of all audiences.
    var unseen: Int { state.withLock { $0.groups.values.reduce(0) { $0 + $1.unseen.count } } }

    /// How often the database was queried about an audience's visibility.
    public var questions: Int { asked.load(ordering: .relaxed) }

    /// Passes one observer the notifications to audiences for which it listens (`listen`).
    public func observe(_ body: @escaping @Sendable (Audience, Told) -> Void) {
        observer.withLock { $0 = Observer(tell: body) }
    }

    /// One more, or one less, client for whom the observer listens.
    public func listen(for audience: Audience, _ change: Int) {
        state.withLock { state in
            state.groups[audience, default: Group()].listeners += change
            if state.groups[audience]?.isEmpty == true { state.groups[audience] = nil }
        }
    }

    /// Devices that wait with `withSubscription`.
    public var count: Int { state.withLock { $0.groups.values.reduce(0) { $0 + $1.subscriptions.count } } }

    /// Subscribes for a member of an audience while the body runs.
    public func withSubscription<R>(
        of audience: Audience, _ body: (HintSubscription) async throws -> R
    ) async rethrows -> R {
        let subscription = HintSubscription()
        let (id, isEnded) = state.withLock { state in
            state.nextID += 1
            state.groups[audience, default: Group()].subscriptions[state.nextID] = subscription
            if state.clock == nil { state.clock = Task { await self.watchTheClock() } }
            return (state.nextID, state.isEnded)
        }
        if isEnded { subscription.end() }
        defer {
            state.withLock { state in
                state.groups[audience]?.subscriptions[id] = nil
                if state.groups[audience]?.isEmpty == true { state.groups[audience] = nil }
            }
        }
        return try await body(subscription)
    }

    private func watchTheClock() async {
        while true {
            try? await Task.sleep(for: .milliseconds(250))
            let subscriptions = state.withLock { state -> [HintSubscription] in
                let all = state.groups.values.flatMap(\.subscriptions.values)
                if all.isEmpty { state.clock = nil }
                return all
            }
            if subscriptions.isEmpty { return }
            let now = ContinuousClock.now
            for subscription in subscriptions { subscription.wakeIfDue(now) }
        }
    }

    /// Passes every batch on until `unfollow`, for parts of the service that judge changes themselves.
    /// - Returns: what `unfollow` takes.
    package func follow(_ body: @escaping @Sendable (ChangeBatch) -> Void) -> Int {
        state.withLock { state in
            state.nextID += 1
            state.followers[state.nextID] = body
            return state.nextID
        }
    }

    package func unfollow(_ id: Int) { state.withLock { $0.followers[id] = nil } }

    /// Distributes a batch of the tailer to all whom it concerns.
    public func publish(_ batch: ChangeBatch) {
        for follower in state.withLock({ $0.followers.values.map { $0 } }) { follower(batch) }
        var change = Change()
        var rows: [String: [Int64]] = [:]
        for entry in batch.entries {
            let lastID = entry.eventID(at: max(0, entry.recordIDs.count - 1))
            change.add(ModelChange(count: max(1, entry.recordIDs.count), newestID: lastID), to: entry.model)
            rows[entry.model, default: []].append(entry.id)
        }
        let (all, flooded, asking) = state.withLock {
            state -> ([(Audience, Change)], [(Audience, Int64)], [Audience]) in
            var all: [(Audience, Change)] = []
            var flooded: [(Audience, Int64)] = []
            var asking: [Audience] = []
            for (audience, group) in state.groups {
                let part = change.filter { audience.models.contains($0.key) }
                guard !part.isEmpty else { continue }
                guard audience.isFiltered else {
                    all.append((audience, part))
                    continue
                }
                let new = part.keys.flatMap { rows[$0] ?? [] }
                guard group.unseen.count + new.count <= Self.maximumUnseen else {
                    state.groups[audience]?.unseen = []
                    flooded.append((audience, part.values.map(\.newestID).max() ?? 0))
                    continue
                }
                state.groups[audience]?.unseen += new
                if !group.isAsking, sight != nil {
                    state.groups[audience]?.isAsking = true
                    asking.append(audience)
                }
            }
            return (all, flooded, asking)
        }
        for (audience, newestID) in flooded { tell(audience, .something(newestID: newestID)) }
        for (audience, part) in all { tell(audience, .change(part)) }
        for audience in asking { Task { await ask(audience) } }
    }

    /// Queries until nothing is pending; one query at a time per audience, pending rows are combined.
    private func ask(_ audience: Audience) async {
        var backoff = Backoff(initial: .seconds(1))
        var tries = 0
        while let rows = next(audience) {
            do {
                asked.add(1, ordering: .relaxed)
                let change = try await sight?.change(of: rows, for: audience)
                troubles?.noteSuccess()
                (backoff, tries) = (Backoff(initial: .seconds(1)), 0)
                guard let change else {
                    tell(audience, .otherSight)
                    continue
                }
                if !change.isEmpty { tell(audience, .change(change)) }
            } catch is AccessRefusal {
                tell(audience, .otherSight)
            } catch {
                let trouble = troubles?.note(error) ?? Trouble(error)
                tries += 1
                // Query failed: keep the rows and retry. If retrying does not help, or there are too many rows,
                // the devices have to find out by pulling.
                if trouble.mayPass, trouble.kind == .connection || tries < Self.maximumTries, putBack(rows, audience) {
                    try? await Task.sleep(for: backoff.next())
                } else {
                    tries = 0
                    tell(audience, .something(newestID: LogEntry.lastEventID(ofRow: rows.max() ?? 0)))
                }
            }
        }
    }

    /// - Returns: false if there is no room.
    private func putBack(_ rows: [Int64], _ audience: Audience) -> Bool {
        state.withLock { state in
            guard let waiting = state.groups[audience]?.unseen.count, waiting + rows.count <= Self.maximumUnseen else {
                return false
            }
            state.groups[audience]?.unseen.insert(contentsOf: rows, at: 0)
            return true
        }
    }

    private func next(_ audience: Audience) -> [Int64]? {
        state.withLock { state in
            guard let group = state.groups[audience], !group.unseen.isEmpty, !state.isEnded else {
                state.groups[audience]?.isAsking = false
                return nil
            }
            let rows = Array(group.unseen.prefix(Self.rowsAtOnce))
            state.groups[audience]?.unseen.removeFirst(rows.count)
            return rows
        }
    }

    private func tell(_ audience: Audience, _ told: Told) {
        let (subscriptions, hasListeners) = state.withLock { state in
            (
                state.groups[audience].map { Array($0.subscriptions.values) } ?? [],
                (state.groups[audience]?.listeners ?? 0) > 0
            )
        }
        for subscription in subscriptions {
            switch told {
            case .change(let change): subscription.add(change)
            case .otherSight, .something: subscription.lookAgain()
            }
        }
        if hasListeners { observer.withLock { $0 }?.tell(audience, told) }
    }

    /// Ends all waits: the service stops.
    public func end() {
        let subscriptions = state.withLock { state -> [HintSubscription] in
            state.isEnded = true
            return state.groups.values.flatMap(\.subscriptions.values)
        }
        for subscription in subscriptions { subscription.end() }
    }
}

extension ChangeHints.Change {
    /// Adds to a model's pending changes.
    package mutating func add(_ new: ChangeHints.ModelChange, to model: String) {
        let known = self[model] ?? ChangeHints.ModelChange(count: 0, newestID: 0)
        self[model] = ChangeHints.ModelChange(
            count: known.count + new.count, newestID: Swift.max(known.newestID, new.newestID))
    }
}
