import ChangeFeedTesting
import Foundation
import Postgres

/// One trouble of other people's operations, for some seconds.
enum Fault: String, CaseIterable, Sendable {
    case blackHole, lossToServer, lossToClient, delay, reset, refusal
    case heldLock, cancelledStatements, killedBackends, crash, fullDisk
    case killedReplica, stoppedReplica, clockJump

    /// Plays it, and ends it.
    func play(in run: FaultRun, with random: inout SeededGenerator) async throws {
        let replica = Int.random(in: 0..<run.replicas.count, using: &random)
        let proxy = run.proxies[replica]
        let duration = Duration.milliseconds(Int.random(in: 1_000...6_000, using: &random))
        switch self {
        case .blackHole: try await weather(.blackHole, at: proxy, duration)
        case .lossToServer: try await weather(.init(loses: [.toServer]), at: proxy, duration)
        case .lossToClient: try await weather(.init(loses: [.toClient]), at: proxy, duration)
        case .delay:
            proxy.become(.init(delay: .milliseconds(300)), future: .init(delay: .milliseconds(300)))
            try await Task.sleep(for: duration)
            proxy.become(.fine, future: .fine)
        case .reset: proxy.reset()
        case .refusal:
            proxy.refuse(true)
            proxy.reset()
            try await Task.sleep(for: duration)
            proxy.refuse(false)
        case .heldLock:
            let table = ["res_partner", "product_category", "sale_order"].randomElement(using: &random) ?? ""
            let holder = try await run.database.connect(user: "odoo")
            try await holder.execute(script: "BEGIN; LOCK TABLE \(table) IN ACCESS EXCLUSIVE MODE")
            try await Task.sleep(for: duration)
            try await holder.execute(script: "ROLLBACK")
        case .cancelledStatements: try await signal("pg_cancel_backend", run)
        case .killedBackends: try await signal("pg_terminate_backend", run)
        case .crash: try await run.cluster.restart(immediate: true)
        case .fullDisk: try await run.disk?.fill(for: duration)
        case .killedReplica: try await run.replace(replica)
        case .stoppedReplica:
            run.replicas[replica].process.suspend()
            try await Task.sleep(for: duration)
            run.replicas[replica].process.resume()
        case .clockJump:
            try run.setClock(by: [-86_400, -3_600, -10, 10, 3_600, 86_400].randomElement(using: &random) ?? 0)
            try await Task.sleep(for: duration)
            try run.setClock(by: 0)
        }
    }

    /// Open connections stay so: what is silent once says nothing any more.
    private func weather(_ weather: TCPProxy.Weather, at proxy: TCPProxy, _ duration: Duration) async throws {
        proxy.become(weather, future: weather)
        try await Task.sleep(for: duration)
        proxy.become(weather, future: .fine)
    }

    private func signal(_ function: String, _ run: FaultRun) async throws {
        try await run.database.psql(
            """
            SELECT count(\(function)(pid)) FROM
                (SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'changefeed%' ORDER BY random() LIMIT 3) a
            """)
    }
}

/// A file system of a few megabytes that holds the tables of devices.
struct SmallDisk: Sendable {
    let directory: String

    /// Nil where this machine lets nobody mount one.
    static func mount(for database: TestDatabase, in cluster: PrivateCluster) async throws -> SmallDisk? {
        let directory = cluster.directory + "/small"
        let mounted = try? await BuiltBinary.shell(
            "mkdir -p '\(directory)' && mount -t tmpfs -o size=16m tmpfs '\(directory)' && chown postgres '\(directory)'"
        )
        guard mounted != nil else { return nil }
        try await database.psql("CREATE TABLESPACE small LOCATION '\(directory)'", in: "postgres")
        try await database.psql(
            "ALTER TABLE changefeed.device SET TABLESPACE small; ALTER TABLE changefeed.rate_limit SET TABLESPACE small"
        )
        return SmallDisk(directory: directory)
    }

    func fill(for duration: Duration) async throws {
        _ = try? await BuiltBinary.shell("dd if=/dev/zero of='\(directory)/full' bs=8k 2>/dev/null")
        try await Task.sleep(for: duration)
        _ = try await BuiltBinary.shell("rm -f '\(directory)/full'")
    }

    func unmount() async {
        _ = try? await BuiltBinary.shell("umount -l '\(directory)'")
    }
}
