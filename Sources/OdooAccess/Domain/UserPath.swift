/// Paths that begin at the user, as SQL that looks them up: `user.employee_id.parent_id.id`, `user.groups_id.ids`.
enum UserPath {
    static let user = RecordPath(model: "res.users", sql: "$1", isMany: false, path: "user")

    /// One attribute further.
    static func step(
        from record: RecordPath, to name: String, in evaluator: inout DomainEvaluator
    ) throws(DomainError) -> DomainValue {
        switch name {
        case "id":
            guard !record.isMany else {
                throw DomainError(.valueInvalid, "\(record.path).id needs one record, not several")
            }
            if record.sql == "$1" {
                evaluator.sql.note(use: "uid")
                return .dynamic(DynamicValue(sql: "$1", kind: .number, isNullable: false))
            }
            evaluator.sql.note(use: "user")
            return .dynamic(DynamicValue(sql: record.sql, kind: .number))
        case "ids":
            evaluator.sql.note(use: record.sql == "$1" ? "uid" : "user")
            return .list([.spread("ARRAY(\(record.query))")])
        case "env": return .environment
        default: break
        }
        let path = "\(record.path).\(name)"
        if record.model == "res.users", let known = try ofUser(record, name, path, in: &evaluator) {
            return .record(known)
        }
        let model = try evaluator.catalog.require(record.model)
        guard let field = model.fields[name] else {
            throw DomainError(.nameUnknown, "\(path): \(record.model) has no field with this name")
        }
        if let related = field.path(in: model.name) {
            var value = DomainValue.record(record)
            for part in related.split(separator: ".") {
                guard case .record(let here) = value else {
                    throw DomainError(.nameUnknown, "\(path) cannot be followed")
                }
                value = try step(from: here, to: String(part), in: &evaluator)
            }
            if case .record(var found) = value {
                found.path = path
                return .record(found)
            }
            return value
        }
        return try read(field, of: model, record, path, in: &evaluator)
    }

    /// `mapped('path')` and `filtered('path')` of records.
    static func call(
        _ name: String, _ path: String, of record: RecordPath, in evaluator: inout DomainEvaluator
    ) throws(DomainError) -> DomainValue {
        let steps = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let whole = "\(record.path).\(name)('\(path)')"
        // One record is a set of one.
        let query = record.isMany ? record.sql : "SELECT o.id FROM (\(record.query)) o (id) WHERE o.id IS NOT NULL"
        var here = RecordPath(model: record.model, sql: query, isMany: true, path: record.path)
        guard steps.count <= 16, !steps.contains(where: \.isEmpty) else {
            throw DomainError(.nameUnknown, "\(whole) does not follow a supported path")
        }
        if name == "filtered" {
            guard steps.count == 1 else { throw DomainError(.nameUnknown, "\(whole) follows more than one field") }
            return .record(try filtered(here, by: steps[0], whole, in: &evaluator))
        }
        for (number, step) in steps.enumerated() {
            if step == "id", number == steps.count - 1 {
                evaluator.sql.note(use: "user")
                return .list([.spread("ARRAY(\(here.sql))")])
            }
            if number == steps.count - 1, let query = try texts(of: step, in: here, whole, in: &evaluator) {
                return .list([.texts(query)])
            }
            guard case .record(let next) = try Self.step(from: here, to: step, in: &evaluator), next.isMany else {
                throw DomainError(.fieldComputed, "\(whole) is not a path of relations")
            }
            here = next
        }
        here.path = whole
        return .record(here)
    }

    /// The texts in a field of some records, as a query of one column; nil if it contains no texts.
    private static func texts(
        of name: String, in record: RecordPath, _ path: String, in evaluator: inout DomainEvaluator
    ) throws(DomainError) -> String? {
        let model = try evaluator.catalog.require(record.model)
        guard let field = model.fields[name], ["char", "text", "selection"].contains(field.type) else { return nil }
        if let related = field.path(in: model.name) {
            var here = record
            let parts = related.split(separator: ".").map(String.init)
            for part in parts.dropLast() {
                guard case .record(let next) = try step(from: here, to: part, in: &evaluator), next.isMany else {
                    throw DomainError(.fieldComputed, "\(path) cannot be followed")
                }
                here = next
            }
            guard let last = parts.last else { return nil }
            return try texts(of: last, in: here, path, in: &evaluator)
        }
        guard let column = field.column, !field.isTranslated, !field.isCompanyDependent else {
            throw DomainError(.fieldComputed, "\(path): \(name) has no column of its own")
        }
        let table = try model.requireTable()
        let alias = try evaluator.sql.alias()
        evaluator.sql.note(use: "user")
        evaluator.sql.note(crossing: model.name, field.name)
        evaluator.sql.note(table: table, columns: "id", column)
        return "SELECT \(alias).\(column) FROM \(table) \(alias) WHERE \(alias).id IN (\(record.query))"
    }

