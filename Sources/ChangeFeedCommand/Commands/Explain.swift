import ArgumentParser
import ChangeFeed
import ChangeFeedSettings
import Foundation
import Postgres

/// `changefeed explain`: why a user sees a record or does not.
struct Explain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Explain why a user sees a record or does not.",
        discussion:
            "It calls the functions that serve requests. It shows the access of any user, so it needs a superuser or a member of changefeed_owner. The exit code is 0 for either verdict."
    )

    @OptionGroup var common: CommonOptions

    @Option(help: "The user's login.")
    var user: String

    @Option(help: "A tracked model, such as sale.order.")
    var model: String

    @Option(help: "The record's id.")
    var id: Int64

    @Option(
        help: "Ids of the companies that a request enables, the current one first: 1,2. Default: all of the user's.")
    var companies: String?

    @Flag(help: "A JSON object instead of lines.")
    var json = false

    private var companyIDs: [Int64]? {
        companies.map { Self.elements($0).compactMap { Int32($0).map(Int64.init) } }
    }

    /// Blanks around commas are ignored; an empty element is invalid.
    private static func elements(_ list: String) -> [String] {
        list.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
    }

    func validate() throws {
        guard let companies, let ids = companyIDs else { return }
        if ids.count != Self.elements(companies).count || ids.count > EnabledCompanies.maximum {
            throw ValidationError("--companies takes ids such as 1 or 1,2.")
        }
    }

    func run() async throws {
        let explanation = try await withConnection(to: common.settings().database) { connection in
            do {
                guard try await ModelReview.isTracked(model, on: connection) else {
                    throw ChangeFeedError.notTracked(model)
                }
                return try await AccessExplanation.explain(
                    login: user, model: model, recordID: id, companies: companyIDs
                ) {
                    try await connection.query($0)
                }
            } catch let error as PostgresError where error.sqlState == "42501" {
                throw ChangeFeedError(
                    .notPermitted, "This role may not read the access of other users: \(error.message.plainLine).",
                    hint: "Connect as a superuser or a member of changefeed_owner with --database.")
            }
        }
        guard let explanation else {
            throw ChangeFeedError(
                .userUnknown, "Odoo has no user with login \(user.plainLine).",
                hint: "List them: SELECT login FROM res_users;")
        }
        Terminal.line(json ? try SortedJSON.text(explanation) : explanation.lines.joined(separator: "\n"))
    }
}

extension AccessExplanation {
    var lines: [String] {
        var lines = TextTable.align(
            [
                [
                    "user",
                    "\(user.login) (\(user.id)), \(user.isActive ? "active" : "deactivated"), \(user.isShare ? "portal or public: allowed only with CHANGEFEED_ALLOW_PORTAL_USERS" : "internal")",
                ],
                [
                    "companies",
                    "\(Self.list(companies)) enabled of \(Self.list(user.companies)), current \(company.map { "\($0)" } ?? "none")",
                ],
                ["groups", user.groups.isEmpty ? "none" : user.groups.joined(separator: ", ")],
                [
                    "model",
                    "\(model): \(readAs.map { $0 == model ? "may be read" : "may be read under the rights and rules of \($0)" } ?? "may not be read")",
                ],
                [
                    "record",
                    "\(recordID): \(exists.map { $0 ? "exists" : "there is no such record" } ?? "whether it exists is not known")",
                ],
            ].map { $0.map(\.plainLine) })
        lines += ["", "Lines of ir_model_access that grant reading: one has to apply"]
        lines += Self.table(
            ["line", "model", "group", "applies"],
            accessLines.map { [$0.name, $0.model, $0.group ?? "everybody", $0.applies ? "yes" : "no"] })
        lines += ["", "Record rules that apply: every global one has to match, and one of each model's group rules"]
        lines += Self.table(
            ["rule", "model", "applies to", "verdict", "decision", "name"],
            rules.map {
                [
                    "\($0.id)", $0.model, $0.isGlobal ? "everybody" : $0.groups.joined(separator: ", "),
                    $0.verdict.word, $0.decision ?? "-", $0.name,
                ]
            })
        for rule in rules { lines += rule.lines(self) }
        if let code {
            lines += ["", "Access that Odoo decides in Python"]
            lines += TextTable.align(
                [
                    ["model is", code.isClosed ? "closed to this user" : "open"],
                    ["decision", code.decision ?? "none"],
                    ["known", code.reason ?? "-"],
                ].map { $0.map(\.plainLine) }
            ).map { "  \($0)" }
        }
        lines += ["", "Withheld fields"]
        lines += Self.table(["field", "reason"], withheldFields.map { [$0.field, $0.reason] })
        lines += ["", isVisible ? "VISIBLE" : "NOT VISIBLE: \((obstacle ?? "").plainLine)"]
        return lines
    }

    fileprivate static func list(_ ids: [Int64]) -> String {
        ids.isEmpty ? "none" : ids.map(String.init).joined(separator: ", ")
    }

    private static func table(_ names: [String], _ rows: [[String]]) -> [String] {
        rows.isEmpty ? ["  (none)"] : TextTable.align([names] + rows.map { $0.map(\.plainLine) }).map { "  \($0)" }
    }
}

extension AccessExplanation.Verdict {
    fileprivate var word: String { self == .noRecord ? "no record" : rawValue }
}

extension AccessExplanation.Rule {
    /// Its text, and its condition with the values next to it: the SQL contains none of them.
    fileprivate func lines(_ whole: AccessExplanation) -> [String] {
        var parts = [["domain", domain.isEmpty ? "(empty: matches every record)" : domain]]
        if let decision { parts.append(["counts", "\(countedDomain) (the operator's decision: \(decision))"]) }
        if let reason { parts.append([verdict == .failed ? "failed" : "closed", reason]) }
        if let sql {
            parts.append(["SQL", sql])
            var values: [String] = []
            if sql.contains("$1") { values.append("$1 \(whole.user.id)") }
            if sql.contains("$2") { values.append("$2 \(whole.company.map { "\($0)" } ?? "null")") }
            if sql.contains("$3") { values.append("$3 {\(whole.companies.map(String.init).joined(separator: ","))}") }
            if !numbers.isEmpty { values.append("$4 {\(numbers.map(String.init).joined(separator: ","))}") }
            if !texts.isEmpty { values.append("$5 {\(texts.map { "\"\($0)\"" }.joined(separator: ","))}") }
            if !values.isEmpty { parts.append(["values", values.joined(separator: "  ")]) }
        }
        return ["", "Rule \(id)"] + TextTable.align(parts.map { $0.map(\.plainLine) }).map { "  \($0)" }
    }
}
