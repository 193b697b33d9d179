import ArgumentParser
import ChangeFeed
import ChangeFeedSettings
import Postgres

/// `changefeed bench driver`: the Postgres module compared with pgbench, both with prepared statements.
struct BenchDriver: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "driver", abstract: "Compare the Postgres module's queries per second with pgbench's.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var round: RoundOptions

    @Option(help: "Event loops, among which the connections are divided; pgbench gets as many threads.")
    var loops = 1

    @Flag(help: "Measure only the pipeline.")
    var pipelineOnly = false

    func validate() throws {
        guard (1...64).contains(loops) else { throw ValidationError("--loops takes 1 to 64.") }
    }

    private static let tiny = Query("SELECT $1::int4", [.int(1)], name: "bench_tiny", binary: true)
    private static let large = Query(
        "SELECT repeat('x', 1000) FROM generate_series(1, $1::int)", [.int(100)], name: "bench_large", binary: true)
    private static let tinyScript = "\\set n 1\nSELECT :n::int4;\n"
    private static let largeScript = "SELECT repeat('x', 1000) FROM generate_series(1, 100);\n"
    private static let pipelineScript =
        "\\set n 1\n\\startpipeline\n" + String(repeating: "SELECT :n::int4;\n", count: 50) + "\\endpipeline\n"

    func run() async throws {
        let settings = try common.settings().withSearchPath()
        let pgbench = try Pgbench(settings.database)
        let loops = [EventLoop.shared] + (1..<loops).map { EventLoop(name: "bench-loop-\($0)") }
        if !pipelineOnly { try await compareStatements(settings, pgbench, loops) }
        try await comparePipeline(settings, pgbench)
    }

    private func compareStatements(_ settings: Settings, _ pgbench: Pgbench, _ loops: [EventLoop]) async throws {
        for (title, query, script) in [
            ("tiny SELECT", Self.tiny, Self.tinyScript), ("100 KB", Self.large, Self.largeScript),
        ] {
            for clients in [1, 8] {
                let threads = min(clients, loops.count)
                var variants = [
                    Variant(name: "pgbench -M prepared") {
                        try pgbench.run(script, clients: clients, threads: threads, seconds: round.seconds)
                    }
                ]
                let direct = try await DriverClients(
                    settings.database, clients: clients, loops: Array(loops.prefix(threads)))
                variants.append(
                    Variant(name: "connections") {
                        try await direct.run(seconds: round.seconds) { _ = try await $0.query(query) }
                    })
                let pool = ConnectionPool(settings.database, maximumConnections: clients)
                if loops.count == 1 {
                    variants.append(
                        Variant(name: "pool") {
                            try await Clock.perSecond(clients: clients, loops: [.shared], seconds: round.seconds) { _ in
                                _ = try await pool.query(query)
                            }
                        })
                }
                let comparison = try await Comparison(variants, rounds: round.rounds)
                Terminal.line(
                    "\(title), \(clients) connection\(clients == 1 ? "" : "s"), \(threads) thread\(threads == 1 ? "" : "s"):"
                )
                Terminal.lines(comparison.lines(unit: "queries/s") { Figures.fixed($0, 0) })
                await pool.close()
                await direct.close()
            }
        }
    }

    private func comparePipeline(_ settings: Settings, _ pgbench: Pgbench) async throws {
        let clients = try await DriverClients(settings.database, clients: 1, loops: [.shared])
        let batch = (0..<50).map { _ in Self.tiny }
        let comparison = try await Comparison(
            [
                Variant(name: "pgbench \\startpipeline") {
                    50 * (try pgbench.run(Self.pipelineScript, clients: 1, threads: 1, seconds: round.seconds))
                },
                Variant(name: "Connection.pipeline") {
                    50 * (try await clients.run(seconds: round.seconds) { _ = try await $0.pipeline(batch) })
                },
            ], rounds: round.rounds)
        Terminal.line("pipeline of 50, 1 connection:")
        Terminal.lines(comparison.lines(unit: "queries/s") { Figures.fixed($0, 0) })
        await clients.close()
    }
}

/// Connections spread over loops, each used by one task that runs on the connection's own loop.
struct DriverClients {
    private let connections: [Connection]
    private let loops: [EventLoop]

    init(_ configuration: ConnectionConfiguration, clients: Int, loops: [EventLoop]) async throws {
        var connections: [Connection] = []
        for index in 0..<clients {
            connections.append(try await Connection.connect(configuration, on: loops[index % loops.count]))
        }
        self.connections = connections
        self.loops = loops
    }

    /// Calls of the body per second, over all connections.
    func run(seconds: Int, _ body: @escaping @Sendable (Connection) async throws -> Void) async throws -> Double {
        try await Clock.perSecond(clients: connections.count, loops: loops, seconds: seconds) { client in
            try await body(connections[client])
        }
    }

    func close() async {
        for connection in connections { await connection.close() }
    }
}

/// Counts the calls of clients within a time span.
enum Clock {
    /// Calls of the body per second, over all clients. Client n runs on loop n modulo the number of loops.
    static func perSecond(
        clients: Int, loops: [EventLoop], seconds: Int, _ body: @escaping @Sendable (Int) async throws -> Void
    ) async throws -> Double {
        let start = ContinuousClock.now
        let end = start + .seconds(seconds)
        let total = try await withThrowingTaskGroup(of: Int.self) { group in
            for client in 0..<clients {
                group.addTask(executorPreference: loops[client % loops.count]) {
                    var count = 0
                    while ContinuousClock.now < end {
                        try await body(client)
                        count += 1
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        return Double(total) / ((ContinuousClock.now - start) / .seconds(1))
    }
}
