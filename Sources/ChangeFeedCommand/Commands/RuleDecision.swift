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
                throw await Self.refusal(try await statement(decision, domain, connection), connection)
            }
        }
        Terminal.line(json ? try SortedJSON.text(report) : report.lines.joined(separator: "\n"))
        if !dryRun, !report.missingGrants.isEmpty { throw ExitCode(ExitStatus.problemsFound.rawValue) }
    }

    private nonisolated(nonsending) func decide(
        _ decision: String, _ domain: String?, _ connection: Connection
    ) async throws -> RuleReport {
        let rule = try await connection.query(
            Query(
                "SELECT r.rule_name, r.model FROM changefeed.odoo_read_rules() r WHERE r.rule_id = $1::int",
                [.int(ruleID)])
        ).first
        guard rule != nil || decision == "clear" else { throw unknown }
        var report = RuleReport(ruleID: ruleID, decision: decision, domain: domain, dryRun: dryRun)
        report.ruleName = rule?["rule_name"].text
        report.model = rule?["model"].text
        if let holder = report.model {
            let models = try await connection.query(
                Query(
                    "SELECT h.model FROM changefeed.rule_holders() h WHERE h.holder = $1::text ORDER BY 1",
                    [.text(holder)]))
            report.models = try models.map { try $0["model"].string() }
            if let domain {
                try await check(domain, on: report.models.isEmpty ? [holder] : report.models, of: holder, connection)
            }
        }
        do {
            report.missingGrants = try await connection.transaction(isKept: !dryRun) { connection in
                let missing = try await keep(decision, domain, connection)
                // With the decision, so that no request in between finds the model closed.
                return dryRun ? missing.map(\.statement) : try await grant(missing, connection)
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

    private struct Missing: Sendable {
        let model: String
        let statement: String
    }

    private nonisolated(nonsending) func keep(
        _ decision: String, _ domain: String?, _ connection: Connection
    ) async throws -> [Missing] {
        let rows = try await connection.query(
            Query(
                "SELECT d.model, d.to_run FROM changefeed.decide_rule($1::int, $2::text, $3::text, $4::text) d",
                [.int(ruleID), .text(decision), .optional(domain), .optional(reason)]))
        return try rows.map { Missing(model: try $0["model"].string(), statement: try $0["to_run"].string()) }
    }

    /// - Returns: the statements that this role may not run.
    private nonisolated(nonsending) func grant(_ missing: [Missing], _ connection: Connection) async throws -> [String]
    {
        var left: [String] = []
        for item in missing {
            _ = try await connection.query("SAVEPOINT before_grant")
            do {
                _ = try await connection.query(Query("SELECT changefeed.grant_rules($1::text)", [.text(item.model)]))
            } catch let error as PostgresError where error.sqlState == "42501" {
                _ = try await connection.query("ROLLBACK TO SAVEPOINT before_grant")
                left.append(item.statement)
            }
        }
        return left
    }

    /// The statement for an authorised role.
    private nonisolated(nonsending) func statement(
        _ decision: String, _ domain: String?, _ connection: Connection
    ) async throws -> String {
        let rows = try await connection.query(
            Query(
                "SELECT format('SELECT * FROM changefeed.decide_rule(%s, %L, %L, %L);', $1::int, $2::text, $3::text, $4::text) AS statement",
                [.int(ruleID), .text(decision), .optional(domain), .optional(reason)]))
        return try rows.first?["statement"].string() ?? ""
    }

    private static nonisolated(nonsending) func refusal(_ statement: String, _ connection: Connection) async
        -> ChangeFeedError
    {
        let role = try? await connection.query("SELECT session_user::text AS role").first?["role"].string()
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
