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
            let isStandby =
                try await connection.query("SELECT pg_is_in_recovery() AS standby").first?["standby"].bool() ?? false
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
        let source =
            trial?.findings.map { "(SELECT * FROM changefeed.verify() UNION ALL SELECT * FROM \($0) pull)" }
            ?? "changefeed.verify()"
        let parameters = trial?.findings == nil ? [] : [trial?.parameter ?? .null]
        let here = try await surroundings(connection)
        if json {
            let rows = try await connection.query(
                """
                SELECT coalesce(json_agg(finding), '[]')::text AS findings,
                       coalesce(bool_or(finding.level <> 'info'), false) AS problems
                FROM \(source) AS finding
                """, parameters)
            guard let row = rows.first else { throw ChangeFeedError(.unexpectedAnswer, "No answer from verify().") }
            // Standard output is only JSON.
            if let here { Terminal.error("changefeed: \(here)") }
            return (try row["findings"].string(), try row["problems"].bool())
        }
        let rows = try await connection.query(
            "SELECT code, level, object, detail, remediation FROM \(source) AS finding ORDER BY code, object",
            parameters)
        var lines: [String] = []
        var problems = false
        for row in rows {
            problems = problems || row["level"].text != "info"
            lines.append(
                "\(row["code"].text ?? "") \(row["level"].text ?? "") \(row["object"].text ?? ""): \(row["detail"].text ?? "")"
                    .plainLine)
            if let remediation = row["remediation"].text, !remediation.isEmpty {
                lines.append("  do: \(remediation.plainLine)")
            }
        }
        if lines.isEmpty { lines.append("No problems found.") }
        return (([here].compactMap { $0 } + lines).joined(separator: "\n"), problems)
    }

    /// The versions of Odoo and the server, and whether the feed was tested on them; nil if that is unknown.
    private static nonisolated(nonsending) func surroundings(_ connection: Connection) async throws -> String? {
        do {
            return try await connection.query("SELECT line FROM changefeed.surroundings()").first?["line"].text?
                .plainLine
        } catch let error as PostgresError where ["42501", "42883"].contains(error.sqlState) {
            return nil
        }
    }
}
