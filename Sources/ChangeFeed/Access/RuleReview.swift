internal import FoundationEssentials
package import Postgres

/// The state of each record rule of the tracked models, for all users.
package struct RuleReview {
    private let query: (Query) async throws -> Rows
    private var compilation: RuleCompilation

    package init(query: @escaping (Query) async throws -> Rows) {
        self.query = query
        compilation = RuleCompilation(query: query)
    }

    /// The operator's decision about a rule, as stored.
    package struct Decision: Sendable, Encodable {
        package let decision: String
        package let domain: String?
        package let reason: String?
        package let decidedAt: String
        package let decidedBy: String
        /// False: it was about a previous text of the rule, and does not apply to the present one.
        package let counts: Bool
    }

    /// A read rule.
    package struct Entry: Sendable, Encodable {
        package let id: Int64
        package let name: String
        /// The model that holds it.
        package let model: String
        /// The tracked models that it filters.
        package let models: [String]
        /// XML ids; none: it is global.
        package let groups: [String]
        package let domain: String
        /// Odoo's text can be compiled.
        package let compiles: Bool
        /// Why not, or what is wrong with the domain that replaces it.
        package let reason: String?
        /// The effective domain cannot be compiled, so no user to whom the rule applies sees the models.
        package let closes: Bool
        /// Columns that the effective domain needs and changefeed_reader may not read.
        package let missingGrants: [String]
        package let decision: Decision?

        /// It needs, or had, a decision.
        package var isNotable: Bool { !compiles || closes || !missingGrants.isEmpty || decision != nil }
    }

    /// - Parameters:
    ///   - model: only rules that it holds or is under; nil: all tracked models.
    ///   - keeping: stores the findings, for `changefeed.verify()`.
    /// - Throws: `PostgresError`.
    package mutating func entries(of model: String? = nil, keeping: Bool = false) async throws -> [Entry] {
        let rows = try await query(
            Query(
                """
                SELECT r.rule_id, r.rule_name, r.model, to_json(r.models) AS models, to_json(r.groups) AS groups, r.domain, r.counted_domain, md5(r.domain) AS digest,
                       r.decision, r.decided_domain, coalesce(r.decision_counts, false) AS decision_counts, r.reason, r.decided_by,
                       to_char(r.decided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS decided_at
                FROM changefeed.rule_states($1::text) r
                """, [.optional(model)]))
        var entries: [Entry] = []
        for row in rows { entries.append(try await entry(row, keeping: keeping)) }
        return entries
    }

    private mutating func entry(_ row: Row, keeping: Bool) async throws -> Entry {
        let id = try row["rule_id"].int()
        let holder = try row["model"].string()
        let name = try row["rule_name"].string()
        let domain = try row["domain"].string()
        let counted = try row["counted_domain"].string()
        let digest = try row["digest"].string()
        let models = try Self.names(row["models"])
        let own = try await compilation.compile(
            rule: id, name: name, domain: domain, digest: digest, holder: holder, for: holder)
        var reason = own.reason
        var closes = false
        var missing: Set<String> = []
        for model in models {
            let effective = try await compilation.compile(
                rule: id, name: name, domain: counted, digest: digest, holder: holder, for: model)
            if effective.sql == nil {
                closes = true
                reason = effective.reason
            }
            let columns = try await query(
                Query(
                    "SELECT u.source || '.' || u.name AS item FROM changefeed.unreadable_columns($1::jsonb) u",
                    [.text(effective.reads)]))
            for column in columns { missing.insert(try column["item"].string()) }
            if keeping { try await compilation.keep(effective) }
        }
        var decision: Decision?
        if let word = row["decision"].text {
            decision = Decision(
                decision: word, domain: row["decided_domain"].text, reason: row["reason"].text,
                decidedAt: try row["decided_at"].string(), decidedBy: try row["decided_by"].string(),
                counts: try row["decision_counts"].bool())
        }
        return Entry(
            id: id, name: name, model: holder, models: models, groups: try Self.names(row["groups"]), domain: domain,
            compiles: own.sql != nil, reason: reason, closes: closes, missingGrants: missing.sorted(),
            decision: decision)
    }

    /// Why a domain cannot replace a rule of `holder` where it filters `model`; nil: it can.
    package mutating func problem(ofDomain domain: String, holder: String, for model: String) async throws -> String? {
        try await compilation.compile(rule: 0, name: "", domain: domain, digest: "", holder: holder, for: model).reason
    }

    private static func names(_ cell: Cell) throws -> [String] {
        try JSONDecoder().decode([String].self, from: Data(try cell.string().utf8))
    }
}