    /// Those for which a field is true in Python's sense.
    private static func filtered(
        _ record: RecordPath, by name: String, _ path: String, in evaluator: inout DomainEvaluator
    ) throws(DomainError) -> RecordPath {
        let model = try evaluator.catalog.require(record.model)
        guard let field = model.fields[name], let column = field.column, !field.isTranslated, !field.isCompanyDependent
        else {
            throw DomainError(.fieldComputed, "\(path): \(name) has no column of its own")
        }
        let table = try model.requireTable()
        let alias = try evaluator.sql.alias()
        let condition: String
        switch field.type {
        case "boolean": condition = "\(alias).\(column)"
        case "many2one", "date", "datetime": condition = "\(alias).\(column) IS NOT NULL"
        case "integer", "float", "monetary": condition = "\(alias).\(column) <> 0"
        case "char", "text", "selection": condition = "\(alias).\(column) <> ''"
        default: throw DomainError(.fieldComputed, "\(path): \(name) has a type that is not supported")
        }
        evaluator.sql.note(use: "user")
        evaluator.sql.note(crossing: model.name, field.name)
        evaluator.sql.note(table: table, columns: "id", column)
        return RecordPath(
            model: record.model,
            sql: "SELECT \(alias).id FROM \(table) \(alias) WHERE \(alias).id IN (\(record.sql)) AND \(condition)",
            isMany: true, path: path)
    }

    /// Fields of the user that Odoo computes.
    private static func ofUser(
        _ record: RecordPath, _ name: String, _ path: String, in evaluator: inout DomainEvaluator
    ) throws(DomainError) -> RecordPath? {
        switch name {
        case "groups_id", "group_ids", "all_group_ids":
            guard let isClosed = evaluator.catalog.dialect.closesGroups(name) else {
                throw DomainError(.nameUnknown, "\(path): res.users has no field with this name")
            }
            evaluator.sql.note(use: "groups")
            guard isClosed else {
                evaluator.sql.note(table: "public.res_groups_users_rel", columns: "uid", "gid")
                return RecordPath(
                    model: "res.groups",
                    sql: "SELECT r.gid FROM public.res_groups_users_rel r WHERE r.uid IN (\(record.query))",
                    isMany: true,
                    path: path)
            }
            return RecordPath(
                model: "res.groups",
                sql: "SELECT unnest(changefeed.odoo_member_of(g.id)) FROM (\(record.query)) g (id)", isMany: true,
                path: path)
        case "employee_id":
            // hr's res.users._compute_company_employee: the employee in the user's company.
            let employees = try evaluator.catalog.require("hr.employee")
            let table = try employees.requireTable()
            evaluator.sql.note(table: table, columns: "id", "user_id", "company_id", "active")
            evaluator.sql.note(table: "public.res_users", columns: "id", "company_id")
            evaluator.sql.note(crossing: "hr.employee", "user_id")
            return RecordPath(
                model: "hr.employee",
                sql: """
                    (SELECT e.id FROM \(table) e JOIN public.res_users u ON u.id = e.user_id AND u.company_id = e.company_id \
                    WHERE e.active AND e.user_id IN (\(record.query)) ORDER BY e.id LIMIT 1)
                    """, isMany: false, path: path)
        default: return nil
        }
    }

