extension DomainCompiler {
    // MARK: many2one

    mutating func manyToOne(_ term: Domain.Term, _ field: CatalogField, _ row: Row) throws(DomainError) -> String {
        // Without a table, only its ids can be compared.
        let relation = field.relation ?? ""
        switch (term.op, term.value) {
        case (.any, .domain(let inner)): return try exists(through: field, of: row, in: relation, inner)
        case (.notAny, .domain(let inner)):
            // Odoo: not among the found ids, or empty.
            return try not { compiler throws(DomainError) in
                try compiler.exists(through: field, of: row, in: relation, inner)
            }
        case (.childOf, .plain(let value)), (.parentOf, .plain(let value)):
            if relation == row.model.name { return try hierarchyOfRow(term.op, value, parent: field.name, row) }
            let model = try catalog.require(relation)
            return try inTree(column(field, row), term.op, value, model, parent: "parent_id", term.path)
        case (_, .plain(let value)):
            guard !value.holdsText else {
                throw DomainError(
                    .operatorUnsupported, "\(term.path) is searched by name, which Odoo's Python code does")
            }
            guard [.equal, .notEqual, .isIn, .isNotIn, .equalIfSet].contains(term.op) else {
                throw DomainError(
                    .operatorUnsupported, "'\(term.op.rawValue)' of \(term.path) is not supported for a many2one field")
            }
            return try comparison(column(field, row), field, term.op, value, term.path)
        case (_, .domain): throw DomainError(.notADomain, "'\(term.op.rawValue)' takes no domain")
        }
    }

    // MARK: one2many and many2many

    /// The table whose rows link a record to others, the column of the record, and that of the others.
    private struct Link {
        var table: String
        var mine: String
        var theirs: String
        /// Column with the record's model, for links by model and id.
        var modelColumn: String?
    }

    private mutating func link(_ field: CatalogField, _ row: Row, _ other: CatalogModel) throws(DomainError) -> Link {
        if field.type == "many2many" {
            guard let table = field.relationTable, let mine = field.column1, let theirs = field.column2 else {
                throw DomainError(.tableMissing, "\(row.model.name).\(field.name) has no table of its own")
            }
            sql.note(table: table, columns: mine, theirs)
            return Link(table: table, mine: mine, theirs: theirs)
        }
        let table = try other.requireTable()
        guard let name = field.relationField, let back = other.fields[name], let column = back.column else {
            throw DomainError(
                .fieldComputed, "\(row.model.name).\(field.name) cannot be followed: its inverse field is computed")
        }
        try back.requireFit(in: other.name)
        guard back.type == "many2one" else {
            throw DomainError(
                .operatorUnsupported,
                "\(row.model.name).\(field.name) has an inverse field of type \(back.type), which is not supported")
        }
        sql.note(table: table, columns: "id", column)
        sql.note(crossing: other.name, name)
        return Link(table: table, mine: column, theirs: "id")
    }

    mutating func toMany(_ term: Domain.Term, _ field: CatalogField, _ row: Row) throws(DomainError) -> String {
        guard let relation = field.relation else {
            throw DomainError(.fieldUnknown, "\(row.model.name).\(field.name) leads to no model")
        }
        let other = try catalog.require(relation)
        let link = try link(field, row, other)
        let key = "\(row.alias).id"
        if field.type == "many2many" { sql.note(crossing: row.model.name, field.name) }
        switch (term.op, term.value) {
        case (.any, .domain(let inner)), (.notAny, .domain(let inner)):
            let domain = Domain.all([inner, dialect.shown(by: field.name, of: row.model.name) ?? .always])
            guard term.op == .notAny else { return try related(domain, link, key, other) }
            return try not { compiler throws(DomainError) in try compiler.related(domain, link, key, other) }
        case (_, .domain): throw DomainError(.notADomain, "'\(term.op.rawValue)' takes no domain")
        case (.childOf, .plain(let value)), (.parentOf, .plain(let value)):
            // Odoo then follows the field itself, in the opposite direction.
            if relation == row.model.name, field.type == "one2many" {
                throw DomainError(
                    .operatorUnsupported,
                    "'\(term.op.rawValue)' of \(term.path), which refers to its own model, is not supported")
            }
            let alias = try sql.alias()
            // The results of a many2many field are searched, so archived records are excluded; not so for a one2many
            // field.
            let ids = try tree(
                term.op, value, other, parent: "parent_id", term.path,
                isActive: isActiveTested && field.type == "many2many")
            return possible(
                "(EXISTS (SELECT FROM \(self.other(link.table)) \(alias) WHERE \(alias).\(link.mine) = \(key) AND \(alias).\(link.theirs) IN (\(ids))))",
                where: changed(link.table))
        case (_, .plain(let value)): return try toMany(term, value, field, row, link, other)
        }
    }

