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
        /// Pages in a row that leave more, before the log is moved to the queue, where changes of a record become one.
        var fullPages = 4
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
        let began: ContinuousClock.Instant
        /// The page was settled without it.
        var isStraggling = false
    }

    struct Page {
        var pending: Deque<DeliveryMessage>
        var settled: [Settlement] = []
        /// Of the pull; nil for records that waited.
        let token: String?
    }

    let endpoint: Endpoint
    let around: Surroundings
    let signals: AsyncStream<Signal>
    let signal: AsyncStream<Signal>.Continuation
    var breaker: CircuitBreaker
    var flights: [Int: Flight] = [:]
    var nextFlight = 0
    var page: Page?
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
        (signals, signal) = AsyncStream.makeStream()
    }

    /// Ends when the task is cancelled, the lease is lost, or the endpoint is not active any more.
    func run() async {
        await withDiscardingTaskGroup { group in
            let patient = Backoff(initial: .seconds(1), maximum: .seconds(30), jitter: 0.2)
            var backoff = patient
            var iterator = signals.makeAsyncIterator()
            var watch: (audience: Audience, task: Task<Void, Never>)?
            defer { watch?.task.cancel() }
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
        signal.yield(.tick)
    }

    /// Runs a statement when it is this run's turn.
    func ask<R: Sendable>(_ body: () async throws -> R) async throws -> R {
        try await around.turn.enter()
        defer { around.turn.leave() }
        return try await body()
    }

    static func watch(
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
    func recall() async throws {
        let keys = try await ask { try await around.store.held(endpoint, limit: around.pace.held + 1) }
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
            if let page {
                // What another replica has sent meanwhile must not be followed by what it was before.
                if !page.pending.isEmpty, !around.isHeld() { throw Doubt() }
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

    var stragglersDone: Bool { page == nil && !finished.isEmpty }

    /// When there is something to do without a signal.
    func wakeAt() -> ContinuousClock.Instant {
        let now = ContinuousClock.now
        // Until a message under way ends.
        let never = now + .seconds(3_600)
        if page != nil {
            let oldest = flights.values.filter { !$0.isStraggling }.map(\.began).min()
            return oldest.map { max($0 + around.pace.straggler, now) } ?? never
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
