import ArgumentParser
import ChangeFeed
import ChangeFeedSettings
import Postgres

/// `changefeed bench sync devices`: pull and acknowledge with few and with many devices and events, and with a
/// transaction held open; and one device that catches up.
struct BenchSyncDevices: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devices", abstract: "Measure pull and acknowledge with many devices and events, and catching up.",
        discussion: """
            Makes two copies of the database (CREATE DATABASE … TEMPLATE: no one else may be connected to it) and drops them \
            again. Needs a superuser and the id of a user who may read res.partner.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: "Odoo user (res_users.id).")
    var user = 2

    @Option(help: "Devices in the large copy.")
    var devices = 10_000

    @Option(help: "Events in the large copy.")
    var events = 1_000_000

    @Option(help: "Measured pulls and acknowledgements of each variant in each round.")
    var samples = 100

    @Option(help: "Interleaved rounds.")
    var rounds = 5

    func validate() throws {
        guard (10...1_000_000).contains(devices), (10_000...100_000_000).contains(events),
            (1...10_000).contains(samples),
            (1...100).contains(rounds)
        else { throw ValidationError("--devices, --events, --samples or --rounds is out of range.") }
    }

    func run() async throws {
        let settings = try common.settings().withSearchPath()
        try await withTaskExecutorPreference(EventLoop.shared) {
            try await DatabaseCopies.with(["changefeed_bench_small", "changefeed_bench_large"], of: settings) {
                copies in
                try await measure(copies)
            }
        }
    }

    private func measure(_ copies: [ConnectionConfiguration]) async throws {
        let small = try await Connection.connect(copies[0])
        let large = try await Connection.connect(copies[1])
        let holder = try await Connection.connect(copies[1])
        try await fill(small, devices: 10, events: 10_000)
        try await fill(large, devices: devices, events: events)
        var figures = Array(repeating: (pull: [Double](), acknowledge: [Double]()), count: 3)
        for round in -1..<rounds {
            for variant in [0, 1, 2].shuffled() {
                if variant == 2 {
                    try await holder.execute(
                        script: "BEGIN; UPDATE res_partner SET color = 1 WHERE id = (SELECT min(id) FROM res_partner)")
                }
                let connection = variant == 0 ? small : large
                let count = variant == 0 ? 10 : devices
                for _ in 0..<samples {
                    let (pull, acknowledge) = try await sample(connection, device: Int.random(in: 1...count))
                    // The first round warms up.
                    if round >= 0 {
                        figures[variant].pull.append(pull)
                        figures[variant].acknowledge.append(acknowledge)
                    }
                }
                if variant == 2 { try await holder.execute(script: "ROLLBACK") }
            }
        }
        let names = [
            "10 devices, 10,000 events", "\(devices) devices, \(events) events", "the same, a transaction held open",
        ]
        var rows = [["", "pull p50 (ms)", "p99", "acknowledge p50 (ms)", "p99"]]
        for (name, figure) in zip(names, figures) {
            rows.append(
                [name]
                    + [figure.pull, figure.acknowledge].flatMap { values in
                        [0.5, 0.99].map { Figures.fixed(Figures.percentile(values, $0), 2) }
                    })
        }
        Terminal.lines(TextTable.align(rows))
        try await catchUp(large)
        await small.close()
        await large.close()
        await holder.close()
    }

    /// A log of single changes, ten records per statement and a hundred statements per transaction, and devices that
    /// have settled all of it.
    private func fill(_ connection: Connection, devices: Int, events: Int) async throws {
        // Most of the events are of nonexistent records: `changefeed bench access` measures record rules.
        try await connection.execute(
            script: """
                UPDATE ir_rule SET active = false WHERE model_id IN (SELECT id FROM ir_model WHERE model = 'res.partner');
                SELECT changefeed.check_identity(); SET synchronous_commit = off
                """)
        for _ in 0..<(events / 1_000) {
            _ = try await connection.query(
                Query(
                    """
                    INSERT INTO changefeed.event (slot, epoch, xid, model, event, occurred_at, ids)
                    SELECT c.slot, c.epoch, pg_current_xact_id(), 'res.partner', 'write', clock_timestamp(),
                           ARRAY(SELECT (random() * 1000000)::bigint + s * 0 FROM generate_series(1, 10))
                    FROM changefeed.control c, generate_series(1, 100) s
                    """, name: "bench_fill"))
        }
        for device in 1...devices {
            _ = try await connection.query(
                Query(
                    "SELECT changefeed.reset_device($1, $2, 'now', NULL, 1000000)",
                    [.int(user), .text("bench \(device)")],
                    name: "bench_device"))
        }
        // Each on its own: VACUUM runs in no transaction.
        for statement in [
            "RESET synchronous_commit", "ANALYZE changefeed.event", "VACUUM ANALYZE changefeed.device", "CHECKPOINT",
        ] {
            _ = try await connection.query(statement)
        }
    }

    /// One change, and the pull and the acknowledgement of one device, which had settled everything before.
    private func sample(_ connection: Connection, device: Int) async throws -> (Double, Double) {
        let name = Parameter.text("bench \(device)")
        let pull = Query(
            "SELECT next_sync_token, entries FROM changefeed.pull($1, $2, 'all', ARRAY['res.partner'], NULL, 500, false)",
            [.int(user), name],
            name: "bench_pull")
        while true {
            guard let row = try await connection.query(pull).first, try row["entries"].int() > 0 else { break }
            _ = try await connection.query(acknowledgement(name, try row["next_sync_token"].string()))
        }
        _ = try await connection.query(
            Query(
                "UPDATE res_partner SET write_date = now() AT TIME ZONE 'UTC' WHERE id IN (SELECT id FROM res_partner ORDER BY id DESC LIMIT 5)",
                name: "bench_change"))
        let start = ContinuousClock.now
        let token = try await connection.query(pull).first?["next_sync_token"].string() ?? ""
        let pulled = ContinuousClock.now
        _ = try await connection.query(acknowledgement(name, token))
        return (Figures.milliseconds(pulled - start), Figures.milliseconds(.now - pulled))
    }

    private func acknowledgement(_ device: Parameter, _ token: String) -> Query {
        Query(
            "SELECT acknowledged FROM changefeed.acknowledge($1, $2, NULL, $3)", [.int(user), device, .text(token)],
            name: "bench_ack")
    }

    /// One device that begins with the oldest event of the large copy.
    private func catchUp(_ connection: Connection) async throws {
        let name = Parameter.text("bench late")
        _ = try await connection.query(
            "SELECT changefeed.reset_device($1, $2, 'earliest', NULL, 1000000)", [.int(user), name])
        let start = ContinuousClock.now
        var records: Int64 = 0
        var pulls = 0
        while true {
            let rows = try await connection.query(
                Query(
                    "SELECT next_sync_token, entries FROM changefeed.pull($1, $2, 'all', ARRAY['res.partner'], NULL, 500, false)",
                    [.int(user), name], name: "bench_pull"))
            guard let row = rows.first, try row["entries"].int() > 0 else { break }
            records += try row["entries"].int()
            pulls += 1
            _ = try await connection.query(acknowledgement(name, try row["next_sync_token"].string()))
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        Terminal.line(
            "a device \(events) events behind: \(records) entries in \(pulls) pulls without data, \(Figures.fixed(Double(records) / seconds, 0)) a second"
        )
    }
}
