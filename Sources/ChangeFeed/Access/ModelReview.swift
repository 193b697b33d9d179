package import Postgres

/// The tracked models as in `changefeed.model_states()`: whether Odoo's Python code decides who reads them.
package enum ModelReview {
    package struct Entry: Sendable, Encodable {
        package let model: String
        /// code: it is known to decide; unknown: its code is unknown; nil: it does not decide.
        package let kind: String?
        /// Known facts about its code.
        package let code: String?
        /// open, closed, or closed to external users.
        package let state: String
        package let decision: RuleReview.Decision?
        /// Modules other than Odoo's own that create or extend it.
        package let extendedBy: String?

        /// It needs, or had, a decision.
        package var isNotable: Bool { state != "open" || decision != nil }
    }

    /// - Parameter model: only this one; nil: all tracked models.
    /// - Throws: `PostgresError`.
    package static func entries(of model: String? = nil, query: (Query) async throws -> Rows) async throws -> [Entry] {
        let rows = try await query(
            Query(
                """
                SELECT s.model, s.kind, s.code, s.state, s.decision, coalesce(s.decision_counts, false) AS decision_counts, s.decided_by,
                       s.reason, s.extended_by, to_char(s.decided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS decided_at
                FROM changefeed.model_states($1::text) s
                """, [.optional(model)]))
        return try rows.map { row in
            var decision: RuleReview.Decision?
            if let word = row["decision"].text {
                decision = RuleReview.Decision(
                    decision: word, domain: nil, reason: row["reason"].text, decidedAt: try row["decided_at"].string(),
                    decidedBy: try row["decided_by"].string(), counts: try row["decision_counts"].bool())
            }
            return Entry(
                model: try row["model"].string(), kind: row["kind"].text, code: row["code"].text,
                state: try row["state"].string(),
                decision: decision, extendedBy: row["extended_by"].text)
        }
    }

    /// Whether the feed tracks a model.
    package static nonisolated(nonsending) func isTracked(_ model: String, on connection: Connection) async throws
        -> Bool
    {
        try await !connection.query(
            Query("SELECT FROM changefeed.tracked t WHERE t.model = $1::text", [.text(model)])
        ).isEmpty
    }

    /// A model after a decision.
    package struct Outcome: Sendable {
        /// Known facts about its code; nil: that it decides nothing.
        package let code: String?
        /// open, closed, or closed to external users; nil: Odoo no longer has the model.
        package let state: String?
    }

    /// Stores a decision: allow, deny or clear.
    /// - Throws: `PostgresError`; SQLSTATE P0002 when Odoo has no such model.
    package static nonisolated(nonsending) func decide(
        _ decision: String, about model: String, reason: String?, on connection: Connection
    ) async throws -> Outcome {
        let row = try await connection.query(
            Query(
                "SELECT d.code, d.state FROM changefeed.decide_model($1::text, $2::text, $3::text) d",
                [.text(model), .text(decision), .optional(reason)])
        ).first
        return Outcome(code: row?["code"].text, state: row?["state"].text)
    }

    /// The statement of a decision, for an authorised role.
    package static nonisolated(nonsending) func statement(
        of decision: String, about model: String, reason: String?, on connection: Connection
    ) async throws -> String {
        let rows = try await connection.query(
            Query(
                "SELECT format('SELECT * FROM changefeed.decide_model(%L, %L, %L);', $1::text, $2::text, $3::text) AS statement",
                [.text(model), .text(decision), .optional(reason)]))
        return try rows.first?["statement"].string() ?? ""
    }
}
