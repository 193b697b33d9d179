import ChangeFeed
import Logging

/// Structured logs on standard error.
enum ServiceLog {
    static func logger(_ level: Logger.Level) -> Logger {
        var logger = Logger(label: "changefeed") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = level
        return logger
    }

    /// Writes what the tailer noticed; what happens all the time is not logged.
    static func record(_ observation: FeedObservation, _ logger: Logger) {
        guard let line = observation.logLine else { return }
        logger.log(level: line.isWarning ? .warning : .info, "\(line.text)")
    }
}
