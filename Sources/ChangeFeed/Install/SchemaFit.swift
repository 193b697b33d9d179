public import Postgres

/// Whether the schema in the database matches this binary. Functions and tables of another version may
/// mean something else by the same names.
public struct SchemaFit: Sendable {
    private let pool: ConnectionPool

    public init(pool: ConnectionPool) { self.pool = pool }

    /// Queries the database. If it gives no answer (unreachable, nothing installed), this check passes.
    /// - Throws: `ChangeFeedError.schemaVersionMismatch`.
    public func check() async throws {
        let rows = try? await pool.query(Query("SELECT changefeed.schema_version() AS version", name: "schema_version"))
        guard let found = try rows?.first?["version"].optionalInt() else { return }
        try Self.check(found)
    }

    /// - Parameter found: the number of the database's newest migration.
    static func check(_ found: Int64) throws {
        let wanted = FeedIdentity.schemaVersion
        guard found != wanted else { return }
        throw ChangeFeedError(
            .schemaVersionMismatch, "Schema changefeed has version \(found); this binary needs version \(wanted).",
            hint: found < wanted
                ? "Run `changefeed install` of this binary." : "Use the binary that installed it, or a newer one.")
    }
}
