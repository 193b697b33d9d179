package import Postgres

/// Facts about a database for a bug report: no record data, no logins, no texts that people wrote.
package enum SupportFacts {
    /// A part of the report: lines, or why there are none.
    package struct Part: Sendable {
        package let title: String
        package let lines: [String]
    }

    /// Settings of PostgreSQL on which the feed depends or which make it slow.
    private static let settings = [
        "server_version", "max_connections", "shared_buffers", "work_mem", "effective_cache_size", "random_page_cost",
        "autovacuum", "default_transaction_isolation", "default_transaction_read_only", "fsync", "synchronous_commit",
        "idle_in_transaction_session_timeout", "statement_timeout", "lock_timeout", "jit", "lc_messages",
        "server_encoding", "TimeZone", "track_counts",
    ]

    private static let plain: [(title: String, sql: String)] = [
        (
            "Settings of PostgreSQL",
            "SELECT s.name || ' = ' || s.setting || coalesce(' ' || s.unit, '') FROM pg_settings s WHERE s.name = ANY ($1::text[]) ORDER BY 1"
        ),
        (
            "Tables of the feed (rows by statistics, bytes, dead rows)",
            """
            SELECT s.relname || '  ' || s.n_live_tup || '  ' || pg_total_relation_size(s.relid) || '  ' || s.n_dead_tup
            FROM pg_stat_user_tables s WHERE s.schemaname = 'changefeed' AND $1::text[] IS NOT NULL ORDER BY 1
            """
        ),
        (
            "Newest failures of background steps (messages: SELECT * FROM changefeed.error)",
            """
            SELECT to_char(e.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') || '  '
                   || regexp_replace(e.source, '[^a-z_ ]', '', 'g') || '  '
                   || coalesce('SQLSTATE ' || substring(e.message FROM '\\m(?:[0-9][0-9A-Z]|[CFHPX][FV0X])[0-9A-Z]{3}\\M'), '')
            FROM changefeed.error e WHERE $1::text[] IS NOT NULL ORDER BY e.id DESC LIMIT 20
            """
        ),
    ]

    /// The statements that read the log and the devices, with values that mean nothing.
    private static let explained: [(title: String, sql: String)] = [
        ("the newest row of the log", "SELECT max(e.id) FROM changefeed.event e"),
        ("the log from a position", "SELECT e.* FROM changefeed.event e WHERE e.id > 0 ORDER BY e.id LIMIT 100"),
        (
            "the newest events of a model",
            "SELECT e.id FROM changefeed.event e WHERE e.model = 'res.partner' ORDER BY e.id DESC LIMIT 100"
        ),
        ("the state of the feed", "SELECT changefeed.status()"),
    ]

    /// - Throws: `PostgresError` when the connection breaks; a part that is refused says so by its SQLSTATE.
    package static nonisolated(nonsending) func read(on connection: Connection) async throws -> [Part] {
        var parts: [Part] = []
        for part in plain {
            let query = Query(part.sql, [.textArray(settings)])
            parts.append(Part(title: part.title, lines: try await lines(of: query, on: connection)))
        }
        for part in explained {
            let query = Query("EXPLAIN (COSTS, VERBOSE off) " + part.sql)
            parts.append(Part(title: "Plan of \(part.title)", lines: try await lines(of: query, on: connection)))
        }
        return parts
    }

    private static nonisolated(nonsending) func lines(of query: Query, on connection: Connection) async throws
        -> [String]
    {
        do {
            return try await connection.transaction(readOnly: true) {
                try await $0.query(query).map { $0[0].text ?? "" }
            }
        } catch let error as PostgresError where error.code == .server {
            return ["(refused: SQLSTATE \(error.sqlState ?? "none"))"]
        }
    }
}
