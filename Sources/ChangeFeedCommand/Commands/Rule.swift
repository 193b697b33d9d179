import ArgumentParser
import ChangeFeed
import ChangeFeedSettings
import Foundation
import Postgres

/// `changefeed rule`: Odoo's record rules, and the operator's decisions about them.
struct Rule: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "List record rules that cannot be compiled and models whose access Odoo decides in Python, and decide about them.",
        discussion:
            "A rule that cannot be compiled closes its model to the users to whom it applies. A decision counts as long as the rule's text in Odoo, or the known facts about the model's code, do not change. Deciding needs a superuser or a member of changefeed_owner.",
        subcommands: [List.self, Allow.self, Deny.self, Override.self, Clear.self])
}

extension Rule {
    /// `changefeed rule list`: the rows of `changefeed.rule_states()`, each compiled.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Show active read rules that cannot be compiled or have a decision, and models that are closed by code.",
            discussion:
                "The rules are those of tracked models and of the models that they delegate to. Below them are tracked models that are closed because Odoo's Python code decides about access, and models with a decision."
        )

        @OptionGroup var common: CommonOptions

        @Option(help: "Only this model and its rules.")
        var model: String?

        @Flag(help: "Include all other rules.")
        var all = false

        @Flag(help: "A JSON array instead of a table.")
        var json = false

        func run() async throws {
            let (entries, models) = try await withConnection(to: common.settings().database) { connection in
                var review = RuleReview { try await connection.query($0) }
                let entries = try await review.entries(of: model)
                if entries.isEmpty, let model, try await !ModelReview.isTracked(model, on: connection) {
                    throw ChangeFeedError.notTracked(model)
                }
                return (entries, try await ModelReview.entries(of: model) { try await connection.query($0) })
            }
            let shown = all ? entries : entries.filter(\.isNotable)
            let closed = models.filter(\.isNotable)
            Terminal.line(
                json ? try SortedJSON.text(shown.map(Listed.rule) + closed.map(Listed.model)) : Self.text(shown, closed)
            )
        }

        /// An element of the JSON array: a rule, with an id, or a model whose access Odoo's code decides, without.
        private enum Listed: Encodable {
            case rule(RuleReview.Entry)
            case model(ModelReview.Entry)

            func encode(to encoder: any Encoder) throws {
                switch self {
                case .rule(let entry): try entry.encode(to: encoder)
                case .model(let entry): try entry.encode(to: encoder)
                }
            }
        }

        private static func text(_ rules: [RuleReview.Entry], _ models: [ModelReview.Entry]) -> String {
            guard !models.isEmpty else { return table(rules) }
            let rows = models.map { entry in
                [entry.model, entry.state, entry.decision.map(\.summary) ?? "-", entry.code ?? "-"].map(\.plainLine)
            }
            let list = TextTable.align([["code of", "model is", "decision", "known facts"]] + rows).joined(
                separator: "\n")
            return rules.isEmpty ? list : table(rules) + "\n\n" + list
        }

        private static func table(_ entries: [RuleReview.Entry]) -> String {
            guard !entries.isEmpty else { return "Every record rule compiles, and there are no decisions." }
            let rows = entries.map { entry in
                [
                    "\(entry.id)", entry.model,
                    entry.groups.isEmpty ? "everybody" : entry.groups.joined(separator: ", "),
                    entry.compiles ? "yes" : "no", entry.closes || !entry.missingGrants.isEmpty ? "closed" : "open",
                    entry.decision.map(\.summary) ?? "-", entry.name, entry.problem ?? "-",
                ].map(\.plainLine)
            }
            return TextTable.align(
                [["id", "model", "applies to", "understood", "model is", "decision", "name", "problem"]] + rows
            )
            .joined(separator: "\n")
        }
    }

    struct Allow: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Treat a rule as matching every record, or open a model to rights and record rules.")
        @OptionGroup var decision: RuleDecision
        func run() async throws { try await decision.run("allow") }
    }

    struct Deny: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Treat a rule as matching no record, or close a model.")
        @OptionGroup var decision: RuleDecision
        func run() async throws { try await decision.run("deny") }
    }

    struct Override: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Replace a rule's domain.",
            discussion:
                "Written as Odoo writes it: \"[('company_id', 'in', company_ids)]\". Exit 2 when changefeed_reader may not read a column that it needs and this role may not grant it; the command prints the statement."
        )
        @OptionGroup var decision: RuleDecision

        @Argument(help: "The domain.")
        var domain: String

        func run() async throws { try await decision.run("override", domain: domain) }
    }

    struct Clear: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Revoke the decision about a rule or a model: Odoo's text, or the known facts about the code, apply again."
        )
        @OptionGroup var decision: RuleDecision
        func run() async throws { try await decision.run("clear") }
    }
}

extension RuleReview.Decision {
    var summary: String {
        "\(decision) by \(decidedBy)" + (reason.map { ": \($0)" } ?? "")
            + (counts ? "" : " (about an older text: does not count)")
    }
}

extension RuleReview.Entry {
    var problem: String? {
        reason
            ?? (missingGrants.isEmpty ? nil : "changefeed_reader may not read \(missingGrants.joined(separator: ", "))")
    }
}
