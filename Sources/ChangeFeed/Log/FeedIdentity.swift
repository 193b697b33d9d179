public import Postgres

/// The feed's identity as the database records it: (system identifier, timeline, database oid, Odoo's
/// `database.uuid`). When it differs from the recorded one, transaction ids and event ids may repeat, and the
/// epoch rises so that no earlier cursor is mistaken for a present one.
public struct FeedIdentity: Sendable, Equatable {
    public let epoch: Int
    /// True when this check raised the epoch.
    public let changed: Bool
    /// Which part of the identity differed.
    public let reason: String?

    /// The version of the schema that this binary needs.
    public static let schemaVersion = 22

    /// Checks that the schema exists and matches, and records the identity.
    /// - Throws: `ChangeFeedError` (`notInstalled`, `schemaVersionMismatch`, `standby`) or `PostgresError`.
    public static func check(on connection: Connection) async throws -> FeedIdentity {
        let state = try await connection.query(
            """
            SELECT pg_is_in_recovery() AS standby,
                   to_regprocedure('changefeed.schema_version()') IS NOT NULL AS installed
            """)
        guard let row = state.first else { throw ChangeFeedError(.unexpectedAnswer, "No server state.") }
        guard try !row["standby"].bool() else {
            throw ChangeFeedError(
                .standby, "The database is a standby: a cursor taken there would lose changes.",
                hint: "Point DATABASE_URL at the primary (libpq: target_session_attrs=read-write).")
        }
        guard try row["installed"].bool() else {
            throw ChangeFeedError(
                .notInstalled, "Schema changefeed is not in this database.",
                hint: "Run `changefeed install`, or `psql -v ON_ERROR_STOP=1 -f sql/install.sql`.")
        }
        let version = try await connection.query("SELECT changefeed.schema_version() AS version")
        let found = try version.first?["version"].optionalInt() ?? 0
        try SchemaFit.check(found)
        let answer = try await connection.query("SELECT epoch, changed, reason FROM changefeed.check_identity()")
        guard let identity = answer.first else {
            throw ChangeFeedError(.unexpectedAnswer, "changefeed.check_identity() returned no row.")
        }
        return FeedIdentity(
            epoch: Int(try identity["epoch"].int()), changed: try identity["changed"].bool(),
            reason: identity["reason"].text)
    }
}
