import ArgumentParser
import ChangeFeed
import ChangeFeedSettings
import Postgres

/// `changefeed bench capture`: the cost that the triggers add to an UPDATE.
struct BenchCapture: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "capture", abstract: "Measure an UPDATE with the feed's triggers and without.",
        discussion: """
            Captured and bare statements take turns on one connection, each in its own transaction; then pgbench clients run, \
            whose processor time is counted where the server runs on this machine.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var tables: BenchTableOptions

    @Option(help: "Pairs of single-row UPDATEs.")
    var pairs = 5_000

    @Option(help: "Pairs of 2,000-row UPDATEs.")
    var bulkPairs = 40

    @Option(help: "Pairs of UPDATEs of every row; give --rows 1000000 with it.")
    var wholePairs = 0

    @Option(help: "Numbers of pgbench clients that write single rows, separated by commas; 0 for none.")
    var clients = "1,32"

    @Option(help: "Rounds of the clients, each with a slice per copy.")
    var rounds = 20

    @Option(help: "Seconds of a slice.")
    var slice = 1.0

    @Option(help: "A boolean column that each UPDATE also changes, such as active, which record rules read.")
    var toggle: String?

    /// - Throws: `ValidationError` for anything but a number of clients.
    private func numbersOfClients() throws -> [Int] {
        try clients.split(separator: ",").map { part in
            guard let number = Int(part.filter { $0 != " " }), (0...1_000).contains(number) else {
                throw ValidationError("--clients takes numbers from 0 to 1000, separated by commas.")
            }
            return number
        }.filter { $0 > 0 }
    }

    func validate() throws {
        _ = try numbersOfClients()
        guard (1...1_000).contains(rounds) else { throw ValidationError("--rounds takes 1 to 1000.") }
        guard (0.2...60).contains(slice) else { throw ValidationError("--slice takes 0.2 to 60.") }
    }

    func run() async throws {
        let settings = try common.settings().withSearchPath()
        try await BenchTables.with(settings.database, tables) { bench in
            let toggled: String? = if let toggle { try await bench.booleanColumn(toggle) } else { nil }
            if pairs > 0 { try await report(bench, count: 1, pairs: pairs, toggling: toggled) }
            if bulkPairs > 0 { try await report(bench, count: 2_000, pairs: bulkPairs, toggling: toggled) }
            for number in try numbersOfClients() { try await report(bench, settings.database, clients: number) }
            if wholePairs > 0 {
                let before = try await logSize(bench)
                try await report(bench, count: tables.rows, pairs: wholePairs, toggling: toggled)
                let after = try await logSize(bench)
                let grown = (after.bytes - before.bytes) / max(1, after.events - before.events)
                Terminal.line("The log with its indexes grew by \(Figures.fixed(grown, 1)) bytes per event.")
            }
        }
    }

    private func report(_ bench: BenchTables, _ configuration: ConnectionConfiguration, clients: Int) async throws {
        let (bare, captured) = try await CaptureClients(
            connection: bench.connection, configuration: configuration, rows: bench.rows, clients: clients
        ).measure(rounds: rounds, seconds: slice)
        func row(_ name: String, _ slices: [CaptureClients.Slice]) -> [String] {
            let isHere = slices.allSatisfy { $0.processor > 0 } && bare.allSatisfy { $0.processor > 0 }
            return [
                name, isHere ? Figures.fixed(Figures.median(slices.map(\.processor)), 0) : "-",
                isHere ? Figures.fixed(Figures.median(zip(slices, bare).map { $0.processor / $1.processor }), 2) : "-",
                Figures.fixed(Figures.median(slices.map(\.commitsPerSecond)), 0),
                Figures.fixed(Figures.median(zip(slices, bare).map { $1.commitsPerSecond / $0.commitsPerSecond }), 2),
            ]
        }
        Terminal.line("\(clients) client\(clients == 1 ? "" : "s") of pgbench, UPDATE of 1 row each, \(rounds) rounds:")
        Terminal.lines(
            TextTable.align([
                ["", "processor time of the backends (µs)", "ratio", "commits/s", "bare to it"], row("bare", bare),
                row("captured", captured),
            ]))
    }

    /// Bytes of the log with its indexes, and the events in it.
    private func logSize(_ bench: BenchTables) async throws -> (bytes: Double, events: Double) {
        let rows = try await bench.connection.query(
            """
            SELECT (SELECT sum(pg_total_relation_size(changefeed.slot_table(s.slot))) FROM changefeed.slot s)::float8 AS bytes,
                   (SELECT coalesce(sum(cardinality(e.ids)), 0) FROM changefeed.event e)::float8 AS events
            """)
        guard let row = rows.first else { throw ChangeFeedError(.unexpectedAnswer, "The log has no size.") }
        return (try row["bytes"].double(), try row["events"].double())
    }

    private func report(_ bench: BenchTables, count: Int, pairs: Int, toggling toggled: String?) async throws {
        var bare: [Double] = []
        var captured: [Double] = []
        var ratios: [Double] = []
        var random = SystemRandomNumberGenerator()
        // The first tenth warms up.
        for pair in 0..<(pairs + max(1, pairs / 10)) {
            let first = Int.random(in: 1...max(1, bench.rows - count + 1), using: &random)
            var times: [String: Double] = [:]
            for copy in ["bare", "captured"].shuffled() {
                times[copy] = Figures.milliseconds(
                    try await bench.update(copy, from: first, count: count, toggling: toggled))
            }
            guard pair >= max(1, pairs / 10), let without = times["bare"], let with = times["captured"] else {
                continue
            }
            bare.append(without)
            captured.append(with)
            ratios.append(with / without)
        }
        let (without, with) = (Figures.median(bare), Figures.median(captured))
        Terminal.line("UPDATE of \(count) row\(count == 1 ? "" : "s"), \(pairs) pairs:")
        Terminal.lines(
            TextTable.align([
                ["", "median (ms)", "p90 (ms)", "ratio of medians", "median of ratios"],
                ["bare", Figures.fixed(without, 3), Figures.fixed(Figures.percentile(bare, 0.9), 3), "1.00", "1.00"],
                [
                    "captured", Figures.fixed(with, 3), Figures.fixed(Figures.percentile(captured, 0.9), 3),
                    Figures.fixed(with / without, 2), Figures.fixed(Figures.median(ratios), 2),
                ],
            ]))
    }
}

/// `changefeed bench writers`: the commit rate of many concurrent writers.
struct BenchWriters: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "writers",
        abstract: "Measure commits per second of many writers: no trigger, no bell, our bell, plain NOTIFY.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var tables: BenchTableOptions
    @OptionGroup var round: RoundOptions

    @Option(help: "Concurrent writers.")
    var writers = 32

    func run() async throws {
        let settings = try common.settings().withSearchPath()
        let pgbench = try Pgbench(settings.database)
        try await BenchTables.with(
            settings.database, tables, copies: ["bare", "captured", "silent", "notifying"]
        ) { bench in
            let names = [
                "silent": "capture without a bell", "captured": "capture with the doorbell",
                "notifying": "capture with a NOTIFY each", "bare": "no trigger",
            ]
            let variants = ["silent", "captured", "notifying", "bare"].map { copy in
                Variant(name: names[copy] ?? copy) {
                    try pgbench.run(
                        """
                        \\set id random(1, \(bench.rows))
                        UPDATE changefeed_bench.\(copy) SET write_date = now() AT TIME ZONE 'UTC', color = :id % 7 WHERE id = :id;

                        """, clients: writers, threads: 2, seconds: round.seconds)
                }
            }
            let comparison = try await Comparison(variants, rounds: round.rounds)
            Terminal.line("\(writers) writers, single-row UPDATEs:")
            Terminal.lines(comparison.lines(unit: "commits/s") { Figures.fixed($0, 0) })
        }
    }
}
