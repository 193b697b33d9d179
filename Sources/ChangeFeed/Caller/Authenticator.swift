public import Postgres
internal import Synchronization

/// Identifies clients by API key or session. Identified clients are kept in a bounded cache, which proves nothing by
/// itself: the database checks key or session, user and rights again in the statement that answers.
public final class Authenticator: Sendable {
    public struct Configuration: Sendable {
        /// Where sessions are looked up, in this order.
        public var sessionChecks: [any SessionCheck]
        /// Portal users (res_users.share) are allowed.
        public var allowPortalUsers: Bool
        /// Clients kept in memory.
        public var cacheCapacity: Int

        public init(sessionChecks: [any SessionCheck] = [], allowPortalUsers: Bool = false, cacheCapacity: Int = 4_096)
        {
            self.sessionChecks = sessionChecks
            self.allowPortalUsers = allowPortalUsers
            self.cacheCapacity = cacheCapacity
        }
    }

    /// An identified client.
    public struct Caller: Sendable {
        public let userID: Int64
        public let proof: CallerProof
        /// A portal user, where these are not allowed.
        public let isRefused: Bool
        /// It was identified in this request, not from the cache.
        public let isNew: Bool

        package init(userID: Int64, proof: CallerProof, isRefused: Bool, isNew: Bool) {
            self.userID = userID
            self.proof = proof
            self.isRefused = isRefused
            self.isNew = isNew
        }
    }

    /// The callers for whom a credential may stand, to be tried in turn: the cached one, whose proof may be stale, then
    /// the one that is found now.
    public struct Callers: Sendable {
        private enum Given { case nobody, cached, recognised }

        private let authenticator: Authenticator
        private let credential: Credential
        private let database: String?
        private let client: String
        private var given = Given.nobody

        fileprivate init(_ authenticator: Authenticator, _ credential: Credential, database: String?, client: String) {
            self.authenticator = authenticator
            self.credential = credential
            self.database = database
            self.client = client
        }

        /// The first caller; then, after a statement on behalf of one that had no row, the next.
        /// - Throws: `AuthenticationError`, also when no caller is left; `PostgresError`.
        public mutating func next() async throws -> Caller {
            switch given {
            case .nobody:
                // Says nothing about the credential, which may be valid.
                if let database, try await database != authenticator.name() { throw credential.refusal }
                if let caller = try authenticator.cached(credential, naming: database) {
                    given = .cached
                    return caller
                }
            case .cached: authenticator.forget(credential)
            case .recognised: throw authenticator.refuse(credential)
            }
            given = .recognised
            return try await authenticator.recognise(credential, database: database, client: client)
        }
    }

    private struct Known {
        let userID: Int64
        let proof: CallerProof
    }

    private struct State {
        var known: SecretCache<Known>
        /// Recently unknown sessions.
        var unknown: SecretCache<Bool>
        /// Credentials accepted within the last day. The list grants nothing; it distinguishes them from unknown
        /// clients of the same address.
        var familiar: SecretCache<Bool>
        /// The database's name, once it was queried.
        var database: String?
    }

    /// A key is checked by row each time, so only memory limits how long it is kept.
    private static let keyLifetime: Duration = .seconds(86_400)
    private static let unknownLifetime: Duration = .seconds(2)

    public let configuration: Configuration
    private let pool: ConnectionPool
    private let keys: ApiKeyVerifier
    private let state: Mutex<State>

    public init(pool: ConnectionPool, configuration: Configuration = Configuration()) {
        self.pool = pool
        self.configuration = configuration
        keys = ApiKeyVerifier(pool: pool)
        state = Mutex(
            State(
                known: SecretCache(capacity: configuration.cacheCapacity),
                unknown: SecretCache(capacity: configuration.cacheCapacity),
                familiar: SecretCache(capacity: configuration.cacheCapacity)))
    }

    /// Whether this client was accepted within the last day and not refused since.
    public func isFamiliar(_ credential: Credential) -> Bool {
        state.withLock { $0.familiar.value(for: credential.bytes, now: .now) } != nil
    }

    /// The callers on whose behalf a statement that begins with `CallerProof.sql` may run. It checks the caller again:
    /// when it has no row, run it for the next one.
    /// - Parameters:
    ///   - database: The database that the client names, if any.
    ///   - client: Its address, for the limit on failures.
    public func callers(of credential: Credential, database: String? = nil, client: String) -> Callers {
        Callers(self, credential, database: database, client: client)
    }

    private func name() async throws -> String? {
        if let name = state.withLock({ $0.database }) { return name }
        let name = try await pool.query(Query("SELECT current_database()::text AS name", name: "database_name")).first?[
            "name"
        ].text
        state.withLock { $0.database = name }
        return name
    }

