package import OdooAccess
package import Postgres

/// Compiles sets of record rules to SQL and stores them in the database, where every replica finds them.
///
/// A set is identified by a digest of its contents, so a rule that changes in Odoo makes another set at the next
/// request.
package struct RuleCompilation {
    private let query: (Query) async throws -> Rows
    private let source: CatalogSource
    /// Odoo's fields read so far.
    package private(set) var catalog: Catalog

    /// - Parameter catalog: Odoo's fields known so far.
    ///   - source: reads further ones.
    package init(
        catalog: Catalog = Catalog(), source: CatalogSource = .installed,
        query: @escaping (Query) async throws -> Rows
    ) {
        self.catalog = catalog
        self.source = source
        self.query = query
    }

    /// A stored set.
    package struct Outcome: Sendable {
        package let model: String
        package let isClosed: Bool
        /// Rules that could not be compiled, a sentence each.
        package let findings: [String]
    }

    fileprivate struct Work: Sendable {
        var model = ""
        var key = ""
        var rules: [String: [RecordRule]] = [:]
        var digests: [Int64: String] = [:]
    }

    /// Compiles the result of `changefeed.access_rules`, one row per rule.
    package mutating func compile(_ rows: Rows) async throws -> [Outcome] {
        var work: [Work] = []
        for row in rows {
            let key = try row["key"].string()
            if work.last?.key != key { work.append(Work(model: try row["model"].string(), key: key)) }
            let rule = RecordRule(
                id: try row["rule_id"].int(), name: row["rule_name"].text ?? "", domain: try row["domain"].string(),
                isGlobal: try row["is_global"].bool())
            work[work.count - 1].rules[try row["holder"].string(), default: []].append(rule)
            work[work.count - 1].digests[rule.id] = try row["digest"].string()
        }
        var outcomes: [Outcome] = []
        for item in work { outcomes.append(try await keep(item, try await compile(item))) }
        return outcomes
    }

    /// One rule alone, as a condition on records of a model to which it applies.
    package struct Single: Sendable {
        /// Nil: it could not be compiled.
        package let sql: String?
        package let numbers: [Int64]
        package let texts: [String]
        /// The reason.
        package let reason: String?
        /// A JSON object: columns by table.
        package let reads: String
        fileprivate let work: Work
        fileprivate let set: RuleSet
    }

    /// - Parameters:
    ///   - holder: the model that holds the rule: `model`, or one that it delegates to.
    ///   - digest: of Odoo's text of the rule.
    package mutating func compile(
        rule id: Int64, name: String, domain: String, digest: String, holder: String, for model: String
    ) async throws -> Single {
        var work = Work(model: model, key: "\(model):rule \(id)")
        // For a single rule its groups do not matter.
        work.rules[holder] = [RecordRule(id: id, name: name, domain: domain, isGlobal: true)]
        work.digests[id] = digest
        let set = try await compile(work)
        return Single(
            sql: set.domain?.sql, numbers: set.domain?.numbers ?? [], texts: set.domain?.texts ?? [],
            reason: set.findings.first?.error.description, reads: try Self.reads(set.domain), work: work, set: set)
    }

    /// Stores the result for one rule, for `changefeed.verify()`; no request reads it.
    package func keep(_ single: Single) async throws { _ = try await keep(single.work, single.set) }

    /// Models are added to the catalog as the rules name them.
    private mutating func compile(_ work: Work) async throws -> RuleSet {
        // hr.employee is read by the rules of hr.employee.public if the user has no right on it; the table is the same.
        var rules = work.rules
        if rules[work.model] == nil, let other = rules["hr.employee.public"], work.model == "hr.employee" {
            rules[work.model] = other
            rules["hr.employee.public"] = nil
        }
        for _ in 0..<64 {
            let set = RuleCompiler(catalog: catalog).compile(rules: rules, model: work.model)
            guard let missing = set.missingModel else { return set }
            try await AccessCatalog.add(missing, to: &catalog, from: source, by: query)
        }
        throw ChangeFeedError(.unexpectedAnswer, "The record rules of \(work.model) reach too many models.")
    }

    private func keep(_ work: Work, _ set: RuleSet) async throws -> Outcome {
        let domain = set.domain
        let rows = try await query(
            Query(
                """
                SELECT changefeed.keep_rules($1::text, $2::text, $3::text, $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[],
                    $9::jsonb, $10::int, $11::jsonb, $12::text, $13::text[]) AS is_open
                """,
                [
                    .text(work.key), .text(work.model), .optional(domain?.sql), .intArray(domain?.numbers ?? []),
                    .textArray(domain?.texts ?? []), .textArray(domain?.ownColumns ?? []),
                    .textArray(domain?.uses ?? []),
                    .textArray(domain?.crossings ?? []), .text(try Self.reads(domain)), .int(RuleCompiler.version),
                    .text(try Self.findings(set, work)), .optional(domain?.formerly),
                    .textArray(domain?.formerTables ?? []),
                ], name: "keep_rules"))
        let isOpen = try rows.first?["is_open"].bool() ?? false
        var findings = set.findings.map { "rule \($0.ruleID) (\($0.ruleName)) of \($0.model): \($0.error.message)" }
        if !isOpen, domain != nil {
            findings.append("changefeed_reader may not read the columns that the rules of \(work.model) need")
        }
        return Outcome(model: work.model, isClosed: !isOpen, findings: findings)
    }

    private static func reads(_ domain: CompiledDomain?) throws -> String {
        try JSONParameter.text(domain?.reads ?? [:])
    }

    private struct Finding: Encodable {
        let id: Int64
        let name: String
        let digest: String
        /// Nil: it was compiled.
        let reason: String?
    }

    private static func findings(_ set: RuleSet, _ work: Work) throws -> String {
        let reasons = Dictionary(
            set.findings.map { ($0.ruleID, $0.error.description) }, uniquingKeysWith: { first, _ in first })
        return try JSONParameter.text(
            work.rules.values.joined().sorted { $0.id < $1.id }.map {
                Finding(id: $0.id, name: $0.name, digest: work.digests[$0.id] ?? "", reason: reasons[$0.id])
            })
    }
}
