@testable import ChangeFeedBench
import ChangeFeed
import ChangeFeedTesting
import Postgres
import Testing

@Suite("A statement for pgbench")
struct PgbenchScriptTests {
    @Test(
        "has a value or NULL in the place of every parameter",
        arguments: [EventPage.sql, UpdateSummary.sql, DeviceSync.pullSQL])
    func parameters(sql: String) {
        let text = PgbenchScript.text(sql, ["$1": "7", "$8": "'x'"])
        #expect(!text.contains(/\$\d/), "\(text)")
        #expect(text.contains("'x'::") && text.contains("NULL::"))
    }

    @Test("the feed answers each of them", .timeLimit(.minutes(10)))
    func answered() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let connection = try await database.connect()
        var service = BenchServiceOptions()
        service.key = TestKeys.admin
        let proof = try await service.proof(on: connection)
        let scripts =
            BenchHTTP.scripts(proof.values).map(\.script) + [BenchSyncPull.script("bench full", proof.values)]
        for script in scripts {
            let rows = try await connection.query(Query(script))
            #expect(rows.count >= 1, "\(script)")
        }
    }
}