    /// Compared with ids, or with `False`.
    private mutating func toMany(
        _ term: Domain.Term, _ value: DomainValue, _ field: CatalogField, _ row: Row, _ link: Link,
        _ other: CatalogModel
    ) throws(DomainError) -> String {
        guard !value.holdsText else {
            throw DomainError(
                .operatorUnsupported, "\(term.path) is searched by name, which Odoo's Python code does")
        }
        let alias = try sql.alias()
        let key = "\(row.alias).id"
        var any = "EXISTS (SELECT FROM \(self.other(link.table)) \(alias) WHERE \(alias).\(link.mine) = \(key)"
        if let shown = dialect.shown(by: field.name, of: row.model.name), link.theirs == "id" {
            any += " AND \(try condition(shown, Row(alias: alias, model: other)))"
        }
        let some = "(\(any)))"
        let without = "(NOT \(any)))"
        let found = "(\(any) AND \(alias).\(link.theirs) = ANY (\(try ids(value, term.path)))))"
        let isUnknown = changed(link.table)
        let op = term.op
        switch (op, value) {
        // Records without any, archived ones counted.
        case (.equal, .empty): return try not { $0.possible(some, where: isUnknown) }
        case (.notEqual, .empty): return possible(some, where: isUnknown)
        // Before Odoo 19, `=?` with False is not always true here.
        case (.equalIfSet, _) where value.isFalsy:
            return dialect.negatesUnknown ? CompiledDomain.always : try not { $0.possible(some, where: isUnknown) }
        // A value that is False at run time.
        case (.equalIfSet, .dynamic(let dynamic)) where dynamic.isNullable && dialect.negatesUnknown:
            return possible("(\(dynamic.sql) IS NULL OR \(found))", where: isUnknown)
        case (.equal, .dynamic(let dynamic)) where dynamic.isNullable,
            (.equalIfSet, .dynamic(let dynamic)) where dynamic.isNullable,
            (.notEqual, .dynamic(let dynamic)) where dynamic.isNullable:
            let same = "(CASE WHEN \(dynamic.sql) IS NULL THEN \(without) ELSE \(found) END)"
            return op == .notEqual
                ? try not { $0.possible(same, where: isUnknown) } : possible(same, where: isUnknown)
        case (.isIn, .list(let elements)), (.isNotIn, .list(let elements)):
            let isEmpty = try emptiness(among: elements, field, term.path)
            let isAmong =
                isEmpty.isEmpty ? found : "(\(found) OR ((\(isEmpty.joined(separator: " OR "))) AND \(without)))"
            return op == .isNotIn
                ? try not { $0.possible(isAmong, where: isUnknown) } : possible(isAmong, where: isUnknown)
        case (.equal, _), (.isIn, _), (.equalIfSet, _): return possible(found, where: isUnknown)
        case (.notEqual, _), (.isNotIn, _): return try not { $0.possible(found, where: isUnknown) }
        default:
            throw DomainError(
                .operatorUnsupported, "'\(op.rawValue)' of \(term.path) is not supported for a \(field.type) field")
        }
    }

    /// `False` in a list, as conditions: from Odoo 19 on it matches records without any.
    private func emptiness(
        among elements: [DomainValue.Element], _ field: CatalogField, _ path: String
    ) throws(DomainError) -> [String] {
        guard dialect.findsRecordsWithoutAny else {
            // PostgreSQL refuses Odoo's SQL for it.
            if dialect.hasProperties, field.type == "one2many", elements.contains(.value(.empty)) {
                throw DomainError(
                    .valueInvalid,
                    "the list compared with \(path) contains False, which Odoo \(dialect.release) refuses")
            }
            return []
        }
        return elements.compactMap { element in
            switch element {
            case .value(.empty): CompiledDomain.always
            case .value(.dynamic(let value)) where value.isNullable: "\(value.sql) IS NULL"
            default: nil
            }
        }
    }

