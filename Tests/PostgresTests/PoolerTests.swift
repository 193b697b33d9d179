import ChangeFeedTesting
import Postgres
import Testing

@Suite("Behind a pooler in transaction mode", .timeLimit(.minutes(10)))
struct PoolerTests {
    /// A database behind the real pgbouncer; nil where that is not installed.
    private func pooled(_ size: Int = 3) async throws -> (PrivateCluster, TestDatabase, Pooler)? {
        let cluster = try await PrivateCluster.make()
        guard let pooler = try await Pooler.start(before: cluster, poolSize: size) else {
            await cluster.remove()
            return nil
        }
        return (cluster, try await cluster.createDatabase(.empty), pooler)
    }

    private func end(_ cluster: PrivateCluster, _ pooler: Pooler) async throws {
        try await pooler.stop()
        await cluster.remove()
    }

    private func configuration(_ database: TestDatabase, _ pooler: Pooler, _ mode: PoolerMode = .auto) throws
        -> ConnectionConfiguration
    {
        var configuration = try ConnectionConfiguration(pooler.conninfo(database, user: "postgres"))
        configuration.pooler = mode
        return configuration
    }

    @Test(
        "statements of many clients under the same names get their own answers, whether the pooler is found, configured or denied",
        arguments: [PoolerMode.auto, .transaction, .none])
    func names(mode: PoolerMode) async throws {
        guard let (cluster, database, pooler) = try await pooled() else { return }
        let configuration = try configuration(database, pooler, mode)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in 0..<8 {
                group.addTask {
                    let connection = try await Connection.connect(configuration)
                    for number in 0..<40 {
                        // The same name stands for other statements in other clients.
                        let rows = try await connection.query(
                            Query(
                                "SELECT $1::int8 + \(client % 4) AS sum", [.int(number)],
                                name: "statement_\(number % 5)"))
                        #expect(try rows[0]["sum"].int() == Int64(number + client % 4))
                    }
                    #expect(connection.isPooled)
                    await connection.close()
                }
            }
            try await group.waitForAll()
        }
        try await end(cluster, pooler)
    }

    @Test("a direct connection is not taken for a pooled one, and prepares its statements")
    func direct() async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.empty).connect()
        _ = try await connection.query(Query("SELECT 1", name: "one"))
        #expect(!connection.isPooled)
        let names = try await connection.query(
            "SELECT count(*) AS count FROM pg_prepared_statements WHERE name LIKE 'one\\_%'")
        #expect(try names[0]["count"].int() == 1)
    }

    @Test("each transaction has the pinned settings, and the pooler's other clients keep theirs")
    func settings() async throws {
        guard let (cluster, database, pooler) = try await pooled(1) else { return }
        try await database.psql(
            """
            ALTER DATABASE \(database.name) SET default_transaction_isolation = 'serializable';
            ALTER DATABASE \(database.name) SET default_transaction_read_only = on;
            ALTER DATABASE \(database.name) SET statement_timeout = '7s';
            ALTER DATABASE \(database.name) SET bytea_output = 'escape';
            """)
        var configuration = try configuration(database, pooler)
        configuration.runtimeParameters["lock_timeout"] = "3s"
        let connection = try await Connection.connect(configuration)
        let sql = """
            SELECT concat_ws(' ', current_setting('transaction_isolation'), current_setting('transaction_read_only'),
                   current_setting('statement_timeout'), current_setting('bytea_output'), current_setting('lock_timeout')) AS settings
            """
        #expect(try await connection.query(sql)[0]["settings"].text == "read committed off 0 hex 3s")
        let inside = try await connection.transaction(isolation: .repeatableRead, readOnly: true) { connection in
            try await connection.query(sql)[0]["settings"].text
        }
        #expect(inside == "repeatable read on 0 hex 3s")
        let piped = try await connection.pipeline([Query(sql), Query(sql)]).map { try $0.get()[0]["settings"].text }
        #expect(piped == ["read committed off 0 hex 3s", "read committed off 0 hex 3s"])
        // The one session that there is, as another client finds it.
        #expect(try await pooler.psql(sql, database, user: "postgres") == "serializable on 7s escape 0")
        await connection.close()
        try await end(cluster, pooler)
    }

    @Test("a statement that fails or is cancelled leaves no transaction behind, and what it did is undone")
    func failures() async throws {
        guard let (cluster, database, pooler) = try await pooled(2) else { return }
        try await database.psql("CREATE TABLE kept (n int)")
        let connection = try await Connection.connect(configuration(database, pooler))
        let failing = "WITH made AS (INSERT INTO kept VALUES (1) RETURNING n) SELECT 1 / (n - 1) FROM made"
        do {
            _ = try await connection.query(failing)
            Issue.record("it divides by zero")
        } catch let error as PostgresError {
            #expect(error.sqlState == "22012")
        }
        #expect(!connection.isInTransaction)
        let answers = try await connection.pipeline([
            Query("INSERT INTO kept VALUES (2)"), Query("SELECT 1/0"), Query("SELECT 2"),
        ])
        let codes = answers.map { answer -> PostgresError.Code? in
            if case .failure(let error) = answer { error.code } else { nil }
        }
        #expect(codes == [nil, .server, .pipelineAborted])
        let sleeping = Task { try await connection.query("SELECT pg_sleep(600)") }
        try await eventually("it sleeps") {
            try await database.psql(
                "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)' AND state = 'active'")
                == "1"
        }
        sleeping.cancel()
        await #expect(throws: PostgresError.self) { try await sleeping.value }
        if connection.isUsable {
            #expect(!connection.isInTransaction)
            _ = try await connection.query("INSERT INTO kept VALUES (3)")
        }
        #expect(try await database.psql("SELECT count(*) FROM kept WHERE n < 3") == "0")
        #expect(
            try await database.psql("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'")
                == "0")
        await connection.close()
        try await end(cluster, pooler)
    }

    @Test("a transaction that cannot be committed is an error, not an answer")
    func failingCommit() async throws {
        guard let (cluster, database, pooler) = try await pooled() else { return }
        try await database.psql("CREATE TABLE once (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
        let connection = try await Connection.connect(configuration(database, pooler))
        do {
            _ = try await connection.query("INSERT INTO once VALUES (1), (1)")
            Issue.record("the constraint is looked at by COMMIT")
        } catch let error as PostgresError {
            #expect(error.sqlState == "23505")
        }
        #expect(try await connection.query("SELECT count(*) AS n FROM once")[0]["n"].int() == 0)
        await connection.close()
        try await end(cluster, pooler)
    }

    @Test("a pool serves many tasks through two sessions while statements fail and are cancelled")
    func storm() async throws {
        guard let (cluster, database, pooler) = try await pooled(2) else { return }
        let pool = ConnectionPool(
            try configuration(database, pooler), maximumConnections: 8, acquireTimeout: .seconds(120))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<800 {
                group.addTask {
                    switch number % 40 {
                    case 7:
                        let task = Task { try await pool.query(Query("SELECT pg_sleep(30)")) }
                        try await Task.sleep(for: .milliseconds(Int64.random(in: 0...3)))
                        task.cancel()
                        _ = await task.result
                    case 17:
                        await #expect(throws: PostgresError.self) { try await pool.query(Query("SELECT 1/0")) }
                    default:
                        let rows = try await pool.query(
                            Query("SELECT $1::int8 * 2 AS double", [.int(number)], name: "double"))
                        #expect(try rows[0]["double"].int() == Int64(number * 2))
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(pool.statistics.open == pool.statistics.idle)
        await pool.close()
        try await end(cluster, pooler)
    }
}
