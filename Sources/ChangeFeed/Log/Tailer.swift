public import Postgres
public import ServiceLifecycle
internal import Synchronization

/// Follows the event log and passes every committed change to `deliver`, in the order in which it became visible.
///
/// All replicas read the log themselves; the leader (a session advisory lock) also owns the doorbell and wakes the
/// others with its own NOTIFY. The tailer reconnects for ever and continues where it was.
public final class Tailer: Service, FeedHealth {
    /// Settings of a tailer.
    public struct Configuration: Sendable {
        /// The session that listens and holds locks: a direct connection, not a transaction pooler.
        public var connection: ConnectionConfiguration
        /// May take the doorbell. A terminal that follows along should not.
        public var mayLead = true
        public var timing = Doorbell.Timing()
        /// How often a follower reads the log and tries for a vacant lead.
        public var followerPoll: Duration = .seconds(5)
        /// How often a replica rings itself through the real path: including the wait for the ring, a deaf listener
        /// must be detected in less than half a minute.
        public var heartbeat: Duration = .seconds(20)
        /// How long the leader waits for its own ring.
        public var heartbeatPatience: Duration = .seconds(2)
        /// Answers that are valid as long as the tailer receives no contrary change.
        public var memory: IdleAnswers?
        /// Whether `run` ends with this error instead of retrying. By default it never does.
        public var givesUp: @Sendable (any Error) -> Bool = { _ in false }

        public init(connection: ConnectionConfiguration) {
            self.connection = connection
        }
    }

    private struct State {
        var report = FeedHealthReport(
            databaseReachable: false, ready: false, reason: "the service is starting",
            publicReason: "The service is starting.",
            role: .starting)
        var caughtUpAt: ContinuousClock.Instant?
        /// Holding the doorbell's lock with nothing unread: a change would ring.
        var isAsleep = false
        var counters = Counters()
        /// Why the database is left alone, while it is.
        var aside: (reason: String, publicReason: String)?
        /// What to close when standing aside.
        var connection: Connection?
    }

    /// Counts since the start of the process.
    public struct Counters: Sendable, Equatable {
        public var deliveredRows = 0
        public var deliveredEvents = 0
        public var bellsMissed = 0
        public var reconnects = 0
    }

    private let configuration: Configuration
    private let deliver: @Sendable (ChangeBatch) async throws -> Void
    private let observe: @Sendable (FeedObservation) -> Void
    private let state = Mutex(State())

    /// - Parameters:
    ///   - deliver: takes each batch; the tailer waits for it (backpressure).
    ///   - observe: receives the tailer's observations.
    public init(
        _ configuration: Configuration, observe: @escaping @Sendable (FeedObservation) -> Void = { _ in },
        deliver: @escaping @Sendable (ChangeBatch) async throws -> Void
    ) {
        self.configuration = configuration
        self.observe = observe
        self.deliver = deliver
    }

    public func health() async -> FeedHealthReport {
        state.withLock { state in
            var report = state.report
            report.lag = state.isAsleep ? .zero : state.caughtUpAt.map { .now - $0 }
            return report
        }
    }

    public var counters: Counters { state.withLock { $0.counters } }

    /// Runs until the task is cancelled or the service shuts down.
    /// - Throws: what `Configuration.givesUp` names.
    public func run() async throws {
        try await cancelWhenGracefulShutdown { try await self.follow() }
    }

    private func follow() async throws {
        var reader: LogReader?
        var epoch: Int?
        // Clients that wait for the service after an outage wait for this.
        var backoff = Backoff(maximum: .seconds(2))
        while !Task.isCancelled {
            if let (reason, publicReason) = state.withLock({ $0.aside }) {
                isAway(reason, publicReason, epoch: epoch)
                try? await Task.sleep(for: .milliseconds(100))
                continue
            }
            do {
                let session = try await TailerSession.open(configuration)
                configuration.memory?.forgetAll()
                do {
                    try keepAtHand(session.connection)
                    if let epoch, epoch != session.identity.epoch { reader = nil }
                    epoch = session.identity.epoch
                    if session.identity.changed {
                        observe(.epochRaised(to: session.identity.epoch, reason: session.identity.reason ?? "unknown"))
                    }
                    let start =
                        if let reader { reader } else { try await LogReader(startingNowOn: session.connection) }
                    reader = start
                    isThere(epoch: session.identity.epoch)
                    observe(.listening(backendPID: session.connection.backendPID, epoch: session.identity.epoch))
                    let opened = ContinuousClock.now
                    defer { backoff.lasted(.now - opened) }
                    try await session.run(reader: start, tailer: self)
                } catch {
                    configuration.memory?.forgetAll()
                    if let position = session.lastReader { reader = position }
                    sleeps(false)
                    state.withLock { $0.connection = nil }
                    await session.close()
                    throw error
                }
                await session.close()
            } catch {
                if Task.isCancelled { break }
                if state.withLock({ $0.aside != nil }) { continue }
                if configuration.givesUp(error) { throw error }
                let pause = backoff.next()
                let reason = Self.reason(error)
                isAway(reason, Self.publicReason(error), epoch: epoch, databaseReachable: error is ChangeFeedError)
                state.withLock { $0.counters.reconnects += 1 }
                observe(.waiting(reason: reason, retryAfter: pause))
                try? await Task.sleep(for: pause)
            }
        }
    }

