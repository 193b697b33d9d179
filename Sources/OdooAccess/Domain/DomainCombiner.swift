/// Brings a domain into Odoo's form before compilation (`expression.domain_combine_anies`, 17.0 and later): dotted
/// paths become `any`, and adjacent conditions on the same relation become one subdomain.
///
/// This is not only an optimisation: a subdomain that names `active` sees archived records, and so does everything
/// merged into it.
struct DomainCombiner {
    let catalog: Catalog

    /// - Throws: `DomainError` (`fieldUnknown`, `modelMissing`).
    func combine(_ domain: Domain, _ model: CatalogModel) throws(DomainError) -> Domain {
        let split = try split(domain, model)
        return catalog.dialect.hasAny ? try combined(split, model) : split
    }

    // MARK: paths

    private func split(_ domain: Domain, _ model: CatalogModel) throws(DomainError) -> Domain {
        switch domain {
        case .always, .never, .fact, .searched: return domain
        case .and(let parts): return .all(try parts.map { part throws(DomainError) in try split(part, model) })
        case .or(let parts): return .any(try parts.map { part throws(DomainError) in try split(part, model) })
        case .not(let inner):
            let inner = try split(inner, model)
            return catalog.dialect.hasAny ? inner.negated(catalog.dialect) : .not(inner)
        case .term(var term):
            if let dot = term.path.firstIndex(of: ".") {
                let first = String(term.path[..<dot])
                // A field that is no relation has no path; the compiler reports that.
                guard let other = try relation(first, model) else { return domain }
                let rest = Domain.Term(
                    path: String(term.path[term.path.index(after: dot)...]), op: term.op, value: term.value)
                return .term(Domain.Term(path: first, op: .any, value: .domain(try split(.term(rest), other))))
            }
            guard case .domain(let inner) = term.value else { return domain }
            if term.path == "id", catalog.dialect.hasPatternNegations {
                let inner = try split(inner, model)
                return term.op == .any ? inner : inner.negated(catalog.dialect)
            }
            guard let other = try relation(term.path, model) else { return domain }
            term.value = .domain(try split(inner, other))
            return .term(term)
        }
    }

    private func relation(_ name: String, _ model: CatalogModel) throws(DomainError) -> CatalogModel? {
        guard let field = model.fields[name] else {
            guard name == "id" else { throw DomainError(.fieldUnknown, "model \(model.name) has no field \(name)") }
            return nil
        }
        guard let relation = field.relation else { return nil }
        return try catalog.require(relation)
    }

    // MARK: subdomains

    private func combined(_ domain: Domain, _ model: CatalogModel) throws(DomainError) -> Domain {
        switch domain {
        case .always, .never, .fact, .searched: return domain
        case .not(let inner): return try combined(inner, model).negated(catalog.dialect)
        case .term(var term):
            guard case .domain(let inner) = term.value, let other = try relation(term.path, model) else {
                return domain
            }
            term.value = .domain(try combined(inner, other))
            return .term(term)
        case .and(let parts), .or(let parts):
            let isAnd = if case .and = domain { true } else { false }
            let whole = Self.join(try parts.map { part throws(DomainError) in try combined(part, model) }, isAnd)
            switch whole {
            case .and(let parts): return try grouped(parts, isAnd: true, model)
            case .or(let parts): return try grouped(parts, isAnd: false, model)
            default: return whole
            }
        }
    }

    private static func join(_ parts: [Domain], _ isAnd: Bool) -> Domain { isAnd ? .all(parts) : .any(parts) }

    private struct Group: Hashable {
        var field: String
        var isNegative: Bool
    }

    private func grouped(_ parts: [Domain], isAnd: Bool, _ model: CatalogModel) throws(DomainError) -> Domain {
        var others: [Domain] = []
        var order: [Group] = []
        var members: [Group: [Domain]] = [:]
        for part in parts {
            guard case .term(let term) = part, case .domain(let inner) = term.value else {
                others.append(part)
                continue
            }
            let group = Group(field: term.path, isNegative: term.op == .notAny)
            if members[group] == nil { order.append(group) }
            members[group, default: []].append(inner)
        }
        for group in order {
            let inner = members[group] ?? []
            let op: Domain.Operator = group.isNegative ? .notAny : .any
            func ask(_ domain: Domain) throws(DomainError) -> Domain {
                guard let other = try relation(group.field, model) else {
                    return .term(Domain.Term(path: group.field, op: op, value: .domain(domain)))
                }
                return .term(Domain.Term(path: group.field, op: op, value: .domain(try combined(domain, other))))
            }
            if inner.count == 1 {
                others.append(.term(Domain.Term(path: group.field, op: op, value: .domain(inner[0]))))
            } else if isAnd == group.isNegative {
                others.append(try ask(.any(inner)))
            } else if model.fields[group.field]?.type == "many2one" {
                // For at most one record the negation is equivalent.
                others.append(try ask(.all(inner)))
            } else {
                others += inner.map { .term(Domain.Term(path: group.field, op: op, value: .domain($0))) }
            }
        }
        return Self.join(others, isAnd)
    }
}
