public import Postgres
internal import Synchronization

/// Rate limits that all replicas share, counted in the database with its clock (`changefeed.rate_limit`). While the
/// database does not answer, each replica counts separately for a while.
public final class RateLimiter: Sendable {
    private struct State {
        /// The database's refusals, so that a repeated request costs nothing.
        var refused: LocalRateLimits
        var local: LocalRateLimits
        var localUntil: ContinuousClock.Instant?
    }

    /// How long to continue locally before the database is queried again.
    private static let pause: Duration = .seconds(5)

    private let pool: ConnectionPool
    private let state: Mutex<State>

    /// - Parameter capacity: Clients remembered in memory.
    public init(pool: ConnectionPool, capacity: Int = 16_384) {
        self.pool = pool
        state = Mutex(State(refused: LocalRateLimits(capacity: capacity), local: LocalRateLimits(capacity: capacity)))
    }

    /// Counts one request.
    /// - Parameter key: The caller: a user or an address, at most 100 characters.
    /// - Returns: nil if there is no limit.
    public func count(_ limit: RateLimit, key: String) async -> RateLimitDecision? {
        if limit.isUnlimited { return nil }
        let name = "\(limit.name) \(key)"
        let known = state.withLock { state -> RateLimitDecision? in
            let now = ContinuousClock.now
            if let refusal = state.refused.refusal(limit, key: name, now: now) { return refusal }
            guard let until = state.localUntil, now < until else { return nil }
            return state.local.count(limit, key: name, now: now)
        }
        if let known { return known }
        do {
            let decision = try await ask(limit, name)
            state.withLock { state in
                // A client that has to continue locally starts from the database's state.
                state.local.note(decision, key: name, now: .now)
                if !decision.isAllowed { state.refused.note(decision, key: name, now: .now) }
            }
            return decision
        } catch {
            return state.withLock { state in
                let now = ContinuousClock.now
                // A locked row, or a cancelled request, says nothing about the others.
                let isAlone = (error as? PostgresError)?.isLockNotAvailable == true || error is CancellationError
                if !isAlone { state.localUntil = now + Self.pause }
                return state.local.count(limit, key: name, now: now)
            }
        }
    }

    /// The cached decision, without any query and without counting: nil unless the client is over its limit.
    public func refusal(_ limit: RateLimit, key: String) -> RateLimitDecision? {
        if limit.isUnlimited { return nil }
        return state.withLock { state in
            let now = ContinuousClock.now
            let name = "\(limit.name) \(key)"
            if let refusal = state.refused.refusal(limit, key: name, now: now) { return refusal }
            guard let until = state.localUntil, now < until else { return nil }
            return state.local.refusal(limit, key: name, now: now)
        }
    }

    private func ask(_ limit: RateLimit, _ name: String) async throws -> RateLimitDecision {
        let rows = try await pool.query(
            Query(
                "SELECT allowed, spent_seconds FROM changefeed.rate_limit($1::text, $2::int, $3::int)",
                [.text(name), .int(limit.quota), .int(limit.period.components.seconds)], name: "rate_limit"))
        guard let row = rows.first else {
            throw ChangeFeedError(.unexpectedAnswer, "changefeed.rate_limit() returned no row.")
        }
        return limit.decision(try row["allowed"].bool(), spent: .seconds(try row["spent_seconds"].double()))
    }
}
