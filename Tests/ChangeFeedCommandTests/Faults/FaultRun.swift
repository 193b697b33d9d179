import ChangeFeedTesting
import Foundation
import Postgres
import Synchronization

/// Two replicas behind bad networks, writers in Odoo's database, and devices that ask whatever replica they like.
final class FaultRun: Sendable {
    struct Device: Sendable {
        let name: String
        let key: String
    }

    let cluster: PrivateCluster
    let database: TestDatabase
    let disk: SmallDisk?
    let proxies: [TCPProxy]
    let devices: [Device]
    private let seed: UInt64
    private let running: Mutex<[RunningService]>
    private let folder: String
    /// The library that moves a replica's clock; nil where no C compiler is at hand.
    private let clock: String?
    private let troubles = Mutex<[String]>([])
    private let adminPorts: [Int]
    /// Looks that replicas which are no more had answered from memory.
    private let rememberedBefore = Mutex(0)

    var replicas: [RunningService] { running.withLock { $0 } }
    /// What must not be.
    var complaints: [String] { troubles.withLock { $0 } }

    init(seed: UInt64, devices count: Int) async throws {
        self.seed = seed
        cluster = try await PrivateCluster.make()
        database = try await cluster.createDatabase(.installed)
        // A rule of persons, so that sight comes and goes.
        try await database.psql(
            """
            INSERT INTO ir_rule (name, model_id, domain_force, global)
            SELECT 'of persons', id, '[(''user_id'', ''in'', [user.id, False])]', true FROM ir_model WHERE model = 'sale.order';
            SELECT changefeed.grant_rules('sale.order')
            """)
        folder = cluster.directory + "/faults"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        disk = try await SmallDisk.mount(for: database, in: cluster)
        let library = folder + "/clock.so"
        let built = try? await BuiltBinary.shell("cc -shared -fPIC -O1 -o '\(library)' '\(Self.scripts)/clock.c' -ldl")
        clock = built == nil ? nil : library
        proxies = [try await cluster.proxy(), try await cluster.proxy()]
        devices = (0..<count).map { Device(name: "device-\($0)", key: $0 % 2 == 0 ? TestKeys.admin : TestKeys.sales) }
        running = Mutex([])
        adminPorts = try [FreePort.find(), FreePort.find()]
        try setClock(by: 0)
        for index in proxies.indices {
            let replica = try start(index, port: FreePort.find())
            running.withLock { $0.append(replica) }
            try await replica.ready()
        }
    }

    /// Faults that cannot be played on this machine.
    var unplayable: [Fault] { (disk == nil ? [.fullDisk] : []) + (clock == nil ? [.clockJump] : []) }

    func end() async {
        for replica in replicas { replica.process.destroy() }
        for proxy in proxies { await proxy.stop() }
        try? await cluster.stop(immediate: true)
        await disk?.unmount()
        await cluster.remove()
    }

    // MARK: replicas

    private func start(_ index: Int, port: Int) throws -> RunningService {
        var environment = Dictionary(
            uniqueKeysWithValues: ["EVENTS", "CHECK_UPDATES", "CLEANUP", "SYNC_DEVICE", "SYNC_USER"].map {
                ("CHANGEFEED_RATE_LIMIT_\($0)", "0")
            })
        environment["CHANGEFEED_STATEMENT_TIMEOUT"] = "5"
        if let clock { environment.merge(["LD_PRELOAD": clock, "FAULT_CLOCK": clockFile]) { $1 } }
        environment["CHANGEFEED_ADMIN_PORT"] = "\(adminPorts[index])"
        return try RunningService(
            proxies[index].conninfo(database, user: "changefeed_login"), port: port, environment: environment)
    }

    private var clockFile: String { folder + "/clock" }

    func setClock(by seconds: Int) throws {
        try "\(seconds)\n".write(toFile: clockFile, atomically: true, encoding: .utf8)
    }

    /// Kills a replica and starts another in its place.
    func replace(_ index: Int) async throws {
        let old = replicas[index]
        let answers = await remembered(index)
        rememberedBefore.withLock { $0 += answers }
        old.process.destroy()
        try await old.process.waitForExit()
        note(old)
        let next = try start(index, port: old.port)
        running.withLock { $0[index] = next }
    }

    /// Looks for news that were answered from memory.
    func remembered() async -> Int {
        var sum = rememberedBefore.withLock { $0 }
        for index in adminPorts.indices { sum += await remembered(index) }
        return sum
    }

    private func remembered(_ index: Int) async -> Int {
        let text = try? await Curl.get("http://127.0.0.1:\(adminPorts[index])/metrics").body
        let line = text?.split(separator: "\n").first { $0.hasPrefix("changefeed_idle_answers_total ") }
        return line.flatMap { $0.split(separator: " ").last }.flatMap { Double($0) }.map { Int($0) } ?? 0
    }

