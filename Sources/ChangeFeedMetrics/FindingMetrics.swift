internal import Postgres

/// How many findings `changefeed.verify()` has. It takes about a second of the database, so it is asked once an hour.
struct FindingMetrics: Sendable, Equatable {
    /// By level, zeros included.
    var findings: [String: Double] = [:]
    /// Seconds since 1970-01-01 UTC.
    var ranAt: Double?

    /// Queries the database.
    static func read(from pool: ConnectionPool) async throws -> FindingMetrics {
        let rows = try await pool.query(
            Query(
                """
                WITH f AS MATERIALIZED (SELECT v.level FROM changefeed.verify() v)
                SELECT l.level, (SELECT count(*) FROM f WHERE f.level = l.level)::float8 AS findings,
                       extract(epoch FROM clock_timestamp())::float8 AS ran_at
                FROM unnest('{error,warning,info}'::text[]) l (level)
                """, name: "cf_finding_metrics"))
        var values = FindingMetrics()
        for row in rows {
            values.findings[try row["level"].string()] = try row["findings"].double()
            values.ranAt = try row["ran_at"].double()
        }
        return values
    }

    static func record(_ values: FindingMetrics?, in registry: MetricsRegistry) {
        registry.replace(.findings, (values?.findings ?? [:]).map { ([$0.key], $0.value) })
        registry.replace(.lastVerification, values?.ranAt)
    }
}
