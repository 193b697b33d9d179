import ChangeFeedTesting
import Foundation
import Postgres
import Testing

/// Secrets that can be recognised go through everything; none may turn up where people read.
@Suite("Secrets", .timeLimit(.minutes(10)))
struct CanaryTests {
    private static let password = "canary-password-7f3a"
    private static let value = "canaryparameter9c1d"
    private static let wrongKey = "cafe" + String(repeating: "c0de", count: 9)
    private static let unknownSession = "canarysession" + String(repeating: "x", count: 71)

    @Test("are in no log, no answer, no metric, no setting shown and not in PostgreSQL's log")
    func canaries() async throws {
        let cluster = try await PrivateCluster.make()
        let database = try await cluster.createDatabase(.installed)
        try await database.psql(
            """
            ALTER ROLE changefeed_login PASSWORD '\(Self.password)';
            ALTER SYSTEM SET log_min_error_statement = 'error';
            SELECT pg_reload_conf();
            """)
        let folder = try SessionFolder()
        try folder.write(.admin, database: database.name)
        let odoo = try await StubOdoo()
        let port = try FreePort.find()
        let admin = try FreePort.find()
        let environment = [
            "DATABASE_URL": database.conninfo(user: "changefeed_login") + " password=\(Self.password)",
            "CHANGEFEED_PORT": "\(port)",
            "CHANGEFEED_ADMIN_PORT": "\(admin)", "LOG_LEVEL": "trace", "ODOO_DATA_DIR": folder.path,
            "ODOO_URL": odoo.url,
            "CHANGEFEED_SESSION_CHECKS": "files,http",
        ]
        let service = try BuiltBinary.start(["serve"], environment: environment)
        let url = "http://127.0.0.1:\(port)"
        try await eventually("it is ready: \(service.errors)") { try await Curl.get(url + "/readyz").status == 200 }
        let credentials = [
            "Authorization: Bearer \(TestKeys.admin)", "Authorization: Bearer \(TestKeys.expired)",
            "Authorization: Bearer \(Self.wrongKey)",
            "Authorization: Basic \(Self.value)", "session_id: \(TestSession.admin.id)",
            "X-Session-Id: \(Self.unknownSession)",
            "Cookie: session_id=\(Self.unknownSession)", "X-Session-Id: \(Self.value)",
            "X-Odoo-Database: \(Self.value)", "X-Other: \(Self.value)",
        ]
        let paths = [
            "/api/v1/webhook/events", "/api/v1/webhook/events?model=\(Self.value)",
            "/api/v1/webhook/events?since=\(Self.value)",
            "/api/v1/webhook/events?\(Self.value)=1", "/api/v1/webhook/events?session_id=\(TestSession.admin.id)",
            "/api/v1/check-updates?since=\(Self.value)",
            "/\(Self.value)", "/api/v1/webhook/events?model=x%00\(Self.value)", "/?\(Self.value)",
        ]
        var answers = ""
        var served = 0
        for path in paths {
            for credential in credentials {
                let answer = try await Curl.get(url + path, headers: [credential])
                #expect((200..<500).contains(answer.status), "\(path) \(answer.status)")
                if answer.status == 200 { served += 1 }
                answers += answer.body
            }
        }
        #expect(served > 3)
        answers += try await Curl.get("http://127.0.0.1:\(admin)/metrics").body
        // Also while the database is away, when errors are most talkative.
        try await cluster.stop()
        for credential in credentials { answers += try await Curl.get(url + paths[0], headers: [credential]).body }
        answers += try await Curl.get(url + "/").body
        let config = try await BuiltBinary.run(["config"], environment: environment)
        let status = try await BuiltBinary.run(["status"], environment: environment)
        let serverLog = try await cluster.log()
        #expect(serverLog.contains("shut down"))
        let places = [
            "log": service.errors + service.output, "answers": answers, "config": config.output + config.errors,
            "status": status.output + status.errors, "PostgreSQL's log": serverLog,
        ]
        let secrets = [
            Self.password, Self.value, Self.wrongKey, Self.unknownSession, TestKeys.admin, TestKeys.expired,
            TestSession.admin.id,
            TestSession.admin.token, "fixture-secret",
        ]
        for (place, text) in places {
            for secret in secrets { #expect(!text.contains(secret), "\(secret) in \(place)") }
        }
        await odoo.stop()
        await cluster.remove()
    }
}
