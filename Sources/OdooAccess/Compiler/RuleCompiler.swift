/// A record rule (`ir.rule`) that applies to a user.
public struct RecordRule: Sendable, Equatable {
    public var id: Int64
    public var name: String
    /// `domain_force`: Python text; empty matches every record.
    public var domain: String
    /// Without groups: it applies to all users, and narrows.
    public var isGlobal: Bool

    public init(id: Int64, name: String, domain: String, isGlobal: Bool) {
        self.id = id
        self.name = name
        self.domain = domain
        self.isGlobal = isGlobal
    }
}

/// A rule that could not be compiled.
public struct RuleFinding: Sendable, Equatable {
    public let ruleID: Int64
    public let ruleName: String
    /// The model that holds the rule.
    public let model: String
    public let error: DomainError
}

/// The result for a set of rules.
public struct RuleSet: Sendable {
    /// Nil: it is closed, because a rule that could not be compiled may hide records.
    public let domain: CompiledDomain?
    /// Rules that could not be compiled, including those that did not matter.
    public let findings: [RuleFinding]

    /// A model missing in the catalog.
    public var missingModel: String? { findings.lazy.compactMap(\.error.missingModel).first }
}

/// Compiles record rules to SQL. A value: the same rules over the same catalog give the same SQL.
public struct RuleCompiler: Sendable {
    /// Increment whenever the generated SQL changes.
    public static let version = 6

    private let catalog: Catalog

    public init(catalog: Catalog) { self.catalog = catalog }

    /// One domain alone.
    /// - Throws: `DomainError`.
    public func compile(domain text: String, model: String) throws(DomainError) -> CompiledDomain {
        let model = try catalog.require(model)
        var sql = SQLBuilder()
        let domain = try read(text, &sql)
        return try compile(domain, model, sql)
    }

    func compile(_ domain: Domain, _ model: CatalogModel, _ sql: SQLBuilder) throws(DomainError) -> CompiledDomain {
        let row = DomainCompiler.Row(alias: "t", model: model, isOwn: true)
        var compiler = DomainCompiler(catalog: catalog, sql: sql)
        let condition = try compiler.compile(domain, row)
        var before = sql
        before.adopt(compiler.sql)
        var former = DomainCompiler(catalog: catalog, sql: before, isFormer: true)
        let formerly = try former.compile(domain, row)
        // If it reads no rows of other tables it is the same condition.
        guard former.sql.asksFormer else { return compiler.sql.domain(condition, formerly: nil) }
        return former.sql.domain(condition, formerly: formerly)
    }

    /// The rules that apply to a user, combined as in Odoo's `ir.rule._compute_domain`: global rules and those of the
    /// models that `model` delegates to (`_inherits`) narrow; one of the rules of the user's groups must match.
    /// - Parameter rules: By the model that holds them.
    public func compile(rules: [String: [RecordRule]], model: String) -> RuleSet {
        var sql = SQLBuilder()
        var findings: [RuleFinding] = []
        guard let domain = combine(rules, holder: model, &sql, &findings) else {
            return RuleSet(domain: nil, findings: findings)
        }
        do {
            return RuleSet(domain: try compile(domain, try catalog.require(model), sql), findings: findings)
        } catch {
            // Each rule compiled on its own before: the combination exceeds the limits.
            findings += rules.sorted { $0.key < $1.key }.flatMap { holder, rules in
                rules.map { RuleFinding(ruleID: $0.id, ruleName: $0.name, model: holder, error: error) }
            }
            return RuleSet(domain: nil, findings: findings)
        }
    }

    /// Nil when it is closed.
    private func combine(
        _ rules: [String: [RecordRule]], holder: String, _ sql: inout SQLBuilder, _ findings: inout [RuleFinding]
    ) -> Domain? {
        var isClosed = false
        var parts: [Domain] = []
        var ofGroups: [Domain] = []
        var hasGroups = false
        var groupsAreClosed = false
        for rule in rules[holder] ?? [] {
            do {
                // First each alone, so that the one that cannot be compiled is known by name.
                _ = try compile(domain: rule.domain, model: holder)
                let domain = try read(rule.domain, &sql)
                if rule.isGlobal { parts.append(domain) } else { ofGroups.append(domain) }
            } catch {
                findings.append(RuleFinding(ruleID: rule.id, ruleName: rule.name, model: holder, error: error))
                if rule.isGlobal { isClosed = true } else { groupsAreClosed = true }
            }
            if !rule.isGlobal { hasGroups = true }
        }
        if hasGroups {
            let any = Domain.any(ofGroups)
            // If one rule matches everything, the others do not matter.
            if groupsAreClosed && any != .always { isClosed = true }
            parts.append(any)
        }
        if let model = catalog[holder] {
            for (field, parent) in model.parents.sorted(by: { $0.key < $1.key }) {
                guard let inner = combine(rules, holder: parent, &sql, &findings) else {
                    isClosed = true
                    continue
                }
                guard inner != .always else { continue }
                parts.append(.term(Domain.Term(path: field, op: .any, value: .domain(inner))))
            }
        }
        return isClosed ? nil : .all(parts)
    }

    private func read(_ text: String, _ sql: inout SQLBuilder) throws(DomainError) -> Domain {
        // A text of blanks counts as empty.
        guard text.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else { return .always }
        var reader = DomainReader(evaluator: DomainEvaluator(catalog: catalog, sql: sql))
        let domain = try reader.read(try DomainParser.parse(text))
        sql = reader.evaluator.sql
        return domain
    }
}
