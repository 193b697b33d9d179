/// A second opinion on domains: in memory, over all records of a model at once, step by step as Odoo 18 goes (`odoo/osv/expression.py`,
/// `BaseModel._condition_to_sql`, `Field._search_related`). Nil is SQL's unknown.
struct ReferenceEvaluator {
    let data: TestData
    let asker: Asker

    typealias Answers = [Int: Bool?]

    /// Ids of the records that a rule lets pass.
    func search(_ model: String, _ domain: Node) -> Set<Int> { search(model, domain, isActiveTested: false) }

    /// `_search`: the domain, and the test of `active` unless the domain names it.
    private func search(_ model: String, _ domain: Node, isActiveTested: Bool) -> Set<Int> {
        var tree = combined(anyfied(domain, model), model)
        if isActiveTested, TestSchema.models[model]?.field("active") != nil, !Self.names("active", tree) {
            tree = .and([.term("active", "=", .yes), tree])
        }
        return Set(answers(tree, model, isActiveTested).compactMap { $0.value == true ? $0.key : nil })
    }

    /// The same without a search around it: what stands on the record itself.
    func passing(_ model: String, _ domain: Node) -> Set<Int> {
        let tree = combined(anyfied(domain, model), model)
        return Set(answers(tree, model, true).compactMap { $0.value == true ? $0.key : nil })
    }

    private static func names(_ field: String, _ tree: Node) -> Bool {
        switch tree {
        case .truth: false
        case .and(let parts), .or(let parts): parts.contains { names(field, $0) }
        case .not(let inner): names(field, inner)
        case .term(let path, _, _), .sub(let path, _, _): path == field
        }
    }

    // MARK: _anyfy_leaves, _tree_from_domain, _tree_combine_anies

    private func comodel(_ model: String, _ field: String) -> String {
        TestSchema.models[model]?.field(field)?.comodel ?? ""
    }

    private func anyfied(_ node: Node, _ model: String) -> Node {
        switch node {
        case .truth: return node
        case .and(let parts): return Self.and(parts.map { anyfied($0, model) })
        case .or(let parts): return Self.or(parts.map { anyfied($0, model) })
        case .not(let inner): return Self.not(anyfied(inner, model))
        case .sub(let path, let isNegative, let inner):
            if let dot = path.firstIndex(of: ".") {
                let first = String(path[..<dot])
                let rest = Node.sub(String(path[path.index(after: dot)...]), isNegative: isNegative, inner)
                return .sub(first, isNegative: false, anyfied(rest, comodel(model, first)))
            }
            return .sub(path, isNegative: isNegative, anyfied(inner, comodel(model, path)))
        case .term(let path, let op, let value):
            guard let dot = path.firstIndex(of: ".") else { return node }
            let first = String(path[..<dot])
            return .sub(
                first, isNegative: false,
                anyfied(.term(String(path[path.index(after: dot)...]), op, value), comodel(model, first)))
        }
    }

    private static func and(_ parts: [Node]) -> Node {
        var children: [Node] = []
        for part in parts {
            switch part {
            case .truth(true): continue
            case .truth(false): return .truth(false)
            case .and(let inner): children += inner
            default: children.append(part)
            }
        }
        return children.isEmpty ? .truth(true) : children.count == 1 ? children[0] : .and(children)
    }

    private static func or(_ parts: [Node]) -> Node {
        var children: [Node] = []
        for part in parts {
            switch part {
            case .truth(false): continue
            case .truth(true): return .truth(true)
            case .or(let inner): children += inner
            default: children.append(part)
            }
        }
        return children.isEmpty ? .truth(false) : children.count == 1 ? children[0] : .or(children)
    }

    /// TERM_OPERATORS_NEGATION
    private static let opposites = [
        "<": ">=", ">": "<=", "<=": ">", ">=": "<", "=": "!=", "!=": "=", "in": "not in", "not in": "in",
        "like": "not like",
        "not like": "like", "ilike": "not ilike", "not ilike": "ilike",
    ]
    private static let negative: Set<String> = ["!=", "not like", "not ilike", "not in"]

