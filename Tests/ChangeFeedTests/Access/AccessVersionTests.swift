import ChangeFeed
import ChangeFeedTesting
import Postgres
import Testing

/// What was found out about access is used again while nothing by which it was decided has changed, and not a moment longer.
@Suite("The version of access, and what is kept under it", .timeLimit(.minutes(10)))
struct AccessVersionTests {
    private static let version = "SELECT coalesce(changefeed.odoo_access_version(), 'none')"
    private static let forget = "DELETE FROM changefeed.kept_access; DELETE FROM changefeed.kept_statement"

    /// Longer than a session takes triggers to be those of before.
    private static let recent: Duration = .milliseconds(600)

    private static func database() async throws -> RuleDatabase {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql(ShownDataTests.setUp, user: "odoo")
        try await database.psql("SELECT changefeed.track(model) FROM changefeed.tracked_model")
        return try await RuleDatabase(database)
    }

    /// All that user 6 is told of a model, by a session that has asked before.
    private static func page(_ here: RuleDatabase, _ model: String, fields: String = "NULL", companies: String = "NULL")
        async throws -> String
    {
        try await here.compile(for: 6)
        return try await here.service.value(
            "SELECT concat(problem, records) FROM changefeed.snapshot_page(6, 'phone', '\(model)', NULL, 500, 1, NULL, \(fields), companies => \(companies))"
        )
    }

    // MARK: the version

    @Test("a write to any of the tables makes another version when it is committed, and only then")
    func tables() async throws {
        let here = try await Self.database()
        let tables = try await here.superuser.lines(
            """
            SELECT format('%I.%I', n.nspname, c.relname) FROM pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid
            WHERE c.relname = ANY (changefeed.odoo_watched_tables(n.nspname)) ORDER BY 1
            """)
        #expect(tables.count >= 20, "\(tables)")
        let writer = try await here.database.connect()
        for table in tables {
            for write in ["DELETE FROM \(table)", "TRUNCATE \(table) CASCADE"] {
                let before = try await here.superuser.value(Self.version)
                #expect(before != "none")
                try await writer.execute(script: "BEGIN; SET LOCAL session_replication_role = replica; \(write)")
                #expect(try await writer.value(Self.version) == "none", "\(write)")
                try await writer.execute(script: "ROLLBACK")
                #expect(try await here.superuser.value(Self.version) == before, "\(write)")
            }
            let before = try await here.superuser.value(Self.version)
            let column = try await here.superuser.value(
                "SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = '\(table)'::regclass AND attnum > 0 AND NOT attisdropped AND attidentity = '' LIMIT 1"
            )
            try await writer.execute(script: "BEGIN; UPDATE \(table) SET \(column) = \(column)")
            #expect(try await here.superuser.value(Self.version) == before, "\(table)")
            try await writer.execute(script: "COMMIT")
            let after = try await here.superuser.value(Self.version)
            #expect(after != before && after != "none", "\(table)")
        }
    }

    @Test("a note that is made once per transaction is made again after a savepoint's rollback")
    func savepoint() async throws {
        let here = try await Self.database()
        let before = try await here.superuser.value(Self.version)
        try await here.superuser.execute(
            script:
                "BEGIN; SAVEPOINT a; UPDATE ir_rule SET name = name; ROLLBACK TO a; UPDATE ir_rule SET name = name; UPDATE res_users SET login = login; COMMIT"
        )
        #expect(try await here.superuser.value(Self.version) != before)
    }

    @Test("the service's look at record rules, every minute, is no change where it finds nothing")
    func rulesLooked() async throws {
        let here = try await Self.database()
        try await here.superuser.execute(
            script:
                "SELECT changefeed.keep_rules('sale.order:x', 'sale.order', 'true', NULL, NULL, NULL, NULL, NULL, NULL, 6)"
        )
        let before = try await here.superuser.value(Self.version)
        #expect(try await here.superuser.value("SELECT changefeed.forget_rules(1, true)") == "0")
        #expect(try await here.superuser.value(Self.version) == before)
        #expect(try await here.superuser.value("SELECT changefeed.forget_rules(1000, true) > 0") == "t")
        #expect(try await here.superuser.value(Self.version) != before)
    }

