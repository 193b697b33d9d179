package import OdooAccess
package import Postgres

/// Reads the facts of Odoo and PostgreSQL about the fields of models.
package enum AccessCatalog {
    /// Adds a model that a rule names, and before the first one the release of Odoo.
    /// - Throws: `PostgresError`.
    package static func add(_ model: String, to catalog: inout Catalog, by query: (Query) async throws -> Rows)
        async throws
    {
        if catalog.isEmpty { catalog.release = try await release(by: query) }
        catalog.add(try await load([model], by: query))
    }

    /// Odoo's release; 18 if unknown, which `verify()` reports.
    private static func release(by query: (Query) async throws -> Rows) async throws -> Int {
        let row = try await query(Query("SELECT changefeed.odoo_release() AS release", [], name: "odoo_release")).first
        return try row.flatMap { $0["release"].isNull ? nil : Int(try $0["release"].int()) } ?? 18
    }

    private static func load(_ models: [String], by query: (Query) async throws -> Rows) async throws -> [String:
        CatalogModel]
    {
        let rows = try await query(
            Query("SELECT * FROM changefeed.odoo_catalog($1::text[])", [.textArray(models)], name: "odoo_catalog"))
        // Models that Odoo does not have: without fields, so that they are not requested again.
        var found = Dictionary(
            uniqueKeysWithValues: Set(models).map { ($0, CatalogModel(name: $0, table: nil, fields: [:])) })
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
