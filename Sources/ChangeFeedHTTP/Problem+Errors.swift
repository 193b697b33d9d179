internal import ChangeFeed
internal import HTTPTypes
internal import Hummingbird
internal import Postgres

extension Problem {
    /// What the client learns of an error. Internals stay in the log.
    init(_ error: any Error, path: String) {
        switch error {
        case let problem as Problem: self = problem
        case let error as ApiKeyError: self.init(error)
        case let error as PostgresError: self.init(error)
        case let error as ChangeFeedError where error.code == .notInstalled: self = Self.notInstalled
        case let error as HTTPError where error.status == .notFound:
            self = Route(path: path) == nil
                ? Problem(.notFound, "There is nothing at this path.", hint: "GET / lists the endpoints.")
                : Problem(.methodNotAllowed, "This path answers \(Route.methods) only.")
        case let error as any HTTPResponseError where (400..<500).contains(error.status.code):
            self.init(.requestInvalid, "The request could not be read.")
        default: self = Self.internalError
        }
    }

    private init(_ error: ApiKeyError) {
        switch error {
        case .invalid:
            self.init(
                .apiKeyInvalid, "The API key is not valid.",
                hint: "It may be wrong, expired, revoked, of another scope, or its user may be deactivated.")
        case .tooManyFailures(let delay):
            self.init(
                .tooManyFailures, "Too many wrong API keys came from this address or with this prefix.",
                retryAfter: Int(delay.components.seconds) + 1)
        case .busy:
            self.init(.verificationBusy, "Too many API keys are being verified at once.", retryAfter: 1)
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
