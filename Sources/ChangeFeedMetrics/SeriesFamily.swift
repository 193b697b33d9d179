internal import Synchronization

/// The series of one metric, by the values of its labels.
final class SeriesFamily: Sendable {
    let metric: Metric
    private let limit: Int
    private let series = Mutex<[[String]: Series]>([:])

    init(_ metric: Metric, limit: Int) {
        self.metric = metric
        self.limit = limit
        // A metric without labels exists from the start, so that its first increase is visible; gauges wait for a
        // value.
        if metric.labels.isEmpty, metric.kind != .gauge { _ = series([]) }
    }

    /// The series with these labels: names that the metric does not have are dropped, missing ones are empty.
    func series(_ dimensions: [(String, String)]) -> Series {
        series(values: metric.labels.map { name in dimensions.first { $0.0 == name }?.1 ?? "" })
    }

    /// Atomically: a scrape sees the old series or the new ones.
    func replace(_ values: [(labels: [String], value: Double)]) {
        var new: [[String]: Series] = [:]
        for value in values.prefix(limit) {
            let one = Series(metric.kind)
            one.assign(value.value)
            new[value.labels] = one
        }
        series.withLock { $0 = new }
    }

    func snapshot() -> [(labels: [String], value: Series.Value)] {
        let all = series.withLock { $0 }
        return all.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { ($0.key, $0.value.value) }
    }

    private func series(values: [String]) -> Series {
        series.withLock { series in
            var key = values
            if series[key] == nil, series.count >= limit { key = metric.labels.map { _ in "other" } }
            if let known = series[key] { return known }
            let new = Series(metric.kind)
            series[key] = new
            return new
        }
    }
}
