/// Why a filter is refused, as a part of a sentence. It repeats nothing from the client except names of fields that the
/// client's user may see.
public struct FilterError: Error, Sendable, Equatable {
    public let reason: String

    public init(_ reason: String) { self.reason = reason }
}

/// A filter as a condition on a row `t` of its model's table.
///
/// Parameters are those of `CompiledDomain`, and `$6` text: the user's time zone.
public struct CompiledFilter: Sendable, Equatable {
    public let sql: String
    public let numbers: [Int64]
    public let texts: [String]
}

/// Compiles a client's filter of a model's records: a domain of plain comparisons with the model's own fields.
///
/// It knows only this model and only the fields that the user may see, so that others cannot be distinguished from
/// nonexistent ones.
public struct FilterCompiler: Sendable {
    /// Bytes of a filter.
    public static let maximumLength = 4_096
    /// Terms that a filter may have.
    public static let maximumTerms = 100

    /// Columns that contain exactly what their fields show.
    public struct Field: Sendable {
        /// `ir_model_fields.ttype`.
        public var type: String
        /// `format_type()` of the column.
        public var columnType: String

        public init(type: String, columnType: String) {
            self.type = type
            self.columnType = columnType
        }
    }

    private let catalog: Catalog
    private let model: CatalogModel

    /// - Parameters:
    ///   - release: Odoo's, such as 18.
    ///   - fields: by name; each is a column of that name.
    public init(release: Int, model: String, fields: [String: Field]) {
        let table = "t"
        self.model = CatalogModel(
            name: model, table: table,
            fields: Dictionary(
                uniqueKeysWithValues: fields.map { name, field in
                    (
                        name,
                        CatalogField(name: name, type: field.type, column: "\"\(name)\"", columnType: field.columnType)
                    )
                }))
        catalog = Catalog(release: release, models: [model: self.model])
    }

    /// - Throws: `FilterError`.
    public func compile(_ text: String) throws(FilterError) -> CompiledFilter {
        guard text.utf8.count <= Self.maximumLength else {
            throw FilterError("it is longer than \(Self.maximumLength) bytes")
        }
        var reader = DomainReader(evaluator: DomainEvaluator(catalog: catalog, sql: SQLBuilder(zone: "$6")))
        let domain: Domain
        do {
            domain = try reader.read(try DomainParser.parse(text))
        } catch {
            switch error.code {
            case .nameUnknown, .modelMissing, .fieldUnknown, .fieldComputed: throw Self.unknownName
            default: throw FilterError(error.message)
            }
        }
        var terms = 0
        try Self.check(domain, &terms)
        let compiled: CompiledDomain
        do {
            compiled = try RuleCompiler(catalog: catalog).compile(domain, model, reader.evaluator.sql)
        } catch {
            switch error.code {
            case .fieldUnknown, .fieldComputed, .modelMissing, .tableMissing, .columnUnfit:
                throw FilterError(
                    "it names a field that \(model.name) does not have, that this user may not see, or that cannot filter records"
                )
            default: throw FilterError(error.message)
            }
        }
        // Depends on other rows than the record itself.
        guard compiled.formerly == nil, compiled.crossings.isEmpty, Set(compiled.reads.keys).isSubset(of: ["t"]),
            Set(compiled.uses).isSubset(of: ["uid", "company_id", "company_ids", "time"]),
            !compiled.sql.contains("SELECT")
        else { throw Self.unknownName }
        return CompiledFilter(sql: compiled.sql, numbers: compiled.numbers, texts: compiled.texts)
    }

    private static var unknownName: FilterError {
        FilterError(
            "it uses an unknown name: filters know uid, user.id, company_id, company_ids and times relative to now"
        )
    }

    private static func check(_ domain: Domain, _ terms: inout Int) throws(FilterError) {
        switch domain {
        case .always, .never, .fact: return
        case .and(let parts), .or(let parts): for part in parts { try check(part, &terms) }
        case .not(let inner), .searched(let inner, _): try check(inner, &terms)
        case .term(let term):
            terms += 1
            guard terms <= maximumTerms else { throw FilterError("it has more than \(maximumTerms) terms") }
            guard !term.path.contains(".") else {
                throw FilterError("it follows a path: filters compare fields of the model itself")
            }
            switch term.op {
            case .any, .notAny, .childOf, .parentOf:
                throw FilterError(
                    "'\(term.op.rawValue)' reads other records: filters compare fields of the model itself")
            case .like, .notLike, .ilike, .notIlike, .likePattern, .ilikePattern, .notLikePattern, .notIlikePattern:
                if case .plain(.dynamic) = term.value { throw FilterError("'\(term.op.rawValue)' needs a text") }
            default: return
            }
        }
    }
}
