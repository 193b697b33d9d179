/// Why a domain cannot be compiled. Its rule closes the model then.
public struct DomainError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: String, Sendable, CaseIterable {
        /// The text is not an expression of the part of Python that domains use.
        case syntax
        /// Brackets or subdomains nested deeper than `DomainParser.maximumDepth`.
        case tooDeep = "too_deep"
        /// A longer text, or more terms, than a domain may have.
        case tooLong = "too_long"
        /// A name, an attribute or a call that is unknown in rules.
        case nameUnknown = "name_unknown"
        /// The expression is not a domain: not a list, or operators and terms do not fit together.
        case notADomain = "not_a_domain"
        /// The model has no such field.
        case fieldUnknown = "field_unknown"
        /// A field whose column has another type, which Odoo cannot compare either.
        case columnUnfit = "column_unfit"
        /// A field that is computed by Odoo's Python code.
        case fieldComputed = "field_computed"
        /// An operator that this kind of field does not support.
        case operatorUnsupported = "operator_unsupported"
        /// A value that does not fit the field's type.
        case valueInvalid = "value_invalid"
        /// The catalog lacks a model; `missingModel` names it.
        case modelMissing = "model_missing"
        /// The model has no ordinary table.
        case tableMissing = "table_missing"
    }

    public let code: Code
    /// The reason, in plain English.
    public let message: String
    /// A model to add to the catalog before a retry.
    public let missingModel: String?

    init(_ code: Code, _ message: String, missingModel: String? = nil) {
        self.code = code
        self.message = message
        self.missingModel = missingModel
    }

    public var description: String { "\(message) (\(code.rawValue))" }
}
