import ChangeFeed
import ChangeFeedDelivery
import ChangeFeedSettings
import Logging
import Synchronization

/// Structured logs on standard error.
enum ServiceLog {
    /// A lasting state is logged once, whichever loop encounters it again.
    private static let said = Mutex(SaidOnce())

    /// - Parameter threshold: of all copies of the logger.
    static func logger(_ format: LogFormat, _ threshold: LogThreshold) -> Logger {
        Logger(label: "changefeed") { ServiceLogHandler(label: $0, format: format, threshold: threshold) }
    }

    /// Logs the tailer's observations, except those that occur all the time.
    static func record(_ observation: FeedObservation, _ logger: Logger) {
        guard said.withLock({ $0.isNews(observation) }) else { return }
        record(observation.logLine, logger)
    }

    /// The same for Odoo's answers about fields.
    static func record(_ observation: FieldKnowledge.Observation, _ logger: Logger) {
        record(observation.logLine, logger)
    }

    /// The same for deliveries.
    static func record(_ observation: DeliveryObservation, _ logger: Logger) {
        record(observation.logLine, logger)
    }

    private static func record(_ line: (isWarning: Bool, text: String)?, _ logger: Logger) {
        guard let line else { return }
        logger.log(level: line.isWarning ? .warning : .info, "\(line.text)")
    }
}
