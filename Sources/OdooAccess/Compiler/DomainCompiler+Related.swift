/// Fields that follow a path (`related=`) and are not stored: Odoo's Field._search_related.
extension DomainCompiler {
    /// The path, step by step; an empty many2one on it counts as a missing value.
    mutating func follow(_ related: String, _ term: Domain.Term, _ row: Row) throws(DomainError) -> String {
        if term.op == .notAny, case .domain = term.value {
            var positive = term
            positive.op = .any
            return try not { compiler throws(DomainError) in try compiler.follow(related, positive, row) }
        }
        let last = try end(of: related, row.model)
        var step = term
        if case .domain(let inner) = term.value, let relation = last.relation, last.type != "many2one" {
            let searched = try active(inner, try catalog.require(relation))
            step.value = .domain(.searched(searched, isActiveTested: isActiveTested))
        }
        let outer = isActiveTested
        isActiveTested = false
        defer { isActiveTested = outer }
        return try condition(try path(related.split(separator: "."), step, row.model), row)
    }

    /// `!` before it: unknown if the first many2one is empty and others follow.
    mutating func followNot(_ related: String, _ term: Domain.Term, _ row: Row) throws(DomainError) -> String {
        let steps = related.split(separator: ".")
        guard let first = steps.first, let field = row.model.fields[String(first)], field.column != nil else {
            throw DomainError(.operatorUnsupported, "'!' before '\(term.op.rawValue)' of \(term.path) is not supported")
        }
        let outer = isActiveTested
        isActiveTested = false
        defer { isActiveTested = outer }
        var step = term
        guard steps.count > 1 else {
            step.path = String(first)
            return try condition(.not(.term(step)), row)
        }
        guard field.type == "many2one", let relation = field.relation else {
            throw DomainError(.operatorUnsupported, "'!' before '\(term.op.rawValue)' of \(term.path) is not supported")
        }
        let other = try catalog.require(relation)
        let table = try other.requireTable()
        let alias = try sql.alias()
        sql.note(table: table, columns: "id")
        let domain = try path(steps.dropFirst(), term, other)
        noteCrossing(domain, in: other)
        let key = try column(field, row)
        return try not { compiler throws(DomainError) in
            let inner = try compiler.condition(domain, Row(alias: alias, model: other))
            let found = compiler.possible(
                "\(key) IN (SELECT \(alias).id FROM \(compiler.other(table)) \(alias) WHERE \(inner))",
                where: compiler.unknown(key, in: table))
            return "(\(found) OR (\(key) IS NULL AND \(try compiler.condition(term.missing, row))))"
        }
    }

    private func path(_ steps: some Collection<Substring>, _ term: Domain.Term, _ model: CatalogModel)
        throws(DomainError) -> Domain
    {
        guard let first = steps.first else { throw DomainError(.fieldUnknown, "\(term.path) follows an empty path") }
        let name = String(first)
        guard steps.count > 1 else {
            var last = term
            last.path = name
            return .term(last)
        }
        guard let field = model.fields[name], let relation = field.relation else {
            throw DomainError(.fieldUnknown, "\(model.name).\(name) is not a relation that can be followed")
        }
        let inner = try path(steps.dropFirst(), term, try catalog.require(relation))
        let step = Domain.term(Domain.Term(path: name, op: .any, value: .domain(inner)))
        guard field.type == "many2one" else { return step }
        return .any([step, .all([term.missing, .term(Domain.Term(path: name, op: .equal, value: .plain(.empty)))])])
    }

    private func end(of related: String, _ model: CatalogModel) throws(DomainError) -> CatalogField {
        var model = model
        var found: CatalogField?
        for step in related.split(separator: ".") {
            if let relation = found?.relation { model = try catalog.require(relation) }
            guard let field = model.fields[String(step)] else {
                throw DomainError(.fieldUnknown, "model \(model.name) has no field \(step)")
            }
            found = field
        }
        guard let found else { throw DomainError(.fieldUnknown, "a field of \(model.name) follows an empty path") }
        return found
    }

    /// Odoo's active_test: archived records are excluded, unless the domain names the field itself.
    func active(_ domain: Domain, _ model: CatalogModel) throws(DomainError) -> Domain {
        guard isActiveTested, let field = model.fields["active"] ?? model.fields["x_active"], field.type == "boolean",
            !domain.names(field.name)
        else { return domain }
        return .all([.term(Domain.Term(path: field.name, op: .equal, value: .plain(.yes))), domain])
    }
}

extension Domain.Term {
    /// Odoo's can_be_null: when a missing value matches. With a value that only the database knows, it depends.
    fileprivate var missing: Domain {
        guard let plain else { return .never }
        var values: [DomainValue] = [plain]
        if case .list(let elements) = plain {
            values = elements.compactMap { if case .value(let value) = $0 { value } else { nil } }
        }
        if values.contains(.empty) { return op.isNegative ? .never : .always }
        let nullable = values.compactMap { value -> String? in
            switch value {
            case .dynamic(let dynamic) where dynamic.isNullable: dynamic.sql
            case .record(let record) where !record.isMany: record.sql
            default: nil
            }
        }
        if nullable.isEmpty { return op.isNegative ? .always : .never }
        let isEmpty = nullable.map { "\($0) IS NULL" }.joined(separator: " OR ")
        return .fact("(\(op.isNegative ? "NOT (\(isEmpty))" : isEmpty))")
    }
}

extension Domain {
    /// Whether a term is about this very field.
    fileprivate func names(_ field: String) -> Bool {
        switch self {
        case .always, .never, .fact: false
        case .and(let parts), .or(let parts): parts.contains { $0.names(field) }
        case .not(let inner), .searched(let inner, _): inner.names(field)
        case .term(let term): term.path == field
        }
    }
}
