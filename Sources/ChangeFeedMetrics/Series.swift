internal import CoreMetrics
internal import Synchronization

/// One time series: a number, or a histogram of seconds.
final class Series: Sendable {
    /// Upper bounds of the buckets, seconds; the last, without bound, is `+Inf`.
    static let buckets: [Double] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    enum Value: Sendable {
        case number(Double)
        /// Observations per bucket (not cumulated, one more than `buckets`), and their sum in seconds.
        case histogram(counts: [UInt64], sum: Double)
    }

    private let state: Mutex<Value>

    init(_ kind: Metric.Kind) {
        let empty: Value =
            kind == .histogram
            ? .histogram(counts: Array(repeating: 0, count: Self.buckets.count + 1), sum: 0) : .number(0)
        state = Mutex(empty)
    }

    var value: Value { state.withLock { $0 } }

    func assign(_ value: Double) {
        state.withLock { if case .number = $0 { $0 = .number(value) } }
    }

    func add(_ amount: Double) {
        state.withLock { if case .number(let number) = $0 { $0 = .number(number + amount) } }
    }

    func observe(seconds: Double) {
        state.withLock { state in
            guard case .histogram(var counts, let sum) = state else { return }
            // Otherwise the array would be copied.
            state = .number(0)
            counts[Self.buckets.firstIndex { seconds <= $0 } ?? Self.buckets.count] += 1
            state = .histogram(counts: counts, sum: sum + seconds)
        }
    }
}

extension Series: CounterHandler, RecorderHandler, MeterHandler, TimerHandler {
    func increment(by amount: Int64) { add(Double(amount)) }
    func increment(by amount: Double) { add(amount) }
    func decrement(by amount: Double) { add(-amount) }
    func reset() { assign(0) }
    func set(_ value: Int64) { assign(Double(value)) }
    func set(_ value: Double) { assign(value) }
    func record(_ value: Int64) { assign(Double(value)) }
    func record(_ value: Double) { assign(value) }
    func recordNanoseconds(_ duration: Int64) { observe(seconds: Double(duration) / 1e9) }
}
