package import OdooAccess
package import Postgres

/// Reads the facts of Odoo and PostgreSQL about the fields of models.
package enum AccessCatalog {
    /// Adds a model that a rule names, and before the first one the release of Odoo.
    /// - Throws: `PostgresError`.
    package static func add(
        _ model: String, to catalog: inout Catalog, from source: CatalogSource = .installed,
        by query: (Query) async throws -> Rows
    ) async throws {
        if catalog.isEmpty { catalog.release = try await release(source.release, by: query) }
        catalog.add(try await load(model, source.fields(model), by: query))
    }

    /// Odoo's release; 18 if unknown, which `verify()` reports.
    private static func release(_ question: Query, by query: (Query) async throws -> Rows) async throws -> Int {
        let row = try await query(question).first
        return try row.flatMap { $0["release"].isNull ? nil : Int(try $0["release"].int()) } ?? 18
    }

    private static func load(_ model: String, _ question: Query, by query: (Query) async throws -> Rows) async throws
        -> [String: CatalogModel]
    {
        let rows = try await query(question)
        // A model that Odoo does not have: without fields, so that it is not requested again.
        var found = [model: CatalogModel(name: model, table: nil, fields: [:])]
        for row in rows {
            let model = try row["model"].string()
            found[model]?.table = row["source"].text
            var field = CatalogField(
                name: try row["field"].string(), type: try row["ttype"].string(), column: row["column_name"].text,
                columnType: row["column_type"].text, relation: row["relation"].text)
            field.relationTable = row["relation_table"].text
            field.column1 = row["column1"].text
            field.column2 = row["column2"].text
            field.relationField = row["relation_field"].text
            field.isTranslated = try row["translate"].bool()
            field.isCompanyDependent = try row["company_dependent"].bool()
            field.isStored = try row["store"].bool()
            field.related = row["related"].text
            found[model]?.fields[field.name] = field
            if let parent = row["parent"].text { found[model]?.parents[field.name] = parent }
        }
        return found
    }
}

/// The statements that read these facts.
package struct CatalogSource: Sendable {
    /// One row with Odoo's `release`.
    let release: Query
    /// The fields of a model, in the form of `changefeed.odoo_catalog()`.
    let fields: @Sendable (_ model: String) -> Query

    /// The functions of schema changefeed.
    package static let installed = CatalogSource(
        release: Query("SELECT changefeed.odoo_release() AS release", [], name: "odoo_release"),
        fields: {
            Query("SELECT * FROM changefeed.odoo_catalog($1::text[])", [.textArray([$0])], name: "odoo_catalog")
        })
}
