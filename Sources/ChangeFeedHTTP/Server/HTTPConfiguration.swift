/// How the public HTTP server listens and what it bears.
public struct HTTPConfiguration: Sendable {
    /// Address or name to listen on.
    public var host: String
    /// TCP port; 0 takes any free one.
    public var port: Int
    /// The service's version as `GET /` tells it.
    public var version: String
    /// Requests a minute; 0 means no limit.
    public struct RateLimits: Sendable {
        public var events = 30
        public var checkUpdates = 10
        public var cleanup = 5
        /// Of the second API, by device and by user, counted by each replica for itself; of acknowledgements as many again.
        public var syncPerDevice = 120
        public var syncPerUser = 600

        public init() {}
    }

    /// How often a user may ask (default 30, 10 and 5 a minute), and how often a client address without valid credentials.
    public var rateLimits = RateLimits()
    /// Devices that one user may have (default 100).
    public var maximumDevicesPerUser = 100
    /// Streams that one user may have open at each replica (default 20).
    public var maximumStreamsPerUser = 20
    var streamTiming = StreamTiming()
    /// Proxies whose `X-Forwarded-For` is believed (default none).
    public var trustedProxies: [AddressBlock] = []
    /// Origins of web pages that may read answers (default the usual ones of development).
    public var allowedOrigins = ["http://localhost:3000", "http://localhost:5173"]
    /// Answers of a kilobyte and more go in gzip to clients that take it (default true).
    public var compression = true
    /// Session ids in the query string are accepted (default false: they would end up in logs).
    public var allowSessionInQuery = false
    /// XML id of the Odoo group whose members may clean up (default `base.group_system`).
    public var cleanupGroup = "base.group_system"
    /// A connection without a request is closed after this time (default 90 s). Longer than what stands in front of the service
    /// keeps its own idle connections (load balancers and nginx: 60 s), so that they close first: a request that meets a
    /// connection on its way to being closed is an error to the client.
    public var idleTimeout: Duration
    /// Time in which the head of a request must have arrived, and then its body (default 30 s).
    public var requestTimeout: Duration = .seconds(30)
    /// Bytes that the body of a request may have (default 64 KiB).
    public var maximumBodyBytes = 65_536
    /// Bytes that the target of a request may have (default 8 KiB).
    public var maximumTargetBytes = 8_192
    /// Connections that one client address may have open (default 100; IPv6 by /64; trusted proxies any number).
    public var maximumConnectionsPerAddress = 100
    /// Connections served at once (default 1,024); more wait in the kernel's backlog.
    public var maximumConnections: Int
    /// Bytes that all header fields of a request may have (default 16 KiB).
    public var maximumHeaderBytes: Int
    /// Header fields that a request may have (default 100).
    public var maximumHeaderFields: Int

    public init(
        host: String = "127.0.0.1", port: Int = 8_000, version: String, idleTimeout: Duration = .seconds(90),
        maximumConnections: Int = 1_024, maximumHeaderBytes: Int = 16_384, maximumHeaderFields: Int = 100
    ) {
        self.host = host
        self.port = port
        self.version = version
        self.idleTimeout = idleTimeout
        self.maximumConnections = maximumConnections
        self.maximumHeaderBytes = maximumHeaderBytes
        self.maximumHeaderFields = maximumHeaderFields
    }
}
