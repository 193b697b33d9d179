import ChangeFeedTesting
import Postgres
import Testing

extension Retention {
    @Suite("The size budget of the log")
    struct LogBudgetTests {
        private static func bytes(_ it: RetentionDatabase) async throws -> Int64 {
            try #require(Int64(try await it.database.psql("SELECT changefeed.log_bytes()")))
        }

        private static func keep(
            _ it: RetentionDatabase, _ budget: Int64, _ action: String = "oldest", dryRun: Bool = false
        ) async throws -> [String] {
            try await it.service.lines(
                "SELECT step, object, events, state FROM changefeed.keep_log_budget($1, $2, $3)",
                [.int(budget), .text(action), .bool(dryRun)])
        }

        /// Some log that is larger than sixteen empty tables.
        private static func fill(_ it: RetentionDatabase) async throws {
            try await it.database.psql(
                """
                INSERT INTO changefeed.event (slot, epoch, xid, model, event, occurred_at, ids)
                SELECT c.slot, 1, pg_current_xact_id(), 'res.partner', 'write', clock_timestamp(), ARRAY[n]
                FROM changefeed.control c, generate_series(1, 20000) n
                """)
        }

        @Test("from 80 % on it says so, in verify() too, and does nothing")
        func near() async throws {
            try await RetentionDatabase.with { it in
                try await Self.fill(it)
                let bytes = try await Self.bytes(it)
                #expect(try await Self.keep(it, 0) + Self.keep(it, bytes * 2, "pause") == [])
                #expect(try await Self.keep(it, bytes * 10 / 9, "pause") == ["budget|log||near"])
                let findings = "SELECT code, level FROM changefeed.verify() WHERE code = 'CF119'"
                for (budget, expected) in [(0, []), (bytes * 2, []), (bytes * 10 / 9, ["CF119|warning"])] {
                    _ = try await it.service.query(
                        "SELECT changefeed.note_retention_settings('1 day', '90 days', $1, 'oldest')", [.int(budget)])
                    #expect(try await it.service.lines(findings) == expected)
                }
            }
        }

        @Test("oldest: the current slot is closed and emptied; devices that are behind are asked to resync")
        func oldest() async throws {
            try await RetentionDatabase.with { it in
                try await it.write("1")
                try await it.follow("settled")
                try await Self.fill(it)
                try await it.follow("settled")
                #expect(try await it.pull("behind").hasPrefix("||"))
                let budget = try await Self.bytes(it) - 1
                #expect(try await Self.keep(it, budget, dryRun: true) == ["budget|slot 0||due"])
                #expect(try await Self.keep(it, budget) == ["rotate|slot 1||done"])
                #expect(try await Self.keep(it, budget, dryRun: true) == ["budget|slot 0|20001|due"])
                // Autovacuum may hold the table for a moment: then the step is held back, and the next run takes it.
                try await eventually("the slot is emptied") {
                    try await Self.keep(it, budget) == ["budget|slot 0|20001|done"]
                }
                #expect(try await Self.keep(it, budget) == [])
                try await it.write("2")
                #expect(try await it.pull("settled") == "||1")
                #expect(try await it.pull("behind") == "resync|cursor_expired|0")
            }
        }

        @Test("oldest: of several slots the oldest goes first, and no more than need be")
        func several() async throws {
            try await RetentionDatabase.with { it in
                for _ in 0..<3 {
                    try await Self.fill(it)
                    _ = try await it.service.query("SELECT changefeed.rotate()")
                }
                let budget = try await Self.bytes(it) - 1
                try await eventually("the slot is emptied") {
                    try await Self.keep(it, budget) == ["budget|slot 0|20000|done"]
                }
                #expect(try await Self.keep(it, budget).allSatisfy { !$0.hasSuffix("done") })
                #expect(
                    try await it.service.lines("SELECT DISTINCT slot FROM changefeed.event ORDER BY 1") == ["1", "2"])
            }
        }

        @Test(
            "oldest: a slot that has an eighth of the budget is closed, so that emptying takes a part of the log only")
        func eighth() async throws {
            try await RetentionDatabase.with { it in
                try await Self.fill(it)
                let bytes = try await Self.bytes(it)
                #expect(try await Self.keep(it, bytes * 20) == [])
                #expect(try await Self.keep(it, bytes * 4) == ["rotate|slot 1||done"])
                #expect(try await Self.keep(it, bytes * 4) == [])
            }
        }

        @Test("pause: capture stops, once, with a reason that names the budget; Odoo keeps writing")
        func pause() async throws {
            try await RetentionDatabase.with { it in
                try await Self.fill(it)
                let budget = try await Self.bytes(it) - 1
                #expect(try await Self.keep(it, budget, "pause", dryRun: true) == ["budget|log||due"])
                #expect(try await it.service.value("SELECT paused FROM changefeed.control") == "f")
                #expect(try await Self.keep(it, budget, "pause") == ["budget|log||done"])
                #expect(
                    try await it.service.value("SELECT pause_reason FROM changefeed.control").hasPrefix(
                        "log is over its size budget of "))
                #expect(try await Self.keep(it, budget, "pause") == ["budget|log||held"])
                try await it.write("1")
                #expect(try await it.service.value("SELECT count(*) FROM changefeed.event") == "20000")
            }
        }
    }
}
