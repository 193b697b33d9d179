import ChangeFeedTesting
import Foundation
import Testing

/// What `docs/json.md` says of the commands' documents, compared with what they print.
@Suite("The JSON of the commands", .timeLimit(.minutes(10)))
struct JSONShapeTests {
    /// The keys of a row of the page, by whether they may be missing.
    private static func documented(_ command: String) throws -> [String: Bool] {
        let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: checkout.appendingPathComponent("docs/json.md"), encoding: .utf8)
        let row = try #require(page.split(separator: "\n").first { $0.hasPrefix("| `\(command)`") }, "\(command)")
        let cell = row.split(separator: "|").dropFirst().first ?? ""
        let keys = cell.split(separator: "`").enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
        return Dictionary(keys.map { ($0.hasSuffix("?") ? String($0.dropLast()) : $0, $0.hasSuffix("?")) }) { $1 }
    }

    private static func paths(_ value: Any, _ path: String = "", into found: inout Set<String>) {
        if let object = value as? [String: Any] {
            for (key, member) in object {
                let path = path.isEmpty ? key : path + "." + key
                found.insert(path)
                paths(member, path, into: &found)
            }
        } else if let list = value as? [Any] {
            for element in list { paths(element, path + "[]", into: &found) }
        }
    }

    private static func printed(_ arguments: [String], _ database: TestDatabase) async throws -> Set<String> {
        let result = try await BuiltBinary.run(arguments + ["--json", "--database", database.conninfo()])
        let document = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
        var found: Set<String> = []
        paths(document, into: &found)
        #expect(!found.isEmpty, "\(arguments): \(result)")
        return found
    }

    @Test(
        "each document has every key that the page lists, and the page lists each of its keys",
        arguments: [
            ("status", ["status"]), ("verify", ["verify"]), ("field list", ["field", "list", "--all"]),
            ("field allow", ["field", "deny", "res.partner", "phone", "--dry-run"]),
            ("rule list", ["rule", "list", "--all"]), ("delivery", ["delivery"]), ("config", ["config"]),
            ("doctor", ["doctor"]), ("estimate", ["estimate"]),
        ])
    func shapes(command: String, arguments: [String]) async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        if command == "verify" {
            // A finding to look at.
            try await database.psql("ALTER TABLE res_partner DISABLE TRIGGER changefeed_update")
        }
        if command == "rule list" {
            try await database.psql(
                "INSERT INTO ir_rule (name, model_id, domain_force) SELECT 'few', id, '[(''id'', ''<'', 20)]' FROM ir_model WHERE model = 'res.partner'"
            )
        }
        let documented = try Self.documented(command)
        let printed = try await Self.printed(arguments, database)
        let needed = Set(documented.filter { !$0.value }.keys)
        #expect(needed.subtracting(printed) == [], "\(command) does not print them any more")
        #expect(printed.subtracting(documented.keys) == [], "docs/json.md does not list them")
    }

    @Test("explain has the keys that the page lists")
    func explain() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let printed = try await Self.printed(
            ["explain", "--user", "admin", "--model", "res.partner", "--id", "1"], database)
        let needed = try Self.documented("explain").filter { !$0.value }.keys
        #expect(Set(needed).subtracting(printed) == [])
    }
}
