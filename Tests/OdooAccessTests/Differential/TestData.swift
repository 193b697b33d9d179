import ChangeFeedTesting

/// One cell.
enum Cell: Equatable, Sendable {
    case null
    case integer(Int)
    case decimal(Double)
    case text(String)
    case bool(Bool)
    /// An object whose values are texts, integers or JSON's null.
    case json([String: Cell])
}

/// Who asks.
struct Asker {
    var user: Int
    var company: Int
    var companies: [Int]
}

/// Random rows of every model, the same for the same seed.
struct TestData {
    /// Columns by id, by model.
    private(set) var rows: [String: [Int: [String: Cell]]] = [:]
    /// Pairs by table of a many2many field, in the order of its columns' names.
    private(set) var links: [String: [[String: Int]]] = [:]
    private(set) var followers: [(model: String, record: Int, partner: Int)] = []
    /// ir_default by field of x.order and company; nil: of all companies.
    private(set) var defaults: [(field: String, company: Int?, value: Cell)] = []

    static let names = ["alpha", "Beta", "a_b", "50%", "", "x\\y", "alphabet", "O'Neil", "ALPHA", "é"]
    static let states = ["draft", "sale", "done", ""]
    static let days = ["2024-02-29", "2023-12-31", "2024-03-01", "2026-01-15"]
    static let moments = [
        "2024-02-29 00:00:00", "2024-02-29 12:30:00", "2024-02-29 23:59:59", "2024-03-01 00:00:00",
        "2023-12-31 23:59:59",
    ]
    static let amounts: [Double] = [0, -1.5, 2.25, 100, 3]

