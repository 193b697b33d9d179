/// When a message is sent again: the example schedule of Standard Webhooks 1.0 ("Deliverability and reliability"), 10
/// attempts within 75 h 35 min 5 s, with jitter.
public struct RetrySchedule: Sendable, Equatable {
    /// Before each attempt, counted from the one before; the first is made immediately.
    public let delays: [Duration]

    public init(delays: [Duration]) { self.delays = delays }

    public static let standard = RetrySchedule(
        delays: [
            .zero, .seconds(5), .seconds(5 * 60), .seconds(30 * 60), .seconds(2 * 3_600), .seconds(5 * 3_600),
            .seconds(10 * 3_600), .seconds(14 * 3_600), .seconds(20 * 3_600), .seconds(24 * 3_600),
        ])

    /// How often a message is sent before it is a dead letter.
    public var attempts: Int { delays.count }

    /// From the end of the `n`th attempt to the next one; nil if it was the last.
    /// - Parameters:
    ///   - n: 1 for the first attempt; 0 gives the first delay, which has no jitter.
    ///   - fraction: A random number from 0 to 1: how much of the jitter is added.
    public func delay(afterAttempt n: Int, fraction: Double) -> Duration? {
        guard n < delays.count else { return nil }
        let delay = delays[max(0, n)]
        if delay == .zero { return .zero }
        return delay + Self.jitter(delay) * min(1, max(0, fraction))
    }

    /// The longest addition to a delay: 10 % of it, at least 2 s, at most 15 min (as Hook0 adds it). Messages that
    /// failed at the same time do not all come back at the same time.
    static func jitter(_ delay: Duration) -> Duration { min(.seconds(15 * 60), max(.seconds(2), delay / 10)) }
}
