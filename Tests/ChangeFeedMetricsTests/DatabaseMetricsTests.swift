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
        let metrics = DatabaseMetrics(lifetime: .seconds(600)) {
            count.value.withLock { $0 += 1 }
            return DatabaseMetrics.Values(logBytes: 5)
        }
        for _ in 0..<5 { #expect(await metrics.values() == .values(DatabaseMetrics.Values(logBytes: 5))) }
        #expect(count.value.withLock { $0 } == 1)
    }

    @Test("are left out when the database does not answer, and database_up is 0")
    func away() async {
        let metrics = DatabaseMetrics { throw Away() }
        let registry = MetricsRegistry()
        registry.replace(.logBytes, 9)
        await metrics.values().record(in: registry)
        #expect(registry.exposition().contains("changefeed_database_up 0\n"))
        #expect(!registry.exposition().contains("changefeed_log_size_bytes"))
    }

    @Test("do not hold up a scrape when the database is slow")
    func slow() async {
        let metrics = DatabaseMetrics(patience: .milliseconds(20)) {
            try await Task.sleep(for: .seconds(3_600))
            return DatabaseMetrics.Values()
        }
        #expect(await metrics.values() == .unavailable)
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
}
