import ArgumentParser
import ChangeFeed
import ChangeFeedSettings
import Postgres
import Synchronization

/// `changefeed bench latency`: from COMMIT to a subscriber of this process, compared with a bare LISTEN.
struct BenchLatency: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "latency", abstract: "Measure the time from COMMIT to the subscriber, and that of a bare LISTEN.",
        discussion: "Changes and notifications alternate, so that both run under the same conditions.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var tables: BenchTableOptions

    @Option(help: "Transactions per second.")
    var rate = 100

    @Option(help: "Seconds.")
    var seconds = 20

    private static let channel = "changefeed_bench"

    func run() async throws {
        let settings = try common.settings().withSearchPath()
        try await BenchTables.with(settings.database, tables) { bench in
            try await measure(bench, settings)
        }
    }

    private func measure(_ bench: BenchTables, _ settings: Settings) async throws {
        let arrivals = Arrivals()
        let tailer = Tailer(Tailer.Configuration(connection: settings.listen)) { batch in
            for entry in batch.entries where entry.model == "bench.captured" {
                for record in entry.recordIDs { arrivals.note(record) }
            }
        }
        let (heard, says) = AsyncStream<Void>.makeStream()
        let listening = Task {
            for await element in Listener(settings.listen, channels: [Self.channel]) {
                if case .notification(let message) = element, let number = Int64(message.payload) {
                    arrivals.note(-number)
                }
                if case .listening = element { says.yield() }
            }
        }
        let following = Task { try await tailer.run() }
        var ready = heard.makeAsyncIterator()
        _ = await ready.next()
        while await !tailer.health().ready { try await Task.sleep(for: .milliseconds(10)) }

        var changes: [Double] = []
        var notifications: [Double] = []
        var lost = 0
        let writer = bench.connection
        for number in 1...Int64(rate * seconds) {
            let next = ContinuousClock.now + .seconds(1) / rate
            let isChange = number % 2 == 0
            let record = number % Int64(bench.rows) + 1
            _ = try await writer.query("BEGIN")
            // Both write, so that both commits wait for the disk.
            _ = try await bench.update(isChange ? "captured" : "bare", from: Int(record), count: 1)
            if !isChange {
                _ = try await writer.query("SELECT pg_notify($1, $2)", [.text(Self.channel), .text(String(record))])
            }
            arrivals.expect(isChange ? record : -record)
            let start = ContinuousClock.now
            _ = try await writer.query("COMMIT")
            if let arrival = await arrivals.wait(atMost: .seconds(5)) {
                let delay = Figures.milliseconds(arrival - start)
                if isChange { changes.append(delay) } else { notifications.append(delay) }
            } else {
                lost += 1
            }
            try await Task.sleep(until: next)
        }
        listening.cancel()
        following.cancel()
        _ = await following.result
        func row(_ name: String, _ values: [Double]) -> [String] {
            [name] + [0.5, 0.9, 0.99, 1].map { Figures.fixed(Figures.percentile(values, $0), 2) } + ["\(values.count)"]
        }
        Terminal.line("From sending COMMIT to the subscriber, \(rate) transactions/s:")
        Terminal.lines(
            TextTable.align([
                ["", "p50 (ms)", "p90 (ms)", "p99 (ms)", "max (ms)", "count"],
                row("LISTEN alone", notifications), row("the feed", changes),
            ]))
        if lost > 0 { throw ChangeFeedError(.unexpectedAnswer, "\(lost) transactions did not arrive within 5 s.") }
    }
}

/// When the expected item arrived.
private final class Arrivals: Sendable {
    private struct State {
        var expected: Int64?
        var arrival: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    private let bell = WakeUp()

    func expect(_ number: Int64) {
        state.withLock { $0 = State(expected: number) }
    }

    func note(_ number: Int64) {
        let isExpected = state.withLock { state in
            guard state.expected == number, state.arrival == nil else { return false }
            state.arrival = .now
            return true
        }
        if isExpected { bell.ring() }
    }

    func wait(atMost limit: Duration) async -> ContinuousClock.Instant? {
        let deadline = ContinuousClock.now + limit
        // The bell may have rung for an earlier item.
        while state.withLock({ $0.arrival }) == nil {
            guard await bell.wait(atMost: deadline - .now) == .rung else { break }
        }
        return state.withLock { $0.arrival }
    }
}

/// `changefeed bench throughput`: how many changes per second reach a subscriber, and its lag.
struct BenchThroughput: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "throughput", abstract: "Measure changed rows per second from commit to subscriber, and the lag.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var tables: BenchTableOptions

    @Option(help: "Rows per statement.")
    var batch = 500

    @Option(help: "Concurrent writers.")
    var writers = 2

    @Option(help: "Seconds.")
    var seconds = 20

    func run() async throws {
        let settings = try common.settings().withSearchPath()
        try await BenchTables.with(settings.database, tables) { bench in
            try await measure(bench, settings)
        }
    }

    private func measure(_ bench: BenchTables, _ settings: Settings) async throws {
        let delivered = Mutex((events: 0, lags: [Double]()))
        let tailer = Tailer(Tailer.Configuration(connection: settings.listen)) { batch in
            guard let newest = batch.entries.last else { return }
            let lag = Double(Timestamp.now.microseconds - newest.occurredAt) / 1_000
            delivered.withLock { state in
                state.events += batch.entries.reduce(0) { $0 + $1.recordIDs.count }
                state.lags.append(lag)
            }
        }
        let following = Task { try await tailer.run() }
        while await !tailer.health().ready { try await Task.sleep(for: .milliseconds(10)) }
        let start = ContinuousClock.now
        let pgbench = try Pgbench(settings.database)
        let span = bench.rows - batch
        let script = """
            \\set first random(1, \(max(1, span)))
            UPDATE changefeed_bench.captured SET write_date = now() AT TIME ZONE 'UTC' WHERE id BETWEEN :first AND :first + \(batch - 1);

            """
        let statements = try await Task(executorPreference: globalConcurrentExecutor) {
            try pgbench.run(script, clients: writers, threads: 1, seconds: seconds)
        }.value
        let elapsed = (ContinuousClock.now - start) / .seconds(1)
        let during = delivered.withLock { $0 }
        following.cancel()
        _ = await following.result
        Terminal.lines(
            TextTable.align([
                [
                    "rows written",
                    "\(Figures.fixed(statements * Double(batch), 0))/s, \(writers) writers, \(batch) rows a statement",
                ],
                ["rows delivered", "\(Figures.fixed(Double(during.events) / elapsed, 0))/s"],
                [
                    "lag (statement to subscriber)",
                    "p50 \(Figures.fixed(Figures.percentile(during.lags, 0.5), 1)) ms, p99 \(Figures.fixed(Figures.percentile(during.lags, 0.99), 1)) ms, max \(Figures.fixed(during.lags.max() ?? 0, 1)) ms",
                ],
            ]))
    }
}
