import ArgumentParser
import ChangeFeed
import ChangeFeedSettings
import OdooAccess
import Postgres

/// `changefeed bench access`: the cost of Odoo's record rules: compilation, pulls, and hints for many devices.
struct BenchAccess: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "access", abstract: "Measure what record rules cost: compilation, pulls, hints for many devices.",
        discussion: """
            Makes two copies of the database (CREATE DATABASE … TEMPLATE: no one else may be connected to it), one without any \
            rule, and drops them again. Needs a superuser, and a user who may read the model.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: "Odoo user (res_users.id).")
    var user = 2

    @Option(help: "Tracked model with its records, such as res.partner or sale.order.")
    var model = "res.partner"

    @Option(help: "Partners to add to the copies, so that the tables are large.")
    var partners = 0

    @Option(help: "Measured pulls of each variant in each round.")
    var samples = 40

    @Option(help: "Interleaved rounds.")
    var rounds = 5

    @Option(help: "Waiting devices.")
    var devices = 1_000

    func validate() throws {
        guard (1...10_000).contains(samples), (1...100).contains(rounds), (0...50_000_000).contains(partners),
            (10...100_000).contains(devices)
        else { throw ValidationError("--samples, --rounds, --partners or --devices is out of range.") }
        guard ModelName(model) != nil else { throw ValidationError("--model takes a model's technical name.") }
    }

    func run() async throws {
        let settings = try common.settings().withSearchPath()
        try await withTaskExecutorPreference(EventLoop.shared) {
            try await DatabaseCopies.with(["changefeed_bench_rules", "changefeed_bench_open"], of: settings) { copies in
                try await measure(copies)
            }
        }
    }

    private func measure(_ copies: [ConnectionConfiguration]) async throws {
        let ruled = try await Connection.connect(copies[0])
        let open = try await Connection.connect(copies[1])
        for connection in [ruled, open] { try await prepare(connection) }
        _ = try await open.query("UPDATE ir_rule SET active = false")
        try await compileAll(ruled)
        for connection in [ruled, open] { try await BenchRules.compile(for: user, on: connection) }
        for withData in [true, false] {
            var figures = [[Double](), [Double]()]
            for round in -1..<rounds {
                for variant in [0, 1].shuffled() {
                    for _ in 0..<samples {
                        let time = try await sample(variant == 0 ? ruled : open, withData: withData)
                        // The first round warms up.
                        if round >= 0 { figures[variant].append(time) }
                    }
                }
            }
            let (with, without) = (Figures.median(figures[0]), Figures.median(figures[1]))
            Terminal.line(
                "pull of 100 \(model) \(withData ? "with" : "without") data: \(Figures.fixed(with, 2)) ms under rules, "
                    + "\(Figures.fixed(without, 2)) ms without, ratio \(Figures.fixed(with / without, 2))")
        }
        try await hints(copies[0], ruled)
        await ruled.close()
        await open.close()
    }

    private func prepare(_ connection: Connection) async throws {
        try await connection.execute(script: "SELECT changefeed.check_identity()")
        if partners > 0 {
            // Like the first one, with whatever columns this release of Odoo has.
            _ = try await connection.query(
                """
                INSERT INTO res_partner SELECT (m.made).* FROM (
                    SELECT jsonb_populate_record(p.first, jsonb_build_object('id', nextval('res_partner_id_seq'), 'name', 'Partner ' || n,
                        'complete_name', 'Partner ' || n, 'partner_share', true, 'company_id', CASE n % 4 WHEN 0 THEN 1 END)) AS made
                    FROM (SELECT r AS first FROM res_partner r ORDER BY r.id LIMIT 1) p, generate_series(1, $1::int) n OFFSET 0) m
                """, [.int(partners)])
        }
        for statement in ["VACUUM ANALYZE", "CHECKPOINT"] { _ = try await connection.query(Query(statement)) }
    }

    /// Every active read rule of the database, of any model, on its own.
    private func compileAll(_ connection: Connection) async throws {
        let rows = try await connection.query(
            "SELECT m.model, r.name, coalesce(r.domain_force, '') AS domain FROM ir_rule r JOIN ir_model m ON m.id = r.model_id WHERE r.active AND r.perm_read"
        )
        let rules = try rows.map {
            (model: try $0["model"].string(), name: $0["name"].text ?? "", domain: try $0["domain"].string())
        }
        var catalog = Catalog()
        var refused: [String] = []
        for rule in rules {
            while true {
                do throws(DomainError) {
                    _ = try RuleCompiler(catalog: catalog).compile(domain: rule.domain, model: rule.model)
                    break
                } catch {
                    guard let missing = error.missingModel else {
                        refused.append("\(rule.name) (\(rule.model)): \(error.message)")
                        break
                    }
                    try await AccessCatalog.add(missing, to: &catalog) { try await connection.query($0) }
                }
            }
        }
        var times: [Double] = []
        for _ in 0..<max(5, rounds) {
            let start = ContinuousClock.now
            for rule in rules {
                _ = try? RuleCompiler(catalog: catalog).compile(domain: rule.domain, model: rule.model)
            }
            times.append(Figures.milliseconds(.now - start))
        }
        Terminal.line(
            "\(rules.count - refused.count) of \(rules.count) active read rules compile, all of them in \(Figures.fixed(Figures.median(times), 1)) ms"
        )
        for line in refused { Terminal.line("  not compiled: \(line)") }
    }

    private func touch(_ connection: Connection, records: Int, order: String = "DESC") async throws {
        // regclass output includes the necessary quotes.
        let table = try await connection.query("SELECT changefeed.rules_table($1)::text AS name", [.text(model)])
            .first?["name"].text
        guard let table else { throw ChangeFeedError(.unexpectedAnswer, "The model is not tracked.") }
        _ = try await connection.query(
            Query(
                "UPDATE \(table) SET write_date = now() AT TIME ZONE 'UTC' WHERE id IN (SELECT id FROM \(table) ORDER BY id \(order) LIMIT $1::int)",
                [.int(records)]))
    }

    /// A hundred changed records, and the pull of a device that had everything before.
    private func sample(_ connection: Connection, withData: Bool) async throws -> Double {
        _ = try await connection.query(
            Query("SELECT changefeed.reset_device($1::int, 'bench', 'now')", [.int(user)], name: "bench_reset"))
        try await touch(connection, records: 100)
        let start = ContinuousClock.now
        let rows = try await connection.query(
            Query(
                "SELECT problem, entries FROM changefeed.pull($1::int, 'bench', 'all', ARRAY[$2::text], NULL, 100, $3::boolean)",
                [.int(user), .text(model), .bool(withData)], name: "bench_access"))
        let time = Figures.milliseconds(.now - start)
        if let problem = rows.first?["problem"].text {
            throw ChangeFeedError(.unexpectedAnswer, "The pull failed: \(problem).")
        }
        return time
    }

    /// One change for many waiting devices: how often the database is queried for visibility.
    private func hints(_ copy: ConnectionConfiguration, _ connection: Connection) async throws {
        let users = try await connection.query(
            """
            SELECT u.id FROM res_users u WHERE u.active AND u.id > 1 AND EXISTS (SELECT FROM changefeed.odoo_readable_models(u.id) m WHERE m = $1)
            ORDER BY u.id LIMIT 10
            """, [.text(model)]
        ).map { try $0["id"].int() }
        let pool = ConnectionPool(copy, maximumConnections: 4)
        let runner = Task { try await pool.run() }
        defer { runner.cancel() }
        let rules = RecordRules(pool: pool)
        for count in [users.count, devices] {
            let waiting = ChangeHints(sight: ChangeSight(pool: pool, rules: rules))
            var found: [Audience] = []
            for user in users {
                try await BenchRules.compile(for: Int(user), on: connection)
                let row = try await connection.query(
                    "SELECT scope, is_filtered, $1::int AS user_id FROM changefeed.news($1::int, 'bench', 'all', ARRAY[$2::text])",
                    [.int(user), .text(model)]
                ).first
                found.append(
                    Audience(
                        scope: try row?["scope"].string() ?? "", models: [model],
                        isFiltered: try row?["is_filtered"].bool() ?? false,
                        userID: user))
            }
            let audiences = found
            let scopes = Set(audiences).count
            let told = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<count {
                    group.addTask {
                        await waiting.withSubscription(of: audiences[number % audiences.count]) { subscription in
                            await subscription.wait(atMost: .seconds(3))
                            return subscription.take() != nil
                        }
                    }
                }
                while waiting.count < count { await Task.yield() }
                if let batch = try? await change(connection) { waiting.publish(batch) }
                var told = 0
                for await isTold in group where isTold { told += 1 }
                return told
            }
            Terminal.line(
                "one change of \(model), \(count) waiting devices in \(scopes) scopes: \(waiting.questions) questions to the database, \(told) devices notified"
            )
        }
    }

    private func change(_ connection: Connection) async throws -> ChangeBatch {
        // The oldest record, which most users see.
        try await touch(connection, records: 1, order: "ASC")
        let rows = try await connection.query("SELECT id, ids FROM changefeed.event ORDER BY id DESC LIMIT 1")
        guard let row = rows.first else { throw ChangeFeedError(.unexpectedAnswer, "The log is empty.") }
        return ChangeBatch(
            entries: [
                LogEntry(
                    id: try row["id"].int(), epoch: 1, model: model, kind: .write, occurredAt: 0,
                    recordIDs: try row["ids"].intArray())
            ], isConsistentCut: true)
    }
}

/// Record rules for benchmarks that call the database's functions directly.
enum BenchRules {
    static func compile(for user: Int, on connection: Connection) async throws {
        var compilation = RuleCompilation { try await connection.query($0) }
        _ = try await compilation.compile(
            try await connection.query(
                Query("SELECT * FROM changefeed.access_rules($1::int)", [.int(user)], name: "bench_rules")))
    }
}

/// Copies of a database for a benchmark, dropped again whatever happens.
enum DatabaseCopies {
    static func with(
        _ names: [String], of settings: Settings, _ body: ([ConnectionConfiguration]) async throws -> Void
    ) async throws {
        let source = try await Connection.connect(settings.database)
        let name = try await source.query("SELECT current_database()::text AS name").first?["name"].string() ?? ""
        await source.close()
        let admin = try await Connection.connect(settings.database.with(database: "postgres"))
        do {
            for copy in names {
                try await admin.execute(script: "DROP DATABASE IF EXISTS \(copy) WITH (FORCE)")
                let rows = try await admin.query(
                    "SELECT format('CREATE DATABASE \(copy) TEMPLATE %I', $1::text) AS sql", [.text(name)])
                try await admin.execute(script: try rows.first?["sql"].string() ?? "")
            }
            try await body(names.map { settings.database.with(database: $0) })
        } catch {
            for copy in names { try? await admin.execute(script: "DROP DATABASE IF EXISTS \(copy) WITH (FORCE)") }
            await admin.close()
            throw error
        }
        for copy in names { try? await admin.execute(script: "DROP DATABASE IF EXISTS \(copy) WITH (FORCE)") }
        await admin.close()
    }
}
