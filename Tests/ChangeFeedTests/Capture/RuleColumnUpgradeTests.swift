import ChangeFeedTesting
import Postgres
import Testing

/// An upgrade of Odoo may do what it likes to the columns that record rules look at: it is never refused, and Odoo's writes go on.
@Suite("Rule columns that an upgrade of Odoo takes away or changes", .timeLimit(.minutes(10)))
struct RuleColumnUpgradeTests {
    struct Upgrade: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let sql: String
        /// What is kept of order 2, which is moved to another partner and then deleted.
        let old: String
        let deleted: String
        /// False where PostgreSQL writes the table anew, which older snapshots see empty.
        var seenByOlderSnapshots = true
    }

    static let upgrades = [
        Upgrade(
            testDescription: "DROP COLUMN", sql: "ALTER TABLE sale_order DROP COLUMN user_id",
            old: #"{"partner_id": 2}"#, deleted: #"{"partner_id": 5, "message_partner_ids": [2]}"#),
        Upgrade(
            testDescription: "RENAME COLUMN", sql: "ALTER TABLE sale_order RENAME COLUMN user_id TO salesman_id",
            old: #"{"partner_id": 2}"#, deleted: #"{"partner_id": 5, "message_partner_ids": [2]}"#),
        Upgrade(
            testDescription: "two columns that change their names",
            sql:
                "ALTER TABLE sale_order RENAME user_id TO x; ALTER TABLE sale_order RENAME partner_id TO user_id; ALTER TABLE sale_order RENAME x TO partner_id",
            old: #"{"user_id": 2, "partner_id": 6}"#,
            deleted: #"{"user_id": 5, "partner_id": 6, "message_partner_ids": [2]}"#),
        Upgrade(
            testDescription: "ALTER COLUMN TYPE bigint", sql: "ALTER TABLE sale_order ALTER COLUMN user_id TYPE bigint",
            old: #"{"user_id": 6, "partner_id": 2}"#,
            deleted: #"{"user_id": 6, "partner_id": 5, "message_partner_ids": [2]}"#, seenByOlderSnapshots: false),
        Upgrade(
            testDescription: "ALTER COLUMN TYPE json, which has no equality",
            sql:
                "ALTER TABLE sale_order DROP CONSTRAINT sale_order_user_id_fkey; ALTER TABLE sale_order ALTER COLUMN user_id TYPE json USING to_json(user_id)",
            old: #"{"user_id": 6, "partner_id": 2}"#,
            deleted: #"{"user_id": 6, "partner_id": 5, "message_partner_ids": [2]}"#, seenByOlderSnapshots: false),
        Upgrade(
            testDescription: "all rule columns are dropped",
            sql: "ALTER TABLE sale_order RENAME partner_id TO x; ALTER TABLE sale_order DROP COLUMN user_id",
            old: "", deleted: #"{"message_partner_ids": [2]}"#),
        Upgrade(
            testDescription: "a column of mail_followers is renamed",
            sql: "ALTER TABLE mail_followers RENAME COLUMN partner_id TO follower_id",
            old: #"{"user_id": 6, "partner_id": 2}"#, deleted: #"{"user_id": 6, "partner_id": 5}"#),
        Upgrade(
            testDescription: "a column of mail_followers has another type",
            sql: "ALTER TABLE mail_followers ALTER COLUMN res_id TYPE text",
            old: #"{"user_id": 6, "partner_id": 2}"#, deleted: #"{"user_id": 6, "partner_id": 5}"#),
        Upgrade(
            testDescription: "mail_followers is dropped", sql: "DROP TABLE mail_followers",
            old: #"{"user_id": 6, "partner_id": 2}"#, deleted: #"{"user_id": 6, "partner_id": 5}"#),
        Upgrade(
            testDescription: "mail_followers is a view that fails",
            sql:
                "DROP TABLE mail_followers; CREATE VIEW mail_followers AS SELECT 'sale.order'::varchar AS res_model, 2 AS res_id, 1 / (random() * 0)::int AS partner_id; GRANT SELECT ON mail_followers TO PUBLIC",
            old: #"{"user_id": 6, "partner_id": 2}"#, deleted: #"{"user_id": 6, "partner_id": 5}"#),
        Upgrade(
            testDescription: "the right to read mail_followers is taken back",
            sql:
                "REVOKE ALL ON mail_followers FROM changefeed_definer; REVOKE SELECT (partner_id) ON mail_followers FROM changefeed_definer",
            old: #"{"user_id": 6, "partner_id": 2}"#, deleted: #"{"user_id": 6, "partner_id": 5}"#),
        Upgrade(
            testDescription: "the right to use schema public is taken back",
            sql: "REVOKE USAGE ON SCHEMA public FROM PUBLIC, changefeed_definer; GRANT USAGE ON SCHEMA public TO odoo",
            old: #"{"user_id": 6, "partner_id": 2}"#, deleted: #"{"user_id": 6, "partner_id": 5}"#),
        Upgrade(
            testDescription: "mail_followers has a row policy",
            sql:
                "ALTER TABLE mail_followers ENABLE ROW LEVEL SECURITY; CREATE POLICY spy ON mail_followers USING (1 / (random() * 0)::int = 1)",
            old: #"{"user_id": 6, "partner_id": 2}"#, deleted: #"{"user_id": 6, "partner_id": 5}"#),
    ]

    /// Moves order 2 to another partner and deletes it, whatever the partner's column is called.
    private static func writes(_ writer: Connection, namesFrom observer: Connection) async throws {
        let column = try await observer.value(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'public.sale_order'::regclass AND attnum = 3")
        try await writer.execute(
            script:
                "UPDATE public.sale_order SET \(column) = 5 WHERE id = 2; DELETE FROM public.sale_order WHERE id = 2")
    }

    private static let kept =
        "SELECT olds[1] FROM changefeed.event WHERE model = 'sale.order' AND ids = '{2}' ORDER BY id"

    @Test("in the session that has fired the triggers before", arguments: upgrades)
    func sameSession(_ upgrade: Upgrade) async throws {
        let connection = try await RuledDatabase.create().connect()
        try await connection.execute(
            script: """
                DELETE FROM sale_order_line; DELETE FROM hr_expense; DELETE FROM stock_picking;
                UPDATE sale_order SET user_id = 2 WHERE id = 4; UPDATE sale_order SET user_id = 6 WHERE id = 4; DELETE FROM sale_order WHERE id = 4;
                """)
        try await connection.execute(script: upgrade.sql)
        try await Self.writes(connection, namesFrom: connection)
        #expect(try await connection.lines(Self.kept) == [upgrade.old, upgrade.deleted])
        #expect(try await connection.lines(OldValueTests.malformed) == [])
    }

    @Test("beside a transaction whose snapshot is older", arguments: upgrades.filter(\.seenByOlderSnapshots))
    func olderSnapshot(_ upgrade: Upgrade) async throws {
        let database = try await RuledDatabase.create()
        try await database.psql(
            "DELETE FROM sale_order_line; DELETE FROM hr_expense; DELETE FROM stock_picking", user: "odoo")
        let writer = try await database.connect(user: "odoo")
        let upgrader = try await database.connect()
        try await writer.execute(script: "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM res_lang")
        try await upgrader.execute(script: upgrade.sql)
        try await Self.writes(writer, namesFrom: upgrader)
        try await writer.execute(script: "COMMIT")
        #expect(try await upgrader.lines(Self.kept) == [upgrade.old, upgrade.deleted])
    }

    static let refused = [
        "DROP COLUMN user_id", "RENAME COLUMN user_id TO x", "ALTER COLUMN user_id TYPE bigint",
        "ALTER COLUMN user_id TYPE numeric",
    ]

    @Test("is not refused, and verify names what is kept no more; track() mends it without a gap", arguments: refused)
    func notRefused(_ change: String) async throws {
        let database = try await RuledDatabase.create()
        try await database.psql(
            "ALTER TABLE sale_order DROP CONSTRAINT sale_order_user_id_fkey; ALTER TABLE sale_order \(change)",
            user: "odoo")
        let connection = try await database.connect()
        let findings = "SELECT code, object FROM changefeed.verify() WHERE code NOT IN ('CF121', 'CF151')"
        let gone = !change.contains("TYPE")
        #expect(try await connection.lines(findings) == (gone ? ["CF129|sale.order"] : []))
        try await connection.execute(script: "SELECT changefeed.track('sale.order')")
        #expect(try await connection.lines(findings) == [])
        #expect(try await connection.lines("SELECT * FROM changefeed.gap") == [])
        #expect(
            try await connection.value("SELECT rule_columns FROM changefeed.tracked_model WHERE model = 'sale.order'")
                == (gone ? "{partner_id}" : "{partner_id,user_id}"))
    }

    @Test("a column that comes back under its name is kept again without further ado")
    func comesBack() async throws {
        let connection = try await RuledDatabase.create().connect()
        try await connection.execute(
            script: """
                ALTER TABLE sale_order DROP COLUMN user_id; UPDATE sale_order SET partner_id = 6 WHERE id = 2;
                ALTER TABLE sale_order ADD COLUMN user_id text DEFAULT 'new'; UPDATE sale_order SET partner_id = 5 WHERE id = 2;
                """)
        #expect(
            try await connection.lines(Self.kept) == [#"{"partner_id": 2}"#, #"{"user_id": "new", "partner_id": 6}"#])
    }
}
