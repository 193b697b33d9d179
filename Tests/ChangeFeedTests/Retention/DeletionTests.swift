import ChangeFeedTesting
import Postgres
import Testing

extension Retention {
    @Suite("What leaves the log, and when")
    struct DeletionTests {
        private static func rotate(_ it: RetentionDatabase) async throws {
            #expect(try await it.service.value("SELECT changefeed.rotate()") != "")
            _ = try await it.service.query("SELECT changefeed.settle()")
        }

        @Test("a retired slot is deleted after 90 days and never before, regardless of which devices have passed it")
        func age() async throws {
            try await RetentionDatabase.with { it in
                try await it.write("1")
                try await it.follow("phone")
                try await Self.rotate(it)
                try await it.follow("phone")
                try await it.age("89 days")
                #expect(try await it.archive("delete") == [])
                try await it.age("2 days")
                #expect(try await it.archive("delete", dryRun: true) == ["delete|slot 0|1|due"])
                #expect(try await it.service.value("SELECT count(*) FROM changefeed.event") == "1")
                #expect(try await it.archive("delete") == ["delete|slot 0|1|done"])
                #expect(try await it.service.value("SELECT count(*) FROM changefeed.event") == "0")
                #expect(try await it.archive("delete") == [])
            }
        }

        @Test("a slot with one event that is younger stays")
        func youngest() async throws {
            try await RetentionDatabase.with { it in
                try await it.write("1")
                try await Self.rotate(it)
                try await it.age("91 days")
                try await it.database.psql(
                    "UPDATE changefeed.slot SET closed_at = now() - interval '91 days' WHERE slot = 0; INSERT INTO changefeed.event (slot, epoch, xid, model, event, occurred_at, ids) SELECT 0, epoch, xid, model, event, now() - interval '89 days', ids FROM changefeed.event"
                )
                #expect(try await it.archive("delete") == [])
            }
        }

        @Test("a device that is behind gets cursor_expired; one that has settled everything continues without loss")
        func devices() async throws {
            try await RetentionDatabase.with { it in
                try await it.write("1")
                try await it.follow("settled")
                try await it.write("2")
                try await it.follow("settled")
                #expect(try await it.pull("behind") == "||2")
                try await Self.rotate(it)
                try await it.age("91 days")
                #expect(try await it.archive("delete") == ["delete|slot 0|2|done"])
                try await it.write("3")
                #expect(try await it.pull("settled") == "||1")
                #expect(try await it.pull("behind") == "resync|cursor_expired|0")
            }
        }

        @Test("emptying and telling the devices are one transaction")
        func oneTransaction() async throws {
            try await RetentionDatabase.with { it in
                try await it.write("1")
                #expect(try await it.pull("behind") == "||1")
                try await Self.rotate(it)
                try await it.service.execute(script: "BEGIN; SELECT changefeed.empty_slot(0::smallint); ROLLBACK")
                #expect(try await it.service.value("SELECT count(emptied_below) FROM changefeed.slot") == "0")
                #expect(try await it.pull("behind") == "||1")
                // A reader that comes in between waits for the end, and is told then.
                let other = try await it.database.connect(user: "changefeed_login")
                try await it.service.execute(script: "BEGIN; SELECT changefeed.empty_slot(0::smallint)")
                async let told = other.value(
                    "SELECT resync ->> 'code' FROM changefeed.pull(2, 'behind', with_data => false)")
                let observer = try await it.database.connect()
                try await eventually("the reader waits") {
                    try await observer.value(
                        "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'changefeed.event_00'::regclass)"
                    ) == "t"
                }
                try await it.service.execute(script: "COMMIT")
                #expect(try await told == "cursor_expired")
            }
        }

        @Test("a device that is taking a list holds the slot that it has not passed for a day, and no longer")
        func snapshotInProgress() async throws {
            try await RetentionDatabase.with { it in
                try await it.write("1")
                #expect(try await it.pull("phone") == "||1")
                _ = try await it.service.query(
                    "SELECT * FROM changefeed.snapshot_page(2, 'phone', 'res.partner', max_rows => 5)")
                try await Self.rotate(it)
                try await it.age("90 days 12 hours")
                #expect(try await it.archive("delete") == ["delete|slot 0|1|held"])
                try await it.age("13 hours")
                #expect(try await it.archive("delete") == ["delete|slot 0|1|done"])
            }
        }

