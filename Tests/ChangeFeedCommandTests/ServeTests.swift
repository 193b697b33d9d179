import ChangeFeedTesting
import Foundation
import Postgres
import Testing

/// The built binary as an operator runs it.
@Suite("changefeed serve", .timeLimit(.minutes(10)))
struct ServeTests {
    @Test("shows a change that was written as Odoo's role, and ends with exit code 0 on SIGTERM")
    func lifecycle() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let service = try RunningService(database.conninfo(user: "changefeed_login"))
        try await service.ready()
        try await database.psql("UPDATE res_partner SET phone = '1' WHERE id = 7", user: "odoo")
        let answer = try await service.events(TestKeys.admin)
        #expect(answer.status == 200)
        #expect(answer.body.contains(#""model":"res.partner","record_id":7,"event":"write""#))
        service.process.terminate()
        #expect(try await service.process.waitForExit() == 0)
        #expect(!service.process.errors.contains(TestKeys.admin))
    }

    @Test("starts before the database, says that it waits, and serves when the database is up")
    func beforeTheDatabase() async throws {
        let cluster = try await PrivateCluster.make()
        let database = try await cluster.createDatabase(.installed)
        try await cluster.stop()
        let service = try RunningService(database.conninfo(user: "changefeed_login"))
        try await eventually("it answers and says what is wrong") {
            let front = try await Curl.get(service.url + "/")
            return front.status == 200 && front.body.contains(#""status":"degraded""#)
        }
        #expect(try await Curl.get(service.url + "/readyz").status == 503)
        #expect(try await Curl.get(service.url + "/healthz").status == 200)
        #expect(try await service.events(TestKeys.admin).status == 503)
        try await eventually("the log says so") { service.process.errors.contains("waiting for the database") }
        try await cluster.start()
        try await service.ready()
        #expect(try await service.events(TestKeys.admin).status == 200)
        await cluster.remove()
    }

    @Test("refuses all requests while the schema has another version, names it, and resumes when the versions match")
    func anotherSchema() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql(
            "INSERT INTO changefeed.migration (version) SELECT max(version) + 1 FROM changefeed.migration")
        let service = try RunningService(database.conninfo(user: "changefeed_login"))
        try await eventually("it says so") { service.process.errors.contains("this binary needs version") }
        #expect(try await Curl.get(service.url + "/readyz").status == 503)
        let answer = try await service.events(TestKeys.admin)
        #expect(answer.status == 503 && answer.body.contains("schema_version_mismatch"), "\(answer)")
        try await database.psql(
            "DELETE FROM changefeed.migration WHERE version = (SELECT max(version) FROM changefeed.migration)")
        try await service.ready()
        #expect(try await service.events(TestKeys.admin).status == 200)
    }

    @Test("lives through a crash of the database without being restarted, and misses nothing")
    func databaseCrash() async throws {
        let cluster = try await PrivateCluster.make()
        let database = try await cluster.createDatabase(.installed)
        let service = try RunningService(database.conninfo(user: "changefeed_login"))
        let tail = try BuiltBinary.start(
            ["tail", "--json"], environment: ["DATABASE_URL": database.conninfo(user: "changefeed_login")])
        try await service.ready()
        try await eventually("tail listens") {
            try await database.psql(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'changefeed tail' AND query <> ''")
                == "1"
        }
        try await database.psql("UPDATE res_partner SET phone = '1' WHERE id = 1", user: "odoo")
        try await eventually("tail shows it") { tail.output.contains(#""record_id":1,"#) }
        try await cluster.restart(immediate: true)
        try await database.psql("UPDATE res_partner SET phone = '2' WHERE id = 2", user: "odoo")
        try await service.ready()
        try await eventually("tail shows what was written after the crash: \(tail.errors)") {
            tail.output.contains(#""record_id":2,"#)
        }
        try await eventually("the pool has recovered") {
            try await service.events(TestKeys.admin).body.contains(#""record_id":2,"#)
        }
        await cluster.remove()
    }

    @Test("a leader that is stopped (SIGSTOP) does not silence another replica, and a killed one is replaced")
    func stoppedLeader() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let conninfo = database.conninfo(user: "changefeed_login")
        let first = try RunningService(conninfo)
        try await first.ready()
        try await eventually("the first leads") {
            try await Curl.get(first.url + "/").body.contains(#""role":"leader""#)
        }
        let second = try RunningService(conninfo)
        try await second.ready()
        first.process.suspend()
        try await database.psql("UPDATE res_partner SET phone = '1' WHERE id = 1", user: "odoo")
        let tail = try BuiltBinary.start(["tail"], environment: ["DATABASE_URL": conninfo])
        try await eventually("tail listens beside the stopped leader") {
            try await database.psql(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'changefeed tail' AND query LIKE '%tail(%'"
            ) == "1"
        }
        try await database.psql("UPDATE res_partner SET phone = '1' WHERE id = 2", user: "odoo")
        try await eventually("the change is shown") { tail.output.contains("res.partner  write  2") }
        #expect(try await second.events(TestKeys.admin).body.contains(#""record_id":2,"#))
        first.process.destroy()
        try await eventually("the second leads") {
            try await Curl.get(second.url + "/").body.contains(#""role":"leader""#)
        }
    }

    @Test(
        "a wrong value stops the start with exit code 78 and names the variable, the value and what was expected",
        arguments: [
            ("CHANGEFEED_PORT", "eighty", "1 to 65535"), ("CHANGEFEED_PORT", "70000", "1 to 65535"),
            ("CHANGEFEED_POOL_SIZE", "0", "1 to 100"), ("LOG_LEVEL", "loud", "warning"),
        ])
    func wrongValue(variable: String, value: String, expected: String) async throws {
        let result = try await BuiltBinary.run(["serve"], environment: [variable: value])
        #expect(result.status == 78)
        for part in [variable, value, expected] { #expect(result.errors.contains(part)) }
    }

    @Test("a connection string that cannot be read is not repeated: it may hold a password")
    func wrongSecret() async throws {
        let result = try await BuiltBinary.run(["status"], environment: ["DATABASE_URL": "hunter2-not-a-conninfo"])
        #expect(result.status == 78)
        #expect(result.errors.contains("DATABASE_URL"))
        #expect(!(result.errors + result.output).contains("hunter2"))
    }

    // MARK: devices

    @Test("kill -9 between pull and acknowledgement, and before the answer: the device gets the same page again")
    func killed() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let key = ["Authorization: Bearer \(TestKeys.admin)"]
        let first = try RunningService(database.conninfo(user: "changefeed_login"))
        try await first.ready()
        try await database.psql("UPDATE res_partner SET phone = '1' WHERE id <= 3", user: "odoo")
        let pull = "/api/v2/sync/pull?device_id=phone&models=res.partner&data=false&start=earliest"
        let before = try await Curl.get(first.url + pull, headers: key)
        #expect(before.status == 200 && before.body.contains(#""record_id":3"#))
        // One that waits when the service dies.
        async let waiting = Curl.get(
            first.url + "/api/v2/sync/pull?device_id=other&models=hr.expense&wait=30&start=now", headers: key)
        try await Task.sleep(for: .milliseconds(300))
        first.process.destroy()
        #expect(try await waiting.status == 0)
        let second = try RunningService(database.conninfo(user: "changefeed_login"))
        try await second.ready()
        #expect(try await Curl.get(second.url + pull, headers: key).body == before.body)
        struct Page: Decodable {
            struct Event: Decodable { let id: Int64 }
            let events: [Event]
        }
        let ids = try JSONDecoder().decode(Page.self, from: Data(before.body.utf8)).events.map(\.id)
        let settled = try await Curl.post(
            second.url + "/api/v2/sync/acknowledge", json: #"{"device_id":"phone","event_ids":\#(ids)}"#, headers: key)
        #expect(settled.body.contains(#""acknowledged":3"#))
        second.process.destroy()
        let third = try RunningService(database.conninfo(user: "changefeed_login"))
        try await third.ready()
        #expect(try await Curl.get(third.url + pull, headers: key).body.contains(#""has_update":false"#))
    }

    @Test("of two replicas one is stopped, then killed: the other keeps waking waiting clients")
    func replicas() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let key = ["Authorization: Bearer \(TestKeys.admin)"]
        let leader = try RunningService(database.conninfo(user: "changefeed_login"))
        try await leader.ready()
        let other = try RunningService(database.conninfo(user: "changefeed_login"))
        try await other.ready()
        func wakes(_ record: Int) async throws {
            async let waiting = Curl.get(
                other.url + "/api/v2/sync/pull?device_id=phone&models=res.partner&data=false&wait=60&start=now",
                headers: key)
            try await Task.sleep(for: .milliseconds(500))
            try await database.psql("UPDATE res_partner SET phone = '1' WHERE id = \(record)", user: "odoo")
            let answer = try await waiting
            #expect(answer.body.contains(#""record_id":\#(record),"#))
            let token = answer.body.split(separator: #""next_sync_token":""#).last?.prefix { $0 != "\"" } ?? ""
            let settled = try await Curl.post(
                other.url + "/api/v2/sync/acknowledge", json: #"{"device_id":"phone","sync_token":"\#(token)"}"#,
                headers: key)
            #expect(settled.status == 200)
        }
        try await wakes(1)
        leader.process.suspend()
        try await wakes(2)
        leader.process.destroy()
        try await wakes(3)
    }

    @Test("SIGTERM ends streams and waiting pulls immediately")
    func endsStreams() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let service = try RunningService(database.conninfo(user: "changefeed_login"))
        try await service.ready()
        let key = ["Authorization: Bearer \(TestKeys.admin)"]
        async let stream = Curl.get(service.url + "/api/v2/sync/stream?device_id=phone", headers: key)
        async let waiting = Curl.get(service.url + "/api/v2/sync/pull?device_id=other&wait=60&start=now", headers: key)
        try await Task.sleep(for: .seconds(1))
        let start = ContinuousClock.now
        service.process.terminate()
        #expect(try await service.process.waitForExit() == 0)
        // Long before the stream would have ended, or the pull.
        #expect(ContinuousClock.now - start < .seconds(40))
        #expect(try await stream.body.contains("retry:"))
        #expect(try await waiting.body.contains(#""has_update":false"#))
    }
}
