import ChangeFeedTesting
@testable import ChangeFeedCommand
@testable import ChangeFeedSettings
import Foundation
import Postgres
import Testing

/// The built binary's admin listener, as Prometheus, an orchestrator and an operator see it.
@Suite("The admin listener", .timeLimit(.minutes(10)))
struct AdminTests {
    private struct Service {
        let process: BuiltBinary
        let port: Int
        let admin: Int
        var environment: [String: String] { ["CHANGEFEED_PORT": "\(port)", "CHANGEFEED_ADMIN_PORT": "\(admin)"] }

        init(_ conninfo: String, admin: Int? = nil) throws {
            port = try FreePort.find()
            self.admin = try admin ?? FreePort.find()
            process = try BuiltBinary.start(
                ["serve"],
                environment: [
                    "DATABASE_URL": conninfo, "CHANGEFEED_PORT": "\(port)", "CHANGEFEED_ADMIN_PORT": "\(self.admin)",
                ])
        }

        func ask(_ path: String) async throws -> (status: Int, body: String) {
            try await Curl.get("http://127.0.0.1:\(admin)\(path)")
        }

        func ready() async throws {
            try await eventually("ready: \(process.errors)") { try await ask("/ready").status == 200 }
        }
    }

    @Test("tells liveness, readiness and metrics that promtool accepts, and problem+json for the rest")
    func scrape() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let service = try Service(database.conninfo(user: "changefeed_login"))
        try await service.ready()
        #expect(try await service.ask("/live").status == 200)
        let problem = try await service.ask("/secret")
        #expect(problem.status == 404 && problem.body.contains(#""code":"not_found""#))
        _ = try await Curl.get("http://127.0.0.1:\(service.port)/healthz")
        _ = try await Curl.get("http://127.0.0.1:\(service.port)/secret/path")
        try await database.psql("UPDATE res_partner SET phone = '1' WHERE id IN (1, 2)", user: "odoo")
        try await eventually("the delivery is counted") {
            try await service.ask("/metrics").body.contains("changefeed_delivered_events_total 2\n")
        }
        let text = try await service.ask("/metrics").body
        for line in [
            #"changefeed_http_requests_total{route="/healthz",method="GET",status="200"} 1"#,
            #"changefeed_http_requests_total{route="none",method="GET",status="404"} 1"#,
            #"changefeed_tracked_models{trigger_state="enabled"} 11"#, "changefeed_database_up 1", "changefeed_ready 1",
            "changefeed_pool_connections_maximum 8", "changefeed_capture_paused 0",
            "changefeed_build_info{version=\"\(Version.text)\"} 1",
        ] { #expect(text.contains(line + "\n"), "\(line)") }
        #expect(!text.contains("secret"))
        let promtool = "/usr/bin/promtool"
        if FileManager.default.isExecutableFile(atPath: promtool) {
            let complaints = try await BuiltBinary.shell(
                "curl -sf http://127.0.0.1:\(service.admin)/metrics | \(promtool) check metrics 2>&1; echo status $?")
            #expect(complaints == "status 0\n")
        } else {
            print("promtool is not installed (package prometheus): its check of the metrics is skipped")
        }
        let found = try await BuiltBinary.run(["ready"], environment: service.environment)
        #expect(found.status == 0, "\(found.errors)")
        service.process.terminate()
        #expect(try await service.process.waitForExit() == 0)
        #expect(try await BuiltBinary.run(["ready"], environment: service.environment).status == 1)
    }

    @Test("answers while the database is away: alive, not ready, metrics without the database's figures")
    func away() async throws {
        let service = try Service("host=/nonexistent dbname=none")
        try await eventually("it lives") { try await service.ask("/live").status == 200 }
        #expect(try await service.ask("/ready").status == 503)
        let metrics = try await service.ask("/metrics")
        #expect(metrics.status == 200 && metrics.body.contains("changefeed_database_up 0\n"))
        #expect(!metrics.body.contains("changefeed_log_size_bytes"))
        let ready = try await BuiltBinary.run(["ready"], environment: service.environment)
        #expect(ready.status == 1 && ready.errors.contains("503"))
    }

    @Test("a port in use ends the start with exit code 78 and names the setting")
    func portInUse() async throws {
        let first = try Service("host=/nonexistent dbname=none")
        try await eventually("it lives") { try await first.ask("/live").status == 200 }
        let second = try Service("host=/nonexistent dbname=none", admin: first.admin)
        #expect(try await second.process.waitForExit() == 78)
        #expect(second.process.errors.contains("CHANGEFEED_ADMIN_PORT"))
    }

    @Test("without it `ready` asks the public listener")
    func off() async throws {
        let service = try Service("host=/nonexistent dbname=none", admin: 0)
        try await eventually("it lives") {
            try await Curl.get("http://127.0.0.1:\(service.port)/healthz").status == 200
        }
        let ready = try await BuiltBinary.run(["ready"], environment: service.environment)
        #expect(ready.status == 1 && ready.errors.contains("503"))
        let asked = try await BuiltBinary.run(["ready", "--url", "http://127.0.0.1:\(service.port)/healthz"])
        #expect(asked.status == 0)
    }

    @Test("ready understands http URLs and refuses what it cannot ask")
    func addresses() {
        #expect(PlainHTTP.Address("http://[::1]:8001/ready") == .init(host: "::1", port: 8001, path: "/ready"))
        #expect(PlainHTTP.Address("http://db") == .init(host: "db", port: 80, path: "/"))
        for wrong in ["https://a/", "http://", "http://a:0/", "http://u@a/", "http://a/ b", "a:80"] {
            #expect(PlainHTTP.Address(wrong) == nil, "\(wrong)")
        }
    }
}
