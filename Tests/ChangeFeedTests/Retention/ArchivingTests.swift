import ChangeFeedTesting
import Postgres
import Testing

extension Retention {
    @Suite("What leaves the first API, and when")
    struct ArchivingTests {
        @Test(
            "after a week that which every active device has settled; the rest after a month, and devices still get it")
        func settledThenForced() async throws {
            try await RetentionDatabase.with { it in
                try await it.write("1")
                try await it.follow("phone")
                try await it.write("2")
                #expect(try await it.archive("settled") == [])
                try await it.age("8 days")
                #expect(try await it.archive("settled") == ["settled|first API|1|done"])
                #expect(try await it.expectSame(["res.partner|2|write"]))
                #expect(try await it.archive("settled") + it.archive("force") == [])
                try await it.age("23 days")
                #expect(try await it.archive("force") == ["force|first API|1|done"])
                #expect(try await it.expectSame([]))
                #expect(try await it.service.value("SELECT count(*) FROM changefeed.archived") == "1")
                #expect(try await it.pull("phone") == "||1")
            }
        }

        struct Device: Sendable, CustomTestStringConvertible {
            let testDescription: String
            let sql: String
            let archived: [String]
        }

        static let both = ["settled|first API|2|done"]
        static let none = ["settled|first API|1|done"]
        static let snapshot = #"'{"res.partner": {"id": "a", "since": "3:3:", "until": null, "at": "AT"}}'"#

        static let devices = [
            Device(testDescription: "that pulled lately holds back what it has not settled", sql: "", archived: none),
            Device(
                testDescription: "that pulled 29 days ago does, too", sql: "last_pull_at = now() - interval '29 days'",
                archived: none),
            Device(
                testDescription: "that did not pull for 31 days holds nothing back",
                sql: "last_pull_at = now() - interval '31 days'", archived: both),
            Device(testDescription: "of an older epoch holds nothing back", sql: "epoch = 0", archived: both),
            Device(
                testDescription: "that is taking a list of a model holds back, whenever it pulled",
                sql:
                    "last_pull_at = '-infinity', bases = replace(\(snapshot), 'AT', (now() - interval '23 hours')::text)::jsonb",
                archived: none),
            Device(
                testDescription: "whose list was begun two days ago is forgotten",
                sql:
                    "last_pull_at = '-infinity', bases = replace(\(snapshot), 'AT', (now() - interval '2 days')::text)::jsonb",
                archived: both),
            Device(
                testDescription: "whose list has ended is forgotten",
                sql:
                    "last_pull_at = '-infinity', bases = replace(replace(\(snapshot), 'AT', now()::text), 'null', '\"4:4:\"')::jsonb",
                archived: both),
        ]

        @Test("a device", arguments: devices)
        func holdsBack(_ device: Device) async throws {
            try await RetentionDatabase.with { it in
                try await it.write("1")
                try await it.follow("phone")
                try await it.write("2")
                try await it.age("8 days")
                if !device.sql.isEmpty { try await it.database.psql("UPDATE changefeed.device SET \(device.sql)") }
                #expect(try await it.archive("settled") == device.archived)
                #expect(try await it.expectSame(device.archived == Self.both ? [] : ["res.partner|2|write"]))
            }
        }

        @Test("what a transaction still holds back is not archived unseen, however old its ids are")
        func slowTransaction() async throws {
            try await RetentionDatabase.with { it in
                let slow = try await it.database.connect(user: "odoo")
                try await slow.execute(script: "BEGIN; UPDATE res_partner SET phone = '1' WHERE id = 3")
                try await it.write("1")
                try await it.follow("phone")
                try await it.write("2")
                try await it.age("8 days")
                #expect(try await it.archive("settled") == [])
                try await it.database.psql("UPDATE changefeed.device SET last_pull_at = '-infinity'")
                #expect(try await it.archive("settled") == ["settled|first API|2|done"])
                try await slow.execute(script: "COMMIT")
                try await it.age("8 days")
                #expect(try await it.expectSame(["res.partner|3|write"]))
            }
        }

        @Test("after a restore into another cluster what was not settled is still shown")
        func restored() async throws {
            try await RetentionDatabase.with { it in
                try await it.database.psql(
                    """
                    INSERT INTO changefeed.event (id, xid, occurred_at, epoch, slot, model, event, ids) VALUES
                        (1, '5000000', now() - interval '3 hours', 1, 0, 'res.partner', 'write', '{1}'),
                        (2, '5000001', now() - interval '3 hours', 1, 0, 'res.partner', 'write', '{2}');
                    INSERT INTO changefeed.archived (before, seen, settled, from_log_id, events, archived_by)
                        VALUES (now() - interval '2 hours', '5000009:5000009:', '5000001', 2, 1, 'test');
                    UPDATE changefeed.identity SET system_identifier = system_identifier + 1;
                    SELECT changefeed.check_identity();
                    """)
                #expect(try await it.expectSame(["res.partner|2|write"]))
            }
        }

