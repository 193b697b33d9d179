package import ChangeFeed
package import ChangeFeedDelivery
package import ChangeFeedHTTP
package import Logging
package import Postgres

/// The settings' values, checked.
package struct Settings: Sendable {
    package private(set) var database: ConnectionConfiguration
    /// Reaches PostgreSQL directly, where `database` goes through a pooler.
    package private(set) var listen: ConnectionConfiguration
    package let host: String
    package let port: Int
    package let poolSize: Int
    /// Of each statement of a request.
    package let statementTimeout: Duration
    package let lockTimeout: Duration
    package let logLevel: Logger.Level
    package let logFormat: LogFormat
    /// Time over which streams end after SIGTERM.
    package let drain: Duration
    /// Answers say how long they took.
    package let serverTiming: Bool

    /// Odoo's `data_dir`; its session files are in the folder `sessions` below.
    package let odooDataFolder: String?
    package let sessionDatabase: ConnectionConfiguration?
    /// Without a slash at its end.
    package let odooURL: String?
    /// Only for `changefeed audit`.
    package let auditKey: String?
    /// In the order tried; empty where none is configured.
    package let sessionChecks: [SessionCheckName]
    package let allowSessionInQuery: Bool
    package let allowPortalUsers: Bool
    /// XML id of the group whose members may clean up.
    package let cleanupGroup: String
    /// XML id of the group whose members manage all endpoints.
    package let endpointGroup: String
    /// Other users may create endpoints for themselves.
    package let allowUserEndpoints: Bool

    /// The public listener serves the console, too.
    package let isConsolePublic: Bool
    /// XML ids of the console's groups: they may act; they may look.
    package let consoleGroup: String
    package let consoleReaders: String?

    /// Requests per minute; 0 is no limit.
    package let rateLimitEvents: Int
    package let rateLimitCheckUpdates: Int
    package let rateLimitCleanup: Int
    package let rateLimitSyncDevice: Int
    package let rateLimitSyncUser: Int
    package let maxDevicesPerUser: Int
    package let maxStreamsPerUser: Int
    /// Answers without news cached in memory; 0 is none.
    package let idleMemory: Int

    package let retention: RetentionPolicy

    /// Encrypts the secrets of endpoints; nil where none is configured.
    package let secretBox: SecretBox?
    package let webhookAddresses: AddressPolicy
    package let webhookURLs: WebhookURL.Rules

    package let trustedProxies: [AddressBlock]
    /// In lower case, as browsers send them.
    package let corsOrigins: [String]
    /// Compresses answers with gzip for clients that accept it.
    package let compression: Bool
    package let maxConnections: Int
    package let maxConnectionsPerAddress: Int
    package let requestTimeout: Duration
    /// How long a connection without a request stays open.
    package let idleTimeout: Duration
    package let adminHost: String
    /// 0 is off.
    package let adminPort: Int

    /// Checks every setting.
    /// - Throws: `SettingProblems` with all problems.
    package init(_ layers: SettingLayers) throws {
        var reading = SettingReading(layers)
        var database = reading.connection(.databaseURL, purpose: "serve")
        var listen = reading.connection(.listenDatabaseURL, or: .databaseURL, purpose: "listen")
        if let pooler = reading.value(.pooler, PoolerMode.init(rawValue:)) {
            database?.pooler = pooler
            if layers.given(.listenDatabaseURL) == nil { listen?.pooler = pooler }
        }
        let host = reading.value(.host) { $0 }
        let port = reading.number(.port, 1...65_535)
        let poolSize = reading.number(.poolSize, 1...100)
        let statementTimeout = reading.number(.statementTimeout, 1...600)
        let lockTimeout = reading.number(.lockTimeout, 1...600)
        let logLevel = reading.value(.logLevel) { Logger.Level(rawValue: $0.lowercased()) }
        let logFormat = reading.value(.logFormat) { LogFormat(rawValue: $0.lowercased()) }
        let drain = reading.number(.drain, 0...300)
        let serverTiming = reading.value(.serverTiming, SettingText.flag)
        odooDataFolder = reading.value(.odooDataFolder) { $0 }
        sessionDatabase =
            layers.given(.sessionDatabase) == nil
            ? nil : reading.connection(.sessionDatabase, purpose: SettingReading.sessions)
        odooURL = reading.value(.odooURL, SettingText.httpURL)
        auditKey = reading.value(.auditKey) { $0 }
        let wantedChecks = reading.value(.sessionChecks) { SettingText.list($0) { SessionCheckName(rawValue: $0) } }
        let allowSessionInQuery = reading.value(.allowSessionInQuery, SettingText.flag)
        let allowPortalUsers = reading.value(.allowPortalUsers, SettingText.flag)
        let cleanupGroup = reading.value(.cleanupGroup, SettingText.xmlID)
        let endpointGroup = reading.value(.endpointGroup, SettingText.xmlID)
        let allowUserEndpoints = reading.value(.allowUserEndpoints, SettingText.flag)
        isConsolePublic = reading.value(.consolePublic, SettingText.flag) ?? false
        consoleGroup = reading.value(.consoleGroup, SettingText.xmlID) ?? ""
        consoleReaders = reading.value(.consoleReaders, SettingText.xmlID)
        let rateLimitEvents = reading.number(.rateLimitEvents, 0...1_000_000)
        let rateLimitCheckUpdates = reading.number(.rateLimitCheckUpdates, 0...1_000_000)
        let rateLimitCleanup = reading.number(.rateLimitCleanup, 0...1_000_000)
        let rateLimitSyncDevice = reading.number(.rateLimitSyncDevice, 0...1_000_000)
        let rateLimitSyncUser = reading.number(.rateLimitSyncUser, 0...1_000_000)
        let maxDevicesPerUser = reading.number(.maxDevicesPerUser, 1...100_000)
        let maxStreamsPerUser = reading.number(.maxStreamsPerUser, 1...100_000)
        let idleMemory = reading.number(.idleMemory, 0...1_000_000)
        retention = RetentionPolicy(&reading)
        secretBox = reading.secretBox()
        webhookAddresses = AddressPolicy(
            allow: reading.value(.webhookAllow) { SettingText.list($0) { try? Network($0) } } ?? [])
        let webhookSchemes = reading.value(.webhookSchemes) {
            SettingText.list($0) { ["https", "http"].contains($0) ? $0 : nil }
        }
        let webhookPorts = reading.value(.webhookPorts) {
            SettingText.list($0) { text in Int(text).flatMap { (1...65_535).contains($0) ? $0 : nil } }
        }
        webhookURLs = WebhookURL.Rules(
            schemes: Set(webhookSchemes ?? ["https"]),
            ports: webhookPorts.flatMap { $0.isEmpty ? nil : Set($0) })
        trustedProxies = reading.value(.trustedProxies) { SettingText.list($0, SettingText.addressBlock) } ?? []
        let compression = reading.value(.compression, SettingText.flag)
        let corsOrigins = reading.value(.corsOrigins) { $0 == "none" ? [] : SettingText.list($0, SettingText.origin) }
        let maxConnections = reading.number(.maxConnections, 1...100_000)
        let maxConnectionsPerAddress = reading.number(.maxConnectionsPerAddress, 1...100_000)
        let requestTimeout = reading.number(.requestTimeout, 1...600)
        let idleTimeout = reading.number(.idleTimeout, 5...3_600)
        let adminHost = reading.value(.adminHost) { $0 }
        let adminPort = reading.number(.adminPort, 0...65_535)

        let configured = SessionCheckName.allCases.filter { layers.given($0.needs) != nil }
        sessionChecks = wantedChecks ?? Array(configured.prefix(1))
        for check in sessionChecks where !configured.contains(check) {
            reading.object("CHANGEFEED_SESSION_CHECKS names \(check.rawValue), which needs \(check.needs.variable).")
        }
        if let port, port == adminPort, host == adminHost {
            reading.object("CHANGEFEED_PORT and CHANGEFEED_ADMIN_PORT are both \(port), on the same address.")
        }

        guard reading.problems.isEmpty, let database, let listen, let host, let port, let poolSize,
            let statementTimeout, let lockTimeout,
            let logLevel, let logFormat, let drain, let serverTiming,
            let allowSessionInQuery, let allowPortalUsers, let cleanupGroup, let endpointGroup, let allowUserEndpoints,
            let rateLimitEvents, let rateLimitCheckUpdates,
            let rateLimitCleanup, let rateLimitSyncDevice, let rateLimitSyncUser, let maxDevicesPerUser,
            let maxStreamsPerUser, let idleMemory,
            let corsOrigins, let compression, let maxConnections, let maxConnectionsPerAddress, let requestTimeout,
            let idleTimeout,
            let adminHost, let adminPort
        else { throw SettingProblems(all: reading.problems) }
        self.database = database
        self.listen = listen
        self.host = host
        self.port = port
        self.poolSize = poolSize
        self.statementTimeout = .seconds(statementTimeout)
        self.lockTimeout = .seconds(lockTimeout)
        self.logLevel = logLevel
        self.logFormat = logFormat
        self.drain = .seconds(drain)
        self.serverTiming = serverTiming
        self.allowSessionInQuery = allowSessionInQuery
        self.allowPortalUsers = allowPortalUsers
        self.cleanupGroup = cleanupGroup
        self.endpointGroup = endpointGroup
        self.allowUserEndpoints = allowUserEndpoints
        self.rateLimitEvents = rateLimitEvents
        self.rateLimitCheckUpdates = rateLimitCheckUpdates
        self.rateLimitCleanup = rateLimitCleanup
        self.rateLimitSyncDevice = rateLimitSyncDevice
        self.rateLimitSyncUser = rateLimitSyncUser
        self.maxDevicesPerUser = maxDevicesPerUser
        self.maxStreamsPerUser = maxStreamsPerUser
        self.idleMemory = idleMemory
        self.corsOrigins = corsOrigins
        self.compression = compression
        self.maxConnections = maxConnections
        self.maxConnectionsPerAddress = maxConnectionsPerAddress
        self.requestTimeout = .seconds(requestTimeout)
        self.idleTimeout = .seconds(idleTimeout)
        self.adminHost = adminHost
        self.adminPort = adminPort
    }

    /// The same for statements that find Odoo's tables, and their own, by the database's search path.
    package func withSearchPath() -> Settings {
        var copy = self
        copy.database.pinned = .standard
        return copy
    }

    /// The same, with every session acting as a role that the user is a member of.
    package func with(role: String) -> Settings {
        var copy = self
        copy.database.runtimeParameters["role"] = role
        copy.listen.runtimeParameters["role"] = role
        return copy
    }
}
