import ArgumentParser
import ChangeFeed
import ChangeFeedSettings
import Foundation
import Postgres

/// `changefeed doctor`: the whole path once, each step timed, with a remedy for each failure.
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check the whole path once, from the settings to the doorbell; says what to do where a step fails.",
        discussion: """
            Exit 2 when a step failed, 69 when the database cannot be reached. Odoo's tables are only read. In the feed's own, one change \
            goes through the scratch table into the log, record rules that were not compiled yet are compiled and kept, and a trial pull \
            is rolled back.
            """)

    @OptionGroup var common: CommonOptions

    @Flag(help: "A JSON array of steps instead of lines.")
    var json = false

    func run() async throws {
        let settings = try common.settings()
        let json = json
        let examination = await withTaskExecutorPreference(EventLoop.shared) {
            await Examination.run(Examination.Plan(settings)) { step in if !json { Terminal.lines(step.lines) } }
        }
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            Terminal.line(String(decoding: try encoder.encode(examination.steps), as: UTF8.self))
        }
        if !examination.reachable { throw ExitCode(ExitStatus.unavailable.rawValue) }
        if examination.steps.contains(where: { $0.outcome == .failed }) {
            throw ExitCode(ExitStatus.problemsFound.rawValue)
        }
    }
}
