import OdooAccess

/// A field of a model that the differential test makes up.
struct TestField: Sendable {
    enum Kind: Equatable, Sendable {
        case integer, float, char, selection, boolean, date, datetime, translated
        /// jsonb {company: value}
        case perCompanyInteger, perCompanyChar
        case many2one(String)
        case one2many(String, inverse: String)
        case many2many(String, table: String, mine: String, theirs: String)
        /// Not stored: follows a path; the kind of what it leads to.
        indirect case related(String, Kind)
        /// Not stored: who follows the record, by mail.followers.
        case followers
        /// Computed by code that SQL does not have.
        case computed
    }

    var name: String
    var kind: Kind
    var isRequired = false

    /// Type of the column; nil: no column.
    var columnType: String? {
        switch kind {
        case .integer: "integer"
        case .float: "numeric"
        case .char, .selection: "character varying"
        case .boolean: "boolean"
        case .date: "date"
        case .datetime: "timestamp without time zone"
        case .translated, .perCompanyInteger, .perCompanyChar: "jsonb"
        case .many2one: "integer"
        case .one2many, .many2many, .related, .followers, .computed: nil
        }
    }

    var comodel: String? { Self.comodel(kind) }

    static func comodel(_ kind: Kind) -> String? {
        switch kind {
        case .many2one(let model), .one2many(let model, _), .many2many(let model, _, _, _): model
        case .related(_, let inner): comodel(inner)
        case .followers: "res.partner"
        default: nil
        }
    }

    /// `ir_model_fields.ttype`.
    var type: String { Self.type(kind) }

    static func type(_ kind: Kind) -> String {
        switch kind {
        case .integer, .perCompanyInteger: "integer"
        case .float: "float"
        case .char, .translated, .perCompanyChar, .computed: "char"
        case .selection: "selection"
        case .boolean: "boolean"
        case .date: "date"
        case .datetime: "datetime"
        case .many2one: "many2one"
        case .one2many: "one2many"
        case .many2many, .followers: "many2many"
        case .related(_, let inner): type(inner)
        }
    }
}

struct TestModel: Sendable {
    var name: String
    var fields: [TestField]
    /// `_inherits`: field and parent.
    var delegation: (field: String, parent: String)?
    var table: String { name.replacing(".", with: "_") }

    func field(_ name: String) -> TestField? { fields.first { $0.name == name } }
}

/// Related models with every kind of field that domains speak of.
enum TestSchema {
    static let models: [String: TestModel] = Dictionary(uniqueKeysWithValues: list.map { ($0.name, $0) })

    /// Models whose domains are generated.
    static let roots = [
        "x.order", "x.variant", "x.line", "x.tag", "x.category", "res.partner", "res.company", "res.users",
    ]

