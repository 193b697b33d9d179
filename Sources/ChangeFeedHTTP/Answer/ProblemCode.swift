internal import HTTPTypes

/// Every error code. Codes are stable and never reused; `docs/errors.md` explains each.
/// This is the only place that maps codes to statuses.
enum ProblemCode: String, CaseIterable, Sendable {
    case credentialsMissing = "credentials_missing"
    case apiKeyMalformed = "api_key_malformed"
    case apiKeyInvalid = "api_key_invalid"
    case sessionMalformed = "session_malformed"
    case sessionInvalid = "session_invalid"
    case sessionInQuery = "session_in_query"
    case sessionsNotConfigured = "sessions_not_configured"
    case odooUnreachable = "odoo_unreachable"
    case portalNotAllowed = "portal_not_allowed"
    case cleanupNotAllowed = "cleanup_not_allowed"
    case crossSiteRequest = "cross_site_request"
    case unsupportedMediaType = "unsupported_media_type"
    case expectationFailed = "expectation_failed"
    case requestTimeout = "request_timeout"
    case bodyTooLarge = "body_too_large"
    case uriTooLong = "uri_too_long"
    case headersTooLarge = "headers_too_large"
    case rateLimited = "rate_limited"
    case tooManyFailures = "too_many_failures"
    case verificationBusy = "verification_busy"
    case parameterMissing = "parameter_missing"
    case parameterUnknown = "parameter_unknown"
    case parameterRepeated = "parameter_repeated"
    case parameterInvalid = "parameter_invalid"
    case modelNotReadable = "model_not_readable"
    case companyNotAllowed = "company_not_allowed"
    case fieldUnknown = "field_unknown"
    case filterInvalid = "filter_invalid"
    case appTypeUnknown = "app_type_unknown"
    case bodyInvalid = "body_invalid"
    case userMismatch = "user_mismatch"
    case deviceUnknown = "device_unknown"
    case tooManyDevices = "too_many_devices"
    case tooManyStreams = "too_many_streams"
    case eventsNotHanded = "events_not_handed"
    case cursorMalformed = "cursor_malformed"
    case cursorMismatch = "cursor_mismatch"
    case userChanged = "user_changed"
    case cursorExpired = "cursor_expired"
    case epochChanged = "epoch_changed"
    case copySetBack = "copy_set_back"
    case scopeChanged = "scope_changed"
    case modelReset = "model_reset"
    case endpointUnknown = "endpoint_unknown"
    case endpointExists = "endpoint_exists"
    case endpointNotAllowed = "endpoint_not_allowed"
    case tooManyEndpoints = "too_many_endpoints"
    case kindForOperators = "kind_for_operators"
    case endpointSecretUnusable = "endpoint_secret_unusable"
    case endpointsNotConfigured = "endpoints_not_configured"
    case deliveryForbidden = "delivery_forbidden"
    case consoleSignInNeeded = "console_sign_in_needed"
    case consoleNotAllowed = "console_not_allowed"
    case consoleReadOnly = "console_read_only"
    case consoleActFailed = "console_act_failed"
    case requestInvalid = "request_invalid"
    case notFound = "not_found"
    case methodNotAllowed = "method_not_allowed"
    case recordRuleFailed = "record_rule_failed"
    case tableNotReadable = "table_not_readable"
    case notReady = "not_ready"
    case databaseUnavailable = "database_unavailable"
    case standby = "standby"
    case notInstalled = "not_installed"
    case schemaVersionMismatch = "schema_version_mismatch"
    case queryTimeout = "query_timeout"
    case tableLocked = "table_locked"
    case internalError = "internal_error"

