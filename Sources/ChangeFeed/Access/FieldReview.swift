package import Postgres

/// The stored fields of models as in `changefeed.odoo_field_states()`, and what operators decide about them.
package enum FieldReview {
    package struct Entry: Sendable {
        package let model: String
        package let field: String
        package let state: String
        /// XML ids.
        package let groups: String?
        /// The decision, who made it, and why.
        package let decision: String?
        /// A right that changefeed_definer lacks.
        package let missingGrant: String?
    }

    /// `$1`: only this model; null: all tracked models. `$2`: also fields about which there is nothing to say.
    private static let sql = """
        WITH field AS (
            SELECT f.model, f.field, f.ttype AS type, f.state, coalesce(f.groups, '{}') AS groups, f.decision, f.decided_at,
                   f.decided_by, f.reason, f.missing_grant
            FROM changefeed.odoo_field_states(
                CASE WHEN $1::text IS NULL THEN ARRAY(SELECT t.model FROM changefeed.tracked t) ELSE ARRAY[$1::text] END) f
        ), shown AS (
            SELECT * FROM field f
            WHERE $2::boolean OR f.state NOT IN ('open', 'groups') OR f.decision IS NOT NULL OR f.missing_grant IS NOT NULL
        )

        """

    /// Whether Odoo has stored fields of a model.
    package static nonisolated(nonsending) func isKnown(_ model: String, on connection: Connection) async throws -> Bool
    {
        try await !connection.query(Query(sql + "SELECT FROM field LIMIT 1", [.text(model), .bool(true)])).isEmpty
    }

    /// - Parameters:
    ///   - model: only this one, tracked or not; nil: all tracked models.
    ///   - all: also fields that are sent, and about which there is no decision.
    /// - Throws: `PostgresError`.
    package static nonisolated(nonsending) func entries(of model: String?, all: Bool, on connection: Connection)
        async throws -> [Entry]
    {
        let rows = try await connection.query(
            Query(
                sql + """
                    SELECT s.model, s.field, s.state, nullif(array_to_string(s.groups, ', '), '') AS groups,
                           s.decision || ' by ' || s.decided_by || coalesce(': ' || s.reason, '') AS decision, s.missing_grant
                    FROM shown s ORDER BY s.model, s.field
                    """, [.optional(model), .bool(all)]))
        return try rows.map { row in
            Entry(
                model: try row["model"].string(), field: try row["field"].string(), state: try row["state"].string(),
                groups: row["groups"].text, decision: row["decision"].text, missingGrant: row["missing_grant"].text)
        }
    }

    /// The same as a JSON array, with all that is known of each field.
    package static nonisolated(nonsending) func json(of model: String?, all: Bool, on connection: Connection)
        async throws -> String
    {
        let rows = try await connection.query(
            Query(
                sql + "SELECT coalesce(json_agg(s ORDER BY s.model, s.field), '[]')::text AS fields FROM shown s",
                [.optional(model), .bool(all)]))
        return try rows.first?["fields"].string() ?? "[]"
    }

    /// The state of a field.
    package struct State: Sendable {
        package let state: String
        package let missingGrant: String?
    }

    /// By name, the fields that a decision is about.
    /// - Parameter field: `*` for all of the model.
    package static nonisolated(nonsending) func states(of field: String, in model: String, on connection: Connection)
        async throws -> [String: State]
    {
        let rows = try await connection.query(
            Query(
                "SELECT f.field, f.state, f.missing_grant FROM changefeed.odoo_field_states(ARRAY[$1::text]) f WHERE $2::text IN (f.field, '*')",
                [.text(model), .text(field)]))
        return Dictionary(
            try rows.map {
                (
                    try $0["field"].string(),
                    State(state: try $0["state"].string(), missingGrant: $0["missing_grant"].text)
                )
            },
            uniquingKeysWith: { first, _ in first })
    }

    /// Stores a decision: allow, deny or clear.
    /// - Throws: `PostgresError`.
    package static nonisolated(nonsending) func decide(
        _ decision: String, about field: String, in model: String, reason: String?, on connection: Connection
    ) async throws {
        _ = try await connection.query(
            Query(
                "SELECT changefeed.decide_field($1::text, $2::text, $3::text, $4::text)",
                [.text(model), .text(field), .text(decision), .optional(reason)]))
    }

    /// Grants changefeed_definer what it lacks for the fields of a model.
    package static nonisolated(nonsending) func grant(_ model: String, on connection: Connection) async throws {
        _ = try await connection.query(Query("SELECT changefeed.grant_data($1::text)", [.text(model)]))
    }
}
