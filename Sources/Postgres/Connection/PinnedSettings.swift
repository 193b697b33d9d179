/// The settings of a session on which statements and their results depend, whatever `ALTER SYSTEM`, `ALTER DATABASE` or
/// `ALTER ROLE` have set. This is the only place that lists them.
///
/// A separate session gets them once, right after it began. Behind a pooler that shares sessions each
/// transaction carries them, so that other clients' sessions are not changed.
///
/// Not included, because libpq sets it at the start: `client_encoding`. Not included, because they only affect
/// speed, and a DBA may have set them for a reason: `enable_*`, `work_mem`.
public struct PinnedSettings: Sendable {
    /// One setting and its value.
    struct Pin: Sendable {
        let name: String
        let value: String
        /// An equally good value, which stays.
        var unless = ""
        /// The first release that knows it, as `PQserverVersion` counts.
        var since: Int32 = 0
        /// A time limit, which the connection string's own `options` may override.
        var isLimit = false
    }

    let pins: [Pin]

    /// Settings on which any statement depends: how literals are read and values written, isolation, and that no limit
    /// of the database ends statements half-way.
    public static let standard = PinnedSettings(pins: [
        Pin(name: "default_transaction_isolation", value: "read committed"),
        Pin(name: "default_transaction_read_only", value: "off"),
        Pin(name: "default_transaction_deferrable", value: "off"),
        // Changes announced to a client must survive a crash. Stricter is as good.
        Pin(name: "synchronous_commit", value: "on", unless: "remote_apply"),
        Pin(name: "standard_conforming_strings", value: "on"),
        Pin(name: "array_nulls", value: "on"),
        Pin(name: "transform_null_equals", value: "off"),
        Pin(name: "quote_all_identifiers", value: "off"),
        Pin(name: "datestyle", value: "ISO, MDY"),
        Pin(name: "intervalstyle", value: "postgres"),
        Pin(name: "timezone", value: "UTC"),
        Pin(name: "bytea_output", value: "hex"),
        Pin(name: "extra_float_digits", value: "1"),
        Pin(name: "row_security", value: "on"),
        // Not for the results but for their time: with `jit_above_cost = 0` verify took minutes.
        Pin(name: "plan_cache_mode", value: "auto"),
        Pin(name: "jit", value: "off"),
        Pin(name: "statement_timeout", value: "0", isLimit: true),
        Pin(name: "lock_timeout", value: "0", isLimit: true),
        Pin(name: "idle_in_transaction_session_timeout", value: "0", isLimit: true),
        Pin(name: "idle_session_timeout", value: "0", since: 140_000, isLimit: true),
        Pin(name: "transaction_timeout", value: "0", since: 170_000, isLimit: true),
    ])

    /// The same for statements that qualify all names: no object created elsewhere is
    /// found instead.
    public static let qualified = PinnedSettings(
        pins: standard.pins + [Pin(name: "search_path", value: "pg_catalog, pg_temp")])
}

extension ConnectionConfiguration {
    /// The pins that a release's server knows, with this configuration's additions and overrides.
    /// - Parameter version: from `PQserverVersion`; 0 if unknown.
    func sessionSettings(server version: Int32) -> [PinnedSettings.Pin] {
        var own = runtimeParameters
        for (name, limit) in [("statement_timeout", statementTimeout), ("lock_timeout", lockTimeout)] {
            guard let limit, !startupOptions.contains(name) else { continue }
            own[name] = limit.milliseconds
        }
        let kept = pinned.pins.filter { pin in
            own[pin.name] == nil && version >= pin.since && !(pin.isLimit && startupOptions.contains(pin.name))
        }
        return kept + own.sorted { $0.key < $1.key }.map { PinnedSettings.Pin(name: $0.key, value: $0.value) }
    }
}

extension Duration {
    /// In the form of PostgreSQL's settings. Less than a millisecond would mean no limit.
    var milliseconds: String {
        let (seconds, attoseconds) = components
        return "\(max(1, seconds * 1_000 + attoseconds / 1_000_000_000_000_000))ms"
    }
}

extension Query {
    /// The limit of the session in milliseconds, 0 for none.
    static let statementLimit = Query(
        "SELECT s.setting FROM pg_catalog.pg_settings s WHERE s.name OPERATOR(pg_catalog.=) 'statement_timeout'")

    /// Sets settings and returns facts about the server, in one statement that is independent of the search path.
    ///
    /// - Parameters:
    ///   - local: until the end of the transaction, otherwise for the session.
    ///   - backend: set nothing unless the server's process has this id; nil sets in any case.
    static func setting(_ settings: [PinnedSettings.Pin], local: Bool, onlyIf backend: Int32? = nil) -> Query {
        Query(
            """
            SELECT pg_catalog.pg_is_in_recovery() AS standby, pg_catalog.pg_backend_pid() AS backend,
                   (SELECT pg_catalog.count(pg_catalog.set_config(pin.name, pin.value, $4::pg_catalog.bool))
                    FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.text[]), pg_catalog.unnest($2::pg_catalog.text[]),
                                    pg_catalog.unnest($3::pg_catalog.text[])) AS pin(name, value, unless)
                    WHERE ($5::pg_catalog.int4 IS NULL OR $5::pg_catalog.int4 OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid())
                      AND (pin.unless OPERATOR(pg_catalog.=) ''
                           OR pin.unless OPERATOR(pg_catalog.<>) pg_catalog.current_setting(pin.name, true)))
                   AS pinned
            """,
            [
                .textArray(settings.map(\.name)), .textArray(settings.map(\.value)), .textArray(settings.map(\.unless)),
                .bool(local), backend.map { .int($0) } ?? .null,
            ])
    }
}
