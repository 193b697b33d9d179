import ChangeFeedTesting
import Foundation
import Testing

/// The service as docs/operating.md sets it up behind a pooler: requests through it, the listener directly.
@Suite("changefeed behind pgbouncer", .timeLimit(.minutes(10)))
struct PooledServiceTests {
    private let clients = 8

    private func pooled(_ mode: Pooler.Mode = .transaction) async throws -> (PrivateCluster, TestDatabase, Pooler)? {
        let cluster = try await PrivateCluster.make()
        guard let pooler = try await Pooler.start(before: cluster, mode: mode) else {
            await cluster.remove()
            return nil
        }
        return (cluster, try await cluster.createDatabase(.installed), pooler)
    }

    private func environment(_ database: TestDatabase) -> [String: String] {
        [
            "CHANGEFEED_LISTEN_DATABASE_URL": database.conninfo(user: "changefeed_login"),
            "CHANGEFEED_RATE_LIMIT_EVENTS": "0",
            "CHANGEFEED_RATE_LIMIT_CHECK_UPDATES": "0", "CHANGEFEED_RATE_LIMIT_SYNC_DEVICE": "0",
            "CHANGEFEED_RATE_LIMIT_SYNC_USER": "0",
        ]
    }

    @Test(
        "hundreds of requests of eight clients to both versions, with data, are all answered",
        arguments: [
            (Pooler.Mode.transaction, "auto"), (.transaction, "transaction"), (.transaction, "none"),
            (.session, "auto"), (.session, "none"),
        ])
    func requests(mode: Pooler.Mode, setting: String) async throws {
        guard let (cluster, database, pooler) = try await pooled(mode) else { return }
        var environment = environment(database)
        environment["CHANGEFEED_POOLER"] = setting
        // In session mode a connection of the pool needs a session.
        if mode == .session { environment["CHANGEFEED_POOL_SIZE"] = "2" }
        let service = try RunningService(pooler.conninfo(database, user: "changefeed_login"), environment: environment)
        try await service.ready()
        try await database.psql("UPDATE res_partner SET phone = '1' WHERE id <= 4", user: "odoo")
        let url = service.url
        let statuses = try await withThrowingTaskGroup(of: [Int].self) { group in
            for client in 0..<clients {
                group.addTask {
                    let paths = [
                        "/api/v1/webhook/events?limit=5",
                        "/api/v2/sync/pull?device_id=d\(client)&models=res.partner&start=earliest",
                        "/api/v1/check-updates",
                        "/api/v2/sync/state?device_id=d\(client)",
                        "/api/v2/sync/digest?device_id=d\(client)&model=res.partner",
                        "/api/v1/webhook/events?model=res.partner&event=write", "/api/v2/app-types",
                        "/api/v2/sync/pull?device_id=e\(client)&models=res.partner,sale.order&limit=2&start=earliest",
                    ]
                    return try await Curl.statuses(
                        of: (0..<10).flatMap { _ in paths.map { url + $0 } },
                        headers: ["Authorization: Bearer \(TestKeys.admin)"])
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let counts = statuses.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
        #expect(counts == [200: clients * 80], "\(service.process.errors.suffix(2_000))")
        let pull = try await service.get("/api/v2/sync/pull?device_id=new&models=res.partner&start=earliest")
        #expect(pull.body.contains(#""phone":"1""#), "\(pull.body)")
        service.process.terminate()
        #expect(try await service.process.waitForExit() == 0)
        // Nothing that a request set or locked stays with the pooler's sessions.
        if mode == .transaction, setting != "none" {
            #expect(
                try await pooler.psql("SHOW search_path", database, user: "changefeed_login") == #""$user", public"#)
        }
        #expect(try await database.psql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == "0")
        try await pooler.stop()
        await cluster.remove()
    }

    private struct Step: Decodable {
        let step: String
        let outcome: String
        let detail: String
    }

    @Test(
        "doctor says which pooler it found, and that the listener must not have one",
        arguments: [Pooler.Mode.transaction, .session])
    func doctor(mode: Pooler.Mode) async throws {
        guard let (cluster, database, pooler) = try await pooled(mode) else { return }
        func examine(_ environment: [String: String]) async throws -> (status: Int32, steps: [String: Step]) {
            let result = try await BuiltBinary.run(
                ["doctor", "--json"],
                environment: environment.merging(["DATABASE_URL": pooler.conninfo(database, user: "changefeed_login")])
                { $1 })
            let steps = try JSONDecoder().decode([Step].self, from: Data(result.output.utf8))
            return (result.status, Dictionary(uniqueKeysWithValues: steps.map { ($0.step, $0) }))
        }
        let right = try await examine(["CHANGEFEED_LISTEN_DATABASE_URL": database.conninfo(user: "changefeed_login")])
        #expect(right.status == 0, "\(right.steps)")
        #expect(right.steps["pooler"]?.outcome == "ok")
        #expect(right.steps["pooler"]?.detail.contains("in \(mode.rawValue) mode") == true, "\(right.steps)")
        #expect(right.steps["listener"]?.detail.contains("PostgreSQL's own") == true)
        let wrong = try await examine(["CHANGEFEED_POOLER": "none"])
        switch mode {
        case .transaction:
            #expect(wrong.status == 2)
            #expect(wrong.steps["pooler"]?.outcome == "failed" && wrong.steps["listener"]?.outcome == "failed")
            #expect(wrong.steps["doorbell"]?.outcome == "skipped")
        case .session:
            #expect(wrong.steps["pooler"]?.outcome == "ok" && wrong.steps["listener"]?.outcome == "warning")
        }
        try await pooler.stop()
        await cluster.remove()
    }

    @Test("verify, status and rules work through the pooler; install requires a direct session")
    func commands() async throws {
        guard let (cluster, database, pooler) = try await pooled() else { return }
        let through = pooler.conninfo(database, user: "changefeed_login")
        for command in [["verify"], ["status"], ["rule", "list"], ["field", "list"]] {
            let result = try await BuiltBinary.run(command + ["--database", through])
            #expect(result.status == 0, "\(command): \(result.errors)")
        }
        let install = try await BuiltBinary.run(["install", "--database", pooler.conninfo(database, user: "postgres")])
        #expect(install.status == 1)
        #expect(install.errors.contains("session of its own"))
        try await pooler.stop()
        await cluster.remove()
    }
}
