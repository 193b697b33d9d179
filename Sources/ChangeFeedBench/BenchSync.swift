import ArgumentParser
import ChangeFeed
import ChangeFeedSettings
import Postgres

/// `changefeed bench sync`: version 2: pulls over HTTP, many devices, streams.
struct BenchSync: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync", abstract: "Measure version 2: pulls over HTTP, many devices, streams.",
        subcommands: [BenchSyncPull.self, BenchSyncDevices.self, BenchSyncStreams.self, BenchSyncScopes.self])
}

/// `changefeed bench sync pull`: a running service under wrk, compared with pgbench with the same statement.
struct BenchSyncPull: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Measure pulls of 100 events with data and pulls with nothing new, and the same SQL in pgbench.",
        discussion: """
            The service must run without rate limits for devices and users (CHANGEFEED_RATE_LIMIT_SYNC_DEVICE=0, \
            CHANGEFEED_RATE_LIMIT_SYNC_USER=0), on the given database, which needs at least 100 partners. Needs a superuser of it.
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
        // One device that has to get everything, and one that has everything.
        _ = try await connection.query(
            "UPDATE res_partner SET write_date = now() AT TIME ZONE 'UTC' WHERE id IN (SELECT id FROM res_partner ORDER BY id LIMIT 100)"
        )
        _ = try await connection.query(
            "SELECT changefeed.reset_device($1::int, 'bench full', 'earliest'), changefeed.reset_device($1::int, 'bench idle', 'now')",
            [.int(proof.user)])
        try await BenchRules.compile(for: Int(proof.user), on: connection)
        let rows = try await connection.query(
            "SELECT entries FROM changefeed.pull($1::int, 'bench full', 'all', ARRAY['res.partner'])",
            [.int(proof.user)])
        Terminal.line("\(try rows.first?["entries"].int() ?? 0) events in a full pull, \(connections) connections")
        for (name, device) in [("with data", "bench full"), ("nothing new", "bench idle")] {
            let script = Self.script(device, proof.values)
            let path = "/api/v2/sync/pull?models=res.partner&device_id=" + device.replacing(" ", with: "%20")
            let comparison = try await service.compare(
                path, script, settings, connections: connections, round: round)
            Terminal.line("GET /api/v2/sync/pull, \(name):")
            Terminal.lines(comparison.lines(unit: "requests/s") { Figures.fixed($0, 0) })
        }
        _ = try await connection.query(
            "SELECT changefeed.forget_device($1::int, 'bench full'), changefeed.forget_device($1::int, 'bench idle')",
            [.int(proof.user)])
        await connection.close()
    }
}

extension BenchSyncPull {
    /// What a pull of this device sends to the database.
    static func script(_ device: String, _ proof: [String: String]) -> String {
        let values = [
            "$8": "'\(device)'", "$9": "'all'", "$10": "ARRAY['res.partner']", "$12": "100", "$13": "true",
            "$16": "false", "$17": "100", "$19": "false", "$20": "'earliest'",
        ]
        return PgbenchScript.text(DeviceSync.pullSQL, proof.merging(values) { $1 })
    }
}

/// A running service and a key that it knows.
struct BenchServiceOptions: ParsableArguments {
    @Option(help: "URL of the service.")
    var url = "http://127.0.0.1:8000"

    @Option(help: "An Odoo API key of the throw-away database.")
    var key: String

    func validate() throws {
        guard ApiKey(key) != nil else {
            throw ValidationError("--key takes an Odoo API key: 40 characters of 0-9 and a-f.")
        }
    }

    /// The user of the key, and values for `CallerProof.sql` that pgbench can send.
    func proof(on connection: Connection) async throws -> (user: Int64, values: [String: String]) {
        let rows = try await connection.query(
            "SELECT k.id, k.user_id, quote_literal(k.key) AS proof FROM res_users_apikeys k WHERE k.index = $1",
            [.text(String(key.prefix(8)))])
        guard let row = rows.first else {
            throw ChangeFeedError(.unexpectedAnswer, "The database does not have this API key.")
        }
        return (
            try row["user_id"].int(),
            ["$1": "'api_key'", "$2": try row["id"].string(), "$3": try row["proof"].string(), "$7": "false"]
        )
    }

    /// pgbench with a script and wrk with a path, interleaved.
    func compare(
        _ path: String, _ script: String, _ settings: Settings, connections: Int, round: RoundOptions
    ) async throws -> Comparison {
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
                    else {
                        throw ChangeFeedError(.unexpectedAnswer, "The service did not answer every request with 200.")
                    }
                    return figure
                },
            ], rounds: round.rounds)
    }
}

/// Statements of the service in pgbench's form.
enum PgbenchScript {
    /// - Parameter values: by parameter ("$1"); one without a value is NULL.
    static func text(_ statement: String, _ values: [String: String]) -> String {
        let sql = statement.replacing(/(\$\d+)::/) { "\(values[String($0.1)] ?? "NULL")::" }
        // pgbench treats a colon before a letter as a variable.
        return sql.replacing("\n", with: " ").replacing(":MI:SS", with: "' || chr(58) || 'MI' || chr(58) || 'SS")
            .replacing("'YYYY-MM-DD", with: "('YYYY-MM-DD").replacing(".US\"Z\"'", with: ".US\"Z\"')") + ";\n"
    }
}