    private static func not(_ node: Node) -> Node {
        switch node {
        case .truth(let value): .truth(!value)
        case .not(let inner): inner
        case .and(let parts): or(parts.map(not))
        case .or(let parts): and(parts.map(not))
        case .sub(let field, let isNegative, let inner): .sub(field, isNegative: !isNegative, inner)
        case .term(let field, let op, let value): opposites[op].map { .term(field, $0, value) } ?? .not(node)
        }
    }

    private func combined(_ tree: Node, _ model: String) -> Node {
        var tree = tree
        switch tree {
        case .not(let inner): tree = Self.not(combined(inner, model))
        case .and(let parts): tree = Self.and(parts.map { combined($0, model) })
        case .or(let parts): tree = Self.or(parts.map { combined($0, model) })
        default: break
        }
        if case .sub(let field, let isNegative, let inner) = tree {
            return .sub(field, isNegative: isNegative, combined(inner, comodel(model, field)))
        }
        let isAnd: Bool
        let parts: [Node]
        switch tree {
        case .and(let inner): (isAnd, parts) = (true, inner)
        case .or(let inner): (isAnd, parts) = (false, inner)
        default: return tree
        }
        var others: [Node] = []
        var groups: [(field: String, isNegative: Bool, members: [Node])] = []
        for part in parts {
            guard case .sub(let field, let isNegative, let inner) = part else {
                others.append(part)
                continue
            }
            if let index = groups.firstIndex(where: { $0.field == field && $0.isNegative == isNegative }) {
                groups[index].members.append(inner)
            } else {
                groups.append((field, isNegative, [inner]))
            }
        }
        for group in groups {
            let other = comodel(model, group.field)
            // Joined by "or": any of or, not any of and. The other way round only where there is at most one record.
            if isAnd == group.isNegative {
                others.append(.sub(group.field, isNegative: group.isNegative, combined(Self.or(group.members), other)))
            } else if TestSchema.models[model]?.field(group.field)?.type == "many2one", group.members.count > 1 {
                others.append(.sub(group.field, isNegative: group.isNegative, combined(Self.and(group.members), other)))
            } else {
                others += group.members.map { .sub(group.field, isNegative: group.isNegative, combined($0, other)) }
            }
        }
        return isAnd ? Self.and(others) : Self.or(others)
    }

    // MARK: three-valued logic

    private func ids(_ model: String) -> [Int] { data.rows[model].map { Array($0.keys) } ?? [] }

    private func all(_ model: String, _ answer: (Int) -> Bool?) -> Answers {
        var found: Answers = [:]
        for id in ids(model) { found.updateValue(answer(id), forKey: id) }
        return found
    }

    private func answers(_ tree: Node, _ model: String, _ isActiveTested: Bool) -> Answers {
        switch tree {
        case .truth(let value): return all(model) { _ in value }
        case .not(let inner):
            let found = answers(inner, model, isActiveTested)
            return all(model) { id in Self.value(found, id).map { !$0 } }
        case .and(let parts):
            let found = parts.map { answers($0, model, isActiveTested) }
            return all(model) { id in
                let values = found.map { Self.value($0, id) }
                return values.contains(false) ? false : values.contains(nil) ? nil : true
            }
        case .or(let parts):
            let found = parts.map { answers($0, model, isActiveTested) }
            return all(model) { id in
                let values = found.map { Self.value($0, id) }
                return values.contains(true) ? true : values.contains(nil) ? nil : false
            }
        case .term(let field, let op, let value): return leaf(model, field, op, value.resolved, isActiveTested)
        case .sub(let field, let isNegative, let inner): return sub(model, field, isNegative, inner, isActiveTested)
        }
    }

    private static func value(_ answers: Answers, _ id: Int) -> Bool? { answers[id].flatMap { $0 } }

    private func or(_ model: String, _ first: Answers, _ second: Answers) -> Answers {
        all(model) { id in
            let values = [Self.value(first, id), Self.value(second, id)]
            return values.contains(true) ? true : values.contains(nil) ? nil : false
        }
    }

    private func inherited(_ model: String, _ field: String) -> (link: String, parent: String)? {
        guard let delegation = TestSchema.models[model]?.delegation,
            case .related(let path, _)? = TestSchema.models[model]?.field(field)?.kind,
            path == "\(delegation.field).\(field)"
        else { return nil }
        return (delegation.field, delegation.parent)
    }

