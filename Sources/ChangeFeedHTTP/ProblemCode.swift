internal import HTTPTypes

/// Every code of an answer that is not a success. Codes are stable and never reused; `docs/errors.md` explains each.
/// This is the one place where codes meet statuses.
enum ProblemCode: String, CaseIterable, Sendable {
    case apiKeyMissing = "api_key_missing"
    case apiKeyMalformed = "api_key_malformed"
    case apiKeyInvalid = "api_key_invalid"
    case tooManyFailures = "too_many_failures"
    case verificationBusy = "verification_busy"
    case parameterUnknown = "parameter_unknown"
    case parameterRepeated = "parameter_repeated"
    case parameterInvalid = "parameter_invalid"
    case modelNotReadable = "model_not_readable"
    case requestInvalid = "request_invalid"
    case notFound = "not_found"
    case methodNotAllowed = "method_not_allowed"
    case notReady = "not_ready"
    case databaseUnavailable = "database_unavailable"
    case notInstalled = "not_installed"
    case queryTimeout = "query_timeout"
    case internalError = "internal_error"

    var status: HTTPResponse.Status {
        switch self {
        case .apiKeyMissing, .apiKeyMalformed, .apiKeyInvalid: .unauthorized
        case .tooManyFailures: .tooManyRequests
        case .parameterUnknown, .parameterRepeated, .parameterInvalid: .unprocessableContent
        case .modelNotReadable: .forbidden
        case .requestInvalid: .badRequest
        case .notFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .verificationBusy, .notReady, .databaseUnavailable, .notInstalled, .queryTimeout: .serviceUnavailable
        case .internalError: .internalServerError
        }
    }

    var title: String {
        switch self {
        case .apiKeyMissing: "No API key"
        case .apiKeyMalformed: "Not an API key"
        case .apiKeyInvalid: "API key not valid"
        case .tooManyFailures: "Too many wrong API keys"
        case .verificationBusy: "Too many API keys to verify at once"
        case .parameterUnknown: "Unknown parameter"
        case .parameterRepeated: "Parameter given twice"
        case .parameterInvalid: "Parameter not valid"
        case .modelNotReadable: "Model not readable"
        case .requestInvalid: "Request not valid"
        case .notFound: "No such path"
        case .methodNotAllowed: "Method not allowed"
        case .notReady: "Not ready"
        case .databaseUnavailable: "Database not available"
        case .notInstalled: "Change feed not installed"
        case .queryTimeout: "Query took too long"
        case .internalError: "Internal error"
        }
    }
}