    private static let list = [
        // A tree with parent_path.
        TestModel(
            name: "res.company",
            fields: [
                TestField(name: "name", kind: .char), TestField(name: "parent_id", kind: .many2one("res.company")),
                TestField(name: "parent_path", kind: .char),
                TestField(name: "partner_ids", kind: .one2many("res.partner", inverse: "company_id")),
            ]),
        // A tree without.
        TestModel(
            name: "res.partner",
            fields: [
                TestField(name: "name", kind: .char), TestField(name: "ref", kind: .char),
                TestField(name: "lang", kind: .char),
                TestField(name: "level", kind: .integer), TestField(name: "active", kind: .boolean),
                TestField(name: "parent_id", kind: .many2one("res.partner")),
                TestField(name: "company_id", kind: .many2one("res.company")),
                TestField(name: "child_ids", kind: .one2many("res.partner", inverse: "parent_id")),
                TestField(name: "order_ids", kind: .one2many("x.order", inverse: "partner_id")),
                TestField(
                    name: "tag_ids",
                    kind: .many2many("x.tag", table: "partner_tag_rel", mine: "partner_id", theirs: "tag_id")),
                TestField(
                    name: "friend_ids",
                    kind: .many2many("res.partner", table: "partner_friend_rel", mine: "left_id", theirs: "right_id")),
                TestField(name: "parent_name", kind: .related("parent_id.name", .char)),
            ]),
        TestModel(
            name: "res.users",
            fields: [
                TestField(name: "login", kind: .char), TestField(name: "share", kind: .boolean),
                TestField(name: "active", kind: .boolean),
                TestField(name: "company_id", kind: .many2one("res.company"), isRequired: true),
                TestField(name: "partner_id", kind: .many2one("res.partner"), isRequired: true),
                TestField(
                    name: "company_ids",
                    kind: .many2many("res.company", table: "res_company_users_rel", mine: "user_id", theirs: "cid")),
                TestField(name: "name", kind: .related("partner_id.name", .char)),
                TestField(name: "ref", kind: .related("partner_id.ref", .char)),
                TestField(name: "level", kind: .related("partner_id.level", .integer)),
                TestField(
                    name: "tag_ids",
                    kind: .related("partner_id.tag_ids", .many2many("x.tag", table: "", mine: "", theirs: ""))),
                TestField(name: "parent_id", kind: .related("partner_id.parent_id", .many2one("res.partner"))),
            ], delegation: ("partner_id", "res.partner")),
        TestModel(
            name: "hr.employee",
            fields: [
                TestField(name: "name", kind: .char), TestField(name: "active", kind: .boolean),
                TestField(name: "user_id", kind: .many2one("res.users")),
                TestField(name: "company_id", kind: .many2one("res.company")),
                TestField(name: "parent_id", kind: .many2one("hr.employee")),
            ]),
        // A tree with parent_path whose records can be archived.
        TestModel(
            name: "x.category",
            fields: [
                TestField(name: "name", kind: .char), TestField(name: "active", kind: .boolean),
                TestField(name: "parent_id", kind: .many2one("x.category")),
                TestField(name: "parent_path", kind: .char),
                TestField(name: "order_ids", kind: .one2many("x.order", inverse: "category_id")),
                TestField(name: "child_ids", kind: .one2many("x.category", inverse: "parent_id")),
            ]),
        TestModel(
            name: "x.tag",
            fields: [
                TestField(name: "name", kind: .translated), TestField(name: "color", kind: .integer),
                TestField(name: "active", kind: .boolean),
                TestField(name: "parent_id", kind: .many2one("x.tag")),
                TestField(
                    name: "order_ids",
                    kind: .many2many("x.order", table: "order_tag_rel", mine: "tag_id", theirs: "order_id")),
            ]),
        TestModel(
            name: "x.order",
            fields: [
                TestField(name: "name", kind: .char), TestField(name: "state", kind: .selection),
                TestField(name: "amount", kind: .float),
                TestField(name: "quantity", kind: .integer), TestField(name: "day", kind: .date),
                TestField(name: "moment", kind: .datetime),
                TestField(name: "is_done", kind: .boolean), TestField(name: "title", kind: .translated),
                TestField(name: "rating", kind: .perCompanyInteger), TestField(name: "note", kind: .perCompanyChar),
                TestField(name: "partner_id", kind: .many2one("res.partner")),
                TestField(name: "company_id", kind: .many2one("res.company")),
                TestField(name: "user_id", kind: .many2one("res.users")),
                TestField(name: "category_id", kind: .many2one("x.category")),
                TestField(name: "line_ids", kind: .one2many("x.line", inverse: "order_id")),
                TestField(
                    name: "tag_ids",
                    kind: .many2many("x.tag", table: "order_tag_rel", mine: "order_id", theirs: "tag_id")),
                TestField(name: "partner_name", kind: .related("partner_id.name", .char)),
                TestField(
                    name: "partner_company_id", kind: .related("partner_id.company_id", .many2one("res.company"))),
                TestField(name: "grand_name", kind: .related("user_id.partner_id.parent_id.name", .char)),
                TestField(
                    name: "category_order_ids",
                    kind: .related("category_id.order_ids", .one2many("x.order", inverse: ""))),
                TestField(name: "message_partner_ids", kind: .followers), TestField(name: "secret", kind: .computed),
            ]),
        TestModel(
            name: "x.line",
            fields: [
                TestField(name: "name", kind: .char), TestField(name: "price", kind: .float),
                TestField(name: "active", kind: .boolean),
                TestField(name: "kind", kind: .selection), TestField(name: "order_id", kind: .many2one("x.order")),
                TestField(name: "order_company_id", kind: .related("order_id.company_id", .many2one("res.company"))),
                TestField(name: "order_amount", kind: .related("order_id.amount", .float)),
            ]),
        TestModel(
            name: "x.variant",
            fields: [
                TestField(name: "code", kind: .char), TestField(name: "active", kind: .boolean),
                TestField(name: "order_id", kind: .many2one("x.order"), isRequired: true),
                TestField(name: "quantity", kind: .integer),
                TestField(
                    name: "sibling_ids",
                    kind: .many2many("x.variant", table: "variant_variant_rel", mine: "a_id", theirs: "b_id")),
            ] + inheritedFromOrder, delegation: ("order_id", "x.order")),
    ]

