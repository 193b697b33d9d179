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
        let client = try StreamClient(host, key: service.key, streams: 1)
        _ = client.wait(for: 1, atMost: .seconds(2))
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
            "COMMIT to hint, \(rate) transactions/s: p50 \(Figures.fixed(Figures.percentile(delays, 0.5), 2)) ms, p99 \(Figures.fixed(Figures.percentile(delays, 0.99), 2)) ms, \(delays.count) of \(rate * seconds)")
    }

    private func idle(_ connection: Connection, _ host: (name: String, port: UInt16)) async throws {
        let before = residentBytes()
        let client = try StreamClient(host, key: service.key, streams: streams)
        _ = client.wait(for: streams, atMost: .seconds(30))
        try await Task.sleep(for: .seconds(2))
        client.forget()
        let during = residentBytes()
        if pid > 0 {
            Terminal.line(
                "\(streams) idle streams: \(Figures.fixed(Double(during - before) / Double(streams) / 1_024, 1)) KB of resident memory each (\(before / 1_048_576) to \(during / 1_048_576) MB)")
        }
        var times: [Double] = []
        for _ in 0..<10 {
            client.forget()
            let start = try await change(connection)
            if let last = client.wait(for: streams, atMost: .seconds(10)) { times.append(Figures.milliseconds(last - start)) }
            try await Task.sleep(for: .milliseconds(500))
        }
        Terminal.line(
            "one change to \(streams) streams: the last receives it after p50 \(Figures.fixed(Figures.median(times), 1)) ms, max \(Figures.fixed(times.max() ?? 0, 1)) ms, \(times.count) of 10")
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

/// Many connections that each read one stream, with poll(2), and record when a hint arrived.
private final class StreamClient {
    private var sockets: [Int32] = []
    private var isTold: [Bool] = []
    private var told = 0

    init(_ host: (name: String, port: UInt16), key: String, streams: Int) throws {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = host.port.bigEndian
        guard inet_pton(AF_INET, host.name, &address.sin_addr) == 1 else {
            throw ValidationError("--url takes an IPv4 address here.")
        }
        for number in 0..<streams {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            let status = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            guard descriptor >= 0, status == 0 else {
                throw ChangeFeedError(.unexpectedAnswer, "Connection \(number) was not accepted.")
            }
            let request =
                "GET /api/v2/sync/stream?models=res.partner&device_id=bench%20\(number) HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer \(key)\r\n\r\n"
            _ = request.withCString { send(descriptor, $0, request.utf8.count, 0) }
            sockets.append(descriptor)
            // A few at a time, or the backlog overflows.
            if number % 100 == 99 { usleep(50_000) }
        }
        isTold = Array(repeating: false, count: streams)
    }

    /// Resets the count of hints.
    func forget() {
        _ = wait(for: Int.max, atMost: .milliseconds(20))
        isTold = Array(repeating: false, count: sockets.count)
        told = 0
    }

    /// Reads until this many streams got a hint; returns the time of the last one.
    func wait(for count: Int, atMost limit: Duration) -> ContinuousClock.Instant? {
        let deadline = ContinuousClock.now + limit
        var list = sockets.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while told < count {
            let left = Int32(max(0, (deadline - .now) / .milliseconds(1)))
            guard poll(&list, nfds_t(list.count), left) > 0 else { return nil }
            for index in list.indices where list[index].revents != 0 {
                let length = recv(list[index].fd, &buffer, buffer.count, 0)
                guard length > 0 else {
                    list[index].fd = -1
                    continue
                }
                let text = String(decoding: buffer[0..<length], as: UTF8.self)
                if !isTold[index], text.contains("event: change") {
                    isTold[index] = true
                    told += 1
                }
            }
        }
        return .now
    }

    func close() { for socket in sockets { Glibc.close(socket) } }
}
