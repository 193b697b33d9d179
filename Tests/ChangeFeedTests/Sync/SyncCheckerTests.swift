import ChangeFeedTesting
import Foundation
import Postgres
import Testing

@Suite("Devices beside writers and retention, in random order", .serialized, .timeLimit(.minutes(60)))
struct SyncCheckerTests {
    private static let environment = ProcessInfo.processInfo.environment
    /// CHANGEFEED_CHECKER_SEEDS=1000 runs that many, CHANGEFEED_CHECKER_FIRST_SEED=7 begins there.
    private static let seeds = Int(environment["CHANGEFEED_CHECKER_SEEDS"] ?? "") ?? 8
    private static let firstSeed = UInt64(environment["CHANGEFEED_CHECKER_FIRST_SEED"] ?? "") ?? 1

    /// Not the cluster of the other tests: a gap ends when the transactions of all its databases have ended.
    private static let cluster = Task { try await PrivateCluster.make() }

    static func run(_ seed: UInt64, steps: Int = 500, spoiling: String? = nil) async throws {
        let database = try await cluster.value.createDatabase(.installed)
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

    // MARK: planted faults

    /// A fault put into a function of the database, that some seed must find.
    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let function: String
        let replace: String
        let by: String

        /// Replaces the function by itself with the fault; fails where the text to replace is not there.
        var sql: String {
            """
            DO $fault$
            DECLARE text text := pg_get_functiondef('changefeed.\(function)'::regproc);
            BEGIN
                IF position($a$\(replace)$a$ IN text) = 0 THEN RAISE EXCEPTION 'nothing to spoil'; END IF;
                EXECUTE replace(text, $a$\(replace)$a$, $b$\(by)$b$);
            END $fault$;
            """
        }
    }

    static let faults = [
        Fault(
            testDescription: "the cursor is an id: what commits late with a low id is lost", function: "sync_window",
            replace: "SELECT e.* FROM unnest(running) r (xid)", by: "SELECT e.* FROM unnest('{}'::xid8[]) r (xid)"),
        Fault(
            testDescription: "a transaction that ran beyond the snapshot's xmax has begun later", function: "sync_window",
            replace: "WHERE d.seen_log_id > d.window_from AND", by: "WHERE false AND"),
        Fault(
            testDescription: "an id above the snapshot's low mark counts as seen", function: "log_position",
            replace: "SELECT s.last_value - CASE WHEN s.is_called THEN 0 ELSE 1 END INTO low_id", by: "SELECT s.last_value + 3 INTO low_id"),
        Fault(
            testDescription: "a pull moves the cursor", function: "pull",
            replace: "handed = greatest(v.handed, page.last_id)", by: "position = page.last_id, handed = greatest(v.handed, page.last_id)"),
        Fault(
            testDescription: "an acknowledgement settles what came before it, too", function: "settle_entries",
            replace: "coalesce((SELECT max(s) FROM unnest(settled) s WHERE s < first_open), v.position)",
            by: "(SELECT max(s) FROM unnest(settled) s)"),
        Fault(
            testDescription: "an acknowledgement forgets those out of order", function: "settle_entries",
            replace: "acked = ARRAY(SELECT s FROM unnest(settled) s WHERE s > first_open ORDER BY s)", by: "acked = '{}'"),
        Fault(
            testDescription: "an acknowledgement ends the batch with its first window", function: "settle_entries",
            replace: "ELSIF d.window_is_last THEN", by: "ELSIF true THEN"),
        Fault(
            testDescription: "superseded events are handed out", function: "sync_window",
            replace: "GROUP BY w.model, r.record_id", by: "GROUP BY w.model, r.record_id, w.id"),
        Fault(
            testDescription: "a deletion that follows a creation is nothing, even for who may have the record", function: "sync_window",
            replace: "CASE WHEN w.is_doubtful THEN greatest(w.kind, 1) ELSE w.kind END", by: "w.kind"),
        Fault(
            testDescription: "a gap in capture is not told", function: "gap_models",
            replace: "FILTER (WHERE g.ended)", by: "FILTER (WHERE false)"),
        Fault(
            testDescription: "emptied slots are not told", function: "pull",
            replace: "IF changefeed.lacks_emptied(stored.seen, stored.base) THEN", by: "IF false THEN"),
        Fault(
            testDescription: "truncations are not told", function: "pull",
            replace: "IF w.truncated IS NOT NULL THEN", by: "IF false THEN"),
        Fault(
            testDescription: "models that are added are not told", function: "pull",
            replace: "IF stored.app_type IS NOT NULL AND added <> '{}' THEN", by: "IF false THEN"),
        Fault(
            testDescription: "another epoch is not told", function: "pull",
            replace: "IF stored.epoch <> feed.epoch THEN", by: "IF false THEN"),
    ]

    @Test("finds planted faults", arguments: faults)
    func finds(fault: Fault) async throws {
        var found: (any Error)?
        for seed in 1...40 as ClosedRange<UInt64> {
            do {
                try await Self.run(seed, steps: 400, spoiling: fault.sql)
            } catch {
                found = error
                break
            }
        }
        let violation = try #require(found as? SyncChecker.Violation, "no seed found it")
        #expect(!violation.what.contains("nothing to spoil"))
    }
}
