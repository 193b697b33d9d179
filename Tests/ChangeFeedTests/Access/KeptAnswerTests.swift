import ChangeFeed
import ChangeFeedTesting
import Postgres
import Testing

@Suite("Cached answers of version 1", .serialized, .timeLimit(.minutes(10)))
struct KeptAnswerTests {
    private static let counts =
        "SELECT coalesce(problem, summary) FROM changefeed.v1_counts($1::int, NULL)"
    private static let events =
        "SELECT coalesce(problem, events) FROM changefeed.v1_list($1::int, NULL, NULL, NULL, NULL, 100, 0)"
    private static let forget = "DELETE FROM changefeed.kept_access"
    /// Cached answers become this, so that they can be recognised.
    private static let forge = "UPDATE changefeed.kept_access SET shape = 'cached' WHERE shape IS NOT NULL"

    /// Of its own: a transaction that ends in another test's database would end cached answers, too.
    private static let cluster = Task {
        let cluster = try await PrivateCluster.make()
        let postgres = cluster.database(named: "postgres")
        try await postgres.psql("ALTER SYSTEM SET autovacuum = off")
        try await postgres.psql("SELECT pg_reload_conf()")
        return cluster
    }

    /// User 6 sees partners of company 1; order 3 was deleted behind the triggers' back.
    private static func database() async throws -> RuleDatabase {
        let database = try await cluster.value.createDatabase(.installed)
        try await database.psql(
            RuleDecisionTests.rule(901, "[('company_id', '=', 1)]", model: "res.partner"), user: "odoo")
        try await database.psql(
            """
            SELECT changefeed.track('res.partner'); SET ROLE odoo;
            UPDATE res_partner SET phone = '1'; UPDATE sale_order SET amount_total = 1; RESET ROLE;
            ALTER TABLE sale_order DISABLE TRIGGER ALL; DELETE FROM sale_order WHERE id = 3;
            ALTER TABLE sale_order ENABLE TRIGGER ALL; SELECT changefeed.track('sale.order');
            -- What this database's own rows are in slot 0; the next are in slot 1.
            SELECT changefeed.rotate(); SELECT changefeed.settle(); SET ROLE odoo;
            UPDATE res_partner SET phone = '8' WHERE id = 2;
            """)
        let here = try await RuleDatabase(database)
        try await here.compile(for: 6)
        return here
    }

    private func answers(_ here: RuleDatabase) async throws -> [String] {
        [
            try await here.service.value(Self.counts, [.int(6)]),
            try await here.service.value(Self.events, [.int(6)]),
        ]
    }

