public import CoreMetrics
internal import Synchronization

/// The backend of swift-metrics: keeps every series of the catalogue in memory and writes them as text.
///
/// Metrics outside the catalogue (of libraries) are not kept. A metric has at most `seriesLimit` series; further
/// ones are merged into one whose labels are all `other`, so that no client can fill the memory.
public final class MetricsRegistry: Sendable {
    private let families: [String: SeriesFamily]
    private let order: [SeriesFamily]

    /// - Parameter seriesLimit: series per metric (200).
    public init(seriesLimit: Int = 200) {
        order = Metric.all.map { SeriesFamily($0, limit: seriesLimit) }
        families = Dictionary(order.map { ($0.metric.name, $0) }) { first, _ in first }
    }

    /// Text exposition format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/).
    public func exposition() -> String {
        var output = ""
        for family in order { Exposition.write(family.metric, family.snapshot(), to: &output) }
        return output
    }

    /// Sets all series of a metric together; those not given are removed.
    func replace(_ metric: Metric, _ values: [(labels: [String], value: Double)]) {
        families[metric.name]?.replace(values)
    }

    func replace(_ metric: Metric, _ value: Double?) {
        replace(metric, value.map { [([], $0)] } ?? [])
    }

    fileprivate func series(_ label: String, _ dimensions: [(String, String)]) -> Series? {
        families[label]?.series(dimensions)
    }
}

extension MetricsRegistry: MetricsFactory {
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        series(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    // Series live as long as the process: their number is bounded, and a counter that vanishes looks like a restart.
    public func destroyCounter(_ handler: any CounterHandler) {}
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    public func destroyMeter(_ handler: any MeterHandler) {}
    public func destroyTimer(_ handler: any TimerHandler) {}
}
