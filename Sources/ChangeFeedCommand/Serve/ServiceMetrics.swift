import ChangeFeedMetrics
import ChangeFeedSettings
import CoreMetrics

/// The process's one backend of swift-metrics.
enum ServiceMetrics {
    /// Set up at first use; swift-metrics accepts a backend once per process.
    static let registry: MetricsRegistry = {
        let registry = MetricsRegistry()
        MetricsSystem.bootstrap(registry)
        return registry
    }()
}