    @Test("nor where a set is closed, until it may be open: its columns can be read, or an hour has passed")
    func closedRules() async throws {
        let here = try await Self.database()
        func keep(_ name: String, _ predicate: String, reads: String) async throws {
            try await here.superuser.execute(
                script: """
                    SELECT changefeed.keep_rules('sale.order:\(name)', 'sale.order', \(predicate), NULL, NULL, NULL, NULL, NULL,
                                                 '\(reads)', 6)
                    """)
        }
        try await keep("failed", "NULL", reads: "{}")
        try await keep("unreadable", "'true'", reads: #"{"public.res_partner": ["phone"]}"#)
        let closed = "SELECT string_agg(key, ' ' ORDER BY key) FROM changefeed.compiled_rules WHERE is_closed"
        let forget = "SELECT changefeed.forget_rules(6, true)"
        #expect(try await here.superuser.value(closed) == "sale.order:failed sale.order:unreadable")
        let before = try await here.superuser.value(Self.version)
        #expect(try await here.superuser.value(forget) == "0")
        #expect(try await here.superuser.value(Self.version) == before)
        try await here.superuser.execute(script: "GRANT SELECT (phone) ON res_partner TO changefeed_reader")
        #expect(try await here.superuser.value(forget) == "1")
        #expect(try await here.superuser.value(closed) == "sale.order:failed")
        #expect(try await here.superuser.value(Self.version) != before)
        try await here.superuser.execute(
            script: "UPDATE changefeed.compiled_rules SET compiled_at = compiled_at - interval '2 hours'")
        #expect(try await here.superuser.value(forget) == "1")
    }

    @Test("no version of access repeats, in whatever order transactions commit and versions are pruned")
    func pruning() async throws {
        let here = try await Self.database()
        let late = try await here.database.connect()
        var seen: Set<String> = []
        func step(_ what: String) async throws {
            let version = try await here.superuser.value(Self.version)
            #expect(version != "none")
            #expect(seen.insert(version).inserted, "\(what)")
        }
        try await step("at first")
        try await late.execute(script: "BEGIN; UPDATE ir_rule SET name = name")
        for number in 1...60 {
            try await here.superuser.execute(script: "UPDATE res_lang SET active = active")
            try await step("change \(number)")
        }
        #expect(try await here.superuser.value("SELECT changefeed.prune_access_changes() > 50") == "t")
        try await step("pruned")
        try await late.execute(script: "COMMIT")
        try await step("one that began before")
        for _ in 1...60 { try await here.superuser.execute(script: "UPDATE res_lang SET active = active") }
        try await step("many")
        #expect(try await here.superuser.value("SELECT changefeed.prune_access_changes() > 50") == "t")
        try await step("pruned again")
        #expect(try await here.superuser.value("SELECT count(*) FROM changefeed.access_change") == "1")
        // Pruned right after one that had begun long before: without a row of its own the empty set would come again.
        try await late.execute(script: "BEGIN; UPDATE ir_rule SET name = name")
        for _ in 1...60 { try await here.superuser.execute(script: "UPDATE res_lang SET active = active") }
        try await late.execute(script: "COMMIT")
        try await step("late")
        #expect(try await here.superuser.value("SELECT changefeed.prune_access_changes() > 50") == "t")
        try await step("pruned after one that was late")
    }

    @Test("the service's housekeeping bounds what each request reads of them")
    func bounded() async throws {
        let here = try await Self.database()
        for _ in 1...60 { try await here.superuser.execute(script: "UPDATE res_lang SET active = active") }
        try await here.superuser.execute(
            script:
                "INSERT INTO changefeed.device_change SELECT pg_current_xact_id(), 'phone' FROM generate_series(1, 300)"
        )
        #expect(try await here.superuser.value("SELECT count(*) >= 60 FROM changefeed.access_change") == "t")
        let before = try await here.superuser.value(Self.version)
        try await here.service.execute(script: "SELECT changefeed.settle()")
        #expect(try await here.superuser.value("SELECT count(*) FROM changefeed.access_change") == "1")
        #expect(try await here.superuser.value(Self.version) != before)
        // Of all devices, since those that had changed are not named any more.
        #expect(
            try await here.superuser.value(
                "SELECT concat(count(*), ' ', count(device_id)) FROM changefeed.device_change") == "1 0")
        // A few are left, since each of their versions has its kept answers.
        try await here.superuser.execute(script: "UPDATE res_lang SET active = active")
        try await here.service.execute(script: "SELECT changefeed.settle()")
        #expect(try await here.superuser.value("SELECT count(*) FROM changefeed.access_change") == "2")
    }

