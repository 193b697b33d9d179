internal import ChangeFeed
internal import Postgres
internal import Synchronization

/// Wakes the endpoints that a change concerns. For endpoints that see the same, and for all that have filters, the
/// database is asked once per change instead of once per endpoint. An endpoint without filters that is alone wakes at
/// once, as long as its pulls find something: the question before the pull would only cost time.
///
/// Only a hint: what an endpoint is sent, its own pull decides, and each pulls now and then without a hint.
final class DeliveryGate: Sendable {
    private struct Member {
        let filters: DeviceSync.PreparedFilters
        let wake: @Sendable () -> Void
        /// Its pulls found nothing: the question is cheaper than one more.
        var asks = false

        func hasFilter(of models: some Collection<String>) -> Bool {
            models.contains { filters.byModel[$0]?.condition != nil }
        }
    }

    private struct Group {
        var members: [Int64: Member] = [:]
        /// Rows of the log that were not judged yet.
        var unseen: [Int64] = []
        var isAsking = false
    }

    private struct State {
        var audiences: [Int64: Audience] = [:]
        var groups: [Audience: Group] = [:]
    }

    /// Rows of the log per question, and those that may wait for one; above that all members pull.
    private static let rowsAtOnce = 64
    private static let maximumUnseen = 4_096

    private let state = Mutex(State())
    private let sync: DeviceSync
    private let turn: DeliveryTurn

    init(sync: DeviceSync, turn: DeliveryTurn) {
        self.sync = sync
        self.turn = turn
    }

    /// Wakes the endpoint, from now until `leave`, whenever a change may concern it.
    func join(
        _ endpoint: Int64, _ audience: Audience, _ filters: DeviceSync.PreparedFilters,
        _ wake: @escaping @Sendable () -> Void
    ) {
        leave(endpoint)
        state.withLock { state in
            state.audiences[endpoint] = audience
            state.groups[audience, default: Group()].members[endpoint] = Member(filters: filters, wake: wake)
        }
    }

    func leave(_ endpoint: Int64) {
        state.withLock { state in
            guard let audience = state.audiences.removeValue(forKey: endpoint) else { return }
            state.groups[audience]?.members[endpoint] = nil
            if state.groups[audience]?.members.isEmpty == true { state.groups[audience] = nil }
        }
    }

    /// Whether changes that record rules may hide are judged first, also for an endpoint that is alone.
    func asks(_ endpoint: Int64, _ asks: Bool) {
        state.withLock { state in
            guard let audience = state.audiences[endpoint] else { return }
            state.groups[audience]?.members[endpoint]?.asks = asks
        }
    }

    /// Takes what the tailer read.
    func note(_ batch: ChangeBatch) {
        var rows: [String: [Int64]] = [:]
        for entry in batch.entries { rows[entry.model, default: []].append(entry.id) }
        var woken: [Member] = []
        var asking: [Audience] = []
        state.withLock { state in
            for (audience, group) in state.groups {
                let changed = audience.models.filter { rows[$0] != nil }
                if changed.isEmpty { continue }
                let isAlone = group.members.count == 1
                let others = group.members.values.filter { member in
                    let isDirect = !audience.isFiltered || isAlone && !member.asks
                    if isDirect && !member.hasFilter(of: changed) {
                        woken.append(member)
                        return false
                    }
                    return true
                }
                if others.isEmpty { continue }
                let new = changed.flatMap { rows[$0] ?? [] }
                guard group.unseen.count + new.count <= Self.maximumUnseen else {
                    state.groups[audience]?.unseen = []
                    woken += others
                    continue
                }
                state.groups[audience]?.unseen += new
                if !group.isAsking {
                    state.groups[audience]?.isAsking = true
                    asking.append(audience)
                }
            }
        }
        for member in woken { member.wake() }
        for audience in asking { Task { await ask(audience) } }
    }

    /// Asks until nothing is left; one question at a time for each audience.
    private func ask(_ audience: Audience) async {
        while let (rows, members) = next(audience) {
            let concerned: DeviceSync.Concerned?
            do {
                // With the rows: others may be of models whose tables are free, and would say that these are.
                concerned = try await turn.read("concerned \(audience.scope) \(rows)") {
                    try await sync.concerned(by: rows, in: audience, members.mapValues(\.filters))
                }
            } catch {
                // Each finds out by itself, and reports its own trouble.
                concerned = nil
            }
            for (endpoint, member) in members {
                guard let concerned else {
                    member.wake()
                    continue
                }
                let isPlain = concerned.models.contains { member.filters.byModel[$0]?.condition == nil }
                if isPlain || concerned.endpoints.contains(endpoint) { member.wake() }
            }
        }
    }

    private func next(_ audience: Audience) -> (rows: [Int64], members: [Int64: Member])? {
        state.withLock { state in
            guard let group = state.groups[audience], !group.unseen.isEmpty else {
                state.groups[audience]?.isAsking = false
                return nil
            }
            let rows = Array(group.unseen.prefix(Self.rowsAtOnce))
            state.groups[audience]?.unseen.removeFirst(rows.count)
            return (rows, group.members)
        }
    }
}