    init(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let counts = [
            "res.company": 6, "res.partner": 24, "res.users": 8, "hr.employee": 8, "x.category": 10, "x.tag": 9,
            "x.order": 40, "x.line": 50,
            "x.variant": 25,
        ]
        // Ids with gaps.
        let ids = counts.mapValues { (1...$0 + 4).shuffled(using: &random).prefix($0).sorted() }
        for (name, model) in TestSchema.models.sorted(by: { $0.key < $1.key }) {
            var made: [Int: [String: Cell]] = [:]
            for id in ids[name] ?? [] {
                var row: [String: Cell] = [:]
                for field in model.fields where field.columnType != nil {
                    row[field.name] = Self.cell(field, model, id, ids, &random)
                }
                made[id] = row
            }
            if model.field("parent_path") != nil {
                let tree = made
                for id in tree.keys { made[id]?["parent_path"] = .text(Self.path(id, tree)) }
            }
            rows[name] = made
            for field in model.fields {
                guard case .many2many(let other, let table, let mine, let theirs) = field.kind, links[table] == nil
                else { continue }
                var pairs: Set<[Int]> = []
                for id in ids[name] ?? [] where random.chance(60) {
                    for _ in 0..<Int.random(in: 1...3, using: &random) {
                        if let there = ids[other]?.randomElement(using: &random) { pairs.insert([id, there]) }
                    }
                }
                links[table] = pairs.sorted { ($0[0], $0[1]) < ($1[0], $1[1]) }.map { [mine: $0[0], theirs: $0[1]] }
            }
        }
        for id in ids["x.order"] ?? [] where random.chance(50) {
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                if let partner = ids["res.partner"]?.randomElement(using: &random) {
                    followers.append(("x.order", id, partner))
                }
            }
        }
        // The same ids followed as records of another model.
        for id in (ids["x.order"] ?? []).prefix(10) { followers.append(("x.line", id, ids["res.partner"]?.first ?? 1)) }
        for field in ["rating", "note"] {
            if random.chance(50) { defaults.append((field, nil, Self.plain(field, &random))) }
            if random.chance(50), let company = ids["res.company"]?.randomElement(using: &random) {
                defaults.append((field, company, Self.plain(field, &random)))
            }
        }
    }

    private static func plain(_ field: String, _ random: inout SeededGenerator) -> Cell {
        if random.chance(20) { return .bool(false) }
        return field == "rating"
            ? .integer([0, 1, 5].randomElement(using: &random) ?? 0) : .text(names.randomElement(using: &random) ?? "")
    }

    private static func cell(
        _ field: TestField, _ model: TestModel, _ id: Int, _ ids: [String: [Int]], _ random: inout SeededGenerator
    ) -> Cell {
        if !field.isRequired, random.chance(25) { return .null }
        switch field.kind {
        case .integer: return .integer([0, 1, -3, 42, 7].randomElement(using: &random) ?? 0)
        case .float: return .decimal(amounts.randomElement(using: &random) ?? 0)
        case .char where field.name == "lang":
            return .text(["fr_FR", "en_US", "de_DE"].randomElement(using: &random) ?? "en_US")
        case .char: return .text(names.randomElement(using: &random) ?? "")
        case .selection: return .text(states.randomElement(using: &random) ?? "")
        case .boolean: return .bool(random.chance(70))
        case .date: return .text(days.randomElement(using: &random) ?? "")
        case .datetime: return .text(moments.randomElement(using: &random) ?? "")
        case .translated:
            var texts = ["en_US": Cell.text(names.randomElement(using: &random) ?? "")]
            if random.chance(50) { texts["fr_FR"] = .text(names.randomElement(using: &random) ?? "") }
            return .json(texts)
        case .perCompanyInteger, .perCompanyChar:
            var values: [String: Cell] = [:]
            for company in ids["res.company"] ?? [] where random.chance(50) {
                values[String(company)] =
                    field.kind == .perCompanyInteger
                    ? .integer([0, 1, 5].randomElement(using: &random) ?? 0)
                    : random.chance(30) ? .null : .text(names.randomElement(using: &random) ?? "")
            }
            return .json(values)
        case .many2one(let other) where other == model.name:
            // Upwards only, so that there is no circle.
            let above = (ids[other] ?? []).filter { $0 < id }
            return above.randomElement(using: &random).map { .integer($0) } ?? .null
        case .many2one(let other): return ids[other]?.randomElement(using: &random).map { .integer($0) } ?? .null
        case .one2many, .many2many, .related, .followers, .computed: return .null
        }
    }

    private static func path(_ id: Int, _ rows: [Int: [String: Cell]]) -> String {
        guard case .integer(let parent)? = rows[id]?["parent_id"] else { return "\(id)/" }
        return path(parent, rows) + "\(id)/"
    }

    /// INSERTs of it all.
    var script: String {
        var lines: [String] = []
        for (name, made) in rows.sorted(by: { $0.key < $1.key }) {
            guard let model = TestSchema.models[name] else { continue }
            let columns = model.fields.filter { $0.columnType != nil }.map(\.name)
            for (id, row) in made.sorted(by: { $0.key < $1.key }) {
                let values = [String(id)] + columns.map { Self.literal(row[$0] ?? .null) }
                lines.append(
                    "INSERT INTO \(model.table) (id, \(columns.joined(separator: ", "))) VALUES (\(values.joined(separator: ", ")));"
                )
            }
        }
        for (table, pairs) in links.sorted(by: { $0.key < $1.key }) {
            for pair in pairs {
                let columns = pair.keys.sorted()
                lines.append(
                    "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES (\(columns.map { String(pair[$0] ?? 0) }.joined(separator: ", ")));"
                )
            }
        }
        for (index, row) in followers.enumerated() {
            lines.append(
                "INSERT INTO mail_followers VALUES (\(index + 1), '\(row.model)', \(row.record), \(row.partner));")
        }
        lines.append("INSERT INTO ir_model_fields VALUES (1, 'x.order', 'rating'), (2, 'x.order', 'note');")
        for (index, row) in defaults.enumerated() {
            lines.append(
                "INSERT INTO ir_default VALUES (\(index + 1), \(row.field == "rating" ? 1 : 2), NULL, \(row.company.map(String.init) ?? "NULL"), NULL, \(Self.quoted(Self.json(row.value))));"
            )
        }
        return lines.joined(separator: "\n")
    }

    private static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }

    private static func json(_ cell: Cell) -> String {
        switch cell {
        case .null: "null"
        case .integer(let value): String(value)
        case .decimal(let value): String(value)
        case .bool(let value): String(value)
        case .text(let text): "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
        case .json(let values):
            "{" + values.sorted { $0.key < $1.key }.map { "\"\($0)\": \(json($1))" }.joined(separator: ", ") + "}"
        }
    }

    private static func literal(_ cell: Cell) -> String {
        switch cell {
        case .null: "NULL"
        case .integer(let value): String(value)
        case .decimal(let value): String(value)
        case .bool(let value): String(value)
        case .text(let text): quoted(text)
        case .json: quoted(json(cell))
        }
    }

    func cell(_ model: String, _ id: Int, _ column: String) -> Cell { rows[model]?[id]?[column] ?? .null }

    func id(_ model: String, _ id: Int?, _ column: String) -> Int? {
        guard let id, case .integer(let value) = cell(model, id, column) else { return nil }
        return value
    }
}
