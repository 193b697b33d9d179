import ChangeFeedTesting
import Foundation
import Testing

/// `scripts/live.sh`, the test against a running Odoo, run against its stand-in: none of these needs Odoo, and none shows what
/// Odoo does.
@Suite("The live test", .timeLimit(.minutes(10)))
struct LiveScriptTests {
    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("scripts/live.sh").path

    /// Runs the script, with the binary that was built beside the tests.
    private static func run(_ arguments: String) async throws -> (status: Int?, output: String) {
        let output = try await BuiltBinary.shell(
            "FEED_BINARY='\(BuiltBinary.path())' '\(script)' \(arguments) 2>&1; echo \"status $?\"")
        let last = output.split(separator: "\n").last.map(String.init) ?? ""
        return (Int(last.replacing("status ", with: "")), output)
    }

    /// Runs it against the stand-in, on a database that it makes on the tests' server.
    private static func runAgainstStandIn(_ arguments: String) async throws -> (status: Int?, output: String) {
        // Roles belong to the server; with this they are there.
        let server = try await PrivateCluster.shared().createDatabase(.installed).conninfo()
        return try await run("--stub --operations 60 --server '\(server)' \(arguments)")
    }

    private static func hasPython() async -> Bool {
        if (try? await BuiltBinary.shell("python3 --version")) != nil { return true }
        print("live.sh is skipped: python3 is not installed")
        return false
    }

    @Test(
        "copies of crashing devices equal what the stand-in shows each user, and the report says that it was not Odoo")
    func equal() async throws {
        guard await Self.hasPython() else { return }
        let result = try await Self.runAgainstStandIn("--seed 1")
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.contains("This runs against a STUB, not against Odoo"))
        #expect(result.output.contains("devices compared with the stub: equal"))
        // It did what it is there for.
        let crashes = try #require(result.output.firstMatch(of: /([0-9]+) done, ([0-9]+) refused.* ([0-9]+) crashes/))
        #expect(Int(crashes.1) ?? 0 > 30 && Int(crashes.2) ?? 0 > 0 && Int(crashes.3) ?? 0 > 0, "\(result.output)")
        #expect(!result.output.contains("ranges that the digest found: none"))
    }

    @Test(
        "a fault that was planted is found",
        arguments: [
            ("deaf", "FAULTS, that pulls should have told", "res.partner 102 phone"),
            ("few", "FAULTS, that mending left", "not shown"),
        ])
    func planted(fault: String, title: String, example: String) async throws {
        guard await Self.hasPython() else { return }
        let result = try await Self.runAgainstStandIn("--plant \(fault)")
        #expect(result.status == 2, "\(result.output)")
        #expect(result.output.contains(title) && result.output.contains(example), "\(result.output)")
    }

    @Test(
        "it refuses a database that is not declared disposable, and asks for what it needs",
        arguments: [
            ("--url http://127.0.0.1:1 --database production --key secret", "--throw-away"),
            ("--throw-away --url http://127.0.0.1:1 --key secret", "--database is needed"),
            ("--stub --plant nothing", "invalid choice"),
        ])
    func refuses(arguments: String, message: String) async throws {
        guard await Self.hasPython() else { return }
        let result = try await Self.run(arguments)
        #expect(result.status == 64 && result.output.contains(message), "\(result.output)")
    }
}
