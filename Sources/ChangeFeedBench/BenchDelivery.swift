import ArgumentParser
import ChangeFeed
import ChangeFeedDelivery
import ChangeFeedSettings
import Postgres

/// `changefeed bench delivery`: the figures of webhooks and streams, each with its goal.
struct BenchDelivery: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delivery",
        abstract: "Measure the time from COMMIT to a receiver, deliveries per second, and what endpoints cost.",
        discussion: """
            Delivers changes of res.partner to receivers on this machine, as the user, from this process. No service may deliver \
            meanwhile. It adds copies of a partner, and removes them. For JetStream nats-server and libnats must be installed. \
            Needs a role that may write res_partner and see the sessions of others (a superuser), on the machine of the database.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: "Login of the user whose access rights apply.")
    var user = "admin"

    @Option(help: "Transactions per second.")
    var rate = 100

    @Option(help: "Seconds of transactions.")
    var seconds = 10

    @Option(help: "Deliveries for the rate.")
    var deliveries = 50_000

    @Option(help: "Messages under way.")
    var concurrency = 32

    @Option(help: "Partners that are added, and written at once.")
    var partners = 10_000

    @Option(help: "Events for JetStream; 0 for none.")
    var streamEvents = 200_000

    @Option(help: "Endpoints with filters whose cost is compared with that of one; 0 for none.")
    var endpoints = 100

    @Flag(help: "With the records' data.")
    var data = false

    @Option(help: "Changes while the receiver is away, of --outage-records partners that are added for it. 0: none.")
    var outageChanges = 0

    @Option(help: "How many partners change while the receiver is away.")
    var outageRecords = 10_000

    static let name = "bench"

    func validate() throws {
        guard (1...1_000).contains(rate), (1...3_600).contains(seconds), (1...64).contains(concurrency),
            (10...1_000_000).contains(partners), (0...500).contains(endpoints), deliveries > 0, streamEvents >= 0
        else { throw ValidationError("An option is out of range.") }
    }

    func run() async throws {
        let settings = try common.settings().withSearchPath()
        let connection = try await Connection.connect(settings.database)
        do {
            try await measure(settings, connection)
        } catch {
            Terminal.error("\(error)")
        }
        try await Self.removePartners(connection)
        await connection.close()
    }

    private func measure(_ settings: Settings, _ connection: Connection) async throws {
        let receiver = try await BenchReceiver()
        let bench = try await DeliveryBench(settings)
        var target = EndpointDesk.Draft(
            name: Self.name, url: try WebhookURL(receiver.url, rules: bench.configuration.urls),
            userID: try await bench.desk.user(login: user))
        target.scope.models = ModelName("res.partner").map { [$0] }
        var draft = target
        draft.withData = data
        draft.concurrency = concurrency
        let ids = try await bench.delivering([draft]) {
            let ids = try await seen(connection, receiver, copies: partners)
            try await latency(connection, bench, ids)
            try await throughput(connection, receiver, ids.count)
            if outageChanges > 0, outageRecords > 0 {
                receiver.collects(true)
                try await outage(connection, receiver, ids)
                receiver.collects(false)
            }
            return ids
        }
        if endpoints > 0 {
            try await BenchDeliveryCost(bench: bench, target: target, rate: rate, seconds: seconds).run(
                endpoints, connection, receiver, ids)
        }
        if streamEvents > 0 {
            try await BenchDeliveryStream(bench: bench, userID: target.userID ?? 0, events: streamEvents).run(
                connection, ids)
        }
        await receiver.stop()
        await bench.end()
    }

    private static let copies = "changefeed bench"

    /// Adds copies of a partner that the user sees.
    /// - Returns: the partners of which messages tell when all are written.
    private func seen(_ connection: Connection, _ receiver: BenchReceiver, copies: Int) async throws -> [Int64] {
        try await Self.removePartners(connection)
        receiver.collects(true)
        try await Self.writeAll(connection)
        while await receiver.wait(beyond: receiver.count, atMost: .seconds(5)) != nil {}
        guard let first = receiver.records.first else { throw ValidationError("The user sees no partner.") }
        _ = try await connection.query(
            """
            DO $do$ BEGIN
                EXECUTE (SELECT format('INSERT INTO res_partner (%1$s) SELECT %2$s FROM res_partner, generate_series(1, \(copies)) WHERE id = \(first)',
                    string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum),
                    string_agg(CASE a.attname WHEN 'name' THEN quote_literal('\(Self.copies)') ELSE quote_ident(a.attname) END, ', '
                               ORDER BY a.attnum))
                FROM pg_attribute a
                WHERE a.attrelid = 'res_partner'::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> 'id'
                  AND a.attgenerated = '');
            END $do$
            """)
        while await receiver.wait(beyond: receiver.count, atMost: .seconds(5)) != nil {}
        receiver.collects(false)
        return receiver.records
    }

    private static func removePartners(_ connection: Connection) async throws {
        // Without the foreign keys of a hundred tables, which refer to none of them.
        _ = try await connection.query(
            """
            DO $do$ BEGIN
                PERFORM set_config('session_replication_role', 'replica', true);
                DELETE FROM res_partner WHERE name = '\(copies)';
            END $do$
            """)
    }

    static func writeAll(_ connection: Connection) async throws {
        _ = try await connection.query("UPDATE res_partner SET write_date = now() AT TIME ZONE 'UTC'")
    }

    static func write(_ id: Int64, _ connection: Connection) async throws {
        _ = try await connection.query(
            Query(
                "UPDATE res_partner SET write_date = now() AT TIME ZONE 'UTC' WHERE id = $1::int", [.int(id)],
                name: "bench_change"))
    }

    private func latency(_ connection: Connection, _ bench: DeliveryBench, _ ids: [Int64]) async throws {
        var delays: [Double] = []
        for number in 0..<(rate * seconds) {
            let next = ContinuousClock.now + .seconds(1) / rate
            _ = try await connection.query("BEGIN")
            try await Self.write(ids[number % ids.count], connection)
            let count = bench.events
            let start = ContinuousClock.now
            _ = try await connection.query("COMMIT")
            if let accepted = await bench.wait(beyond: count, atMost: .seconds(5)) {
                delays.append(Figures.milliseconds(accepted - start))
            }
            try await Task.sleep(until: next)
        }
        let p50 = Figures.fixed(Figures.percentile(delays, 0.5), 2)
        let p99 = Figures.fixed(Figures.percentile(delays, 0.99), 2)
        Terminal.line(
            "COMMIT to 2xx, \(rate) transactions/s: p50 \(p50) ms, p99 \(p99) ms (goal: 5 and 25), \(delays.count) of \(rate * seconds)"
        )
    }

    private func throughput(_ connection: Connection, _ receiver: BenchReceiver, _ partners: Int) async throws {
        var (delivered, busy) = (0, Duration.zero)
        while delivered < deliveries {
            let before = receiver.count
            try await Self.writeAll(connection)
            let start = ContinuousClock.now
            var last = start
            while receiver.count - before < partners, .now - start < .seconds(120) {
                last = await receiver.wait(beyond: receiver.count, atMost: .seconds(2)) ?? last
            }
            busy += last - start
            if receiver.count == before { throw ValidationError("No message arrived.") }
            delivered += receiver.count - before
        }
        let perSecond = Figures.fixed(Double(delivered) / (busy / .seconds(1)), 0)
        Terminal.line(
            "deliveries: \(perSecond)/s (goal: 5000), \(delivered) messages\(data ? " with data" : ""), \(partners) partners written at once"
        )
    }
}
