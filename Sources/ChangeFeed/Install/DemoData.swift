package import Postgres

/// Changes in a throw-away database.
package enum DemoData {
    /// Writes one of the partners.
    package static nonisolated(nonsending) func changePartner(on connection: Connection) async throws {
        _ = try await connection.query(
            Query(
                """
                UPDATE res_partner SET write_date = now() AT TIME ZONE 'UTC'
                WHERE id = (SELECT id FROM res_partner ORDER BY random() LIMIT 1)
                """, name: "demo_write"))
    }
}
