import ChangeFeed
import ChangeFeedTesting
import Postgres
import Testing

@Suite("The tailer", .timeLimit(.minutes(10)))
struct TailerTests {
    @Test("hands out what was committed, when it was committed, and nothing else")
    func committed() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let feed = try Following(database)
        try await feed.run {
            let early = try await database.connect(user: "odoo")
            let late = try await database.connect(user: "odoo")
            // The lower id commits later; between the two a rollback and a rolled-back savepoint.
            try await early.execute(script: "BEGIN; UPDATE res_partner SET phone = '1' WHERE id = 1")
            try await late.execute(script: "BEGIN; UPDATE res_partner SET phone = '1' WHERE id = 2; ROLLBACK")
            try await late.execute(
                script: """
                    BEGIN;
                    UPDATE res_partner SET phone = '1' WHERE id = 3;
                    SAVEPOINT s;
                    UPDATE res_partner SET phone = '1' WHERE id = 4;
                    ROLLBACK TO s;
                    COMMIT;
                    """)
            try await eventually("the later id arrives first") { feed.records == [3] }
            try await early.execute(script: "COMMIT")
            try await eventually("the earlier id arrives with its commit") { feed.records == [3, 1] }
        }
    }

    @Test("many writers with rollbacks: every commit arrives, once, and each writer's events in their order")
    func manyWriters() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let feed = try Following(database)
        try await feed.run {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<8 {
                    group.addTask {
                        let connection = try await database.connect(user: "odoo")
                        for number in 0..<50 {
                            let record = 10_000 + writer * 1_000 + number
                            let end = number % 3 == 0 ? "ROLLBACK" : "COMMIT"
                            try await connection.execute(
                                script: "BEGIN; INSERT INTO res_partner (id, name) VALUES (\(record), 'n'); \(end)")
                        }
                        await connection.close()
                    }
                }
                try await group.waitForAll()
            }
            let wanted = (0..<8).flatMap { writer in
                (0..<50).filter { $0 % 3 != 0 }.map { Int64(10_000 + writer * 1_000 + $0) }
            }
            try await eventually("every commit arrives") { feed.records.count >= wanted.count }
            #expect(feed.records.sorted() == wanted)
            for writer in 0..<8 {
                let own = feed.records.filter { $0 / 1_000 == Int64(10 + writer) }
                #expect(own == own.sorted())
            }
        }
    }

    @Test("a killed listener connection loses nothing: the tailer resumes at its position")
    func killed() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let feed = try Following(database)
        try await feed.run {
            let odoo = try await database.connect(user: "odoo")
            let administrator = try await database.connect()
            for round in 1...5 {
                let before = feed.backends.count
                _ = try await administrator.query("SELECT pg_terminate_backend($1)", [.int(feed.backends.last ?? 0)])
                try await odoo.execute(script: "UPDATE res_partner SET phone = 'r' WHERE id = \(round)")
                try await eventually("it listens again") { feed.backends.count > before }
                try await eventually("the change arrives") { feed.records.contains(Int64(round)) }
            }
            #expect(feed.records == [1, 2, 3, 4, 5])
        }
    }

    @Test("a crash and restart of the server loses nothing that was committed")
    func crash() async throws {
        let cluster = try await PrivateCluster.make()
        let database = try await cluster.createDatabase(.installed)
        let feed = try Following(database)
        try await feed.run {
            let odoo = try await database.connect(user: "odoo")
            try await odoo.execute(script: "UPDATE res_partner SET phone = '1' WHERE id = 1")
            try await cluster.stop(immediate: true)
            try await eventually("it says that it waits") {
                feed.observations.contains { if case .waiting = $0 { true } else { false } }
            }
            #expect(await !feed.tailer.health().ready)
            try await cluster.start()
            try await database.connect(user: "odoo").execute(script: "UPDATE res_partner SET phone = '2' WHERE id = 2")
            try await eventually("both changes arrived") { Set(feed.records) == [1, 2] }
            let health = await feed.tailer.health()
            #expect(health.ready)
            // The clone of the template was a new identity; the crash was none.
            #expect(health.epoch == 2)
        }
        await cluster.remove()
    }

    @Test("a second replica delivers the same, and leads when the first has gone")
    func takeover() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let first = try Following(database)
        let second = try Following(database)
        let odoo = try await database.connect(user: "odoo")
        let leading = Task { try await first.tailer.run() }
        try await eventually("the first leads") { first.leads }
        try await second.run {
            try await odoo.execute(script: "UPDATE res_partner SET phone = '1' WHERE id = 1")
            try await eventually("both hear it") { first.records == [1] && second.records == [1] }
            #expect(!second.leads)
            leading.cancel()
            _ = await leading.result
            try await eventually("the second leads") { second.leads }
            try await odoo.execute(script: "UPDATE res_partner SET phone = '2' WHERE id = 2")
            try await eventually("it goes on") { second.records == [1, 2] }
        }
    }

    @Test("a leader that holds its locks and does nothing does not silence the others", arguments: [true, false])
    func stoppedLeader(asleep: Bool) async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        // What a stopped process leaves: a session with its locks.
        let stopped = try await database.connect(user: "changefeed_login")
        _ = try await stopped.query("SELECT pg_advisory_lock(changefeed.leader_key())")
        if asleep { _ = try await stopped.query("SELECT pg_advisory_lock(changefeed.bell_key())") }
        let feed = try Following(database)
        try await feed.run {
            let odoo = try await database.connect(user: "odoo")
            for record in 1...3 {
                try await odoo.execute(script: "UPDATE res_partner SET phone = 's' WHERE id = \(record)")
                try await eventually("the follower hears it by itself") { feed.records.last == Int64(record) }
            }
            #expect(!feed.leads)
        }
    }

    @Test("asleep, it holds the doorbell's lock, has no lag, rings itself and is not deaf")
    func asleep() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let feed = try Following(database) {
            $0.heartbeat = .milliseconds(100)
            $0.timing.slowPoll = .milliseconds(100)
        }
        try await feed.run {
            let administrator = try await database.connect()
            let isFree = """
                SELECT pg_try_advisory_lock(changefeed.bell_key()) AND pg_advisory_unlock(changefeed.bell_key())
                """
            try await eventually("it sleeps") { try await administrator.value(isFree) == "f" }
            let naps = feed.observations.filter { $0 == .asleep }.count
            try await eventually("it rang itself and went to sleep again") {
                feed.observations.filter { $0 == .asleep }.count > naps + 5
            }
            try await eventually("no lag while asleep") { await feed.tailer.health().lag == .zero }
            try await eventually("status() knows leader and lag") {
                try await administrator.lines(
                    "SELECT s ->> 'lag_seconds', s -> 'leader' ->> 'pid' FROM changefeed.status() s")
                    == ["0|\(feed.backends.last ?? 0)"]
            }
            #expect(!feed.observations.contains(.bellDeaf))
            #expect(feed.backends.count == 1)
        }
    }

    @Test("what the leader tells its followers does not wake the leader")
    func relay() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        // It does not ring itself meanwhile.
        let leader = try Following(database) { $0.heartbeat = .seconds(600) }
        let follower = try Following(database) { ($0.mayLead, $0.followerPoll) = (false, .seconds(5)) }
        let administrator = try await database.connect()
        let odoo = try await database.connect(user: "odoo")
        let isFree = """
            SELECT pg_try_advisory_lock(changefeed.bell_key()) AND pg_advisory_unlock(changefeed.bell_key())
            """
        try await leader.run {
            try await eventually("it leads") { leader.leads }
            try await follower.run {
                for record in 1...3 {
                    try await eventually("the leader sleeps") { try await administrator.value(isFree) == "f" }
                    let rings = leader.observations.filter { $0 == .rung }.count
                    try await odoo.execute(script: "UPDATE res_partner SET phone = 'r' WHERE id = \(record)")
                    try await eventually("both have it") {
                        leader.records.last == Int64(record) && follower.records.last == Int64(record)
                    }
                    try await Task.sleep(for: .milliseconds(200))
                    #expect(leader.observations.filter { $0 == .rung }.count == rings + 1)
                }
            }
        }
    }

    @Test("a follower says a word to itself and hears it; that is no news of the log")
    func followerHears() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let proxy = try await PrivateCluster.shared().proxy()
        proxy.become(.deaf, future: .deaf)
        let connection = try ConnectionConfiguration(proxy.conninfo(database, user: "changefeed_login"))
        let feed = try Following(database) {
            ($0.mayLead, $0.connection) = (false, connection)
            ($0.heartbeat, $0.followerPoll) = (.milliseconds(500), .milliseconds(20))
            $0.heartbeatPatience = .milliseconds(100)
        }
        try await feed.run {
            try await eventually("it connects anew") {
                feed.observations.contains(.bellDeaf) && feed.backends.count > 1
            }
        }
        #expect(!feed.observations.contains(.heartbeat))
        await proxy.stop()
    }

    @Test("an ended gap is settled by the running service")
    func settles() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let administrator = try await database.connect()
        try await administrator.execute(script: "SELECT changefeed.pause('test'); SELECT changefeed.resume()")
        let feed = try Following(database) { $0.heartbeat = .milliseconds(100) }
        try await feed.run {
            try await eventually("the gap has its end") {
                try await administrator.value("SELECT count(*) FROM changefeed.gap WHERE to_snapshot IS NULL") == "0"
            }
        }
    }

    @Test("a change that rang no bell is found by the slow poll, and counted")
    func missedBell() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        // The triggers' bell is taken out: what a LISTEN that went deaf looks like.
        try await database.connect().execute(
            script: """
                DO $$ BEGIN
                    EXECUTE replace(pg_get_functiondef(changefeed.trigger_function('res.partner', 'update')),
                                    'PERFORM pg_notify(''changefeed_bell'', '''')', 'NULL');
                END $$
                """)
        let feed = try Following(database) { $0.timing.slowPoll = .milliseconds(200) }
        try await feed.run {
            try await eventually("it sleeps") { feed.observations.contains(.asleep) }
            try await database.connect(user: "odoo").execute(script: "UPDATE res_partner SET phone = '1' WHERE id = 1")
            try await eventually("the poll finds it") { feed.records == [1] }
            try await eventually("it says so") { feed.observations.contains(.bellMissed) }
            #expect(feed.tailer.counters.bellsMissed == 1)
        }
    }

    @Test(
        "a crash has transaction numbers given out again: what is written with them is handed out all the same",
        arguments: [false, true], [false, true])
    func numbersGivenAgain(isFirst: Bool, isSpoiled: Bool) async throws {
        let cluster = try await PrivateCluster.make()
        let database = try await cluster.createDatabase(.installed)
        // Nobody writes to the disk what no commit waits for.
        try await database.psql("ALTER SYSTEM SET wal_writer_delay = '10s'")
        if isSpoiled {
            try await database.psql(
                """
                CREATE OR REPLACE FUNCTION changefeed.snapshot_up_to(snapshot pg_snapshot, last_xid xid8) RETURNS pg_snapshot
                LANGUAGE sql IMMUTABLE AS 'SELECT snapshot'
                """)
        }
        try await cluster.restart()
        var (seen, lost, number) = ("", "", "")
        var rounds = 0
        // The server itself writes its next number into the log now and then: that round has lost nothing.
        repeat {
            rounds += 1
            let writer = try await database.connect(user: "odoo")
            let service = try await database.connect(user: "changefeed_login")
            seen = try await service.value("SELECT changefeed.tail_start()")
            if !isFirst { try await writer.execute(script: "UPDATE res_partner SET phone = '1' WHERE id = 1") }
            for _ in 0..<20 { lost = try await writer.value("SELECT pg_current_xact_id()") }
            if isFirst {
                seen = try await service.value("SELECT changefeed.tail_start()")
            } else {
                seen = try await service.value("SELECT target FROM changefeed.tail($1)", [.text(seen)])
            }
            try await cluster.restart(immediate: true)
            let again = try await database.connect(user: "odoo")
            try await again.execute(script: "UPDATE res_partner SET phone = '2' WHERE id = 2")
            let reader = try await database.connect(user: "changefeed_login")
            number = try await reader.value("SELECT max(xid::text::bigint) FROM changefeed.event")
        } while (Int(number) ?? 0) > (Int(lost) ?? 0) && rounds < 10
        let after = try await database.connect(user: "changefeed_login")
        try #require(Int(number) ?? 0 <= Int(lost) ?? 0, "no number was given again: \(number) after \(lost)")
        #expect(
            try await after.lines("SELECT ids FROM changefeed.tail($1)", [.text(seen)]) == (isSpoiled ? [] : ["{2}"]))
        await cluster.remove()
    }
}
