import ChangeFeedTesting
import Postgres
import Testing

@Suite("Old values of rule columns in the log")
struct OldValueTests {
    /// Model, event, record and its old values, in the order of the log and of the ids.
    static let olds = """
        SELECT e.model, e.event, u.id, u.old FROM changefeed.event e CROSS JOIN LATERAL unnest(e.ids, e.olds) u (id, old) ORDER BY e.id, u.id
        """
    /// Arrays that break the contract: not beside the ids, or without a value.
    static let malformed = """
        SELECT e.id FROM changefeed.event e
        WHERE e.olds IS NOT NULL AND (cardinality(e.olds) <> cardinality(e.ids) OR array_lower(e.olds, 1) <> 1 OR array_remove(e.olds, NULL) = '{}')
        """

    struct Statement: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let sql: String
        let log: [String]
    }

    static let statements = [
        Statement(
            testDescription: "an UPDATE that changes no rule column keeps nothing",
            sql: "UPDATE res_partner SET phone = '1', company_id = company_id WHERE id <= 2",
            log: ["res.partner|write|1|", "res.partner|write|2|"]),
        Statement(
            testDescription: "an UPDATE that changes one keeps all of them, as they were before",
            sql: "UPDATE res_partner SET active = false WHERE id = 1",
            log: [#"res.partner|write|1|{"active": true, "parent_id": null, "company_id": 1}"#]),
        Statement(
            testDescription: "of several rows only those that changed have a value",
            sql: "UPDATE res_partner SET parent_id = CASE WHEN id = 2 THEN 1 END WHERE id <= 3",
            log: [
                "res.partner|write|1|", #"res.partner|write|2|{"active": true, "parent_id": null, "company_id": 1}"#,
                "res.partner|write|3|",
            ]),
        Statement(
            testDescription: "each statement of a transaction has its own",
            sql:
                "BEGIN; UPDATE res_partner SET parent_id = 1 WHERE id = 2; UPDATE res_partner SET parent_id = 3 WHERE id = 2; UPDATE res_partner SET phone = '1' WHERE id = 2; COMMIT",
            log: [
                #"res.partner|write|2|{"active": true, "parent_id": null, "company_id": 1}"#,
                #"res.partner|write|2|{"active": true, "parent_id": 1, "company_id": 1}"#, "res.partner|write|2|",
            ]),
        Statement(
            testDescription: "a DELETE keeps them for each record, and what a foreign key sets to null is a change",
            sql:
                "UPDATE res_partner SET parent_id = 20 WHERE id = 3; DELETE FROM changefeed.event; DELETE FROM res_partner WHERE id IN (19, 20)",
            log: [
                #"res.partner|unlink|19|{"active": true, "parent_id": null, "company_id": 1}"#,
                #"res.partner|unlink|20|{"active": true, "parent_id": null, "company_id": 1}"#,
                #"res.partner|write|3|{"active": true, "parent_id": 20, "company_id": 1}"#,
            ]),
        Statement(
            testDescription: "a DELETE that cascades to another model",
            sql: "DELETE FROM sale_order_line; DELETE FROM product_template WHERE id = 2",
            log: [
                #"product.product|unlink|2|{"active": true, "product_tmpl_id": 2}"#,
                #"product.template|unlink|2|{"active": true}"#,
            ]),
        Statement(
            testDescription: "a model without rule columns keeps nothing",
            sql:
                "INSERT INTO product_category (id, name) VALUES (3, 'c'); DELETE FROM changefeed.event; UPDATE product_category SET parent_id = 1 WHERE id = 3; DELETE FROM product_category WHERE id = 3",
            log: ["product.category|write|3|", "product.category|unlink|3|"]),
        Statement(
            testDescription: "a create keeps nothing",
            sql: "INSERT INTO res_partner (id, name, company_id) VALUES (901, 'a', 1)", log: ["res.partner|create|901|"]
        ),
        Statement(
            testDescription: "ON CONFLICT DO UPDATE",
            sql:
                "INSERT INTO res_partner (id, active) VALUES (1, false), (902, false) ON CONFLICT (id) DO UPDATE SET active = excluded.active",
            log: [
                "res.partner|create|902|", #"res.partner|write|1|{"active": true, "parent_id": null, "company_id": 1}"#,
            ]),
        Statement(
            testDescription: "an order's unlink keeps who followed it at that moment",
            sql:
                "DELETE FROM hr_expense; DELETE FROM stock_picking; DELETE FROM changefeed.event; DELETE FROM sale_order WHERE id IN (1, 3)",
            log: [
                #"sale.order|unlink|1|{"user_id": 6, "partner_id": 1, "message_partner_ids": [1, 3]}"#,
                #"sale.order|unlink|3|{"user_id": 6, "partner_id": 3, "message_partner_ids": []}"#,
            ]),
        Statement(
            testDescription: "statements without rows keep nothing",
            sql: "UPDATE res_partner SET active = false WHERE false; DELETE FROM res_partner WHERE false", log: []),
        Statement(
            testDescription: "while capture is paused nothing is kept",
            sql:
                "SELECT changefeed.pause('test'); UPDATE res_partner SET active = false; DELETE FROM res_partner WHERE id = 20; SELECT changefeed.resume()",
            log: []),
    ]

    @Test("a statement keeps what it should", arguments: statements)
    func statement(_ statement: Statement) async throws {
        let connection = try await RuledDatabase.create().connect()
        try await connection.execute(script: statement.sql)
        // Triggers of one statement on several models fire in no documented order.
        #expect(try await connection.lines(Self.olds).sorted() == statement.log.sorted())
        #expect(try await connection.lines(Self.malformed) == [])
    }

    @Test(
        "MERGE",
        .enabled("this PostgreSQL has no MERGE") {
            try await PrivateCluster.shared().createDatabase(.empty).connect().value(
                "SELECT current_setting('server_version_num')::int >= 150000") == "t"
        })
    func merge() async throws {
        let connection = try await RuledDatabase.create().connect()
        try await connection.execute(
            script: """
                MERGE INTO res_partner p USING (VALUES (1, 2), (2, 1), (20, 0), (903, 1)) v (id, company) ON p.id = v.id
                WHEN MATCHED AND v.company = 0 THEN DELETE WHEN MATCHED AND v.company = 2 THEN UPDATE SET active = false
                WHEN MATCHED THEN UPDATE SET phone = '1' WHEN NOT MATCHED THEN INSERT (id, name) VALUES (v.id, 'n')
                """)
        #expect(
            try await connection.lines(Self.olds).sorted() == [
                "res.partner|create|903|",
                #"res.partner|unlink|20|{"active": true, "parent_id": null, "company_id": 1}"#,
                #"res.partner|write|1|{"active": true, "parent_id": null, "company_id": 1}"#, "res.partner|write|2|",
            ])
    }

    @Test("statements of more than 4,096 rows are cut, ids and old values alike", arguments: [4_096, 4_097, 10_000])
    func many(_ rows: Int) async throws {
        let connection = try await RuledDatabase.create().connect()
        try await connection.execute(
            script: """
                INSERT INTO sale_order (id, name, partner_id, user_id) SELECT 1000 + n, 'm', 1 + n % 20, CASE n % 3 WHEN 0 THEN 6 WHEN 1 THEN 2 END FROM generate_series(1, \(rows)) n;
                INSERT INTO mail_followers (res_model, res_id, partner_id) SELECT 'sale.order', id, partner_id FROM sale_order WHERE id > 1000 AND id % 5 = 0;
                CREATE TABLE was AS SELECT * FROM sale_order;
                DELETE FROM changefeed.event;
                UPDATE sale_order SET amount_total = 1 WHERE id > 1000;
                """)
        let shape = "SELECT max(cardinality(ids)), sum(cardinality(ids)), count(olds) FROM changefeed.event"
        let largest = min(rows, 4_096)
        #expect(try await connection.lines(shape) == ["\(largest)|\(rows)|0"])
        let logRows = (rows + 4_095) / 4_096
        try await connection.execute(
            script: "DELETE FROM changefeed.event; UPDATE sale_order SET user_id = 6 WHERE id > 1000")
        #expect(try await connection.lines(shape) == ["\(largest)|\(rows)|\(logRows)"])
        let wrong = """
            SELECT count(*) FROM changefeed.event e CROSS JOIN LATERAL unnest(e.ids, e.olds) u (id, old) JOIN was w ON w.id = u.id
            WHERE u.old IS DISTINCT FROM CASE WHEN w.user_id = 6 THEN NULL ELSE jsonb_build_object('partner_id', w.partner_id, 'user_id', w.user_id) END
            """
        #expect(try await connection.value(wrong) == "0")
        #expect(try await connection.lines(Self.malformed) == [])
        try await connection.execute(script: "DELETE FROM changefeed.event; DELETE FROM sale_order WHERE id > 1000")
        let sales =
            "SELECT max(cardinality(ids)), sum(cardinality(ids)), count(olds) FROM changefeed.event WHERE model = 'sale.order'"
        #expect(try await connection.lines(sales) == ["\(largest)|\(rows)|\(logRows)"])
        let wrongDeletes = """
            SELECT count(*) FROM changefeed.event e CROSS JOIN LATERAL unnest(e.ids, e.olds) u (id, old) JOIN was w ON w.id = u.id
            WHERE e.model = 'sale.order' AND u.old IS DISTINCT FROM jsonb_build_object('partner_id', w.partner_id, 'user_id', 6,
                'message_partner_ids', CASE WHEN w.id % 5 = 0 THEN jsonb_build_array(w.partner_id) ELSE '[]' END)
            """
        #expect(try await connection.value(wrongDeletes) == "0")
        #expect(try await connection.lines(Self.malformed) == [])
    }

    @Test("a plan made for a few rows serves for many, and the reverse, in one session")
    func plans() async throws {
        let connection = try await RuledDatabase.create().connect()
        try await connection.execute(
            script:
                "INSERT INTO res_partner (id, name) SELECT 1000 + n, 'm' FROM generate_series(1, 9000) n; DELETE FROM changefeed.event"
        )
        for (last, value) in [(1_001, "false"), (5_097, "false"), (10_000, "true"), (1_001, "false")] {
            try await connection.execute(
                script: "UPDATE res_partner SET active = \(value) WHERE id BETWEEN 1001 AND \(last)")
        }
        let kept =
            "SELECT count(u.old) FROM changefeed.event e CROSS JOIN LATERAL unnest(e.ids, e.olds) u (id, old) GROUP BY e.xid ORDER BY min(e.id)"
        #expect(try await connection.lines(kept) == ["1", "4096", "4097", "1"])
    }

    @Test("a large statement leaves the session's jit as it was", arguments: ["on", "off"])
    func compiling(_ setting: String) async throws {
        let connection = try await RuledDatabase.create().connect()
        try await connection.execute(
            script:
                "INSERT INTO res_partner (id, name) SELECT 1000 + n, 'm' FROM generate_series(1, 4097) n; SET jit = \(setting); BEGIN; UPDATE res_partner SET active = false WHERE id > 1000"
        )
        #expect(try await connection.value("SHOW jit") == setting)
        try await connection.execute(script: "COMMIT")
        #expect(
            try await connection.value("SELECT sum(cardinality(olds)) FROM changefeed.event WHERE event = 'write'")
                == "4097")
    }

    @Test("long texts, every kind of number and odd names are kept, or told apart, without failing")
    func oddValues() async throws {
        let connection = try await RuledDatabase.create().connect()
        let columns = [
            "chunk text", "olds jsonb", "lost numeric", "pair float8", "r varchar", "v date", "gone timestamp",
            "\"position\" bigint", "\"was\" bool", "k1 int",
        ]
        let further = (0..<110).map { "f\($0) int" }
        let names = (columns + further).map { "'\($0.split(separator: " ")[0].filter { $0 != "\"" })'" }.joined(
            separator: ", ")
        try await connection.execute(
            script: """
                CREATE TABLE x_odd (id int PRIMARY KEY, \((columns + further).joined(separator: ", ")));
                INSERT INTO ir_model (model, name) VALUES ('x.odd', '{}');
                INSERT INTO ir_rule (model_id, domain_force) SELECT id, $r$[(\(names))]$r$ FROM ir_model WHERE model = 'x.odd';
                SELECT changefeed.track('x.odd');
                INSERT INTO x_odd (id, chunk, olds, lost, pair, r, v, gone, "position", k1, f109)
                    VALUES (1, repeat('é', 100000), to_jsonb(repeat('j', 100000)), 'NaN', 'Infinity', 'r', 'infinity', '2020-01-02 03:04:05.678', 9007199254740993, 7, 9);
                UPDATE x_odd SET k1 = 8;
                UPDATE x_odd SET chunk = chunk || 'x';
                UPDATE x_odd SET lost = 1.0;
                UPDATE x_odd SET lost = 1.00;
                INSERT INTO x_odd (id, chunk, k1) SELECT n, 'short', n FROM generate_series(2, 4200) n;
                UPDATE x_odd SET k1 = 0 WHERE id > 1;
                UPDATE x_odd SET k1 = 1;
                DELETE FROM x_odd;
                """)
        #expect(
            try await connection.value(
                "SELECT cardinality(rule_columns) FROM changefeed.tracked_model WHERE model = 'x.odd'") == "120")
        let first = """
            SELECT o ->> 'k1', length(o ->> 'chunk'), left(o ->> 'chunk', 2), length(o ->> 'olds'), o ->> 'lost', o ->> 'pair', o ->> 'v', o ->> 'gone', o ->> 'position', o -> 'was', o ->> 'f109'
            FROM changefeed.event e, unnest(e.olds) o WHERE e.event = 'write' AND cardinality(e.ids) = 1 ORDER BY e.id LIMIT 1
            """
        #expect(
            try await connection.lines(first) == [
                "7|532|éé|32|NaN|Infinity|infinity|2020-01-02T03:04:05.678|9007199254740993|null|9"
            ])
        let kept =
            "SELECT cardinality(e.ids), (SELECT count(o) FROM unnest(e.olds) o) FROM changefeed.event e WHERE e.event = 'write' ORDER BY e.id"
        #expect(
            try await connection.lines(kept) == [
                "1|1", "1|1", "1|1", "1|0", "4096|4096", "103|103", "4096|4096", "104|104",
            ])
        #expect(
            try await connection.value(
                "SELECT sum(cardinality(array_remove(olds, NULL))) FROM changefeed.event WHERE event = 'unlink'")
                == "4200")
        #expect(try await connection.lines(Self.malformed) == [])
    }

    @Test("a database that was dumped and restored goes on keeping them")
    func restored() async throws {
        let database = try await RuledDatabase.create()
        let copy = try await PrivateCluster.shared().createDatabase(.empty)
        try await database.psql("UPDATE res_partner SET active = false WHERE id = 1", user: "odoo")
        try await copy.psql(database.dump())
        try await copy.psql(
            "UPDATE res_partner SET active = true WHERE id = 1; DELETE FROM res_partner WHERE id = 20", user: "odoo")
        let connection = try await copy.connect()
        #expect(
            try await connection.lines(Self.olds) == [
                #"res.partner|write|1|{"active": true, "parent_id": null, "company_id": 1}"#,
                #"res.partner|write|1|{"active": false, "parent_id": null, "company_id": 1}"#,
                #"res.partner|unlink|20|{"active": true, "parent_id": null, "company_id": 1}"#,
            ])
        #expect(
            try await connection.lines(
                "SELECT code, object FROM changefeed.verify() WHERE code IN ('CF104', 'CF107', 'CF128', 'CF129')") == []
        )
    }
}
