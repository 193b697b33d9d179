public import Postgres
internal import Synchronization

/// Turns an API key into a proof that the database accepts.
///
/// A known key costs an HMAC. An unknown one: limit on failures, look-up by prefix, PBKDF2 for each candidate row
/// (none, none), and then the caller's own statement, which checks the proof.
public final class ApiKeyVerifier: Sendable {
    private struct State {
        var cache: ApiKeyCache
        var failures: ApiKeyFailureLimit
    }

    private let pool: ConnectionPool
    private let hashing = ApiKeyHashing()
    private let state: Mutex<State>

    /// - Parameter cacheCapacity: verified keys kept.
    public init(pool: ConnectionPool, cacheCapacity: Int = 4_096) {
        self.pool = pool
        state = Mutex(State(cache: ApiKeyCache(capacity: cacheCapacity), failures: ApiKeyFailureLimit()))
    }

    /// Runs a statement for the holder of a key.
    /// - Parameters:
    ///   - client: The client's address, for the limit on failures.
    ///   - body: Runs a statement that checks the proof by `changefeed.odoo_api_key_user`; gives nil when it was refused.
    /// - Throws: `ApiKeyError`, `PostgresError`, and what the body throws.
    public func withProof<R: Sendable>(
        of key: ApiKey, client: String, _ body: (ApiKeyProof) async throws -> R?
    ) async throws -> R {
        if let proof = state.withLock({ $0.cache.proof(of: key) }) {
            if let result = try await body(proof) { return result }
            state.withLock { $0.cache.forget(key) }
        }
        if let delay = state.withLock({ $0.failures.delay(client: client, prefix: key.prefix, now: .now) }) {
            throw ApiKeyError.tooManyFailures(retryAfter: delay)
        }
        let candidates = try await pool.query(
            Query(
                "SELECT key_id, rounds, salt FROM changefeed.odoo_api_key_candidates($1::text)", [.text(key.prefix)],
                name: "api_key_candidates"))
        for row in candidates {
            let derived = try await hashing.derive(
                key, rounds: Int(try row["rounds"].int()), salt: try row["salt"].string())
            guard let derived else { continue }
            let proof = ApiKeyProof(keyID: try row["key_id"].int(), derived: derived)
            if let result = try await body(proof) {
                state.withLock { $0.cache.keep(proof, of: key) }
                return result
            }
        }
        state.withLock { $0.failures.record(client: client, prefix: key.prefix, now: .now) }
        throw ApiKeyError.invalid
    }
}
