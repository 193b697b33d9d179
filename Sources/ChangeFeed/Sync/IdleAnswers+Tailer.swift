internal import FoundationEssentials
internal import Postgres
internal import Synchronization

/// The tailer's notifications to the memory.
extension IdleAnswers {
    /// A session of the tailer began, or ended: changes in between are unknown.
    func forgetAll() {
        state.withLock { state in
            state.forgetAll()
            (state.state, state.known, state.rights, state.rightsAt, state.snapshot) = (nil, nil, nil, nil, nil)
            (state.lookedAt, state.readAt, state.accessRows) = (nil, nil, nil)
        }
    }

    /// Whether a client asked recently; otherwise the tailer need not check.
    var isWanted: Bool {
        state.withLock { $0.wantedAt.map { .now - $0 < Self.wanted } ?? false }
    }

    /// The bell rang since the last `look`, and what was read does not explain it.
    var needsLook: Bool { state.withLock { $0.needsLook } }

    /// The bell, or the leader: there is a change that was not read yet.
    func rang() {
        state.withLock { ($0.rungAt, $0.needsLook) = (.now, true) }
    }

    /// Events, before any other receiver gets them.
    func note(_ batch: ChangeBatch) {
        state.withLock { state in
            let clock = state.tick()
            let models = Set(batch.entries.map(\.model))
            for model in models { state.changed[model] = clock }
            guard models.contains(Self.partnerModel) else { return }
            state.partnerChanged = clock
            for entry in batch.entries where entry.model == Self.partnerModel {
                if entry.kind == .truncate { return state.forgetAll() }
                for id in entry.recordIDs where state.partners.contains(id) { state.partnersChanged[id] = clock }
            }
        }
    }

    private static let partnerModel = "res.partner"

    /// Everything is read that existed when this read began.
    /// - Parameter found: it found events, which may explain the ring.
    func hasRead(since began: ContinuousClock.Instant, found: Bool) {
        state.withLock { state in
            state.readAt = began
            if found, began > state.rungAt { state.needsLook = false }
        }
    }

    /// Checks what changes most often: access and devices.
    /// - Returns: whether something changed, so that it is time to `look`.
    func glance(on connection: Connection) async throws -> Bool {
        guard let seen = state.withLock({ $0.snapshot }) else { return true }
        let rows = try await connection.query(
            Query(
                "SELECT access, devices FROM changefeed.idle_news($1::text)", [.text(seen)], name: "cf_idle_news"))
        guard let row = rows.first else { throw ChangeFeedError(.unexpectedAnswer, "No news.") }
        let (access, devices) = (try row["access"].string(), try row["devices"].bool())
        return state.withLock { state in
            // Compared with a glance and not with a look: what was committed between the two is in one of them.
            defer { state.accessRows = access }
            return devices || state.accessRows != access
        }
    }

    /// Queries the state on which access, credentials and cursors depend, and devices that were changed.
    /// - Returns: whether anything differs from before, and whether there is much to prune.
    func look(on connection: Connection) async throws -> (changed: Bool, isFull: Bool) {
        let began = ContinuousClock.now
        let (seen, withRights) = state.withLock { state in
            (state.snapshot, state.rightsAt.map { began - $0 >= Self.rightsPause } ?? true)
        }
        let rows = try await connection.query(
            Query(
                "SELECT server, state, rights, snapshot, devices, all_devices, changes FROM changefeed.idle_state($1::text, $2::boolean)",
                [.optional(seen), .bool(withRights)], name: "cf_idle_state"))
        guard let row = rows.first else { throw ChangeFeedError(.unexpectedAnswer, "No state.") }
        let devices = try row["devices"].text.map { try JSONDecoder().decode([String].self, from: Data($0.utf8)) } ?? []
        let allDevices = try row["all_devices"].bool()
        let server = try row["server"].string()
        let snapshot = try row["snapshot"].string()
        let (text, rights) = (row["state"].text, row["rights"].text)
        let changed = state.withLock { state -> Bool in
            let isSame =
                text != nil && state.known?.text == text && state.known?.server == server
                && (!withRights || state.rights == rights)
            if !isSame {
                if state.known.map({ Self.triggers($0.text) }) != text.map(Self.triggers) {
                    state.triggersSince = .now
                }
                state.forgetAll()
                state.states += 1
                state.since = .now
                state.state = text.map { _ in state.states }
                state.known = text.map { (server, $0) }
            }
            if withRights { (state.rights, state.rightsAt) = (rights, began) }
            if allDevices { state.forgetAll() }
            for device in devices { DeviceName(device).map { state.forget($0, limit: capacity * 2) } }
            state.snapshot = snapshot
            state.lookedAt = began
            if began > state.rungAt { state.needsLook = false }
            return !isSame || allDevices || !devices.isEmpty
        }
        return (changed, try row["changes"].int() > 200)
    }

    /// `odoo_access_mark()`, with which a state begins.
    private static func triggers(_ state: String) -> Substring { state.prefix { $0 != ":" } }

    /// Between two checks of state that changes rarely and costs more (until Odoo 17).
    private static let rightsPause: Duration = .seconds(30)
}
