internal import Synchronization

/// Answers "nothing new" from this process's memory: what the database said a while ago, as long as nothing has happened since
/// that could make it say something else. `docs/design/idle.md` says why such an answer is never wrong.
///
/// The tailer says what has happened (`IdleAnswers+Tailer.swift`); requests ask (`find`), and tell what the database answered
/// (`ticket`, `keep`) and what they did to a device (`changes`).
public final class IdleAnswers: Sendable {
    /// An answer that counts now.
    public struct Held: Sendable {
        /// Of a pull, or of `news`.
        public enum Answer: Sendable {
            case pull(DeviceSync.Pull)
            case news(DeviceSync.News)
        }

        public let answer: Answer
        public let userID: Int64
        /// By what the client was recognised.
        public var proof: CallerProof
        /// False: the session has to be looked for again, as it is for requests that go to the database.
        public let isConfirmed: Bool
    }

    /// Where the memory stood before a statement began: what happens from then on counts against its answer.
    public struct Ticket: Sendable {
        fileprivate let clock: UInt64
        fileprivate let state: UInt64
        fileprivate let began: ContinuousClock.Instant
    }

    /// What a statement says beside its answer, as `changefeed.odoo_idle_caller` has it.
    struct Caller {
        let userID: Int64
        let proof: CallerProof
        let server: String
        /// Whose language decides about data.
        let partners: [Int64]
        /// How long credential and answer may be believed.
        let lifetime: Duration
    }

    /// What devices that see the same have in common, once for all of them.
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

    /// Since when what was known of a device does not count.
    fileprivate struct DeviceMark {
        var all: UInt64 = 0
        /// Counts on if it is of this scope.
        var scope = 0
        var others: UInt64 = 0

        func allows(_ clock: UInt64, scope: Int) -> Bool { clock >= all && (clock >= others || scope == self.scope) }
    }

    struct State {
        /// Rises with all that happens.
        var clock: UInt64 = 1
        /// Nothing older counts.
        var floor: UInt64 = 0
        /// Names what the feed's state was; rises with each that is another. Nil: nothing counts.
        var state: UInt64?
        var states: UInt64 = 0
        var since = ContinuousClock.now
        /// As the database said it.
        var known: (server: String, text: String)?
        var rights: String?
        var rightsAt: ContinuousClock.Instant?
        /// For the next look at devices: those that were changed by transactions that are not visible in it.
        var snapshot: String?
        /// When the last look at state and devices began, and when the last reading began that left nothing unread.
        var lookedAt: ContinuousClock.Instant?
        var readAt: ContinuousClock.Instant?
        var rungAt = ContinuousClock.now
        /// Somebody rang, perhaps for something else than the log.
        var needsLook = false
        /// When somebody last asked.
        var wantedAt: ContinuousClock.Instant?
        /// When the newest event of a model was heard of.
        var changed: [String: UInt64] = [:]
        var partnersChanged: [Int64: UInt64] = [:]
        var partners: Set<Int64> = []
        var partnerChanged: UInt64 = 0
        fileprivate var devices: [DeviceName: DeviceMark] = [:]
        var shared: [Audience: Shared] = [:]
        // Two generations instead of a list by last use, as SecretCache has them.
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

    /// How long nothing may have been heard of the database.
    static let patience: Duration = .seconds(1)
    /// How often a pull compares what `odoo_rights_stamp()` says, and some time more: an answer of sooner after a change may not know of it.
    static let comparison: Duration = .seconds(62)
    /// For how long the tailer goes on looking after the last question.
    static let wanted: Duration = .seconds(360)

    /// Answers kept at most.
    public let capacity: Int
    let state = Mutex(State())
    private let answered = Atomic(0)
    /// Wakes the tailer, which may sleep for longer while nobody asks.
    let wake = Mutex<(@Sendable () -> Void)?>(nil)

    /// - Parameter capacity: answers kept at most, each of about half a kilobyte.
    public init(capacity: Int = 20_000) { self.capacity = max(2, capacity) }

    /// Answers kept now; some may not count any more.
    public var count: Int { state.withLock { $0.young.count + $0.old.count } }

    /// Answers that nothing has been heard against, and how many of them `find` would give at this moment.
    var counting: (all: Int, now: Int) {
        let now = ContinuousClock.now
        return state.withLock { state in
            let all = state.state == nil ? 0 : [state.young, state.old].reduce(0) { sum, part in sum + part.values.count { $0.until > now && counts($0, state) } }
            return (all, isLive(state, now) ? all : 0)
        }
    }

    /// Questions that were answered since the start of the process.
    public var answers: Int { answered.load(ordering: .relaxed) }

    /// To be called when an answer of `find` is given.
    public func noteAnswer() { answered.add(1, ordering: .relaxed) }

    // MARK: what requests ask

    /// The answer to a question, where one counts at this moment.
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
                        DeviceSync.News(models: shared.models, isWaiting: false, newestID: newestID, audience: shared.audience))
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
        if isFirst { wake.withLock { $0 }?() }
    }

    private func isLive(_ state: State, _ now: ContinuousClock.Instant) -> Bool {
        guard state.state != nil, let lookedAt = state.lookedAt, let readAt = state.readAt else { return false }
        return now - lookedAt < Self.patience && now - readAt < Self.patience && readAt > state.rungAt && !state.needsLook
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
        if state.young.count >= capacity / 2, state.young[question.digest] == nil { (state.young, state.old) = ([:], state.young) }
        state.old[question.digest] = nil
        state.young[question.digest] = entry
    }

    /// The session of an answer was found again, as it was.
    public func confirm(_ question: IdleQuestion, _ proof: CallerProof) {
        var proof = proof
        // They are handed on once.
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

    /// To be taken before a statement whose answer is to be kept; nil while nothing can be.
    func ticket() -> Ticket? {
        let now = ContinuousClock.now
        want(now)
        return state.withLock { state in
            state.state.map { Ticket(clock: state.clock, state: $0, began: now) }
        }
    }

    /// Keeps that a pull gave nothing, with a token.
    func keep(_ pull: DeviceSync.Pull, for question: IdleQuestion, of caller: Caller, since ticket: Ticket) {
        guard pull.count == 0, !pull.hasMore, pull.incomplete.isEmpty else { return }
        keep(.pull(token: pull.token), models: pull.models, pull.audience, question, caller, ticket)
    }

    /// Keeps that nothing waits.
    func keep(_ news: DeviceSync.News, for question: IdleQuestion, of caller: Caller, since ticket: Ticket) {
        guard !news.isWaiting else { return }
        keep(.news(newestID: news.newestID), models: news.models, news.audience, question, caller, ticket)
    }

    private func keep(
        _ kept: Kept, models: [String], _ audience: Audience, _ question: IdleQuestion, _ caller: Caller, _ ticket: Ticket
    ) {
        // Spread, so that devices that began together do not all come to the database together.
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
                kept: kept, shared: shared, device: question.device, scope: question.scope, userID: caller.userID, proof: known,
                partners: caller.partners, clock: ticket.clock, until: until)
            // Partners that nobody looked out for may have been among those that changed.
            guard counts(entry, state), state.partnerChanged <= ticket.clock || state.partners.isSuperset(of: caller.partners) else { return }
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

    /// A statement is about to change a device, or has.
    func changes(_ device: DeviceName) {
        state.withLock { $0.forget(device, limit: capacity * 2) }
    }

    /// A pull for these models is about to make the device follow them alone.
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
