/// One setting of the service. docs/settings.md shows the same table; a test compares the two.
package struct Setting: Sendable {
    /// The environment variable, also accepted in `.env`.
    package let variable: String
    /// What a value looks like; completes "expected …".
    package let expected: String
    package let defaultValue: String?
    package let isSecret: Bool
    /// What it does, in Markdown; links start from `docs/`.
    package let meaning: String

    package init(
        _ variable: String, _ expected: String, default defaultValue: String? = nil, isSecret: Bool = false,
        meaning: String
    ) {
        self.variable = variable
        self.expected = expected
        self.defaultValue = defaultValue
        self.isSecret = isSecret
        self.meaning = meaning
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
        "DATABASE_URL", "a libpq connection string or URI; empty means the PG* variables", default: "", isSecret: true,
        meaning: "Odoo's database. `~/.pgpass` may hold the password.")
    package static let listenDatabaseURL = Setting(
        "CHANGEFEED_LISTEN_DATABASE_URL",
        "a connection string that reaches PostgreSQL directly, where DATABASE_URL goes through a pooler",
        isSecret: true,
        meaning: "Connection of the listener, which needs a session of its own; `DATABASE_URL` where it is not set.")
    package static let pooler = Setting(
        "CHANGEFEED_POOLER", "auto, none or transaction", default: "auto",
        meaning: """
            Whether `DATABASE_URL` goes through a pooler in transaction mode. `auto` finds out at each connection, \
            `none` means no pooler or one in session mode ([behind a pooler](operating.md#behind-a-pooler)).
            """)
    package static let host = Setting(
        "CHANGEFEED_HOST", "an address to listen on", default: "127.0.0.1",
        meaning: "Address of the public listener.")
    package static let port = Setting(
        "CHANGEFEED_PORT", "a whole number from 1 to 65535", default: "8000",
        meaning: "Port of the public listener.")
    package static let poolSize = Setting(
        "CHANGEFEED_POOL_SIZE", "a whole number from 1 to 100", default: "8",
        meaning: "Connections for requests.")
    package static let statementTimeout = Setting(
        "CHANGEFEED_STATEMENT_TIMEOUT", "a whole number of seconds from 1 to 600", default: "15",
        meaning: """
            Time limit of each statement of a request. Retention, record rules and commands have limits of their \
            own, or none.
            """)
    package static let lockTimeout = Setting(
        "CHANGEFEED_LOCK_TIMEOUT", "a whole number of seconds from 1 to 600", default: "2",
        meaning: "How long such a statement may wait for a lock.")
    package static let logLevel = Setting(
        "LOG_LEVEL", "trace, debug, info, notice, warning, error or critical", default: "info",
        meaning: "The lowest level that is logged.")

    package static let odooConfiguration = Setting(
        "ODOO_RC", "the path of Odoo's configuration file",
        meaning: "Settings are also read from this file ([below](#odoos-configuration-file)).")
    package static let odooDataFolder = Setting(
        "ODOO_DATA_DIR", "the path of Odoo's data_dir",
        meaning: "Session check `files`: its folder `sessions` holds Odoo's session files.")
    package static let sessionDatabase = Setting(
        "SESSION_DB_URI", "the connection string or URI of the module session_db", isSecret: true,
        meaning: "Session check `session_db`: the table of OCA's module.")
    package static let odooURL = Setting(
        "ODOO_URL", "an http or https URL without user and password",
        meaning: """
            Session check `http`. It must lead to this database alone (`dbfilter`). With it the service also asks \
            Odoo which fields users see (`fields_get`), under their own sessions; `changefeed audit` uses it, too.
            """)
    package static let auditKey = Setting(
        "CHANGEFEED_AUDIT_KEY", "an API key of the user that changefeed audit compares", isSecret: true,
        meaning: "For `changefeed audit`; the service does not use it.")
    package static let sessionChecks = Setting(
        "CHANGEFEED_SESSION_CHECKS", "a comma list out of files, session_db and http, in the order tried", default: "",
        meaning: "By default the first that is configured.")
    package static let allowSessionInQuery = Setting(
        "CHANGEFEED_ALLOW_SESSION_IN_QUERY", "true or false", default: "false",
        meaning: "Accept a session id in the query string, where it ends up in logs.")
    package static let allowPortalUsers = Setting(
        "CHANGEFEED_ALLOW_PORTAL_USERS", "true or false", default: "false",
        meaning: "Let portal users in.")
    package static let cleanupGroup = Setting(
        "CHANGEFEED_CLEANUP_GROUP", "the XML id of a group, as module.name", default: "base.group_system",
        meaning: "Whose members may call `DELETE /api/v1/cleanup`.")

    package static let rateLimitEvents = Setting(
        "CHANGEFEED_RATE_LIMIT_EVENTS", perMinute, default: "30",
        meaning: "Requests of a user for events.")
    package static let rateLimitCheckUpdates = Setting(
        "CHANGEFEED_RATE_LIMIT_CHECK_UPDATES", perMinute, default: "10",
        meaning: "The same for checks for updates.")
    package static let rateLimitCleanup = Setting(
        "CHANGEFEED_RATE_LIMIT_CLEANUP", perMinute, default: "5",
        meaning: "The same for clean-ups.")
    package static let rateLimitSyncDevice = Setting(
        "CHANGEFEED_RATE_LIMIT_SYNC_DEVICE", perMinute, default: "120",
        meaning: """
            Requests of a device to version 2. Acknowledgements count separately, against the same number. Each \
            replica counts for itself.
            """)
    package static let rateLimitSyncUser = Setting(
        "CHANGEFEED_RATE_LIMIT_SYNC_USER", perMinute, default: "600",
        meaning: "The same for all devices of a user.")
    package static let maxDevicesPerUser = Setting(
        "CHANGEFEED_MAX_DEVICES_PER_USER", "a whole number from 1 to 100000", default: "100",
        meaning: "Devices of a user.")
    package static let maxStreamsPerUser = Setting(
        "CHANGEFEED_MAX_STREAMS_PER_USER", "a whole number from 1 to 100000", default: "20",
        meaning: "Open streams of a user, at each replica.")
    private static let perMinute = "a whole number per minute from 0 to 1000000, 0 for no limit"

    package static let idleMemory = Setting(
        "CHANGEFEED_IDLE_MEMORY", "a whole number from 0 to 1000000, 0 for off", default: "20000",
        meaning: """
            Answers without news that each replica keeps, one per device that polls, each about half a kilobyte. \
            The next such question then costs the database nothing ([design](design/idle.md)).
            """)

    package static let archiveAfterDays = Setting(
        "CHANGEFEED_ARCHIVE_AFTER_DAYS", days, default: "7",
        meaning: "When version 1 stops showing what every active device has settled.")
    package static let archiveForceAfterDays = Setting(
        "CHANGEFEED_ARCHIVE_FORCE_AFTER_DAYS", days, default: "30",
        meaning: "When version 1 stops showing the rest.")
    package static let deleteAfterDays = Setting(
        "CHANGEFEED_DELETE_AFTER_DAYS", days, default: "90",
        meaning: "When the log is emptied. Each of these three is at least the one before.")
    package static let deviceInactiveAfterDays = Setting(
        "CHANGEFEED_DEVICE_INACTIVE_AFTER_DAYS", days, default: "30",
        meaning: "When a device that did not pull stops holding anything back.")
    private static let days = "a whole number of days from 1 to 3650"
    package static let archiveEvery = Setting(
        "CHANGEFEED_ARCHIVE_EVERY", "a whole number of seconds from 60 to 604800, or 0 for never", default: "86400",
        meaning: "Time between two runs of retention.")
    package static let logBudget = Setting(
        "CHANGEFEED_LOG_BUDGET",
        "bytes, or a whole number with MB or GB (powers of 1024), from 16MB on, or 0 for no limit", default: "8GB",
        meaning: "Size that the log may have.")
    package static let logBudgetAction = Setting(
        "CHANGEFEED_LOG_BUDGET_ACTION", "oldest or pause", default: "oldest",
        meaning: "What happens when it has that size: `oldest` deletes the oldest events, `pause` pauses capture.")

    package static let secretKey = Setting(
        "CHANGEFEED_SECRET_KEY", "32 random bytes in base64 or hexadecimal", isSecret: true,
        meaning: """
            Encrypts the secrets of [endpoints](webhooks.md) in the database, and credentials for [streams](streaming.md); \
            without it only streams without credentials get anything. \
            `openssl rand -base64 32` makes one. The same for all replicas.
            """)
    package static let secretKeyFile = Setting(
        "CHANGEFEED_SECRET_KEY_FILE", "the path of a file with such a key",
        meaning: "The same from a file that only the service may read.")
    package static let webhookAllow = Setting(
        "CHANGEFEED_WEBHOOK_ALLOW", "a comma list of networks, such as 10.0.0.0/8, or addresses", default: "",
        meaning: """
            Networks to which webhooks may be sent although they are not public ([where webhooks may \
            go](webhooks.md#where-webhooks-may-go)).
            """)
    package static let webhookSchemes = Setting(
        "CHANGEFEED_WEBHOOK_SCHEMES", "a comma list out of https and http", default: "https",
        meaning: "Schemes that URLs of webhooks may have.")
    package static let webhookPorts = Setting(
        "CHANGEFEED_WEBHOOK_PORTS", "a comma list of ports from 1 to 65535, empty for any", default: "",
        meaning: "Ports that URLs of webhooks may have.")
    package static let endpointGroup = Setting(
        "CHANGEFEED_ENDPOINT_GROUP", "the XML id of a group, as module.name", default: "base.group_system",
        meaning: "Whose members manage the endpoints of all users [over HTTP](webhooks.md#over-http).")
    package static let allowUserEndpoints = Setting(
        "CHANGEFEED_ENDPOINT_USERS", "true or false", default: "false",
        meaning: "Let other users create endpoints for themselves.")

    package static let trustedProxies = Setting(
        "CHANGEFEED_TRUSTED_PROXIES", "a comma list of IP addresses or CIDR blocks", default: "",
        meaning: "Proxies whose `X-Forwarded-For` counts.")
    package static let logFormat = Setting(
        "CHANGEFEED_LOG_FORMAT", "text or json", default: "text",
        meaning: "Lines for people, or one JSON object a line ([the log](operating.md#the-log)).")
    package static let serverTiming = Setting(
        "CHANGEFEED_SERVER_TIMING", "true or false", default: "false",
        meaning: "Answers say in `Server-Timing` how many milliseconds they took, and how many of them the database.")
    package static let drain = Setting(
        "CHANGEFEED_DRAIN_SECONDS", "a whole number of seconds from 0 to 300", default: "5",
        meaning: """
            After SIGTERM the open streams end spread over this time, while `/readyz` says 503 and requests are still answered. The \
            supervisor's limit must be at least 20 s longer (`TimeoutStopSec`).
            """)
    package static let settingsFile = Setting(
        "CHANGEFEED_SETTINGS_FILE", "the path of a file of NAME=value lines",
        meaning: "Settings are also read from this file, and again at SIGHUP ([reload](operating.md#reload)).")
    package static let corsOrigins = Setting(
        "CHANGEFEED_CORS_ORIGINS", "a comma list of exact origins scheme://host[:port], or the word none",
        default: "http://localhost:3000,http://localhost:5173",
        meaning: "Origins of pages that may ask from a browser.")
    package static let compression = Setting(
        "CHANGEFEED_COMPRESSION", "true or false", default: "true",
        meaning: """
            Answers of a kilobyte and more in gzip for clients that accept it ([behind \
            nginx](operating.md#5-behind-nginx-on-odoos-own-host)).
            """)
    package static let maxConnections = Setting(
        "CHANGEFEED_MAX_CONNECTIONS", "a whole number from 1 to 100000", default: "1024",
        meaning: "Open connections.")
    package static let maxConnectionsPerAddress = Setting(
        "CHANGEFEED_MAX_CONNECTIONS_PER_ADDRESS", "a whole number from 1 to 100000", default: "100",
        meaning: "Open connections of one address.")
    package static let requestTimeout = Setting(
        "CHANGEFEED_REQUEST_TIMEOUT", "a whole number of seconds from 1 to 600", default: "30",
        meaning: "Time for the head of a request, and again for its body.")
    package static let idleTimeout = Setting(
        "CHANGEFEED_IDLE_TIMEOUT", "a whole number of seconds from 5 to 3600", default: "90",
        meaning: "How long a connection without a request stays open: longer than the proxy in front keeps its own.")
    package static let adminHost = Setting(
        "CHANGEFEED_ADMIN_HOST", "an address to listen on", default: "127.0.0.1",
        meaning: "Address of the admin listener: `/live`, `/ready`, `/metrics` and the [console](console.md).")
    package static let adminPort = Setting(
        "CHANGEFEED_ADMIN_PORT", "a whole number from 0 to 65535, 0 for off", default: "8001",
        meaning: "Its port.")

    package static let consolePublic = Setting(
        "CHANGEFEED_CONSOLE_PUBLIC", "true or false", default: "false",
        meaning: "Serve the [console](console.md) on the public listener, too.")
    package static let consoleGroup = Setting(
        "CHANGEFEED_CONSOLE_GROUP", "the XML id of a group, as module.name", default: "base.group_system",
        meaning: "Whose members may look and act in the console.")
    package static let consoleReaders = Setting(
        "CHANGEFEED_CONSOLE_READERS", "the XML id of a group, as module.name",
        meaning: "Whose members may look and not act.")

    package static let all = [
        databaseURL, listenDatabaseURL, pooler, host, port, poolSize, statementTimeout, lockTimeout, logLevel,
        logFormat,
        settingsFile, odooConfiguration, odooDataFolder, sessionDatabase, odooURL, auditKey, sessionChecks,
        allowSessionInQuery,
        allowPortalUsers, cleanupGroup, rateLimitEvents, rateLimitCheckUpdates, rateLimitCleanup, rateLimitSyncDevice,
        rateLimitSyncUser, maxDevicesPerUser, maxStreamsPerUser, idleMemory, archiveAfterDays, archiveForceAfterDays,
        deleteAfterDays, deviceInactiveAfterDays, archiveEvery, logBudget, logBudgetAction, secretKey, secretKeyFile,
        webhookAllow, webhookSchemes, webhookPorts, endpointGroup, allowUserEndpoints, trustedProxies, corsOrigins,
        compression, maxConnections, maxConnectionsPerAddress, requestTimeout, idleTimeout, drain, serverTiming,
        adminHost, adminPort, consolePublic, consoleGroup, consoleReaders,
    ]
}

extension Setting {
    /// Those that a running service takes over at SIGHUP.
    package static let reloadable = [
        logLevel, rateLimitEvents, rateLimitCheckUpdates, rateLimitCleanup, rateLimitSyncDevice, rateLimitSyncUser,
        corsOrigins, webhookAllow,
    ]
}
