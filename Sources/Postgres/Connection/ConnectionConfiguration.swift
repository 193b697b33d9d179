internal import CLibPQ
internal import Glibc

/// Whether a pooler between this process and PostgreSQL gives one server session to many clients in turn, so that
/// no session state lasts from one transaction to the next (pgbouncer's `pool_mode = transaction`).
public enum PoolerMode: String, Sendable {
    /// Detected at each connection: a pooler reports another process id than the server does.
    case auto
    /// No pooler, or one in session mode.
    case none
    /// There is one.
    case transaction
}

/// How to reach PostgreSQL: a libpq connection string or URI, completed by libpq itself from the `PG*` variables,
/// `~/.pgpass`, service files and its defaults (TLS and several hosts included).
public struct ConnectionConfiguration: Sendable, CustomStringConvertible {
    /// Keyword to value, as `PQconninfoParse` read them.
    private(set) var options: [String: String]
    /// Shown in `pg_stat_activity`.
    public var applicationName: String? = "changefeed"
    /// Per host, at least two seconds (libpq's rule).
    public var connectTimeout: Duration = .seconds(10)
    /// The server ends statements that take longer. The connection string's own `options` take precedence.
    public var statementTimeout: Duration?
    /// The server ends statements that wait longer for a lock. The connection string's own `options` take precedence.
    public var lockTimeout: Duration?
    /// If the server limits statements: how much longer it may be silent before the connection is closed.
    public var silenceMargin: Duration = .seconds(5)
    /// Set for the session right after connecting, over `pinned`.
    public var runtimeParameters: [String: String] = [:]
    /// Settings that are always pinned.
    public var pinned = PinnedSettings.standard
    /// The pooler in between.
    public var pooler = PoolerMode.auto
    /// A standby is refused (`PostgresError.standby`).
    public var refusesStandby = false

    /// - Parameter conninfo: `host=… dbname=…`, `postgresql://…`, or empty for the `PG*` variables alone.
    /// - Throws: `invalidConfiguration`. The text itself is not repeated: it may contain a password.
    public init(_ conninfo: String) throws(PostgresError) {
        var problem: UnsafeMutablePointer<CChar>?
        guard !conninfo.utf8.contains(0), let parsed = PQconninfoParse(conninfo, &problem) else {
            PQfreemem(problem)
            throw PostgresError(
                .invalidConfiguration, "The connection string cannot be read as a libpq connection string or URI.")
        }
        defer { PQconninfoFree(parsed) }
        var options: [String: String] = [:]
        var option = parsed
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { options[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        self.options = options
        if let name = options["application_name"] { applicationName = name }
    }

    /// The same server, another database.
    public func with(database: String) -> Self {
        var copy = self
        copy.options["dbname"] = database
        return copy
    }

    /// Host, port, database and user; never the password.
    public var description: String {
        ["host", "hostaddr", "port", "dbname", "user", "service"]
            .compactMap { key in options[key].map { "\(key)=\($0)" } }
            .joined(separator: " ")
    }

    /// The same as environment variables, for programs that use libpq (PostgreSQL manual, "Environment Variables").
    /// It may contain the password: unlike arguments, other users of the machine do not see it.
    public var environment: [String: String] {
        let names = [
            "host": "PGHOST", "hostaddr": "PGHOSTADDR", "port": "PGPORT", "dbname": "PGDATABASE", "user": "PGUSER",
            "password": "PGPASSWORD", "passfile": "PGPASSFILE", "service": "PGSERVICE", "sslmode": "PGSSLMODE",
            "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY",
        ]
        var environment: [String: String] = [:]
        for (keyword, name) in names { environment[name] = options[keyword] }
        return environment
    }

    /// The options for `PQconnectdbParams`: the user's values override our defaults.
    var connectOptions: [(String, String)] {
        var all = options
        if let applicationName { all["application_name"] = applicationName }
        // Swift's strings are UTF-8, whatever the connection string or PGCLIENTENCODING says.
        all["client_encoding"] = "UTF8"
        // A silently unreachable host is detected within 25 s, even without requests.
        var defaults = [
            "keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "3", "tcp_user_timeout": "20000",
        ]
        if getenv("PGCONNECT_TIMEOUT") == nil {
            defaults["connect_timeout"] = String(max(2, connectTimeout.components.seconds))
        }
        for (key, value) in defaults where all[key] == nil { all[key] = value }
        return all.sorted { $0.key < $1.key }
    }

    /// The connection string itself limits statements.
    var limitsStatementsItself: Bool { startupOptions.contains("statement_timeout") }

    /// The user's options for the server's sessions: `-c name=value …`.
    var startupOptions: String {
        options["options"] ?? getenv("PGOPTIONS").map { String(cString: $0) } ?? ""
    }
}
