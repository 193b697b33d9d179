extension DomainCompiler {
    /// Ids as an SQL array; an empty array and null match nothing.
    mutating func ids(_ value: DomainValue, _ path: String) throws(DomainError) -> String {
        switch value {
        case .empty: return "'{}'::bigint[]"
        case .number(let id): return sql.numberList([id])
        case .dynamic(let value) where value.kind == .number: return "ARRAY[\(value.sql)]::bigint[]"
        case .record(let record): return "ARRAY(\(record.query))::bigint[]"
        case .list(let elements):
            var numbers: [Int64] = []
            var arrays: [String] = []
            for element in elements {
                switch element {
                case .value(.number(let id)): numbers.append(id)
                case .value(.empty): continue
                case .value(.dynamic(let value)) where value.kind == .number:
                    arrays.append("ARRAY[\(value.sql)]::bigint[]")
                case .spread(let array): arrays.append("\(array)::bigint[]")
                default: throw DomainError(.valueInvalid, "\(path) is compared with a value that is not an id")
                }
            }
            if !numbers.isEmpty || arrays.isEmpty {
                arrays.insert(numbers.isEmpty ? "'{}'::bigint[]" : sql.numberList(numbers), at: 0)
            }
            return arrays.count == 1 ? arrays[0] : "(\(arrays.joined(separator: " || ")))"
        default: throw DomainError(.valueInvalid, "\(path) is compared with \(value.typeName), which is not an id")
        }
    }

    private struct Tree {
        var table: String
        var parent: String
        /// Column with the path from the root, if the model has one.
        var path: String?
    }

    private mutating func tree(of model: CatalogModel, parent: String) throws(DomainError) -> Tree {
        let table = try model.requireTable()
        guard let field = model.fields[parent], field.type == "many2one", field.relation == model.name,
            let column = field.column
        else {
            throw DomainError(.fieldUnknown, "\(model.name) is not a tree: it has no field \(parent) of its own")
        }
        let path = model.fields["parent_path"]?.column
        sql.note(table: table, columns: "id", column)
        if let path { sql.note(table: table, columns: path) }
        sql.note(crossing: model.name, parent)
        return Tree(table: table, parent: column, path: path)
    }

    /// A column that refers to a tree.
    mutating func inTree(
        _ key: String, _ op: Domain.Operator, _ value: DomainValue, _ model: CatalogModel, parent: String,
        _ path: String
    ) throws(DomainError) -> String {
        let found = "(\(key) IN (\(try tree(op, value, model, parent: parent, path))))"
        guard isFormer, op == .childOf, value != .empty else { return found }
        return possible(found, where: missing(key, in: try model.requireTable()))
    }

    /// The ids below or above some records, inclusive, archived ones counted: a query of one column.
    mutating func tree(
        _ op: Domain.Operator, _ value: DomainValue, _ model: CatalogModel, parent: String, _ path: String,
        isActive: Bool = false
    ) throws(DomainError) -> String {
        if isActive {
            let all = try tree(op, value, model, parent: parent, path)
            let table = try model.requireTable()
            let alias = try sql.alias()
            let tested = try active(.always, model)
            guard tested != .always else { return all }
            let isActive = try condition(tested, Row(alias: alias, model: model))
            return "SELECT \(alias).id FROM \(table) \(alias) WHERE \(isActive) AND \(alias).id IN (\(all))"
        }
        guard value != .empty else { return "SELECT NULL::int WHERE false" }
        let roots = try ids(value, path)
        var tree = try tree(of: model, parent: parent)
        // Ancestors of the user's records depend on those; descendants, on the rows that are searched.
        if op == .childOf { tree.table = other(tree.table) }
        let (a, b) = (try sql.alias(), try sql.alias())
        switch (op, tree.path) {
        case (.childOf, let path?):
            return """
                SELECT \(a).id FROM \(tree.table) \(a) JOIN \(tree.table) \(b) ON \(a).\(path) LIKE \(b).\(path) || '%' \
                WHERE \(b).id = ANY (\(roots))
                """
        case (.childOf, nil):
            return """
                WITH RECURSIVE h (id) AS (SELECT \(a).id FROM \(tree.table) \(a) WHERE \(a).id = ANY (\(roots)) \
                UNION SELECT \(b).id FROM h JOIN \(tree.table) \(b) ON \(b).\(tree.parent) = h.id) SELECT h.id FROM h
                """
        case (_, let path?):
            return """
                SELECT CASE WHEN \(b).id ~ '^[0-9]{1,9}$' THEN \(b).id::int END FROM \(tree.table) \(a) \
                CROSS JOIN LATERAL unnest(string_to_array(\(a).\(path), '/')) \(b) (id) \
                WHERE \(a).id = ANY (\(roots)) AND \(b).id ~ '^[0-9]{1,9}$'
                """
        case (_, nil):
            return """
                WITH RECURSIVE h (id) AS (SELECT \(a).id FROM \(tree.table) \(a) WHERE \(a).id = ANY (\(roots)) \
                UNION SELECT \(b).\(tree.parent) FROM h JOIN \(tree.table) \(b) ON \(b).id = h.id WHERE \(b).\(tree.parent) IS NOT NULL) \
                SELECT h.id FROM h
                """
        }
    }

    /// A row's own position in its tree. Descendants: by its own parent or path, because the row may have been deleted.
    mutating func hierarchyOfRow(
        _ op: Domain.Operator, _ value: DomainValue, parent: String, _ row: Row
    ) throws(DomainError) -> String {
        guard value != .empty else { return CompiledDomain.never }
        let id = try column(.id, row)
        let found = try tree(op, value, row.model, parent: parent, parent)
        guard op == .childOf, row.isOwn else { return "(\(id) IN (\(found)))" }
        let tree = try tree(of: row.model, parent: parent)
        let roots = try ids(value, parent)
        if let path = tree.path, let field = row.model.fields["parent_path"] {
            let a = try sql.alias()
            let own = try column(field, row)
            return """
                (\(id) = ANY (\(roots)) OR EXISTS (SELECT FROM \(tree.table) \(a) WHERE \(a).id = ANY (\(roots)) \
                AND \(own) LIKE \(a).\(path) || '%'))
                """
        }
        guard let field = row.model.fields[parent] else { return "(\(id) IN (\(found)))" }
        let key = try column(field, row)
        let below = possible("\(key) IN (\(found))", where: missing(key, in: tree.table))
        return "(\(id) = ANY (\(roots)) OR coalesce(\(below), false))"
    }
}
