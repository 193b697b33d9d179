import AsyncHTTPClient
import ChangeFeed
import ChangeFeedSettings
import Foundation
import Postgres

/// Many devices that poll and get nothing new: the processor time of the database and of the service.
struct BenchCostDevices {
    let count: Int
    let every: Int
    let seconds: Int
    let pid: Int?
    let service: BenchServiceOptions

    private static let prefix = "changefeed-bench-idle-"
    /// Concurrent requests.
    private static let lanes = 16

    func run(_ client: HTTPClient, _ connection: Connection) async throws {
        var tokens: [String] = []
        for lane in stride(from: 0, to: count, by: Self.lanes) {
            tokens += try await all(lane..<min(lane + Self.lanes, count)) { number in
                _ = try await service.ask(
                    client, "/api/v2/sync/reset", post: ["device_id": "\(Self.prefix)\(number)", "to": "now"])
                return try await token(client, number, nil)
            }
        }
        // Each once, to get the state with which it polls; then once more, which is cached.
        for _ in 0..<2 { tokens = try await poll(client, tokens, within: .seconds(every)) }
        let (before, own) = try await (database(connection), pid.map { ProcessorTime.of([$0]) } ?? 0)
        let start = ContinuousClock.now
        var rounds = 0
        while ContinuousClock.now - start < .seconds(seconds) {
            tokens = try await poll(client, tokens, within: .seconds(every))
            rounds += 1
        }
        let wall = Figures.milliseconds(.now - start)
        let shares = try await ((database(connection) - before) / wall, (pid.map { ProcessorTime.of([$0]) } ?? 0) - own)
        Terminal.line(
            "\(count) devices, each every \(every) s, \(rounds) rounds: \(Figures.fixed(shares.0 * 100, 1)) % of a processor in the database, "
                + (pid == nil ? "-" : Figures.fixed(shares.1 / wall * 100, 1)) + " % in the service")
        _ = try await connection.query(
            "DELETE FROM changefeed.device WHERE device_id LIKE $1", [.text(Self.prefix + "%")])
    }

    /// One round, spread over its time.
    private func poll(_ client: HTTPClient, _ tokens: [String], within time: Duration) async throws -> [String] {
        let start = ContinuousClock.now
        var next: [String] = []
        for lane in stride(from: 0, to: count, by: Self.lanes) {
            try await Task.sleep(until: start + time * (Double(lane) / Double(count)))
            next += try await all(lane..<min(lane + Self.lanes, count)) { try await token(client, $0, tokens[$0]) }
        }
        try await Task.sleep(until: start + time)
        return next
    }

    private func all(_ numbers: Range<Int>, _ body: @escaping @Sendable (Int) async throws -> String) async throws
        -> [String]
    {
        try await withThrowingTaskGroup(of: (Int, String).self) { group in
            for number in numbers { group.addTask { (number, try await body(number)) } }
            var answers: [(Int, String)] = []
            for try await answer in group { answers.append(answer) }
            return answers.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func token(_ client: HTTPClient, _ number: Int, _ token: String?) async throws -> String {
        let answer = try await service.ask(
            client,
            "/api/v2/sync/pull?device_id=\(Self.prefix)\(number)&models=res.partner&start=now"
                + (token.map { "&sync_token=" + $0 } ?? ""))
        guard let next = answer["next_sync_token"] as? String, answer["has_update"] as? Bool == false else {
            throw ChangeFeedError(
                .unexpectedAnswer, "A device received changes: does another client write res_partner?")
        }
        return next
    }

    /// Of the service's sessions.
    private func database(_ connection: Connection) async throws -> Double {
        ProcessorTime.of(try await ProcessorTime.sessions(connection))
    }
}
