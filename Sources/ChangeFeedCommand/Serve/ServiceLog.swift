import ChangeFeed
import ChangeFeedSettings
import Logging
import Synchronization

/// Structured logs on standard error.
enum ServiceLog {
    /// A state that lasts is said once, whatever loop comes by it again.
    private static let said = Mutex(SaidOnce())

    static func logger(_ level: Logger.Level) -> Logger {
        var logger = Logger(label: "changefeed") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = level
        return logger
    }

    /// Writes what the tailer noticed; what happens all the time is not logged.
    static func record(_ observation: FeedObservation, _ logger: Logger) {
        guard said.withLock({ $0.isNews(observation) }) else { return }
        record(observation.logLine, logger)
    }

    /// The same for what Odoo says of fields.
    static func record(_ observation: FieldKnowledge.Observation, _ logger: Logger) {
        record(observation.logLine, logger)
    }

    private static func record(_ line: (isWarning: Bool, text: String)?, _ logger: Logger) {
        guard let line else { return }
        logger.log(level: line.isWarning ? .warning : .info, "\(line.text)")
    }
}