    private static func read(
        _ field: CatalogField, of model: CatalogModel, _ record: RecordPath, _ path: String,
        in evaluator: inout DomainEvaluator
    ) throws(DomainError) -> DomainValue {
        evaluator.sql.note(use: "user")
        evaluator.sql.note(crossing: model.name, field.name)
        let alias = try evaluator.sql.alias()
        switch field.type {
        case "many2one", "boolean", "integer", "char", "selection", "text":
            return try readColumn(field, of: model, record, alias, path, in: &evaluator)
        case "many2many", "one2many":
            if let list = try readList(field, record, alias, path, in: &evaluator) { return .record(list) }
        default: break
        }
        throw DomainError(
            .fieldComputed, "\(path) is computed by Odoo's Python code, or has a type that cannot be followed")
    }

    private static func readColumn(
        _ field: CatalogField, of model: CatalogModel, _ record: RecordPath, _ alias: String, _ path: String,
        in evaluator: inout DomainEvaluator
    ) throws(DomainError) -> DomainValue {
        guard let column = field.column, !field.isTranslated, !field.isCompanyDependent else {
            throw DomainError(.fieldComputed, "\(path) is computed by Odoo's Python code")
        }
        try field.requireFit(in: model.name)
        let table = try model.requireTable()
        evaluator.sql.note(table: table, columns: "id", column)
        let query = "SELECT \(alias).\(column) FROM \(table) \(alias) WHERE \(alias).id"
        if field.type == "many2one", let relation = field.relation {
            return .record(
                record.isMany
                    ? RecordPath(
                        model: relation, sql: "\(query) IN (\(record.sql)) AND \(alias).\(column) IS NOT NULL",
                        isMany: true, path: path)
                    : RecordPath(model: relation, sql: "(\(query) = \(record.sql))", isMany: false, path: path))
        }
        guard !record.isMany else { throw DomainError(.valueInvalid, "\(path) needs one record, not several") }
        if field.type == "integer" {
            // A missing value is 0 in Odoo, not False.
            return .dynamic(
                DynamicValue(sql: "coalesce((\(query) = \(record.sql)), 0)", kind: .number, isNullable: false))
        }
        let kind: DynamicValue.Kind = field.type == "boolean" ? .boolean : .text
        return .dynamic(DynamicValue(sql: "(\(query) = \(record.sql))", kind: kind))
    }

    /// Nil for a list that Odoo computes.
    private static func readList(
        _ field: CatalogField, _ record: RecordPath, _ alias: String, _ path: String,
        in evaluator: inout DomainEvaluator
    ) throws(DomainError) -> RecordPath? {
        guard let relation = field.relation else { return nil }
        let other = try evaluator.catalog.require(relation)
        let table = try other.requireTable()
        let isActive = other.activeCondition(alias, &evaluator.sql)
        if field.type == "many2many", let between = field.relationTable, let mine = field.column1,
            let theirs = field.column2
        {
            evaluator.sql.note(table: between, columns: mine, theirs)
            evaluator.sql.note(table: table, columns: "id")
            return RecordPath(
                model: relation,
                sql: """
                    SELECT \(alias).id FROM \(between) r JOIN \(table) \(alias) ON \(alias).id = r.\(theirs) \
                    WHERE r.\(mine) IN (\(record.query))\(isActive)
                    """, isMany: true, path: path)
        }
        if field.type == "one2many", let name = field.relationField, let back = other.fields[name]?.column {
            evaluator.sql.note(table: table, columns: "id", back)
            return RecordPath(
                model: relation,
                sql:
                    "SELECT \(alias).id FROM \(table) \(alias) WHERE \(alias).\(back) IN (\(record.query))\(isActive)",
                isMany: true, path: path)
        }
        return nil
    }
}

extension RecordPath {
    /// The ids as a query of one column.
    var query: String { isMany ? sql : "SELECT \(sql)" }
}

extension Catalog {
    func require(_ model: String) throws(DomainError) -> CatalogModel {
        guard let found = self[model] else {
            throw DomainError(.modelMissing, "model \(model) is unknown", missingModel: model)
        }
        return found
    }
}

extension CatalogModel {
    func requireTable() throws(DomainError) -> String {
        guard let table else { throw DomainError(.tableMissing, "model \(name) has no table") }
        return table
    }

    /// Odoo's active_test.
    func activeCondition(_ alias: String, _ sql: inout SQLBuilder) -> String {
        guard let field = fields["active"] ?? fields["x_active"], field.type == "boolean", let column = field.column,
            let table
        else { return "" }
        sql.note(table: table, columns: column)
        return " AND \(alias).\(column)"
    }
}
