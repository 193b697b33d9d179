import ChangeFeed
import ChangeFeedSettings
import Glibc
import Logging
import Synchronization

/// The lowest level that is logged: one for all loggers of the process, so that a reload changes it everywhere.
final class LogThreshold: Sendable {
    private let current: Mutex<Logger.Level>

    init(_ level: Logger.Level) { current = Mutex(level) }

    var level: Logger.Level {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }
}

/// Writes to standard error, as lines for people or as one JSON object a line.
struct ServiceLogHandler: LogHandler {
    private let threshold: LogThreshold
    private var text: StreamLogHandler?
    private let label: String
    private let write: @Sendable (String) -> Void

    var metadata: Logger.Metadata = [:] {
        didSet { text?.metadata = metadata }
    }

    /// - Parameter write: receives lines of JSON; lines for people always go to standard error.
    init(
        label: String, format: LogFormat, threshold: LogThreshold,
        write: @escaping @Sendable (String) -> Void = { ServiceLogHandler.writeToStandardError($0) }
    ) {
        self.label = label
        self.threshold = threshold
        self.write = write
        text = format == .text ? StreamLogHandler.standardError(label: label) : nil
    }

    /// All loggers have the same; what is set here counts for all.
    var logLevel: Logger.Level {
        get { threshold.level }
        set { threshold.level = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        if Self.isNoise(event) { return }
        if let text { return text.log(event: event) }
        write(JSONLogLine.text(event, label: label, metadata: metadata))
    }

    /// The HTTP library reports a listener that ended while it began as an error; the reason has a line of its own.
    private static func isNoise(_ event: LogEvent) -> Bool {
        event.level == .error && event.source == "HummingbirdCore"
            && "\(event.message)" == "Waiting on child channel: CancellationError()"
    }

    /// One system call for a line, so that lines of several threads do not mix.
    private static func writeToStandardError(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}

/// One event of the log as a JSON object: `time`, `level`, `source`, `message`, then the event's own fields by name.
enum JSONLogLine {
    private static let reserved: Set = ["time", "level", "logger", "source", "message"]

    static func text(_ event: LogEvent, label: String, metadata: Logger.Metadata, now: Timestamp = .now) -> String {
        var fields = metadata.merging(event.metadata ?? [:]) { $1 }
        if let error = event.error { fields["error"] = .string("\(error)") }
        var line = #"{"time":"\#(now.iso8601)","level":"\#(event.level.rawValue)","logger":"#
        append(label, to: &line)
        line += #","source":"#
        append(event.source, to: &line)
        line += #","message":"#
        append("\(event.message)", to: &line)
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
            line += ","
            append(reserved.contains(key) ? key + "_" : key, to: &line)
            line += ":"
            append(value, to: &line)
        }
        return line + "}"
    }

    private static func append(_ value: Logger.MetadataValue, to line: inout String) {
        switch value {
        case .string(let text): append(text, to: &line)
        case .stringConvertible(let number as any BinaryInteger): line += "\(number)"
        case .stringConvertible(let number as Double) where number.isFinite: line += "\(number)"
        case .stringConvertible(let other): append(other.description, to: &line)
        case .array(let values):
            line += "["
            for (index, value) in values.enumerated() {
                if index > 0 { line += "," }
                append(value, to: &line)
            }
            line += "]"
        case .dictionary(let values):
            line += "{"
            for (index, member) in values.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { line += "," }
                append(member.key, to: &line)
                line += ":"
                append(member.value, to: &line)
            }
            line += "}"
        }
    }

    /// A string of RFC 8259. Line and paragraph separators are escaped as well: some readers split lines there.
    private static func append(_ text: String, to line: inout String) {
        line += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": line += "\\\""
            case "\\": line += "\\\\"
            case "\n": line += "\\n"
            case "\u{2028}", "\u{2029}", "\u{7f}"..."\u{9f}": line += escaped(scalar)
            case _ where scalar.value < 0x20: line += escaped(scalar)
            default: line.unicodeScalars.append(scalar)
            }
        }
        line += "\""
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}
