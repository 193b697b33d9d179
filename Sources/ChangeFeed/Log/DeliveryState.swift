public import Postgres

/// Whether this database may push, from `changefeed.delivery_state()`: not a copy, not a database
/// that Odoo marks as neutralized, not where an operator forbids it. Devices that pull are always served.
public struct DeliveryState: Sendable, Equatable {
    public var allowed: Bool
    /// `copy`, `neutralized`, `forbidden`, `standby`.
    public var reasons: [String]
    /// A line for operators for each.
    public var details: [String]

    public init(allowed: Bool, reasons: [String] = [], details: [String] = []) {
        self.allowed = allowed
        self.reasons = reasons
        self.details = details
    }

    /// - Parameter lockPatience: how long it may wait for a lock; nil: as long as the session lets it.
    /// - Throws: `PostgresError`, `ChangeFeedError`.
    public nonisolated(nonsending) static func read(
        on connection: Connection, lockPatience: Duration? = nil
    ) async throws -> DeliveryState {
        let rows = try await connection.query(
            Query(
                """
                SELECT allowed, array_to_string(reasons, E'\n') AS reasons, array_to_string(details, E'\n') AS details
                FROM changefeed.delivery_state()
                """, name: "cf_delivery_state"), lockPatience: lockPatience)
        guard let row = rows.first else {
            throw ChangeFeedError(.unexpectedAnswer, "changefeed.delivery_state() returned no row.")
        }
        return DeliveryState(
            allowed: try row["allowed"].bool(), reasons: try lines(row["reasons"]), details: try lines(row["details"]))
    }

    /// What operators decide about pushing.
    package enum Decision: Sendable {
        /// This copy takes the original's place.
        case adopt
        case forbid
        /// Revokes `forbid`.
        case allow
    }

    /// Stores a decision.
    /// - Returns: false when nothing was stored: the database is not a copy.
    /// - Throws: `PostgresError`.
    package nonisolated(nonsending) static func decide(
        _ decision: Decision, reason: String?, on connection: Connection
    ) async throws -> Bool {
        let done =
            switch decision {
            case .adopt: "changefeed.adopt($1::text)"
            case .forbid: "changefeed.decide_delivery('forbid', $1::text) IS NOT NULL"
            case .allow: "changefeed.decide_delivery('allow', $1::text) IS NOT NULL"
            }
        let rows = try await connection.query(Query("SELECT \(done) AS done", [.optional(reason)]))
        return try rows.first?["done"].bool() ?? false
    }

    private static func lines(_ cell: Cell) throws -> [String] {
        try cell.string().split(separator: "\n").map(String.init)
    }
}
