import ChangeFeedTesting
import Postgres
import Testing

@Suite("Who may do what")
struct RightsTests {
    static let refusedToService = [
        "SELECT * FROM res_users_apikeys", "SELECT * FROM res_users", "SELECT * FROM res_partner",
        "SELECT * FROM ir_config_parameter",
        "INSERT INTO changefeed.event (slot, xid, occurred_at, epoch, model, event, ids) VALUES (0, '1', now(), 1, 'x', 'write', '{1}')",
        "DELETE FROM changefeed.event", "UPDATE changefeed.event SET model = 'x'", "TRUNCATE changefeed.event_05",
        "UPDATE changefeed.control SET paused = true", "SELECT changefeed.track('sale.order')",
        "SELECT changefeed.untrack('sale.order')",
        "CALL changefeed.attach_default_models()", "DROP SCHEMA changefeed CASCADE",
        "CREATE TABLE changefeed.mine (id int)",
        "DROP TRIGGER changefeed_insert ON res_partner", "SET ROLE changefeed_owner", "SET ROLE odoo",
        "SELECT changefeed.decide_field('res.partner', 'email', 'allow')",
        "INSERT INTO changefeed.odoo_fields VALUES ('x', 'res.partner', '{id}')",
        "SELECT changefeed.console_do(2, 'resume', '{}')", "SELECT changefeed.console_overview()",
        "SELECT changefeed.console_note(2, 'x', 'resume', '{}', 'done')", "SELECT * FROM changefeed.console_audit",
        "DELETE FROM changefeed.console_audit", "UPDATE changefeed.console SET may_act = true",
    ]

