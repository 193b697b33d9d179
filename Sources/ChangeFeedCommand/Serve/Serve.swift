import ArgumentParser
import ChangeFeed
import ChangeFeedConsole
import ChangeFeedDelivery
import ChangeFeedHTTP
import ChangeFeedMetrics
import ChangeFeedSettings
import Logging
import Postgres
import ServiceLifecycle
import UnixSignals

/// `changefeed serve`: the tailer, the pool and the HTTP server under one service group.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Run the service until SIGTERM or SIGINT.")

    @OptionGroup var common: CommonOptions

    @Option(help: "Address to listen on; overrides CHANGEFEED_HOST.")
    var host: String?

    @Option(help: "Port to listen on; overrides CHANGEFEED_PORT.")
    var port: String?

    func run() async throws {
        let flags = common.flags(["CHANGEFEED_HOST": host, "CHANGEFEED_PORT": port])
        let settings = try Settings(SettingLayers(flags: flags))
        // Handlers, tailer and database share the driver's thread: hops between threads are the main cost.
        try await withTaskExecutorPreference(EventLoop.shared) {
            try await Self.serve(settings, reread: { SettingLayers(flags: flags) })
        }
    }

    /// Runs tailer, pool, HTTP server and further services until a signal stops them.
    /// - Parameter reread: reads the settings again, for SIGHUP; nil: they stay.
    static func serve(
        _ settings: Settings, beside others: [any Service] = [], reread: (@Sendable () -> SettingLayers)? = nil
    ) async throws {
        let threshold = LogThreshold(settings.logLevel)
        let logger = ServiceLog.logger(settings.logFormat, threshold)
        let observe: @Sendable (FeedObservation) -> Void = {
            ServiceLog.record($0, logger)
            FeedMetrics.record($0)
        }
        let connections = ServiceConnections(settings)
        let pool = ConnectionPool(connections.requests, maximumConnections: settings.poolSize)
        let background = ConnectionPool(
            connections.background, maximumConnections: 1, idleTimeout: ServiceConnections.idleTimeout)
        let compiling = ConnectionPool(
            connections.rules, maximumConnections: 1, idleTimeout: ServiceConnections.idleTimeout)
        let rules = RecordRules(pool: compiling, observe: observe)
        let locks = TableLocks(pool: pool, observe: observe)
        let hints = ChangeHints(
            sight: ChangeSight(pool: pool, rules: rules, locks: locks),
            troubles: Troubles("hints to waiting devices", observe))
        let memory = settings.idleMemory > 0 ? IdleAnswers(capacity: settings.idleMemory) : nil
        var following = Tailer.Configuration(connection: connections.listener)
        following.memory = memory
        let tailer = Tailer(following, observe: observe, deliver: { hints.publish($0) })
        let archiver = Archiver(settings.retention, pool: background, observe: observe)
        let sessions = SessionChecks(settings, observe: observe)
        let authenticator = Authenticator(
            pool: pool,
            configuration: Authenticator.Configuration(
                sessionChecks: sessions.checks, allowPortalUsers: settings.allowPortalUsers))
        let fields = fieldKnowledge(settings, pool: pool, logger)
        let console = Console(
            version: Version.text, groups: .init(operators: settings.consoleGroup, readers: settings.consoleReaders),
            pool: pool, authenticator: authenticator, feed: tailer, rules: rules,
            delivery: DeliveryService.Configuration(settings), examination: Examination.Plan(settings))
        let server = HTTPServer(
            configuration: HTTPConfiguration(settings), pool: pool, authenticator: authenticator, feed: tailer,
            hints: hints, rules: rules, fields: fields, locks: locks, memory: memory,
            console: settings.isConsolePublic ? console : nil, logger: logger)
        let delivery = DeliveryService(
            DeliveryService.Configuration(settings), pool: pool,
            sync: DeviceSync(pool: pool, allowPortal: settings.allowPortalUsers, rules: rules), hints: hints,
            locks: locks,
            observe: {
                ServiceLog.record($0, logger)
                FeedMetrics.record($0)
            })
        let standAside = StandAside(
            connections.listener, pool: pool, others: [background, compiling, sessions.pool].compactMap { $0 },
            tailer: tailer, observe: observe)
        var operations: [any Service] = []
        let admin = adminServer(settings, pool: pool, feed: tailer, console, logger, observe)
        if let admin { operations.append(admin) }
        if let reread {
            operations.append(
                SettingsReload(read: reread, logger: logger) { fresh in
                    threshold.level = fresh.logLevel
                    server.adopt(HTTPConfiguration(fresh))
                    settings.webhookAddresses.adopt(fresh.webhookAddresses)
                })
        }
        let bound = ShutdownBound(logger, drain: settings.drain)
        // Services stop in reverse order: the clock starts first, then the supervisor is notified, then streams end.
        operations.append(StreamDrain(time: settings.drain, server: server, admin: admin))
        operations.append(SupervisorNotices(feed: tailer))
        var configuration = ServiceGroupConfiguration(
            services: [
                .init(service: PoolService(pool: pool)),
                .init(service: PoolService(pool: background)),
                .init(service: PoolService(pool: compiling)),
                .init(service: sessions),
                .init(service: tailer),
                .init(service: archiver),
                .init(service: standAside),
                .init(service: rules),
                .init(service: delivery),
                .init(service: console),
                .init(service: server),
            ] + (operations + others + [bound]).map { .init(service: $0) },
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger)
        // A client that reads no answer, or a database that gives none, does not delay the end.
        configuration.maximumGracefulShutdownDuration = ShutdownBound.graceful + settings.drain
        let group = ServiceGroup(configuration: configuration)
        announce(settings, logger)
        try await group.run()
        bound.lift()
        logger.info("stopped")
    }

    /// Nil if no Odoo is configured.
    private static func fieldKnowledge(
        _ settings: Settings, pool: ConnectionPool, _ logger: Logger
    ) -> FieldKnowledge? {
        settings.odooURL.map { url in
            FieldKnowledge(
                FieldKnowledge.Configuration(url: url), pool: pool, allowPortal: settings.allowPortalUsers,
                observe: {
                    ServiceLog.record($0, logger)
                    FeedMetrics.record($0)
                })
        }
    }

    private static func announce(_ settings: Settings, _ logger: Logger) {
        logger.info(
            "starting",
            metadata: [
                "version": "\(Version.text)", "address": "\(settings.host):\(settings.port)",
                "admin": "\(settings.adminPort == 0 ? "off" : "\(settings.adminHost):\(settings.adminPort)")",
                "database": "\(settings.database)",
            ])
    }

    /// What operators ask; nil if it is off.
    private static func adminServer(
        _ settings: Settings, pool: ConnectionPool, feed: Tailer, _ console: Console, _ logger: Logger,
        _ observe: @escaping @Sendable (FeedObservation) -> Void
    ) -> AdminServer? {
        guard settings.adminPort != 0 else { return nil }
        let scrape = MetricsScrape(
            ServiceMetrics.registry, pool: pool, poolMaximum: settings.poolSize, feed: feed, version: Version.text,
            observe: observe)
        return AdminServer(
            host: settings.adminHost, port: settings.adminPort, idleTimeout: settings.idleTimeout, feed: feed,
            metrics: scrape, console: console, logger: logger)
    }
}

