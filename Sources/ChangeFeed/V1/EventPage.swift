public import Postgres

/// What one caller sees for a filter.
public struct EventPage: Sendable {
    /// The JSON array as PostgreSQL wrote it.
    public let json: Cell
}

extension EventPage {
    /// Reads a page in one statement that also checks the caller and the user's rights again, so that a revoked key or
    /// a lost right takes effect immediately.
    /// - Returns: nil when the proof is not, or is no longer, valid.
    /// - Throws: `PostgresError`; `AccessRefusal` (`modelNotReadable`, `companyNotAllowed`, `rulesNotCompiled`).
    public static func read(
        _ filter: EventFilter, for caller: CallerProof, companies: EnabledCompanies = EnabledCompanies(),
        allowPortal: Bool = false, from pool: ConnectionPool
    ) async throws -> EventPage? {
        let rows = try await pool.query(
            Query(
                sql,
                caller.parameters(allowPortal: allowPortal) + [
                    .optional(filter.model?.rawValue), filter.recordID.map { .int($0) } ?? .null,
                    .optional(filter.kind?.rawValue), .optional(filter.since?.iso8601), .int(filter.limit),
                    .int(filter.offset), companies.parameter,
                ], name: "v1_events"))
        guard let row = rows.first else { return nil }
        try AccessRefusal.check(row)
        return EventPage(json: row["events"])
    }

    /// PostgreSQL builds the JSON text; this process only passes the bytes on.
    package static let sql = """
        SELECT p.problem, p.events FROM \(CallerProof.sql) caller
        CROSS JOIN LATERAL changefeed.v1_list(
            caller.user_id, $8::text, $9::bigint, $10::text, $11::timestamptz, $12::int, $13::int, $14::int[]) p
        WHERE NOT caller.refused
        """
}
