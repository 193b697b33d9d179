package import Postgres

/// Whether a role may do what the service does.
package struct ServiceRights: Sendable {
    package let role: String
    /// It is a member of changefeed_service.
    package let isMember: Bool
    /// It may read and call everything that the service reads and calls, however the right was granted.
    package let isAllowed: Bool

    /// The session's role, which needs no right to be asked for.
    /// - Throws: `PostgresError`; `ChangeFeedError.unexpectedAnswer`.
    package static nonisolated(nonsending) func role(on connection: Connection) async throws -> String {
        guard let row = try await connection.query("SELECT current_user::text AS role").first else {
            throw ChangeFeedError(.unexpectedAnswer, "No answer about the role.")
        }
        return try row["role"].string()
    }

    /// - Throws: `PostgresError`; `ChangeFeedError.unexpectedAnswer`.
    package static nonisolated(nonsending) func read(on connection: Connection) async throws -> ServiceRights {
        let rows = try await connection.query(
            """
            SELECT current_user AS role, pg_has_role('changefeed_service', 'MEMBER') AS member,
                   CASE WHEN has_schema_privilege('changefeed', 'USAGE') THEN
                       has_table_privilege('changefeed.event', 'SELECT')
                       AND has_table_privilege('changefeed.tracked', 'SELECT')
                       AND has_function_privilege('changefeed.tail(text, text, bigint, int)', 'EXECUTE')
                       AND has_function_privilege('changefeed.check_identity()', 'EXECUTE')
                       AND has_function_privilege('changefeed.odoo_api_key_candidates(text)', 'EXECUTE')
                   ELSE false END AS allowed
            """)
        guard let row = rows.first else { throw ChangeFeedError(.unexpectedAnswer, "No answer about privileges.") }
        return ServiceRights(
            role: try row["role"].string(), isMember: try row["member"].bool(), isAllowed: try row["allowed"].bool())
    }
}
