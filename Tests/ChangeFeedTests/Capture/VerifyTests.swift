import ChangeFeedTesting
import Postgres
import Testing

@Suite("What verify() finds")
struct VerifyTests {
    struct Damage: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let sql: String
        let findings: [String]
    }

    static let damages = [
        Damage(
            testDescription: "all triggers of a table are gone, as after a module upgrade that made it anew",
            sql: """
                DROP TRIGGER changefeed_insert ON res_partner; DROP TRIGGER changefeed_update ON res_partner;
                DROP TRIGGER changefeed_delete ON res_partner; DROP TRIGGER changefeed_truncate ON res_partner
                """,
            findings: ["CF101|error|res.partner"]),
        Damage(
            testDescription: "one trigger is gone", sql: "DROP TRIGGER changefeed_delete ON sale_order",
            findings: ["CF101|error|sale.order"]),
        Damage(
            testDescription: "a trigger is disabled", sql: "ALTER TABLE account_move DISABLE TRIGGER changefeed_update",
            findings: ["CF102|error|account.move"]),
        Damage(
            testDescription: "all triggers of a table are disabled",
            sql: "ALTER TABLE account_move DISABLE TRIGGER ALL",
            findings: ["CF102|error|account.move"]),
        Damage(
            testDescription: "a trigger sleeps under session_replication_role = replica",
            sql: "ALTER TABLE hr_employee ENABLE TRIGGER changefeed_insert", findings: ["CF103|error|hr.employee"]),
        Damage(
            testDescription: "a trigger of our name runs somebody else's function",
            sql: """
                CREATE FUNCTION public.capture_insert() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
                DROP TRIGGER changefeed_insert ON res_partner;
                CREATE TRIGGER changefeed_insert AFTER INSERT ON res_partner EXECUTE FUNCTION public.capture_insert('res.partner');
                ALTER TABLE res_partner ENABLE ALWAYS TRIGGER changefeed_insert
                """,
            findings: ["CF104|error|res.partner"]),
        Damage(
            testDescription: "a trigger names another model",
            sql: """
                DROP TRIGGER changefeed_update ON res_partner;
                CREATE TRIGGER changefeed_update AFTER UPDATE ON res_partner REFERENCING NEW TABLE AS new_rows
                FOR EACH STATEMENT EXECUTE FUNCTION changefeed.capture_update('sale.order');
                ALTER TABLE res_partner ENABLE ALWAYS TRIGGER changefeed_update
                """,
            findings: ["CF104|error|res.partner"]),
        Damage(
            testDescription: "an orphan trigger stands on a table that is not tracked",
            sql: """
                CREATE TRIGGER changefeed_truncate AFTER TRUNCATE ON res_company
                FOR EACH STATEMENT EXECUTE FUNCTION changefeed.capture_truncate('res.company')
                """,
            findings: ["CF106|warning|public.res_company"]),
    ]

    @Test("it names the damage, and the command that it gives mends it", arguments: damages)
    func finds(_ damage: Damage) async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect()
        try await connection.execute(script: damage.sql)
        #expect(try await connection.lines("SELECT code, level, object FROM changefeed.verify()") == damage.findings)
        for remedy in try await connection.lines("SELECT remediation FROM changefeed.verify()") {
            try await connection.execute(script: remedy)
        }
        #expect(try await connection.lines("SELECT code, object, detail FROM changefeed.verify()") == [])
    }

    @Test("endpoints that get nothing, only fail, have dead letters, or have no secret are named, with what to do")
    func endpoints() async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect()
        try await connection.execute(
            script: """
                SELECT changefeed.endpoint_add(n, 'https://example.com/', 2, secret => '0', secret_key => 'k')
                FROM unnest('{gone,failing,dead}'::text[]) n;
                SELECT changefeed.endpoint_add('blank', 'https://example.com/', 2);
                -- A stream needs no credentials.
                SELECT changefeed.endpoint_add('stream', 'nats://localhost/ODOO', 2, kind => 'jetstream');
                UPDATE changefeed.endpoint SET state = 'disabled', reason = 'its receiver answered 410 Gone' WHERE name = 'gone';
                UPDATE changefeed.endpoint_progress SET failing_since = now() - interval '2 hours', last_failure = 'status 500'
                WHERE endpoint = (SELECT id FROM changefeed.endpoint WHERE name = 'failing');
                INSERT INTO changefeed.endpoint_queue (endpoint, model, record_id, event_id, kind, occurred_at, is_dead)
                SELECT id, 'res.partner', 1, 4096, 'write', now(), true FROM changefeed.endpoint WHERE name = 'dead'
                """)
        let findings = "SELECT code, level, object, remediation FROM changefeed.verify()"
        #expect(
            try await connection.lines(findings) == [
                "CF160|warning|endpoint gone|Once that is mended: changefeed endpoint resume gone",
                "CF161|warning|endpoint failing|changefeed endpoint attempts failing; changefeed endpoint test failing",
                "CF162|warning|endpoint dead|changefeed endpoint waiting dead; then changefeed endpoint retry, or drop",
                "CF163|warning|endpoint blank|changefeed endpoint rotate blank",
            ])
        // What these commands do, and the first delivery that is accepted.
        try await connection.execute(
            script: """
                SELECT changefeed.endpoint_set_state('gone', 'active'), changefeed.endpoint_drop('dead'),
                       changefeed.endpoint_rotate('blank', '0', 'k');
                UPDATE changefeed.endpoint_progress SET failing_since = NULL
                """)
        #expect(try await connection.lines(findings) == [])
    }

    @Test("a table that is gone is an error until it is untracked")
    func tableGone() async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect()
        try await connection.execute(script: "DROP TABLE hr_expense")
        let errors = "SELECT code, object FROM changefeed.verify() WHERE level = 'error'"
        #expect(try await connection.lines(errors) == ["CF105|hr.expense"])
        try await connection.execute(script: "SELECT changefeed.untrack('hr.expense')")
        #expect(try await connection.lines(errors) == [])
    }

    @Test("a table that inherits is an error: statements on its relatives are not seen")
    func inheritance() async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect()
        try await connection.execute(script: "CREATE TABLE res_partner_archive () INHERITS (res_partner)")
        #expect(try await connection.lines("SELECT code, object FROM changefeed.verify()") == ["CF109|res.partner"])
    }

    @Test("rights that PUBLIC got back are an error")
    func publicRights() async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect()
        try await connection.execute(
            script:
                "GRANT EXECUTE ON FUNCTION changefeed.pause(text) TO PUBLIC; GRANT SELECT ON changefeed.event TO PUBLIC"
        )
        #expect(try await connection.lines("SELECT code FROM changefeed.verify() ORDER BY 1") == ["CF115", "CF116"])
    }
}
