import ArgumentParser
import ChangeFeed
import ChangeFeedSettings
import Postgres

/// `changefeed field`: which fields devices get, as far as operators decide that.
struct Field: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List fields that are withheld from all users, and decide about them.",
        discussion:
            "An unknown field is withheld from all users until an operator allows it. Deciding needs a superuser or a member of changefeed_owner.",
        subcommands: [List.self, Allow.self, Deny.self, Clear.self])
}

extension Field {
    /// `changefeed field list`: the rows of `changefeed.odoo_field_states()`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Show fields that are withheld from all users, fields with a decision, and fields whose columns may not be read."
        )

        @OptionGroup var common: CommonOptions

        @Option(help: "Only this model, tracked or not. Default: all tracked models.")
        var model: String?

        @Flag(help: "Include all other fields.")
        var all = false

        @Flag(help: "A JSON array instead of a table.")
        var json = false

        func run() async throws {
            Terminal.line(try await withConnection(to: common.settings().database) { try await read($0) })
        }

        private nonisolated(nonsending) func read(_ connection: Connection) async throws -> String {
            if let model, try await !FieldReview.isKnown(model, on: connection) {
                throw ChangeFeedError(.modelUnknown, "Model \(model) has no stored fields in this database.")
            }
            if json { return try await FieldReview.json(of: model, all: all, on: connection) }
            let entries = try await FieldReview.entries(of: model, all: all, on: connection)
            if entries.isEmpty { return "No field is withheld from all users, and there are no decisions." }
            return TextTable.align(
                [["model", "field", "state", "groups", "decision", "missing grant"]]
                    + entries.map { entry in
                        [
                            entry.model, entry.field, entry.state, entry.groups ?? "-", entry.decision ?? "-",
                            entry.missingGrant ?? "-",
                        ]
                    }
            ).joined(separator: "\n")
        }
    }

    struct Allow: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send a field to users who may read the record and are in the field's groups, if known.",
            discussion:
                "Given by name, even a field that looks like a secret is opened. Exit 2 when changefeed_definer may not read the column and this role may not grant it; the command prints the GRANT."
        )
        @OptionGroup var decision: FieldDecision
        func run() async throws { try await decision.run("allow") }
    }

    struct Deny: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Withhold a field from all users.")
        @OptionGroup var decision: FieldDecision
        func run() async throws { try await decision.run("deny") }
    }

    struct Clear: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Revoke the decision about a field: the known facts apply again.")
        @OptionGroup var decision: FieldDecision
        func run() async throws { try await decision.run("clear") }
    }
}

/// The common part of `allow`, `deny` and `clear`.
struct FieldDecision: ParsableArguments {
    @OptionGroup var common: CommonOptions

    @Argument(help: "Technical name, such as res.partner.")
    var model: String

    @Argument(help: "Technical name of a stored field; '*' for all fields of the model that are not secrets.")
    var field: String

    @Option(help: "The reason, stored with the decision.")
    var reason: String?

    @Flag(help: "Only show what would change.")
    var dryRun = false

    @Flag(help: "A JSON object instead of lines.")
    var json = false

    func run(_ decision: String) async throws {
        let report = try await withConnection(to: common.settings().database) { try await decide(decision, $0) }
        Terminal.line(try json ? SortedJSON.text(report) : report.lines.joined(separator: "\n"))
        if !dryRun, !report.missingGrants.isEmpty { throw ExitCode(ExitStatus.problemsFound.rawValue) }
    }

    private nonisolated(nonsending) func decide(_ decision: String, _ connection: Connection) async throws
        -> FieldReport
    {
        var report = try await connection.transaction(isKept: !dryRun) { connection in
            let before = try await FieldReview.states(of: field, in: model, on: connection)
            try await FieldReview.decide(decision, about: field, in: model, reason: reason, on: connection)
            let after = try await FieldReview.states(of: field, in: model, on: connection)
            var report = FieldReport(model: model, field: field, decision: decision, dryRun: dryRun)
            report.changes = after.compactMap { name, state in
                let was = before[name]?.state ?? "unknown"
                return was == state.state ? nil : FieldReport.Change(field: name, from: was, to: state.state)
            }.sorted { $0.field < $1.field }
            report.missingGrants = after.values.compactMap(\.missingGrant).sorted()
            return report
        }
        if dryRun { return report }
        guard decision == "allow" else {
            report.missingGrants = []
            return report
        }
        guard !report.missingGrants.isEmpty else { return report }
        do {
            try await FieldReview.grant(model, on: connection)
        } catch let error as PostgresError where error.sqlState == "42501" {
            // Another role has to run them; the statements are printed.
        }
        let left = try await FieldReview.states(of: field, in: model, on: connection)
        report.missingGrants = left.values.compactMap(\.missingGrant).sorted()
        return report
    }
}

/// The effect of a decision: `{"changes": [{"field", "from", "to"}], "decision", "dry_run", "field", "missing_grants":
/// […], "model"}`
struct FieldReport: Encodable {
    struct Change: Encodable {
        let field: String
        let from: String
        let to: String
    }

    let model: String
    let field: String
    let decision: String
    let dryRun: Bool
    var changes: [Change] = []
    /// The rights that changefeed_definer lacks.
    var missingGrants: [String] = []

    init(model: String, field: String, decision: String, dryRun: Bool) {
        (self.model, self.field, self.decision, self.dryRun) = (model, field, decision, dryRun)
    }

    var lines: [String] {
        var lines = ["\(dryRun ? "Would be stored" : "Stored"): \(decision) \(model) \(field)"]
        lines += TextTable.align(changes.map { ["  \($0.field)", "\($0.from) -> \($0.to)"] })
        if changes.isEmpty { lines.append("  No field's state changes.") }
        if !missingGrants.isEmpty {
            lines.append(dryRun ? "The command would try:" : "Devices receive it once an authorised role runs:")
            lines += missingGrants.map { "  \($0)" }
        }
        return lines
    }
}
