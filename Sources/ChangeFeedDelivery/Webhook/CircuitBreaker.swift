/// Whether requests are sent to an endpoint. A plain value: the caller supplies the time.
///
/// Two reasons to wait: the circuit is open after 10 failures in a row, then one request a minute tries whether the
/// endpoint works again; or the receiver asked for a pause (`throttle`).
public struct CircuitBreaker: Sendable, Equatable {
    public enum Verdict: Sendable, Equatable {
        /// Send.
        case go
        /// Send this one request; others wait for its result.
        case trial
        /// Send nothing before then, and ask again.
        case wait(until: ContinuousClock.Instant)
    }

    /// So many failures in a row open the circuit.
    public static let threshold = 10
    /// Between two trials while the circuit is open.
    public static let trialPause: Duration = .seconds(60)
    /// The first pause without `Retry-After`; each further one is twice as long.
    public static let shortestThrottle: Duration = .seconds(5)
    /// The longest pause without `Retry-After`.
    public static let longestThrottle: Duration = .seconds(300)

    /// Failures since the last success.
    public private(set) var failures = 0
    /// When the next trial may begin; nil while the circuit is closed.
    private var nextTrial: ContinuousClock.Instant?
    /// Until when the receiver wants no request.
    private var pauseEnd: ContinuousClock.Instant?
    /// How long the last pause without `Retry-After` was.
    private var pause: Duration?

    private let pauseBetweenTrials: Duration

    /// - Parameter trialPause: between two trials while the circuit is open.
    public init(trialPause: Duration = Self.trialPause) { pauseBetweenTrials = trialPause }

    public var isOpen: Bool { nextTrial != nil }

    public func verdict(_ now: ContinuousClock.Instant) -> Verdict {
        let pauseEnd = pauseEnd.flatMap { $0 > now ? $0 : nil }
        guard let nextTrial else { return pauseEnd.map { .wait(until: $0) } ?? .go }
        let next = max(nextTrial, pauseEnd ?? nextTrial)
        return next > now ? .wait(until: next) : .trial
    }

    /// The verdict; a trial is taken by it, and the next one is possible in a minute. So a trial whose result never
    /// comes does not keep the circuit open.
    public mutating func admit(_ now: ContinuousClock.Instant) -> Verdict {
        let verdict = verdict(now)
        if verdict == .trial { nextTrial = now + pauseBetweenTrials }
        return verdict
    }

    /// A request was answered by 2xx. Closes the circuit. A pause that the receiver asked for goes on.
    public mutating func succeed(_ now: ContinuousClock.Instant) {
        failures = 0
        nextTrial = nil
        if let end = pauseEnd, end > now { return }
        pauseEnd = nil
        pause = nil
    }

    /// A request failed: any other answer, no answer, no connection.
    public mutating func fail(_ now: ContinuousClock.Instant) {
        failures += 1
        // Requests that were under way when the circuit opened do not delay the next trial.
        if failures >= Self.threshold, !isOpen { nextTrial = now + pauseBetweenTrials }
    }

    /// No request before `end`.
    public mutating func throttle(until end: ContinuousClock.Instant) { pauseEnd = max(pauseEnd ?? end, end) }

    /// A request was answered by 429, 502 or 504, or another answer had `Retry-After`. Does not count as a failure;
    /// call `fail` also if it is one.
    /// - Parameter retryAfter: What the receiver asked for, at most 24 hours. Nil: 5 s, then twice as long each time
    ///   until a success, at most 5 min.
    public mutating func throttle(_ now: ContinuousClock.Instant, retryAfter: Duration?) {
        if let retryAfter { return throttle(until: now + min(RetryAfter.longest, max(.zero, retryAfter))) }
        // Requests that were under way when the pause began do not double it.
        if let end = pauseEnd, end > now { return }
        let next = pause.map { min(Self.longestThrottle, $0 * 2) } ?? Self.shortestThrottle
        pause = next
        throttle(until: now + next)
    }
}