    /// LEFT JOIN of the parent.
    private func byParent(_ model: String, _ link: String, _ found: Answers) -> Answers {
        all(model) { id in data.id(model, id, link).flatMap { Self.value(found, $0) } }
    }

    private func sub(_ model: String, _ name: String, _ isNegative: Bool, _ inner: Node, _ isActiveTested: Bool)
        -> Answers
    {
        if let (link, parent) = inherited(model, name) {
            return byParent(model, link, sub(parent, name, isNegative, inner, isActiveTested))
        }
        let other = comodel(model, name)
        if TestSchema.models[model]?.field(name)?.type == "many2one" {
            let found = Literal.found(search(other, inner, isActiveTested: false))
            if !isNegative { return leaf(model, name, "in", found, isActiveTested) }
            return or(
                model, leaf(model, name, "not in", found, isActiveTested), leaf(model, name, "=", .no, isActiveTested))
        }
        let found = Literal.found(search(other, inner, isActiveTested: isActiveTested))
        return leaf(model, name, isNegative ? "not in" : "in", found, isActiveTested)
    }

    // MARK: one condition

    private func leaf(_ model: String, _ name: String, _ op: String, _ value: Literal, _ isActiveTested: Bool)
        -> Answers
    {
        var op = op
        // normalize_leaf
        if op == "in" || op == "not in", value == .yes || value == .no { op = op == "in" ? "=" : "!=" }
        if case .list = value, op == "=" || op == "!=" { op = op == "=" ? "in" : "not in" }
        if let (link, parent) = inherited(model, name) {
            return byParent(model, link, leaf(parent, name, op, value, isActiveTested))
        }
        if name == "id", op == "child_of" || op == "parent_of" {
            let found = hierarchy(op, Self.ids(value), model, parent: "parent_id")
            return all(model) { found.contains($0) }
        }
        if name == "id" { return all(model) { Conditions.test(.integer, .integer($0), op, value, isID: true) } }
        guard let field = TestSchema.models[model]?.field(name) else { return [:] }
        switch field.kind {
        case .related(let path, _):
            return related(path.split(separator: ".").map(String.init), model, op, value)
        case .followers: return followed(model, op, value)
        case .many2one(let other):
            if op == "child_of" || op == "parent_of" {
                if other == model {
                    let found = hierarchy(op, Self.ids(value), model, parent: name)
                    return all(model) { found.contains($0) }
                }
                // No root at all is FALSE, not a search that finds nothing.
                let roots = op == "parent_of" ? Self.ids(value).filter { $0 != 0 } : Self.ids(value)
                if roots.isEmpty { return all(model) { _ in false } }
                let found = hierarchy(op, roots, other, parent: "parent_id")
                return all(model) { Conditions.test(field.kind, data.cell(model, $0, name), "in", .found(found)) }
            }
            return all(model) { Conditions.test(field.kind, data.cell(model, $0, name), op, value) }
        case .one2many(let other, let inverse):
            let pairs = ids(other).compactMap { there in data.id(other, there, inverse).map { ($0, there) } }
            return toMany(model, other, op, value, pairs, isActiveTested, isManyToMany: false)
        case .many2many(let other, let table, let mine, let theirs):
            let pairs = (data.links[table] ?? []).compactMap { pair in
                pair[mine].flatMap { here in pair[theirs].map { (here, $0) } }
            }
            return toMany(model, other, op, value, pairs, isActiveTested, isManyToMany: true)
        default: return all(model) { Conditions.test(field.kind, cell(model, $0, field), op, value) }
        }
    }

    /// `to_ids`
    private static func ids(_ value: Literal) -> [Int] {
        switch value {
        case .integer(let id): id == 0 ? [] : [id]
        case .list(let items): items.map { if case .integer(let id) = $0 { id } else { 0 } }
        default: []
        }
    }