    private static let inheritedFromOrder = [
        TestField(name: "name", kind: .related("order_id.name", .char)),
        TestField(name: "state", kind: .related("order_id.state", .selection)),
        TestField(name: "amount", kind: .related("order_id.amount", .float)),
        TestField(name: "is_done", kind: .related("order_id.is_done", .boolean)),
        TestField(name: "title", kind: .related("order_id.title", .translated)),
        TestField(name: "partner_id", kind: .related("order_id.partner_id", .many2one("res.partner"))),
        TestField(name: "company_id", kind: .related("order_id.company_id", .many2one("res.company"))),
        TestField(name: "category_id", kind: .related("order_id.category_id", .many2one("x.category"))),
        TestField(name: "line_ids", kind: .related("order_id.line_ids", .one2many("x.line", inverse: "order_id"))),
        TestField(
            name: "tag_ids", kind: .related("order_id.tag_ids", .many2many("x.tag", table: "", mine: "", theirs: ""))),
        TestField(name: "partner_name", kind: .related("order_id.partner_name", .char)),
    ]

    /// The tables, empty.
    static var script: String {
        var lines: [String] = []
        for model in list {
            let columns = model.fields.compactMap { field in field.columnType.map { "\(field.name) \($0)" } }
            lines.append("CREATE TABLE \(model.table) (id integer PRIMARY KEY, \(columns.joined(separator: ", ")));")
            for case .many2many(_, let table, let mine, let theirs) in model.fields.map(\.kind) {
                lines.append(
                    "CREATE TABLE IF NOT EXISTS \(table) (\(mine) integer NOT NULL, \(theirs) integer NOT NULL);")
            }
        }
        lines.append(
            "CREATE TABLE mail_followers (id integer PRIMARY KEY, res_model varchar, res_id integer, partner_id integer);"
        )
        lines.append("CREATE TABLE ir_model_fields (id integer PRIMARY KEY, model varchar, name varchar);")
        lines.append(
            "CREATE TABLE ir_default (id integer PRIMARY KEY, field_id integer, user_id integer, company_id integer, condition varchar, json_value varchar);"
        )
        lines.append("ALTER TABLE res_partner ADD COLUMN tz varchar;")
        // As the installed one, without what it refuses.
        lines.append(
            """
            CREATE SCHEMA changefeed;
            CREATE FUNCTION changefeed.odoo_company_fallback(text, text, int) RETURNS jsonb LANGUAGE sql STABLE AS $$
                SELECT d.json_value::jsonb FROM public.ir_default d JOIN public.ir_model_fields f ON f.id = d.field_id
                WHERE f.model = $1 AND f.name = $2 AND d.user_id IS NULL AND d.condition IS NULL AND (d.company_id = $3 OR d.company_id IS NULL)
                ORDER BY d.company_id, d.id LIMIT 1
            $$;
            """)
        return lines.joined(separator: "\n")
    }

    /// What the compiler is told.
    static var catalog: Catalog { catalog(release: 18) }

    static func catalog(release: Int) -> Catalog {
        var found: [String: CatalogModel] = [:]
        for model in list {
            var fields = ["id": CatalogField(name: "id", type: "integer", column: "id", columnType: "integer")]
            for field in model.fields { fields[field.name] = catalogField(field) }
            found[model.name] = CatalogModel(
                name: model.name, table: "public.\(model.table)", fields: fields,
                parents: model.delegation.map { [$0.field: $0.parent] } ?? [:])
        }
        var followers: [String: CatalogField] = [:]
        for name in ["id", "res_id"] {
            followers[name] = CatalogField(name: name, type: "integer", column: name, columnType: "integer")
        }
        followers["res_model"] = CatalogField(
            name: "res_model", type: "char", column: "res_model", columnType: "character varying")
        followers["partner_id"] = CatalogField(
            name: "partner_id", type: "many2one", column: "partner_id", columnType: "integer", relation: "res.partner")
        found["mail.followers"] = CatalogModel(
            name: "mail.followers", table: "public.mail_followers", fields: followers)
        return Catalog(release: release, models: found)
    }

    private static func catalogField(_ field: TestField) -> CatalogField {
        var made = CatalogField(
            name: field.name, type: field.type, column: field.columnType == nil ? nil : field.name,
            columnType: field.columnType,
            relation: field.comodel)
        switch field.kind {
        case .translated: made.isTranslated = true
        case .perCompanyInteger, .perCompanyChar: made.isCompanyDependent = true
        case .one2many(_, let inverse): made.relationField = inverse
        case .many2many(_, let table, let mine, let theirs):
            made.relationTable = "public.\(table)"
            made.column1 = mine
            made.column2 = theirs
        case .related(let path, let inner):
            made.isStored = false
            made.related = path
            if case .translated = inner { made.isTranslated = true }
        case .followers, .computed: made.isStored = false
        default: break
        }
        return made
    }
}
