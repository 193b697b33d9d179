import ArgumentParser
import ChangeFeed
import ChangeFeedSettings
import Postgres

/// `changefeed tail`: follows the feed live in the terminal.
struct Tail: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Follow the feed live: one line per event, as it is committed.",
        discussion: """
            It waits while the database is unreachable. It exits where waiting does not help: 77 for a login that may not follow the feed, 69 for a \
            database that does not exist, 1 where the schema is missing or has another version.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: "Only this model; may be repeated.")
    var model: [String] = []

    @Flag(help: "One JSON object per line.")
    var json = false

    func run() async throws {
        let settings = try common.settings()
        var configuration = Tailer.Configuration(connection: settings.listen)
        configuration.connection.applicationName = "changefeed tail"
        // A terminal may be stopped at any time: it never owns the bell, it polls.
        configuration.mayLead = false
        configuration.followerPoll = .milliseconds(200)
        configuration.givesUp = Self.isHopeless
        let models = Set(model)
        let json = json
        let tailer = Tailer(
            configuration,
            observe: { observation in
                if case .waiting = observation, let line = observation.logLine { Terminal.error(line.text) }
            },
            deliver: { batch in
                for entry in batch.entries where models.isEmpty || models.contains(entry.model) {
                    Terminal.line(EventLine.lines(entry, json: json).joined(separator: "\n"))
                }
            })
        do {
            try await withTaskExecutorPreference(EventLoop.shared) { try await tailer.run() }
        } catch let error as PostgresError where error.sqlState == "42501" {
            throw ChangeFeedError(
                .notPermitted, "This login may not follow the feed: \(error)",
                hint: "GRANT changefeed_service TO it, or give another one with --database.")
        }
    }

    /// Errors that waiting does not resolve.
    private static func isHopeless(_ error: any Error) -> Bool {
        switch error {
        case let error as PostgresError:
            let state = error.sqlState ?? ""
            return error.code == .invalidConfiguration || state.hasPrefix("28") || ["42501", "3D000"].contains(state)
        case let error as ChangeFeedError: return [.notInstalled, .schemaVersionMismatch].contains(error.code)
        default: return false
        }
    }
}

/// A log row as lines for people or programs.
enum EventLine {
    static func lines(_ entry: LogEntry, json: Bool) -> [String] {
        let time = Timestamp(microseconds: entry.occurredAt).iso8601
        if entry.kind == .truncate {
            return [
                json
                    ? #"{"model":"\#(entry.model)","event":"truncate","occurred_at":"\#(time)"}"#
                    : "\(time)  \(entry.model)  truncate: devices resync the model"
            ]
        }
        return entry.recordIDs.enumerated().map { ordinal, record in
            let id = entry.eventID(at: ordinal)
            return json
                ? #"{"id":\#(id),"model":"\#(entry.model)","record_id":\#(record),"event":"\#(entry.kind.rawValue)","occurred_at":"\#(time)"}"#
                : "\(time)  \(entry.model)  \(entry.kind.rawValue)  \(record)"
        }
    }
}
