internal import Synchronization

/// Answers "nothing new" from this process's memory: a recent answer of the database, as long as nothing has happened
/// since that could change it. `docs/design/idle.md` explains why such an answer is never wrong.
///
/// The tailer reports changes (`IdleAnswers+Tailer.swift`); requests look answers up (`find`), and report the
/// database's answers (`ticket`, `keep`) and their changes to a device (`changes`).
public final class IdleAnswers: Sendable {
    /// A valid answer.
    public struct Held: Sendable {
        /// Of a pull, or of `news`.
        public enum Answer: Sendable {
            case pull(DeviceSync.Pull)
            case news(DeviceSync.News)
        }

        public let answer: Answer
        public let userID: Int64
        /// How the client was identified.
        public var proof: CallerProof
        /// False: the session has to be looked up again, as for requests that go to the database.
        public let isConfirmed: Bool
    }

    /// The memory's position before a statement began: later changes count against the statement's answer.
    public struct Ticket: Sendable {
        fileprivate let clock: UInt64
        fileprivate let state: UInt64
        fileprivate let began: ContinuousClock.Instant
    }

    /// Facts that a statement returns with its answer, from `changefeed.odoo_idle_caller`.
    struct Caller {
        let userID: Int64
        let proof: CallerProof
        let server: String
        /// Partners whose language affects data.
        let partners: [Int64]
        /// How long credential and answer may be trusted.
        let lifetime: Duration
    }

    /// In a struct: to a closure that a mutex holds by itself, each `withLock` adds two thunks, which stay.
    struct Sleeper {
        let wake: @Sendable () -> Void
    }

    /// The common part of devices that see the same, stored once.
    final class Shared: Sendable {
        let models: [String]
        let audience: Audience

        init(models: [String], audience: Audience) {
            self.models = models
            self.audience = audience
        }
    }

    fileprivate enum Kept {
        case pull(token: String)
        case news(newestID: Int64)
    }

    fileprivate struct Entry {
        let kept: Kept
        let shared: Shared
        let device: DeviceName
        let scope: Int
        let userID: Int64
        var proof: CallerProof
        let partners: [Int64]
        let clock: UInt64
        let until: ContinuousClock.Instant
    }

    /// Since when earlier answers for a device are invalid.
    fileprivate struct DeviceMark {
        var all: UInt64 = 0
        /// Stays valid if it is of this scope.
        var scope = 0
        var others: UInt64 = 0

        func allows(_ clock: UInt64, scope: Int) -> Bool { clock >= all && (clock >= others || scope == self.scope) }
    }

    struct State {
        /// Rises with every change.
        var clock: UInt64 = 1
        /// Older answers are invalid.
        var floor: UInt64 = 0
        /// Number of the feed's state; rises with each different one. Nil: no answer is valid.
        var state: UInt64?
        var states: UInt64 = 0
        var since = ContinuousClock.now
        /// When the triggers that notice changes of access were last found to be others than before.
        var triggersSince = ContinuousClock.now
        /// As the database returned it.
        var known: (server: String, text: String)?
        var rights: String?
        var rightsAt: ContinuousClock.Instant?
        /// The rows of changes of access, as the last `glance` found them.
        var accessRows: String?
        /// For the next check of devices: those changed by transactions that are not visible in it.
        var snapshot: String?
        /// When the last check of state and devices began, and when the last read began that left nothing unread.
        var lookedAt: ContinuousClock.Instant?
        var readAt: ContinuousClock.Instant?
        var rungAt = ContinuousClock.now
        /// The bell rang, perhaps not for the log.
        var needsLook = false
        /// When a client last asked.
        var wantedAt: ContinuousClock.Instant?
        /// When the newest event of a model was received.
        var changed: [String: UInt64] = [:]
        var partnersChanged: [Int64: UInt64] = [:]
        var partners: Set<Int64> = []
        var partnerChanged: UInt64 = 0
        fileprivate var devices: [DeviceName: DeviceMark] = [:]
        var shared: [Audience: Shared] = [:]
        // Two generations instead of a list by last use, as in SecretCache.
        fileprivate var young: [IdleQuestion.Digest: Entry] = [:]
        fileprivate var old: [IdleQuestion.Digest: Entry] = [:]

        mutating func tick() -> UInt64 {
            clock += 1
            return clock
        }

