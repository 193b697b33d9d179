internal import ChangeFeed
internal import HTTPTypes
internal import Hummingbird
internal import Postgres

extension Problem {
    /// What the client learns of an error. Internals stay in the log.
    init(_ error: any Error, path: String) {
        switch error {
        case let problem as Problem: self = problem
        case let error as AuthenticationError: self.init(error)
        case let error as PostgresError: self.init(error)
        case let error as ChangeFeedError where error.code == .notInstalled: self = Self.notInstalled
        case let error as HTTPError where error.status == .notFound:
            guard let route = Route(path: path) else {
                self.init(.notFound, "There is nothing at this path.", hint: "GET / lists the endpoints.")
                return
            }
            self.init(.methodNotAllowed, "This path answers \(route.allowed) only.")
            allow = route.allowed
        case let error as any HTTPResponseError where (400..<500).contains(error.status.code):
            self.init(.requestInvalid, "The request could not be read.")
        default: self = Self.internalError
        }
    }

    private init(_ error: AuthenticationError) {
        switch error {
        case .apiKeyInvalid:
            self.init(
                .apiKeyInvalid, "The API key is not valid.",
                hint: "It may be wrong, expired, revoked, of another scope, or its user may be deactivated.")
        case .sessionInvalid:
            self.init(
                .sessionInvalid, "The session is not valid.",
                hint: "It may have expired or ended, or its user may be deactivated: log in to Odoo again.")
        case .sessionsNotConfigured:
            self.init(
                .sessionsNotConfigured, "Sessions are not accepted here; an Odoo API key is.",
                hint: "The operator sets ODOO_DATA_DIR, SESSION_DB_URI or ODOO_URL.")
        case .tooManyFailures(let delay):
            self.init(
                .tooManyFailures, "Too many wrong API keys came from this address or with this prefix.",
                retryAfter: Int(delay.components.seconds) + 1)
        case .busy:
            self.init(.verificationBusy, "Too many sessions or API keys are being verified at once.", retryAfter: 1)
        case .odooUnreachable:
            self.init(
                .odooUnreachable, "Odoo could not be asked about this session.", hint: "API keys go on working.",
                retryAfter: 5)
        }
    }

    private init(_ error: PostgresError) {
        switch (error.code, error.sqlState ?? "") {
        case (.timeout, _):
            self.init(
                .queryTimeout, "The database took too long.", hint: "Narrow the request: model, since, smaller offset.",
                retryAfter: 5)
        case (.connectionFailed, _), (.connectionLost, _), (.poolExhausted, _), (.closed, _), (.cancelled, _):
            self = Self.databaseUnavailable
        case (_, let state) where state.hasPrefix("53") || state.hasPrefix("57P") || state.hasPrefix("08"):
            // Out of a resource, shutting down or starting up, connection trouble.
            self = Self.databaseUnavailable
        case (_, "3F000"), (_, "42883"), (_, "42P01"):
            self = Self.notInstalled
        default: self = Self.internalError
        }
    }

    private static var databaseUnavailable: Problem {
        Problem(.databaseUnavailable, "The database cannot be reached at present.", retryAfter: 2)
    }

    private static var notInstalled: Problem {
        Problem(
            .notInstalled, "Schema changefeed is not in this database.", hint: "Run `changefeed install`.",
            retryAfter: 30)
    }

    private static var internalError: Problem {
        Problem(.internalError, "The request failed.", hint: "The service's log has more under this request_id.")
    }
}