    @Test(
        "without one of the triggers nothing is kept, verify() names it, and what happened meanwhile is followed",
        arguments: [
            ("DROP TRIGGER changefeed_access ON ir_rule", "CALL changefeed.watch_access()"),
            (
                "ALTER TABLE ir_rule DISABLE TRIGGER changefeed_access",
                "ALTER TABLE ir_rule ENABLE ALWAYS TRIGGER changefeed_access"
            ),
            ("ALTER TABLE ir_rule ENABLE TRIGGER changefeed_access", "CALL changefeed.watch_access()"),
        ])
    func missing(loss: String, mend: String) async throws {
        let here = try await Self.database()
        let before = try await Self.page(here, "sale.order")
        let version = try await here.superuser.value(Self.version)
        try await here.superuser.execute(script: loss)
        try await Task.sleep(for: Self.recent)
        #expect(try await here.superuser.value(Self.version) == "none")
        #expect(
            try await here.superuser.lines("SELECT object, remediation FROM changefeed.verify() WHERE code = 'CF147'")
                == ["public.ir_rule|CALL changefeed.watch_access();"])
        try await here.superuser.execute(script: Self.forget)
        #expect(try await Self.page(here, "sale.order") == before)
        #expect(try await here.superuser.value("SELECT count(*) FROM changefeed.kept_access") == "0")
        try await here.database.psql(RuleDecisionTests.rule(901, "[('id', '=', 0)]"), user: "odoo")
        try await here.superuser.execute(script: mend)
        try await Task.sleep(for: Self.recent)
        let after = try await here.superuser.value(Self.version)
        #expect(after != "none" && after != version)
        #expect(
            try await here.superuser.lines("SELECT code FROM changefeed.verify() WHERE code IN ('CF106', 'CF147')")
                == [])
        #expect(try await Self.page(here, "sale.order") == "[]")
    }

    @Test(
        "a session takes the triggers to be those of half a second before at most, whatever its setting says",
        arguments: ["", "x", "99991231235959999999:1", "20200101000000000000:1"])
    func recentMark(setting: String) async throws {
        let here = try await Self.database()
        let mark = "SELECT coalesce(changefeed.odoo_recent_mark(), 'none')"
        let before = try await here.superuser.value("SELECT changefeed.odoo_access_mark()")
        if !setting.isEmpty {
            try await here.superuser.execute(script: "SET changefeed.access_mark = '\(setting)'")
        }
        #expect(try await here.superuser.value(mark) == before)
        #expect(try await here.superuser.value(mark) == before)
        try await here.superuser.execute(script: "ALTER TABLE ir_rule DISABLE TRIGGER changefeed_access")
        try await Task.sleep(for: Self.recent)
        #expect(try await here.superuser.value(mark) == "none")
        try await here.superuser.execute(script: "ALTER TABLE ir_rule ENABLE ALWAYS TRIGGER changefeed_access")
        // Nothing is remembered of the time without.
        let after = try await here.superuser.value(mark)
        #expect(after != before && after != "none")
    }

    @Test("the short check tells changes of access and of devices, once they are committed")
    func news() async throws {
        let here = try await Self.database()
        _ = try await Self.page(here, "sale.order")
        let snapshot = try await here.superuser.value("SELECT pg_current_snapshot()")
        let news = "SELECT access, devices FROM changefeed.idle_news('\(snapshot)')"
        let before = try await here.service.lines(news)
        #expect(before.first?.hasSuffix("|f") == true)
        let writer = try await here.database.connect()
        try await writer.execute(script: "BEGIN; UPDATE res_users SET login = login")
        #expect(try await here.service.lines(news) == before)
        try await writer.execute(script: "COMMIT")
        let after = try await here.service.lines(news)
        #expect(after != before && after.first?.hasSuffix("|f") == true)
        try await writer.execute(script: "BEGIN; DELETE FROM changefeed.device")
        #expect(try await here.service.lines(news) == after)
        try await writer.execute(script: "COMMIT")
        #expect(try await here.service.lines(news).first?.hasSuffix("|t") == true)
    }

    // MARK: what is kept

    struct Case: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var sql: String
        var model = "res.partner"
        var companies = "NULL"
        var user = "odoo"
    }

    static let cases = [
        Case(
            testDescription: "a group taken away", sql: "DELETE FROM res_groups_users_rel WHERE uid = 6 AND gid = 3",
            model: "account.move"),
        Case(
            testDescription: "an implied group taken away",
            sql: "DELETE FROM res_groups_implied_rel WHERE gid = 2; DELETE FROM res_groups_implied_rel WHERE gid = 3",
            model: "hr.employee"),
        Case(
            testDescription: "a right taken away",
            sql:
                "UPDATE ir_model_access SET active = false WHERE model_id = (SELECT id FROM ir_model WHERE model = 'res.partner')"
        ),
        Case(
            testDescription: "a record rule", sql: RuleDecisionTests.rule(901, "[('id', '=', 0)]"), model: "sale.order"),
        Case(testDescription: "the rule of a list", sql: RuleDecisionTests.rule(901, "[('id', '=', 0)]")),
        Case(
            testDescription: "a group for a field",
            sql:
                "INSERT INTO ir_model_fields_group_rel SELECT id, 4 FROM ir_model_fields WHERE model = 'res.partner' AND name = 'phone'"
        ),
        Case(
            testDescription: "a field that is gone",
            sql: "DELETE FROM ir_model_fields WHERE model = 'res.partner' AND name = 'phone'"),
        Case(
            testDescription: "a company taken away",
            sql: "DELETE FROM res_company_users_rel WHERE user_id = 6 AND cid = 2", companies: "'{2}'"),
        Case(testDescription: "the user archived", sql: "UPDATE res_users SET active = false WHERE id = 6"),
        Case(
            testDescription: "the user's language", sql: "UPDATE res_partner SET lang = 'fr_FR' WHERE id = 6",
            model: "product.template"),
        Case(
            testDescription: "a value by default",
            sql: "INSERT INTO ir_default (field_id, json_value) SELECT id, '7' FROM (\(ShownDataTests.price)) f",
            model: "product.product"),
        Case(
            testDescription: "a column dropped, and the field stays", sql: "ALTER TABLE res_partner DROP COLUMN phone"),
        Case(
            testDescription: "a right of the feed taken away by hand",
            sql:
                "REVOKE SELECT ON res_partner FROM changefeed_definer; GRANT SELECT (id, name) ON res_partner TO changefeed_definer"
        ),
        Case(
            testDescription: "a decision about a field",
            sql: "SELECT changefeed.decide_field('res.partner', 'phone', 'deny')", user: "postgres"),
        Case(
            testDescription: "a decision about a model",
            sql: "SELECT changefeed.decide_model('res.partner', 'deny', 'test')", user: "postgres"),
    ]

    static let setUp = """
        INSERT INTO res_company_users_rel VALUES (1, 6) ON CONFLICT DO NOTHING;
        INSERT INTO res_partner (id, name, phone) SELECT i, 'P' || i, '1' FROM generate_series(900, 903) i;
        INSERT INTO sale_order (name, partner_id) SELECT 'S' || i, i FROM generate_series(900, 903) i;
        INSERT INTO product_template (name) VALUES ('{"en_US": "Chair", "fr_FR": "Chaise"}');
        INSERT INTO product_product (product_tmpl_id) SELECT max(id) FROM product_template;
        INSERT INTO account_move (name) VALUES ('M');
        INSERT INTO hr_employee (name) VALUES ('E');
        """

    @Test("a user's answer changes immediately, and equals the answer without stored conditions", arguments: cases)
    func follows(change: Case) async throws {
        let here = try await Self.database()
        try await here.database.psql(Self.setUp, user: "odoo")
        let before = try await Self.page(here, change.model, companies: change.companies)
        #expect(try await Self.page(here, change.model, companies: change.companies) == before)
        let kept = try await here.superuser.value("SELECT count(*) FROM changefeed.kept_access")
        #expect(kept != "0")
        let writer = try await here.database.connect()
        try await writer.execute(script: "BEGIN; SET LOCAL ROLE \(change.user); \(change.sql)")
        if !change.sql.hasPrefix("ALTER") {
            #expect(try await Self.page(here, change.model, companies: change.companies) == before)
        }
        try await writer.execute(script: "COMMIT")
        let after = try await Self.page(here, change.model, companies: change.companies)
        #expect(after != before)
        try await here.superuser.execute(script: Self.forget)
        let fresh = try await here.database.connect(user: "changefeed_login")
        #expect(
            try await fresh.value(
                "SELECT concat(problem, records) FROM changefeed.snapshot_page(6, 'phone', '\(change.model)', NULL, 500, 1, companies => \(change.companies))"
            )
                == after)
    }

    @Test("a foreign statement prepared under the same name is not run, and a missing one is prepared again")
    func prepared() async throws {
        let here = try await Self.database()
        let names = "SELECT name FROM pg_prepared_statements WHERE name ~ '^changefeed_'"
        let before = try await Self.page(here, "res.partner")
        let name = try await here.service.value(names)
        try await here.service.execute(script: "DEALLOCATE \(name); PREPARE \(name) AS SELECT 1")
        #expect(try await Self.page(here, "res.partner") == before)
        try await here.service.execute(
            script:
                "DEALLOCATE \(name); PREPARE \(name) (bigint[], changefeed.model_scope[], changefeed.model_scope, bigint, bigint, int, int, text) AS SELECT $1, $1, '{x}'::text[], $1, 'x'"
        )
        #expect(try await Self.page(here, "res.partner") == before)
        try await here.service.execute(script: "DISCARD ALL")
        #expect(try await Self.page(here, "res.partner") == before)
        #expect(try await here.service.value(names) == name)
        // Bounded: each set of fields is another statement.
        let fields = ["id", "name", "email", "phone", "active", "parent_id"]
        for bits in 1..<(1 << fields.count) {
            let some = fields.enumerated().filter { bits & (1 << $0.offset) != 0 }.map(\.element)
            _ = try await Self.page(here, "res.partner", fields: "'{\(some.joined(separator: ","))}'")
        }
        #expect(try await here.service.lines(names).count == 32)
        #expect(try await Self.page(here, "res.partner") == before)
    }

    @Test("sessions that compute the same access do not wait for each other")
    func concurrent() async throws {
        let here = try await Self.database()
        try await here.compile(for: 6)
        try await here.superuser.execute(script: Self.forget)
        let other = try await here.database.connect(user: "changefeed_login")
        try await here.service.execute(script: "BEGIN; SELECT * FROM changefeed.news(6, 'phone')")
        try await other.execute(script: "SET statement_timeout = '5s'; SELECT * FROM changefeed.news(6, 'phone')")
        #expect(try await here.superuser.value("SELECT count(*) FROM changefeed.kept_access") == "1")
        try await here.service.execute(script: "COMMIT")
        #expect(try await here.superuser.value("SELECT count(*) FROM changefeed.kept_access") == "2")
        try await here.superuser.execute(
            script: "UPDATE changefeed.kept_access SET until = now(); SELECT changefeed.forget_access()")
        #expect(try await here.superuser.value("SELECT count(*) FROM changefeed.kept_access") == "0")
        // Where nothing can be written down, it is found out anew.
        try await other.execute(script: "BEGIN READ ONLY; SELECT * FROM changefeed.news(6, 'phone'); COMMIT")
        #expect(try await here.superuser.value("SELECT count(*) FROM changefeed.kept_access") == "0")
    }
}