        mutating func forgetAll() {
            floor = tick()
            (young, old, shared, devices) = ([:], [:], [:], [:])
            (partners, partnersChanged) = ([], [:])
        }

        mutating func forget(_ device: DeviceName, limit: Int) {
            if devices.count >= limit, devices[device] == nil { return forgetAll() }
            devices[device, default: DeviceMark()].all = tick()
        }
    }

    /// How long the tailer may have read nothing from the database.
    static let patience: Duration = .seconds(1)
    /// How often a pull compares `odoo_rights_stamp()`, plus a margin: an answer from sooner after a change may not
    /// reflect it.
    static let comparison: Duration = .seconds(62)
    /// How long sessions of the database may take these triggers to be those of before (`odoo_recent_mark()`, 0.5 s), plus
    /// a margin.
    static let recentTriggers: Duration = .seconds(1)
    /// How long the tailer keeps checking after the last request.
    static let wanted: Duration = .seconds(360)

    /// Maximum number of answers.
    public let capacity: Int
    let state = Mutex(State())
    private let answered = Atomic(0)
    /// The tailer, which may sleep longer while no client asks.
    let tailer = Mutex<Sleeper?>(nil)

    /// - Parameter capacity: maximum number of answers, about half a kilobyte each.
    public init(capacity: Int = 20_000) { self.capacity = max(2, capacity) }

    /// Answers stored now; some may be invalid.
    public var count: Int { state.withLock { $0.young.count + $0.old.count } }

    /// Answers that no change counts against, and how many of them `find` would return now.
    var counting: (all: Int, now: Int) {
        let now = ContinuousClock.now
        return state.withLock { state in
            let all =
                state.state == nil
                ? 0
                : [state.young, state.old].reduce(0) { sum, part in
                    sum + part.values.count { $0.until > now && counts($0, state) }
                }
            return (all, isLive(state, now) ? all : 0)
        }
    }

    /// Requests answered since the start of the process.
    public var answers: Int { answered.load(ordering: .relaxed) }

    /// Must be called when an answer of `find` is sent.
    public func noteAnswer() { answered.add(1, ordering: .relaxed) }

    // MARK: what requests ask

    /// The valid answer to a question, if there is one now.
    public func find(_ question: IdleQuestion) -> Held? {
        let now = ContinuousClock.now
        want(now)
        return state.withLock { state in
            guard isLive(state, now), let entry = entry(question, &state) else { return nil }
            guard entry.until > now, counts(entry, state) else {
                state.young[question.digest] = nil
                return nil
            }
            let shared = entry.shared
            let answer: Held.Answer =
                switch entry.kept {
                case .pull(let token):
                    .pull(
                        DeviceSync.Pull(
                            events: nil, count: 0, token: token, hasMore: false, incomplete: [], models: shared.models,
                            firstCopy: nil, audience: shared.audience))
                case .news(let newestID):
                    .news(
                        DeviceSync.News(
                            models: shared.models, isWaiting: false, newestID: newestID, audience: shared.audience))
                }
            return Held(
                answer: answer, userID: entry.userID, proof: entry.proof,
                isConfirmed: entry.proof.believedUntil.map { $0 > now } ?? true)
        }
    }

    private func want(_ now: ContinuousClock.Instant) {
        let isFirst = state.withLock { state in
            defer { state.wantedAt = now }
            return state.wantedAt.map { now - $0 >= Self.wanted } ?? true
        }
        if isFirst { tailer.withLock { $0 }?.wake() }
    }

    private func isLive(_ state: State, _ now: ContinuousClock.Instant) -> Bool {
        guard state.state != nil, let lookedAt = state.lookedAt, let readAt = state.readAt else { return false }
        return now - lookedAt < Self.patience && now - readAt < Self.patience && readAt > state.rungAt
            && !state.needsLook
    }

    private func counts(_ entry: Entry, _ state: State) -> Bool {
        entry.clock >= state.floor
            && entry.shared.models.allSatisfy { (state.changed[$0] ?? 0) <= entry.clock }
            && state.devices[entry.device]?.allows(entry.clock, scope: entry.scope) != false
            && entry.partners.allSatisfy { (state.partnersChanged[$0] ?? 0) <= entry.clock }
    }

