import ArgumentParser
import ChangeFeed
import ChangeFeedSettings
import Foundation
import Glibc
import Postgres

/// `changefeed bench sync streams`: from COMMIT to the hint of a stream, many idle streams, and one change to many.
struct BenchSyncStreams: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "streams",
        abstract: "Measure the time from COMMIT to a stream's hint, the memory of idle streams, one change to many.",
        discussion: """
            The service must allow one user and one address that many (CHANGEFEED_MAX_STREAMS_PER_USER, \
            CHANGEFEED_MAX_CONNECTIONS, CHANGEFEED_MAX_CONNECTIONS_PER_ADDRESS), and run without rate limits for devices and users.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var service: BenchServiceOptions

    @Option(help: "Transactions per second.")
    var rate = 100

    @Option(help: "Seconds of transactions.")
    var seconds = 10

    @Option(help: "Idle streams.")
    var streams = 5_000

    @Option(help: "Process id of the service, to measure its memory; 0 skips that.")
    var pid = 0

    func run() async throws {
        let settings = try common.settings().withSearchPath()
        let connection = try await Connection.connect(settings.database)
        let host = try service.address()
        try await latency(connection, host)
        try await idle(connection, host)
        await connection.close()
    }

    private func change(_ connection: Connection) async throws -> ContinuousClock.Instant {
        _ = try await connection.query("BEGIN")
        _ = try await connection.query(
            Query(
                "UPDATE res_partner SET write_date = now() AT TIME ZONE 'UTC' WHERE id = (SELECT min(id) FROM res_partner)",
                name: "bench_change"))
        let start = ContinuousClock.now
        _ = try await connection.query("COMMIT")
        return start
    }

    private func latency(_ connection: Connection, _ host: (name: String, port: UInt16)) async throws {
        let client = ToldStreams(try StreamClient(host, key: service.key, streams: 1), count: 1)
        var delays: [Double] = []
        for _ in 0..<(rate * seconds) {
            let next = ContinuousClock.now + .seconds(1) / rate
            client.forget()
            let start = try await change(connection)
            if let last = client.wait(for: 1, atMost: .seconds(2)) { delays.append(Figures.milliseconds(last - start)) }
            try await Task.sleep(until: next)
        }
        client.close()
        Terminal.line(
            "COMMIT to hint, \(rate) transactions/s: p50 \(Figures.fixed(Figures.percentile(delays, 0.5), 2)) ms, p99 \(Figures.fixed(Figures.percentile(delays, 0.99), 2)) ms, \(delays.count) of \(rate * seconds)"
        )
    }

    private func idle(_ connection: Connection, _ host: (name: String, port: UInt16)) async throws {
        let before = residentBytes()
        let client = ToldStreams(try StreamClient(host, key: service.key, streams: streams), count: streams)
        try await Task.sleep(for: .seconds(2))
        client.forget()
        let during = residentBytes()
        if pid > 0 {
            Terminal.line(
                "\(streams) idle streams: \(Figures.fixed(Double(during - before) / Double(streams) / 1_024, 1)) KB of resident memory each (\(before / 1_048_576) to \(during / 1_048_576) MB)"
            )
        }
        var times: [Double] = []
        for _ in 0..<10 {
            client.forget()
            let start = try await change(connection)
            if let last = client.wait(for: streams, atMost: .seconds(10)) {
                times.append(Figures.milliseconds(last - start))
            }
            try await Task.sleep(for: .milliseconds(500))
        }
        Terminal.line(
            "one change to \(streams) streams: the last receives it after p50 \(Figures.fixed(Figures.median(times), 1)) ms, max \(Figures.fixed(times.max() ?? 0, 1)) ms, \(times.count) of 10"
        )
        client.close()
    }

    private func residentBytes() -> Int {
        guard pid > 0, let text = try? String(contentsOfFile: "/proc/\(pid)/statm", encoding: .utf8) else { return 0 }
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * Int(getpagesize())
    }
}

extension BenchServiceOptions {
    /// Host and port of the URL.
    func address() throws -> (name: String, port: UInt16) {
        guard let url = URL(string: url), url.scheme == "http", let host = url.host else {
            throw ValidationError("--url takes an http URL, such as http://127.0.0.1:8000.")
        }
        return (host, UInt16(url.port ?? 80))
    }
}

/// Which streams heard of a change.
private final class ToldStreams {
    private let client: StreamClient
    private var isTold: [Bool]
    private var told = 0

    init(_ client: StreamClient, count: Int) {
        self.client = client
        isTold = Array(repeating: false, count: count)
    }

    /// Resets the count of hints.
    func forget() {
        _ = wait(for: Int.max, atMost: .milliseconds(20))
        isTold = Array(repeating: false, count: isTold.count)
        told = 0
    }

    /// Reads until this many streams got a hint; returns the time of the last one.
    func wait(for count: Int, atMost limit: Duration) -> ContinuousClock.Instant? {
        client.read(until: .now + limit) { number, bytes in
            if !isTold[number], StreamClient.position(of: "event: change", in: bytes) != nil {
                isTold[number] = true
                told += 1
            }
            return told < count
        }
        return told >= count ? .now : nil
    }

    func close() { client.close() }
}
