/// Compiles domains to SQL as Odoo's `odoo/osv/expression.py` (16.0 to 18.0) and `odoo/orm/domains.py` (19.0) do,
/// without any user's rules: rules are evaluated without rules.
struct DomainCompiler {
    let catalog: Catalog
    let dialect: DomainDialect
    var sql: SQLBuilder
    /// Whether x2many relations exclude archived records: not behind a many2one, where Odoo searches with
    /// `active_test=False`, which everything behind it inherits.
    var isActiveTested = true
    /// The condition is about a deleted row (`CompiledDomain.formerly`).
    let isFormer: Bool
    /// The current condition is inside an odd number of `NOT`.
    private(set) var isNegated = false
    private var depth = 0

    /// Nesting levels of a domain, including those that fields add: paths that they follow, delegation.
    private static let maximumDepth = 200

    init(catalog: Catalog, sql: SQLBuilder = SQLBuilder(), isFormer: Bool = false) {
        self.catalog = catalog
        dialect = catalog.dialect
        self.sql = sql
        self.isFormer = isFormer
    }

    /// The row that a condition is about.
    struct Row {
        var alias: String
        var model: CatalogModel
        /// `t`, of which only its own values may be read.
        var isOwn = false
    }

    /// A whole domain on the rows of a model.
    mutating func compile(_ domain: Domain, _ row: Row) throws(DomainError) -> String {
        try condition(try DomainCombiner(catalog: catalog).combine(domain, row.model), row)
    }

    mutating func condition(_ domain: Domain, _ row: Row) throws(DomainError) -> String {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else {
            throw DomainError(.tooDeep, "its related fields are nested deeper than \(Self.maximumDepth)")
        }
        switch domain {
        case .always: return CompiledDomain.always
        case .never: return CompiledDomain.never
        case .fact(let known): return known
        case .searched(let inner, let isTested):
            let outer = isActiveTested
            isActiveTested = isTested
            defer { isActiveTested = outer }
            return try condition(inner, row)
        case .and(let parts): return try join(parts, " AND ", row)
        case .or(let parts): return try join(parts, " OR ", row)
        case .not(.term(let term)):
            try sql.countTerm()
            return try negated(term, row)
        case .not(let inner): return try negation { compiler throws(DomainError) in try compiler.condition(inner, row) }
        case .term(let term):
            try sql.countTerm()
            return try condition(term, row)
        }
    }

    /// A condition that will be inside a `NOT`.
    mutating func behindNot(_ compile: (inout DomainCompiler) throws(DomainError) -> String) throws(DomainError)
        -> String
    {
        isNegated.toggle()
        defer { isNegated.toggle() }
        return try compile(&self)
    }

    private mutating func join(_ parts: [Domain], _ word: String, _ row: Row) throws(DomainError) -> String {
        var pieces: [String] = []
        for part in parts { pieces.append(try condition(part, row)) }
        return "(\(pieces.joined(separator: word)))"
    }

    // MARK: terms

    private mutating func condition(_ term: Domain.Term, _ row: Row) throws(DomainError) -> String {
        let name = term.path
        if name == "message_partner_ids" || name == "message_follower_ids", row.model.fields[name] != nil {
            return try followers(term, isPartner: name == "message_partner_ids", row)
        }
        if name == "is_member", ["discuss.channel", "mail.channel"].contains(row.model.name) {
            return try membership(term, row)
        }
        let field = try field(name, row.model)
        if field.column == nil, field.isCompanyDependent, dialect.hasProperties {
            return try property(term, field, row)
        }
        if name == "id", let value = term.plain {
            if term.op == .childOf || term.op == .parentOf {
                return try hierarchyOfRow(term.op, value, parent: "parent_id", row)
            }
            return try comparison(column(field, row), field, term.op, value, name)
        }
        if field.column == nil {
            // A field of a parent (_inherits): evaluated there.
            if let (link, parent) = inheritedFrom(name, row.model) {
                return try joined(link, of: row, in: parent, .term(term))
            }
            if let related = field.path(in: row.model.name) { return try follow(related, term, row) }
        }
        switch field.type {
        case "many2one" where field.column != nil: return try manyToOne(term, field, row)
        case "one2many" where field.isStored, "many2many" where field.isStored: return try toMany(term, field, row)
        default: break
        }
        guard field.column != nil else {
            throw DomainError(.fieldComputed, "\(row.model.name).\(name) is computed by Odoo's Python code")
        }
        guard let value = term.plain else {
            throw DomainError(.operatorUnsupported, "\(row.model.name).\(name) is not a relation that can be followed")
        }
        return try comparison(column(field, row), field, term.op, value, name)
    }

