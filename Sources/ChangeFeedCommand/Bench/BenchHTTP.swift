import ArgumentParser
import ChangeFeed
import Postgres

/// `changefeed bench http`: a running service under wrk, beside pgbench with the same statement.
struct BenchHTTP: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "http", abstract: "GET events?limit=100 and check-updates of a running service, beside pgbench with the same SQL.",
        discussion: """
            The database's superuser is needed, since pgbench sends the stored hash of the key. The service must run \
            without rate limits (CHANGEFEED_RATE_LIMIT_EVENTS=0, CHANGEFEED_RATE_LIMIT_CHECK_UPDATES=0), or with ones \
            so high that they are counted and never refuse.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var round: RoundOptions

    @Option(help: "Where the service listens.")
    var url = "http://127.0.0.1:8000"

    @Option(help: "An Odoo API key of the throw-away database.")
    var key: String

    @Option(help: "Connections of wrk and of pgbench.")
    var connections = 8

    func validate() throws {
        guard ApiKey(key) != nil else { throw ValidationError("--key takes an Odoo API key: 40 characters of 0-9 and a-f.") }
    }

    func run() async throws {
        let settings = try common.settings()
        let connection = try await Connection.connect(settings.database)
        let rows = try await connection.query(
            "SELECT k.id, quote_literal(k.key) AS proof FROM res_users_apikeys k WHERE k.index = $1", [.text(String(key.prefix(8)))])
        await connection.close()
        guard let row = rows.first else {
            throw ChangeFeedError(.unexpectedAnswer, "The database does not hold this API key.")
        }
        let proof = ["$1": "'api_key'", "$2": try row["id"].string(), "$3": try row["proof"].string(), "$7": "false"]
        let cases = [
            ("/api/v1/webhook/events?limit=100", EventPage.sql, ["$12": "100", "$13": "0"]),
            ("/api/v1/check-updates", UpdateSummary.sql, [:]),
        ]
        for (path, sql, values) in cases {
            let script = Self.pgbenchScript(sql, proof.merging(values) { $1 })
            let comparison = try await compare(path, script, settings)
            Terminal.line("GET \(path), \(connections) connections:")
            Terminal.lines(comparison.lines(unit: "requests/s") { Figures.fixed($0, 0) })
        }
    }

    private static func pgbenchScript(_ statement: String, _ values: [String: String]) -> String {
        var sql = statement
        // From the highest down, so that $1 is not found in $12.
        for number in (1...13).reversed() { sql = sql.replacing("$\(number)::", with: "\(values["$\(number)"] ?? "NULL")::") }
        // pgbench takes a colon before a letter for a variable of its own.
        return sql.replacing("\n", with: " ").replacing(":MI:SS", with: "' || chr(58) || 'MI' || chr(58) || 'SS")
            .replacing("'YYYY-MM-DD", with: "('YYYY-MM-DD").replacing(".US\"Z\"'", with: ".US\"Z\"')") + ";\n"
    }

    private func compare(_ path: String, _ script: String, _ settings: Settings) async throws -> Comparison {
        let pgbench = try Pgbench(settings.database)
        let wrk = try ExternalProgram("wrk")
        let address = url + path
        return try await Comparison(
            [
                Variant(name: "pgbench, the same SQL") {
                    try pgbench.run(script, clients: connections, threads: 1, seconds: round.seconds)
                },
                Variant(name: "wrk over HTTP") {
                    let output = try wrk.run([
                        "-t1", "-c\(connections)", "-d\(round.seconds)s", "-H", "Authorization: Bearer \(key)", address,
                    ])
                    guard !output.contains("Non-2xx"),
                        let line = output.split(separator: "\n").first(where: { $0.hasPrefix("Requests/sec:") }),
                        let figure = line.split(separator: " ").last.flatMap({ Double($0) })
                    else { throw ChangeFeedError(.unexpectedAnswer, "The service did not answer every request with 200.") }
                    return figure
                },
            ], rounds: round.rounds)
    }
}