    private func entry(_ question: IdleQuestion, _ state: inout State) -> Entry? {
        if let entry = state.young[question.digest] { return entry }
        guard let entry = state.old.removeValue(forKey: question.digest) else { return nil }
        insert(entry, question, &state)
        return entry
    }

    private func insert(_ entry: Entry, _ question: IdleQuestion, _ state: inout State) {
        if state.young.count >= capacity / 2, state.young[question.digest] == nil {
            (state.young, state.old) = ([:], state.young)
        }
        state.old[question.digest] = nil
        state.young[question.digest] = entry
    }

    /// The session of an answer was found again, unchanged.
    public func confirm(_ question: IdleQuestion, _ proof: CallerProof) {
        var proof = proof
        // They are passed on once.
        proof.cookies = []
        let known = proof
        state.withLock { state in
            state.young[question.digest]?.proof = known
            state.old[question.digest]?.proof = known
        }
    }

    public func forget(_ question: IdleQuestion) {
        state.withLock { state in
            state.young[question.digest] = nil
            state.old[question.digest] = nil
        }
    }

    // MARK: what requests tell

    /// Must be taken before a statement whose answer should be stored; nil while no answer can be stored.
    func ticket() -> Ticket? {
        let now = ContinuousClock.now
        want(now)
        return state.withLock { state in
            guard now - state.triggersSince >= Self.recentTriggers else { return nil }
            return state.state.map { Ticket(clock: state.clock, state: $0, began: now) }
        }
    }

    /// Stores that a pull returned nothing, with a token.
    func keep(_ pull: DeviceSync.Pull, for question: IdleQuestion, of caller: Caller, since ticket: Ticket) {
        guard pull.count == 0, !pull.hasMore, pull.incomplete.isEmpty else { return }
        keep(.pull(token: pull.token), models: pull.models, pull.audience, question, caller, ticket)
    }

    /// Stores that nothing is waiting.
    func keep(_ news: DeviceSync.News, for question: IdleQuestion, of caller: Caller, since ticket: Ticket) {
        guard !news.isWaiting else { return }
        keep(.news(newestID: news.newestID), models: news.models, news.audience, question, caller, ticket)
    }

    private func keep(
        _ kept: Kept, models: [String], _ audience: Audience, _ question: IdleQuestion, _ caller: Caller,
        _ ticket: Ticket
    ) {
        // Spread, so that devices that started together do not all query the database together.
        var proof = caller.proof
        proof.cookies = []
        let known = proof
        let full = ticket.began + caller.lifetime * Double.random(in: 0.8...1)
        state.withLock { state in
            guard state.state == ticket.state, state.known?.server == caller.server else { return }
            let settled = state.since + Self.comparison
            let until = ticket.began < settled ? min(full, settled) : full
            let shared = shared(models, audience, &state)
            let entry = Entry(
                kept: kept, shared: shared, device: question.device, scope: question.scope, userID: caller.userID,
                proof: known,
                partners: caller.partners, clock: ticket.clock, until: until)
            // Partners that were not monitored may have been among those that changed.
            guard counts(entry, state),
                state.partnerChanged <= ticket.clock || state.partners.isSuperset(of: caller.partners)
            else { return }
            if state.partners.count > capacity * 2 { return state.forgetAll() }
            state.partners.formUnion(caller.partners)
            insert(entry, question, &state)
        }
    }

    private func shared(_ models: [String], _ audience: Audience, _ state: inout State) -> Shared {
        if let shared = state.shared[audience] { return shared }
        if state.shared.count >= capacity { state.shared = [:] }
        let shared = Shared(models: models, audience: audience)
        state.shared[audience] = shared
        return shared
    }

    /// A statement is about to change a device, or has changed it.
    func changes(_ device: DeviceName) {
        state.withLock { $0.forget(device, limit: capacity * 2) }
    }

    /// A pull for these models is about to make the device follow only them.
    func changes(_ device: DeviceName, to scope: Int) {
        state.withLock { state in
            if state.devices.count >= capacity * 2, state.devices[device] == nil { return state.forgetAll() }
            var mark = state.devices[device] ?? DeviceMark()
            if mark.scope != scope { mark.all = max(mark.all, mark.others) }
            (mark.scope, mark.others) = (scope, state.tick())
            state.devices[device] = mark
        }
    }
}
