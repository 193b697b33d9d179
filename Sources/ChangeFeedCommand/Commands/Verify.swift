import ArgumentParser
import ChangeFeed
import ChangeFeedSettings
import Postgres

/// `changefeed verify`: the rows of `changefeed.verify()`, after compiling the record rules, and the result of a trial
/// pull.
struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Check triggers, rights, access rules and the log, and run a trial pull; exit 2 when there are problems, and on a standby."
    )

    @OptionGroup var common: CommonOptions

    @Flag(help: "A JSON array instead of lines.")
    var json = false

    func run() async throws {
        let answer = try await withConnection(to: common.settings().database) { connection in
            let isStandby = try await DatabaseFacts.isStandby(on: connection)
            if isStandby {
                Terminal.error(
                    "changefeed: this server is a standby: record rules were not checked, and the findings are as old as its last replay."
                )
            } else {
                try await Self.lookAtRules(connection)
            }
            var answer = try await Self.read(connection, json: json, tries: !isStandby)
            // Whatever the findings: they must not be mistaken for an answer about the feed.
            answer.problems = answer.problems || isStandby
            return answer
        }
        Terminal.line(answer.text)
        if answer.problems { throw ExitCode(ExitStatus.problemsFound.rawValue) }
    }

    /// First compiles all record rules, not only those that requests needed so far, as far as the role may.
    private static nonisolated(nonsending) func lookAtRules(_ connection: Connection) async throws {
        do {
            var review = RuleReview { try await connection.query($0) }
            _ = try await review.entries(keeping: true)
        } catch let error as PostgresError where ["42501", "42883"].contains(error.sqlState) {
            // Not permitted, an older schema.
            Terminal.error(
                "changefeed: record rules were not checked; only what is already known of them is shown: \(error.message)"
            )
        }
    }

    private static nonisolated(nonsending) func read(
        _ connection: Connection, json: Bool, tries: Bool
    ) async throws -> (text: String, problems: Bool) {
        let trial = tries ? try await TrialPull.prepare(on: connection) : nil
        if tries, trial?.findings == nil {
            Terminal.error(
                "changefeed: no trial pull was run: the installation is older than this program, or this role may not run it."
            )
        }
        let here = try await Surroundings.line(on: connection)?.plainLine
        if json {
            let answer = try await Verification.json(with: trial, on: connection)
            // Standard output is only JSON.
            if let here { Terminal.error("changefeed: \(here)") }
            return (answer.text, answer.hasProblems)
        }
        let findings = try await Verification.findings(with: trial, on: connection)
        let problems = findings.contains(where: \.isProblem)
        var lines = findings.flatMap(\.lines)
        if !problems {
            lines.append("No problems found." + (findings.isEmpty ? "" : " The lines above are for information."))
        }
        return (([here].compactMap { $0 } + lines).joined(separator: "\n"), problems)
    }
}

extension Verification.Finding {
    fileprivate var lines: [String] {
        let remedy = remediation.flatMap { $0.isEmpty ? nil : "  do: \($0.plainLine)" }
        return ["\(code) \(level) \(object): \(detail)".plainLine] + (remedy.map { [$0] } ?? [])
    }
}
