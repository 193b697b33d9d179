/// One setting of the service. README's table lists the same names; a test compares the two.
package struct Setting: Sendable {
    /// The environment variable, also accepted in `.env`.
    package let variable: String
    /// The form of a value, for error messages.
    package let expected: String
    package let defaultValue: String?
    package let isSecret: Bool

    package init(_ variable: String, _ expected: String, default defaultValue: String? = nil, isSecret: Bool = false) {
        self.variable = variable
        self.expected = expected
        self.defaultValue = defaultValue
        self.isSecret = isSecret
    }

    /// Its keys in section `[changefeed]` of Odoo's configuration file, the preferred one first.
    package var fileKeys: [String] {
        let key = variable.lowercased()
        return key.hasPrefix("changefeed_") ? [String(key.dropFirst("changefeed_".count)), key] : [key]
    }

    /// A value in displayable form. A value with an `@` may be a URL with a password in it.
    package func shown(_ value: String) -> String? {
        isSecret || value.contains("@") ? nil : value
    }
}

extension Setting {
    package static let databaseURL = Setting(
        "DATABASE_URL", "a libpq connection string or URI; empty means the PG* variables", default: "", isSecret: true)
    package static let listenDatabaseURL = Setting(
        "CHANGEFEED_LISTEN_DATABASE_URL",
        "a connection string that reaches PostgreSQL directly, where DATABASE_URL goes through a pooler", isSecret: true)
    package static let pooler = Setting("CHANGEFEED_POOLER", "auto, none or transaction", default: "auto")
    package static let host = Setting("CHANGEFEED_HOST", "an address to listen on", default: "127.0.0.1")
    package static let port = Setting("CHANGEFEED_PORT", "a whole number from 1 to 65535", default: "8000")
    package static let poolSize = Setting("CHANGEFEED_POOL_SIZE", "a whole number from 1 to 100", default: "8")
    package static let statementTimeout = Setting("CHANGEFEED_STATEMENT_TIMEOUT", "a whole number of seconds from 1 to 600", default: "15")
    package static let lockTimeout = Setting("CHANGEFEED_LOCK_TIMEOUT", "a whole number of seconds from 1 to 600", default: "2")
    package static let logLevel = Setting("LOG_LEVEL", "trace, debug, info, notice, warning, error or critical", default: "info")

    package static let odooConfiguration = Setting("ODOO_RC", "the path of Odoo's configuration file")
    package static let odooDataFolder = Setting("ODOO_DATA_DIR", "the path of Odoo's data_dir")
    package static let sessionDatabase = Setting(
        "SESSION_DB_URI", "the connection string or URI of the module session_db", isSecret: true)
    package static let odooURL = Setting("ODOO_URL", "an http or https URL without user and password")
    package static let auditKey = Setting("CHANGEFEED_AUDIT_KEY", "an API key of the user that changefeed audit compares", isSecret: true)
    package static let sessionChecks = Setting(
        "CHANGEFEED_SESSION_CHECKS", "a comma list out of files, session_db and http, in the order tried", default: "")
    package static let allowSessionInQuery = Setting("CHANGEFEED_ALLOW_SESSION_IN_QUERY", "true or false", default: "false")
    package static let allowPortalUsers = Setting("CHANGEFEED_ALLOW_PORTAL_USERS", "true or false", default: "false")
    package static let cleanupGroup = Setting(
        "CHANGEFEED_CLEANUP_GROUP", "the XML id of a group, as module.name", default: "base.group_system")

    package static let rateLimitEvents = Setting("CHANGEFEED_RATE_LIMIT_EVENTS", perMinute, default: "30")
    package static let rateLimitCheckUpdates = Setting("CHANGEFEED_RATE_LIMIT_CHECK_UPDATES", perMinute, default: "10")
    package static let rateLimitCleanup = Setting("CHANGEFEED_RATE_LIMIT_CLEANUP", perMinute, default: "5")
    package static let rateLimitSyncDevice = Setting("CHANGEFEED_RATE_LIMIT_SYNC_DEVICE", perMinute, default: "120")
    package static let rateLimitSyncUser = Setting("CHANGEFEED_RATE_LIMIT_SYNC_USER", perMinute, default: "600")
    package static let maxDevicesPerUser = Setting(
        "CHANGEFEED_MAX_DEVICES_PER_USER", "a whole number from 1 to 100000", default: "100")
    package static let maxStreamsPerUser = Setting(
        "CHANGEFEED_MAX_STREAMS_PER_USER", "a whole number from 1 to 100000", default: "20")
    private static let perMinute = "a whole number per minute from 0 to 1000000, 0 for no limit"

