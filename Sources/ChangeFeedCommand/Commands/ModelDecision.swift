import ArgumentParser
import ChangeFeed
import ChangeFeedSettings
import Postgres

/// `changefeed rule allow`, `deny` and `clear` about a model whose access Odoo decides in Python.
struct ModelDecision {
    let model: String
    let options: RuleDecision

    func run(_ decision: String, domain: String?) async throws {
        guard domain == nil else {
            throw ValidationError("A domain can replace a rule, not a model's code: allow or deny \(model).")
        }
        let report = try await withConnection(to: options.common.settings().database) { connection in
            do {
                return try await decide(decision, connection)
            } catch let error as PostgresError where error.sqlState == "42501" {
                throw ChangeFeedError(
                    .notPermitted, "This role may not decide about models; nothing was stored.",
                    hint:
                        "Connect as a superuser or a member of changefeed_owner with --database, or have one of them run: \(try await ModelReview.statement(of: decision, about: model, reason: options.reason, on: connection))"
                )
            } catch let error as PostgresError where error.sqlState == "P0002" {
                throw ChangeFeedError(
                    .modelUnknown, "Odoo has no model \(model.plainLine) here.",
                    hint: "changefeed rule list shows the tracked ones.")
            }
        }
        Terminal.line(options.json ? try SortedJSON.text(report) : report.lines.joined(separator: "\n"))
    }

    private nonisolated(nonsending) func decide(_ decision: String, _ connection: Connection) async throws -> Report {
        try await connection.transaction(isKept: !options.dryRun) { connection in
            let outcome = try await ModelReview.decide(
                decision, about: model, reason: options.reason, on: connection)
            var report = Report(model: model, decision: decision, dryRun: options.dryRun)
            report.code = outcome.code
            report.state = outcome.state
            return report
        }
    }

    /// The effect of a decision.
    struct Report: Encodable, Sendable {
        let model: String
        let decision: String
        let dryRun: Bool
        /// Known facts about its code; nil: that it decides nothing.
        var code: String?
        /// open, closed, or closed to external users; nil: Odoo no longer has the model.
        var state: String?

        init(model: String, decision: String, dryRun: Bool) {
            (self.model, self.decision, self.dryRun) = (model, decision, dryRun)
        }

        var lines: [String] {
            var lines = ["\(dryRun ? "Would be stored" : "Stored"): \(decision) the code of \(model.plainLine)"]
            if let code { lines.append("  Known facts: \(code.plainLine)") }
            if let state { lines.append("  The model is then \(state).") }
            return lines
        }
    }
}
