internal import Postgres

/// Why a user's access does not allow a request. Then nothing was changed.
public enum AccessRefusal: Error, Sendable, Equatable {
    /// A model that is not tracked, or that this user may not read.
    case modelNotReadable
    /// A field that the model does not have, or that this user may not see.
    case fieldUnknown
    /// An invalid filter, with the reason as a part of a sentence; the model, if it is known whose filter it is.
    case filterInvalid(model: ModelName?, reason: String)
    /// The user has no access to one of the companies.
    case companyNotAllowed
    /// Record rules are not compiled; `RecordRules` compiles them, and the call is repeated.
    case rulesNotCompiled
    /// A record rule failed at run time: its scope is closed until it is fixed, and nothing was changed.
    case ruleFailed
    /// The feed's roles may not read a table that record rules need: a grant is missing, or row level security is on.
    case tableNotReadable
}

extension AccessRefusal {
    /// A filter that the database does not accept.
    static let filterInvalid = Self.filterInvalid(model: nil, reason: "its expression cannot filter records")

    /// Reads column `problem` of a statement that is refused for reasons of access only.
    static func check(_ row: Row) throws {
        guard let problem = row["problem"].text else { return }
        throw refusal(problem)
    }

    /// The refusal of this name in the database; `ChangeFeedError` if there is none.
    static func refusal(_ problem: String) -> any Error {
        switch problem {
        case "model_not_readable": Self.modelNotReadable
        case "field_unknown": Self.fieldUnknown
        case "filter_model": Self.filterInvalid(model: nil, reason: "its model is not requested or not tracked")
        case "filter_invalid": Self.filterInvalid
        case "company_not_allowed": Self.companyNotAllowed
        case "rules_not_compiled": Self.rulesNotCompiled
        default:
            ChangeFeedError(
                .unexpectedAnswer, "The database refused for a reason that this version does not know.")
        }
    }
}
