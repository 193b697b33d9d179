internal import ChangeFeed
internal import DequeModule
internal import Postgres

/// Delivers to one endpoint for as long as this replica holds its lease.
///
/// One task owns all state; messages under way, hints of changes and the clock send it signals. It works page by page: a
/// page is what a pull gave, or records that waited for another attempt. When every message of a page was accepted, has
/// failed, or has been under way for long, the page is settled in one transaction: what was not accepted becomes a row of
/// the queue. So a record that fails, or hangs, holds up itself alone.
actor EndpointRun {
    /// What the run needs from outside.
    struct Surroundings: Sendable {
        let store: EndpointStore
        let sync: DeviceSync
        let hints: ChangeHints
        let observe: @Sendable (DeliveryObservation) -> Void
        /// Sends one message.
        let send: @Sendable (DeliveryMessage) async -> DeliveryAttempt
        /// Runs of all endpoints take turns at the database, so that requests find connections.
        let turn: Turnstile
        var schedule = RetrySchedule.standard
        var pace = Pace()
    }

    /// Times and sizes.
    struct Pace: Sendable {
        /// Between two pulls without a hint: hints may have been missed.
        var look: Duration = .seconds(60)
        /// A page is settled without messages that are under way for longer.
        var straggler: Duration = .seconds(1)
        /// When a message that is under way is tried by another replica, should this one die.
        var abandoned: Duration = .seconds(30)
        /// Between two attempts while the receiver fails as a whole.
        var trial = CircuitBreaker.trialPause
        /// How long a batch is collected.
        var batch: Duration = .milliseconds(50)
        var page = 200
        /// Pages in a row that leave more, before the log is moved to the queue, where changes of a record become one.
        var fullPages = 4
        /// Waiting records that are remembered; with more, all changes pass through the queue.
        var held = 10_000
        /// Successes between two that are recorded.
        var sample: Duration = .milliseconds(200)
    }

    private enum Signal: Sendable {
        case done(Int, DeliveryAttempt)
        case hint
        case tick
    }

    private struct Flight {
        let message: DeliveryMessage
        let began: ContinuousClock.Instant
        /// The page was settled without it.
        var isStraggling = false
    }

    private struct Page {
        var pending: Deque<DeliveryMessage>
        var settled: [Settlement] = []
        /// Of the pull; nil for records that waited.
        let token: String?
    }

    private let endpoint: Endpoint
    private let around: Surroundings
    private let signals: AsyncStream<Signal>
    private let signal: AsyncStream<Signal>.Continuation
    private var breaker: CircuitBreaker
    private var flights: [Int: Flight] = [:]
    private var nextFlight = 0
    private var page: Page?
    private var log: [AttemptRecord] = []
    private var sampledAt: ContinuousClock.Instant?
    private var lastFailure: String?
    private var isGone = false
    /// Records in the queue, with the newest event that is known of them.
    private var held: [RecordKey: Int64] = [:]
    /// `held` has all that wait.
    private var remembersAll = true
    /// Changes go to the queue first, where those of a record become one: at the beginning, after an outage, far behind,
    /// or when more records wait than are remembered.
    private var isBehind = true
    private var fullPages = 0
    private var mayPull = true
    private var pulledAt = ContinuousClock.now
    /// When records of the queue may be due.
    private var dueAt: ContinuousClock.Instant?
    private var audience: Audience?
    private var resync = Resync()
    private var isStopping = false

    /// Lists that are due after a resync.
    private struct Resync {
        var notice: DeliveryMessage?
        var models: Deque<ModelName> = []
        var cursor: String?

        var isDue: Bool { notice != nil || !models.isEmpty }
    }

    init(_ endpoint: Endpoint, _ around: Surroundings) {
        self.endpoint = endpoint
        self.around = around
        breaker = CircuitBreaker(trialPause: around.pace.trial)
        (signals, signal) = AsyncStream.makeStream()
    }

    /// Ends when the task is cancelled, the lease is lost, or the endpoint is not active any more.
    func run() async {
        await withDiscardingTaskGroup { group in
            var backoff = Backoff(initial: .seconds(1), maximum: .seconds(30), jitter: 0.2)
            var iterator = signals.makeAsyncIterator()
            var watch: (audience: Audience, task: Task<Void, Never>)?
            defer { watch?.task.cancel() }
            var isFirst = true
            while !Task.isCancelled {
                do {
                    if isFirst {
                        try await recall()
                        isFirst = false
                    }
                    guard try await work(&group) else { break }
                    backoff = Backoff(initial: .seconds(1), maximum: .seconds(30), jitter: 0.2)
                } catch is Standing {
                    await explain()
                    break
                } catch let refusal as SyncRefusal {
                    guard await accept(refusal) else { break }
                    continue
                } catch let refusal as AccessRefusal {
                    guard await accept(refusal) else { break }
                    try? await Task.sleep(for: backoff.next())
                    continue
                } catch {
                    // The page is pulled again: nothing of it was settled.
                    page = nil
                    mayPull = true
                    dueAt = .now
                    around.observe(.troubled(endpoint: endpoint.name, Trouble(error)))
                    try? await Task.sleep(for: backoff.next())
                    continue
                }
                if let audience, watch?.audience != audience {
                    watch?.task.cancel()
                    let (hints, signal) = (around.hints, signal)
                    watch = (audience, Task { await Self.watch(audience, hints, signal) })
                }
                // Tasks that are cancelled while they wait end with the stream.
                let timer = Task { [signal, wakeAt = wakeAt()] in
                    guard (try? await Task.sleep(until: wakeAt, clock: .continuous)) != nil else { return }
                    signal.yield(.tick)
                }
                let next = await iterator.next()
                timer.cancel()
                guard let next else { break }
                take(next)
            }
            group.cancelAll()
        }
    }

    /// Sends nothing more; the run ends when what is under way was settled.
    func stop() {
        isStopping = true
        signal.yield(.tick)
    }

    /// Runs a statement when it is this run's turn.
    private func ask<R: Sendable>(_ body: () async throws -> R) async throws -> R {
        try await around.turn.enter()
        defer { around.turn.leave() }
        return try await body()
    }

    private static func watch(
        _ audience: Audience, _ hints: ChangeHints, _ signal: AsyncStream<Signal>.Continuation
    ) async {
        await hints.withSubscription(of: audience) { subscription in
            // What came since the pull that named this audience.
            signal.yield(.hint)
            while !Task.isCancelled, !subscription.isEnded {
                await subscription.wait(atMost: .seconds(30))
                if subscription.take() != nil { signal.yield(.hint) }
            }
        }
    }

    /// What waits from before.
    private func recall() async throws {
        let keys = try await ask { try await around.store.held(endpoint, limit: around.pace.held + 1) }
        remembersAll = keys.count <= around.pace.held
        if remembersAll { for key in keys { held[key] = 0 } }
        if !keys.isEmpty { dueAt = .now }
    }

    private func take(_ signal: Signal) {
        switch signal {
        case .hint: mayPull = true
        case .tick: break
        case .done(let number, let attempt): finish(number, attempt)
        }
    }

    // MARK: what to do next

    /// Does what can be done now.
    /// - Returns: false when the endpoint is not this replica's any more.
    private func work(_ group: inout DiscardingTaskGroup) async throws -> Bool {
        while !Task.isCancelled {
            if isStopping { shelve() }
            if isGone || stragglersDone { guard try await settle() else { return false } }
            if page != nil {
                launch(&group)
                guard isPageDone else { return true }
                guard try await settle() else { return false }
                continue
            }
            if isStopping { return false }
            guard flights.count < endpoint.concurrency else { return true }
            switch breaker.verdict(.now) {
            case .wait: return true
            case .trial:
                if !flights.isEmpty { return true }
                guard try await nextPage(limit: 1, isImmediate: true) else { return true }
            case .go:
                guard try await nextPage(limit: around.pace.page, isImmediate: false) else { return true }
            }
        }
        return true
    }

    private var stragglersDone: Bool { page == nil && !finished.isEmpty }
    /// Results of stragglers.
    private var finished: [Settlement] = []

    /// When there is something to do without a signal.
    private func wakeAt() -> ContinuousClock.Instant {
        let now = ContinuousClock.now
        // Until a message under way ends.
        let never = now + .seconds(3_600)
        if page != nil {
            let oldest = flights.values.filter { !$0.isStraggling }.map(\.began).min()
            return oldest.map { max($0 + around.pace.straggler, now) } ?? never
        }
        if flights.count >= endpoint.concurrency { return never }
        switch breaker.verdict(now) {
        case .wait(let until): return max(until, now)
        case .trial where !flights.isEmpty: return never
        case .trial, .go: break
        }
        let due = dueAt.map { max($0, now) }
        // These wait for what is due.
        if endpoint.inOrder || !resync.models.isEmpty, let due { return due }
        return min(due ?? never, max(pulledAt + around.pace.look, now))
    }

    /// Reads what is to be sent next.
    /// - Returns: false when there is nothing.
    private func nextPage(limit: Int, isImmediate: Bool) async throws -> Bool {
        if let notice = resync.notice {
            // It may take longer than its page.
            if flights.values.contains(where: { $0.message.id == notice.id }) { return false }
            page = Page(pending: [notice], token: nil)
            return true
        }
        if isBehind, mayPull, !isImmediate, resync.models.isEmpty, try await readLog(limit: limit) { return true }
        // What waits comes first: it is older. In order, nothing overtakes it.
        if isImmediate || dueAt.map({ $0 <= .now }) == true {
            if try await readDue(limit: limit, isImmediate: isImmediate) { return true }
        }
        if endpoint.inOrder, dueAt != nil { return false }
        if !resync.models.isEmpty { return try await readList() }
        // Without a hint: one may have been missed.
        guard mayPull || .now - pulledAt >= around.pace.look else { return false }
        return try await readLog(limit: limit)
    }

    private func readDue(limit: Int, isImmediate: Bool) async throws -> Bool {
        var request = DeviceSync.DueRequest(
            endpoint: endpoint.id, revision: endpoint.revision, scope: endpoint.scope)
        request.companies = endpoint.companies
        request.withData = endpoint.withData
        request.fields = endpoint.fields
        request.limit = limit
        request.isImmediate = isImmediate
        request.inOrder = endpoint.inOrder
        guard let due = try await ask({ try await around.sync.due(request) }) else { throw Standing() }
        dueAt = due.next.map { .now + $0 }
        guard let text = due.events?.text else {
            if !due.isWaiting {
                held = held.filter { key, _ in flights.values.contains { $0.message.keys.contains(key) } }
                remembersAll = true
                isBehind = isBehind && mayPull
            }
            return false
        }
        if due.isWaiting, dueAt == nil { dueAt = .now }
        // The state of now may come at any moment after this page.
        if !due.isWaiting { dueAt = .now + around.pace.look }
        let events = try EventList(text).map { try DeliveredEvent(json: $0) }
        for event in events where remembersAll {
            held[RecordKey(model: event.model, recordID: event.recordID), default: 0] = event.id
        }
        try open(
            events.enumerated().map { ($1, $0 < due.attempts.count ? due.attempts[$0] : 0) }, token: nil,
            isTrial: isImmediate)
        return true
    }

    private func readLog(limit: Int) async throws -> Bool {
        var request = DeviceSync.PullRequest(device: endpoint.device)
        request.scope = endpoint.scope
        request.companies = endpoint.companies
        request.limit = isBehind ? DeviceSync.PullRequest.limits.upperBound : limit
        request.withData = endpoint.withData && !isBehind
        request.fields = endpoint.fields
        request.maximumBytes = 8 << 20
        if endpoint.batchSize > 1, !isBehind { try await Task.sleep(for: around.pace.batch) }
        (mayPull, pulledAt) = (false, .now)
        guard
            let pull = try await ask({
                try await around.sync.pull(request, for: .endpoint(endpoint.id, revision: endpoint.revision))
            })
        else {
            throw Standing()
        }
        audience = pull.audience
        guard pull.count > 0, let text = pull.events?.text else {
            mayPull = pull.hasMore
            if !pull.hasMore {
                fullPages = 0
                if remembersAll, held.isEmpty { isBehind = false }
            }
            return pull.hasMore
        }
        mayPull = pull.hasMore
        fullPages = pull.hasMore ? fullPages + 1 : 0
        if fullPages > around.pace.fullPages, pull.firstCopy == nil { isBehind = true }
        try open(try EventList(text).map { (try DeliveredEvent(json: $0), 0) }, token: pull.token, isTrial: limit == 1)
        // A first copy has every record once.
        if pull.firstCopy != nil, remembersAll { isBehind = false }
        return true
    }

    private func readList() async throws -> Bool {
        guard let model = resync.models.first else { return false }
        // A page at a time: what it gave is delivered before the next one is read.
        if dueAt != nil { return false }
        var request = DeviceSync.ListRequest(device: endpoint.device, model: model)
        request.cursor = resync.cursor
        request.limit = DeviceSync.ListRequest.limits.upperBound
        request.fields = ["id"]
        request.filters = endpoint.scope.filters.filter { $0.key == model }
        request.companies = endpoint.companies
        let list: DeviceSync.RecordPage
        do {
            guard
                let answer = try await ask({
                    try await around.sync.list(request, for: .endpoint(endpoint.id, revision: endpoint.revision))
                })
            else { throw Standing() }
            list = answer
        } catch SyncRefusal.cursorMismatch where resync.cursor != nil {
            resync.cursor = nil
            return true
        } catch AccessRefusal.modelNotReadable {
            resync.models.removeFirst()
            resync.cursor = nil
            return true
        }
        let now = Timestamp.now.iso8601
        let records = try EventList(list.records.text ?? "[]").map { text in
            DeliveredEvent(
                id: 0, model: model.rawValue, recordID: try ListedRecord.id(text), kind: "create", occurredAt: now,
                reason: "copy")
        }
        let settled = records.map { Settlement($0, .waits) }
        guard try await ask({ try await around.store.settle(endpoint, settled, log: []) }) != nil else {
            throw Standing()
        }
        hold(settled)
        resync.cursor = list.nextCursor
        if list.isComplete {
            resync.models.removeFirst()
            resync.cursor = nil
            mayPull = true
        }
        return true
    }

    /// Opens a page: what the receiver does not want, or what has to wait for an earlier message, is settled already.
    private func open(
        _ events: [(event: DeliveredEvent, attempts: Int)], token: String?, isTrial: Bool
    ) throws {
        var page = Page(pending: [], token: token)
        var wanted: [(event: DeliveredEvent, attempts: Int)] = []
        let flying = Set(flights.values.flatMap(\.message.keys))
        for entry in events {
            let key = RecordKey(model: entry.event.model, recordID: entry.event.recordID)
            if !endpoint.kinds.contains(entry.event.kind) {
                page.settled.append(Settlement(entry.event, .accepted))
            } else if token != nil, isBehind || held[key] != nil || flying.contains(key) {
                var settlement = Settlement(entry.event, .waits)
                if flying.contains(key) { settlement.dueIn = around.pace.abandoned.seconds }
                page.settled.append(settlement)
            } else {
                wanted.append(entry)
            }
        }
        page.pending = Deque(try DeliveryMessage.messages(wanted, to: endpoint))
        if isTrial {
            page.pending = Deque(
                page.pending.map {
                    var message = $0; message.isTrial = true; return message
                })
        }
        self.page = page
    }

    // MARK: messages under way

    private func launch(_ group: inout DiscardingTaskGroup) {
        while page?.pending.isEmpty == false, flights.count < endpoint.concurrency {
            switch breaker.admit(.now) {
            case .go: break
            case .trial where flights.isEmpty: break
            case .trial, .wait:
                // The receiver does not work: the rest waits.
                shelve()
                return
            }
            guard let message = page?.pending.popFirst() else { return }
            nextFlight += 1
            let number = nextFlight
            flights[number] = Flight(message: message, began: .now)
            let (send, signal) = (around.send, signal)
            group.addTask { signal.yield(.done(number, await send(message))) }
        }
    }

    /// What was not sent yet waits in the queue.
    private func shelve() {
        while let message = page?.pending.popFirst() {
            page?.settled += message.events.map { event in
                var settlement = Settlement(event, .waits)
                settlement.attempts = message.attempts
                return settlement
            }
        }
    }

    private func finish(_ number: Int, _ attempt: DeliveryAttempt) {
        guard let flight = flights.removeValue(forKey: number) else { return }
        let message = flight.message
        let now = ContinuousClock.now
        let wasOpen = breaker.isOpen
        if attempt.failure == nil { breaker.succeed(now) } else { breaker.fail(now) }
        if case .failed(_, true) = attempt.outcome { breaker.throttle(now, retryAfter: attempt.retryAfter) }
        if wasOpen, !breaker.isOpen { (needsWake, isBehind, mayPull) = (true, true, true) }
        around.observe(
            .attempted(endpoint: endpoint.name, attempt.failure, attempt.duration, events: message.events.count))
        note(attempt, message)
        if case .gone = attempt.outcome { isGone = true }
        if message.events.isEmpty {
            if attempt.failure == nil { resync.notice = nil }
            return
        }
        let settled = message.events.map { settlement(of: $0, attempt, message) }
        if flight.isStraggling || page == nil { finished += settled } else { page?.settled += settled }
        // In order: nothing behind a failure is sent before it.
        if endpoint.inOrder, attempt.failure != nil {
            shelve()
        }
    }

    private var needsWake = false

    private func settlement(of event: DeliveredEvent, _ attempt: DeliveryAttempt, _ message: DeliveryMessage)
        -> Settlement
    {
        guard let failure = attempt.failure else { return Settlement(event, .accepted) }
        // While the receiver fails as a whole, attempts say nothing about this message.
        let attempts = message.isTrial && breaker.isOpen ? message.attempts : message.attempts + 1
        var delay = around.schedule.delay(afterAttempt: attempts, fraction: Double.random(in: 0...1))
        if message.isTrial, breaker.isOpen { delay = around.pace.trial }
        if let asked = attempt.retryAfter { delay = max(delay ?? .zero, asked) }
        var settlement = Settlement(event, delay == nil ? .dead : .failed)
        settlement.attempts = attempts
        settlement.dueIn = delay?.seconds ?? 0
        settlement.status = attempt.status
        settlement.error = failure
        if delay == nil { around.observe(.dead(endpoint: endpoint.name, model: event.model, recordID: event.recordID)) }
        return settlement
    }

    private func note(_ attempt: DeliveryAttempt, _ message: DeliveryMessage) {
        lastFailure = attempt.failure ?? lastFailure
        if attempt.failure == nil {
            if let sampledAt, .now - sampledAt < around.pace.sample { return }
            sampledAt = .now
        }
        guard log.count < 200 else { return }
        let first = message.events.count == 1 ? message.events.first : nil
        log.append(
            AttemptRecord(
                messageID: message.id, model: first?.model, recordID: first?.recordID, events: message.events.count,
                attempt: message.attempts + 1, milliseconds: Int(attempt.duration / .milliseconds(1)),
                status: attempt.status, error: attempt.failure, answer: attempt.answer))
    }

    // MARK: settling

    private var isPageDone: Bool {
        guard let page, page.pending.isEmpty else { return false }
        let late = ContinuousClock.now - around.pace.straggler
        return flights.values.allSatisfy { $0.isStraggling || $0.began <= late }
    }

    /// Settles the page, and stragglers that have ended.
    private func settle() async throws -> Bool {
        var sent = finished + (page?.settled ?? [])
        if page != nil {
            for (number, flight) in flights where !flight.isStraggling {
                flights[number]?.isStraggling = true
                sent += flight.message.events.map { event in
                    var settlement = Settlement(event, .waits)
                    settlement.attempts = flight.message.attempts
                    settlement.dueIn = around.pace.abandoned.seconds
                    return settlement
                }
            }
        }
        let isActive = try await ask {
            try await around.store.settle(
                endpoint, sent, log: log, token: page?.token, failure: lastFailure, isGone: isGone)
        }
        (finished, log, lastFailure, page) = ([], [], nil, nil)
        guard let isActive else { return false }
        hold(sent)
        if needsWake {
            needsWake = false
            try await ask { try await around.store.wake(endpoint) }
            if !held.isEmpty || !remembersAll { dueAt = .now }
        }
        if isGone || !isActive { around.observe(.disabled(endpoint: endpoint.name)) }
        return isActive
    }

    private func hold(_ sent: [Settlement]) {
        for settlement in sent {
            switch settlement.outcome {
            case .accepted, .dead:
                if let newest = held[settlement.key], newest <= settlement.eventID { held[settlement.key] = nil }
            case .failed, .waits:
                if remembersAll { held[settlement.key] = max(held[settlement.key] ?? 0, settlement.eventID) }
                let due = ContinuousClock.now + .seconds(settlement.dueIn)
                dueAt = min(dueAt ?? due, due)
            }
        }
        if held.count > around.pace.held { (remembersAll, isBehind, held) = (false, true, [:]) }
        if held.isEmpty, remembersAll {
            dueAt = nil
            if !mayPull { isBehind = false }
        }
    }

    // MARK: refusals

    /// Nothing may be delivered to the endpoint.
    private struct Standing: Error {}

    /// What a refusal of the database means for the endpoint.
    /// - Returns: false when it ends this run.
    private func accept(_ refusal: SyncRefusal) async -> Bool {
        page = nil
        switch refusal {
        case .resync(let due):
            resync.notice = DeliveryMessage(
                id: "msg_\(endpoint.feed)_\(endpoint.id)_resync_\(Timestamp.now.microseconds)", events: [], attempts: 0,
                body: WebhookMessage.resync(
                    models: due.models, code: due.code, mode: due.mode, timestamp: Timestamp.now.iso8601
                ).body)
            resync.models = Deque(due.models.compactMap { ModelName($0) })
            resync.cursor = nil
            around.observe(.resynced(endpoint: endpoint.name, models: due.models))
            return true
        case .appTypeUnknown: await pause("its app type does not exist")
        case .modelNotInAppType: await pause("a model is not in its app type")
        default:
            around.observe(.troubled(endpoint: endpoint.name, Trouble(.other, "the database refused a pull")))
        }
        return false
    }

    private func accept(_ refusal: AccessRefusal) async -> Bool {
        page = nil
        switch refusal {
        case .modelNotReadable: await pause("its user may not read one of its models")
        case .fieldUnknown: await pause("its user may not see one of its fields")
        case .filterInvalid(_, let why): await pause("its filter is not valid: \(why)")
        case .companyNotAllowed: await pause("its user has no access to one of its companies")
        case .rulesNotCompiled, .ruleFailed, .tableNotReadable:
            // Until that is mended: changefeed verify tells how.
            mayPull = true
            dueAt = dueAt.map { _ in .now }
            around.observe(.troubled(endpoint: endpoint.name, Trouble(.other, "record rules cannot be applied")))
            return true
        }
        return false
    }

    /// The caller of a statement was nobody: finds out why.
    private func explain() async {
        let standing: String?
        // If the database does not answer, the next run asks.
        do { standing = try await around.store.standing(endpoint) } catch { return }
        switch standing {
        case nil: await pause("portal users are not allowed")
        case let standing?: if let reason = Self.reason(standing) { await pause(reason) }
        }
    }

    private static func reason(_ standing: String) -> String? {
        switch standing {
        case "user_inactive": "its user is archived or does not exist"
        case "api_key_revoked": "the API key with which it was created is revoked"
        default: nil
        }
    }

    /// - Parameter reason: unless nothing may be delivered at all, for a better one.
    private func pause(_ reason: String) async {
        let standing = (try? await around.store.standing(endpoint)) ?? nil
        let reason = standing.flatMap(Self.reason) ?? reason
        around.observe(.paused(endpoint: endpoint.name, reason: reason))
        try? await around.store.pause(endpoint, because: reason)
    }
}
