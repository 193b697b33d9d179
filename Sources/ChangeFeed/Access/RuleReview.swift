internal import FoundationEssentials
package import Postgres

/// What becomes of each record rule of the tracked models, whoever they apply to.
package struct RuleReview {
    private let query: (Query) async throws -> Rows
    private var compilation: RuleCompilation

    package init(query: @escaping (Query) async throws -> Rows) {
        self.query = query
        compilation = RuleCompilation(query: query)
    }

    /// What the operator decided about a rule, as it was written down.
    package struct Decision: Sendable, Encodable {
        package let decision: String
        package let domain: String?
        package let reason: String?
        package let decidedAt: String
        package let decidedBy: String
        /// False: it was about a text that the rule no longer has, and says nothing about this one.
        package let counts: Bool
    }

    /// A record rule for reading.
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
        /// Odoo's text can be turned into SQL.
        package let compiles: Bool
        /// Why not, or what is wrong with the domain that stands in its place.
        package let reason: String?
        /// What counts cannot be turned into SQL, so that nobody to whom the rule applies sees the models.
        package let closes: Bool
        /// Columns that changefeed_reader may not read and what counts needs.
        package let missingGrants: [String]
        package let decision: Decision?

        /// There is something to be done, or was.
        package var isNotable: Bool { !compiles || closes || !missingGrants.isEmpty || decision != nil }
    }

    /// - Parameters:
    ///   - model: only rules that it holds or is under; nil: all tracked models.
    ///   - keeping: writes down what was found, for `changefeed.verify()`.
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
        let own = try await compilation.compile(rule: id, name: name, domain: domain, digest: digest, holder: holder, for: holder)
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
                Query("SELECT u.source || '.' || u.name AS item FROM changefeed.unreadable_columns($1::jsonb) u", [.text(effective.reads)]))
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
            compiles: own.sql != nil, reason: reason, closes: closes, missingGrants: missing.sorted(), decision: decision)
    }

    /// Says why a domain cannot stand in the place of a rule of `holder` where it filters `model`; nil: it can.
    package mutating func problem(ofDomain domain: String, holder: String, for model: String) async throws -> String? {
        try await compilation.compile(rule: 0, name: "", domain: domain, digest: "", holder: holder, for: model).reason
    }

    private static func names(_ cell: Cell) throws -> [String] {
        try JSONDecoder().decode([String].self, from: Data(try cell.string().utf8))
    }
}
