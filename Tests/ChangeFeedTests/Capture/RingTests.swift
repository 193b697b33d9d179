import ChangeFeedTesting
import Postgres
import Synchronization
import Testing

@Suite("The ring of log tables")
struct RingTests {
    @Test("rotate() sends writers to the next child, all the way round, and stops before one that is not empty")
    func rotates() async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect()
        for slot in 0..<16 {
            try await connection.execute(script: "UPDATE res_partner SET phone = '1' WHERE id = 1")
            #expect(
                try await connection.value(
                    "SELECT max(slot) FROM changefeed.event WHERE id = (SELECT max(id) FROM changefeed.event)")
                    == "\(slot)")
            let next = try await connection.value("SELECT changefeed.rotate()")
            #expect(next == (slot == 15 ? "" : "\(slot + 1)"))
        }
        #expect(try await connection.value("SELECT slot FROM changefeed.control") == "15")
        // Once no transaction of the cluster, of other tests too, is older than the rotation.
        try await eventually("the slot can be emptied") {
            try await connection.value("SELECT changefeed.empty_slot(0::smallint)") == "t"
        }
        #expect(try await connection.value("SELECT changefeed.rotate()") == "0")
        #expect(try await connection.value("SELECT count(*) FROM changefeed.event") == "15")
    }

    @Test("the child that is being written to cannot be emptied")
    func presentSlot() async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect()
        try await connection.execute(script: "UPDATE res_partner SET phone = '1' WHERE id = 1")
        await #expect(throws: PostgresError.self) {
            try await connection.query("SELECT changefeed.empty_slot(0::smallint)")
        }
        await #expect(throws: PostgresError.self) {
            try await connection.query("SELECT changefeed.empty_slot(16::smallint)")
        }
        #expect(try await connection.value("SELECT count(*) FROM changefeed.event") == "1")
    }

    @Test("while pg_dump locks every table, emptying gives up and no writer of Odoo's waits", .timeLimit(.minutes(10)))
    func duringDump() async throws {
        // A transaction of any database of the cluster holds back the snapshots of all.
        let cluster = try await PrivateCluster.make()
        let database = try await cluster.createDatabase(.installed)
        let service = try await database.connect(user: "changefeed_login")
        let writer = try await database.connect(user: "odoo")
        try await writer.execute(script: "UPDATE res_partner SET phone = '1' WHERE id = 1")
        _ = try await service.query("SELECT changefeed.rotate()")
        // The locks that pg_dump takes, for as long as the test wants.
        let dump = try await database.connect()
        try await dump.execute(
            script: """
                BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY;
                DO $$ DECLARE t regclass; BEGIN
                    FOR t IN SELECT oid FROM pg_class WHERE relnamespace = 'changefeed'::regnamespace AND relkind IN ('r', 'p') LOOP
                        EXECUTE format('LOCK TABLE %s IN ACCESS SHARE MODE', t);
                    END LOOP;
                END $$
                """)
        let stop = Flag()
        let emptying = Self.emptyAgainAndAgain(0, by: service, until: stop)
        try await writer.execute(script: "SET lock_timeout = '20ms'")
        let observer = try await database.connect()
        var writes = 0
        try await eventually("TRUNCATE waits for the dump") {
            try await writer.execute(script: "UPDATE res_partner SET phone = '2' WHERE id = 2")
            writes += 1
            return try await Self.somebodyWaits(for: "event_00", observer)
        }
        for _ in 0..<100 { try await writer.execute(script: "UPDATE res_partner SET phone = '3' WHERE id = 2") }
        stop.raise()
        #expect(await emptying.value.allSatisfy { $0 == "f" })
        try await dump.execute(script: "COMMIT")
        #expect(try await service.value("SELECT changefeed.empty_slot(0::smallint)") == "t")
        #expect(try await observer.value("SELECT count(*) FROM changefeed.event") == "\(writes + 100)")
        await cluster.remove()
    }

    private final class Flag: Sendable {
        private let raised = Mutex(false)
        var isRaised: Bool { raised.withLock { $0 } }
        func raise() { raised.withLock { $0 = true } }
    }

    /// Each call tries for a few seconds, most of which it does not wait for the lock. Gives the answers of all calls, the
    /// one that was under way at the end included.
    private static func emptyAgainAndAgain(_ slot: Int, by service: Connection, until stop: Flag) -> Task<
        [String], Never
    > {
        Task {
            var answers: [String] = []
            repeat {
                if let answer = try? await service.value("SELECT changefeed.empty_slot(\(slot)::smallint)") {
                    answers.append(answer)
                }
            } while !stop.isRaised
            return answers
        }
    }

    private static func somebodyWaits(for table: String, _ observer: Connection) async throws -> Bool {
        try await observer.value(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'changefeed.\(table)'::regclass)")
            == "t"
    }

    @Test("a slot that becomes current while emptying waits for its lock is not emptied", .timeLimit(.minutes(10)))
    func rotatedMeanwhile() async throws {
        let cluster = try await PrivateCluster.make()
        let database = try await cluster.createDatabase(.installed)
        let service = try await database.connect(user: "changefeed_login")
        let reader = try await database.connect()
        try await reader.execute(script: "BEGIN; LOCK TABLE changefeed.event_01 IN ACCESS SHARE MODE")
        let stop = Flag()
        let emptying = Self.emptyAgainAndAgain(1, by: service, until: stop)
        let observer = try await database.connect()
        try await eventually("emptying waits for the reader") {
            try await Self.somebodyWaits(for: "event_01", observer)
        }
        #expect(try await observer.value("SELECT changefeed.rotate()") == "1")
        try await database.connect(user: "odoo").execute(script: "UPDATE res_partner SET phone = '1' WHERE id = 1")
        try await reader.execute(script: "COMMIT")
        await #expect(throws: PostgresError.self) {
            try await observer.query("SELECT changefeed.empty_slot(1::smallint)")
        }
        stop.raise()
        #expect(await !emptying.value.contains("t"))
        #expect(try await observer.value("SELECT count(*) FROM changefeed.event") == "1")
        await cluster.remove()
    }

    @Test("a child is not emptied while a transaction from before the rotation may still write to it")
    func oldWriter() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let service = try await database.connect(user: "changefeed_login")
        let writer = try await database.connect(user: "odoo")
        try await writer.execute(
            script: "BEGIN ISOLATION LEVEL REPEATABLE READ; UPDATE res_partner SET phone = '1' WHERE id = 1")
        _ = try await service.query("SELECT changefeed.rotate()")
        #expect(try await service.value("SELECT changefeed.empty_slot(0::smallint)") == "f")
        try await writer.execute(script: "UPDATE res_partner SET phone = '2' WHERE id = 2; COMMIT")
        #expect(try await service.value("SELECT count(*) FROM changefeed.event_record") == "2")
        // Transactions of other tests on this server count, too.
        try await eventually("it is emptied") {
            try await service.value("SELECT changefeed.empty_slot(0::smallint)") == "t"
        }
        #expect(try await service.value("SELECT count(*) FROM changefeed.event_record") == "0")
    }
}
