import ChangeFeedTesting
import OdooAccess

/// Random domains over the test's models.
struct DomainGenerator {
    var random: SeededGenerator
    let data: TestData
    let asker: Asker
    /// Codes with which the compiler must refuse what was generated last; empty: it must take it.
    private(set) var refusals: Set<DomainError.Code> = []

    init(random: SeededGenerator, data: TestData, asker: Asker) {
        self.random = random
        self.data = data
        self.asker = asker
    }

    mutating func domain(of model: String) -> Node {
        refusals = []
        guard random.chance(3) else { return node(model, 0) }
        // A constant beside it would let the compiler see that it does not matter.
        let others = (0..<Int.random(in: 0...2, using: &random)).map { _ in plain(model) }
        return .and(others + [refused(model)])
    }

    private mutating func node(_ model: String, _ depth: Int) -> Node {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<3: return .truth(random.chance(50))
        case 3..<22 where depth < 3: return .and(parts(model, depth))
        case 22..<42 where depth < 3: return .or(parts(model, depth))
        case 42..<52 where depth < 4: return .not(node(model, depth + 1))
        case 52..<64 where depth < 2:
            guard let (path, other) = relation(model), !other.isEmpty else { return term(model) }
            return .sub(path, isNegative: random.chance(40), node(other, depth + 1))
        default: return term(model)
        }
    }

    private mutating func parts(_ model: String, _ depth: Int) -> [Node] {
        var parts = (0..<Int.random(in: 2...3, using: &random)).map { _ in node(model, depth + 1) }
        // Parts over the same relation, which Odoo joins.
        if random.chance(15), let (path, other) = relation(model) {
            parts += (0..<2).map { _ in .sub(path, isNegative: random.chance(50), node(other, depth + 2)) }
        }
        return parts
    }

    private mutating func pick<T>(_ items: [T]) -> T { items[Int.random(in: 0..<items.count, using: &random)] }

    private mutating func relation(_ model: String, _ depth: Int = 0) -> (String, String)? {
        let fields = TestSchema.models[model]?.fields.filter { $0.comodel.map { $0 != "hr.employee" } ?? false } ?? []
        guard !fields.isEmpty else { return nil }
        let field = pick(fields)
        guard let other = field.comodel else { return nil }
        if depth < 1, random.chance(20), let (rest, last) = relation(other, depth + 1) {
            return ("\(field.name).\(rest)", last)
        }
        return (field.name, other)
    }

    private mutating func term(_ model: String) -> Node {
        if random.chance(35), let (path, other) = relation(model),
            case .term(let rest, let op, let value) = plain(other)
        {
            return .term("\(path).\(rest)", op, value)
        }
        return plain(model)
    }

    private mutating func plain(_ model: String) -> Node {
        guard let described = TestSchema.models[model], random.chance(93) else { return identifier(model) }
        let field = pick(described.fields.filter { $0.kind != .computed && $0.name != "parent_path" })
        var kind = field.kind
        while case .related(_, let inner) = kind { kind = inner }
        let (op, value) = condition(kind, field.name, model)
        return .term(field.name, op, value)
    }

    private mutating func identifier(_ model: String) -> Node {
        let isTree = TestSchema.models[model]?.field("parent_id")?.comodel == model
        let op = pick(["=", "!=", "in", "not in", "=?"] + (isTree ? ["child_of", "parent_of"] : []))
        return .term("id", op, ids(op, model, hasPath: TestSchema.models[model]?.field("parent_path") != nil))
    }

    private mutating func condition(_ kind: TestField.Kind, _ name: String, _ model: String) -> (String, Literal) {
        let inequalities = ["<", ">", "<=", ">="]
        let likes = ["like", "ilike", "not like", "not ilike"]
        switch kind {
        case .integer, .perCompanyInteger:
            let op = pick(["=", "!=", "in", "not in", "=?"] + inequalities + [pick(likes)])
            if likes.contains(op) { return (op, pick([.integer(4), .text("4"), .text(""), .no])) }
            return (
                op,
                list(op) { me in
                    me.pick([.integer(0), .integer(1), .integer(-3), .integer(42), .integer(7), .no, .none])
                }
            )
        case .float:
            let op = pick(["=", "!=", "in", "not in", "=?"] + inequalities)
            return (
                op,
                list(op) { me in
                    me.pick([.integer(0), .decimal("2.25"), .decimal("-1.5"), .integer(100), .decimal("3.0"), .no])
                }
            )
        case .char, .translated, .perCompanyChar:
            let op = pick(["=", "!=", "in", "not in", "=?", "=like", "=ilike"] + inequalities + likes)
            if op == "=like" || op == "=ilike" {
                return (op, .text(pick(["alpha", "a%", "%a_b", "A\\_b", "%", "_", "50\\%", "ALPHA", "x\\\\y", ""])))
            }
            if likes.contains(op) {
                return (
                    op,
                    pick([.text("a"), .text("A_"), .text("%"), .text("\\_"), .text(""), .no, .text("\\\\"), .text("é")])
                )
            }
            return (op, list(op) { me in me.text() })
        case .selection:
            let op = pick(["=", "!=", "in", "not in", "=?", "like", "not ilike", ">="])
            if op.hasSuffix("like") { return (op, .text(pick(["a", "dr", ""]))) }
            return (op, list(op) { me in me.random.chance(15) ? .no : .text(me.pick(TestData.states)) })
        case .boolean:
            let op = pick(["=", "!=", "in", "not in", "=?"])
            if op != "in", op != "not in", random.chance(10) { return (op, expression(ofKind: .boolean)) }
            return (op, list(op) { me in me.pick([.yes, .no]) })
        case .date:
            let op = pick(["=", "!=", "in", "not in", "=?"] + inequalities)
            return (op, list(op) { me in me.random.chance(10) ? .no : .text(me.pick(TestData.days)) })
        case .datetime:
            let op = pick(["=", "!=", "in", "not in", "=?"] + inequalities)
            return (
                op, list(op) { me in me.random.chance(10) ? .no : .text(me.pick(TestData.moments + TestData.days)) }
            )
        case .many2one(let other):
            let isTree = TestSchema.models[other]?.field("parent_id")?.comodel == other
            let op = pick(["=", "=", "!=", "in", "in", "not in", "=?"] + (isTree ? ["child_of", "parent_of"] : []))
            return (op, ids(op, other, hasPath: TestSchema.models[other]?.field("parent_path") != nil))
        case .one2many(let other, _), .many2many(let other, _, _, _):
            let isTree = TestSchema.models[other]?.field("parent_id")?.comodel == other
            let isOneToMany = if case .one2many = kind { true } else { false }
            let isHierarchy = isTree && !(isOneToMany && other == model)
            let op = pick(["=", "!=", "in", "not in", "=?"] + (isHierarchy ? ["child_of", "parent_of"] : []))
            return (
                op, ids(op, other, hasPath: TestSchema.models[other]?.field("parent_path") != nil, takesNone: false)
            )
        case .followers:
            let op = pick(["=", "!=", "in", "not in", "child_of", "parent_of", "=?"])
            return (op, ids(op, "res.partner", hasPath: false, takesNone: false))
        case .related, .computed: return ("=", .no)
        }
    }

    private mutating func list(_ op: String, _ one: (inout DomainGenerator) -> Literal) -> Literal {
        guard op == "in" || op == "not in" || (op == "=" || op == "!=") && random.chance(5) else { return one(&self) }
        if random.chance(5), op == "in" || op == "not in" { return random.chance(50) ? .no : .list([]) }
        return .list((0..<Int.random(in: 0...3, using: &random)).map { _ in one(&self) })
    }

    private mutating func text() -> Literal {
        switch Int.random(in: 0..<20, using: &random) {
        case 0...1: .no
        case 2: .none
        case 3: expression(ofKind: .char)
        default: .text(pick(TestData.names))
        }
    }

    // MARK: ids

    private mutating func ids(_ op: String, _ model: String, hasPath: Bool, takesNone: Bool = true) -> Literal {
        let isHierarchy = op == "child_of" || op == "parent_of"
        func known(_ me: inout DomainGenerator) -> Literal {
            let all = me.data.rows[model]?.keys.sorted() ?? [1]
            return .integer(me.random.chance(5) ? 999 : me.pick(all))
        }
        if isHierarchy {
            switch Int.random(in: 0..<10, using: &random) {
            case 0: return .no
            case 1...3: return expression(model: model, isMany: true) ?? known(&self)
            case 4...6: return .list((0..<Int.random(in: 0...2, using: &random)).map { _ in known(&self) })
            // Odoo fails of False in a list where there are paths.
            case 7 where !hasPath: return .list([known(&self), .no])
            default: return known(&self)
            }
        }
        if op == "in" || op == "not in" || op != "=?" && random.chance(4) {
            switch Int.random(in: 0..<10, using: &random) {
            case 0: return op == "in" || op == "not in" ? .no : .list([])
            case 1...3: return expression(model: model, isMany: true) ?? .list([known(&self)])
            default:
                return .list(
                    (0..<Int.random(in: 0...3, using: &random)).map { _ in
                        random.chance(20)
                            ? .no
                            : random.chance(20) ? expression(model: model, isMany: false) ?? known(&self) : known(&self)
                    })
            }
        }
        switch Int.random(in: 0..<10, using: &random) {
        case 0...2: return .no
        case 3 where takesNone: return .none
        case 4...5: return expression(model: model, isMany: false) ?? known(&self)
        default: return known(&self)
        }
    }

    // MARK: names of rules

    private func optional(_ id: Int?) -> Literal { id.map { .integer($0) } ?? .no }

    private var partner: Int? { data.id("res.users", asker.user, "partner_id") }

    private var employee: Int? {
        let company = data.id("res.users", asker.user, "company_id")
        return data.rows["hr.employee"]?.keys.sorted().first { id in
            data.cell("hr.employee", id, "active") == .bool(true) && data.id("hr.employee", id, "user_id") == asker.user
                && data.id("hr.employee", id, "company_id") == company
        }
    }

    private mutating func expression(model: String, isMany: Bool) -> Literal? {
        var single: [(String, Literal)] = []
        var many: [(String, [Int])] = []
        switch model {
        case "res.users":
            single = [("user.id", .integer(asker.user)), ("uid", .integer(asker.user))]
            many = [("user.ids", [asker.user])]
        case "res.partner":
            single = [
                ("user.partner_id.id", optional(partner)),
                ("user.partner_id.parent_id.id", optional(data.id("res.partner", partner, "parent_id"))),
                ("user.parent_id.id", optional(data.id("res.partner", partner, "parent_id"))),
                ("user.employee_id.parent_id.user_id.partner_id.id", optional(managersPartner)),
            ]
            many = [
                (
                    "user.partner_id.child_ids.ids",
                    (data.rows["res.partner"] ?? [:]).filter {
                        $0.value["parent_id"] == partner.map { .integer($0) } && $0.value["active"] == .bool(true)
                    }.map(\.key).sorted()
                )
            ]
        case "res.company":
            single = [
                ("company_id", .integer(asker.company)),
                ("user.company_id.id", optional(data.id("res.users", asker.user, "company_id"))),
                ("user.env.company.id", optional(data.id("res.users", asker.user, "company_id"))),
                ("user.employee_id.company_id.id", optional(data.id("hr.employee", employee, "company_id"))),
                (
                    "user.partner_id.company_id.parent_id.id",
                    optional(data.id("res.company", data.id("res.partner", partner, "company_id"), "parent_id"))
                ),
            ]
            let own = (data.links["res_company_users_rel"] ?? []).filter { $0["user_id"] == asker.user }.compactMap {
                $0["cid"]
            }
            many = [("company_ids", asker.companies), ("user.company_ids.ids", own)]
        default: return nil
        }
        guard isMany else {
            let (text, value) = pick(single)
            return .expression(text, value: value)
        }
        let (text, value) = pick(many)
        let ids = Literal.list(value.map { .integer($0) })
        if random.chance(30) {
            return .expression("\(text) + [False]", value: .list(value.map { .integer($0) } + [.no]))
        }
        return .expression(text, value: ids)
    }

    private var managersPartner: Int? {
        data.id(
            "res.users", data.id("hr.employee", data.id("hr.employee", employee, "parent_id"), "user_id"), "partner_id")
    }

    private mutating func expression(ofKind kind: TestField.Kind) -> Literal {
        func literal(_ cell: Cell) -> Literal {
            switch cell {
            case .text(let text): .text(text)
            case .bool(let value): value ? .yes : .no
            default: .no
            }
        }
        if kind == .boolean {
            return .expression("user.share", value: literal(data.cell("res.users", asker.user, "share")))
        }
        return pick([
            .expression("user.login", value: literal(data.cell("res.users", asker.user, "login"))),
            .expression("user.partner_id.ref", value: literal(data.cell("res.partner", partner ?? 0, "ref"))),
            .expression("user.ref", value: literal(data.cell("res.partner", partner ?? 0, "ref"))),
        ])
    }

    // MARK: what cannot be compiled

    private mutating func refused(_ model: String) -> Node {
        let first = TestSchema.models[model]?.fields.first { $0.type == "many2one" }?.name ?? "parent_id"
        let cases: [(String, String, Literal, DomainError.Code)] = [
            ("nothing", "=", .integer(1), .fieldUnknown), (first, "ilike", .text("a"), .operatorUnsupported),
            (first, "=", .text("alpha"), .operatorUnsupported), (first, ">", .integer(1), .operatorUnsupported),
            ("id", "approximately", .integer(1), .operatorUnsupported), ("id", "=", .text("x"), .valueInvalid),
            (first, "in", .integer(3), .valueInvalid), ("\(first).nothing", "=", .no, .fieldUnknown),
        ]
        let (path, op, value, code) = pick(cases)
        refusals.insert(code)
        return .term(path, op, value)
    }
}
