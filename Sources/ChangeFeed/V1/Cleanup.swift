public import Postgres

/// The clean-up of version 1: old events are archived, which removes them from version 1 only.
public enum Cleanup {
    public enum Outcome: Sendable, Equatable {
        /// This many events disappeared from version 1.
        case archived(events: Int64)
        /// The caller is not in the group that may do this.
        case notAllowed
    }

    /// Archives, for members of a group, committed events that occurred before a time.
    /// - Parameter group: XML id of an Odoo group, such as `base.group_system`.
    /// - Returns: nil when the proof is not, or is no longer, valid.
    /// - Throws: `PostgresError`.
    public static func archive(
        before: Timestamp, group: String, for caller: CallerProof, allowPortal: Bool = false, from pool: ConnectionPool
    ) async throws -> Outcome? {
        let rows = try await pool.query(
            Query(
                sql,
                caller.parameters(allowPortal: allowPortal) + [.text(before.iso8601), .text(group)],
                name: "v1_cleanup"))
        guard let row = rows.first else { return nil }
        return row["events"].isNull ? .notAllowed : .archived(events: try row["events"].int())
    }

    private static let sql = """
        SELECT CASE WHEN changefeed.odoo_in_group(caller.user_id, $9::text)
                    THEN changefeed.archive_before($8::timestamptz, 'user ' || caller.user_id) END AS events
        FROM \(CallerProof.sql) caller
        WHERE NOT caller.refused
        """
}
