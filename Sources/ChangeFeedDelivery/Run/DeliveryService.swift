public import ChangeFeed
internal import FoundationEssentials
public import Postgres
public import ServiceLifecycle
internal import Synchronization

/// Delivers changes to endpoints: one run for each endpoint that this replica holds.
public final class DeliveryService: Service {
    public struct Configuration: Sendable {
        /// Names of hosts and addresses to which messages may be sent.
        public var addresses = AddressPolicy()
        /// Schemes and ports of URLs.
        public var urls = WebhookURL.Rules()
        /// Decrypts the endpoints' secrets; nil: only streams without credentials get anything.
        public var box: SecretBox?
        /// Of requests.
        public var userAgent = "odoo-changefeed"
        /// How long a replica holds an endpoint without renewing: after a crash another takes over behind that.
        public var lease: Duration = .seconds(10)
        /// How many connections of the pool runs may use at the same time.
        public var connections = 3
        /// Between two looks at the endpoints.
        public var look: Duration = .seconds(2)

        public init() {}
    }

    private let configuration: Configuration
    private let store: EndpointStore
    private let sync: DeviceSync
    private let hints: ChangeHints
    private let observe: @Sendable (DeliveryObservation) -> Void
    private let resolve: @Sendable (String) async -> [Address]
    private let pace: EndpointRun.Pace
    private let schedule: RetrySchedule
    private let limits: WebhookClient.Limits

    /// - Parameters:
    ///   - sync: with the same rights for portal users as requests have.
    ///   - locks: those of the requests, where there are any.
    public convenience init(
        _ configuration: Configuration, pool: ConnectionPool, sync: DeviceSync, hints: ChangeHints,
        locks: TableLocks? = nil, observe: @escaping @Sendable (DeliveryObservation) -> Void = { _ in }
    ) {
        self.init(
            configuration, pool: pool, sync: sync, hints: hints, locks: locks, observe: observe,
            resolve: { await NameResolver.addresses(of: $0) })
    }

    init(
        _ configuration: Configuration, pool: ConnectionPool, sync: DeviceSync, hints: ChangeHints,
        locks: TableLocks? = nil, observe: @escaping @Sendable (DeliveryObservation) -> Void,
        resolve: @escaping @Sendable (String) async -> [Address], pace: EndpointRun.Pace = EndpointRun.Pace(),
        schedule: RetrySchedule = .standard, limits: WebhookClient.Limits = WebhookClient.Limits()
    ) {
        self.configuration = configuration
        store = EndpointStore(pool: pool, owner: UUID().uuidString.lowercased())
        self.sync = sync
        turn = DeliveryTurn(permits: configuration.connections, locks: locks ?? TableLocks(pool: pool))
        gate = DeliveryGate(sync: sync, turn: turn)
        self.hints = hints
        self.observe = observe
        self.resolve = resolve
        self.pace = pace
        self.schedule = schedule
        self.limits = limits
    }

    /// Runs until the task is cancelled or the service shuts down; then gives the endpoints back.
    public func run() async throws {
        let following = hints.follow { [gate] in gate.note($0) }
        defer { hints.unfollow(following) }
        await cancelWhenGracefulShutdown { await self.watch() }
        // What is under way is sent again by the next replica, with the same ids.
        await Task { try? await store.release() }.value
    }

    private struct Running {
        /// Of this run.
        let number: Int
        let endpoint: Endpoint
        let run: EndpointRun
        let task: Task<Void, Never>

        /// It settles what it can. Other endpoints' leases do not wait for one that cannot.
        func end() async {
            await run.stop()
            let late = Task {
                guard (try? await Task.sleep(for: .seconds(2))) != nil else { return }
                task.cancel()
            }
            await task.value
            late.cancel()
        }
    }

    /// Runs that have ended, and the number of the newest.
    private let runs = Mutex((ended: Set<Int>(), newest: 0))
    private let turn: DeliveryTurn
    private let gate: DeliveryGate

    /// Until when each lease certainly is this replica's. The clock goes on while the process is stopped.
    private let heldUntil = Mutex<[Int64: ContinuousClock.Instant]>([:])

    private func isHeld(_ endpoint: Int64) -> Bool { heldUntil.withLock { $0[endpoint].map { .now < $0 } ?? false } }

    /// Endpoints whose run has ended since the last look. Until then no other begins for the endpoint.
    private let ended = Mutex<Set<Int64>>([])
    /// How long a look waits for runs that end. Leases must be renewed meanwhile.
    private var endPatience: Duration { configuration.lease / 4 }

    /// Ends runs beside the others.
    /// - Parameter isLost: another replica may have delivered to its endpoint: what it was about to send may be out of date.
    private func end(_ run: Running, isLost: Bool) -> Task<Void, Never> {
        if isLost { run.task.cancel() }
        return Task {
            if isLost { await run.task.value } else { await run.end() }
            _ = ended.withLock { $0.insert(run.endpoint.id) }
        }
    }

    /// Ends runs whose leases are not certainly this replica's any more.
    private func endLost(_ running: inout [Int64: Running], _ ending: inout [Int64: Task<Void, Never>]) {
        for (id, run) in running where !isHeld(id) {
            running[id] = nil
            ending[id] = end(run, isLost: true)
            observe(.owned(endpoint: run.endpoint.name, false))
        }
    }

    /// Forgets runs that have ended; waits a while for those that have not.
    private func gather(_ ending: inout [Int64: Task<Void, Never>]) async {
        let deadline = ContinuousClock.now + endPatience
        while true {
            let over = ended.withLock { ended in
                defer { ended = [] }
                return ended
            }
            for id in over { ending[id] = nil }
            if ending.isEmpty || .now >= deadline || Task.isCancelled { return }
            try? await Task.sleep(for: .milliseconds(10))
        }
    }

