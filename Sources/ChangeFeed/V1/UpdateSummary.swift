public import Postgres

/// New events for one caller, per model; counted in the database.
public struct UpdateSummary: Sendable {
    /// The JSON object as PostgreSQL wrote it: `{"has_update","last_update_at","summary":[{"model","count"}]}`.
    public let json: Cell
}

extension UpdateSummary {
    /// Counts the events that `EventPage` would show since a time; nil counts all in the log.
    /// - Returns: nil when the proof is not, or is no longer, valid.
    /// - Throws: `PostgresError`; `AccessRefusal` (`companyNotAllowed`, `rulesNotCompiled`).
    public static func read(
        since: Timestamp?, for caller: CallerProof, companies: EnabledCompanies = EnabledCompanies(),
        allowPortal: Bool = false,
        from pool: ConnectionPool
    ) async throws -> UpdateSummary? {
        let rows = try await pool.query(
            Query(
                sql,
                caller.parameters(allowPortal: allowPortal) + [.optional(since?.iso8601), companies.parameter],
                name: "v1_summary"))
        guard let row = rows.first else { return nil }
        try AccessRefusal.check(row)
        return UpdateSummary(json: row["summary"])
    }

    package static let sql = """
        SELECT p.problem, p.summary FROM \(CallerProof.sql) caller
        CROSS JOIN LATERAL changefeed.v1_counts(caller.user_id, $8::timestamptz, $9::int[]) p
        WHERE NOT caller.refused
        """
}
