import ArgumentParser
import ChangeFeed
import ChangeFeedSettings
import Postgres

/// The common part of `changefeed rule allow`, `deny`, `override` and `clear`.
struct RuleDecision: ParsableArguments {
    @OptionGroup var common: CommonOptions

    @Argument(
        help:
            "The rule's id, as changefeed rule list shows it. For allow, deny and clear also a model whose access Odoo's Python code decides, such as mail.message."
    )
    var rule: String

    @Option(help: "The reason, stored with the decision.")
    var reason: String?

    @Flag(help: "Only show what would change.")
    var dryRun = false

    @Flag(help: "A JSON object instead of lines.")
    var json = false

    private var ruleID: Int32 { Int32(rule) ?? 0 }

    func validate() throws {
        if Int32(rule) == nil, rule.wholeMatch(of: /[a-z][a-z0-9_]*(\.[a-z0-9_]+)*/) == nil {
            throw ValidationError("Give a rule by its id, such as 42, or a model by its name, such as mail.message.")
        }
    }

    func run(_ decision: String, domain: String? = nil) async throws {
        guard Int32(rule) != nil else {
            return try await ModelDecision(model: rule, options: self).run(decision, domain: domain)
        }
        let report = try await withConnection(to: common.settings().database) { connection in
            do {
                return try await decide(decision, domain, connection)
            } catch let error as PostgresError where error.sqlState == "42501" {
                let statement = try await RuleReview.statement(
                    of: decision, domain: domain, reason: reason, about: ruleID, on: connection)
                throw await Self.refusal(statement, connection)
            }
        }
        Terminal.line(json ? try SortedJSON.text(report) : report.lines.joined(separator: "\n"))
        if !dryRun, !report.missingGrants.isEmpty { throw ExitCode(ExitStatus.problemsFound.rawValue) }
    }

    private nonisolated(nonsending) func decide(
        _ decision: String, _ domain: String?, _ connection: Connection
    ) async throws -> RuleReport {
        let rule = try await RuleReview.subject(ruleID, on: connection)
        guard rule != nil || decision == "clear" else { throw unknown }
        var report = RuleReport(ruleID: ruleID, decision: decision, domain: domain, dryRun: dryRun)
        report.ruleName = rule?.name
        report.model = rule?.holder
        if let holder = report.model {
            report.models = try await RuleReview.models(under: holder, on: connection)
            if let domain {
                try await check(domain, on: report.models.isEmpty ? [holder] : report.models, of: holder, connection)
            }
        }
        do {
            report.missingGrants = try await connection.transaction(isKept: !dryRun) { connection in
                let missing = try await RuleReview.decide(
                    decision, domain: domain, reason: reason, about: ruleID, on: connection)
                // With the decision, so that no request in between finds the model closed.
                return dryRun ? missing.map(\.statement) : try await RuleReview.grant(missing, on: connection)
            }
        } catch let error as PostgresError where error.sqlState == "P0002" {
            throw unknown
        }
        if dryRun { return report }
        // So that verify() shows the result immediately.
        if let holder = report.model {
            var review = RuleReview { try await connection.query($0) }
            let entry = try await review.entries(of: holder, keeping: true).first { $0.id == Int64(ruleID) }
            report.problem = entry.flatMap { $0.closes ? $0.reason : nil }
        }
        return report
    }

    private var unknown: ChangeFeedError {
        ChangeFeedError(
            .ruleUnknown, "Odoo has no active read rule with id \(ruleID).",
            hint: "changefeed rule list --all shows all active rules.")
    }

    private nonisolated(nonsending) func check(
        _ domain: String, on models: [String], of holder: String, _ connection: Connection
    ) async throws {
        var review = RuleReview { try await connection.query($0) }
        for model in models {
            guard let problem = try await review.problem(ofDomain: domain, holder: holder, for: model) else { continue }
            throw ChangeFeedError(
                .domainInvalid,
                "The domain cannot replace rule \(ruleID) of \(holder.plainLine): \(problem.plainLine).",
                hint: "Nothing was stored.")
        }
    }

    private static nonisolated(nonsending) func refusal(_ statement: String, _ connection: Connection) async
        -> ChangeFeedError
    {
        let role = try? await DatabaseFacts.sessionUser(on: connection)
        return ChangeFeedError(
            .notPermitted, "Role \((role ?? "").plainLine) may not decide about record rules; nothing was stored.",
            hint:
                "Connect as a superuser or a member of changefeed_owner with --database, or have one of them run: \(statement)"
        )
    }
}

/// The effect of a decision.
struct RuleReport: Encodable, Sendable {
    let ruleID: Int32
    /// Nil: Odoo no longer has the rule.
    var ruleName: String?
    var model: String?
    let decision: String
    let domain: String?
    let dryRun: Bool
    /// Tracked models that the rule filters.
    var models: [String] = []
    /// Statements that an authorised role has to run.
    var missingGrants: [String] = []
    /// The problem of the effective text: it closes the models.
    var problem: String?

    init(ruleID: Int32, decision: String, domain: String?, dryRun: Bool) {
        (self.ruleID, self.decision, self.domain, self.dryRun) = (ruleID, decision, domain, dryRun)
    }

    var lines: [String] {
        let rule =
            ruleName.map { "\(ruleID) (\($0.plainLine)) of \((model ?? "").plainLine)" }
            ?? "\(ruleID), which Odoo no longer has"
        var lines = ["\(dryRun ? "Would be stored" : "Stored"): \(decision) rule \(rule)"]
        if let domain { lines.append("  replaced by: \(domain.plainLine)") }
        if models.isEmpty {
            lines.append("  It filters no tracked model.")
        } else {
            lines.append(
                "  It filters \(models.map(\.plainLine).joined(separator: ", ")): devices of the users to whom it applies resync them (410 scope_changed)."
            )
        }
        if let problem { lines.append("  They are closed to the users to whom it applies: \(problem.plainLine)") }
        if !missingGrants.isEmpty {
            lines.append(dryRun ? "The command would try to run:" : "They stay closed until an authorised role runs:")
            lines += missingGrants.map { "  \($0)" }
        }
        return lines
    }
}
