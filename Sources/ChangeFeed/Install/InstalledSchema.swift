package import Postgres

/// What a role can learn of schema changefeed in a database.
package enum InstalledSchema: Sendable {
    case missing
    /// It is there, and this role may not ask for its version.
    case withheld
    /// The number of its newest migration; 0 if it has none.
    case version(Int64)

    /// - Throws: `PostgresError`.
    package static nonisolated(nonsending) func read(on connection: Connection) async throws -> InstalledSchema {
        let there = try await connection.query(
            "SELECT FROM pg_proc WHERE pronamespace = to_regnamespace('changefeed') AND proname = 'schema_version'")
        if there.isEmpty { return .missing }
        let may = try await connection.query(
            """
            SELECT CASE WHEN has_schema_privilege('changefeed', 'USAGE')
                        THEN has_function_privilege('changefeed.schema_version()', 'EXECUTE') ELSE false END AS may
            """)
        guard try may.first?["may"].bool() ?? false else { return .withheld }
        let version = try await connection.query("SELECT changefeed.schema_version() AS version")
        return .version(try version.first?["version"].optionalInt() ?? 0)
    }
}
