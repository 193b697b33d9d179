import ArgumentParser
import AsyncHTTPClient
import ChangeFeed
import ChangeFeedSettings
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization

/// `changefeed bench flood`: the effect of a flood of wrong keys with a valid prefix on a valid client.
struct BenchFlood: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flood", abstract: "Measure a valid client's latency, alone and during a flood of wrong API keys.",
        discussion: """
            The service must run without rate limits (CHANGEFEED_RATE_LIMIT_EVENTS=0) on this machine. Wrong keys share \
            the first eight characters of the right one, so that each may have to be hashed.
            """)

    @Option(help: "URL of the service.")
    var url = "http://127.0.0.1:8000"

    @Option(help: "An Odoo API key of the throw-away database.")
    var key: String

    @Option(help: "Wrong keys per second.")
    var rate = 1_000

    @Option(help: "Seconds of each part.")
    var seconds = 20

    @Option(help: "Process id of the service, to show its memory.")
    var pid: Int?

    func validate() throws {
        guard ApiKey(key) != nil else {
            throw ValidationError("--key takes an Odoo API key: 40 characters of 0-9 and a-f.")
        }
        guard (1...100_000).contains(rate), (1...600).contains(seconds) else {
            throw ValidationError("--rate takes 1 to 100000, --seconds 1 to 600.")
        }
    }

    func run() async throws {
        let client = HTTPClient(eventLoopGroupProvider: .singleton)
        do {
            try await measure(client)
            try await client.shutdown()
        } catch {
            try await client.shutdown()
            throw error
        }
    }

    private func measure(_ client: HTTPClient) async throws {
        for _ in 0..<100 { _ = try await ask(client, key) }
        let before = memory
        let quiet = try await goodClient(client)
        let statuses = Tally()
        let flooded = try await withThrowingTaskGroup(of: [Double].self) { group in
            group.addTask { try await goodClient(client) }
            group.addTask {
                try await flood(client, statuses)
                return []
            }
            return try await group.reduce(into: [Double]()) { $0 += $1 }
        }
        func row(_ name: String, _ values: [Double]) -> [String] {
            [name] + [0.5, 0.99].map { Figures.fixed(Figures.percentile(values, $0), 2) } + ["\(values.count)"]
        }
        Terminal.lines(
            TextTable.align([
                ["good client", "p50 (ms)", "p99 (ms)", "count"], row("quiet", quiet), row("flooded", flooded),
            ]))
        let answers = statuses.counts.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }
        Terminal.line("wrong keys: " + answers.joined(separator: ", "))
        Terminal.line(
            "p99 ratio: \(Figures.fixed(Figures.percentile(flooded, 0.99) / Figures.percentile(quiet, 0.99), 2))")
        if let before, let after = memory { Terminal.line("resident memory: \(before) kB before, \(after) kB after") }
    }

    /// Sends a hundred requests per second.
    private func goodClient(_ client: HTTPClient) async throws -> [Double] {
        let start = ContinuousClock.now
        var latencies: [Double] = []
        for number in 0..<(seconds * 100) {
            try await Task.sleep(until: start + .milliseconds(10) * number, clock: .continuous)
            let asked = ContinuousClock.now
            guard try await ask(client, key) == 200 else {
                throw ChangeFeedError(.unexpectedAnswer, "The service did not answer the good client with 200.")
            }
            latencies.append(Figures.milliseconds(.now - asked))
        }
        return latencies
    }

    private func flood(_ client: HTTPClient, _ statuses: Tally) async throws {
        let start = ContinuousClock.now
        try await withThrowingDiscardingTaskGroup { group in
            for number in 0..<(seconds * rate) {
                try await Task.sleep(until: start + .seconds(1) * number / rate, clock: .continuous)
                let wrong =
                    key.prefix(8) + String(UInt64.random(in: .min ... .max), radix: 16)
                    + String(repeating: "0", count: 32)
                group.addTask { statuses.count(try await ask(client, String(wrong.prefix(40)))) }
            }
        }
    }

    private func ask(_ client: HTTPClient, _ key: String) async throws -> UInt {
        var request = HTTPClientRequest(url: url + "/api/v1/webhook/events?limit=10")
        request.headers = ["Authorization": "Bearer \(key)"]
        let response = try await client.execute(request, timeout: .seconds(10))
        _ = try await response.body.collect(upTo: 1_000_000)
        return response.status.code
    }

    /// Resident memory of the service in kB.
    private var memory: String? {
        guard let pid else { return nil }
        let lines = ((try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? "").split(separator: "\n")
        return lines.first { $0.hasPrefix("VmRSS:") }?.split(separator: " ").dropFirst().first.map(String.init)
    }

    /// The number of answers per status.
    private final class Tally: Sendable {
        private let state = Mutex<[UInt: Int]>([:])

        var counts: [UInt: Int] { state.withLock { $0 } }

        func count(_ status: UInt) { state.withLock { $0[status, default: 0] += 1 } }
    }
}
