internal import Postgres
internal import Synchronization

/// Turns an API key into proofs for the database to check: look-up by prefix, PBKDF2 for each candidate row (no
/// candidate, no hashing). A key that was verified once costs an HMAC.
final class ApiKeyVerifier: Sendable {
    private let pool: ConnectionPool
    private let hashing = ApiKeyHashing()
    private let failures = Mutex(ApiKeyFailureLimit())

    init(pool: ConnectionPool) { self.pool = pool }

    /// Tries one candidate after another.
    /// - Parameter accept: Asks the database; nil when it refused the proof.
    /// - Throws: `AuthenticationError`, `PostgresError`, and what `accept` throws.
    func verify<R>(_ key: ApiKey, client: String, _ accept: (CallerProof) async throws -> R?) async throws -> R {
        if let delay = failures.withLock({ $0.delay(client: client, prefix: key.prefix, now: .now) }) {
            throw AuthenticationError.tooManyFailures(retryAfter: delay)
        }
        let candidates = try await pool.query(
            Query(
                "SELECT key_id, rounds, salt FROM changefeed.odoo_api_key_candidates($1::text)", [.text(key.prefix)],
                name: "api_key_candidates"))
        for row in candidates {
            let derived = try await hashing.derive(
                key, rounds: Int(try row["rounds"].int()), salt: try row["salt"].string())
            guard let derived else { continue }
            let proof = CallerProof(
                method: .apiKey, subject: try row["key_id"].int(), proof: derived, session: nil, usedAt: nil)
            if let result = try await accept(proof) { return result }
        }
        failures.withLock { $0.record(client: client, prefix: key.prefix, now: .now) }
        throw AuthenticationError.apiKeyInvalid
    }
}
