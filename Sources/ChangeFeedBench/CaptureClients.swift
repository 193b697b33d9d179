import ChangeFeed
import ChangeFeedSettings
import Foundation
import Postgres

/// Two sets of pgbench clients with permanent connections, one on the bare copy and one on the captured one, of which
/// one set runs at a time. Connecting and filling caches are not measured, and both use the same machine.
struct CaptureClients {
    /// The cost of one transaction in one slice of time.
    struct Slice {
        /// Microseconds of processor time of the backends; 0 if they are not on this machine.
        let processor: Double
        let commitsPerSecond: Double
    }

    private struct Side {
        let process: Process
        let backends: [Int]
    }

    let connection: Connection
    let configuration: ConnectionConfiguration
    let rows: Int
    let clients: Int

    /// - Returns: slices of the bare and the captured copy, one of each per round.
    func measure(rounds: Int, seconds: Double) async throws -> (bare: [Slice], captured: [Slice]) {
        let pgbench = try Pgbench(configuration)
        var sides: [String: Side] = [:]
        defer {
            for side in sides.values {
                kill(side.process.processIdentifier, SIGCONT)
                side.process.terminate()
            }
        }
        for copy in ["bare", "captured"] {
            let application = "changefeed_bench_\(copy)"
            let process = try pgbench.start(
                script(copy), clients: clients, threads: min(clients, 2), seconds: 3_600, application: application)
            sides[copy] = Side(process: process, backends: [])
            let backends = try await sessions(application)
            try await Task.sleep(for: .seconds(1))
            kill(process.processIdentifier, SIGSTOP)
            sides[copy] = Side(process: process, backends: backends)
        }
        var slices: [String: [Slice]] = [:]
        // The first round warms up.
        for round in 0...rounds {
            for copy in ["bare", "captured"].shuffled() {
                guard let side = sides[copy] else { continue }
                let slice = try await run(side, seconds: seconds)
                if round > 0 { slices[copy, default: []].append(slice) }
            }
        }
        return (slices["bare"] ?? [], slices["captured"] ?? [])
    }

    /// One row, as Odoo writes it: with its isolation level, each statement planned again.
    private func script(_ copy: String) -> String {
        """
        \\set id random(1, \(rows))
        BEGIN ISOLATION LEVEL REPEATABLE READ;
        UPDATE changefeed_bench.\(copy) SET write_date = now() AT TIME ZONE 'UTC', write_uid = 1, color = :id % 7 WHERE id IN (:id);
        COMMIT;

        """
    }

    private func run(_ side: Side, seconds: Double) async throws -> Slice {
        let before = (
            processor: ProcessorTime.of(side.backends), transactions: try await transactions(),
            time: ContinuousClock.now
        )
        kill(side.process.processIdentifier, SIGCONT)
        try await Task.sleep(for: .seconds(seconds))
        kill(side.process.processIdentifier, SIGSTOP)
        let time = (ContinuousClock.now - before.time) / .seconds(1)
        // Statements already sent still complete.
        try await Task.sleep(for: .milliseconds(50))
        let done = try await transactions() - before.transactions
        guard done > 0 else { throw ChangeFeedError(.unexpectedAnswer, "pgbench did nothing in \(seconds) s.") }
        return Slice(
            processor: (ProcessorTime.of(side.backends) - before.processor) * 1_000 / done,
            commitsPerSecond: done / time)
    }

    /// Transactions that wrote, from their numbers: nothing else writes on a throw-away server.
    private func transactions() async throws -> Double {
        let rows = try await connection.query("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::float8 AS number")
        return try rows.first?["number"].double() ?? 0
    }

    private func sessions(_ application: String) async throws -> [Int] {
        for _ in 0..<100 {
            let found = try await connection.query(
                "SELECT pid FROM pg_stat_activity WHERE application_name = $1", [.text(application)])
            if found.count == clients { return try found.map { Int(try $0["pid"].int()) } }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw ChangeFeedError(.unexpectedAnswer, "pgbench did not open \(clients) connections; see max_connections.")
    }
}
