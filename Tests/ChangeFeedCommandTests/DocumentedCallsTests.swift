import ChangeFeedTesting
import Foundation
import Postgres
import Testing

/// The calls that docs/start.md, docs/api.md and docs/sql.md show, made as they stand there.
@Suite("The calls in the documents", .timeLimit(.minutes(10)))
struct DocumentedCallsTests {
    private static func text(_ name: String) throws -> String {
        let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: checkout.appendingPathComponent(name), encoding: .utf8)
    }

    @Test("every curl line of docs/start.md and docs/api.md is answered with 200")
    func curl() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql("UPDATE sale_order SET state = 'sale'", user: "odoo")
        let folder = try SessionFolder()
        try folder.write(.admin, database: database.name)
        let port = try FreePort.find()
        let service = try BuiltBinary.start(
            ["serve"],
            environment: [
                "DATABASE_URL": database.conninfo(user: "changefeed_login"), "CHANGEFEED_PORT": "\(port)",
                "CHANGEFEED_ADMIN_PORT": "0",
                "ODOO_DATA_DIR": folder.path,
            ])
        try await eventually("it is ready: \(service.errors)") {
            try await Curl.get("http://127.0.0.1:\(port)/readyz").status == 200
        }
        let lines = try (Self.text("docs/start.md") + Self.text("docs/api.md")).split(separator: "\n")
            .map { $0.hasPrefix("$ ") ? $0.dropFirst(2) : $0 }.filter { $0.hasPrefix("curl ") }
        #expect(lines.count >= 5)
        for line in lines {
            let command = line.replacingOccurrences(of: ":8000", with: ":\(port)")
            let status = try await BuiltBinary.shell(
                "KEY=\(TestKeys.admin) SESSION=\(TestSession.admin.id); \(command) -s -o /dev/null -w '%{http_code}'")
            #expect(status == "200", "\(line)")
        }
    }

    @Test("every statement of docs/sql.md that holds no placeholder runs")
    func sql() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let statements = try Self.text("docs/sql.md").split(separator: "\n").filter { $0.hasPrefix("| `") }
            .compactMap { $0.split(separator: "`").dropFirst().first }.map(String.init)
            .filter { $0.hasPrefix("SELECT ") || $0.hasPrefix("DELETE ") }
            .filter { !$0.contains("my_table") }
        #expect(statements.count >= 9)
        for statement in statements {
            await #expect(throws: Never.self, "\(statement)") { try await database.psql(statement) }
        }
    }
}
