import ArgumentParser
import ChangeFeed
import ChangeFeedDelivery
import ChangeFeedSettings
import Postgres
import Synchronization

/// `changefeed bench delivery`: from COMMIT to a webhook's receiver, and how many deliveries a second.
struct BenchDelivery: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delivery",
        abstract: "Measure the time from COMMIT to a webhook's receiver, and deliveries per second.",
        discussion: """
            Delivers changes of res.partner to a receiver in this process, as the user. No service may deliver to the \
            endpoint "bench" meanwhile. For deliveries per second the database should have some thousand partners.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: "Login of the user whose access rights apply.")
    var user = "admin"

    @Option(help: "Transactions per second.")
    var rate = 100

    @Option(help: "Seconds of transactions.")
    var seconds = 10

    @Option(help: "Deliveries for the rate.")
    var deliveries = 20_000

    @Option(help: "Messages under way.")
    var concurrency = 32

    @Flag(help: "With the records' data.")
    var data = false

    @Option(help: "Changes while the receiver is away, of --outage-records partners that are added for it. 0: none.")
    var outageChanges = 0

    @Option(help: "How many partners change while the receiver is away.")
    var outageRecords = 10_000

    private static let name = "bench"

    func run() async throws {
        let settings = try common.settings().withSearchPath()
        let receiver = try await BenchReceiver()
        let pool = ConnectionPool(settings.database, maximumConnections: 4)
        let rules = RecordRules(pool: pool)
        let hints = ChangeHints(sight: ChangeSight(pool: pool, rules: rules))
        let tailer = Tailer(Tailer.Configuration(connection: settings.listen), deliver: { hints.publish($0) })
        let desk = EndpointDesk { try await pool.query($0) }
        let box = try SecretBox(key: String(repeating: "0", count: 64))
        var configuration = DeliveryService.Configuration()
        configuration.box = box
        configuration.urls = WebhookURL.Rules(schemes: ["http"])
        configuration.addresses = AddressPolicy(allow: [try Network("127.0.0.0/8")])
        let delivery = DeliveryService(
            configuration, pool: pool, sync: DeviceSync(pool: pool, rules: rules), hints: hints)
        let following = Task { try await tailer.run() }
        while await !tailer.health().ready { try await Task.sleep(for: .milliseconds(10)) }
        try? await desk.remove(Self.name)
        var draft = EndpointDesk.Draft(
            name: Self.name, url: try WebhookURL(receiver.url, rules: configuration.urls),
            userID: try await desk.user(login: user))
        draft.scope.models = ModelName("res.partner").map { [$0] }
        draft.withData = data
        draft.concurrency = min(64, concurrency)
        _ = try await desk.add(draft, box: box)
        let delivering = Task { try await delivery.run() }
        let connection = try await Connection.connect(settings.database)
        do {
            let ids = try await seen(connection, receiver)
            try await latency(connection, receiver, ids)
            try await throughput(connection, receiver, ids.count)
            if outageChanges > 0, outageRecords > 0 { try await outage(connection, receiver, ids) }
        } catch {
            Terminal.error("\(error)")
        }
        delivering.cancel()
        _ = await delivering.result
        following.cancel()
        _ = await following.result
        try await desk.remove(Self.name)
        await connection.close()
        await receiver.stop()
        await pool.close()
    }

    /// The partners that the user sees: those of which messages tell when all are written.
    private func seen(_ connection: Connection, _ receiver: BenchReceiver) async throws -> [Int64] {
        _ = try await connection.query("UPDATE res_partner SET write_date = now() AT TIME ZONE 'UTC'")
        while await receiver.wait(beyond: receiver.count, atMost: .seconds(5)) != nil {}
        let ids = receiver.records
        guard !ids.isEmpty else { throw ValidationError("The user sees no partner.") }
        return ids
    }

    private func latency(_ connection: Connection, _ receiver: BenchReceiver, _ ids: [Int64]) async throws {
        var delays: [Double] = []
        for number in 0..<(rate * seconds) {
            let next = ContinuousClock.now + .seconds(1) / rate
            _ = try await connection.query("BEGIN")
            _ = try await connection.query(
                Query(
                    "UPDATE res_partner SET write_date = now() AT TIME ZONE 'UTC' WHERE id = $1::int",
                    [.int(ids[number % ids.count])], name: "bench_change"))
            let count = receiver.count
            let start = ContinuousClock.now
            _ = try await connection.query("COMMIT")
            if let arrival = await receiver.wait(beyond: count, atMost: .seconds(5)) {
                delays.append(Figures.milliseconds(arrival - start))
            }
            try await Task.sleep(until: next)
        }
        Terminal.line(
            "COMMIT to the receiver, \(rate) transactions/s: p50 \(Figures.fixed(Figures.percentile(delays, 0.5), 2)) ms, p99 \(Figures.fixed(Figures.percentile(delays, 0.99), 2)) ms, \(delays.count) of \(rate * seconds)"
        )
    }

    private func throughput(_ connection: Connection, _ receiver: BenchReceiver, _ partners: Int) async throws {
        var (delivered, busy) = (0, Duration.zero)
        while delivered < deliveries {
            let before = receiver.count
            let start = ContinuousClock.now
            _ = try await connection.query("UPDATE res_partner SET write_date = now() AT TIME ZONE 'UTC'")
            while receiver.count - before < partners {
                guard ContinuousClock.now - start < .seconds(120) else { break }
                _ = await receiver.wait(beyond: receiver.count, atMost: .seconds(2))
            }
            busy += .now - start
            delivered += receiver.count - before
        }
        Terminal.line(
            "deliveries: \(Figures.fixed(Double(delivered) / (busy / .seconds(1)), 0))/s, \(delivered) messages\(data ? " with data" : ""), \(partners) partners written at once"
        )
    }
}