        @Test(
            "a held lock makes it give up, no writer waits, and no session waits behind a lock on the slots' rows either",
            arguments: ["table", "row"])
        func locks(what: String) async throws {
            try await RetentionDatabase.with { it in
                try await it.write("1")
                try await Self.rotate(it)
                try await it.age("91 days")
                let other = try await it.database.connect()
                try await other.execute(
                    script: what == "table"
                        ? "BEGIN; LOCK TABLE changefeed.event, changefeed.control, changefeed.slot IN ACCESS SHARE MODE"
                        : "BEGIN; SELECT FROM changefeed.slot WHERE slot = 0 FOR UPDATE")
                let writer = try await it.database.connect(user: "odoo")
                let reader = try await it.database.connect(user: "changefeed_login")
                // Its own short wait must do; a session waits without end.
                try await it.service.execute(script: "SET statement_timeout = '30s'")
                async let gaveUp = it.service.value("SELECT changefeed.empty_slot(0::smallint)")
                let observer = try await it.database.connect()
                try await eventually("it waits for the lock") {
                    try await observer.value(
                        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%empty_slot%' AND pid <> pg_backend_pid())"
                    ) == "t"
                }
                try await writer.execute(script: "UPDATE res_partner SET phone = '2' WHERE id = 2")
                #expect(try await reader.value("SELECT count(*) FROM changefeed.event") == "2")
                #expect(try await gaveUp == "f")
                try await other.execute(script: "ROLLBACK")
                #expect(try await it.archive("delete") == ["delete|slot 0|1|done"])
            }
        }

        @Test("a transaction that began while the ring turned has a lower number than the slot's quiet snapshot")
        func turning() async throws {
            try await RetentionDatabase.with { it in
                let turning = try await it.database.connect()
                try await turning.execute(script: "BEGIN; SELECT changefeed.rotate()")
                let slow = try await it.database.connect(user: "odoo")
                try await slow.execute(script: "BEGIN; UPDATE res_partner SET phone = '1' WHERE id = 1")
                let number = try await slow.value("SELECT pg_current_xact_id()")
                // Or the last query's portal would keep its snapshot.
                try await slow.execute(script: "SELECT 1")
                try await turning.execute(script: "COMMIT")
                // Transactions of other tests in this cluster may be older.
                try await eventually("the slot is quiet") {
                    _ = try await it.service.query("SELECT changefeed.settle()")
                    return try await it.service.value(
                        "SELECT quiet_snapshot IS NOT NULL FROM changefeed.slot WHERE slot = 0") == "t"
                }
                let quiet = try await it.service.lines(
                    "SELECT quiet_snapshot, pg_snapshot_xmax(quiet_snapshot) > $1::xid8 FROM changefeed.slot WHERE slot = 0",
                    [.text(number)])
                #expect(quiet.allSatisfy { $0.hasSuffix("|t") }, "\(quiet), \(number)")
                // It is what a device that looks now goes by.
                try await it.follow("phone")
                try await slow.execute(script: "COMMIT")
                #expect(try await it.pull("phone") == "||1")
            }
        }

        @Test("a slot is not emptied while a transaction that saw the older control row may still write to it")
        func olderSnapshot() async throws {
            try await RetentionDatabase.with { it in
                let slow = try await it.database.connect(user: "odoo")
                try await slow.execute(script: "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM res_partner")
                _ = try await it.service.query("SELECT changefeed.rotate()")
                #expect(try await it.service.value("SELECT changefeed.empty_slot(0::smallint)") == "f")
                try await slow.execute(script: "UPDATE res_partner SET phone = '1' WHERE id = 1; COMMIT")
                #expect(try await it.service.value("SELECT slot FROM changefeed.event") == "0")
                #expect(try await it.pull("phone") == "||1")
            }
        }

        @Test("the ring turns when the slot is a thirteenth of the retention old and holds something")
        func turns() async throws {
            try await RetentionDatabase.with { it in
                try await it.age("7 days")
                #expect(try await it.archive("rotate") == [])
                try await it.write("1")
                #expect(try await it.archive("rotate", dryRun: true) == ["rotate|slot 1||due"])
                #expect(try await it.archive("rotate") == ["rotate|slot 1||done"])
                try await it.write("2")
                #expect(try await it.archive("rotate") == [])
                try await it.age("6 days")
                #expect(try await it.archive("rotate") == [])
            }
        }

        @Test("with a run every day, 90 days always fit into the ring, and nothing stays much longer")
        func everyDay() async throws {
            try await RetentionDatabase.with { it in
                for day in 0..<120 {
                    try await it.write("1")
                    try await it.age("1 day")
                    let steps = try await it.archive("delete") + it.archive("rotate")
                    #expect(steps.allSatisfy { $0.hasSuffix("done") }, "day \(day): \(steps)")
                }
                let kept = try await it.service.value(
                    "SELECT count(DISTINCT occurred_at::date) FROM changefeed.event WHERE occurred_at > now() - interval '90 days'"
                )
                #expect(kept == "90" || kept == "89")
                #expect(
                    try await it.service.value(
                        "SELECT min(occurred_at) > now() - interval '99 days' FROM changefeed.event") == "t")
            }
        }
    }
}
