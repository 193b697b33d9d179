import ChangeFeedTesting
import Foundation
import Postgres
import Testing

/// The whole service behind a bad network.
@Suite("A database that went silent", .timeLimit(.minutes(10)), .serialized)
struct SilentDatabaseTests {
    private struct Behind {
        let cluster: PrivateCluster
        let database: TestDatabase
        let proxy: TCPProxy
        let service: RunningService
    }

    private func behind(_ environment: [String: String] = [:]) async throws -> Behind {
        let cluster = try await PrivateCluster.make()
        let database = try await cluster.createDatabase(.installed)
        let proxy = try await cluster.proxy()
        let free = Dictionary(
            uniqueKeysWithValues: ["EVENTS", "SYNC_DEVICE", "SYNC_USER"].map { ("CHANGEFEED_RATE_LIMIT_\($0)", "0") })
        let service = try RunningService(
            proxy.conninfo(database, user: "changefeed_login"), environment: free.merging(environment) { $1 })
        try await service.ready()
        return Behind(cluster: cluster, database: database, proxy: proxy, service: service)
    }

    private func took(_ what: String, _ body: () async throws -> Void) async rethrows -> Duration {
        let start = ContinuousClock.now
        try await body()
        let duration = ContinuousClock.now - start
        print("\(what): \(duration)")
        return duration
    }

    private func leader(_ it: Behind) async throws -> String {
        try await it.database.psql("SELECT changefeed.status() -> 'leader' ->> 'pid'")
    }

    @Test("the listener reconnects within half a minute, and changes wake waiting clients as before")
    func listener() async throws {
        let it = try await behind()
        try await eventually("it leads") { try await leader(it) != "" }
        let old = try await leader(it)
        it.proxy.blackHole()
        let duration = try await took("silent listener noticed") {
            try await eventually(within: .seconds(60), "it says so: \(it.service.process.errors)") {
                it.service.process.errors.contains("waiting for the database")
            }
        }
        #expect(duration < .seconds(30))
        // The server lets the old session go when it finds out; the lead is taken over from it then.
        try await it.database.psql("SELECT pg_terminate_backend(\(old))")
        try await eventually(within: .seconds(30), "it leads again") { try await !["", old].contains(leader(it)) }
        async let waiting = it.service.get(
            "/api/v2/sync/pull?device_id=phone&models=res.partner&data=false&wait=20&start=now")
        try await Task.sleep(for: .seconds(1))
        try await it.database.psql("UPDATE res_partner SET phone = '7' WHERE id = 2", user: "odoo")
        #expect(try await waiting.body.contains(#""record_id":2,"#))
        await it.proxy.stop()
        await it.cluster.remove()
    }

    @Test("requests get answers in a bounded time, and good ones as soon as one has noticed")
    func requests() async throws {
        let it = try await behind(["CHANGEFEED_STATEMENT_TIMEOUT": "5", "CHANGEFEED_POOL_SIZE": "4"])
        for _ in 0..<4 { #expect(try await it.service.events(TestKeys.admin).status == 200) }
        it.proxy.blackHole()
        let duration = try await took("answers again after silence") {
            try await eventually(within: .seconds(60), "it answers: \(it.service.process.errors)") {
                let status = try await it.service.events(TestKeys.admin).status
                #expect(status == 200 || status == 503, "\(status)")
                return status == 200
            }
        }
        #expect(duration < .seconds(30))
        await it.proxy.stop()
        await it.cluster.remove()
    }

    @Test("after an outage it is ready within five seconds of the database", arguments: [false, true])
    func outage(refused: Bool) async throws {
        let it = try await behind()
        if refused {
            it.proxy.refuse(true)
            it.proxy.reset()
        } else {
            try await it.cluster.stop()
        }
        try await eventually(within: .seconds(60), "it is not ready") {
            try await Curl.get(it.service.url + "/readyz").status == 503
        }
        try await Task.sleep(for: .seconds(12))
        if refused { it.proxy.refuse(false) } else { try await it.cluster.start() }
        let duration = try await took("ready after an outage") {
            try await eventually(within: .seconds(60), "it is ready") {
                guard try await Curl.get(it.service.url + "/readyz").status == 200 else { return false }
                return try await it.service.events(TestKeys.admin).status == 200
            }
        }
        // Without the attempts each second it would be the pause that grew during the outage.
        #expect(duration < .seconds(10))
        await it.proxy.stop()
        await it.cluster.remove()
    }

    @Test("SIGTERM ends it before systemd and Kubernetes lose patience, whatever is blocked")
    func ends() async throws {
        let it = try await behind(["CHANGEFEED_STATEMENT_TIMEOUT": "600", "CHANGEFEED_LOCK_TIMEOUT": "600"])
        _ = try await it.service.get("/api/v2/sync/pull?device_id=phone")
        // Requests that hang in the database, then silence on all that is open and on all that comes.
        let holder = try await it.database.connect(user: "odoo")
        try await holder.execute(script: "BEGIN; LOCK TABLE res_partner IN ACCESS EXCLUSIVE MODE")
        let hanging = (0..<3).map { number in
            Task {
                try await it.service.get("/api/v2/sync/snapshot?device_id=phone&model=res.partner&limit=\(number + 1)")
            }
        }
        try await eventually("they hang") {
            try await it.database.psql(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'res_partner'::regclass") != "0"
        }
        it.proxy.become(.blackHole, future: .blackHole)
        it.service.process.terminate()
        let duration = try await took("from SIGTERM to the end") {
            let status = try await it.service.process.waitForExit(within: .seconds(60))
            #expect(status == 0)
        }
        #expect(duration < .seconds(29), "\(it.service.process.errors)")
        for task in hanging { _ = await task.result }
        await it.proxy.stop()
        await it.cluster.remove()
    }

    @Test("status counts services, not their connections")
    func replicas() async throws {
        let it = try await behind()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<12 {
                group.addTask {
                    _ = try await it.service.get("/api/v2/sync/pull?device_id=d\(number)&wait=1&start=now")
                }
            }
            try await group.waitForAll()
        }
        let services = "SELECT json_array_length(changefeed.status() -> 'replicas')"
        #expect(
            try await Int(
                it.database.psql("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'changefeed%'")
            ).map { $0 > 2 } == true)
        try await eventually("one") { try await it.database.psql(services) == "1" }
        let other = try RunningService(it.database.conninfo(user: "changefeed_login"))
        try await other.ready()
        try await eventually("two") { try await it.database.psql(services) == "2" }
        other.process.terminate()
        try await other.process.waitForExit()
        try await eventually("one again") { try await it.database.psql(services) == "1" }
        await it.proxy.stop()
        await it.cluster.remove()
    }
}
