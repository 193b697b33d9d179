import ChangeFeedTesting
import Postgres
import Testing

@Suite("track() and untrack()")
struct TrackTests {
    static let hostile = [
        "sale.order; DROP TABLE sale_order", "sale.order'", "sale.order\"", "'); DROP TABLE sale_order; --",
        "Sale.Order",
        "", "sale order", "no.such.model", "../../etc/passwd", "%s%s%n", "$1", "sale.order\\", "модель",
        "pg_class", String(repeating: "a", count: 129),
    ]

    @Test("what is not the name of a model is refused and changes nothing", arguments: hostile)
    func refuses(_ model: String) async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let connection = try await database.connect()
        let before = try await database.dump("-s")
        await #expect(throws: PostgresError.self) {
            try await connection.query("SELECT changefeed.track($1)", [.text(model)])
        }
        #expect(try await database.dump("-s") == before)
        #expect(try await connection.value("SELECT changefeed.untrack($1)", [.text(model)]) == "f")
    }

    @Test("untrack() ends capture, drops the triggers and records the gap; track() resumes")
    func untrack() async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect()
        #expect(try await connection.value("SELECT changefeed.untrack('res.partner')") == "t")
        try await connection.execute(script: "UPDATE res_partner SET phone = '1' WHERE id = 1")
        #expect(try await connection.value("SELECT count(*) FROM changefeed.event") == "0")
        #expect(try await connection.lines("SELECT model, ended_at IS NULL FROM changefeed.gap") == ["res.partner|t"])
        #expect(try await connection.value("SELECT changefeed.track('res.partner')") == "public.res_partner")
        try await connection.execute(script: "UPDATE res_partner SET phone = '2' WHERE id = 2")
        #expect(try await connection.lines(CaptureTests.log) == ["res.partner|write|{2}"])
        #expect(try await connection.lines("SELECT model, ended_at IS NULL FROM changefeed.gap") == ["res.partner|f"])
    }

    @Test("while a parent's table is in use, the model's own table is not held")
    func parentInUse() async throws {
        // In Odoo 16 a variant does not notice when its template is written.
        let database = try await PrivateCluster.shared().createDatabase(.shapeInstalled(16))
        let (connection, odoo) = (try await database.connect(), try await database.connect(user: "odoo"))
        #expect(try await connection.value("SELECT changefeed.untrack('product.product')") == "t")
        for call in ["track", "untrack"] {
            try await odoo.execute(script: "BEGIN; UPDATE product_template SET list_price = 2 WHERE id = 1")
            let change = Task { try await connection.value("SELECT changefeed.\(call)('product.product')") }
            try await eventually("it tries") {
                try await database.psql(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query LIKE 'SELECT changefeed.\(call)(%'"
                ) == "1"
            }
            try await Task.sleep(for: .milliseconds(500))
            try await odoo.execute(
                script: """
                    SET LOCAL lock_timeout = '2s'; UPDATE product_product SET default_code = '\(call)' WHERE id = 1; COMMIT
                    """)
            #expect(try await change.value == (call == "track" ? "public.product_product" : "t"))
            try await odoo.execute(script: "UPDATE product_template SET list_price = 3 WHERE id = 1")
            #expect(
                try await connection.value(
                    "SELECT count(*) FROM changefeed.event WHERE model = 'product.product' AND event = 'write'")
                    == (call == "track" ? "1" : "3"))
        }
    }

    @Test("a table whose name needs quotes is tracked under its model")
    func quotedTable() async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect()
        try await connection.execute(
            script: #"""
                CREATE SCHEMA "x'; --";
                CREATE TABLE "x'; --"."Odd ""Table'; DROP TABLE res_partner" (id int PRIMARY KEY, name text);
                SELECT changefeed.track('x.odd', '"x''; --"."Odd ""Table''; DROP TABLE res_partner"'::regclass);
                INSERT INTO "x'; --"."Odd ""Table'; DROP TABLE res_partner" VALUES (1, 'a');
                """#)
        #expect(try await connection.lines(CaptureTests.log) == ["x.odd|create|{1}"])
        #expect(
            try await connection.lines("SELECT table_name, trigger_state FROM changefeed.tracked WHERE model = 'x.odd'")
                == [#"Odd "Table'; DROP TABLE res_partner|enabled"#])
        #expect(try await connection.lines("SELECT code FROM changefeed.verify() WHERE level = 'error'") == [])
        #expect(try await connection.value("SELECT changefeed.untrack('x.odd')") == "t")
    }

    @Test(
        "a view, a partitioned table, a table without id: refused",
        arguments: [
            "CREATE VIEW odd_one AS SELECT * FROM res_partner", "CREATE TABLE odd_one (code text)",
            "CREATE TABLE odd_one (id int) PARTITION BY LIST (id)", "CREATE TABLE odd_one (id text)",
        ])
    func wrongTable(_ definition: String) async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect()
        try await connection.execute(script: definition)
        try await connection.execute(script: "INSERT INTO ir_model (model, name) VALUES ('odd.one', '{}')")
        await #expect(throws: PostgresError.self) { try await connection.query("SELECT changefeed.track('odd.one')") }
        await #expect(throws: PostgresError.self) {
            try await connection.query("SELECT changefeed.track('odd.one', 'odd_one')")
        }
    }

    @Test("one table is never tracked under two models")
    func twoModels() async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect()
        await #expect(throws: PostgresError.self) {
            try await connection.query("SELECT changefeed.track('res.users.partner', 'res_partner')")
        }
    }

    @Test("a paused feed captures nothing, says why, and keeps the gap")
    func pause() async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect()
        await #expect(throws: PostgresError.self) { try await connection.query("SELECT changefeed.pause(' ')") }
        let reason = "the disk is full'; --"
        #expect(try await connection.value("SELECT changefeed.pause($1)", [.text(reason)]) == "t")
        #expect(try await connection.value("SELECT changefeed.pause('again')") == "f")
        try await connection.execute(script: "UPDATE res_partner SET phone = '1' WHERE id = 1; TRUNCATE account_move")
        #expect(try await connection.value("SELECT count(*) FROM changefeed.event") == "0")
        #expect(
            try await connection.lines("SELECT pause_reason, paused_by FROM changefeed.control") == [
                "\(reason)|postgres"
            ])
        #expect(try await connection.lines("SELECT code FROM changefeed.verify()") == ["CF110"])
        #expect(try await connection.value("SELECT changefeed.resume()") == "t")
        #expect(try await connection.value("SELECT changefeed.resume()") == "f")
        try await connection.execute(script: "UPDATE res_partner SET phone = '1' WHERE id = 2")
        #expect(try await connection.lines(CaptureTests.log) == ["res.partner|write|{2}"])
        let gap = "SELECT model, reason, began_by, ended_by, ended_at >= began_at FROM changefeed.gap"
        #expect(try await connection.lines(gap) == ["|\(reason)|postgres|postgres|t"])
    }

    @Test("pausing waits for no writer and no writer waits for it")
    func pauseIsQuick() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let writer = try await database.connect(user: "odoo")
        let operatorSession = try await database.connect()
        try await writer.execute(script: "BEGIN; UPDATE res_partner SET phone = '1' WHERE id = 1")
        try await operatorSession.execute(script: "SET lock_timeout = '200ms'; BEGIN; SELECT changefeed.pause('test')")
        try await writer.execute(
            script: "SET lock_timeout = '200ms'; UPDATE res_partner SET phone = '1' WHERE id = 2; COMMIT")
        try await operatorSession.execute(script: "COMMIT")
        try await writer.execute(script: "UPDATE res_partner SET phone = '1' WHERE id = 3")
        #expect(try await operatorSession.value("SELECT count(*) FROM changefeed.event_record") == "2")
    }
}
