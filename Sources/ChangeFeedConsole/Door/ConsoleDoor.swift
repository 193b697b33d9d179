internal import ChangeFeed
internal import HTTPTypes

/// Signs in and out, and runs statements for whom a session stands.
struct ConsoleDoor: Sendable {
    static let cookie = "changefeed_console"
    private static let odooCookie = "session_id"

    let authenticator: Authenticator
    let sessions: ConsoleSessions
    let database: ConsoleDatabase
    let limiter: RateLimiter
    let limit: RateLimit

    /// A browser that is signed in.
    struct Visitor: Sendable {
        let token: String
        let entry: ConsoleSessions.Entry
        let client: String
        let clientKey: String
    }

    /// - Throws: `ConsoleRefusal.signInNeeded`.
    func visitor(_ request: ConsoleRequest) throws(ConsoleRefusal) -> Visitor {
        guard let token = request.cookie(Self.cookie), let entry = sessions.find(token) else { throw .signInNeeded }
        return Visitor(token: token, entry: entry, client: request.client, clientKey: request.clientKey)
    }

    /// Runs a statement that checks the caller; it returns nil when that had no row.
    /// - Throws: `ConsoleRefusal.signInNeeded` when the key was revoked, the Odoo session has ended or the user is not
    ///   active: the console's session then ends, too.
    func admit<R: Sendable>(_ visitor: Visitor, _ body: @Sendable (CallerProof) async throws -> R?) async throws -> R {
        switch visitor.entry.evidence {
        case .key(let proof):
            if let answer = try await body(proof) { return answer }
        case .odoo(let session):
            var callers = authenticator.callers(of: .session(session), client: visitor.clientKey)
            do {
                while true {
                    let caller = try await callers.next()
                    guard !caller.isRefused else { throw ConsoleRefusal.notMember }
                    // Odoo's session may have been handed to another user meanwhile.
                    guard caller.userID == visitor.entry.userID else { break }
                    if let answer = try await body(caller.proof) { return answer }
                }
            } catch let error as AuthenticationError where error.isRejection {
                // As for a key that is gone.
            }
        }
        sessions.end(visitor.token)
        throw ConsoleRefusal.signInNeeded
    }

    /// Checks the credential and the groups, and begins a session.
    /// - Returns: the value of Set-Cookie.
    /// - Throws: `ConsoleRefusal`, `AuthenticationError`, `PostgresError`.
    func signIn(_ request: ConsoleRequest) async throws -> String {
        if let decision = await limiter.count(limit, key: request.clientKey), !decision.isAllowed {
            throw ConsoleRefusal.tooManySignIns(retryAfter: decision.retryAfter)
        }
        let credential = try self.credential(request)
        var callers = authenticator.callers(of: credential, client: request.clientKey)
        while true {
            let caller = try await callers.next()
            guard !caller.isRefused else { throw ConsoleRefusal.notMember }
            guard
                let outcome = try await database.act(
                    "sign_in", .object([:]), client: request.client, for: caller.proof)
            else { continue }
            guard outcome.standing != nil else { throw ConsoleRefusal.notMember }
            let evidence: ConsoleSessions.Evidence =
                switch credential {
                case .apiKey: .key(caller.proof)
                case .session(let session): .odoo(session)
                }
            let token = sessions.begin(evidence, userID: outcome.userID)
            return Self.setCookie(
                token, lifetime: sessions.limits.lifetime.components.seconds, isSecure: SameOrigin.isSecure(request))
        }
    }

    func signOut(_ visitor: Visitor) async throws -> String {
        sessions.end(visitor.token)
        _ = try? await admit(visitor) { proof in
            try await database.act("sign_out", .object([:]), client: visitor.client, for: proof)
        }
        return Self.setCookie("", lifetime: 0, isSecure: false)
    }

    private func credential(_ request: ConsoleRequest) throws -> Credential {
        let body = try ConsoleBody.object(request)
        if let text = body["api_key"]?.string {
            guard let key = ApiKey(text) else { throw AuthenticationError.apiKeyInvalid }
            return .apiKey(key)
        }
        guard let text = request.cookie(Self.odooCookie), let session = SessionID(text) else {
            throw AuthenticationError.sessionInvalid
        }
        return .session(session)
    }

    private static func setCookie(_ token: String, lifetime: Int64, isSecure: Bool) -> String {
        "\(cookie)=\(token); Path=/console; Max-Age=\(lifetime); HttpOnly; SameSite=Strict"
            + (isSecure ? "; Secure" : "")
    }
}

extension AuthenticationError {
    fileprivate var isRejection: Bool {
        switch self {
        case .apiKeyInvalid, .sessionInvalid, .sessionsNotConfigured: true
        case .tooManyFailures, .busy, .odooUnreachable: false
        }
    }
}
