import ChangeFeedTesting
import Foundation
import Postgres
import Testing

@Suite("Devices beside writers and retention, in random order", .timeLimit(.minutes(60)))
struct SyncCheckerTests {
    private static let environment = ProcessInfo.processInfo.environment
    /// CHANGEFEED_CHECKER_SEEDS=1000 runs that many, CHANGEFEED_CHECKER_FIRST_SEED=7 begins there.
    private static let seeds = Int(environment["CHANGEFEED_CHECKER_SEEDS"] ?? "") ?? 6
    /// CHANGEFEED_CHECKER_STEPS=400 ends each run after that many.
    private static let steps = Int(environment["CHANGEFEED_CHECKER_STEPS"] ?? "") ?? 500
    private static let firstSeed = UInt64(environment["CHANGEFEED_CHECKER_FIRST_SEED"] ?? "") ?? 1

    /// CHANGEFEED_CHECKER_FAULT=language plants only the faults whose descriptions hold that.
    private static let wanted = environment["CHANGEFEED_CHECKER_FAULT"]

    /// For the tests that make a few changes only.
    private static let cluster = Task { try await PrivateCluster.make() }

    /// Runs what is random in a cluster of its own: a gap ends when the transactions of all the cluster's databases have ended.
    private static func apart(_ body: (PrivateCluster) async throws -> Void) async throws {
        let cluster = try await PrivateCluster.make()
        do {
            try await body(cluster)
        } catch {
            await cluster.remove()
            throw error
        }
        await cluster.remove()
    }

    private static func run(
        _ seed: UInt64, in cluster: PrivateCluster, steps: Int = steps, release: Int = 18, spoiling: String? = nil
    ) async throws {
        let database = try await cluster.createDatabase(release == 18 ? .installed : .shapeInstalled(release))
        try await database.psql(SyncChecker.setUp + (spoiling ?? ""))
        let checker = try await SyncChecker(database, seed: seed, release: release)
        do {
            try await checker.run(steps: steps)
        } catch {
            await checker.close()
            throw error
        }
        await checker.close()
        try await database.psql("DROP DATABASE \(database.name)", in: "postgres")
    }

    @Test(
        "each device's copy equals the database, whatever happened in between, on the shape of each release",
        arguments: [18, 16, 19])
    func copies(release: Int) async throws {
        // A third of the seeds on the other shapes, where the same happens to other tables.
        let count = release == 18 ? Self.seeds : max(1, Self.seeds / 3)
        try await Self.apart { cluster in
            for seed in Self.firstSeed..<(Self.firstSeed + UInt64(count)) {
                try await Self.run(seed, in: cluster, release: release)
            }
        }
    }

    @Test(
        "each receiver's copy equals the database, and none gets an older state after a newer one",
        arguments: [18, 16, 19])
    func deliveries(release: Int) async throws {
        let count = release == 18 ? max(1, Self.seeds / 2) : 1
        // Every fourth seed has endpoints.
        let first = (Self.firstSeed + 3) / 4
        try await Self.apart { cluster in
            for number in first..<(first + UInt64(count)) {
                try await Self.run(4 * number, in: cluster, release: release)
            }
        }
    }

    // MARK: planted faults

