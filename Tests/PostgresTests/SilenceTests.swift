import ChangeFeedTesting
@testable import Postgres
import Testing

/// A fail-over behind a balancer that keeps its clients' connections open, a firewall that forgets them, a host that is gone.
@Suite("Connections that went silent", .timeLimit(.minutes(10)))
struct SilenceTests {
    private static let limit: Duration = .seconds(1)
    private static let margin: Duration = .seconds(1)
    /// Limit and margin, what the loop's clock adds, and a busy machine.
    private static let noticed: Duration = .seconds(40)

    private func through(
        _ configure: (inout ConnectionConfiguration) -> Void = { _ in }
    ) async throws -> (TestDatabase, TCPProxy, ConnectionConfiguration) {
        let cluster = try await PrivateCluster.shared()
        let database = try await cluster.createDatabase(.empty)
        let proxy = try await cluster.proxy()
        var configuration = try ConnectionConfiguration(proxy.conninfo(database))
        configuration.statementTimeout = Self.limit
        configuration.silenceMargin = Self.margin
        configure(&configuration)
        return (database, proxy, configuration)
    }

    private func code(_ body: () async throws -> Void) async -> PostgresError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? PostgresError)?.code
        }
    }

    @Test(
        "a statement ends in its time, and its connection is never used again",
        arguments: [
            TCPProxy.Weather.blackHole, .init(loses: [.toServer]), .init(loses: [.toClient]),
        ])
    func statement(_ weather: TCPProxy.Weather) async throws {
        let (_, proxy, configuration) = try await through()
        let connection = try await Connection.connect(configuration)
        #expect(try await connection.query("SELECT 1 AS one")[0]["one"].int() == 1)
        proxy.become(weather)
        let start = ContinuousClock.now
        #expect(await code { _ = try await connection.query("SELECT 1") } == .silent)
        #expect(ContinuousClock.now - start < Self.noticed)
        #expect(!connection.isUsable)
        // At once: what is known is not waited for again.
        let again = ContinuousClock.now
        #expect(await code { _ = try await connection.query("SELECT 1") } == .silent)
        #expect(ContinuousClock.now - again < Self.noticed)
        await proxy.stop()
    }

    @Test(
        "a statement that the server ends itself costs no connection; a slow network that brings something costs none either"
    )
    func serverFirst() async throws {
        let (_, proxy, configuration) = try await through {
            $0.statementTimeout = .seconds(5)
            $0.silenceMargin = .seconds(40)
        }
        let connection = try await Connection.connect(configuration)
        #expect(await code { _ = try await connection.query("SELECT pg_sleep(60)") } == .timeout)
        #expect(connection.isUsable)
        proxy.become(.init(delay: .milliseconds(300)))
        #expect(
            try await connection.query("SELECT length(repeat('x', 3000000)) AS n, repeat('x', 3000000) AS text")[0]["n"]
                .int() == 3_000_000)
        await proxy.stop()
    }

    @Test("all statements of a pipeline have their time")
    func pipeline() async throws {
        let (_, proxy, configuration) = try await through { $0.statementTimeout = .seconds(3) }
        let connection = try await Connection.connect(configuration)
        let answers = try await connection.pipeline((0..<6).map { _ in Query("SELECT pg_sleep(0.6)") })
        #expect(answers.allSatisfy { $0.failure == nil })
        proxy.blackHole()
        #expect(await code { _ = try await connection.pipeline([Query("SELECT 1"), Query("SELECT 2")]) } == .silent)
        await proxy.stop()
    }

    @Test("a pool recovers with the first that is noticed, however many went silent")
    func pool() async throws {
        let (_, proxy, configuration) = try await through()
        let pool = ConnectionPool(configuration, maximumConnections: 6)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<6 { group.addTask { _ = try await pool.query(Query("SELECT pg_sleep(0.3)")) } }
            try await group.waitForAll()
        }
        #expect(pool.statistics.idle == 6)
        proxy.blackHole()
        #expect(await code { _ = try await pool.query(Query("SELECT 1")) } == .silent)
        let start = ContinuousClock.now
        for _ in 0..<6 { _ = try await pool.query(Query("SELECT 1")) }
        // If each of the six met the silence by itself, it would take six times as long as this.
        #expect(ContinuousClock.now - start < (Self.limit + Self.margin) * 2)
        await pool.close()
        await proxy.stop()
    }

    @Test("a pool that was not used for a while asks before it lends, so that no caller fails")
    func quiet() async throws {
        let (_, proxy, configuration) = try await through { $0.statementTimeout = .seconds(60) }
        let pool = ConnectionPool(configuration, maximumConnections: 2)
        _ = try await pool.query(Query("SELECT 1"))
        proxy.blackHole()
        try await Task.sleep(for: .seconds(11))
        let start = ContinuousClock.now
        #expect(try await pool.query(Query("SELECT 1 AS one"))[0]["one"].int() == 1)
        #expect(ContinuousClock.now - start < .seconds(10))
        await pool.close()
        await proxy.stop()
    }

    @Test("a statement whose task is cancelled ends, though neither it nor the request to cancel it gets through")
    func cancelled() async throws {
        let (database, proxy, configuration) = try await through { $0.statementTimeout = .seconds(300) }
        let pool = ConnectionPool(configuration, maximumConnections: 1)
        _ = try await pool.query(Query("SELECT 1"))
        let running = Task { try await pool.query(Query("SELECT pg_sleep(300)")) }
        try await eventually("it runs") {
            try await database.psql(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query = 'SELECT pg_sleep(300)'"
            ) == "1"
        }
        proxy.become(.blackHole, future: .blackHole)
        let start = ContinuousClock.now
        running.cancel()
        await #expect(throws: PostgresError.self) { try await running.value }
        #expect(ContinuousClock.now - start < Cancellation.patience + .seconds(5))
        // The sender hangs still; nobody waits for it.
        proxy.become(.blackHole, future: .fine)
        #expect(try await pool.query(Query("SELECT 1 AS one"))[0]["one"].int() == 1)
        await pool.close()
        await proxy.stop()
    }

    @Test("cancelling a connection attempt to a silent server returns immediately")
    func connecting() async throws {
        let (_, proxy, configuration) = try await through { $0.connectTimeout = .seconds(60) }
        proxy.become(.fine, future: .blackHole)
        let connecting = Task { try await Connection.connect(configuration) }
        try await eventually("it has come") { proxy.count == 1 }
        let start = ContinuousClock.now
        connecting.cancel()
        await #expect(throws: PostgresError.self) { try await connecting.value }
        #expect(ContinuousClock.now - start < .seconds(30))
        await proxy.stop()
    }

    @Test("the connection string's limits apply to both sides; without a limit no connection is cut off")
    func limits() async throws {
        let (database, proxy, _) = try await through()
        var said = try ConnectionConfiguration(
            proxy.conninfo(database) + " options='-c statement_timeout=7s -c lock_timeout=3s'")
        said.statementTimeout = .milliseconds(1)
        said.lockTimeout = .milliseconds(1)
        let connection = try await Connection.connect(said)
        #expect(try await connection.query("SHOW statement_timeout")[0][0].text == "7s")
        #expect(try await connection.query("SHOW lock_timeout")[0][0].text == "3s")
        #expect(await connection.answerLimit == .seconds(7))
        let unlimited = try await Connection.connect(ConnectionConfiguration(proxy.conninfo(database)))
        #expect(await unlimited.answerLimit == nil)
        let none = try await Connection.connect(
            ConnectionConfiguration(proxy.conninfo(database) + " options='-c statement_timeout=0'"))
        #expect(await none.answerLimit == nil)
        await proxy.stop()
    }

    @Test("sockets are watched by the kernel, unless the connection string says otherwise")
    func keepalives() throws {
        let own = Dictionary(uniqueKeysWithValues: try ConnectionConfiguration("host=db").connectOptions)
        #expect(own["keepalives_idle"] == "10" && own["tcp_user_timeout"] == "20000")
        let given = try ConnectionConfiguration(
            "host=db keepalives=0 keepalives_idle=77 tcp_user_timeout=5 connect_timeout=3")
        let options = Dictionary(uniqueKeysWithValues: given.connectOptions)
        #expect(options["keepalives"] == "0" && options["keepalives_idle"] == "77")
        #expect(options["tcp_user_timeout"] == "5" && options["connect_timeout"] == "3")
    }
}

