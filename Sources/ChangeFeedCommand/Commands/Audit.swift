import ArgumentParser
import ChangeFeed
import ChangeFeedSettings
import Foundation
import Postgres

/// `changefeed audit`: compares what a user gets here with what Odoo shows that user.
struct Audit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare a sample of ids and values with what Odoo itself shows a user.",
        discussion:
            "It calls Odoo's /jsonrpc (search and read, no writes) as that user, whose API key is in CHANGEFEED_AUDIT_KEY or a file, never on the command line. Run it once for each kind of user. Exit 0: equal; 2: differences, of which 'too much' means that Odoo does not show it; 69: Odoo or the database cannot be reached; 77: refused. It shows the access of any user, so it needs a superuser or a member of changefeed_owner."
    )

    @OptionGroup var common: CommonOptions

    @Option(help: "The user's login.")
    var user: String

    @Option(help: "A tracked model, such as sale.order; may be repeated. Default: all.")
    var model: [String] = []

    @Option(help: "Approximate number of records to compare per model, 1 to 10000.")
    var sample = 100

    @Option(help: "A file with the user's API key; - is standard input. Overrides CHANGEFEED_AUDIT_KEY.")
    var keyFile: String?

    @Flag(help: "A JSON object instead of a table.")
    var json = false

    func validate() throws {
        if !(1...10_000).contains(sample) { throw ValidationError("--sample takes a whole number from 1 to 10000.") }
    }

    func run() async throws {
        let settings = try common.settings()
        guard let url = settings.odooURL else {
            throw ChangeFeedError(.invalidSetting, "ODOO_URL, the address of Odoo, is not set.")
        }
        guard let key = try keyText() ?? settings.auditKey, !key.isEmpty else {
            throw ChangeFeedError(
                .invalidSetting,
                "There is no key: set CHANGEFEED_AUDIT_KEY to an API key of the user, or give a file with --key-file.")
        }
        let report = try await withConnection(to: settings.database) { connection in
            do {
                let database = try await DatabaseFacts.databaseName(on: connection)
                let odoo = OdooRPC(url: url, database: database, key: key)
                do {
                    let audit = try await FeedAudit(login: user, odoo: odoo) { try await connection.query($0) }
                    let report = try await audit.run(models: model.isEmpty ? nil : model, sample: sample)
                    await odoo.shutdown()
                    return report
                } catch {
                    await odoo.shutdown()
                    throw error
                }
            } catch let error as PostgresError where error.sqlState == "42501" {
                throw ChangeFeedError(
                    .notPermitted, "This role may not read the access of other users: \(error.message.plainLine).",
                    hint: "Connect as a superuser or a member of changefeed_owner with --database.")
            } catch let refusal as OdooRPC.Refusal {
                throw ChangeFeedError(.notPermitted, "Odoo refuses: \(refusal.name.plainLine).")
            }
        }
        Terminal.line(json ? try SortedJSON.text(report) : report.lines.joined(separator: "\n"))
        if !report.differences.isEmpty { throw ExitCode(ExitStatus.problemsFound.rawValue) }
    }

    private func keyText() throws -> String? {
        guard let keyFile else { return nil }
        let data =
            keyFile == "-"
            ? FileHandle.standardInput.readDataToEndOfFile() : FileManager.default.contents(atPath: keyFile)
        guard let data else { throw ChangeFeedError(.invalidSetting, "The file given with --key-file cannot be read.") }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

extension FeedAudit.Report {
    var lines: [String] {
        let rows = models.map { entry in
            let found = differences.filter { $0.model == entry.model }
            let count = { (kind: FeedAudit.Kind) in "\(Set(found.filter { $0.kind == kind }.flatMap(\.ids)).count)" }
            return [
                entry.model, entry.isOpen ? "\(entry.records)" : "closed here", "\(entry.fields)", count(.missing),
                count(.tooMuch), count(.value),
            ].map(\.plainLine)
        }
        var lines = TextTable.align([["model", "records", "fields", "missing", "too much", "values"]] + rows)
        if !differences.isEmpty {
            lines += ["", "Differences, each confirmed by a second look"]
            lines += TextTable.align(
                [["model", "kind", "field", "ids"]]
                    + differences.map { found in
                        let more = found.ids.count > 10 ? ", … (\(found.ids.count))" : ""
                        return [
                            found.model, found.kind == .tooMuch ? "TOO MUCH" : found.kind.rawValue, found.field ?? "-",
                            found.ids.prefix(10).map(String.init).joined(separator: ", ") + more,
                        ].map(\.plainLine)
                    })
        }
        for model in Set(differences.filter { $0.kind == .tooMuch }.map(\.model)).sorted() {
            lines.append(
                "\(model.plainLine) shows more than Odoo does: changefeed rule deny \(model.plainLine) closes it immediately."
            )
        }
        lines += ["", differences.isEmpty ? "EQUAL" : "NOT EQUAL"]
        return lines
    }
}
