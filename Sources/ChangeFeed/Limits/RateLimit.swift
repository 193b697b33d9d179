/// How often a request may be made: `quota` times per `period`, even all at the same time, by the generic cell rate
/// algorithm (GCRA, ITU-T I.371): a request moves the client's theoretical arrival time by period / quota, and is
/// refused when that would be more than a period ahead of the clock.
public struct RateLimit: Sendable, Equatable {
    /// The limit's name, as answers and metrics show it.
    public let name: String
    /// Requests per period; 0 means no limit.
    public let quota: Int
    public let period: Duration

    public init(name: String, quota: Int, period: Duration = .seconds(60)) {
        self.name = name
        self.quota = quota
        self.period = period
    }

    public var isUnlimited: Bool { quota == 0 }

    /// What a request costs.
    var step: Duration { period / max(1, quota) }

    /// Decides by how far the client is ahead of the clock.
    /// - Parameter spent: The theoretical arrival time, from now; negative when it has passed.
    func decide(spent: Duration) -> RateLimitDecision {
        let after = max(.zero, spent) + step
        return after <= period ? decision(true, spent: after) : decision(false, spent: spent)
    }

    /// - Parameter spent: How far ahead the client is after this request, or without it when it was refused.
    func decision(_ allowed: Bool, spent: Duration) -> RateLimitDecision {
        // Rounding of the database's double precision must not cost a request.
        let left = (period - spent) / step + 0.001
        return RateLimitDecision(
            limit: self, isAllowed: allowed, remaining: allowed ? max(0, Int(left)) : 0, reset: max(.zero, spent),
            retryAfter: allowed ? .zero : max(.zero, spent + step - period))
    }
}

/// A limit's decision about one request.
public struct RateLimitDecision: Sendable, Equatable {
    public let limit: RateLimit
    public let isAllowed: Bool
    /// Requests that may still be made immediately.
    public let remaining: Int
    /// Until the whole quota is available again.
    public let reset: Duration
    /// Until the next request would be allowed; zero when this one was.
    public let retryAfter: Duration
}
