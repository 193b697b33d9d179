import ChangeFeedTesting
import Foundation
import Postgres
import Testing

@Suite("The other commands", .timeLimit(.minutes(10)))
struct CommandTests {
    @Test("the binary installs the same schema as psql, and takes all of it away again")
    func install() async throws {
        let cluster = try await PrivateCluster.make()
        let byPsql = try await cluster.createDatabase(.installed)
        let byBinary = try await cluster.createDatabase(.odoo)
        let before = try await byBinary.dump("-s")
        for _ in 0..<2 {
            let installed = try await BuiltBinary.run(["install", "--database", byBinary.conninfo()])
            #expect(installed.status == 0, "\(installed.errors)")
        }
        #expect(try await byBinary.dump("-s") == byPsql.dump("-s"))
        try await byPsql.run(script: Fixture.sqlFolder + "/uninstall.sql")
        let removed = try await BuiltBinary.run(["uninstall", "--database", byBinary.conninfo()])
        #expect(removed.status == 0, "\(removed.errors)")
        #expect(try await byBinary.dump("-s") == before)
        await cluster.remove()
    }

    @Test("a dry run needs no database: it prints the SQL and the locks", arguments: ["install", "uninstall"])
    func dryRun(command: String) async throws {
        let result = try await BuiltBinary.run([command, "--dry-run", "--database", "host=/nonexistent dbname=none"])
        #expect(result.status == 0)
        #expect(result.output.contains("-- Locks:"))
        #expect(
            result.output.contains(
                command == "install" ? "CREATE TABLE changefeed.event" : "DROP SCHEMA changefeed CASCADE"))
    }

    @Test("verify ends with 0 where all is in order and with 2 where something is wrong, in JSON too")
    func verify() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let arguments = ["verify", "--database", database.conninfo(user: "changefeed_login")]
        #expect(try await BuiltBinary.run(arguments).status == 0)
        try await database.psql("ALTER TABLE res_partner DISABLE TRIGGER changefeed_update")
        let found = try await BuiltBinary.run(arguments + ["--json"])
        #expect(found.status == 2)
        let findings = try #require(try JSONSerialization.jsonObject(with: Data(found.output.utf8)) as? [[String: Any]])
        #expect(findings.map { $0["code"] as? String } == ["CF102"])
    }

    @Test("status as JSON has the keys that scripts rely on")
    func status() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let result = try await BuiltBinary.run([
            "status", "--json", "--database", database.conninfo(user: "changefeed_login"),
        ])
        #expect(result.status == 0)
        let status = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        for key in [
            "schema_version", "epoch", "models", "log_bytes", "lag_seconds", "leader", "replicas",
            "oldest_transaction_seconds",
        ] {
            #expect(status[key] != nil, "\(key)")
        }
        #expect((status["models"] as? [[String: Any]])?.count == 11)
        let lines = try await BuiltBinary.run(["status", "--database", database.conninfo(user: "changefeed_login")])
        #expect(lines.status == 0 && lines.output.contains("No service follows the log"), "\(lines)")
        #expect(lines.output.contains("res.partner"))
    }

    @Test("exit codes say what kind of failure it was")
    func exitCodes() async throws {
        #expect(try await BuiltBinary.run(["status", "--database", "host=/nonexistent dbname=none"]).status == 69)
        #expect(try await BuiltBinary.run(["no-such-command"]).status == 64)
        let database = try await PrivateCluster.shared().createDatabase(.odoo)
        #expect(try await BuiltBinary.run(["install", "--database", database.conninfo(user: "odoo")]).status == 77)
    }
}
