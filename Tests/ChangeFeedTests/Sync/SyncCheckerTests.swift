import ChangeFeedTesting
import Foundation
import Postgres
import Testing

@Suite("Devices beside writers and retention, in random order", .timeLimit(.minutes(60)))
struct SyncCheckerTests {
    private static let environment = ProcessInfo.processInfo.environment
    /// CHANGEFEED_CHECKER_SEEDS=1000 runs that many, CHANGEFEED_CHECKER_FIRST_SEED=7 begins there.
    private static let seeds = Int(environment["CHANGEFEED_CHECKER_SEEDS"] ?? "") ?? 12
    private static let firstSeed = UInt64(environment["CHANGEFEED_CHECKER_FIRST_SEED"] ?? "") ?? 1

    static func run(_ seed: UInt64, steps: Int = 500, spoiling: String? = nil) async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql(SyncChecker.setUp + (spoiling ?? ""))
        let checker = try await SyncChecker(database, seed: seed)
        do {
            try await checker.run(steps: steps)
        } catch {
            await checker.close()
            throw error
        }
        await checker.close()
        try await database.psql("DROP DATABASE \(database.name)", in: "postgres")
    }

    @Test("each device's copy equals the database, whatever happened in between")
    func copies() async throws {
        for seed in Self.firstSeed..<(Self.firstSeed + UInt64(Self.seeds)) { try await Self.run(seed) }
    }
}