    /// Keeps what a replica's log must not hold.
    func note(_ service: RunningService) {
        let bad = service.process.errors.split(separator: "\n").filter {
            $0.contains("Fatal error") || $0.contains("internal_error")
        }
        complain(bad.map(String.init))
    }

    func complain(_ texts: [String]) { troubles.withLock { $0 += texts } }

    // MARK: writers

    /// Writes as Odoo does until it is cancelled. What an error ends is begun anew.
    func write(_ number: Int) async {
        var random = SeededGenerator(seed: seed &+ UInt64(1_000 + number))
        var connection: Connection?
        while !Task.isCancelled {
            do {
                if connection == nil { connection = try await database.connect(user: "odoo") }
                try await connection?.execute(script: Self.change(&random))
                try await Task.sleep(for: .milliseconds(Int.random(in: 10...80, using: &random)))
                // All together, so that devices get nothing new for a while, out of the replicas' memories.
                let second = Date().timeIntervalSince1970.truncatingRemainder(dividingBy: 6)
                if second < 4 { try await Task.sleep(for: .seconds(4 - second)) }
            } catch is CancellationError {
                return
            } catch let error as PostgresError
                where error.sqlState?.hasPrefix("23") == true || error.sqlState?.hasPrefix("40") == true
            {
                continue
            } catch {
                connection = nil
                try? await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    private static func change(_ random: inout SeededGenerator) -> String {
        let number = Int.random(in: 1...1_000_000, using: &random)
        let table = ["res_partner", "sale_order", "product_category"].randomElement(using: &random) ?? ""
        let some =
            "(SELECT id FROM \(table) ORDER BY (id * 7919 + \(number)) % 1009 LIMIT \(Int.random(in: 1...4, using: &random)))"
        let now = "write_date = now() AT TIME ZONE 'utc'"
        switch (table, Int.random(in: 0..<10, using: &random)) {
        case ("res_partner", 0...2):
            return
                "INSERT INTO res_partner (name, create_date, write_date) SELECT 'P\(number) ' || n, now(), now() FROM generate_series(1, 3) n"
        case ("sale_order", 0...2):
            return "INSERT INTO sale_order (name, partner_id, user_id, create_date, write_date) "
                + "SELECT 'S\(number)', min(id), \([2, 6].randomElement(using: &random) ?? 2), now(), now() FROM res_partner"
        case ("sale_order", 3...5):
            return "UPDATE sale_order SET user_id = CASE user_id WHEN 2 THEN 6 ELSE 2 END, \(now) WHERE id IN \(some)"
        case (_, 0...1):
            return "INSERT INTO product_category (name, create_date, write_date) VALUES ('C\(number)', now(), now())"
        case (_, 2...3): return "DELETE FROM \(table) WHERE id IN \(some)"
        default: return "UPDATE \(table) SET name = 'N\(number)', \(now) WHERE id IN \(some)"
        }
    }

    // MARK: devices

    private static let scripts = Fixture.sqlFolder + "/../scripts/faults"
    var stopFile: String { folder + "/stop" }

    /// Lets a device live and die until the stop file is there and its copy is complete.
    func follow(_ device: Device) async throws {
        try await follow(device, copy: copy(of: device))
    }

    private func follow(_ device: Device, copy: String) async throws {
        let urls = replicas.map { $0.url }.joined(separator: " ")
        let line = """
            while :; do
                python3 '\(Self.scripts)/device.py' \(urls) --device '\(device.name)' --key \(device.key) --copy '\(copy)' \
                    --log '\(folder)/\(device.name).log' --stop '\(stopFile)' --seed \(seed) 2> '\(folder)/\(device.name).err'
                status=$?
                [ $status -eq 9 ] || break
            done
            cat '\(folder)/\(device.name).err'
            exit $status
            """
        _ = try await BuiltBinary.shell(line)
    }

    private func copy(of device: Device) -> String { "\(folder)/\(device.name).json" }

    /// The records of a device's copy by model and id.
    /// - Parameter told: as pulls alone have made it.
    func records(of device: Device, told: Bool = false) throws -> [String: [String: NSDictionary]] {
        try records(in: copy(of: device) + (told ? ".told" : ""))
    }

    private func records(in path: String) throws -> [String: [String: NSDictionary]] {
        let content =
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path))) as? [String: Any]
        let models = content?["records"] as? [String: [String: Any]] ?? [:]
        return models.mapValues { $0.compactMapValues { $0 as? NSDictionary } }.filter { !$0.value.isEmpty }
    }

    /// What somebody who begins now gets.
    func fresh(_ key: String) async throws -> [String: [String: NSDictionary]] {
        let device = Device(name: "fresh-\(key.prefix(4))", key: key)
        try await follow(device)
        return try records(of: device)
    }

    /// How many answers there were, by status and code.
    func answers() throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for device in devices {
            let text = (try? String(contentsOfFile: "\(folder)/\(device.name).log", encoding: .utf8)) ?? ""
            for line in text.split(separator: "\n") { counts[String(line), default: 0] += 1 }
        }
        return counts
    }
}
