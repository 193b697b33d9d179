public import Postgres

/// Whether the schema in the database is the one that this binary was made for. Functions and tables of another version may
/// mean something else by the same names.
public struct SchemaFit: Sendable {
    private let pool: ConnectionPool

    public init(pool: ConnectionPool) { self.pool = pool }

    /// Asks the database. What it does not say (it cannot be reached, nothing is installed) is nobody's fault here.
    /// - Throws: `ChangeFeedError.schemaVersionMismatch`.
    public func check() async throws {
        let rows = try? await pool.query(Query("SELECT changefeed.schema_version() AS version", name: "schema_version"))
        guard let found = try rows?.first?["version"].optionalInt() else { return }
        try Self.check(found)
    }

    /// - Parameter found: the number of the newest migration that the database has.
    static func check(_ found: Int64) throws {
        let wanted = FeedIdentity.schemaVersion
        guard found != wanted else { return }
        throw ChangeFeedError(
            .schemaVersionMismatch, "Schema changefeed has version \(found); this binary needs version \(wanted).",
            hint: found < wanted ? "Run `changefeed install` of this binary." : "Use the binary that installed it, or a newer one.")
    }
}
