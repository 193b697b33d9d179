/// Why a domain cannot be turned into SQL. What it stands in is closed then.
public struct DomainError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: String, Sendable, CaseIterable {
        /// The text is not an expression of the part of Python that domains use.
        case syntax
        /// Brackets or subdomains in one another, deeper than `DomainParser.maximumDepth`.
        case tooDeep = "too_deep"
        /// A longer text, or more terms, than a domain may have.
        case tooLong = "too_long"
        /// A name, an attribute or a call that is not known where rules are evaluated.
        case nameUnknown = "name_unknown"
        /// The expression is no domain: not a list, or operators and terms do not fit together.
        case notADomain = "not_a_domain"
        /// The model has no such field.
        case fieldUnknown = "field_unknown"
        /// A field whose column is of another type, which Odoo cannot compare either.
        case columnUnfit = "column_unfit"
        /// A field that is computed by Odoo's Python code.
        case fieldComputed = "field_computed"
        /// An operator that this kind of field does not have here.
        case operatorUnsupported = "operator_unsupported"
        /// A value of another kind than the field.
        case valueInvalid = "value_invalid"
        /// The catalog does not hold a model; `missingModel` names it.
        case modelMissing = "model_missing"
        /// The model has no ordinary table.
        case tableMissing = "table_missing"
    }

    public let code: Code
    /// What could not be understood, in plain English.
    public let message: String
    /// A model to be added to the catalog before another try.
    public let missingModel: String?

    init(_ code: Code, _ message: String, missingModel: String? = nil) {
        self.code = code
        self.message = message
        self.missingModel = missingModel
    }

    public var description: String { "\(message) (\(code.rawValue))" }
}
