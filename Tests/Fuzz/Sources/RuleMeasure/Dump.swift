internal import OdooAccess

/// What of a pg_dump script in the plain format is needed here: columns of tables, and some tables' rows.
struct Dump {
    struct Rule {
        var name: String
        var model: String
        var domain: String
    }

    /// Types by column, by table.
    private var columns: [String: [String: String]] = [:]
    /// Whose columns the dump does not list: every stored field is taken for one.
    private var views: Set<String> = []
    private var rows: [String: [[String: String]]] = [:]

    private static let wanted: Set<String> = ["ir_model", "ir_model_fields", "ir_model_inherit", "ir_rule"]

    /// Reads standard input to its end.
    static func read() -> Dump {
        var dump = Dump()
        while let line = readLine() {
            if line.hasPrefix("CREATE TABLE public.") {
                dump.readColumns(of: String(line.dropFirst(20).prefix { $0 != " " }))
            } else if line.hasPrefix("CREATE VIEW public.") {
                dump.views.insert(String(line.dropFirst(19).prefix { $0 != " " }))
            } else if line.hasPrefix("COPY public.") {
                dump.readRows(line)
            }
        }
        return dump
    }

    private mutating func readColumns(of table: String) {
        var found: [String: String] = [:]
        while let line = readLine(), !line.hasPrefix(")") {
            let words = line.split(separator: " ", maxSplits: 1).map(String.init)
            guard words.count == 2 else { continue }
            var type = words[1].hasSuffix(",") ? String(words[1].dropLast()) : words[1]
            for tail in [" NOT NULL", " DEFAULT"] {
                if let end = type.place(of: tail) { type = String(type[..<end]) }
            }
            found[words[0].filter { $0 != "\"" }] = type
        }
        columns[table] = found
    }

    private mutating func readRows(_ line: String) {
        let table = String(line.dropFirst(12).prefix { $0 != " " })
        guard let open = line.firstIndex(of: "("), let close = line.firstIndex(of: ")") else { return }
        let names = line[line.index(after: open)..<close].split(separator: ",").map { $0.filter { $0 != " " && $0 != "\"" } }
        while let line = readLine(), line != "\\." {
            guard Self.wanted.contains(table) else { continue }
            let values = line.split(separator: "\t", omittingEmptySubsequences: false)
            var row: [String: String] = [:]
            for (name, value) in zip(names, values) where value != "\\N" { row[String(name)] = Self.unescaped(value) }
            rows[table, default: []].append(row)
        }
    }

    /// COPY's text format.
    private static func unescaped(_ value: Substring) -> String {
        var text = ""
        var isEscaped = false
        for character in value {
            if isEscaped {
                text.append(["n": "\n", "r": "\r", "t": "\t"][character] ?? character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                text.append(character)
            }
        }
        return text
    }

    private var models: [String: String] {
        Dictionary((rows["ir_model"] ?? []).compactMap { row in row["id"].flatMap { id in row["model"].map { (id, $0) } } }) { first, _ in first }
    }

    /// Active rules that apply to reading.
    var rules: [Rule] {
        let models = models
        return (rows["ir_rule"] ?? []).filter { $0["active"] == "t" && $0["perm_read"] == "t" }.map {
            Rule(name: $0["name"] ?? "", model: models[$0["model_id"] ?? ""] ?? "", domain: $0["domain_force"] ?? "")
        }
    }

    var catalog: Catalog {
        var found: [String: CatalogModel] = [:]
        for model in models.values {
            let table = model.map { $0 == "." ? "_" : String($0) }.joined()
            found[model] = CatalogModel(name: model, table: columns[table] == nil && !views.contains(table) ? nil : "public.\(table)", fields: [:])
        }
        var names: [String: (model: String, field: String)] = [:]
        for row in rows["ir_model_fields"] ?? [] {
            guard let model = row["model"], let name = row["name"], let type = row["ttype"] else { continue }
            if let id = row["id"] { names[id] = (model, name) }
            let table = model.map { $0 == "." ? "_" : String($0) }.joined()
            let isOfView = views.contains(table) && row["store"] == "t" && !type.hasSuffix("2many")
            let column = isOfView ? "of a view" : columns[table]?[name]
            var field = CatalogField(
                name: name, type: type, column: column == nil ? nil : name, columnType: column, relation: row["relation"])
            field.relationTable = row["relation_table"].map { "public.\($0)" }
            field.column1 = row["column1"]
            field.column2 = row["column2"]
            field.relationField = row["relation_field"]
            field.isTranslated = (row["translate"] ?? "f") != "f"
            field.isCompanyDependent = row["company_dependent"] == "t"
            field.isStored = row["store"] == "t"
            field.related = row["related"]
            found[model]?.fields[name] = field
        }
        let byID = models
        for row in rows["ir_model_inherit"] ?? [] {
            guard let id = row["parent_field_id"], let link = names[id], let parent = byID[row["parent_id"] ?? ""],
                byID[row["model_id"] ?? ""] == link.model
            else { continue }
            found[link.model]?.parents[link.field] = parent
        }
        return Catalog(models: found)
    }
}

extension String {
    /// Where a text begins for the first time.
    fileprivate func place(of other: String) -> String.Index? { indices.first { self[$0...].hasPrefix(other) } }
}
