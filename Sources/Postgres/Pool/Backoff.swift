/// Growing pauses with full jitter, so that many clients of a restarted server do not return at the same time
/// (Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
public struct Backoff: Sendable {
    public var initial: Duration
    public var maximum: Duration
    public var multiplier: Double
    /// Part of each pause that is random, 0 to 1.
    public var jitter: Double
    private var current: Duration

    public init(
        initial: Duration = .milliseconds(100), maximum: Duration = .seconds(10), multiplier: Double = 2,
        jitter: Double = 0.5
    ) {
        self.initial = initial
        self.maximum = maximum
        self.multiplier = multiplier
        self.jitter = jitter
        current = initial
    }

    /// An attempt that lasted this long was no failure: the pauses start over after it.
    public static let settled: Duration = .seconds(30)

    /// Reports how long the last attempt lasted.
    public mutating func lasted(_ duration: Duration) {
        if duration > Self.settled { current = initial }
    }

    /// The next pause.
    public mutating func next() -> Duration {
        let pause = current
        current = min(maximum, current * multiplier)
        return pause * (1 - jitter * Double.random(in: 0...1))
    }
}
