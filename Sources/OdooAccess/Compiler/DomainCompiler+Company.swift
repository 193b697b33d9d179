/// Company-dependent values.
extension DomainCompiler {
    /// From Odoo 18 on: a jsonb of company and value, and the fallback where it has none, cast as in `Field.to_sql`. A
    /// value that the cast would reject counts as empty: one bad cell must not break a rule.
    mutating func companyValue(of field: CatalogField, _ stored: String, _ model: String) -> String {
        sql.note(use: "company_id")
        sql.note(crossing: "ir.default", "json_value")
        // A null stored for the company is its value, without a default. Evaluated once, not for each row.
        let fallback = "(SELECT changefeed.odoo_company_fallback(\(sql.text(model)), \(sql.text(field.name)), $2))"
        let cell = "coalesce(\(stored) -> $2::text, \(fallback))"
        let text = "(\(cell) #>> '{}')"
        // Of an array its first element, and a scalar itself.
        let first = "(\(cell) ->> 0)"
        let day = "left(\(first), 8) || '01'"
        let isDay = "\(first) ~ '^(?!0000)[0-9]{4}-(0[1-9]|1[0-2])-[0-3][0-9]"
        switch field.type {
        case "boolean": return "(CASE WHEN jsonb_typeof(\(cell)) = 'boolean' THEN \(cell) = 'true'::jsonb END)"
        case "many2one":
            return """
                (CASE WHEN \(first) ~ '^ *[+]?[0-9]{1,10}([.]0*)? *$' THEN CASE WHEN \(first)::numeric <= 2147483647 \
                THEN \(first)::numeric::int END END)
                """
        case "integer":
            return """
                (CASE WHEN jsonb_typeof(\(cell)) = 'number' THEN CASE WHEN \(text)::numeric BETWEEN -2147483648 AND 2147483647 \
                THEN \(text)::numeric::int END END)
                """
        case "float", "monetary": return "(CASE WHEN jsonb_typeof(\(cell)) = 'number' THEN \(text)::numeric END)"
        // A day beyond the end of its month counts into the next month.
        case "date": return "(CASE WHEN \(isDay)$' THEN (\(day))::date + (substr(\(first), 9, 2)::int - 1) END)"
        case "datetime":
            return """
                (CASE WHEN \(isDay) ([01][0-9]|2[0-3])(:[0-5][0-9]){2}$' \
                THEN (\(day))::date + (substr(\(first), 9, 2)::int - 1) + substr(\(first), 12)::time END)
                """
        default: return first
        }
    }

    /// Up to Odoo 17: rows of `ir_property`, evaluated like its `search_multi`. A record's own row precedes the default
    /// of all records, and a condition that a missing row satisfies is evaluated by its opposite.
    mutating func property(_ term: Domain.Term, _ field: CatalogField, _ row: Row) throws(DomainError) -> String {
        guard let value = term.plain else {
            throw DomainError(.operatorUnsupported, "\(term.path) has a value per company, which a path cannot follow")
        }
        let column: (name: String, type: String)
        switch field.type {
        case "float", "monetary": column = ("value_float", "float")
        case "integer", "boolean": column = ("value_integer", "integer")
        case "many2one": column = ("reference_id", "many2one")
        case "date", "datetime": column = ("value_datetime", "datetime")
        case "char", "text", "selection": column = ("value_text", "char")
        default:
            throw DomainError(
                .operatorUnsupported, "\(term.path) (\(field.type)) has a value per company, which is not supported")
        }
        sql.note(use: "company_id")
        sql.note(crossing: "ir.property", "value")
        let (asked, meant, isNegative) = try positive(
            term, value, isNumber: column.type == "float" || column.type == "integer")
        let rows = "changefeed.odoo_company_properties(\(sql.text(row.model.name)), \(sql.text(field.name)), $2)"
        let kind = CatalogField(name: field.name, type: column.type, column: column.name)
        let (own, known, standard) = (try sql.alias(), try sql.alias(), try sql.alias())
        let condition = try comparison("\(own).\(column.name)", kind, asked, meant, term.path)
        let isDefault = try comparison("\(standard).\(column.name)", kind, asked, meant, term.path)
        let id = "\(row.alias).id"
        let found = """
            (\(id) IN (SELECT \(own).record_id FROM \(rows) \(own) WHERE \(own).record_id IS NOT NULL AND \(condition)) \
            OR (\(id) NOT IN (SELECT \(known).record_id FROM \(rows) \(known) WHERE \(known).record_id IS NOT NULL) \
            AND EXISTS (SELECT FROM \(rows) \(standard) WHERE \(standard).record_id IS NULL AND \(isDefault))))
            """
        // They are deleted with their record.
        let isUnknown = lost()
        return isNegative ? try not { $0.possible(found, where: isUnknown) } : possible(found, where: isUnknown)
    }

    private func positive(
        _ term: Domain.Term, _ value: DomainValue, isNumber: Bool
    ) throws(DomainError) -> (Domain.Operator, DomainValue, isNegative: Bool) {
        if case .dynamic(let dynamic) = value, dynamic.isNullable {
            throw DomainError(.valueInvalid, "\(term.path) is compared with a value that may be False at run time")
        }
        switch (term.op, value) {
        case (.isIn, .list(let elements)), (.isNotIn, .list(let elements)):
            guard !isNumber else {
                throw DomainError(.valueInvalid, "\(term.path) is compared with a list, which Odoo refuses")
            }
            guard elements.allSatisfy({ if case .value(.dynamic) = $0 { false } else { true } }) else {
                throw DomainError(.valueInvalid, "\(term.path) is compared with a value that may be False at run time")
            }
            let hasEmpty = elements.contains(.value(.empty))
            let isNegative = hasEmpty == (term.op == .isIn)
            return (hasEmpty ? .isNotIn : .isIn, value, isNegative)
        case (.equalIfSet, _), (.childOf, _), (.parentOf, _):
            throw DomainError(
                .operatorUnsupported,
                "'\(term.op.rawValue)' of \(term.path), which has a value per company, is not supported")
        default: break
        }
        let meant: DomainValue =
            switch value {
            case .empty where isNumber: .number(0)
            case .yes where isNumber: .number(1)
            default: value
            }
        switch term.op {
        case .notEqual, .notLike, .notIlike:
            guard !meant.isFalsy, let op = term.op.negated else { return (term.op, meant, false) }
            return (op, meant, true)
        case .equal where meant.isFalsy: return (.notEqual, meant, true)
        case .less, .greater, .lessOrEqual, .greaterOrEqual:
            guard isNumber else { return (term.op, meant, false) }
            let number: Double? =
                switch meant {
                case .number(let number): Double(number)
                case .decimal(let text): Double(text)
                default: nil
                }
            guard let number, let op = term.op.negated else {
                throw DomainError(
                    .valueInvalid, "\(term.path) is compared with \(value.typeName), which is not a number")
            }
            // Values of 0 have no row.
            let holdsZero =
                switch term.op {
                case .greaterOrEqual: number <= 0
                case .greater: number < 0
                case .lessOrEqual: number >= 0
                default: number > 0
                }
            return holdsZero ? (op, meant, true) : (term.op, meant, false)
        default: return (term.op, meant, false)
        }
    }
}
