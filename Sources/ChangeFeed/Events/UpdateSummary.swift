public import Postgres

/// How much is new for one caller, per model; counted in the database.
public struct UpdateSummary: Sendable {
    /// The JSON object as PostgreSQL wrote it: `{"has_update","last_update_at","summary":[{"model","count"}]}`.
    public let json: Cell
}

extension UpdateSummary {
    /// Counts the events that `EventPage` would show since a moment; nil counts all that the log holds.
    /// - Returns: nil when the proof is not, or no longer, that of a caller.
    /// - Throws: `PostgresError`.
    public static func read(
        since: Timestamp?, for caller: CallerProof, allowPortal: Bool = false, from pool: ConnectionPool
    ) async throws -> UpdateSummary? {
        let rows = try await pool.query(
            Query(
                sql,
                caller.parameters(allowPortal: allowPortal) + [.optional(since?.iso8601)],
                name: "webhook_summary"))
        return rows.first.map { UpdateSummary(json: $0["summary"]) }
    }

    package static let sql = """
        SELECT (SELECT '{"has_update":' || CASE WHEN count(*) > 0 THEN 'true' ELSE 'false' END || ',"last_update_at":'
                       || coalesce('"' || to_char(max(s.last_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"', 'null')
                       || ',"summary":[' || coalesce(string_agg(
                              '{"model":' || to_json(s.model) || ',"count":' || s.events || '}', ',' ORDER BY s.model), '') || ']}'
                FROM changefeed.webhook_summary(
                    ARRAY(SELECT model FROM changefeed.odoo_readable_models(caller.user_id) model), $8::timestamptz) s
               ) AS summary
        FROM \(CallerProof.sql) caller
        WHERE NOT caller.refused
        """
}
