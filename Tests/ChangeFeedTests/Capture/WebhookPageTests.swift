import ChangeFeedTesting
import Postgres
import Testing

@Suite("Version 1's pages and counts, however the log was written")
struct WebhookPageTests {
    private static let models: Parameter = .textArray(InstallTests.eleven)
    private static let view = """
        SELECT id, model, record_id, event, timestamp FROM changefeed.v1_event WHERE NOT archived
        ORDER BY id DESC LIMIT $1::int OFFSET $2::int
        """

    struct Log: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let sql: String
    }

    static let logs = [
        Log(
            testDescription: "statements that write the same records, and single writes between them",
            sql: """
                INSERT INTO res_partner (name) SELECT 'n' FROM generate_series(1, 60);
                DO $$ BEGIN FOR i IN 1..140 LOOP
                    UPDATE res_partner SET phone = i::text WHERE id <= 20;
                    UPDATE res_partner SET phone = i::text WHERE id = i % 30;
                    UPDATE sale_order SET amount_total = i WHERE id = i % 9;
                END LOOP; END $$;
                """),
        Log(
            testDescription: "statements that write more records than a page, a window and a row of the log hold",
            sql: """
                UPDATE sale_order SET amount_total = 1;
                INSERT INTO res_partner (name) SELECT 'n' FROM generate_series(1, 6000);
                UPDATE res_partner SET phone = '1' WHERE id % 2 = 0;
                DELETE FROM res_partner WHERE id > 100 AND id % 3 = 0;
                UPDATE res_partner SET phone = '2' WHERE id % 7 = 0;
                UPDATE sale_order SET amount_total = 2 WHERE id = 1;
                """),
        Log(
            testDescription: "creates that are newer than the writes that they hide",
            sql: """
                DO $$ BEGIN FOR i IN 1..300 LOOP
                    INSERT INTO res_partner (id, name) VALUES (900 + i, 'n');
                    UPDATE res_partner SET phone = '1' WHERE id = 900 + i;
                    DELETE FROM res_partner WHERE id = 900 + i;
                    INSERT INTO res_partner (id, name) VALUES (900 + i, 'again');
                    UPDATE sale_order SET amount_total = i;
                END LOOP; END $$;
                """),
        Log(
            testDescription: "models of which the newest rows of the log have none",
            sql: """
                UPDATE account_move SET amount_total = 1;
                DO $$ BEGIN FOR i IN 1..700 LOOP UPDATE res_partner SET phone = i::text WHERE id = 1; END LOOP; END $$;
                """),
        Log(
            testDescription: "rows in several slots, of which one was emptied",
            sql: """
                UPDATE res_partner SET phone = '1'; RESET ROLE;
                SELECT changefeed.rotate(); SET ROLE odoo; UPDATE sale_order SET amount_total = 2; RESET ROLE;
                SELECT changefeed.settle(); SELECT changefeed.empty_slot(0::smallint);
                SELECT changefeed.rotate(); SET ROLE odoo; UPDATE res_partner SET phone = '3' WHERE id < 5;
                """),
    ]

    @Test("pages are the view's rows, and the counts are theirs", arguments: logs)
    func pages(_ log: Log) async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql("SET ROLE odoo; \(log.sql)")
        let connection = try await database.connect()
        for (limit, offset) in [(100, 0), (1, 0), (7, 3), (1000, 0), (100, 550), (50, 2500), (1000, 7000)] {
            #expect(
                try await connection.lines(
                    WebhookEventTests.page, [Self.models, nil, nil, nil, .int(limit), .int(offset)])
                    == connection.lines(Self.view, [.int(limit), .int(offset)]), "limit \(limit), offset \(offset)")
        }
        #expect(
            try await connection.lines("SELECT * FROM changefeed.v1_summary($1, NULL)", [Self.models])
                == connection.lines(
                    """
                    SELECT model, count(*), max(timestamp) FROM changefeed.v1_event WHERE NOT archived
                    GROUP BY model ORDER BY model
                    """))
    }

    @Test("only slots that may have rows are looked into, also after the clock was set back")
    func slots() async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect()
        let used = "SELECT first_slot, last_slot FROM changefeed.used_slots()"
        #expect(try await connection.lines(used) == ["0|0"])
        try await connection.execute(
            script: "UPDATE res_partner SET phone = '1' WHERE id = 1; SELECT changefeed.rotate()")
        #expect(try await connection.lines(used) == ["0|1"])
        try await connection.execute(script: "SELECT changefeed.settle()")
        #expect(try await connection.lines(used) == ["0|1"])
        #expect(try await connection.value("SELECT changefeed.empty_slot(0::smallint)") == "t")
        #expect(try await connection.lines(used) == ["1|1"])
        // Once around the ring, by a clock that is years behind.
        for _ in 0..<15 {
            #expect(try await connection.value("SELECT changefeed.rotate() IS NOT NULL") == "t")
            try await connection.execute(
                script: "UPDATE changefeed.slot SET opened_at = '2000-01-01' WHERE closed_at IS NULL")
        }
        #expect(try await connection.value("SELECT slot FROM changefeed.control") == "0")
        try await connection.execute(script: "UPDATE res_partner SET phone = '2' WHERE id = 2")
        #expect(try await connection.value("SELECT first_slot FROM changefeed.used_slots()") == "0")
        // What an earlier round emptied of the slot is no sign that it is empty now.
        #expect(try await connection.value("SELECT changefeed.rotate()") == "1")
        try await connection.execute(script: "SELECT changefeed.settle()")
        #expect(try await connection.lines(used) == ["0|15"])
        #expect(try await connection.lines(WebhookEventTests.page, [Self.models, nil, nil, nil, 10, 0]).count == 1)
    }
}
