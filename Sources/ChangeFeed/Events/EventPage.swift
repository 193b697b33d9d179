public import Postgres

/// What one caller gets to see for a filter.
public struct EventPage: Sendable {
    /// The JSON array as PostgreSQL wrote it; nil when the model asked for is not tracked or the user may not read it.
    public let json: Cell?
}

extension EventPage {
    /// Reads a page in one statement that also checks the caller and the user's rights again, so that a revoked key or
    /// a lost right acts at once.
    /// - Returns: nil when the proof is not, or no longer, that of a caller.
    /// - Throws: `PostgresError`.
    public static func read(
        _ filter: EventFilter, for caller: CallerProof, allowPortal: Bool = false, from pool: ConnectionPool
    ) async throws -> EventPage? {
        let rows = try await pool.query(
            Query(
                sql,
                caller.parameters(allowPortal: allowPortal) + [
                    .optional(filter.model?.rawValue), filter.recordID.map { .int($0) } ?? .null,
                    .optional(filter.kind?.rawValue), .optional(filter.since?.iso8601), .int(filter.limit),
                    .int(filter.offset),
                ], name: "webhook_events"))
        guard let row = rows.first else { return nil }
        let json = row["events"]
        return EventPage(json: json.isNull ? nil : json)
    }

    /// PostgreSQL writes the JSON text; this process only hands the bytes on.
    package static let sql = """
        SELECT CASE WHEN $8::text IS NULL OR $8::text = ANY (readable.models) THEN (
                   SELECT '[' || coalesce(string_agg(
                              '{"id":' || e.id || ',"model":' || to_json(e.model) || ',"record_id":' || e.record_id
                              || ',"event":"' || e.event || '","occurred_at":"'
                              || to_char(e.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"}',
                              ',' ORDER BY e.id DESC), '') || ']'
                   FROM changefeed.webhook_events(
                       CASE WHEN $8::text IS NULL THEN readable.models ELSE ARRAY[$8::text] END,
                       $9::bigint, $10::text, $11::timestamptz, $12::int, $13::int) e)
               END AS events
        FROM \(CallerProof.sql) caller
        CROSS JOIN LATERAL (
            SELECT coalesce(array_agg(model), '{}') AS models
            FROM changefeed.odoo_readable_models(caller.user_id) model) readable
        WHERE NOT caller.refused
        """
}