    package static let idleMemory = Setting("CHANGEFEED_IDLE_MEMORY", "a whole number from 0 to 1000000, 0 for off", default: "20000")

    package static let archiveAfterDays = Setting("CHANGEFEED_ARCHIVE_AFTER_DAYS", days, default: "7")
    package static let archiveForceAfterDays = Setting("CHANGEFEED_ARCHIVE_FORCE_AFTER_DAYS", days, default: "30")
    package static let deleteAfterDays = Setting("CHANGEFEED_DELETE_AFTER_DAYS", days, default: "90")
    package static let deviceInactiveAfterDays = Setting("CHANGEFEED_DEVICE_INACTIVE_AFTER_DAYS", days, default: "30")
    private static let days = "a whole number of days from 1 to 3650"
    package static let archiveEvery = Setting(
        "CHANGEFEED_ARCHIVE_EVERY", "a whole number of seconds from 60 to 604800, or 0 for never", default: "86400")
    package static let logBudget = Setting(
        "CHANGEFEED_LOG_BUDGET", "bytes, or a whole number with MB or GB (powers of 1024), from 16MB on, or 0 for no limit",
        default: "8GB")
    package static let logBudgetAction = Setting("CHANGEFEED_LOG_BUDGET_ACTION", "oldest or pause", default: "oldest")

    package static let trustedProxies = Setting(
        "CHANGEFEED_TRUSTED_PROXIES", "a comma list of IP addresses or CIDR blocks", default: "")
    package static let corsOrigins = Setting(
        "CHANGEFEED_CORS_ORIGINS", "a comma list of exact origins scheme://host[:port], or the word none",
        default: "http://localhost:3000,http://localhost:5173")
    package static let compression = Setting("CHANGEFEED_COMPRESSION", "true or false", default: "true")
    package static let maxConnections = Setting("CHANGEFEED_MAX_CONNECTIONS", "a whole number from 1 to 100000", default: "1024")
    package static let maxConnectionsPerAddress = Setting(
        "CHANGEFEED_MAX_CONNECTIONS_PER_ADDRESS", "a whole number from 1 to 100000", default: "100")
    package static let requestTimeout = Setting(
        "CHANGEFEED_REQUEST_TIMEOUT", "a whole number of seconds from 1 to 600", default: "30")
    package static let idleTimeout = Setting("CHANGEFEED_IDLE_TIMEOUT", "a whole number of seconds from 5 to 3600", default: "90")
    package static let adminHost = Setting("CHANGEFEED_ADMIN_HOST", "an address to listen on", default: "127.0.0.1")
    package static let adminPort = Setting("CHANGEFEED_ADMIN_PORT", "a whole number from 0 to 65535, 0 for off", default: "8001")

    package static let all = [
        databaseURL, listenDatabaseURL, pooler, host, port, poolSize, statementTimeout, lockTimeout, logLevel, odooConfiguration, odooDataFolder, sessionDatabase,
        odooURL, auditKey, sessionChecks, allowSessionInQuery, allowPortalUsers, cleanupGroup, rateLimitEvents, rateLimitCheckUpdates,
        rateLimitCleanup, rateLimitSyncDevice, rateLimitSyncUser, maxDevicesPerUser, maxStreamsPerUser, idleMemory, archiveAfterDays, archiveForceAfterDays, deleteAfterDays, deviceInactiveAfterDays, archiveEvery,
        logBudget, logBudgetAction, trustedProxies, corsOrigins, compression, maxConnections, maxConnectionsPerAddress, requestTimeout, idleTimeout,
        adminHost, adminPort,
    ]
}