    /// Both answers come from the cache now.
    private func fill(_ here: RuleDatabase) async throws {
        for answer in try await answers(here) { #expect(answer != "cached") }
        try await here.superuser.execute(script: Self.forge)
        #expect(try await answers(here) == ["cached", "cached"])
    }

    /// Neither does, and both are what the database says without a cache.
    private func isFresh(_ here: RuleDatabase) async throws {
        let now = try await answers(here)
        #expect(!now.contains("cached"))
        try await here.superuser.execute(script: Self.forget)
        #expect(try await answers(here) == now)
    }

    @Test(
        "everything on which an answer depends ends it",
        arguments: [
            "SET ROLE odoo; UPDATE res_partner SET phone = '2' WHERE id = 1",
            "SET ROLE odoo; UPDATE res_partner SET company_id = NULL WHERE id = 1",
            "SET ROLE odoo; INSERT INTO sale_order (name, partner_id) VALUES ('S9', 1)",
            "SET ROLE odoo; DELETE FROM res_groups_users_rel WHERE uid = 6",
            "SET ROLE odoo; UPDATE ir_rule SET domain_force = $$[('company_id', '!=', 1)]$$ WHERE id = 901",
            "SELECT changefeed.archive_before(now(), 'test')", "SELECT changefeed.hide_orphans(false)",
            "SELECT changefeed.empty_slot(0::smallint)",
            "ALTER TABLE res_partner DISABLE TRIGGER changefeed_update; UPDATE res_partner SET company_id = NULL; "
                + "ALTER TABLE res_partner ENABLE ALWAYS TRIGGER changefeed_update",
            "UPDATE changefeed.control SET epoch = epoch + 1", "SELECT changefeed.pause('test')",
            "SELECT changefeed.pause('test'); SELECT changefeed.resume()",
            "SELECT changefeed.pause('test'); SELECT changefeed.resume(); SELECT changefeed.settle()",
            "UPDATE changefeed.kept_access SET until = now()",
        ])
    func ends(change: String) async throws {
        let here = try await Self.database()
        try await fill(here)
        try await here.database.psql(change)
        try await isFresh(here)
    }

    @Test(
        "while records may change in silence nothing is cached",
        arguments: [
            "SELECT changefeed.pause('test')", "SELECT changefeed.pause('test'); SELECT changefeed.resume()",
            "ALTER TABLE res_partner DISABLE TRIGGER changefeed_update",
            "ALTER TABLE res_partner ENABLE TRIGGER changefeed_update", "DROP TRIGGER changefeed_update ON res_partner",
        ])
    func silent(change: String) async throws {
        let here = try await Self.database()
        try await here.database.psql(change)
        _ = try await answers(here)
        try await here.superuser.execute(script: Self.forge)
        #expect(try await !answers(here).contains("cached"))
    }

    @Test("a transaction that ran beside newer ones ends it when it commits, and not when it rolls back")
    func overtaken() async throws {
        let here = try await Self.database()
        let (first, second) = try await (here.database.connect(), here.database.connect())
        try await first.execute(script: "BEGIN; UPDATE res_partner SET phone = '2' WHERE id = 1")
        try await second.execute(script: "UPDATE res_partner SET phone = '3' WHERE id = 2")
        try await fill(here)
        try await first.execute(script: "COMMIT")
        try await isFresh(here)
        try await fill(here)
        try await first.execute(script: "BEGIN; UPDATE res_partner SET phone = '4' WHERE id = 1")
        #expect(try await answers(here) == ["cached", "cached"])
        try await first.execute(script: "ROLLBACK")
        #expect(try await answers(here) == ["cached", "cached"])
    }

    @Test("a transaction that writes sees its own changes each time")
    func own() async throws {
        let here = try await Self.database()
        try await here.superuser.execute(script: "BEGIN; UPDATE account_move SET amount_total = 5; \(Self.forge)")
        let before = try await here.superuser.value(Self.events, [.int(6)])
        try await here.superuser.execute(script: "UPDATE res_partner SET phone = '5' WHERE id = 2; \(Self.forge)")
        let after = try await here.superuser.value(Self.events, [.int(6)])
        #expect(before != after && after != "cached")
        try await here.superuser.execute(script: "ROLLBACK")
    }

    @Test("requests that differ have different answers; pages that few clients ask for are not cached")
    func requests() async throws {
        let here = try await Self.database()
        try await fill(here)
        for sql in [
            "SELECT summary FROM changefeed.v1_counts(6, '2000-01-01')",
            "SELECT summary FROM changefeed.v1_counts(6, now() - interval '1 minute')",
            "SELECT summary FROM changefeed.v1_counts(6, NULL, '{1}')",
            "SELECT events FROM changefeed.v1_list(6, 'sale.order', NULL, NULL, NULL, 100, 0)",
            "SELECT events FROM changefeed.v1_list(6, NULL, NULL, 'write', NULL, 100, 0)",
            "SELECT events FROM changefeed.v1_list(6, NULL, NULL, NULL, '2000-01-01', 100, 0)",
            "SELECT events FROM changefeed.v1_list(6, NULL, NULL, NULL, now() - interval '1 minute', 100, 0)",
            "SELECT events FROM changefeed.v1_list(6, NULL, NULL, NULL, NULL, 99, 0)",
            "SELECT events FROM changefeed.v1_list(6, NULL, NULL, NULL, NULL, 100, 0, '{1}')",
        ] {
            #expect(try await here.service.value(sql) != "cached", "\(sql)")
        }
        let kept = "SELECT count(*) FROM changefeed.kept_access WHERE shape IS NOT NULL"
        let before = try await here.superuser.value(kept)
        for page in ["NULL, NULL, NULL, NULL, 101, 0", "NULL, NULL, NULL, NULL, 100, 1", "NULL, 1, NULL, NULL, 100, 0"]
        {
            _ = try await here.service.value("SELECT events FROM changefeed.v1_list(6, \(page))")
        }
        #expect(try await here.superuser.value(kept) == before)
    }

    @Test("a model whose rules read more than tracked and watched tables is counted each time, the others are not")
    func others() async throws {
        let here = try await Self.database()
        try await here.superuser.execute(
            script:
                """
                UPDATE changefeed.compiled_rules SET reads = reads || '{"public.res_country": ["id"]}' WHERE model = 'res.partner'
                """)
        let first = try await answers(here)
        #expect(first[0].contains("res.partner") && first[0].contains("sale.order"))
        // The page is not cached at all.
        #expect(
            try await here.superuser.value("SELECT count(*) FROM changefeed.kept_access WHERE shape IS NOT NULL") == "1"
        )
        #expect(try await answers(here) == first)
        try await here.superuser.execute(
            script: "UPDATE changefeed.kept_access SET shape = '[]' WHERE shape IS NOT NULL")
        let second = try await answers(here)
        #expect(second[0].contains("res.partner") && !second[0].contains("sale.order"))
        #expect(second[1] == first[1])
    }

    @Test(
        "conditions that depend on the time, on functions or on other tables do not last",
        arguments: [
            ("t.company_id IS NULL", #"{"public.res_partner": ["company_id"]}"#, "t"),
            ("t.id IN (SELECT u.partner_id FROM public.res_users u)", #"{"public.res_users": ["partner_id"]}"#, "t"),
            ("true", "{}", "t"),
            ("t.create_date < now()", #"{"public.res_partner": ["create_date"]}"#, "f"),
            ("t.id = ANY (changefeed.odoo_member_of($1))", #"{"public.res_partner": ["id"]}"#, "f"),
            ("t.id IN (SELECT c.id FROM public.res_country c)", #"{"public.res_country": ["id"]}"#, "f"),
        ])
    func lasting(predicate: String, reads: String, expected: String) async throws {
        let here = try await Self.database()
        _ = try await here.superuser.query(
            Query(
                """
                INSERT INTO changefeed.compiled_rules (key, model, predicate, reads, is_closed, compiler)
                VALUES ('res.partner:test', 'res.partner', $1, $2::jsonb, false, 1)
                """, [.text(predicate), .text(reads)]))
        #expect(
            try await here.superuser.value(
                """
                SELECT changefeed.v1_lasting(ARRAY(
                    SELECT ROW(m, 6, 1, '{1}', '', p, '{}', '{}', '{}', NULL, NULL, '{}', NULL)::changefeed.model_scope
                    FROM (VALUES ('res.partner', $1), ('sale.order', NULL), ('account.move', 'not compiled')) v (m, p)))
                """, [.text(predicate)]) == (expected == "t" ? "{res.partner,sale.order}" : "{sale.order}"))
    }
}
