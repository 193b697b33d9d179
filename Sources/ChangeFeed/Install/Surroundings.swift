package import Postgres

/// The versions of Odoo and the server, and whether the feed was tested on them (`changefeed.surroundings()`).
package struct Surroundings: Sendable {
    /// A sentence about both.
    package let line: String
    /// The feed was tested on both.
    package let wasRun: Bool
    /// The version of Odoo's module base.
    package let odooVersion: String

    /// - Returns: nil when the database has no Odoo.
    /// - Throws: `PostgresError`.
    package static nonisolated(nonsending) func read(on connection: Connection) async throws -> Surroundings? {
        let rows = try await connection.query(
            "SELECT s.line, s.odoo_was_run AND s.server_was_run AS was_run, changefeed.odoo_version() AS version FROM changefeed.surroundings() s"
        )
        guard let row = rows.first, let version = row["version"].text else { return nil }
        return Surroundings(
            line: try row["line"].string(), wasRun: try row["was_run"].bool(), odooVersion: version)
    }

    /// Only the sentence.
    /// - Returns: nil if it is unknown, because the schema is older than this program or this role may not ask.
    /// - Throws: `PostgresError`.
    package static nonisolated(nonsending) func line(on connection: Connection) async throws -> String? {
        do {
            return try await connection.query("SELECT line FROM changefeed.surroundings()").first?["line"].text
        } catch let error as PostgresError where ["42501", "42883"].contains(error.sqlState) {
            return nil
        }
    }
}
