import ArgumentParser
import ChangeFeed
import ChangeFeedSettings
import Foundation
import Postgres
import Synchronization

/// `changefeed bench sync scopes`: changes to many streams that do not all follow the same, each checked against record
/// rules.
struct BenchSyncScopes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scopes",
        abstract: "Changes under record rules to many streams in many scopes: hints a second, and how late.",
        discussion: """
            Each scope follows sale.order and others of the models named; the key's user needs an order of their own, \
            and record rules on orders. The service must let one user and one address have that many streams \
            (CHANGEFEED_MAX_STREAMS_PER_USER, CHANGEFEED_MAX_CONNECTIONS, CHANGEFEED_MAX_CONNECTIONS_PER_ADDRESS), and \
            have no rate limits for devices and users.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var service: BenchServiceOptions

    @Option(help: "Streams.")
    var devices = 10_000

    @Option(help: "Scopes; at most 2 to the number of models.")
    var scopes = 50

    @Option(help: "Changes a second.")
    var rate = 10

    @Option(help: "Seconds of changes.")
    var seconds = 10

    @Option(help: "Models beside sale.order.")
    var models = "res.partner,product.template,product.product,product.category,account.move,stock.picking"

    /// The changes, in the order of their ids.
    private final class Changes: Sendable {
        struct Known: Sendable {
            var ids: [Int64] = []
            var committed: [ContinuousClock.Instant] = []
        }

        let known = Mutex(Known())

        func add(_ id: Int64) {
            known.withLock {
                $0.ids.append(id)
                $0.committed.append(.now)
            }
        }
    }

    func run() async throws {
        let others = models.split(separator: ",").map(String.init)
        guard scopes <= 1 << others.count else { throw ValidationError("So many scopes need more --models.") }
        let settings = try common.settings().withSearchPath()
        let connection = try await Connection.connect(settings.database)
        let user = try await service.proof(on: connection).user
        let client = try StreamClient(try service.address(), key: service.key, streams: devices) { number in
            ["sale.order"] + others.indices.filter { (number % scopes) >> $0 & 1 == 1 }.map { others[$0] }
        }
        client.read(until: .now + .seconds(2)) { _, _ in true }
        let changes = Changes()
        var delays: [Double] = []
        var hints = 0
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await change(connection, Int64(user), changes) }
            read(client, until: start + .seconds(seconds + 2), changes) { delay, count in
                delays.append(delay)
                hints += count
            }
            try await group.waitForAll()
        }
        client.close()
        await connection.close()
        Terminal.line(
            "\(devices) streams in \(scopes) scopes, \(rate) changes/s: "
                + "\(hints / seconds) hints/s of \(devices * rate), "
                + "p50 \(Figures.fixed(Figures.percentile(delays, 0.5), 1)) ms, "
                + "p99 \(Figures.fixed(Figures.percentile(delays, 0.99), 1)) ms")
    }

    private func change(_ connection: Connection, _ user: Int64, _ changes: Changes) async throws {
        let start = ContinuousClock.now
        for number in 0..<(rate * seconds) {
            try await Task.sleep(until: start + .seconds(1) * number / rate)
            _ = try await connection.query("BEGIN")
            _ = try await connection.query(
                Query(
                    """
                    UPDATE sale_order SET write_date = now() AT TIME ZONE 'UTC'
                    WHERE id = (SELECT min(id) FROM sale_order WHERE user_id = $1::int)
                    """, [.int(user)], name: "bench_order"))
            let newest = try await connection.query(
                Query("SELECT max(id) * \(LogEntry.eventsPerRow) AS id FROM changefeed.event", name: "bench_event"))
            let id = try newest[0]["id"].int()
            // Known before the hint can come.
            changes.add(id)
            _ = try await connection.query("COMMIT")
        }
    }

    /// Reads hints; each says of how many changes it is, the first of which is the one that came late.
    private func read(
        _ client: StreamClient, until deadline: ContinuousClock.Instant, _ changes: Changes,
        _ note: (Double, Int) -> Void
    ) {
        var known = Changes.Known()
        client.read(until: deadline) { _, bytes in
            let now = ContinuousClock.now
            var rest = bytes
            while let place = StreamClient.position(of: "event: change\nid: ", in: rest) {
                rest = UnsafeRawBufferPointer(rebasing: rest[(place + 18)...])
                let id = Int64(Self.number(rest[...]))
                guard let at = StreamClient.position(of: "\"sale.order\":", in: rest) else { continue }
                let count = Self.number(rest[(at + 13)...])
                if known.ids.last.map({ $0 < id }) ?? true { known = changes.known.withLock { $0 } }
                guard let index = known.ids.lastIndex(of: id), index + 1 >= count, count > 0 else { continue }
                note(Figures.milliseconds(now - known.committed[index + 1 - count]), count)
            }
            return true
        }
    }

    private static func number(_ bytes: Slice<UnsafeRawBufferPointer>) -> Int {
        var value = 0
        for byte in bytes {
            guard byte >= 48, byte <= 57 else { break }
            value = value * 10 + Int(byte - 48)
        }
        return value
    }
}
