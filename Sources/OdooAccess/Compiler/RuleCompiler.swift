/// A record rule (`ir.rule`) that applies to a user.
public struct RecordRule: Sendable, Equatable {
    public var id: Int64
    public var name: String
    /// `domain_force`: Python text; empty lets everything pass.
    public var domain: String
    /// Of no group: it applies to everybody, and narrows.
    public var isGlobal: Bool

    public init(id: Int64, name: String, domain: String, isGlobal: Bool) {
        self.id = id
        self.name = name
        self.domain = domain
        self.isGlobal = isGlobal
    }
}

/// A rule that could not be turned into SQL.
public struct RuleFinding: Sendable, Equatable {
    public let ruleID: Int64
    public let ruleName: String
    /// The model that holds the rule.
    public let model: String
    public let error: DomainError
}

/// What came of a set of rules.
public struct RuleSet: Sendable {
    /// Nil: it is closed, since what could not be compiled may hide records.
    public let domain: CompiledDomain?
    /// Rules that could not be compiled, also those without which the set could be.
    public let findings: [RuleFinding]

    /// A model that the catalog lacks.
    public var missingModel: String? { findings.lazy.compactMap(\.error.missingModel).first }
}

/// Compiles record rules to SQL. A value: the same rules over the same catalog give the same SQL.
public struct RuleCompiler: Sendable {
    /// Rises when the SQL for the same rules changes.
    public static let version = 6

    private let catalog: Catalog

    public init(catalog: Catalog) { self.catalog = catalog }

    /// One domain by itself.
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
        // Without a look at rows of other tables it is the same condition.
        guard former.sql.asksFormer else { return compiler.sql.domain(condition, formerly: nil) }
        return former.sql.domain(condition, formerly: formerly)
    }

    /// The rules that apply to a user, combined as Odoo's `ir.rule._compute_domain` does: global rules and those of the models
    /// that `model` delegates to (`_inherits`) narrow; of the rules of the user's groups one must let a record pass.
    /// - Parameter rules: By the model that holds them.
    public func compile(rules: [String: [RecordRule]], model: String) -> RuleSet {
        var sql = SQLBuilder()
        var findings: [RuleFinding] = []
        guard let domain = combine(rules, holder: model, &sql, &findings) else { return RuleSet(domain: nil, findings: findings) }
        do {
            return RuleSet(domain: try compile(domain, try catalog.require(model), sql), findings: findings)
        } catch {
            // Each rule was compiled by itself before: it is the sum that is too much.
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
                // By itself first, so that the one that cannot be compiled is known by name.
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
            // Where one rule lets everything pass, it does not matter what another says.
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
        // A text of blanks alone is no rule, as an empty one.
        guard text.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else { return .always }
        var reader = DomainReader(evaluator: DomainEvaluator(catalog: catalog, sql: sql))
        let domain = try reader.read(try DomainParser.parse(text))
        sql = reader.evaluator.sql
        return domain
    }
}
