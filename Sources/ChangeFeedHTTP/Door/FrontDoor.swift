internal import ChangeFeed
internal import ChangeFeedMetrics
internal import HTTPTypes
internal import Hummingbird

/// Runs before every answer to a user: authentication, permission, rate limits.
struct FrontDoor: Sendable {
    let authenticator: Authenticator
    let limiter: RateLimiter
    let locks: TableLocks
    let guardian: CrossSiteGuard
    let gate: SchemaGate
    let allowSessionInQuery: Bool

    var allowPortalUsers: Bool { authenticator.configuration.allowPortalUsers }

    /// Reads the credentials that a request presents; looks nothing up, so that an invalid request costs nothing. A
    /// request without credentials is counted by address.
    /// - Throws: `Problem`.
    func credentials(_ request: Request, _ context: FeedRequestContext, _ limit: RateLimit) async throws -> Credentials
    {
        do {
            let credentials = try Credentials(request, allowSessionInQuery: allowSessionInQuery)
            try guardian.check(request, isCookie: credentials.isCookie)
            return credentials
        } catch let problem where problem.code.status == .unauthorized {
            try await countStranger(context, limit)
            throw problem
        }
    }

    /// Runs a statement for the user of the credentials, if allowed and within the limits.
    /// - Parameter body: Runs a statement that begins with `CallerProof.sql`; returns nil when that had no row.
    /// - Throws: `Problem`, `AuthenticationError`, `PostgresError`, `TableLocked`, and what the body throws.
    func admit<R>(
        _ credentials: Credentials, _ context: FeedRequestContext, _ limit: RateLimit, _ question: Question,
        _ body: (CallerProof) async throws -> R?
    ) async throws -> R {
        try await admit(
            credentials, context, limit, question, counting: { await limiter.count(limit, key: "user:\($0)") }, body)
    }

    /// The same with another way of counting.
    /// - Parameters:
    ///   - limit: Counts requests without valid credentials.
    ///   - counting: Counts a request of a user; may refuse it for another reason.
    func admit<R>(
        _ credentials: Credentials, _ context: FeedRequestContext, _ limit: RateLimit, _ question: Question,
        counting: (Int64) async throws -> RateLimitDecision?, _ body: (CallerProof) async throws -> R?
    ) async throws -> R {
        if !authenticator.isFamiliar(credentials.credential),
            let refusal = limiter.refusal(limit, key: ClientAddress.limitKey(context.client))
        {
            try pass(refusal, context)
        }
        try await gate.pass()
        var callers = callers(credentials, client: context.client)
        do {
            while true {
                let caller = try await callers.next()
                context.caller.note(caller)
                FeedMetrics.authentication(
                    method: .init(rawValue: caller.proof.method.rawValue) ?? .session,
                    result: caller.isRefused ? .rejected : .accepted)
                try pass(try await counting(caller.userID), context)
                if caller.isRefused {
                    throw Problem(
                        .portalNotAllowed, "Portal users are not allowed.",
                        hint: "The operator can allow them with CHANGEFEED_ALLOW_PORTAL_USERS.")
                }
                if let answer = try await question.ask(locks, of: caller, body) { return answer }
            }
        } catch let error as AuthenticationError {
            FeedMetrics.authentication(method: credentials.credential.metricMethod, result: error.metricResult)
            if error.metricResult == .rejected { try await countStranger(context, limit) }
            throw error
        }
    }

    /// Runs another statement in an admitted request: the caller is checked again, nothing is counted.
    func again<R>(
        _ credentials: Credentials, client: String, _ question: Question, _ body: (CallerProof) async throws -> R?
    ) async throws -> R {
        try await gate.pass()
        var callers = callers(credentials, client: client)
        while true {
            let caller = try await callers.next()
            if caller.isRefused { throw Problem(.portalNotAllowed, "Portal users are not allowed.") }
            if let answer = try await question.ask(locks, of: caller, body) { return answer }
        }
    }

    private func callers(_ credentials: Credentials, client: String) -> Authenticator.Callers {
        authenticator.callers(
            of: credentials.credential, database: credentials.database, client: ClientAddress.limitKey(client))
    }

    private func countStranger(_ context: FeedRequestContext, _ limit: RateLimit) async throws {
        try pass(await limiter.count(limit, key: ClientAddress.limitKey(context.client)), context)
    }

    func pass(_ decision: RateLimitDecision?, _ context: FeedRequestContext) throws {
        guard let decision else { return }
        context.caller.note(decision)
        guard decision.isAllowed else {
            FeedMetrics.rateLimited(decision.limit.name)
            throw Problem(
                .rateLimited, "Rate limit exceeded. Please try again later.",
                retryAfter: Int(max(1, decision.retryAfter.wholeSeconds)))
        }
    }
}

extension AuthenticationError {
    /// `rejected`: the credentials were invalid, which counts against the address.
    fileprivate var metricResult: FeedMetrics.AuthenticationResult {
        switch self {
        case .apiKeyInvalid, .sessionInvalid, .sessionsNotConfigured: .rejected
        case .tooManyFailures, .busy: .limited
        case .odooUnreachable: .unavailable
        }
    }
}

extension Credential {
    fileprivate var metricMethod: FeedMetrics.AuthenticationMethod {
        switch self {
        case .apiKey: .key
        case .session: .session
        }
    }
}