    /// Reports that there is a session.
    private func isThere(epoch: Int) {
        update { report in
            report = FeedHealthReport(
                databaseReachable: true, ready: true, role: .follower, epoch: epoch, delivery: report.delivery)
        }
    }

    /// Reports that there is none.
    private func isAway(_ reason: String, _ publicReason: String, epoch: Int?, databaseReachable: Bool = false) {
        update { report in
            report = FeedHealthReport(
                databaseReachable: databaseReachable, ready: false, reason: reason, publicReason: publicReason,
                role: .starting, epoch: epoch, delivery: report.delivery)
        }
    }

    // MARK: standing aside

    /// Disconnects from the database until `comeBack()`.
    func standAside() async {
        configuration.memory?.forgetAll()
        let connection = state.withLock { state in
            state.aside = (
                "the database is being copied, renamed or dropped", "The database is being copied, renamed or dropped."
            )
            return state.connection.take()
        }
        await connection?.close()
    }

    /// Updates the reason for standing aside.
    func staysAside(_ error: any Error) {
        state.withLock { if $0.aside != nil { $0.aside = (Self.reason(error), Self.publicReason(error)) } }
    }

    func comeBack() { state.withLock { $0.aside = nil } }

    private func keepAtHand(_ connection: Connection) throws {
        try state.withLock { state in
            guard state.aside == nil else { throw PostgresError(.stoodAside, "the database is left alone") }
            state.connection = connection
        }
    }

    // MARK: reports of a session

    /// Whether the database may push; reported when it has changed.
    func delivers(_ delivery: DeliveryState) {
        let isNew = state.withLock { state in
            defer { state.report.delivery = delivery }
            return state.report.delivery != delivery
        }
        if isNew { observe(.delivery(delivery)) }
    }

    func delivered(_ batch: ChangeBatch) async throws {
        configuration.memory?.note(batch)
        try await deliver(batch)
        let events = batch.entries.reduce(0) { $0 + $1.recordIDs.count }
        state.withLock { state in
            state.counters.deliveredRows += batch.entries.count
            state.counters.deliveredEvents += events
        }
        observe(.delivered(rows: batch.entries.count, events: events))
    }

    func caughtUp() {
        state.withLock { $0.caughtUpAt = .now }
    }

    func leads(_ leading: Bool) {
        update { $0.role = leading ? .leader : .follower }
        observe(.leading(leading))
    }

    /// Between going to sleep and waking up nothing is unread, however long it takes.
    func sleeps(_ asleep: Bool) {
        state.withLock { $0.isAsleep = asleep }
        if asleep { observe(.asleep) }
    }

    func noticed(_ observation: FeedObservation) {
        if observation == .bellMissed { state.withLock { $0.counters.bellsMissed += 1 } }
        observe(observation)
    }

    private func update(_ change: (inout FeedHealthReport) -> Void) {
        state.withLock { change(&$0.report) }
    }

    /// Text for the public: libpq's errors name host, port, role and database.
    private static func publicReason(_ error: any Error) -> String {
        guard let error = error as? PostgresError else {
            return (error as? ChangeFeedError)?.description ?? "The feed does not run."
        }
        return switch (error.code, error.sqlState ?? "") {
        case (_, let state) where state.hasPrefix("28") || state == "42501": "The database refuses the service's login."
        case (_, "3D000"): "The database that the service follows does not exist."
        case (.server, _): "The database refuses a statement of the feed."
        default: "The database cannot be reached."
        }
    }

    /// Plain text for a failure; the driver's own text contains no arguments and no password.
    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as PostgresError: error.description
        case let error as ChangeFeedError: error.description
        default: "the tailer failed (\(type(of: error)))"
        }
    }
}
