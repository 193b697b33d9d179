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
        let observe: @Sendable (DeliveryObservation) -> Void
        let sink: any MessageSink
        /// Tells which changes concern the endpoint.
        let gate: DeliveryGate
        /// Runs of all endpoints take turns at the database, so that requests find connections.
        let turn: DeliveryTurn
        /// Whether this replica certainly holds the endpoint's lease now.
        var isHeld: @Sendable () -> Bool = { true }
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
        /// A receiver that is quick gets larger ones: as many as it accepts in this time.
        var span: Duration = .milliseconds(500)
        /// Pages in a row that leave more, before the log is moved to the queue, where changes of a record become one.
        var fullPages = 4
        /// Those pages were as large as they can be, or their first event is older than this: the receiver is slower than
        /// the changes.
        var behind: Duration = .seconds(30)
        /// Waiting records that are remembered; with more, all changes pass through the queue.
        var held = 10_000
        /// Successes between two that are recorded.
        var sample: Duration = .milliseconds(200)
    }

    enum Signal: Sendable {
        case done(Int, DeliveryAttempt)
        case hint
        case tick
    }

    struct Flight {
        let message: DeliveryMessage
        var began = ContinuousClock.now
        /// The page was settled without it.
        var isStraggling = false
    }

    struct Page {
        var pending: Deque<DeliveryMessage>
        var settled: [Settlement] = []
        /// Of the pull; nil for records that waited.
        let token: String?
        /// How many events of it are sent, and since when.
        var size = 0
        var began = ContinuousClock.now
    }

    let endpoint: Endpoint
    let around: Surroundings
    let mailbox = Mailbox<Signal>()
    var breaker: CircuitBreaker
    var flights: [Int: Flight] = [:]
    var nextFlight = 0
    /// Of the page, and when the newest of them was sent.
    var unsettledFlights = 0
    var launchedAt = ContinuousClock.now
    var page: Page?
    /// How many events the next page of the log may have.
    var pageLimit: Int
    /// The endpoint's filters, compiled, and until when they are used.
    var filters: (prepared: DeviceSync.PreparedFilters, until: ContinuousClock.Instant)?
    /// They were compiled for an earlier statement.
    var reusesFilters = false
    /// Pulls in a row that found nothing.
    var misses = 0
    /// The last pull left more: a batch need not wait for it.
    var leavesMore = false
    /// The queue may have rows of the endpoint: then each accepted event is compared with them.
    var mayBeQueued = true
    var log: [AttemptRecord] = []
    var sampledAt: ContinuousClock.Instant?
    var lastFailure: String?
    var isGone = false
    /// Records in the queue, with the newest event that is known of them.
    var held: [RecordKey: Int64] = [:]
    /// `held` has all that wait.
    var remembersAll = true
    /// Changes go to the queue first, where those of a record become one: at the beginning, after an outage, far behind,
    /// or when more records wait than are remembered.
    var isBehind = true
    var fullPages = 0
    var mayPull = true
    var pulledAt = ContinuousClock.now
    /// When records of the queue may be due.
    var dueAt: ContinuousClock.Instant?
    var audience: Audience?
    var listensWith: DeviceSync.PreparedFilters?
    var resync = Resync()
    var isStopping = false
    var told: Trouble?
    /// Results of stragglers.
    var finished: [Settlement] = []
    /// The receiver works again: what waits because of it need not wait longer.
    var needsWake = false
    /// The queue was not looked at yet.
    var isFirst = true

    /// What follows a round of work.
    enum Next {
        /// The next signal.
        case signal
        /// Another round now, or after a pause.
        case again, later
        /// Nothing: the run ends.
        case end
    }

    /// Another replica has the endpoint.
    struct Lost: Error {}
    /// Another replica may have it.
    struct Doubt: Error {}

    /// Lists that are due after a resync.
    struct Resync {
        var notice: DeliveryMessage?
        var models: Deque<ModelName> = []
        var cursor: String?
    }

    init(_ endpoint: Endpoint, _ around: Surroundings) {
        self.endpoint = endpoint
        self.around = around
        breaker = CircuitBreaker(trialPause: around.pace.trial)
        pageLimit = around.pace.page
    }

    /// Ends when the task is cancelled, the lease is lost, or the endpoint is not active any more.
    func run() async {
        await withDiscardingTaskGroup { group in
            let patient = Backoff(initial: .seconds(1), maximum: .seconds(30), jitter: 0.2)
            var backoff = patient
            var alarm: (at: ContinuousClock.Instant, task: Task<Void, Never>)?
            defer {
                alarm?.task.cancel()
                around.gate.leave(endpoint.id)
            }
            while !Task.isCancelled {
                switch await advance(&group) {
                case .end:
                    group.cancelAll()
                    return
                case .again: continue
                case .later:
                    try? await Task.sleep(for: backoff.next())
                    continue
                case .signal: backoff = patient
                }
                let at = wakeAt()
                if alarm.map({ at < $0.at }) ?? true {
                    alarm?.task.cancel()
                    let task = Task { [mailbox] in
                        guard (try? await Task.sleep(until: at, clock: .continuous)) != nil else { return }
                        mailbox.send(.tick)
                    }
                    alarm = (at, task)
                }
                let signals = await mailbox.take()
                if let due = alarm?.at, due <= .now { alarm = nil }
                for signal in signals { take(signal) }
            }
            group.cancelAll()
        }
    }

    /// A round of work, and what refusals and troubles ask for.
    func advance(_ group: inout DiscardingTaskGroup) async -> Next {
        do {
            if isFirst {
                try await recall()
                isFirst = false
            }
            guard try await work(&group) else { return .end }
            told = nil
            return .signal
        } catch is Lost {
            return .end
        } catch is Standing {
            await explain()
            return .end
        } catch let refusal as SyncRefusal {
            return await accept(refusal) ? .again : .end
        } catch let refusal as AccessRefusal {
            return await accept(refusal) ? .later : .end
        } catch {
            // The page is pulled again: nothing of it was settled.
            page = nil
            mayPull = true
            dueAt = .now
            if !(error is Doubt) { tell(Trouble(error)) }
            return .later
        }
    }

    /// A lasting trouble is told once.
    func tell(_ trouble: Trouble) {
        if trouble != told { around.observe(.troubled(endpoint: endpoint.name, trouble)) }
        told = trouble
    }

    /// Sends nothing more; the run ends when what is under way was settled.
    func stop() {
        isStopping = true
        mailbox.send(.tick)
    }

    /// Runs a statement that reads Odoo's tables when it is this run's turn.
    /// - Parameter what: which one; each needs other tables.
    func read<R: Sendable>(_ what: String, _ body: () async throws -> R) async throws -> R {
        try await around.turn.read("endpoint \(endpoint.id) \(what)", body)
    }

    /// What waits from before.
    func recall() async throws {
        let keys = try await around.turn.take { try await around.store.held(endpoint, limit: around.pace.held + 1) }
        remembersAll = keys.count <= around.pace.held
        if remembersAll { for key in keys { held[key] = 0 } }
        if !keys.isEmpty { dueAt = .now }
    }

    func take(_ signal: Signal) {
        switch signal {
        case .hint: mayPull = true
        case .tick: break
        case .done(let number, let attempt): finish(number, attempt)
        }
    }

    // MARK: what to do next

    /// Does what can be done now.
    /// - Returns: false when the endpoint is not this replica's any more.
    func work(_ group: inout DiscardingTaskGroup) async throws -> Bool {
        while !Task.isCancelled {
            if isStopping { shelve() }
            if isGone || stragglersDone { guard try await settle() else { return false } }
            if page != nil {
                // What another replica has sent meanwhile must not be followed by what it was before.
                if page?.pending.isEmpty == false, !around.isHeld() { throw Doubt() }
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
                guard try await nextPage(limit: pageLimit, isImmediate: false) else { return true }
            }
        }
        return true
    }

    var stragglersDone: Bool { page == nil && !finished.isEmpty }

    /// When there is something to do without a signal.
    func wakeAt() -> ContinuousClock.Instant {
        let now = ContinuousClock.now
        // Until a message under way ends.
        let never = now + .seconds(3_600)
        if let page {
            // Messages that were not sent yet wait for those under way, which end by themselves.
            return page.pending.isEmpty ? max(launchedAt + around.pace.straggler, now) : never
        }
        if flights.count >= endpoint.concurrency || resync.notice != nil && !flights.isEmpty { return never }
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
}
