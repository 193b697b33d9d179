public import Postgres

/// The first API's clean-up: old events are archived, which takes them from that API and from nobody else.
public enum Cleanup {
    public enum Outcome: Sendable, Equatable {
        /// So many events of the first API disappeared.
        case archived(events: Int64)
        /// The caller is not in the group that may do this.
        case notAllowed
    }

    /// Archives, for members of a group, what occurred before a moment and is committed.
    /// - Parameter group: XML id of an Odoo group, such as `base.group_system`.
    /// - Returns: nil when the proof is not, or no longer, that of a caller.
    /// - Throws: `PostgresError`.
    public static func archive(
        before: Timestamp, group: String, for caller: CallerProof, allowPortal: Bool = false, from pool: ConnectionPool
    ) async throws -> Outcome? {
        let rows = try await pool.query(
            Query(
                sql,
                caller.parameters(allowPortal: allowPortal) + [.text(before.iso8601), .text(group)],
                name: "webhook_cleanup"))
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
