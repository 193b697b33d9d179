import ChangeFeedTesting
import Postgres
import Testing

@Suite("The columns that record rules look at")
struct RuleColumnTests {
    static let ofModels = [
        ("res.partner", "{active,company_id,parent_id}|f"), ("sale.order", "{partner_id,user_id}|t"),
        ("hr.expense", "{employee_id}|f"),
        ("product.product", "{product_tmpl_id,active}|f"), ("product.category", "{}|f"), ("hr.employee", "{user_id}|f"),
    ]

    @Test("an installation chooses them for each model", arguments: ofModels)
    func ofModel(_ model: String, _ expected: String) async throws {
        let connection = try await RuledDatabase.create().connect()
        let chosen = "SELECT rule_columns, keeps_followers FROM changefeed.tracked_model WHERE model = $1"
        #expect(try await connection.lines(chosen, [.text(model)]) == [expected])
        #expect(
            try await connection.value("SELECT changefeed.rule_columns($1)", [.text(model)])
                == expected.prefix { $0 != "|" })
    }

    static let domains = [
        ("[('state', 'not in', ('cancel', 'draft'))]", "{partner_id,state,user_id}"),
        ("[(\"name\", \"=\", 'x')]", "{name,partner_id,user_id}"),
        ("[('amount_total.x.y', '=', 1)]", "{partner_id,amount_total,user_id}"),
        ("[('x', '=', 'state')]", "{partner_id,state,user_id}"),
        ("[('id', '=', user.id), ('stat', '=', 1), ('state_', '=', 1)]", "{partner_id,user_id}"),
        (
            "[('x_token', '=', 1), ('x_when', '<', 1), ('x_point', '=', 1), ('x_data', '=', 1)]",
            "{partner_id,user_id,x_when,x_data}"
        ),
        ("[('id', 'child_of', 1)]", "{partner_id,user_id,parent_path}"),
        ("[('id', 'in', [1]), ('user_id', 'child_of', 1)]", "{partner_id,user_id,parent_path}"),
        ("[('x_related', '=', 1)]", "{partner_id,state,user_id}"),
        ("it's \"odd\" 'state", "{partner_id,state,user_id}"), ("", "{partner_id,user_id}"),
    ]

    @Test("they are the first names in quotes in the domains, and nothing secret", arguments: domains)
    func inDomain(_ domain: String, _ expected: String) async throws {
        let connection = try await RuledDatabase.create().connect()
        try await connection.execute(
            script: """
                ALTER TABLE sale_order ADD x_token varchar, ADD x_when timestamp, ADD x_point point, ADD x_data jsonb, ADD parent_path varchar;
                INSERT INTO ir_model_fields (model, name, ttype, related, store) VALUES
                    ('sale.order', 'x_related', 'char', 'x_further.name', false), ('sale.order', 'x_further', 'many2one', 'state.x', false);
                DELETE FROM ir_rule;
                """)
        let insert =
            "INSERT INTO ir_rule (model_id, domain_force, active, perm_read) SELECT id, $1, $2::boolean, $3::boolean FROM ir_model WHERE model = 'sale.order'"
        for (active, read) in [("f", "t"), ("t", "f")] {
            _ = try await connection.query(insert, [.text(domain), .text(active), .text(read)])
        }
        #expect(try await connection.value("SELECT changefeed.rule_columns('sale.order')") == "{partner_id,user_id}")
        _ = try await connection.query(insert, [.text(domain), .text("t"), .text("t")])
        #expect(try await connection.value("SELECT changefeed.rule_columns('sale.order')") == expected)
    }

    @Test("hr.employee is read by the rules of hr.employee.public, too")
    func publicEmployees() async throws {
        let connection = try await RuledDatabase.create().connect()
        try await connection.execute(
            script: """
                INSERT INTO ir_model (model, name) VALUES ('hr.employee.public', '{}');
                INSERT INTO ir_rule (model_id, domain_force) SELECT id, '[("parent_id.user_id", "=", user.id)]' FROM ir_model WHERE model = 'hr.employee.public';
                """)
        #expect(try await connection.value("SELECT changefeed.rule_columns('hr.employee')") == "{user_id,parent_id}")
        #expect(try await connection.value("SELECT changefeed.rule_columns('no.such.model')") == "{}")
    }

    @Test("when rules change verify says so, and track() mends it without a gap")
    func rulesChange() async throws {
        let connection = try await RuledDatabase.create().connect()
        try await connection.execute(
            script: """
                INSERT INTO ir_rule (model_id, domain_force) SELECT id, '[("state", "=", "sale")]' FROM ir_model WHERE model IN ('sale.order', 'account.journal');
                INSERT INTO ir_rule (model_id, domain_force) SELECT id, '[("name", "=", "x")]' FROM ir_model WHERE model = 'account.journal';
                UPDATE ir_rule SET active = false WHERE domain_force LIKE '%employee_id%';
                """)
        let findings = "SELECT code, level, object FROM changefeed.verify()"
        #expect(
            try await connection.lines(findings) == [
                "CF129|warning|account.journal", "CF129|warning|hr.expense", "CF129|warning|sale.order",
                "CF144|warning|account.journal", "CF144|warning|sale.order",
            ])
        for remedy in try await connection.lines("SELECT remediation FROM changefeed.verify()") {
            try await connection.execute(script: remedy)
        }
        #expect(try await connection.lines(findings) == [])
        #expect(try await connection.lines("SELECT * FROM changefeed.gap") == [])
        try await connection.execute(
            script: """
                UPDATE sale_order SET state = 'sale' WHERE id = 1; UPDATE account_journal SET name = '{"en_US": "y"}'; UPDATE hr_expense SET employee_id = NULL;
                """)
        #expect(
            try await connection.lines("SELECT model, olds[1] FROM changefeed.event ORDER BY id") == [
                #"sale.order|{"state": "draft", "user_id": 6, "partner_id": 1}"#,
                #"account.journal|{"name": {"en_US": "Sales"}}"#, "hr.expense|",
            ])
        let own =
            "SELECT proname FROM pg_proc WHERE pronamespace = 'changefeed'::regnamespace AND proname ~ '_(hr_expense|account_journal)$' ORDER BY 1"
        #expect(
            try await connection.lines(own) == ["capture_delete_account_journal", "capture_update_account_journal"])
    }

    @Test(
        "the next installation follows the rules and replaces functions of an older text, also for models tracked by hand"
    )
    func reinstalled() async throws {
        let database = try await RuledDatabase.create()
        let connection = try await database.connect()
        try await connection.execute(
            script: """
                SELECT changefeed.track('res.users');
                INSERT INTO ir_rule (model_id, domain_force) SELECT id, '[("login", "!=", "x")]' FROM ir_model WHERE model = 'res.users';
                DO $$ BEGIN EXECUTE replace(pg_get_functiondef('changefeed.capture_update_res_partner()'::regprocedure), '4097', '4097 + 0'); END $$;
                """)
        #expect(
            try await connection.lines("SELECT code, object FROM changefeed.verify() WHERE code <> 'CF122'") == [
                "CF128|res.partner", "CF129|res.users", "CF136|res.users",
            ])
        #expect(
            try await connection.value("SELECT trigger_state FROM changefeed.tracked WHERE model = 'res.partner'")
                == "stale")
        try await database.run(script: Fixture.sqlFolder + "/install.sql")
        #expect(
            try await connection.lines("SELECT code, object FROM changefeed.verify() WHERE code <> 'CF122'") == [
                "CF136|res.users"
            ])
        #expect(
            try await connection.value("SELECT rule_columns FROM changefeed.tracked_model WHERE model = 'res.users'")
                == "{login,active,company_id,partner_id}")
        #expect(try await connection.lines("SELECT * FROM changefeed.gap") == [])
    }

    @Test("changefeed_definer alone owns and calls the functions, and they are dropped with the model")
    func functions() async throws {
        let connection = try await RuledDatabase.create().connect()
        let functions = """
            SELECT p.proname, p.proowner::regrole, p.prosecdef, has_function_privilege('odoo', p.oid, 'EXECUTE'), obj_description(p.oid)
            FROM pg_proc p WHERE p.pronamespace = 'changefeed'::regnamespace AND p.proname ~ '_sale_order$' ORDER BY 1
            """
        #expect(
            try await connection.lines(functions) == [
                "capture_delete_sale_order|changefeed_definer|t|f|Trigger function of sale.order: as capture_delete(), and keeps the old values of partner_id, user_id, message_partner_ids. Written by track().",
                "capture_update_sale_order|changefeed_definer|t|f|Trigger function of sale.order: as capture_update(), and keeps the old values of partner_id, user_id. Written by track().",
            ])
        #expect(try await connection.value("SELECT changefeed.untrack('sale.order')") == "t")
        #expect(try await connection.lines(functions) == [])
        #expect(try await connection.lines("SELECT code, object FROM changefeed.verify() WHERE level <> 'info'") == [])
    }

    @Test(
        "a member of changefeed_owner who owns the table may track it, and the right to write functions is gone afterwards"
    )
    func memberOfOwner() async throws {
        let cluster = try await PrivateCluster.make()
        let database = try await RuledDatabase.create(in: cluster)
        try await database.psql("SELECT changefeed.untrack('sale.order'); GRANT changefeed_owner TO odoo")
        try await database.psql("SELECT changefeed.track('sale.order')", user: "odoo")
        let connection = try await database.connect()
        #expect(try await connection.lines("SELECT code, object FROM changefeed.verify()") == [])
        #expect(
            try await connection.value("SELECT has_schema_privilege('changefeed_definer', 'changefeed', 'CREATE')")
                == "f")
        await connection.close()
        await cluster.remove()
    }

    @Test("models whose names differ in dots and underscores, or are long, have functions of their own")
    func names() async throws {
        let connection = try await RuledDatabase.create().connect()
        let models = [
            "x.one.two", "x.one_two", "x_one.two", String(repeating: "x", count: 120),
            String(repeating: "x", count: 119) + "y",
        ]
        for (place, model) in models.enumerated() {
            try await connection.execute(
                script:
                    "CREATE TABLE x_\(place) (id int PRIMARY KEY, user_id int); INSERT INTO x_\(place) VALUES (1, \(place))"
            )
            _ = try await connection.query("SELECT changefeed.track($1, 'x_\(place)')", [.text(model)])
            try await connection.execute(script: "UPDATE x_\(place) SET user_id = -1")
        }
        let olds = "SELECT model, olds[1] FROM changefeed.event WHERE event = 'write' ORDER BY id"
        #expect(
            try await connection.lines(olds) == models.enumerated().map { "\($0.element)|{\"user_id\": \($0.offset)}" })
        #expect(try await connection.lines("SELECT code, object FROM changefeed.verify()") == [])
    }
}
