import ChangeFeedTesting
import Foundation
import Testing

/// The clients of docs/examples, run as their README says.
@Suite("The examples", .timeLimit(.minutes(10)))
struct ExampleTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("docs/examples").path

    /// The first line that a program prints about its version; nil where it is not installed.
    private static func version(of program: String) async -> String? {
        try? await BuiltBinary.shell("\(program) --version 2>&1")
    }

    /// Says what is not checked here: a machine without node is no failure.
    private static func isInstalled(_ program: String, for what: String) async -> Bool {
        guard await version(of: program) == nil else { return true }
        print("\(what) is skipped: \(program) is not installed")
        return false
    }

    /// Runs a script of the folder to its end.
    private static func run(_ script: String, clients: String) async throws -> (isGood: Bool, output: String) {
        let output = try await BuiltBinary.shell(
            "cd '\(folder)' && if CLIENTS='\(clients)' \(script) 2>&1; then echo GOOD; else echo BAD; fi")
        return (output.hasSuffix("GOOD\n"), output)
    }

    @Test(
        "clients follow the recorded conversations",
        arguments: [
            ("python", "python3"), ("javascript", "node"), ("typescript", "node"), ("dart", "dart"),
        ])
    func conversations(client: String, program: String) async throws {
        guard await Self.isInstalled("python3", for: "check.sh"), await Self.isInstalled(program, for: client) else {
            return
        }
        let result = try await Self.run("./check.sh", clients: client)
        // The script names what this node is too old for.
        if result.output.contains("\(client) is skipped") { return print(result.output) }
        #expect(result.isGood, "\(result.output)")
        #expect(!result.output.contains("FAILED"))
    }

    @Test("a client that deviates from a conversation is found")
    func deviates() async throws {
        guard await Self.isInstalled("python3", for: "replay.py") else { return }
        // It is told to acknowledge in parts, which this conversation does not.
        let result = try await Self.run(
            "python3 replay.py conversations/acknowledge.json -- python3 python/changefeed_client.py --chunk 1",
            clients: "")
        #expect(!result.isGood && result.output.contains("expected the body"), "\(result.output)")
    }

    @Test(
        "clients that are killed in between hold what the tables hold",
        arguments: [("python", "python3"), ("javascript", "node")])
    func live(client: String, program: String) async throws {
        guard await Self.isInstalled("python3", for: "live.sh"), await Self.isInstalled(program, for: client) else {
            return
        }
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let port = try FreePort.find()
        let url = "http://127.0.0.1:\(port)"
        let service = try BuiltBinary.start(
            ["serve"],
            environment: [
                "DATABASE_URL": database.conninfo(user: "changefeed_login"), "CHANGEFEED_PORT": "\(port)",
                "CHANGEFEED_ADMIN_PORT": "0", "CHANGEFEED_RATE_LIMIT_SYNC_DEVICE": "6000",
                "CHANGEFEED_RATE_LIMIT_SYNC_USER": "6000",
            ])
        try await eventually("it is ready: \(service.errors)") { try await Curl.get(url + "/readyz").status == 200 }
        let conninfo = database.conninfo(user: "odoo")
        let result = try await Self.run("./live.sh \(url) \(TestKeys.admin) '\(conninfo)'", clients: client)
        #expect(result.isGood, "\(result.output)")
        #expect(result.output.contains(client) && !result.output.contains("is skipped"))
        service.terminate()
        #expect(try await service.waitForExit() == 0)
    }
}
