import ArgumentParser
import ChangeFeedSettings
import Foundation
import Postgres

/// `changefeed doctor`: the whole path once, each step timed, with what to do where one fails.
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Try the whole path once, from the settings to the doorbell, and say what to do where it fails.",
        discussion: """
            Exit 2 when a step failed, 69 when the database cannot be reached. Odoo's tables are only read. Of the feed's own, one change \
            goes through the scratch table into the log, record rules that nobody has compiled yet are kept compiled, and the pull that is \
            tried is rolled back.
            """)

    @OptionGroup var common: CommonOptions

    @Flag(help: "A JSON array of steps instead of lines.")
    var json = false

    func run() async throws {
        let settings = try common.settings()
        let json = json
        let examination = await withTaskExecutorPreference(EventLoop.shared) {
            await Examination.run(settings) { step in if !json { Terminal.lines(step.lines) } }
        }
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            Terminal.line(String(decoding: try encoder.encode(examination.steps), as: UTF8.self))
        }
        if !examination.reachable { throw ExitCode(ExitStatus.unavailable.rawValue) }
        if examination.steps.contains(where: { $0.outcome == .failed }) { throw ExitCode(ExitStatus.problemsFound.rawValue) }
    }
}