    /// A fault put into a function of the database, that some seed must find.
    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let function: String
        var seed: UInt64 = 1
        /// About filters, which are in every third run.
        var isOfFilters = false
        /// About endpoints, which are in every fourth.
        var isOfEndpoints = false
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
            testDescription: "an id above the snapshot's low mark counts as seen", function: "log_position",
            replace: "SELECT s.last_value - CASE WHEN s.is_called THEN 0 ELSE 1 END INTO low_id",
            by: "SELECT s.last_value + 3 INTO low_id"),
        Fault(
            testDescription: "a pull moves the cursor", function: "pull",
            replace: "handed = greatest(v.handed, page.last_id)",
            by: "position = page.last_id, handed = greatest(v.handed, page.last_id)"),
        Fault(
            testDescription: "an acknowledgement settles what came before it, too", function: "settle_entries",
            replace: "coalesce((SELECT max(s) FROM unnest(settled) s WHERE s < first_open), v.position)",
            by: "(SELECT max(s) FROM unnest(settled) s)"),
        Fault(
            testDescription: "an acknowledgement forgets those out of order", function: "settle_entries",
            replace: "acked = ARRAY(SELECT s FROM unnest(d.acked || newly) s WHERE s > first_open ORDER BY s)",
            by: "acked = '{}'"),
        Fault(
            testDescription: "an acknowledgement ends the batch with its first window", function: "settle_entries",
            seed: 9,
            replace: "ELSIF d.window_is_last THEN", by: "ELSIF true THEN"),
        Fault(
            testDescription: "superseded events are handed out", function: "sync_window",
            replace: "GROUP BY w.model, r.record_id", by: "GROUP BY w.model, r.record_id, w.id"),
        Fault(
            testDescription: "who ran when the cursor was taken is passed over where one statement is new",
            function: "sync_window", replace: "IF running = '{}' AND d.window_from = 0", by: "IF d.window_from = 0"),
        Fault(
            testDescription: "a single statement is a creation, though the device may have the record from a list",
            function: "sync_window", replace: "AND NOT d.bases ? single.model", by: ""),
        Fault(
            testDescription: "a kept window lacks its next entry", function: "device_window",
            replace: "1 + width_bucket(d.position, k.ids)", by: "2 + width_bucket(d.position, k.ids)"),
        Fault(
            testDescription: "a kept window is that of other models and lists", function: "window_question",
            replace: "d.models, d.bases, ", by: ""),
        Fault(
            testDescription: "a gap in capture is not told", function: "gap_models", seed: 2,
            replace: "FILTER (WHERE g.ended)", by: "FILTER (WHERE false)"),
        Fault(
            testDescription: "emptied slots are not told", function: "pull", seed: 3,
            replace: "IF changefeed.lacks_emptied(stored.seen, stored.base) THEN", by: "IF false THEN"),
        Fault(
            testDescription: "what hung on other rows is judged by these as they are now", function: "seen_before",
            seed: 15,
            replace:
                "IF scope.formerly IS NULL OR scope.former_tables = '{public.mail_followers}' OR record_ids <@ found THEN",
            by: "IF true THEN"),
        Fault(
            testDescription: "a deletion is not told where the rows that it hung on went with it",
            function: "former_rows", seed: 38,
            replace: "WHERE l.olds IS NOT NULL AND r.old IS NOT NULL", by: "WHERE false"),
        Fault(
            testDescription: "a change of the user's language is not told", function: "odoo_data_scopes", seed: 3,
            replace: "owner.lang, owner.company, owner.root_company", by: "owner.company, owner.root_company"),
        Fault(
            testDescription: "a change of the user's current company is not told", function: "odoo_data_scopes",
            seed: 7,
            replace: "owner.lang, owner.company, owner.root_company", by: "owner.lang"),
        Fault(
            testDescription: "a digest of data ends with its first records", function: "data_digest", seed: 2,
            replace: "INTO ranges, next_from_id FROM kept k", by: "INTO ranges FROM kept k"),
        Fault(
            testDescription: "a hash does not look at the data", function: "data_hash", seed: 2,
            replace: "convert_to(data,", by: "convert_to(left(data, 5),"),
        Fault(
            testDescription: "a copy that was set back is not told", function: "is_set_back",
            replace: "RETURN (batch, settled_id) <", by: "RETURN false AND (batch, settled_id) <"),
        Fault(
            testDescription: "another epoch is not told", function: "pull",
            replace: "IF stored.epoch <> feed_epoch THEN", by: "IF false THEN"),
        Fault(
            testDescription: "a first copy ends with its first page", function: "copy_page", seed: 2,
            replace: "c.is_last := cardinality(found) <= max_entries", by: "c.is_last := true"),
        Fault(
            testDescription: "a page of a first copy is another one each time", function: "copy_page",
            replace: "IF c.page IS NULL THEN", by: "IF true THEN"),
        Fault(
            testDescription: "a first copy's page is settled by a part of it", function: "settle_copy", seed: 20,
            replace: "is_whole := cardinality(c.settled) = cardinality(c.page)", by: "is_whole := true"),
        Fault(
            testDescription: "a model of which a first copy has handed something out is not to be taken anew",
            function: "waits_for_copy", seed: 11,
            replace: "AND NOT d.bases ? m", by: ""),
        Fault(
            testDescription: "a record that left the filter is not told", function: "shown_before", seed: 6,
            isOfFilters: true,
            replace: "WHERE events[p.place] <> 'unlink' AND record_ids[p.place] = ANY (ruled);", by: "WHERE false;"),
        Fault(
            testDescription: "what left the filter is judged by the record as it is now",
            function: "odoo_filtered_before", seed: 6, isOfFilters: true,
            replace: "WHERE e.old IS NOT NULL AND (NOT v.old ?& $9 OR (%2$s))",
            by: "WHERE e.old IS NOT NULL AND EXISTS (SELECT FROM (%3$s) t WHERE t.id = e.record_id AND (%2$s))"),
        Fault(
            testDescription: "a column that the log does not keep counts as kept", function: "filtered_scopes",
            seed: 33, isOfFilters: true,
            replace: "array_remove(names, 'id') <@ t.rule_columns::text[]", by: "true"),
        Fault(
            testDescription: "another filter is not told", function: "filtered_scopes", seed: 9, isOfFilters: true,
            replace: "md5(asks ->> 'domain')", by: "'x'"),
        Fault(
            testDescription: "a list looks at no filter", function: "odoo_shown_ids", seed: 3, isOfFilters: true,
            replace: "IF scope.filter IS NULL THEN", by: "IF true THEN"),
        Fault(
            testDescription: "a change of access is not noticed", function: "odoo_access_version",
            replace: "concat_ws(':', mark, count(*), max(c.id), sum(hashint8extended(c.id, 0)))", by: "mark || ':'"),
    ]

    static let deliveryFaults = [
        Fault(
            testDescription: "a message counts as delivered before it was accepted", function: "endpoint_settle",
            seed: 4, isOfEndpoints: true,
            replace: "WHERE s.outcome IN ('failed', 'dead', 'waits')", by: "WHERE s.outcome IN ('dead', 'waits')"),
        Fault(
            testDescription: "a message that was not sent yet counts as delivered", function: "endpoint_settle",
            seed: 4, isOfEndpoints: true,
            replace: "WHERE s.outcome IN ('failed', 'dead', 'waits')", by: "WHERE s.outcome IN ('failed', 'dead')"),
        Fault(
            testDescription: "a retry forgets a newer state", function: "endpoint_settle", seed: 36,
            isOfEndpoints: true,
            replace: "AND q.event_id <= s.event_id", by: ""),
        Fault(
            testDescription: "what waits is not replaced by a newer state", function: "endpoint_settle", seed: 36,
            isOfEndpoints: true,
            replace: "WHERE q.event_id <= excluded.event_id", by: "WHERE q.event_id = excluded.event_id"),
        Fault(
            testDescription: "a settlement under an old lease counts", function: "endpoint_settle", seed: 8,
            isOfEndpoints: true,
            replace: "AND o.owner = endpoint_settle.owner FOR UPDATE", by: "FOR UPDATE"),
        Fault(
            testDescription: "a lease does not keep others out", function: "endpoint_lease", seed: 4,
            isOfEndpoints: true,
            replace: "OR o.owned_until IS NULL", by: "OR true"),
        Fault(
            testDescription: "what waits is forgotten when another replica takes over", function: "endpoint_held",
            seed: 4, isOfEndpoints: true,
            replace: "AND NOT q.is_dead", by: "AND false"),
        Fault(
            testDescription: "a list counts as delivered when it is read", function: "endpoint_list", seed: 4,
            isOfEndpoints: true,
            replace: "'outcome', 'waits'", by: "'outcome', 'accepted'"),
        Fault(
            testDescription: "a copy of the database delivers", function: "delivery_allowed", seed: 4,
            isOfEndpoints: true,
            replace: "coalesce(s.allowed, false)", by: "true"),
    ]

    @Test(
        "finds planted faults",
        arguments: (faults + deliveryFaults).filter { wanted.map($0.testDescription.contains) ?? true })
    func finds(fault: Fault) async throws {
        try await Self.apart { cluster in
            var found: (any Error)?
            // First the seed that found it when it was planted, which saves time where that is still so.
            let step: UInt64 = fault.isOfEndpoints ? 4 : fault.isOfFilters ? 3 : 1
            for seed in [fault.seed] + (1...60).map({ step * $0 }) {
                do {
                    try await Self.run(seed, in: cluster, steps: 400, spoiling: fault.sql)
                } catch {
                    print(
                        "\(fault.testDescription): found by seed \(seed): \((error as? SyncChecker.Violation)?.what ?? "\(error)")"
                    )
                    found = error
                    break
                }
            }
            let violation = try #require(found as? SyncChecker.Violation, "no seed found it")
            #expect(!violation.what.contains("nothing to spoil"))
        }
    }

    /// A snapshot's xmax is one above the highest number that has ended: whoever runs at the top is not in its list. One of
    /// a hundred seeds met that; here it is made.
    @Test("a transaction that runs with the highest number of all is not lost", arguments: [false, true])
    func highestNumber(isSpoiled: Bool) async throws {
        // Numbers of transactions are the cluster's.
        try await Self.apart { try await highestNumber(isSpoiled, in: $0) }
    }

    private func highestNumber(_ isSpoiled: Bool, in cluster: PrivateCluster) async throws {
        let database = try await cluster.createDatabase(.installed)
        let fault = Fault(
            testDescription: "it is looked for above the log id only", function: "sync_window",
            replace: "WHERE d.seen_log_id > d.window_from AND", by: "WHERE false AND")
        try await database.psql(
            "SELECT changefeed.check_identity(); UPDATE sale_order SET state = 'sale' WHERE id = 1;"
                + (isSpoiled ? fault.sql : ""))
        let writer = try await database.connect(user: "odoo")
        let service = try await database.connect(user: "changefeed_login")
        _ = try await service.query("SELECT changefeed.reset_device(2, 'phone')")
        // Two statements: a single one is found another way.
        try await writer.execute(
            script: """
                BEGIN; UPDATE res_partner SET phone = '1' WHERE id = 1; UPDATE sale_order SET state = 'done' WHERE id = 2
                """)
        _ = try await service.query("SELECT changefeed.reset_device(2, 'phone')")
        try await writer.execute(script: "COMMIT")
        #expect(try await service.value("SELECT entries FROM changefeed.pull(2, 'phone')") == (isSpoiled ? "0" : "2"))
    }

    @Test("a record that was created and deleted while a list was taken is sent as deleted", arguments: [false, true])
    func listedAndGone(isSpoiled: Bool) async throws {
        let database = try await Self.cluster.value.createDatabase(.installed)
        let fault = Fault(
            testDescription: "a deletion that follows a creation is nothing", function: "sync_window",
            replace: "CASE WHEN w.is_doubtful THEN greatest(w.kind, 1) ELSE w.kind END", by: "w.kind")
        if isSpoiled { try await database.psql(fault.sql) }
        let service = try await database.connect(user: "changefeed_login")
        let first = try await service.value(
            "SELECT next_cursor FROM changefeed.snapshot_page(2, 'phone', 'res.partner', NULL, 15)")
        try await database.psql("INSERT INTO res_partner (id, name) VALUES (900, 'short-lived')", user: "odoo")
        let page = "SELECT complete, records FROM changefeed.snapshot_page(2, 'phone', 'res.partner', $1, 15)"
        let last = try await service.lines(page, [.text(first)])
        #expect(last.first?.hasPrefix("t|") == true && last.first?.contains("short-lived") == true)
        try await database.psql("DELETE FROM res_partner WHERE id = 900", user: "odoo")
        let events = try await service.value("SELECT events FROM changefeed.pull(2, 'phone')")
        #expect(events.contains(#""record_id":900,"event":"unlink""#) == !isSpoiled)
    }

    @Test(
        "a list that was begun before a model was followed, or while it was not, does not count",
        arguments: [false, true])
    func listBesideScope(isSpoiled: Bool) async throws {
        let database = try await Self.cluster.value.createDatabase(.installed)
        let fault = Fault(
            testDescription: "models that are added are not told", function: "pull",
            replace: "IF added || gone <> '{}' THEN", by: "IF false THEN")
        if isSpoiled { try await database.psql(fault.sql) }
        let service = try await database.connect(user: "changefeed_login")
        let pull =
            "SELECT coalesce(resync ->> 'code', problem, ''), entries FROM changefeed.pull(2, 'phone', 'all', $1::text[])"
        _ = try await service.lines(pull, [.textArray(["res.partner", "sale.order"])])
        let cursor = try await service.value(
            "SELECT next_cursor FROM changefeed.snapshot_page(2, 'phone', 'res.partner', NULL, 15)")
        _ = try await service.lines(pull, [.textArray(["sale.order"])])
        try await database.psql(
            "UPDATE res_partner SET phone = '1' WHERE id = 1; UPDATE changefeed.device SET last_pull_at = now() - interval '1 hour'"
        )
        // The cursor follows, past what is not followed.
        #expect(try await service.lines(pull, [.textArray(["sale.order"])]) == ["|0"])
        let told = try await service.lines(pull, [.textArray(["res.partner", "sale.order"])])
        #expect((told == ["scope_changed|0"]) == !isSpoiled)
        guard !isSpoiled else { return }
        #expect(
            try await service.value(
                "SELECT problem FROM changefeed.snapshot_page(2, 'phone', 'res.partner', $1, 15)", [.text(cursor)])
                == "cursor_mismatch")
    }
}