    var status: HTTPResponse.Status {
        switch self {
        case .credentialsMissing, .apiKeyMalformed, .apiKeyInvalid, .sessionMalformed, .sessionInvalid,
            .sessionsNotConfigured, .consoleSignInNeeded:
            .unauthorized
        case .odooUnreachable: .badGateway
        case .rateLimited, .tooManyFailures, .tooManyStreams: .tooManyRequests
        case .cursorExpired, .epochChanged, .copySetBack, .scopeChanged, .modelReset: .gone
        case .unsupportedMediaType: .unsupportedMediaType
        case .expectationFailed: .expectationFailed
        case .requestTimeout: .requestTimeout
        case .bodyTooLarge: .contentTooLarge
        case .uriTooLong: .uriTooLong
        case .headersTooLarge: .requestHeaderFieldsTooLarge
        case .parameterMissing, .parameterUnknown, .parameterRepeated, .parameterInvalid, .sessionInQuery,
            .fieldUnknown,
            .filterInvalid, .appTypeUnknown, .bodyInvalid, .eventsNotHanded, .cursorMalformed, .cursorMismatch,
            .userChanged:
            .unprocessableContent
        case .modelNotReadable, .companyNotAllowed, .portalNotAllowed, .cleanupNotAllowed, .crossSiteRequest,
            .userMismatch, .tooManyDevices, .endpointNotAllowed, .tooManyEndpoints, .kindForOperators,
            .consoleNotAllowed,
            .consoleReadOnly:
            .forbidden
        case .endpointExists, .endpointSecretUnusable, .deliveryForbidden, .consoleActFailed: .conflict
        case .requestInvalid: .badRequest
        case .notFound, .deviceUnknown, .endpointUnknown: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .verificationBusy, .recordRuleFailed, .tableNotReadable, .notReady, .databaseUnavailable, .standby,
            .notInstalled, .queryTimeout,
            .schemaVersionMismatch, .tableLocked, .endpointsNotConfigured:
            .serviceUnavailable
        case .internalError: .internalServerError
        }
    }

    var title: String {
        switch self {
        case .credentialsMissing: "No session and no API key"
        case .apiKeyMalformed: "Not an API key"
        case .apiKeyInvalid: "API key not valid"
        case .sessionMalformed: "Not a session id"
        case .sessionInvalid: "Session not valid"
        case .sessionInQuery: "Session id in the query string"
        case .sessionsNotConfigured: "Sessions are not accepted here"
        case .odooUnreachable: "Odoo cannot be reached"
        case .portalNotAllowed: "Portal users not allowed"
        case .cleanupNotAllowed: "Clean-up not allowed"
        case .crossSiteRequest: "Request from another site"
        case .unsupportedMediaType: "Body is not unencoded JSON"
        case .expectationFailed: "Expectation failed"
        case .requestTimeout: "Request timeout"
        case .bodyTooLarge: "Body too large"
        case .uriTooLong: "URI too long"
        case .headersTooLarge: "Header fields too large"
        case .rateLimited: "Rate limit exceeded"
        case .tooManyFailures: "Too many failed API keys"
        case .verificationBusy: "Too many concurrent verifications"
        case .parameterMissing: "Parameter missing"
        case .parameterUnknown: "Unknown parameter"
        case .parameterRepeated: "Parameter repeated"
        case .parameterInvalid: "Parameter not valid"
        case .modelNotReadable: "Model not readable"
        case .companyNotAllowed: "Company not allowed"
        case .fieldUnknown: "Unknown field"
        case .filterInvalid: "Filter not valid"
        case .appTypeUnknown: "Unknown app type"
        case .bodyInvalid: "Body not valid"
        case .userMismatch: "User id of another user"
        case .deviceUnknown: "Device unknown"
        case .tooManyDevices: "Too many devices"
        case .tooManyStreams: "Too many streams"
        case .eventsNotHanded: "Events not sent to this device"
        case .cursorMalformed: "Token not valid"
        case .cursorMismatch: "Token does not match this request"
        case .userChanged: "Token of another user"
        case .cursorExpired: "Events expired"
        case .epochChanged: "Database changed"
        case .copySetBack: "Copy restored from a backup"
        case .scopeChanged: "Access changed"
        case .modelReset: "Model reset"
        case .endpointUnknown: "Endpoint unknown"
        case .endpointExists: "Endpoint exists"
        case .endpointNotAllowed: "Creating endpoints not allowed"
        case .tooManyEndpoints: "Too many endpoints"
        case .kindForOperators: "Streams are for operators"
        case .endpointSecretUnusable: "Endpoint without a usable secret"
        case .endpointsNotConfigured: "Endpoints not configured"
        case .deliveryForbidden: "Delivery forbidden"
        case .consoleSignInNeeded: "Not signed in"
        case .consoleNotAllowed: "Not an operator"
        case .consoleReadOnly: "Reading only"
        case .consoleActFailed: "Not done"
        case .requestInvalid: "Request not valid"
        case .notFound: "Path not found"
        case .methodNotAllowed: "Method not allowed"
        case .recordRuleFailed: "Record rule failed"
        case .tableNotReadable: "Table cannot be read"
        case .notReady: "Not ready"
        case .databaseUnavailable: "Database not available"
        case .standby: "Database is a standby"
        case .notInstalled: "Change feed not installed"
        case .schemaVersionMismatch: "Schema version mismatch"
        case .queryTimeout: "Query timeout"
        case .tableLocked: "Table is locked"
        case .internalError: "Internal error"
        }
    }
}
