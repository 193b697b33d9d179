import ChangeFeedTesting
import Foundation
import Testing

/// Other people's troubles, all together. `scripts/faults.sh` runs it for longer and by other seeds.
@Suite("Faults", .timeLimit(.minutes(60)))
struct FaultTests {
    private static func number(_ name: String, or standard: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap(Int.init) ?? standard
    }

    @Test("faults on two replicas lose nothing, cause no 500 and leave nothing behind")
    func together() async throws {
        let seed = UInt64(Self.number("CHANGEFEED_FAULTS_SEED", or: 1))
        let duration = Duration.seconds(Self.number("CHANGEFEED_FAULTS_SECONDS", or: 30))
        let run = try await FaultRun(seed: seed, devices: Self.number("CHANGEFEED_FAULTS_DEVICES", or: 4))
        for fault in run.unplayable { print("seed \(seed): \(fault) cannot be played on this machine") }
        let writers = (0..<2).map { number in Task { await run.write(number) } }
        let devices = run.devices.map { device in Task { try await run.follow(device) } }
        try await Task.sleep(for: .seconds(5))
        let before = try await Self.usage(of: run)

        try await withThrowingTaskGroup(of: Void.self) { group in
            for player in 0..<2 {
                group.addTask { try await Self.play(run, seed: seed &* 31 &+ UInt64(player), for: duration) }
            }
            try await group.waitForAll()
        }

        let healed = ContinuousClock.now
        for writer in writers {
            writer.cancel()
            await writer.value
        }
        for proxy in run.proxies {
            // What a network keeps open for ever is nobody's connection any more.
            proxy.reset()
            proxy.become(.fine, future: .fine)
        }
        for replica in run.replicas { try await replica.ready() }
        print("seed \(seed): ready \(ContinuousClock.now - healed) after the last fault")
        // On a busy machine nothing may have been answered from memory while there were faults.
        try await eventually(within: .seconds(120), "looks are answered from memory") { await run.remembered() > 0 }
        // What is answered from memory may be as late as this.
        try await Task.sleep(for: .seconds(1))
        try Data().write(to: URL(fileURLWithPath: run.stopFile))
        for device in devices { try await device.value }

        // Each copy is what somebody who begins now gets, and the administrator's what the database holds.
        for key in Set(run.devices.map(\.key)) {
            let fresh = try await run.fresh(key)
            #expect(fresh["res.partner"]?.isEmpty == false && fresh["sale.order"]?.isEmpty == false)
            for device in run.devices where device.key == key {
                let own = try run.records(of: device)
                let told = try run.records(of: device, told: true).mapValues(Self.ownValues)
                for model in Set(own.keys).union(fresh.keys) {
                    #expect(own[model] == fresh[model], "seed \(seed): \(device.name) \(model)")
                    #expect(
                        told[model] == fresh[model].map(Self.ownValues),
                        "seed \(seed): \(device.name) \(model), before the digest mended it")
                }
            }
        }
        for (model, table) in [("res.partner", "res_partner"), ("product.category", "product_category")] {
            let held = try run.records(of: run.devices[0])[model] ?? [:]
            let copy = held.map { "\($0)|\($1["name"] as? String ?? "")" }.sorted()
            let rows = try await run.database.psql("SELECT id || '|' || name FROM \(table)").split(separator: "\n").map(
                String.init
            ).sorted()
            #expect(copy == rows, "seed \(seed): \(model)")
        }

        let answers = try run.answers()
        print(
            "seed \(seed): \(answers.sorted { $0.value > $1.value }.map { "\($0.value) x \($0.key)" }.joined(separator: ", "))"
        )
        let allowed = ["0", "200", "410", "422", "503"]
        #expect(answers.keys.filter { !allowed.contains(String($0.prefix { $0 != " " })) } == [], "seed \(seed)")
        print("seed \(seed): \(await run.remembered()) looks were answered from memory")
        for replica in run.replicas { run.note(replica) }
        #expect(run.complaints == [], "seed \(seed)")

        try await eventually(within: .seconds(60), "connections are what they were") {
            try await Self.usage(of: run).connections <= before.connections + 4
        }
        let after = try await Self.usage(of: run)
        print(
            "seed \(seed): connections \(before.connections) -> \(after.connections), memory \(before.memory / 1_048_576) -> \(after.memory / 1_048_576) MB"
        )
        // The allocator keeps what once was needed.
        #expect(after.memory < before.memory * 3 / 2 + 64 * 1_048_576, "seed \(seed)")
        await run.end()
    }

    /// Without the values that hang on other records, as their names do: no pull tells of these.
    private static func ownValues(_ records: [String: NSDictionary]) -> [String: NSDictionary] {
        records.mapValues { record in
            NSDictionary(dictionary: (record as? [String: Any] ?? [:]).filter { !($0.value is [Any]) })
        }
    }

    private static func play(_ run: FaultRun, seed: UInt64, for duration: Duration) async throws {
        var random = SeededGenerator(seed: seed)
        let end = ContinuousClock.now + duration
        let faults = Fault.allCases.filter { !run.unplayable.contains($0) }
        while ContinuousClock.now < end {
            guard let fault = faults.randomElement(using: &random) else { return }
            print("fault: \(fault)")
            do {
                try await fault.play(in: run, with: &random)
            } catch {
                // One fault may hit what another needs, as a crash the session that holds a lock.
                print("fault: \(fault) ended early: \(error)")
            }
            try await Task.sleep(for: .milliseconds(Int.random(in: 200...2_000, using: &random)))
        }
    }

    private static func usage(of run: FaultRun) async throws -> (connections: Int, memory: Int) {
        let connections = try await run.database.psql(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'changefeed%'")
        return (Int(connections) ?? 0, run.replicas.map { $0.process.residentBytes }.reduce(0, +))
    }
}
