import ChangeFeedTesting
import Postgres
import Testing

/// The service may write whatever it likes as the SQL of a rule; what it finds out by that is what rules may look at.
@Suite("What the SQL of a record rule can do", .timeLimit(.minutes(10)))
struct ReaderRightsTests {
    private static let hostile = [
        "EXISTS (SELECT FROM public.res_users u WHERE u.password IS NOT NULL)",
        "EXISTS (SELECT FROM public.res_users_apikeys k WHERE k.key > '')",
        "EXISTS (SELECT FROM public.ir_config_parameter p WHERE p.key = 'database.secret')",
        "EXISTS (SELECT FROM changefeed.device)",
        "EXISTS (SELECT FROM changefeed.event)", "t.name IS NOT NULL",
        "EXISTS (SELECT FROM public.res_partner p WHERE p.email <> '')",
        "pg_catalog.pg_read_file('/etc/passwd') IS NOT NULL", "changefeed.odoo_session_keys(2) IS NOT NULL",
        "changefeed.odoo_api_key_candidates('d033e22a') IS NOT NULL", "pg_catalog.lo_import('/etc/passwd') > 0",
        "pg_catalog.nextval('changefeed.event_id') > 0", "pg_catalog.set_config('role', 'postgres', false) = 'x'",
        "true); DROP TABLE public.sale_order; SELECT (true",
        "true)); PERFORM nextval('changefeed.event_id'); RETURN ((SELECT '{1}'::bigint[] WHERE true",
        "EXISTS (SELECT FROM pg_catalog.pg_authid)",
    ]

    private static func ruled() async throws -> RuleDatabase {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql(
            "INSERT INTO ir_rule (name, model_id, domain_force) SELECT 'own', id, $$[('user_id', '=', user.id)]$$ FROM ir_model WHERE model = 'sale.order'",
            user: "odoo")
        try await database.psql("SELECT changefeed.track(model) FROM changefeed.tracked_model")
        return try await RuleDatabase(database)
    }

