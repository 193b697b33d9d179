import ChangeFeedTesting
import Foundation
import Testing

@Suite("A standby", .timeLimit(.minutes(10)))
struct StandbyTests {
    /// A primary with the feed and its standby, which has everything.
    private func replicated() async throws -> (primary: PrivateCluster, standby: PrivateCluster, name: String) {
        let primary = try await PrivateCluster.make()
        let database = try await primary.createDatabase(.installed)
        try await database.psql("SELECT changefeed.check_identity(); UPDATE res_partner SET phone = '1' WHERE id = 1")
        let standby = try await primary.makeStandby()
        let position = try await database.psql("SELECT pg_current_wal_lsn()")
        try await eventually("the standby follows") {
            try await standby.database(named: database.name).psql("SELECT pg_last_wal_replay_lsn() >= '\(position)'")
                == "t"
        }
        return (primary, standby, database.name)
    }

    private static let paths = [
        "/api/v1/webhook/events", "/api/v1/check-updates", "/api/v2/sync/pull?device_id=phone",
        "/api/v2/sync/state?device_id=phone",
        "/api/v2/sync/digest?device_id=phone&model=res.partner",
        "/api/v2/sync/snapshot?device_id=phone&model=res.partner", "/api/v2/app-types",
    ]

    @Test(
        "is served as 503 standby, directly and behind a pooler, and once promoted as everything else",
        arguments: [false, true])
    func serve(pooled: Bool) async throws {
        let (primary, standby, name) = try await replicated()
        let copy = standby.database(named: name)
        let direct = copy.conninfo(user: "changefeed_login")
        let pooler = pooled ? try await Pooler.start(before: standby) : nil
        if pooled, pooler == nil { return await primary.remove() }
        let service = try RunningService(
            pooler?.conninfo(copy, user: "changefeed_login") ?? direct,
            environment: [
                "CHANGEFEED_LISTEN_DATABASE_URL": direct, "CHANGEFEED_RATE_LIMIT_EVENTS": "0",
                "CHANGEFEED_RATE_LIMIT_CHECK_UPDATES": "0",
            ])
        try await eventually("it has found out: \(service.process.errors)") {
            let readiness = try await Curl.get(service.url + "/readyz")
            return readiness.status == 503 && readiness.body.contains("standby")
        }
        #expect(try await Curl.get(service.url + "/healthz").status == 200)
        let front = try await service.status()
        #expect(front["status"] as? String == "degraded")
        #expect((front["services"] as? [String: String]) == ["database": "running", "tailer": "not_ready"])
        for path in Self.paths {
            let answer = try await service.get(path)
            #expect(answer.status == 503 && answer.body.contains(#""code":"standby""#), "\(path): \(answer)")
        }
        #expect(try await Curl.get(service.url + "/api/v1/webhook/events").status == 401)
        try await standby.promote()
        try await service.ready()
        for path in Self.paths where !path.contains("device_id") {
            try await eventually("\(path) is answered") { try await service.get(path).status == 200 }
        }
        try await copy.psql("UPDATE res_partner SET phone = '2' WHERE id = 2", user: "odoo")
        #expect(try await service.events(TestKeys.admin).body.contains(#""record_id":2,"#))
        let pull = try await service.get("/api/v2/sync/pull?device_id=phone&models=res.partner&start=earliest")
        #expect(pull.status == 200 && pull.body.contains(#""record_id":2,"#), "\(pull)")
        #expect(try await service.status()["status"] as? String == "running")
        try await pooler?.stop()
        await standby.remove()
        await primary.remove()
    }

    @Test("is what verify and doctor say that it is, with exit code 2; other commands say so and end with 1")
    func commands() async throws {
        let (primary, standby, name) = try await replicated()
        let database = ["--database", standby.database(named: name).conninfo(user: "changefeed_login")]
        for json in [false, true] {
            let verify = try await BuiltBinary.run(["verify"] + database + (json ? ["--json"] : []))
            #expect(verify.status == 2, "\(verify)")
            #expect(verify.output.contains("CF131") && verify.output.contains("standby"), "\(verify)")
            #expect(verify.errors.contains("record rules were not checked"))
        }
        #expect(try await BuiltBinary.run(["doctor"] + database).status == 2)
        let archive = try await BuiltBinary.run(["archive"] + database)
        #expect(archive.status == 1, "\(archive)")
        await standby.remove()
        await primary.remove()
    }
}
