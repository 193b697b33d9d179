import ArgumentParser
import ChangeFeed
import ChangeFeedSettings
import Foundation
import Postgres

/// `changefeed archive`: one run of retention now, whether it is due or not.
struct Archive: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Archive old events, empty old slots of the log and rotate the ring, as the service does on its own; exit 2 when a step was held back."
    )

    @OptionGroup var common: CommonOptions

    @Flag(help: "Only show what would be done.")
    var dryRun = false

    @Option(help: "Archive this model only, even events that devices have not settled; with --before.")
    var model: String?

    @Option(help: "Time (ISO 8601) before which events of --model are archived.")
    var before: String?

    @Flag(help: "A JSON array instead of a table.")
    var json = false

    func validate() throws {
        if (model == nil) != (before == nil) { throw ValidationError("--model and --before go together.") }
        if let before, Timestamp(iso8601: before) == nil {
            throw ValidationError("--before takes a time such as 2026-11-01 or 2026-11-01T12:00:00Z.")
        }
    }

    func run() async throws {
        let settings = try common.settings()
        let steps = try await withConnection(to: settings.database) { connection in
            try await work(RetentionRun(settings.retention) { try await connection.query($0) })
        }
        Terminal.line(try json ? SortedJSON.text(steps) : StepList.table(steps).joined(separator: "\n"))
        if steps.contains(where: { $0.state == .failed }) { throw ExitCode(ExitStatus.failed.rawValue) }
        if !dryRun, steps.contains(where: { $0.state == .held }) { throw ExitCode(ExitStatus.problemsFound.rawValue) }
    }

    private nonisolated(nonsending) func work(_ run: RetentionRun) async throws -> [RetentionStep] {
        if let model, let before = before.flatMap({ Timestamp(iso8601: $0) }) {
            return [try await run.archive(model, before: before, dryRun: dryRun)]
        }
        if dryRun { return try await run.plan() }
        let bar = ProgressBar()
        return try await run.run { bar.show($0, of: $1, $2) }
    }
}

/// Steps in the form for people and programs.
enum StepList {
    static func table(_ steps: [RetentionStep]) -> [String] {
        if steps.isEmpty { return ["Nothing is due."] }
        return TextTable.align(
            [["step", "object", "events", "state", "detail"]]
                + steps.map { [$0.step, $0.object, $0.events.map { "\($0)" } ?? "-", $0.state.rawValue, $0.detail] })
    }
}

/// A bar on standard error, if that is a terminal.
struct ProgressBar {
    private static let width = 24
    private let isShown = isatty(STDERR_FILENO) == 1

    /// - Parameter name: the part that begins now; empty at the end, which removes the bar.
    func show(_ part: Int, of parts: Int, _ name: String) {
        if isShown { FileHandle.standardError.write(Data(Self.text(part, of: parts, name).utf8)) }
    }

    static func text(_ part: Int, of parts: Int, _ name: String) -> String {
        let filled = width * part / max(parts, 1)
        let clear = "\r\u{1B}[K"
        return part >= parts
            ? clear
            : "\(clear)[\(String(repeating: "#", count: filled))\(String(repeating: "-", count: width - filled))] \(name)"
    }
}
