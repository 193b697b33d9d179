@testable import ChangeFeedMetrics
import ChangeFeedTesting
import Postgres
import Synchronization
import Testing

@Suite("The figures from the database")
struct DatabaseMetricsTests {
    private final class Count: Sendable {
        let value = Mutex(0)
    }

    private struct Away: Error {}

    @Test("are asked once for many scrapes within their lifetime")
    func cached() async {
        let count = Count()
        let metrics = DatabaseAnswer("status()", lifetime: .seconds(600)) {
            count.value.withLock { $0 += 1 }
            return DatabaseMetrics(logBytes: 5)
        }
        for _ in 0..<5 { #expect(await metrics.values() == DatabaseMetrics(logBytes: 5)) }
        #expect(count.value.withLock { $0 } == 1)
    }

    @Test("are left out when the database does not answer, and database_up is 0")
    func away() async {
        let metrics = DatabaseAnswer<DatabaseMetrics>("status()", lifetime: .seconds(10)) { throw Away() }
        let registry = MetricsRegistry()
        registry.replace(.logBytes, 9)
        DatabaseMetrics.record(await metrics.values(), in: registry)
        #expect(registry.exposition().contains("changefeed_database_up 0\n"))
        #expect(!registry.exposition().contains("changefeed_log_size_bytes"))
    }

    @Test("do not hold up a scrape when the database is slow")
    func slow() async {
        let metrics = DatabaseAnswer("status()", lifetime: .seconds(10), patience: .milliseconds(20)) {
            try await Task.sleep(for: .seconds(3_600))
            return DatabaseMetrics()
        }
        #expect(await metrics.values() == nil)
    }

    @Test("are used for longer than their lifetime if they took long: a hundredth of the time is spent on them")
    func slowAnswer() async throws {
        let count = Count()
        let metrics = DatabaseAnswer("endpoints", lifetime: .zero) {
            count.value.withLock { $0 += 1 }
            try await Task.sleep(for: .milliseconds(100))
            return DatabaseMetrics()
        }
        for _ in 0..<5 { #expect(await metrics.values() == DatabaseMetrics()) }
        #expect(count.value.withLock { $0 } == 1)
    }

    @Test("that take long are asked in the background, once, and are there for a later scrape")
    func background() async throws {
        let count = Count()
        let (opened, door) = AsyncStream<Void>.makeStream()
        let metrics = DatabaseAnswer("verify()", lifetime: .seconds(600)) {
            count.value.withLock { $0 += 1 }
            for await _ in opened { break }
            return FindingMetrics(findings: ["error": 1])
        }
        for _ in 0..<5 { #expect(await metrics.latest() == nil) }
        door.yield()
        try await eventually("the answer is there") { await metrics.latest() == FindingMetrics(findings: ["error": 1]) }
        #expect(count.value.withLock { $0 } == 1)
    }

    @Test("are those of changefeed.status(), read with the service's rights")
    func real() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let pool = ConnectionPool(try database.configuration(user: "changefeed_login"), maximumConnections: 1)
        try await database.psql("ALTER TABLE res_partner DISABLE TRIGGER changefeed_update")
        try await database.psql("SELECT changefeed.pause('test')")
        let values = try await DatabaseMetrics.read(from: pool)
        await pool.close()
        #expect(values.paused)
        #expect(values.models.values.reduce(0, +) == 11 && values.models["enabled"] == 10)
        #expect((values.logBytes ?? 0) > 0 && (values.openGaps ?? 0) >= 1)
    }

    @Test("count the findings of changefeed.verify() by level, with the service's rights")
    func findings() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let pool = ConnectionPool(try database.configuration(user: "changefeed_login"), maximumConnections: 1)
        let before = try await FindingMetrics.read(from: pool)
        try await database.psql("ALTER TABLE res_partner DISABLE TRIGGER changefeed_update")
        let after = try await FindingMetrics.read(from: pool)
        await pool.close()
        #expect(Set(before.findings.keys) == ["error", "warning", "info"] && before.findings["error"] == 0)
        #expect(after.findings["error"] == 1 && after.ranAt ?? 0 > 1e9)
    }

    @Test("have each endpoint with its state, its failures and its queue, with the service's rights")
    func endpoints() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql(
            """
            SELECT changefeed.endpoint_add(name, 'https://example.com/' || name, 2) FROM unnest('{fine,down}'::text[]) name;
            SELECT changefeed.endpoint_set_state('down', 'disabled', 'status 410');
            UPDATE changefeed.endpoint_progress p SET failing_since = clock_timestamp() - interval '1 hour'
            FROM changefeed.endpoint e WHERE e.id = p.endpoint AND e.name = 'down';
            INSERT INTO changefeed.endpoint_queue (endpoint, model, record_id, event_id, kind, occurred_at, is_dead)
            SELECT e.id, 'res.partner', n, n, 'write', now(), n > 3
            FROM changefeed.endpoint e, generate_series(1, 5) n WHERE e.name = 'down';
            """)
        let pool = ConnectionPool(try database.configuration(user: "changefeed_login"), maximumConnections: 1)
        let values = try await EndpointMetrics.read(from: pool)
        await pool.close()
        let registry = MetricsRegistry()
        EndpointMetrics.record(values, in: registry)
        let text = registry.exposition()
        for line in [
            #"state{endpoint="fine",state="active"} 1"#, #"state{endpoint="down",state="disabled"} 1"#,
            #"failing_seconds{endpoint="fine"} 0"#, #"waiting_records{endpoint="down"} 3"#,
            #"dead_records{endpoint="down"} 2"#, #"dead_records{endpoint="fine"} 0"#,
        ] { #expect(text.contains("changefeed_endpoint_\(line)\n"), "\(line) in \(text)") }
        #expect(values.endpoints.first { $0.name == "down" }?.failing ?? 0 >= 3_600)
        EndpointMetrics.record(nil, in: registry)
        #expect(!registry.exposition().contains("changefeed_endpoint_state"))
    }
}
