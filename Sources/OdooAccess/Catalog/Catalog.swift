/// A database's facts about Odoo's models: `ir_model_fields`, `ir_model_inherit`, and PostgreSQL's catalog.
///
/// Names of tables and columns are SQL, quoted by the server (`quote_ident`), tables with their schema.
public struct Catalog: Sendable {
    private var models: [String: CatalogModel]
    /// Odoo's release, such as 18, on which a domain's meaning depends.
    public var release: Int

    public init(release: Int = 18, models: [String: CatalogModel] = [:]) {
        self.release = release
        self.models = models
    }

    var dialect: DomainDialect { DomainDialect(release: release) }

    public subscript(model: String) -> CatalogModel? { models[model] }

    public var isEmpty: Bool { models.isEmpty }

    public mutating func add(_ more: [String: CatalogModel]) { models.merge(more) { _, new in new } }
}

/// One model.
public struct CatalogModel: Sendable {
    public var name: String
    /// Nil if there is no ordinary table.
    public var table: String?
    public var fields: [String: CatalogField]
    /// `_inherits`: the many2one field that leads to each parent, and the parent.
    public var parents: [String: String]

    public init(name: String, table: String?, fields: [String: CatalogField], parents: [String: String] = [:]) {
        self.name = name
        self.table = table
        self.fields = fields
        self.parents = parents
    }
}

/// One field.
public struct CatalogField: Sendable {
    public var name: String
    /// `ir_model_fields.ttype`.
    public var type: String
    /// Column of the model's table; nil if there is none.
    public var column: String?
    /// Its `format_type()`.
    public var columnType: String?
    /// Model at the other end.
    public var relation: String?
    /// many2many: the relation's table, its column for this model, and that for the other.
    public var relationTable: String?
    public var column1: String?
    public var column2: String?
    /// one2many: the inverse field of the other model.
    public var relationField: String?
    public var isTranslated = false
    public var isCompanyDependent = false
    public var isStored = true
    /// The path that a field without a column follows.
    public var related: String?

    public init(name: String, type: String, column: String? = nil, columnType: String? = nil, relation: String? = nil) {
        self.name = name
        self.type = type
        self.column = column
        self.columnType = columnType
        self.relation = relation
    }
}