    @Test("nothing of this", arguments: hostile)
    func refused(_ predicate: String) async throws {
        let here = try await Self.ruled()
        let key = try await here.service.value("SELECT DISTINCT key FROM changefeed.access_rules(6)")
        _ = try await here.service.value(
            "SELECT changefeed.keep_rules($1, 'sale.order', $2, '{}', '{}', '{}', '{}', '{}', '{}', 1)",
            [.text(key), .text(predicate)])
        await #expect(throws: PostgresError.self) {
            try await here.service.value("SELECT records FROM changefeed.snapshot_page(6, 'phone', 'sale.order')")
        }
        #expect(try await here.superuser.value("SELECT count(*) FROM sale_order") == "5")
    }

    private static let conditions =
        "SELECT oid FROM pg_proc WHERE pronamespace = 'changefeed'::regnamespace AND proname LIKE 'condition\\_%'"

    @Test(
        "the function that is made of a condition is one that changefeed_reader alone may call, with its own rights; without it the answer is the same"
    )
    func conditionFunctions() async throws {
        let here = try await Self.ruled()
        #expect(try await here.superuser.lines(Self.conditions) == [])
        let seen = try await here.visible("sale.order", to: 6)
        #expect(seen == [1, 2, 3, 4, 5])
        #expect(try await here.superuser.lines(Self.conditions).count > 0)
        let loose = """
            SELECT p.proname FROM pg_proc p WHERE p.oid IN (\(Self.conditions))
              AND (p.prosecdef OR p.provolatile <> 's' OR p.proowner <> 'changefeed_owner'::regrole
                   OR (SELECT array_agg(x.grantee::regrole::text ORDER BY 1) FROM aclexplode(p.proacl) x) <> '{changefeed_owner,changefeed_reader}')
            """
        #expect(try await here.superuser.lines(loose) == [])
        // What the condition says now, it says by its function and by its text.
        try await here.database.psql("UPDATE sale_order SET user_id = 2 WHERE id IN (2, 4)", user: "odoo")
        let fewer = try await here.visible("sale.order", to: 6)
        #expect(fewer == [1, 3, 5])
        #expect(try await here.superuser.value("SELECT changefeed.forget_conditions()") == "0")
        try await here.database.psql(
            "DO $$ DECLARE f regprocedure; BEGIN FOR f IN \(Self.conditions) LOOP EXECUTE 'DROP FUNCTION ' || f; END LOOP; END $$"
        )
        #expect(try await here.visible("sale.order", to: 6) == fewer)
        #expect(try await here.superuser.lines(Self.conditions) == [])
        _ = try await here.superuser.query("SELECT changefeed.make_conditions()")
        #expect(try await here.visible("sale.order", to: 6) == fewer)
        #expect(try await here.superuser.lines("SELECT code FROM changefeed.verify() WHERE code = 'CF135'") == [])
        try await here.database.psql("DELETE FROM changefeed.compiled_rules")
        #expect(try await here.superuser.value("SELECT changefeed.forget_conditions() > 0") == "t")
        #expect(try await here.superuser.lines(Self.conditions) == [])
    }

    @Test("while another session locks the table, a condition is accepted without waiting and runs from its text")
    func heldTable() async throws {
        let here = try await Self.ruled()
        let key = try await here.service.value("SELECT DISTINCT key FROM changefeed.access_rules(6)")
        try await here.superuser.execute(script: "BEGIN; LOCK TABLE sale_order IN ACCESS EXCLUSIVE MODE")
        try await here.service.execute(script: "SET lock_timeout = '1min'; SET statement_timeout = '20s'")
        let keep = "SELECT changefeed.keep_rules($1, 'sale.order', 't.id < 3', '{}', '{}', '{}', '{}', '{}', '{}', 1)"
        #expect(try await here.service.value(keep, [.text(key)]) == "t")
        #expect(try await here.superuser.lines(Self.conditions) == [])
        try await here.superuser.execute(script: "COMMIT")
        let page =
            "SELECT jsonb_path_query_array(records::jsonb, '$[*].record_id') FROM changefeed.snapshot_page(6, 'phone', 'sale.order')"
        #expect(try await here.service.value(page) == "[1, 2]")
        _ = try await here.service.value(keep, [.text(key)])
        #expect(try await here.superuser.lines(Self.conditions).count == 1)
        #expect(try await here.service.value(page) == "[1, 2]")
    }

    @Test("the service reads no table of Odoo itself, and no rule runs with its rights or the owner's")
    func tables() async throws {
        let here = try await Self.ruled()
        let readable = """
            SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v')
              AND (has_any_column_privilege('changefeed_service', c.oid, 'SELECT') OR has_any_column_privilege('changefeed_owner', c.oid, 'SELECT'))
            """
        #expect(try await here.superuser.lines(readable) == [])
        let writable = """
            SELECT c.oid::regclass FROM pg_class c WHERE c.relkind IN ('r', 'p', 'S') AND c.relnamespace IN ('public'::regnamespace, 'changefeed'::regnamespace)
              AND (has_table_privilege('changefeed_reader', c.oid, 'INSERT,UPDATE,DELETE,TRUNCATE') AND c.relkind <> 'S' OR c.relkind = 'S' AND has_sequence_privilege('changefeed_reader', c.oid, 'USAGE,UPDATE'))
            """
        #expect(try await here.superuser.lines(writable) == [])
        let secrets = """
            SELECT c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
              AND a.attname ~ 'password|token|secret|key' AND has_column_privilege('changefeed_reader', c.oid, a.attnum, 'SELECT')
            """
        #expect(try await here.superuser.lines(secrets) == [])
        #expect(
            try await here.superuser.lines(
                "SELECT roleid::regrole FROM pg_auth_members WHERE member = 'changefeed_reader'::regrole") == [])
    }

    @Test("what a rule needs and may not read closes its model, and says which right is missing")
    func missingRight() async throws {
        let here = try await Self.ruled()
        try await here.database.psql(
            "REVOKE SELECT (user_id) ON sale_order FROM changefeed_reader; DELETE FROM changefeed.compiled_rules")
        #expect(try await here.visible("sale.order", to: 6) == nil)
        let reason = try await here.superuser.value("SELECT reason FROM changefeed.rule_finding")
        #expect(
            reason
                == "changefeed_reader may not read public.sale_order.user_id: GRANT SELECT (user_id) ON public.sale_order TO changefeed_reader;"
        )
        try await here.database.psql(
            "SELECT changefeed.grant_rules('sale.order'); SELECT changefeed.forget_rules(9, true)")
        #expect(try await here.visible("sale.order", to: 6) == [1, 2, 3, 4, 5])
        #expect(try await here.superuser.lines("SELECT rule_id FROM changefeed.rule_finding") == [])
    }
}
