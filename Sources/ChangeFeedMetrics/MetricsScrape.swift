public import ChangeFeed
public import Postgres

/// Reads the gauges at each scrape, and writes all metrics as text.
public struct MetricsScrape: Sendable {
    /// Value of the answer's `Content-Type`.
    public static let contentType = Exposition.contentType

    private let registry: MetricsRegistry
    private let pool: ConnectionPool
    private let poolMaximum: Int
    private let feed: any FeedHealth
    private let database: DatabaseAnswer<DatabaseMetrics>
    private let endpoints: DatabaseAnswer<EndpointMetrics>
    private let findings: DatabaseAnswer<FindingMetrics>

    /// - Parameters:
    ///   - pool: the pool for requests, and the database that is queried.
    ///   - poolMaximum: connections that it may have.
    ///   - version: the program's version, for `build_info`.
    ///   - observe: receives why the database's figures are missing.
    public init(
        _ registry: MetricsRegistry, pool: ConnectionPool, poolMaximum: Int, feed: any FeedHealth, version: String,
        observe: @escaping @Sendable (FeedObservation) -> Void = { _ in }
    ) {
        self.registry = registry
        self.pool = pool
        self.poolMaximum = poolMaximum
        self.feed = feed
        database = DatabaseAnswer(
            "changefeed.status()", lifetime: .seconds(10), troubles: Troubles("the database's metrics", observe)
        ) { try await DatabaseMetrics.read(from: pool) }
        endpoints = DatabaseAnswer(
            "changefeed.endpoints", lifetime: .seconds(30), troubles: Troubles("the endpoints' metrics", observe)
        ) { try await EndpointMetrics.read(from: pool) }
        // The limit of a request's statement is 15 s by default.
        findings = DatabaseAnswer(
            "changefeed.verify()", lifetime: .seconds(3_600), patience: .seconds(60),
            troubles: Troubles("the metrics of changefeed.verify()", observe)
        ) { try await FindingMetrics.read(from: pool) }
        registry.replace(.build, [([version], 1)])
    }

    /// Never fails: unavailable figures are omitted.
    public func text() async -> String {
        let report = await feed.health()
        registry.replace(.lag, report.lag.map { $0 / .seconds(1) })
        registry.replace(.ready, report.ready ? 1 : 0)
        registry.replace(.leader, report.role == .leader ? 1 : 0)
        registry.replace(.epoch, report.epoch.map { Double($0) })
        registry.replace(.deliveryAllowed, report.delivery.map { $0.allowed ? 1 : 0 })
        let statistics = pool.statistics
        registry.replace(.poolInUse, Double(max(0, statistics.open - statistics.idle)))
        registry.replace(.poolIdle, Double(statistics.idle))
        registry.replace(.poolWaiting, Double(statistics.waiting))
        registry.replace(.poolMaximum, Double(poolMaximum))
        // At the same time: each may take as long as Prometheus waits for half of a scrape.
        async let status = database.values()
        async let endpoints = endpoints.values()
        FindingMetrics.record(await findings.latest(), in: registry)
        DatabaseMetrics.record(await status, in: registry)
        EndpointMetrics.record(await endpoints, in: registry)
        ProcessMetrics.record(in: registry)
        return registry.exposition()
    }
}