    /// Records behind a link for which a domain holds; archived ones do not count, unless the domain names `active`.
    private mutating func related(
        _ domain: Domain, _ link: Link, _ key: String, _ other: CatalogModel
    ) throws(DomainError) -> String {
        let table = try other.requireTable()
        let alias = try sql.alias()
        sql.note(table: table, columns: "id")
        noteCrossing(domain, in: other)
        let inner = try condition(try active(domain, other), Row(alias: alias, model: other))
        if link.table == table && link.theirs == "id" {
            return possible(
                "(EXISTS (SELECT FROM \(self.other(table)) \(alias) WHERE \(alias).\(link.mine) = \(key) AND \(inner)))",
                where: changed(table))
        }
        return possible(
            """
            (EXISTS (SELECT FROM \(self.other(link.table)) \(alias)r JOIN \(self.other(table)) \(alias) ON \(alias).id = \(alias)r.\(link.theirs) \
            WHERE \(alias)r.\(link.mine) = \(key) AND \(inner)))
            """, where: changed(link.table))
    }

    // MARK: followers and members

    /// mail.thread: a record's followers are in mail_followers by model and id. Odoo's _search_message_partner_ids: the
    /// opposite of the positive operator.
    mutating func followers(_ term: Domain.Term, isPartner: Bool, _ row: Row) throws(DomainError) -> String {
        let model = try catalog.require("mail.followers")
        let table = try model.requireTable()
        let alias = try sql.alias()
        sql.note(table: table, columns: "res_model", "res_id", "partner_id")
        sql.note(crossing: model.name, "partner_id")
        let isNegative = term.op.isNegative
        var asked = term
        if isNegative, let positive = term.op.negated { asked.op = positive }
        let inner: Domain
        switch (isPartner, term.value) {
        case (false, .domain(let domain)): inner = domain
        case (false, .plain):
            throw DomainError(.operatorUnsupported, "message_follower_ids is supported only with a field after it")
        case (true, .domain(let domain)):
            asked.path = "partner_id"
            let searched = try active(domain, try catalog.require("res.partner"))
            asked.value = .domain(.searched(searched, isActiveTested: isActiveTested))
            inner = .term(asked)
        case (true, .plain):
            asked.path = "partner_id"
            inner = .term(asked)
        }
        func found(_ compiler: inout DomainCompiler) throws(DomainError) -> String {
            let condition = try compiler.condition(inner, Row(alias: alias, model: model))
            let name = compiler.sql.text(row.model.name)
            // The log keeps the followers of a deleted record.
            return """
                (EXISTS (SELECT FROM \(compiler.other(table)) \(alias) WHERE \(alias).res_model = \(name) \
                AND \(alias).res_id = \(row.alias).id AND \(condition)))
                """
        }
        return isNegative ? try not(found) : try found(&self)
    }

    /// discuss.channel._search_is_member, in Odoo 16 mail.channel's.
    mutating func membership(_ term: Domain.Term, _ row: Row) throws(DomainError) -> String {
        let wanted: Bool
        switch (term.op, term.plain) {
        case (.equal, .yes?), (.notEqual, .empty?): wanted = true
        case (.equal, .empty?), (.notEqual, .yes?): wanted = false
        default: throw DomainError(.operatorUnsupported, "is_member can only be compared with True or False")
        }
        let members = try catalog.require(row.model.name + ".member")
        let table = try members.requireTable()
        let alias = try sql.alias()
        sql.note(table: table, columns: "channel_id", "partner_id")
        sql.note(table: "public.res_users", columns: "id", "partner_id")
        sql.note(use: "user")
        sql.note(crossing: members.name, "partner_id")
        let found = """
            (EXISTS (SELECT FROM \(self.other(table)) \(alias) WHERE \(alias).channel_id = \(row.alias).id \
            AND \(alias).partner_id = (SELECT u.partner_id FROM public.res_users u WHERE u.id = $1)))
            """
        let isUnknown = changed(table)
        return wanted ? possible(found, where: isUnknown) : try not { $0.possible(found, where: isUnknown) }
    }
}

extension DomainValue {
    fileprivate var holdsText: Bool {
        switch self {
        case .text: true
        case .list(let elements): elements.contains { if case .value(.text) = $0 { true } else { false } }
        default: false
        }
    }
}
