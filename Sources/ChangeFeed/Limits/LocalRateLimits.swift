internal import Synchronization

/// Rate limits in this process's memory, bounded: the fallback while the shared ones are unreachable, and a cache of
/// refusals. A plain value: the caller supplies the time.
struct LocalRateLimits {
    private let generationSize: Int
    // Theoretical arrival times. Entries used since the last turn survive the next.
    private var young: [String: ContinuousClock.Instant] = [:]
    private var old: [String: ContinuousClock.Instant] = [:]

    init(capacity: Int) { generationSize = max(1, capacity / 2) }

    var count: Int { young.count + old.count }

    mutating func count(_ limit: RateLimit, key: String, now: ContinuousClock.Instant) -> RateLimitDecision {
        let decision = limit.decide(spent: spent(key, now: now))
        if decision.isAllowed { note(decision, key: key, now: now) }
        return decision
    }

    /// Checks without counting; nil when no refusal is known.
    mutating func refusal(_ limit: RateLimit, key: String, now: ContinuousClock.Instant) -> RateLimitDecision? {
        let decision = limit.decide(spent: spent(key, now: now))
        return decision.isAllowed ? nil : decision
    }

    /// Remembers a decision made elsewhere.
    mutating func note(_ decision: RateLimitDecision, key: String, now: ContinuousClock.Instant) {
        if young.count >= generationSize, young[key] == nil {
            old = young
            young = [:]
        }
        old[key] = nil
        young[key] = now + decision.reset
    }

    private func spent(_ key: String, now: ContinuousClock.Instant) -> Duration {
        guard let arrival = young[key] ?? old[key] else { return .zero }
        return arrival - now
    }
}

/// Rate limits of this process only, for requests too frequent to count in the database.
public final class LocalRateLimiter: Sendable {
    private let limits: Mutex<LocalRateLimits>

    /// - Parameter capacity: Clients remembered.
    public init(capacity: Int = 65_536) { limits = Mutex(LocalRateLimits(capacity: capacity)) }

    /// Counts one request; nil if there is no limit.
    public func count(_ limit: RateLimit, key: String) -> RateLimitDecision? {
        if limit.isUnlimited { return nil }
        return limits.withLock { $0.count(limit, key: "\(limit.name) \(key)", now: .now) }
    }
}