    @Test("the service's role is refused what it does not need", arguments: refusedToService)
    func service(_ sql: String) async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect(user: "changefeed_login")
        do {
            _ = try await connection.query(sql)
            Issue.record("the service may: \(sql)")
        } catch let error as PostgresError {
            #expect(error.sqlState == "42501")
        }
    }

    static let allowedToService = [
        "SELECT * FROM changefeed.tail(pg_current_snapshot()::text)", "SELECT changefeed.status()",
        "SELECT * FROM changefeed.verify()",
        "SELECT * FROM changefeed.v1_events(ARRAY['sale.order'], NULL, NULL, NULL, 10, 0)",
        "SELECT * FROM changefeed.check_identity()", "SELECT changefeed.ring()",
        "SELECT changefeed.odoo_readable_models(2)",
        "SELECT * FROM changefeed.odoo_api_key_candidates('d033e22a')", "SELECT * FROM changefeed.tracked",
        "SELECT changefeed.schema_version(), changefeed.bell_key(), changefeed.leader_key(), changefeed.follower_key()",
        "SELECT * FROM changefeed.fields_to_ask(2, 'all', NULL)",
        "SELECT changefeed.keep_odoo_fields(2, 'res.partner', '{id}')",
        "SELECT * FROM changefeed.odoo_field_states('{res.partner}')", "SELECT * FROM changefeed.event_record",
        "SELECT * FROM changefeed.v1_event", "SELECT changefeed.rotate()",
    ]

    @Test("the service's role may do its work", arguments: allowedToService)
    func serviceMay(_ sql: String) async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect(user: "changefeed_login")
        _ = try await connection.query(sql)
    }

    static let refusedToMonitor = [
        "SELECT changefeed.pause('x')", "SELECT changefeed.ring()", "SELECT changefeed.rotate()",
        "SELECT * FROM changefeed.odoo_api_key_candidates('d033e22a')", "SELECT changefeed.odoo_readable_models(2)",
        "DELETE FROM changefeed.event", "SELECT * FROM res_partner",
    ]

    @Test("the monitor's role looks on and does nothing", arguments: refusedToMonitor)
    func monitor(_ sql: String) async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect()
        try await connection.execute(
            script: "SET ROLE changefeed_monitor; SELECT changefeed.status(); SELECT * FROM changefeed.tracked")
        await #expect(throws: PostgresError.self) { try await connection.query(sql) }
    }

    @Test("PUBLIC may execute no function, use no table and not even name the schema")
    func everybody() async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect()
        try await connection.execute(script: "CREATE ROLE nobody_\(connection.backendPID)")
        let nobody = "nobody_\(connection.backendPID)"
        #expect(
            try await connection.value("SELECT has_schema_privilege($1, 'changefeed', 'USAGE')", [.text(nobody)]) == "f"
        )
        let functions = """
            SELECT oid::regprocedure FROM pg_proc
            WHERE pronamespace = 'changefeed'::regnamespace AND has_function_privilege($1, oid, 'EXECUTE')
            """
        #expect(try await connection.lines(functions, [.text(nobody)]) == [])
        let relations = """
            SELECT oid::regclass FROM pg_class WHERE relnamespace = 'changefeed'::regnamespace AND relkind IN ('r', 'p', 'v')
              AND has_table_privilege($1, oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
            """
        #expect(try await connection.lines(relations, [.text(nobody)]) == [])
    }

    @Test("every function has a fixed search_path that begins in pg_catalog and ends in pg_temp")
    func searchPaths() async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect()
        // A procedure that commits may have no SET clause.
        let loose = """
            SELECT p.oid::regprocedure FROM pg_proc p
            WHERE p.pronamespace = 'changefeed'::regnamespace AND p.prokind = 'f'
              AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (p.proconfig), false)
            """
        #expect(try await connection.lines(loose) == [])
        let definers =
            "SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'changefeed'::regnamespace AND prosecdef AND prokind = 'p'"
        #expect(try await connection.lines(definers) == [])
    }

    @Test(
        "code that runs inside Odoo's transactions or reads Odoo's tables belongs to changefeed_definer, code that runs record rules to changefeed_reader, the rest to changefeed_owner; none of them can log in"
    )
    func owner() async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect()
        let others = """
            SELECT c.oid::regclass::text FROM pg_class c
            WHERE c.relnamespace = 'changefeed'::regnamespace AND c.relowner <> 'changefeed_owner'::regrole
            UNION ALL
            SELECT p.oid::regprocedure::text FROM pg_proc p
            WHERE p.pronamespace = 'changefeed'::regnamespace
              AND p.proowner <> CASE WHEN p.proname LIKE 'capture\\_%' OR p.proname LIKE 'odoo\\_%'
                                     THEN 'changefeed_definer'::regrole
                                     WHEN p.proname LIKE 'rules\\_%' THEN 'changefeed_reader'::regrole ELSE 'changefeed_owner'::regrole END
            """
        #expect(try await connection.lines(others) == [])
        let logins =
            "SELECT rolname FROM pg_roles WHERE rolname IN ('changefeed_owner', 'changefeed_definer', 'changefeed_reader', 'changefeed_service', 'changefeed_monitor') AND (rolcanlogin OR rolsuper OR rolcreaterole OR rolbypassrls)"
        #expect(try await connection.lines(logins) == [])
    }

    @Test("every object has a comment")
    func comments() async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect()
        let silent = """
            SELECT 'schema changefeed' WHERE obj_description('changefeed'::regnamespace, 'pg_namespace') IS NULL
            UNION ALL
            SELECT 'function ' || p.oid::regprocedure FROM pg_proc p
            WHERE p.pronamespace = 'changefeed'::regnamespace AND obj_description(p.oid, 'pg_proc') IS NULL
            UNION ALL
            SELECT 'relation ' || c.oid::regclass FROM pg_class c
            WHERE c.relnamespace = 'changefeed'::regnamespace AND obj_description(c.oid, 'pg_class') IS NULL
              AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'i', 'I') AND NOT (c.relkind IN ('i', 'I') AND c.relispartition)
              AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid)
              AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'i' AND c.relkind = 'S')
            UNION ALL
            SELECT 'column ' || c.oid::regclass || '.' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
            WHERE c.relnamespace = 'changefeed'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition
              AND a.attnum > 0 AND NOT a.attisdropped AND col_description(c.oid, a.attnum) IS NULL
            ORDER BY 1
            """
        #expect(try await connection.lines(silent) == [])
    }
}