@Suite("Shares of a pool", .timeLimit(.minutes(10)))
struct PoolShareTests {
    @Test(
        "leave others a part, one connection at least, and never nothing to the holder",
        arguments: [
            (1, 4, 1), (2, 4, 1), (3, 4, 2), (4, 4, 3), (8, 4, 6), (8, 8, 7), (100, 4, 75),
        ])
    func size(connections: Int, spare: Int, share: Int) {
        #expect(PoolShares.Holder("x", leavesOneOf: spare).share(of: connections) == share)
    }

    @Test("a question that waits takes its share, and others are served beside it")
    func beside() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.empty)
        let pool = ConnectionPool(try database.configuration(), maximumConnections: 4, acquireTimeout: .seconds(30))
        let slow = [PoolShares.Holder("slow", leavesOneOf: 4), PoolShares.Holder("user 1", leavesOneOf: 8)]
        let tasks = (0..<6).map { _ in
            Task { try await PoolShares.$holders.withValue(slow) { try await pool.query(Query("SELECT pg_sleep(4)")) } }
        }
        try await eventually("they run") { pool.statistics.open - pool.statistics.idle == 3 }
        let start = ContinuousClock.now
        let other = [PoolShares.Holder("fast", leavesOneOf: 4), PoolShares.Holder("user 2", leavesOneOf: 8)]
        for _ in 0..<5 {
            _ = try await PoolShares.$holders.withValue(other) { try await pool.query(Query("SELECT 1")) }
        }
        #expect(ContinuousClock.now - start < .milliseconds(3_600))
        #expect(pool.statistics.open <= 4)
        for task in tasks { _ = try await task.value }
        await pool.close()
    }

    @Test("who waits too long for a share, or gives up, leaves nothing behind")
    func leaving() async throws {
        let shares = PoolShares(of: 2)
        let holder = [PoolShares.Holder("one", leavesOneOf: 4)]
        let entered = try await shares.enter(holder, until: .now + .seconds(1))
        await #expect(throws: PostgresError.self) { try await shares.enter(holder, until: .now + .milliseconds(20)) }
        let waiting = Task { try await shares.enter(holder, until: .now + .seconds(600)) }
        try await eventually("it waits") { shares.count == 2 }
        waiting.cancel()
        _ = await waiting.result
        #expect(shares.count == 1)
        shares.leave(entered)
        #expect(shares.count == 0)
    }

    @Test("a separate lock patience applies to one statement only")
    func lockPatience() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.empty)
        try await database.psql("CREATE TABLE held (n int)")
        let holder = try await database.connect()
        try await holder.execute(script: "BEGIN; LOCK TABLE held IN ACCESS EXCLUSIVE MODE")
        var configuration = try database.configuration()
        configuration.lockTimeout = .seconds(60)
        let pool = ConnectionPool(configuration, maximumConnections: 1)
        let start = ContinuousClock.now
        await #expect(throws: PostgresError.self) {
            try await ConnectionPool.$lockPatience.withValue(.init { .milliseconds(50) }) {
                try await pool.query(Query("SELECT * FROM held", name: "held"))
            }
        }
        #expect(ContinuousClock.now - start < .seconds(20))
        #expect(try await pool.query(Query("SHOW lock_timeout"))[0][0].text == "1min")
        let answer = try await ConnectionPool.$lockPatience.withValue(.init { .milliseconds(50) }) {
            try await pool.query(Query("SELECT current_setting('lock_timeout') AS own", name: "own"))
        }
        #expect(answer[0]["own"].text == "50ms")
        await pool.close()
    }
}
