public import ChangeFeedDelivery

/// The public HTTP server's address and limits.
public struct HTTPConfiguration: Sendable {
    /// Address or name to listen on.
    public var host: String
    /// TCP port; 0 takes any free one.
    public var port: Int
    /// The service's version in `GET /`.
    public var version: String
    /// Requests a minute; 0 means no limit.
    public struct RateLimits: Sendable {
        public var events = 30
        public var checkUpdates = 10
        public var cleanup = 5
        /// Of version 2, by device and by user, counted by each replica separately; the same again for
        /// acknowledgements.
        public var syncPerDevice = 120
        public var syncPerUser = 600

        public init() {}
    }

    /// Limits per user (default 30, 10 and 5 a minute), and per client address without valid credentials.
    public var rateLimits = RateLimits()
    /// Devices that one user may have (default 100).
    public var maximumDevicesPerUser = 100
    /// Streams that one user may have open per replica (default 20).
    public var maximumStreamsPerUser = 20
    var streamTiming = StreamTiming()
    /// Proxies whose `X-Forwarded-For` is trusted (default none).
    public var trustedProxies: [AddressBlock] = []
    /// Origins of web pages that may read answers (default the usual ones of development).
    public var allowedOrigins = ["http://localhost:3000", "http://localhost:5173"]
    /// Compresses answers of a kilobyte and more with gzip for clients that accept it (default true).
    public var compression = true
    /// Answers say in `Server-Timing` how long they took (default false: it helps an attacker to measure).
    public var serverTiming = false
    /// Session ids in the query string are accepted (default false: they would appear in logs).
    public var allowSessionInQuery = false
    /// XML id of the Odoo group whose members may clean up (default `base.group_system`).
    public var cleanupGroup = "base.group_system"
    /// XML id of the Odoo group whose members manage the endpoints of all users (default `base.group_system`).
    public var endpointGroup = "base.group_system"
    /// Other users may create endpoints for themselves (default false).
    public var allowUserEndpoints = false
    /// What new endpoints and test events are checked by, and the key that encrypts secrets.
    public var delivery = DeliveryService.Configuration()
    /// A connection without a request is closed after this time (default 90 s). Longer than the idle time of the proxy
    /// in front of the service (load balancers and nginx: 60 s), so that the proxy closes first: a request on a
    /// connection that is just being closed is an error to the client.
    public var idleTimeout: Duration
    /// Time in which the head of a request must have arrived, and then its body (default 30 s).
    public var requestTimeout: Duration = .seconds(30)
    /// Bytes that the body of a request may have (default 64 KiB).
    public var maximumBodyBytes = 65_536
    /// Bytes that the target of a request may have (default 8 KiB).
    public var maximumTargetBytes = 8_192
    /// Connections that one client address may have open (default 100; IPv6 by /64; trusted proxies unlimited).
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