extension HTTPConfiguration {
    /// The settings of the public server.
    init(_ settings: Settings) {
        self.init(
            host: settings.host, port: settings.port, version: Version.text, idleTimeout: settings.idleTimeout,
            maximumConnections: settings.maxConnections)
        allowSessionInQuery = settings.allowSessionInQuery
        cleanupGroup = settings.cleanupGroup
        endpointGroup = settings.endpointGroup
        allowUserEndpoints = settings.allowUserEndpoints
        delivery = DeliveryService.Configuration(settings)
        rateLimits.events = settings.rateLimitEvents
        rateLimits.checkUpdates = settings.rateLimitCheckUpdates
        rateLimits.cleanup = settings.rateLimitCleanup
        rateLimits.syncPerDevice = settings.rateLimitSyncDevice
        rateLimits.syncPerUser = settings.rateLimitSyncUser
        maximumDevicesPerUser = settings.maxDevicesPerUser
        maximumStreamsPerUser = settings.maxStreamsPerUser
        trustedProxies = settings.trustedProxies
        allowedOrigins = settings.corsOrigins
        compression = settings.compression
        serverTiming = settings.serverTiming
        requestTimeout = settings.requestTimeout
        maximumConnectionsPerAddress = settings.maxConnectionsPerAddress
    }
}

/// Keeps the pool's background work under the service group; it ends last.
private struct PoolService: Service {
    let pool: ConnectionPool

    func run() async throws {
        try await cancelWhenGracefulShutdown { try await pool.run() }
    }
}
