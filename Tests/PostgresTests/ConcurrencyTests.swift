import ChangeFeedTesting
import Postgres
import Testing

@Suite("Many tasks, cancelled, failing and disconnected")
struct ConcurrencyTests {
    @Test("cancelling a task cancels its statement on the server, and the connection stays usable")
    func cancellation() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.empty)
        let connection = try await database.connect()
        let observer = try await database.connect()
        let sleeping = Task { try await connection.query("SELECT pg_sleep(600)") }
        let running =
            "SELECT count(*) AS running FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND state = 'active' AND pid <> pg_backend_pid() AND datname = current_database()"
        try await eventually("the statement runs") { try await observer.query(running)[0]["running"].int() == 1 }
        sleeping.cancel()
        await #expect(throws: PostgresError.self) { try await sleeping.value }
        #expect(try await observer.query(running)[0]["running"].int() == 0)
        #expect(try await connection.query("SELECT 1 AS one")[0]["one"].int() == 1)
    }

    @Test("a task that gives up waiting for its turn does not disturb the others")
    func cancelledInQueue() async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.empty).connect()
        let first = Task { try await connection.query("SELECT pg_sleep(0.2), 1 AS one")[0]["one"].int() }
        let second = Task { try await connection.query("SELECT 2 AS two")[0]["two"].int() }
        second.cancel()
        #expect(try await first.value == 1)
        #expect(try await connection.query("SELECT 3 AS three")[0]["three"].int() == 3)
        _ = await second.result
    }

    @Test("thousands of statements keep their answers apart while others are cancelled, fail and lose their backend")
    func storm() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.empty)
        let pool = ConnectionPool(try database.configuration(), maximumConnections: 8, acquireTimeout: .seconds(240))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<4_000 {
                group.addTask {
                    switch number % 40 {
                    case 7:
                        let task = Task { try await pool.query(Query("SELECT pg_sleep(30)")) }
                        try await Task.sleep(for: .milliseconds(Int64.random(in: 0...3)))
                        task.cancel()
                        _ = await task.result
                    case 17:
                        await #expect(throws: PostgresError.self) { try await pool.query(Query("SELECT 1/0")) }
                    case 27:
                        _ = try? await pool.query(Query("SELECT pg_terminate_backend(pg_backend_pid())"))
                    default:
                        let rows = try await pool.query(
                            Query("SELECT $1::int8 * 2 AS double", [.int(number)], name: "double"))
                        #expect(try rows[0]["double"].int() == Int64(number * 2))
                    }
                }
            }
            try await group.waitForAll()
        }
        let statistics = pool.statistics
        #expect(statistics.waiting == 0)
        #expect(statistics.open == statistics.idle)
        #expect(statistics.open <= 8)
        await pool.close()
    }

    @Test("a caller that waits too long for a connection gets an error, and the pool stays usable")
    func exhausted() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.empty)
        let pool = ConnectionPool(
            try database.configuration(), maximumConnections: 1, acquireTimeout: .milliseconds(50))
        try await pool.withConnection { _ in
            do {
                _ = try await pool.query(Query("SELECT 1"))
                Issue.record("the only connection is lent out")
            } catch let error as PostgresError {
                #expect(error.code == .poolExhausted)
            }
        }
        #expect(try await pool.query(Query("SELECT 1 AS one"))[0]["one"].int() == 1)
        await pool.close()
    }

    @Test("a connection never goes back to the pool inside a transaction")
    func transactionLeft() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.empty)
        let pool = ConnectionPool(try database.configuration(), maximumConnections: 1)
        try await pool.withConnection { _ = try await $0.query("BEGIN") }
        let rows = try await pool.query(Query("SELECT pg_current_xact_id_if_assigned() IS NULL AS clean"))
        #expect(try rows[0]["clean"].bool())
        try await pool.withConnection { connection in #expect(!connection.isInTransaction) }
        await pool.close()
    }

    @Test("a transaction that throws or is cancelled leaves nothing behind")
    func rollback() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.empty)
        let connection = try await database.connect()
        try await connection.execute(script: "CREATE TABLE kept (n int)")
        struct Stop: Error {}
        await #expect(throws: Stop.self) {
            try await connection.transaction { connection in
                _ = try await connection.query("INSERT INTO kept VALUES (1)")
                throw Stop()
            }
        }
        let task = Task {
            try await connection.transaction { connection in
                _ = try await connection.query("INSERT INTO kept VALUES (2)")
                _ = try await connection.query("SELECT pg_sleep(600)")
            }
        }
        let observer = try await database.connect()
        try await eventually("the transaction sleeps") {
            try await observer.query(
                "SELECT count(*) AS n FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)' AND state = 'active' AND datname = current_database()"
            )[0]["n"].int() == 1
        }
        task.cancel()
        await #expect(throws: (any Error).self) { try await task.value }
        #expect(!connection.isInTransaction)
        #expect(try await connection.query("SELECT count(*) AS n FROM kept")[0]["n"].int() == 0)
    }

    @Test("notifications arrive, and their stream ends with the connection")
    func notifications() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.empty)
        let listener = try await database.connect()
        try await listener.listen("odd \"name")
        let sender = try await database.connect()
        _ = try await sender.query("SELECT pg_notify('odd \"name', 'hello')")
        var received = listener.notifications.makeAsyncIterator()
        #expect(await received.next()?.payload == "hello")
        _ = try await sender.query("SELECT pg_terminate_backend($1)", [.int(listener.backendPID)])
        #expect(await received.next() == nil)
        #expect(!listener.isUsable)
    }
}
