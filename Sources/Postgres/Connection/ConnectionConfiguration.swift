internal import CLibPQ
internal import Glibc

/// Whether something between this process and PostgreSQL hands one server's session to many clients in turn, so that
/// nothing of a session lasts from one transaction to the next (pgbouncer's `pool_mode = transaction`).
public enum PoolerMode: String, Sendable {
    /// Looked for at each connection: a pooler tells another process id than the server does.
    case auto
    /// Nothing of the kind, or a pooler in session mode.
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
    /// The server ends statements that take longer. What the connection string's own `options` say of it counts more.
    public var statementTimeout: Duration?
    /// The server ends statements that wait longer for a lock. The connection string's own `options` count more.
    public var lockTimeout: Duration?
    /// Where the server limits statements: how much longer it may be silent before the connection is closed.
    public var silenceMargin: Duration = .seconds(5)
    /// Set for the session right after connecting, over `pinned`.
    public var runtimeParameters: [String: String] = [:]
    /// What is set in any case.
    public var pinned = PinnedSettings.standard
    /// What stands between.
    public var pooler = PoolerMode.auto
    /// A server that is a standby is refused (`PostgresError.standby`).
    public var refusesStandby = false

    /// - Parameter conninfo: `host=… dbname=…`, `postgresql://…`, or empty for the `PG*` variables alone.
    /// - Throws: `invalidConfiguration`. The text itself is not repeated: it may hold a password.
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
    /// It may hold the password: unlike arguments, other users of the machine do not see it.
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

    /// What goes to `PQconnectdbParams`: the user's words win over our defaults.
    var connectOptions: [(String, String)] {
        var all = options
        if let applicationName { all["application_name"] = applicationName }
        // Swift's strings are UTF-8, whatever the connection string or PGCLIENTENCODING would have.
        all["client_encoding"] = "UTF8"
        // A host that is gone without a word is noticed within 25 s, also where nothing is asked of it.
        var defaults = ["keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "3", "tcp_user_timeout": "20000"]
        if getenv("PGCONNECT_TIMEOUT") == nil { defaults["connect_timeout"] = String(max(2, connectTimeout.components.seconds)) }
        for (key, value) in defaults where all[key] == nil { all[key] = value }
        return all.sorted { $0.key < $1.key }
    }

    /// The connection string itself says how long statements may take.
    var limitsStatementsItself: Bool { startupOptions.contains("statement_timeout") }

    /// What the user has the server start sessions with: `-c name=value …`.
    var startupOptions: String {
        options["options"] ?? getenv("PGOPTIONS").map { String(cString: $0) } ?? ""
    }
}
