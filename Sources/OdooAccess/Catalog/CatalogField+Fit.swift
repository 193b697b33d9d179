extension CatalogField {
    /// Refuses a column that cannot contain the field's values, so that it closes its own rule with its name, instead
    /// of failing at run time.
    func requireFit(in model: String) throws(DomainError) {
        guard let columnType, !fits(columnType) else { return }
        throw DomainError(.columnUnfit, "\(model).\(name) (\(type)) is in a column of type \(columnType)")
    }

    private func fits(_ columnType: String) -> Bool {
        // Without the part in brackets: `character varying(64)`.
        let base = columnType.prefix { $0 != "(" }
        if base == "jsonb", isCompanyDependent || isTranslated { return true }
        return switch type {
        case "integer", "many2one", "many2one_reference", "float", "monetary":
            ["integer", "bigint", "smallint", "numeric", "double precision", "real"].contains(base)
        case "boolean": base == "boolean"
        case "date", "datetime":
            ["date", "timestamp without time zone", "timestamp with time zone"].contains(columnType)
        case "char", "text", "html", "selection", "reference":
            ["character varying", "text", "character"].contains(base)
        default: true
        }
    }
}