    /// Nil when the client names another database than its session does.
    private static func proof(_ proof: CallerProof, naming database: String?) -> CallerProof? {
        var proof = proof
        // Cookies were passed on when they arrived.
        proof.cookies = []
        switch proof.method {
        case .apiKey, .odoo, .endpoint: proof.database = database
        case .files, .sessionDatabase: if let database, database != proof.database { return nil }
        }
        return proof
    }

    private func recognise(_ credential: Credential, database: String?, client: String) async throws -> Caller {
        switch credential {
        case .apiKey(let key):
            return try await keys.verify(key, client: client) { proof in
                var proof = proof
                proof.database = database
                return try await self.caller(proof, credential, lifetime: Self.keyLifetime)
            }
        case .session(let session):
            guard !configuration.sessionChecks.isEmpty else { throw AuthenticationError.sessionsNotConfigured }
            // A session unknown under one database's name may be known under another's.
            let name = session.bytes + [0] + Array((database ?? "").utf8)
            if state.withLock({ $0.unknown.value(for: name, now: .now) }) != nil {
                throw AuthenticationError.sessionInvalid
            }
            if let caller = try await find(session, credential, naming: database) { return caller }
            state.withLock { $0.unknown.keep(true, for: name, until: .now + Self.unknownLifetime) }
            throw AuthenticationError.sessionInvalid
        }
    }

    private func find(_ session: SessionID, _ credential: Credential, naming database: String?) async throws -> Caller?
    {
        var failure: AuthenticationError?
        for check in configuration.sessionChecks {
            do {
                guard var proof = try await check.find(session) else { continue }
                if let named = proof.database, let database, named != database { continue }
                proof.database = proof.database ?? database
                proof.believedUntil = .now + check.lifetime
                if let caller = try await caller(proof, credential, lifetime: check.lifetime) { return caller }
            } catch let error as AuthenticationError {
                failure = error
            }
        }
        if let failure { throw failure }
        return nil
    }

    /// Looks up a session where it was found before, without the database: for a caller that knows that nothing has
    /// changed there.
    /// - Returns: the new proof; nil if it no longer exists, is another one, or could not be looked up.
    public func find(_ session: SessionID, naming database: String?, as known: CallerProof) async -> CallerProof? {
        for check in configuration.sessionChecks {
            guard var proof = try? await check.find(session) else { continue }
            if let named = proof.database, let database, named != database { continue }
            proof.database = proof.database ?? database
            proof.believedUntil = .now + check.lifetime
            return proof.isSame(as: known) ? proof : nil
        }
        return nil
    }

    /// Asks the database to whom this proof belongs, and caches the answer.
    private func caller(_ proof: CallerProof, _ credential: Credential, lifetime: Duration) async throws -> Caller? {
        let rows = try await pool.query(
            Query(
                "SELECT user_id, refused FROM \(CallerProof.sql)",
                proof.parameters(allowPortal: configuration.allowPortalUsers), name: "caller"))
        guard let row = rows.first else { return nil }
        let user = try row["user_id"].int()
        let refused = try row["refused"].bool()
        if !refused {
            state.withLock {
                $0.known.keep(Known(userID: user, proof: proof), for: credential.bytes, until: .now + lifetime)
                $0.familiar.keep(true, for: credential.bytes, until: .now + Self.keyLifetime)
            }
        }
        return Caller(userID: user, proof: proof, isRefused: refused, isNew: true)
    }

    /// The cached caller.
    /// - Throws: `AuthenticationError` when the client names another database than its session does.
    private func cached(_ credential: Credential, naming database: String?) throws -> Caller? {
        guard let known = state.withLock({ $0.known.value(for: credential.bytes, now: .now) }) else { return nil }
        guard let proof = Self.proof(known.proof, naming: database) else { throw credential.refusal }
        return Caller(userID: known.userID, proof: proof, isRefused: false, isNew: false)
    }

    private func forget(_ credential: Credential) {
        state.withLock { $0.known.forget(credential.bytes) }
    }

    private func refuse(_ credential: Credential) -> AuthenticationError {
        state.withLock { $0.familiar.forget(credential.bytes) }
        return credential.refusal
    }

    /// Closes the connections of the session checks.
    public func shutdown() async {
        for check in configuration.sessionChecks { await check.shutdown() }
    }
}

extension Credential {
    var bytes: [UInt8] {
        switch self {
        case .apiKey(let key): key.bytes
        case .session(let session): session.bytes
        }
    }

    fileprivate var refusal: AuthenticationError {
        switch self {
        case .apiKey: .apiKeyInvalid
        case .session: .sessionInvalid
        }
    }
}
