import ChangeFeedTesting
import Foundation
import Testing

/// Clients that generators make out of docs/openapi.json, used against the service by `scripts/generators.sh`.
@Suite("Generated clients", .timeLimit(.minutes(10)))
struct GeneratedClientTests {
    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("scripts/generators.sh").path

    @Test(
        "of several generators have every operation, pull with fields, acknowledge by ids and by token, and outlive new members"
    )
    func used() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql(
            "UPDATE res_partner SET phone = '1'; UPDATE sale_order SET state = 'sale'", user: "odoo")
        let service = try RunningService(database.conninfo(user: "changefeed_login"))
        try await service.ready()
        let output = try await BuiltBinary.shell(
            "'\(Self.script)' \(service.url) \(TestKeys.admin) 2>&1; echo \"status $?\"")
        if output.hasSuffix("status 69\n") { return print("generated clients are skipped: \(output)") }
        #expect(output.hasSuffix("status 0\n"), "\(output)")
        let done = output.matches(of: /[0-9]+ operations; pulled and acknowledged [0-9]+ events/)
        #expect(done.count == 2 && output.contains("datamodel-code-generator"), "\(output)")
    }
}
