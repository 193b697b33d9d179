package import Postgres

/// What operators decide about record rules.
extension RuleReview {
    /// An active read rule of Odoo.
    package struct Subject: Sendable {
        package let name: String?
        /// The model that holds it.
        package let holder: String?
    }

    /// A right that changefeed_reader lacks for the rules of a model.
    package struct MissingGrant: Sendable {
        package let model: String
        /// Grants it.
        package let statement: String
    }

    /// - Returns: nil when Odoo has no such active rule.
    package static nonisolated(nonsending) func subject(_ id: Int32, on connection: Connection) async throws -> Subject?
    {
        let rows = try await connection.query(
            Query(
                "SELECT r.rule_name, r.model FROM changefeed.odoo_read_rules() r WHERE r.rule_id = $1::int", [.int(id)])
        )
        return rows.first.map { Subject(name: $0["rule_name"].text, holder: $0["model"].text) }
    }

    /// The tracked models that the rules of a model filter.
    package static nonisolated(nonsending) func models(under holder: String, on connection: Connection) async throws
        -> [String]
    {
        let rows = try await connection.query(
            Query(
                "SELECT h.model FROM changefeed.rule_holders() h WHERE h.holder = $1::text ORDER BY 1", [.text(holder)])
        )
        return try rows.map { try $0["model"].string() }
    }

    /// Stores a decision: allow, deny, override or clear.
    /// - Throws: `PostgresError`; SQLSTATE P0002 when Odoo has no such rule.
    package static nonisolated(nonsending) func decide(
        _ decision: String, domain: String?, reason: String?, about id: Int32, on connection: Connection
    ) async throws -> [MissingGrant] {
        let rows = try await connection.query(
            Query(
                "SELECT d.model, d.to_run FROM changefeed.decide_rule($1::int, $2::text, $3::text, $4::text) d",
                [.int(id), .text(decision), .optional(domain), .optional(reason)]))
        return try rows.map { MissingGrant(model: try $0["model"].string(), statement: try $0["to_run"].string()) }
    }

    /// Grants what is missing, in an open transaction.
    /// - Returns: the statements that this role may not run.
    package static nonisolated(nonsending) func grant(_ missing: [MissingGrant], on connection: Connection) async throws
        -> [String]
    {
        var left: [String] = []
        for item in missing {
            _ = try await connection.query("SAVEPOINT before_grant")
            do {
                _ = try await connection.query(Query("SELECT changefeed.grant_rules($1::text)", [.text(item.model)]))
            } catch let error as PostgresError where error.sqlState == "42501" {
                _ = try await connection.query("ROLLBACK TO SAVEPOINT before_grant")
                left.append(item.statement)
            }
        }
        return left
    }

    /// The statement of a decision, for an authorised role.
    package static nonisolated(nonsending) func statement(
        of decision: String, domain: String?, reason: String?, about id: Int32, on connection: Connection
    ) async throws -> String {
        let rows = try await connection.query(
            Query(
                "SELECT format('SELECT * FROM changefeed.decide_rule(%s, %L, %L, %L);', $1::int, $2::text, $3::text, $4::text) AS statement",
                [.int(id), .text(decision), .optional(domain), .optional(reason)]))
        return try rows.first?["statement"].string() ?? ""
    }
}
