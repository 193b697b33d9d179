import ArgumentParser
import AsyncHTTPClient
import ChangeFeed
import ChangeFeedSettings
import Foundation
import NIOCore
import NIOHTTP1
import NIOHTTPCompression
import Postgres

/// `changefeed bench cost`: the processor time of requests in the database server and the service, from /proc.
struct BenchCost: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cost",
        abstract: "Measure the processor time of requests in the database and the service, in units of a plain query.",
        discussion: """
            One request after another, on the machine of the database and the service. One unit is the processor time in which \
            PostgreSQL turns 100 partners into JSON with row_to_json; for lists of other models, as many of their records. The service \
            must run without rate limits \
            (CHANGEFEED_RATE_LIMIT_EVENTS=0, …_CHECK_UPDATES=0, …_SYNC_DEVICE=0, …_SYNC_USER=0), and the key's user must read \
            res.partner. Needs a role that may write res_partner and see the service's sessions (a superuser).
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var service: BenchServiceOptions

    @Option(help: "Requests of each kind.")
    var samples = 100

    @Option(help: "Process id of the service, to count its processor time.")
    var pid: Int?

    @Option(
        help:
            "Devices that poll and get nothing new, measured after the table; 0 for none. The service must allow a user that many (CHANGEFEED_MAX_DEVICES_PER_USER)."
    )
    var devices = 0

    @Option(help: "Seconds between two polls of a device.")
    var every = 30

    @Option(help: "Seconds of measurement of the devices.")
    var seconds = 120

    @Option(help: "Seconds of wrk on each path without news; 0 for none.")
    var rateSeconds = 5

    @Flag(help: "Request gzip answers.")
    var gzip = false

    func validate() throws {
        guard (10...100_000).contains(samples), (0...100_000).contains(devices), (1...3_600).contains(every),
            (1...36_000).contains(seconds),
            (0...600).contains(rateSeconds)
        else { throw ValidationError("--samples, --devices, --every, --seconds or --rate-seconds is out of range.") }
    }

    func run() async throws {
        let settings = try common.settings().withSearchPath()
        // A client that decompresses requests gzip itself.
        let client = HTTPClient(
            eventLoopGroupProvider: .singleton,
            configuration: HTTPClient.Configuration(decompression: gzip ? .enabled(limit: .none) : .disabled))
        do {
            try await withConnection(to: settings.database, needsSchema: false) { try await measure(client, $0) }
            try await client.shutdown()
        } catch {
            try await client.shutdown()
            throw error
        }
    }

    /// A request and the steps before and after it, which are not measured.
    private struct Request {
        let name: String
        let path: String
        var changes = 0
        /// The model of the records in one unit, and their number.
        var model = "res.partner"
        var records = 100
    }

    private struct Times {
        var database: [Double] = []
        var unit: [Double] = []
        var service: [Double] = []
        var wall: [Double] = []
        var bytes: [Double] = []
    }

    private static let device = "changefeed-bench-cost"

    private func measure(_ client: HTTPClient, _ connection: Connection) async throws {
        let pull = "/api/v2/sync/pull?device_id=\(Self.device)&app_type=all&models=res.partner&limit=100&start=now"
        var lists: [Request] = []
        for model in ["res.partner", "sale.order", "account.move", "product.product"] {
            if let next = try await nextPage(of: model, client) { lists.append(next) }
        }
        let token = try await begin(client, pull)
        // A service that was just started keeps no idle answers in the first seconds in which clients ask.
        try await Task.sleep(for: .seconds(5))
        let idle = pull + "&sync_token=" + token
        let requests =
            [
                Request(name: "healthz", path: "/healthz"),
                Request(name: "pull, nothing new", path: idle),
                Request(name: "pull, nothing new, without a token", path: pull),
                Request(name: "pull, 1 partner", path: pull, changes: 1),
                Request(name: "pull, 100 partners", path: pull, changes: 100),
                Request(
                    name: "snapshot, first page of 100 partners",
                    path: "/api/v2/sync/snapshot?device_id=\(Self.device)&model=res.partner&limit=100"),
                Request(name: "v1 events, 100", path: "/api/v1/webhook/events?limit=100"),
                Request(name: "v1 check-updates", path: "/api/v1/check-updates"),
            ] + lists
        var rows = [["request", "database (ms)", "unit (ms)", "units", "service (ms)", "wall (ms)", "bytes"]]
        for request in requests {
            var figures = Times()
            for number in -10..<samples {
                if request.changes > 0 { try await change(request.changes, connection) }
                let one = try await sample(request, client, connection)
                guard number >= 0 else { continue }
                figures.unit.append(try await unit(request, connection))
                figures.database.append(one.database)
                figures.service.append(one.service)
                figures.wall.append(one.wall)
                figures.bytes.append(Double(one.bytes))
            }
            let (database, unit) = (Figures.median(figures.database), Figures.median(figures.unit))
            rows.append([
                request.name, Figures.fixed(database, 2), Figures.fixed(unit, 2), Figures.fixed(database / unit, 2),
                pid == nil ? "-" : Figures.fixed(Figures.median(figures.service), 2),
                Figures.fixed(Figures.median(figures.wall), 2),
                Figures.fixed(Figures.median(figures.bytes), 0),
            ])
        }
        Terminal.lines(TextTable.align(rows))
        if rateSeconds > 0 {
            let last = try await begin(client, pull)
            try rates(of: ["/healthz", pull + "&sync_token=" + last])
        }
        if devices > 0 {
            try await BenchCostDevices(count: devices, every: every, seconds: seconds, pid: pid, service: service).run(
                client, connection)
        }
        _ = try await connection.query(
            "DELETE FROM changefeed.device WHERE device_id IN ($1, $2)",
            [.text(Self.device), .text(Self.device + "-list")])
    }

    private func sample(
        _ request: Request, _ client: HTTPClient, _ connection: Connection
    ) async throws -> (database: Double, service: Double, wall: Double, bytes: Int) {
        let sessions = try await ProcessorTime.sessions(connection)
        let (database, own) = (ProcessorTime.of(sessions), pid.map { ProcessorTime.of([$0]) } ?? 0)
        let start = ContinuousClock.now
        let (answer, bytes) = try await service.fetch(client, request.path, gzip: gzip)
        let wall = Figures.milliseconds(.now - start)
        let figures = (
            ProcessorTime.of(sessions) - database, (pid.map { ProcessorTime.of([$0]) } ?? 0) - own, wall, bytes
        )
        if request.path.contains("/pull") {
            guard let events = answer["events"] as? [[String: Any]], events.count == request.changes else {
                throw ChangeFeedError(
                    .unexpectedAnswer,
                    "A pull did not return the changed records: does another client write res_partner?")
            }
            if !events.isEmpty {
                _ = try await service.ask(
                    client, "/api/v2/sync/acknowledge",
                    post: ["device_id": Self.device, "event_ids": events.compactMap { $0["id"] }])
            }
        }
        return figures
    }

    /// A device of the user that has everything.
    /// - Returns: the token of its last pull.
    private func begin(_ client: HTTPClient, _ pull: String) async throws -> String {
        _ = try await service.ask(client, "/api/v2/sync/reset", post: ["device_id": Self.device, "to": "now"])
        guard let token = try await service.ask(client, pull)["next_sync_token"] as? String else {
            throw ChangeFeedError(.unexpectedAnswer, "A pull returned no token.")
        }
        return token
    }

    /// Requests per second over eight connections.
    private func rates(of paths: [String]) throws {
        let wrk = try ExternalProgram("wrk")
        let rates = try paths.map { path in
            let output = try wrk.run(
                [
                    "-t", "1", "-c", "8", "-d", "\(rateSeconds)", "-H", "Authorization: Bearer \(service.key)",
                    service.url + path,
                ])
            guard let line = output.split(separator: "\n").first(where: { $0.hasPrefix("Requests/sec:") }),
                let rate = line.split(separator: " ").last.flatMap({ Double($0) })
            else { throw ChangeFeedError(.unexpectedAnswer, "wrk printed no rate.") }
            return rate
        }
        Terminal.line(
            "GET \(paths[0]): \(Figures.fixed(rates[0], 0)) a second; a pull with nothing new: \(Figures.fixed(rates[1], 0)), "
                + "\(Figures.fixed(rates[1] / rates[0], 2)) of that")
    }

    private func change(_ count: Int, _ connection: Connection) async throws {
        let changed = try await connection.query(
            """
            WITH changed AS (UPDATE res_partner SET write_date = now() AT TIME ZONE 'UTC'
            WHERE id IN (SELECT p.id FROM res_partner p WHERE p.active AND p.company_id IS NULL ORDER BY p.id LIMIT $1)
            RETURNING id) SELECT count(*) AS count FROM changed
            """, [.int(count)])
        guard try changed[0]["count"].int() == count else {
            throw ChangeFeedError(
                .unexpectedAnswer, "The database has fewer than \(count) active partners without a company.")
        }
        try await Task.sleep(for: Self.pause)
    }

    /// Excludes the tailer's own work.
    private static let pause: Duration = .milliseconds(50)

    private static func list(_ model: String) -> String {
        "/api/v2/sync/snapshot?device_id=\(device)-list&model=\(model)"
    }

    /// The page of a list after its first record: the initial work of a list is done. Nil if the user may read no such
    /// records.
    private func nextPage(of model: String, _ client: HTTPClient) async throws -> Request? {
        guard
            let first = try? await service.ask(client, Self.list(model) + "&limit=1"),
            let cursor = first["next_cursor"] as? String,
            case let path = Self.list(model) + "&limit=100&cursor=\(cursor)",
            let records = try await service.ask(client, path)["records"] as? [[String: Any]], !records.isEmpty
        else { return nil }
        return Request(
            name: "snapshot, next \(records.count) of \(model)", path: path, model: model, records: records.count)
    }

    /// Milliseconds of processor time for the same number of records by row_to_json. Once after each request, and after the
    /// same pause: who waits finds the processor's caches cold, request and unit alike.
    private func unit(_ request: Request, _ connection: Connection) async throws -> Double {
        let table = request.model.replacing(".", with: "_")
        // A variant has the fields of its template, too.
        let more = request.model == "product.product" ? "JOIN product_template t ON t.id = p.product_tmpl_id" : ""
        let session = Int(
            try await connection.query(Query("SELECT pg_backend_pid() AS pid", name: "bench_cost_pid"))[0]["pid"].int())
        if request.changes > 0 { try await Task.sleep(for: Self.pause) }
        let before = ProcessorTime.of([session])
        _ = try await connection.query(
            Query(
                """
                SELECT json_agg(row_to_json(p)) AS json
                FROM (SELECT * FROM \(table) p \(more) ORDER BY p.id LIMIT \(request.records)) p
                """,
                name: "bench_cost_unit_\(table)_\(request.records)"))
        return ProcessorTime.of([session]) - before
    }
}

extension BenchServiceOptions {
    /// The JSON object of the service's answer.
    /// - Parameter post: the body of a POST; nil sends a GET.
    func ask(_ client: HTTPClient, _ path: String, post: [String: Any]? = nil) async throws -> [String: Any] {
        try await fetch(client, path, post: post).members
    }

    /// The same, and the number of bytes of its body in transit.
    /// - Parameter gzip: requests gzip; the client must decompress.
    func fetch(
        _ client: HTTPClient, _ path: String, post: [String: Any]? = nil, gzip: Bool = false
    ) async throws -> (members: [String: Any], bytes: Int) {
        var request = HTTPClientRequest(url: url + path)
        request.headers = ["Authorization": "Bearer \(key)"]
        if gzip { request.headers.add(name: "Accept-Encoding", value: "gzip") }
        if let post {
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: try JSONSerialization.data(withJSONObject: post)))
        }
        let response = try await client.execute(request, timeout: .seconds(60))
        let body = try await response.body.collect(upTo: 100_000_000)
        guard response.status == .ok else {
            throw ChangeFeedError(
                .unexpectedAnswer, "\(path.prefix { $0 != "?" }) returned status \(response.status.code).")
        }
        let members = (try? JSONSerialization.jsonObject(with: Data(body.readableBytesView))) as? [String: Any] ?? [:]
        return (members, response.headers.first(name: "Content-Length").flatMap { Int($0) } ?? body.readableBytes)
    }
}

/// Processor time of processes of this machine (proc(5), schedstat: nanoseconds of each thread).
enum ProcessorTime {
    /// The backends of the service.
    static func sessions(_ connection: Connection) async throws -> [Int] {
        try await connection.query(
            "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'changefeed%' AND pid <> pg_backend_pid()"
        )
        .map { Int(try $0["pid"].int()) }
    }

    /// In milliseconds, of all threads that run now.
    static func of(_ processes: [Int]) -> Double {
        processes.reduce(0) { sum, process in
            let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []
            return threads.reduce(sum) { sum, thread in
                let text =
                    (try? String(contentsOfFile: "/proc/\(process)/task/\(thread)/schedstat", encoding: .utf8)) ?? ""
                return sum + (text.split(separator: " ").first.flatMap { Double($0) } ?? 0) / 1_000_000
            }
        }
    }
}
