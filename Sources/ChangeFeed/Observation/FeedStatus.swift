package import Postgres

/// The state of the feed as the database knows it.
package enum FeedStatus {
    /// The JSON document of `changefeed.status()`.
    package static nonisolated(nonsending) func json(on connection: Connection) async throws -> String {
        try await connection.query("SELECT changefeed.status()::text AS status").first?["status"].string() ?? "{}"
    }
}