        @Test("a single model can be archived, regardless of which devices have settled it")
        func model() async throws {
            try await RetentionDatabase.with { it in
                try await it.write("1, 2")
                try await it.database.psql("UPDATE sale_order SET state = 'sale' WHERE id = 1", user: "odoo")
                #expect(
                    try await it.service.value("SELECT changefeed.archive_model('res.partner', now(), 'test')") == "2")
                #expect(try await it.expectSame(["sale.order|1|write"]))
                #expect(
                    try await it.service.value("SELECT changefeed.archive_model('res.partner', now(), 'test')") == "0")
                try await it.write("3")
                #expect(try await it.expectSame(["res.partner|3|write", "sale.order|1|write"]))
            }
        }

        @Test("a dry run tells what a run does, and does nothing")
        func dryRun() async throws {
            try await RetentionDatabase.with { it in
                try await it.write("1")
                try await it.age("31 days")
                try await it.write("2, 3")
                try await it.age("8 days")
                let due = try await it.archive(dryRun: true)
                #expect(due == ["force|first API|1|due", "settled|first API|2|due", "rotate|slot 1||due"])
                #expect(try await it.archive(dryRun: true) == due)
                #expect(
                    try await it.service.value(
                        "SELECT (SELECT count(*) FROM changefeed.archived) + (SELECT slot FROM changefeed.control)")
                        == "0")
                #expect(try await it.archive() == due.map { $0.replacing("due", with: "done") })
                #expect(
                    try await it.service.lines(
                        "SELECT total, active, archived, archived_percentage FROM changefeed.archive_stats") == [
                            "3|0|3|100.0"
                        ])
            }
        }

        @Test("times that fall, unknown steps and a transaction that has written are refused")
        func refused() async throws {
            let service = try await PrivateCluster.shared().createDatabase(.installed).connect(user: "changefeed_login")
            for sql in [
                "SELECT * FROM changefeed.archive(true, 'nothing')",
                "SELECT * FROM changefeed.archive(true, NULL, '8 days', '7 days')",
                "SELECT * FROM changefeed.archive(true, NULL, '8 days', '9 days', '1 day')",
                "SELECT * FROM changefeed.archive(NULL)",
                "SELECT * FROM changefeed.archive(true, NULL, '0')", "SELECT * FROM changefeed.keep_log_budget(-1)",
                "SELECT * FROM changefeed.keep_log_budget(1, 'drop')",
            ] {
                await #expect(throws: PostgresError.self, "\(sql)") { try await service.query(sql) }
            }
            try await service.execute(script: "BEGIN; SELECT changefeed.note_error('test', 'x')")
            await #expect(throws: PostgresError.self) {
                try await service.query("SELECT * FROM changefeed.archive(false)")
            }
        }

        @Test("creates and writes of records that are gone leave the first API, and no device loses them")
        func orphans() async throws {
            try await RetentionDatabase.with { it in
                try await it.database.psql(
                    """
                    INSERT INTO sale_order (name, partner_id) VALUES ('S9', 1); UPDATE sale_order SET state = 'sale' WHERE id = 6;
                    UPDATE hr_expense SET name = 'x'; DELETE FROM sale_order WHERE id = 6;
                    """, user: "odoo")
                // Without an unlink event in the log.
                try await it.database.psql(
                    "SET session_replication_role = replica; ALTER TABLE hr_expense DISABLE TRIGGER ALL; DELETE FROM hr_expense"
                )
                try await it.write("1")
                #expect(try await it.archive("orphans", dryRun: true) == ["orphans|first API|2|due"])
                #expect(try await it.service.lines(RetentionDatabase.live).count == 4)
                #expect(try await it.archive("orphans") == ["orphans|first API|2|done"])
                #expect(try await it.archive("orphans") == [])
                let rest = ["res.partner|1|write", "sale.order|6|unlink"]
                #expect(try await it.expectSame(rest))
                #expect(
                    try await it.service.lines(
                        "SELECT record_id FROM changefeed.v1_events('{hr.expense}', NULL, NULL, NULL, 9, 0)") == [])
                #expect(try await it.service.value("SELECT count(*) FROM changefeed.event") == "5")
                // One that comes again with the same id is shown again.
                try await it.database.psql(
                    "INSERT INTO sale_order (id, name, partner_id) VALUES (6, 'S9', 1)", user: "odoo")
                #expect(try await it.archive("orphans") == [])
                #expect(try await it.expectSame(["res.partner|1|write", "sale.order|6|create", "sale.order|6|unlink"]))
                #expect(try await it.pull("phone") == "||3")
            }
        }

        @Test("of the errors the newest thousand are kept, and long ones are cut")
        func errors() async throws {
            let connection = try await PrivateCluster.shared().createDatabase(.installed).connect(
                user: "changefeed_login")
            _ = try await connection.query(
                "SELECT changefeed.note_error('test', n::text, '{\"n\": 1}') FROM generate_series(1, 1005) n")
            #expect(
                try await connection.lines(
                    "SELECT count(*), min(message::int), max(message::int) FROM changefeed.error") == ["1000|6|1005"])
            _ = try await connection.query(
                "SELECT changefeed.note_error('test', repeat('x', 9999), to_jsonb(repeat('x', 9999)))")
            #expect(
                try await connection.lines(
                    "SELECT length(message), context FROM changefeed.error ORDER BY id DESC LIMIT 1") == ["2000|{}"])
        }
    }
}