    private func watch() async {
        var running: [Int64: Running] = [:]
        var ending: [Int64: Task<Void, Never>] = [:]
        /// As the last look at the leases found them.
        var known: [Int64: Endpoint] = [:]
        /// A lasting trouble is told once.
        var told: Trouble?
        var unusable: [Int64: Int64] = [:]
        while !Task.isCancelled {
            do {
                let began = ContinuousClock.now
                let leases = try await store.lease(
                    seconds: configuration.lease.seconds, known: known.mapValues(\.revision))
                told = nil
                // Also where the lease is this replica's again.
                endLost(&running, &ending)
                heldUntil.withLock { held in
                    held = Dictionary(leases.map { ($0.id, began + $0.heldFor) }, uniquingKeysWith: { $1 })
                }
                for lease in leases { known[lease.id] = lease.endpoint ?? known[lease.id] }
                let present = Dictionary(leases.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
                known = known.filter { present[$0.key] != nil }
                // With one secret less: its settings are the same.
                for lease in leases where !lease.signsTwice { known[lease.id]?.dropFormerSecret() }
                let over = runs.withLock { runs in
                    defer { runs.ended = [] }
                    return runs.ended
                }
                for (id, run) in running where known[id] != run.endpoint || over.contains(run.number) {
                    running[id] = nil
                    ending[id] = end(run, isLost: false)
                    if present[id] == nil { observe(.owned(endpoint: run.endpoint.name, false)) }
                }
                await gather(&ending)
                for endpoint in leases.compactMap({ known[$0.id] })
                where running[endpoint.id] == nil && ending[endpoint.id] == nil
                    && unusable[endpoint.id] != endpoint.revision
                {
                    do throws(WebhookError) {
                        running[endpoint.id] = start(endpoint, try sink(for: endpoint))
                        observe(.owned(endpoint: endpoint.name, true))
                    } catch {
                        unusable[endpoint.id] = endpoint.revision
                        observe(.unusable(endpoint: endpoint.name, reason: error.message))
                    }
                }
            } catch {
                if Task.isCancelled { break }
                let trouble = Trouble(error)
                if trouble != told { observe(.troubled(endpoint: nil, trouble)) }
                told = trouble
                endLost(&running, &ending)
            }
            try? await Task.sleep(for: configuration.look)
        }
        for (id, run) in running { ending[id] = end(run, isLost: false) }
        for task in ending.values { await task.value }
    }

    /// Where its messages go.
    private func sink(for endpoint: Endpoint) throws(WebhookError) -> any MessageSink {
        guard endpoint.kind == .webhook else {
            let credentials = try endpoint.secrets.first.map { sealed throws(WebhookError) in
                try StreamCredentials(try configuration.open(sealed, of: endpoint.name, key: endpoint.secretKey))
            }
            return try Self.streamSink(
                to: endpoint.url, kind: endpoint.kind, credentials: credentials, origin: endpoint.origin, configuration)
        }
        var secrets: [WebhookSecret] = []
        for sealed in endpoint.secrets {
            secrets.append(
                try WebhookSecret(try configuration.open(sealed, of: endpoint.name, key: endpoint.secretKey)))
        }
        let url = try WebhookURL(endpoint.url, rules: configuration.urls)
        return WebhookSink(
            client: WebhookClient(
                url, policy: configuration.addresses, userAgent: configuration.userAgent,
                connections: endpoint.concurrency, limits: limits, resolve: resolve),
            secrets: secrets)
    }

    static func streamSink(
        to url: String, kind: EndpointKind, credentials: StreamCredentials?, origin: StreamOrigin,
        _ configuration: Configuration
    ) throws(WebhookError) -> any MessageSink {
        let url = try StreamURL(url)
        guard url.kind == kind else {
            throw WebhookError(.urlInvalid, "its URL does not fit its kind \(kind.rawValue)")
        }
        return kind == .kafka
            ? try KafkaSink(url, credentials: credentials, origin: origin, name: configuration.userAgent)
            : try JetStreamSink(url, credentials: credentials, origin: origin, name: configuration.userAgent)
    }

    private func start(_ endpoint: Endpoint, _ sink: any MessageSink) -> Running {
        var pace = pace
        if endpoint.kind != .webhook {
            // An engine stores a page in milliseconds, and is the operator's: it is tried again soon.
            pace.page = max(pace.page, DeviceSync.PullRequest.limits.upperBound)
            pace.trial = min(pace.trial, .seconds(5))
        }
        let around = EndpointRun.Surroundings(
            store: store, sync: sync, observe: observe, sink: sink, gate: gate, turn: turn,
            isHeld: { [weak self] in self?.isHeld(endpoint.id) ?? false }, schedule: schedule, pace: pace)
        let run = EndpointRun(endpoint, around)
        let number = runs.withLock { runs in
            runs.newest += 1
            return runs.newest
        }
        let task = Task {
            await run.run()
            await sink.shutdown()
            _ = self.runs.withLock { $0.ended.insert(number) }
        }
        return Running(number: number, endpoint: endpoint, run: run, task: task)
    }
}

extension DeliveryService.Configuration {
    /// Decrypts the secret, or the credentials, of an endpoint.
    /// - Parameter key: names the key that encrypted it.
    func open(_ sealed: [UInt8], of name: String, key: String) throws(WebhookError) -> String {
        guard let box else {
            throw WebhookError(.sealingKeyInvalid, "this replica has no key for secrets (CHANGEFEED_SECRET_KEY)")
        }
        guard key == box.keyID else {
            throw WebhookError(
                .sealingKeyInvalid, "its secret was encrypted with another key than CHANGEFEED_SECRET_KEY")
        }
        return String(decoding: try box.open(sealed, for: name), as: UTF8.self)
    }
}