    /// child_of_domain and parent_of_domain
    private func hierarchy(_ op: String, _ roots: [Int], _ model: String, parent: String) -> Set<Int> {
        let all = ids(model)
        if TestSchema.models[model]?.field("parent_path") != nil {
            func path(_ id: Int) -> String {
                if case .text(let text) = data.cell(model, id, "parent_path") { text } else { "" }
            }
            let known = roots.filter { all.contains($0) }
            if op == "child_of" { return Set(all.filter { id in known.contains { path(id).hasPrefix(path($0)) } }) }
            return Set(known.flatMap { path($0).split(separator: "/").compactMap { Int($0) } })
        }
        var found = Set(roots.filter { all.contains($0) })
        while true {
            let more =
                op == "child_of"
                ? all.filter { id in data.id(model, id, parent).map { found.contains($0) } ?? false }
                : found.compactMap { data.id(model, $0, parent) }
            if found.isSuperset(of: more) { return found }
            found.formUnion(more)
        }
    }

    private func toMany(
        _ model: String, _ other: String, _ op: String, _ value: Literal, _ pairs: [(Int, Int)], _ isActiveTested: Bool,
        isManyToMany: Bool
    ) -> Answers {
        let isNegative = Self.negative.contains(op)
        if op == "child_of" || op == "parent_of" {
            var found = hierarchy(op, Self.ids(value), other, parent: "parent_id")
            if isManyToMany, isActiveTested, TestSchema.models[other]?.field("active") != nil {
                found = found.filter { data.cell(other, $0, "active") == .bool(true) }
            }
            let with = Set(pairs.filter { found.contains($0.1) }.map(\.0))
            return all(model) { with.contains($0) }
        }
        if value == .no {
            let with = Set(pairs.map(\.0))
            return all(model) { with.contains($0) == isNegative }
        }
        let wanted: Set<Int> = if case .found(let ids) = value { ids } else { Set(Self.ids(value)) }
        let with = Set(pairs.filter { wanted.contains($0.1) }.map(\.0))
        return all(model) { with.contains($0) != isNegative }
    }

    /// Field._search_related
    private func related(_ path: [String], _ model: String, _ op: String, _ value: Literal) -> Answers {
        guard path.count > 1 else { return leaf(model, path[0], op, value, false) }
        let other = comodel(model, path[0])
        let inner = related(Array(path.dropFirst()), other, op, value)
        let found = Literal.found(Set(inner.compactMap { $0.value == true ? $0.key : nil }))
        let answers = leaf(model, path[0], "in", found, false)
        let isNull: Bool = if case .list(let items) = value { items.contains(where: \.isFalse) } else { value.isFalse }
        let mayBeNull = !Self.negative.contains(op) == isNull
        guard mayBeNull, let field = TestSchema.models[model]?.field(path[0]), field.type == "many2one",
            !field.isRequired
        else {
            return answers
        }
        return or(model, answers, leaf(model, path[0], "=", .no, false))
    }

    /// mail.thread's _search_message_partner_ids
    private func followed(_ model: String, _ op: String, _ value: Literal) -> Answers {
        let isNegative = Self.negative.contains(op)
        let positive = isNegative ? Self.opposites[op] ?? op : op
        let roots = hierarchy(op == "parent_of" ? op : "child_of", Self.ids(value), "res.partner", parent: "parent_id")
        let with = Set(
            data.followers.filter { row in
                guard row.model == model else { return false }
                if op == "child_of" || op == "parent_of" { return roots.contains(row.partner) }
                return Conditions.test(.many2one("res.partner"), .integer(row.partner), positive, value) == true
            }.map(\.record))
        return all(model) { with.contains($0) != isNegative }
    }

    /// `_field_to_sql`: by company and by language.
    private func cell(_ model: String, _ id: Int, _ field: TestField) -> Cell {
        let stored = data.cell(model, id, field.name)
        switch field.kind {
        case .translated:
            guard case .json(let texts) = stored else { return .null }
            if case .text(let lang) = data.cell(
                "res.partner", data.id("res.users", asker.user, "partner_id") ?? 0, "lang"),
                let text = texts[lang]
            {
                return text
            }
            return texts["en_US"] ?? .null
        case .perCompanyInteger, .perCompanyChar:
            if case .json(let values) = stored, let value = values[String(asker.company)] { return value }
            let own = data.defaults.first { $0.field == field.name && $0.company == asker.company }
            let common = data.defaults.first { $0.field == field.name && $0.company == nil }
            let fallback = (own ?? common)?.value ?? .null
            if fallback == .bool(false) { return field.kind == .perCompanyInteger ? .integer(0) : .null }
            return fallback
        default: return stored
        }
    }
}