    private func field(_ path: String, _ model: CatalogModel) throws(DomainError) -> CatalogField {
        if let field = model.fields[path] { return field }
        if path == "id" { return .id }
        if let dot = path.firstIndex(of: "."), model.fields[String(path[..<dot])] != nil {
            throw DomainError(
                .operatorUnsupported, "\(model.name).\(path[..<dot]) is not a relation that can be followed")
        }
        throw DomainError(.fieldUnknown, "model \(model.name) has no field \(path)")
    }

    /// A `!`, with the release's meaning.
    private mutating func negation(
        _ compile: (inout DomainCompiler) throws(DomainError) -> String
    ) throws(DomainError) -> String {
        let condition = try behindNot(compile)
        return dialect.negatesUnknown ? "(\(condition) IS NOT TRUE)" : "(NOT \(condition))"
    }

    /// `!` before a term whose operator has no opposite. Up to Odoo 18 unknown stays unknown: null does not match.
    private mutating func negated(_ term: Domain.Term, _ row: Row) throws(DomainError) -> String {
        if let field = row.model.fields[term.path], field.column == nil, !field.isCompanyDependent {
            if let (link, parent) = inheritedFrom(term.path, row.model) {
                return try joined(link, of: row, in: parent, .not(.term(term)))
            }
            if let related = field.path(in: row.model.name) { return try followNot(related, term, row) }
        }
        // Odoo 16 tests whether the many2one is among the ids found behind it.
        if dialect.negatesPaths, term.op == .any, let field = row.model.fields[term.path], field.type == "many2one",
            field.column != nil
        {
            let found = try behindNot { compiler throws(DomainError) in try compiler.condition(term, row) }
            return "(\(try column(field, row)) IS NOT NULL AND NOT \(found))"
        }
        return try negation { compiler throws(DomainError) in try compiler.condition(term, row) }
    }

    private func inheritedFrom(_ name: String, _ model: CatalogModel) -> (CatalogField, String)? {
        for (link, parent) in model.parents.sorted(by: { $0.key < $1.key }) {
            guard let field = model.fields[link], field.column != nil else { continue }
            // Its own field of that name, defined differently, is not the parent's.
            if let own = model.fields[name], own.related != "\(link).\(name)" { continue }
            return (field, parent)
        }
        return nil
    }

    // MARK: columns

    /// The value of a column of a row; by company or language if it depends on them.
    mutating func column(_ field: CatalogField, _ row: Row) throws(DomainError) -> String {
        try field.requireFit(in: row.model.name)
        let column = field.column ?? "id"
        if row.isOwn, field.name != "id" { sql.noteOwn(field.name) }
        if let table = row.model.table { sql.note(table: table, columns: column) }
        let stored = "\(row.alias).\(column)"
        guard field.columnType == "jsonb" else { return stored }
        if field.isCompanyDependent { return companyValue(of: field, stored, row.model.name) }
        guard field.isTranslated else { return stored }
        sql.note(use: "user")
        sql.note(table: "public.res_users", columns: "id", "partner_id")
        sql.note(table: "public.res_partner", columns: "id", "lang")
        return """
            coalesce(\(stored) ->> (SELECT p.lang FROM public.res_users u JOIN public.res_partner p ON p.id = u.partner_id \
            WHERE u.id = $1), \(stored) ->> 'en_US')
            """
    }

    /// A record at the other end of a many2one column for which a domain holds. Archived ones count, there and further
    /// on.
    mutating func exists(through link: CatalogField, of row: Row, in model: String, _ domain: Domain)
        throws(DomainError) -> String
    {
        let outer = isActiveTested
        isActiveTested = false
        defer { isActiveTested = outer }
        return try joined(link, of: row, in: model, domain)
    }

    /// The same as a join to a parent (`_inherits`), of which there is always one.
    mutating func joined(_ link: CatalogField, of row: Row, in model: String, _ domain: Domain) throws(DomainError)
        -> String
    {
        let other = try catalog.require(model)
        let table = try other.requireTable()
        let alias = try sql.alias()
        sql.note(table: table, columns: "id")
        noteCrossing(domain, in: other)
        let key = try column(link, row)
        let inner = try condition(domain, Row(alias: alias, model: other))
        return possible(
            "(EXISTS (SELECT FROM \(self.other(table)) \(alias) WHERE \(alias).id = \(key) AND \(inner)))",
            where: unknown(key, in: table))
    }

    mutating func noteCrossing(_ domain: Domain, in model: CatalogModel) {
        switch domain {
        case .and(let parts), .or(let parts): for part in parts { noteCrossing(part, in: model) }
        case .not(let inner), .searched(let inner, _): noteCrossing(inner, in: model)
        case .term(let term): sql.note(crossing: model.name, String(term.path.split(separator: ".")[0]))
        case .always, .never, .fact: break
        }
    }
}

extension Domain.Term {
    /// The value, unless it is a subdomain.
    var plain: DomainValue? {
        if case .plain(let value) = value { value } else { nil }
    }
}

extension CatalogField {
    static let id = CatalogField(name: "id", type: "integer", column: "id", columnType: "integer")
}
