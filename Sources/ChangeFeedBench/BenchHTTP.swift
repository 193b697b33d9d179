import ArgumentParser
import ChangeFeed
import ChangeFeedSettings
import Postgres

/// `changefeed bench http`: a running service under wrk, compared with pgbench with the same statement.
struct BenchHTTP: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "http",
        abstract: "Measure GET events?limit=100 and check-updates of a running service, and the same SQL in pgbench.",
        discussion: """
            Needs a superuser of the database, because pgbench sends the stored hash of the key. The service must run \
            without rate limits (CHANGEFEED_RATE_LIMIT_EVENTS=0, CHANGEFEED_RATE_LIMIT_CHECK_UPDATES=0), or with \
            limits so high that they are counted but never refuse.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var round: RoundOptions

    @OptionGroup var service: BenchServiceOptions

    @Option(help: "Connections of wrk and of pgbench.")
    var connections = 8

    func run() async throws {
        let settings = try common.settings().withSearchPath()
        let connection = try await Connection.connect(settings.database)
        let proof = try await service.proof(on: connection)
        await connection.close()
        for (path, script) in Self.scripts(proof.values) {
            let comparison = try await service.compare(path, script, settings, connections: connections, round: round)
            Terminal.line("GET \(path), \(connections) connections:")
            Terminal.lines(comparison.lines(unit: "requests/s") { Figures.fixed($0, 0) })
        }
    }

    /// What each request sends to the database, by path.
    static func scripts(_ proof: [String: String]) -> [(path: String, script: String)] {
        [
            (
                "/api/v1/webhook/events?limit=100",
                PgbenchScript.text(EventPage.sql, proof.merging(["$12": "100", "$13": "0"]) { $1 })
            ),
            ("/api/v1/check-updates", PgbenchScript.text(UpdateSummary.sql, proof)),
        ]
    }
}
