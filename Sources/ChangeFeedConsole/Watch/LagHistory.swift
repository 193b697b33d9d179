internal import Synchronization

/// The replica's lag over the last hour, for the console's line: one sample every ten seconds.
final class LagHistory: Sendable {
    private struct Sample {
        let at: ContinuousClock.Instant
        let lag: Double?
    }

    static let step: Duration = .seconds(10)
    static let length: Duration = .seconds(3_600)

    private let samples = Mutex<[Sample]>([])

    func note(_ lag: Duration?, at now: ContinuousClock.Instant = .now) {
        samples.withLock { samples in
            samples.append(Sample(at: now, lag: lag.map { $0 / .seconds(1) }))
            samples.removeAll { $0.at < now - Self.length }
        }
    }

    /// Pairs of seconds ago and lag in seconds, oldest first; a lag of null: it was not known.
    func pairs(now: ContinuousClock.Instant = .now) -> [(ago: Int64, lag: Double?)] {
        samples.withLock { $0.map { ((now - $0.at).components.seconds, $0.lag) } }
    }
}
