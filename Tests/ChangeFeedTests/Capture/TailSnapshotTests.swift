import ChangeFeedTesting
import Postgres
import Synchronization
import Testing

@Suite("Reading the log by snapshot")
struct TailSnapshotTests {
    static let tail = "SELECT target, id, model, event, ids FROM changefeed.tail($1, NULL, 0, 100000)"

    @Test("an event is never visible before its commit, and immediately after it")
    func notBeforeCommit() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let writer = try await database.connect(user: "odoo")
        let reader = try await database.connect()
        let seen = try await reader.snapshot()
        try await writer.execute(script: "BEGIN; UPDATE res_partner SET phone = '1' WHERE id = 1")
        #expect(try await reader.query(Self.tail, [.text(seen)]).isEmpty)
        try await writer.execute(script: "COMMIT")
        #expect(try await reader.query(Self.tail, [.text(seen)]).map { try $0["ids"].intArray() } == [[1]])
    }

    @Test("the lower id that commits later is not lost, which a cursor of ids would lose")
    func outOfOrder() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let slow = try await database.connect(user: "odoo")
        let fast = try await database.connect(user: "odoo")
        let reader = try await database.connect()
        var seen = try await reader.snapshot()
        try await slow.execute(script: "BEGIN; UPDATE res_partner SET phone = '1' WHERE id = 1")
        try await fast.execute(script: "UPDATE res_partner SET phone = '1' WHERE id = 2")
        let first = try await reader.query(Self.tail, [.text(seen)])
        #expect(try first.map { try $0["ids"].intArray() } == [[2]])
        seen = try first[0]["target"].string()
        try await slow.execute(script: "COMMIT")
        let second = try await reader.query(Self.tail, [.text(seen)])
        #expect(try second.map { try $0["ids"].intArray() } == [[1]])
        #expect(try second[0]["id"].int() < first[0]["id"].int())
    }

    @Test("thousands of transactions of concurrent writers, some rolled back: each committed event once, no other")
    func concurrentWriters() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let superuser = try await database.connect()
        var seen = try await superuser.snapshot()
        let running = Mutex(true)
        async let writers: Void = {
            defer { running.withLock { $0 = false } }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 1...8 {
                    group.addTask {
                        let connection = try await database.connect(user: "odoo")
                        for round in 0..<150 {
                            try await connection.execute(script: Self.transaction(writer: writer, round: round))
                        }
                    }
                }
                try await group.waitForAll()
            }
        }()
        let reader = try await database.connect()
        var got: [Int64] = []
        while running.withLock({ $0 }) {
            let batch = try await reader.query(Self.tail, [.text(seen)])
            for row in batch { got.append(try row["id"].int()) }
            // An empty answer carries no snapshot; the next one starts from the same place.
            if let last = batch.first { seen = try last["target"].string() }
        }
        try await writers
        got += try await reader.query(Self.tail, [.text(seen)]).map { try $0["id"].int() }
        let log = try await superuser.query("SELECT id FROM changefeed.event").map { try $0["id"].int() }
        #expect(Set(got) == Set(log))
        #expect(got.count == log.count)
        #expect(got != got.sorted(), "the commits came in the order of the ids: the test has tested nothing")
    }

    private static func transaction(writer: Int, round: Int) -> String {
        let record = writer * 2 + round % 2
        let write = "UPDATE res_partner SET phone = '\(round)' WHERE id = \(record);"
        let pause = "SELECT pg_sleep(\(Double.random(in: 0...0.004)));"
        switch round % 5 {
        case 0: return write
        case 1: return "BEGIN; \(write) \(pause) ROLLBACK"
        case 2: return "BEGIN; \(write) SAVEPOINT s; \(write) ROLLBACK TO s; \(pause) \(write) COMMIT"
        case 3: return "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1; \(pause) \(write) COMMIT"
        default: return "BEGIN; \(write) \(pause) COMMIT"
        }
    }

    @Test("a set between two snapshots is drained in windows of any size, always the same", arguments: [1, 2, 7, 100])
    func windows(_ size: Int) async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let connection = try await database.connect()
        let late = try await database.connect(user: "odoo")
        try await late.execute(script: "BEGIN; UPDATE res_partner SET phone = '0' WHERE id = 20")
        let seen = try await connection.snapshot()
        for record in 1...19 {
            try await connection.execute(script: "UPDATE res_partner SET phone = '1' WHERE id = \(record)")
        }
        try await late.execute(script: "COMMIT")
        let target = try await connection.snapshot()
        try await connection.execute(script: "UPDATE res_partner SET phone = '2'")
        var records: [Int64] = []
        var after: Int64 = 0
        while true {
            let window = try await connection.query(
                "SELECT id, ids FROM changefeed.tail($1, $2, $3, $4)",
                [.text(seen), .text(target), .int(after), .int(size)])
            if window.isEmpty { break }
            #expect(window.count <= size)
            for row in window {
                records += try row["ids"].intArray()
                after = try row["id"].int()
            }
        }
        #expect(records == [20] + Array(1...19))
    }

    @Test("rolled-back work of a transaction that was running in the old snapshot stays away")
    func rolledBackLater() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let writer = try await database.connect(user: "odoo")
        let reader = try await database.connect()
        try await writer.execute(script: "BEGIN; UPDATE res_partner SET phone = '1' WHERE id = 1")
        let seen = try await reader.snapshot()
        try await writer.execute(script: "ROLLBACK; UPDATE res_partner SET phone = '1' WHERE id = 2")
        #expect(try await reader.query(Self.tail, [.text(seen)]).map { try $0["ids"].intArray() } == [[2]])
    }
}
