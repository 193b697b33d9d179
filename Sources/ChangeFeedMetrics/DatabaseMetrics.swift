internal import Postgres

/// The result of `changefeed.status_of()`, each figure nil where it does not apply.
struct DatabaseMetrics: Sendable, Equatable {
    var logBytes: Double?
    /// Seconds.
    var oldestEventAge: Double?
    /// Seconds.
    var oldestTransactionAge: Double?
    var paused = false
    var openGaps: Double?
    var logBudget: Double?
    /// Seconds since 1970-01-01 UTC.
    var lastRetention: Double?
    /// Models by the state of their triggers.
    var models: [String: Double] = [:]

    /// Queries the database.
    static func read(from pool: ConnectionPool) async throws -> DatabaseMetrics {
        let rows = try await pool.query(
            Query(
                """
                WITH s AS MATERIALIZED (SELECT changefeed.status_of(false) AS j)
                SELECT (j->>'log_bytes')::float8 AS log_bytes,
                       extract(epoch FROM clock_timestamp() - (j->>'oldest_event_at')::timestamptz)::float8 AS event_age,
                       (j->>'oldest_transaction_seconds')::float8 AS transaction_age,
                       (j->>'paused')::boolean AS paused, (j->>'open_gaps')::float8 AS gaps,
                       (j->'retention'->>'log_budget')::float8 AS budget,
                       extract(epoch FROM (j->'retention'->>'ran_at')::timestamptz)::float8 AS retention,
                       m.state, m.models
                FROM s LEFT JOIN LATERAL (
                    SELECT e->>'trigger_state' AS state, count(*)::float8 AS models
                    FROM json_array_elements(j->'models') e GROUP BY 1) m ON true
                """, name: "cf_metrics"))
        var values = DatabaseMetrics()
        for row in rows {
            values.logBytes = try number(row["log_bytes"])
            values.oldestEventAge = try number(row["event_age"])
            values.oldestTransactionAge = try number(row["transaction_age"])
            values.paused = try row["paused"].bool()
            values.openGaps = try number(row["gaps"])
            values.logBudget = try number(row["budget"])
            values.lastRetention = try number(row["retention"])
            if let state = row["state"].text, let models = try number(row["models"]) { values.models[state] = models }
        }
        return values
    }

    /// Figures of a database that does not answer are omitted, not repeated.
    static func record(_ values: DatabaseMetrics?, in registry: MetricsRegistry) {
        registry.replace(.databaseUp, values == nil ? 0 : 1)
        registry.replace(.logBytes, values?.logBytes)
        registry.replace(.oldestEventAge, values?.oldestEventAge)
        registry.replace(.oldestTransactionAge, values?.oldestTransactionAge)
        registry.replace(.capturePaused, values.map { $0.paused ? 1 : 0 })
        registry.replace(.openGaps, values?.openGaps)
        registry.replace(.logBudget, values?.logBudget)
        registry.replace(.lastRetention, values?.lastRetention)
        registry.replace(.trackedModels, (values?.models ?? [:]).map { ([$0.key], $0.value) })
    }

    private static func number(_ cell: Cell) throws -> Double? {
        cell.isNull ? nil : try cell.double()
    }
}
