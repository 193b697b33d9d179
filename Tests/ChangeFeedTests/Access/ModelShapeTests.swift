import ChangeFeedTesting
import Postgres
import Testing

/// Models that are not as Odoo's own are: a table of another name, delegation that the fields alone do not show, other names of fields.
@Suite("Models of another shape", .timeLimit(.minutes(10)))
struct ModelShapeTests {
    /// x.thing has `_table = 'things_of_ours'` and an order of its own; partners have many.
    private static let things = """
        CREATE TABLE things_of_ours (id serial PRIMARY KEY, name varchar, rank int, x_active boolean DEFAULT true,
            partner_id int CONSTRAINT things_of_ours_partner_id_fkey REFERENCES res_partner, parent_id int REFERENCES things_of_ours,
            create_date timestamp, write_date timestamp);
        INSERT INTO ir_model (model, name, "order") VALUES ('x.thing', '{"en_US": "Thing"}', 'rank desc');
        INSERT INTO ir_model_access (name, model_id, perm_read) SELECT 'things', id, true FROM ir_model WHERE model = 'x.thing';
        INSERT INTO ir_model_fields (model, name, ttype, relation, relation_field, store, state) VALUES
            ('x.thing', 'id', 'integer', NULL, NULL, true, 'manual'), ('x.thing', 'name', 'char', NULL, NULL, true, 'manual'), ('x.thing', 'rank', 'integer', NULL, NULL, true, 'manual'),
            ('x.thing', 'x_active', 'boolean', NULL, NULL, true, 'manual'), ('x.thing', 'partner_id', 'many2one', 'res.partner', NULL, true, 'manual'),
            ('res.partner', 'x_thing_ids', 'one2many', 'x.thing', 'partner_id', true, 'manual'), ('res.partner', 'x_thing_id', 'many2one', 'x.thing', NULL, true, 'manual');
        CREATE TABLE IF NOT EXISTS ir_model_constraint (id serial PRIMARY KEY, name varchar, model int);
        INSERT INTO ir_model_constraint (name, model) SELECT 'things_of_ours_partner_id_fkey', id FROM ir_model WHERE model = 'x.thing';
        INSERT INTO things_of_ours (name, rank, partner_id) VALUES ('low', 1, 3), ('high', 9, 3), ('mid', 5, 3), ('other', 7, 4);
        ALTER TABLE res_partner ADD COLUMN x_thing_id int; UPDATE res_partner SET x_thing_id = 2 WHERE id = 3;
        """

    private func shown(_ database: TestDatabase, _ model: String, _ id: Int, _ field: String) async throws -> String {
        try await database.psql(
            "SELECT (data -> '\(field)')::text FROM changefeed.odoo_record_data(2, '\(model)', '{\(id)}')")
    }

    private func installed(_ script: String) async throws -> TestDatabase {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql(script, user: "odoo")
        try await database.run(script: Fixture.sqlFolder + "/install.sql")
        // Nothing is known of the code of such models.
        try await database.psql(
            "SELECT changefeed.decide_model(model, 'allow') FROM ir_model WHERE model IN ('x.thing', 'x.part')")
        return database
    }

    @Test("lists, their order, and names work for a model whose table has a different name")
    func table() async throws {
        let database = try await installed(Self.things)
        #expect(try await shown(database, "res.partner", 3, "x_thing_ids") == "[2, 3, 1]")
        #expect(try await shown(database, "res.partner", 3, "x_thing_id") == "[2, \"high\"]")
        #expect(
            try await database.psql("SELECT changefeed.odoo_model_table('x.thing'), changefeed.table_of('x.thing')")
                == "things_of_ours|things_of_ours")
        #expect(
            try await database.psql("SELECT DISTINCT source FROM changefeed.odoo_catalog('{x.thing}')")
                == "public.things_of_ours")
        try await database.psql("SELECT changefeed.track('x.thing')")
        #expect(try await database.psql("SELECT changefeed.rules_table('x.thing')") == "things_of_ours")
        #expect(try await shown(database, "x.thing", 1, "partner_id") == "[3, \"Partner 3\"]")
    }

    @Test("archived records leave lists by x_active, too, and only where there is no active")
    func active() async throws {
        let database = try await installed(Self.things + "UPDATE things_of_ours SET x_active = false WHERE id = 3;")
        #expect(try await shown(database, "res.partner", 3, "x_thing_ids") == "[2, 1]")
        try await database.psql(
            """
            ALTER TABLE things_of_ours ADD COLUMN active boolean DEFAULT true;
            INSERT INTO ir_model_fields (model, name, ttype, store, state) VALUES ('x.thing', 'active', 'boolean', true, 'manual');
            UPDATE things_of_ours SET active = id <> 1;
            SELECT changefeed.grant_data('res.partner');
            """)
        #expect(try await shown(database, "res.partner", 3, "x_thing_ids") == "[2, 3]")
    }

    @Test("what a model delegates to is what Odoo says (ir_model_inherit), for its data and for its rules alike")
    func delegation() async throws {
        // The child lacks a field of its parent, and another many2one looks like a delegation and is none.
        let database = try await installed(
            Self.things + """
                CREATE TABLE x_part (id serial PRIMARY KEY, thing_id int NOT NULL REFERENCES things_of_ours, category_id int NOT NULL REFERENCES product_category,
                    size int, create_date timestamp, write_date timestamp);
                INSERT INTO ir_model (model, name) VALUES ('x.part', '{"en_US": "Part"}');
                INSERT INTO ir_model_access (name, model_id, perm_read) SELECT 'parts', id, true FROM ir_model WHERE model = 'x.part';
                INSERT INTO ir_model_fields (model, name, ttype, relation, related, required, store, state) VALUES
                    ('x.part', 'id', 'integer', NULL, NULL, false, true, 'manual'), ('x.part', 'size', 'integer', NULL, NULL, false, true, 'manual'),
                    ('x.part', 'thing_id', 'many2one', 'x.thing', NULL, true, true, 'manual'), ('x.part', 'category_id', 'many2one', 'product.category', NULL, true, true, 'manual'),
                    ('x.part', 'rank', 'integer', NULL, 'thing_id.rank', false, false, 'manual'), ('x.part', 'name', 'char', NULL, 'category_id.name', false, false, 'manual'),
                    ('x.part', 'parent_id', 'many2one', 'product.category', 'category_id.parent_id', false, false, 'manual'),
                    ('x.part', 'create_date', 'datetime', NULL, NULL, false, true, 'manual'), ('x.part', 'write_date', 'datetime', NULL, NULL, false, true, 'manual');
                INSERT INTO ir_model_inherit (model_id, parent_id, parent_field_id)
                    SELECT m.id, p.id, f.id FROM ir_model m, ir_model p, ir_model_fields f
                    WHERE m.model = 'x.part' AND p.model = 'x.thing' AND f.model = 'x.part' AND f.name = 'thing_id';
                INSERT INTO x_part (thing_id, category_id, size) VALUES (2, 1, 10), (3, 2, 20);
                INSERT INTO ir_rule (name, model_id, domain_force, global) SELECT 'high things', id, '[(''rank'', ''>'', 8)]', true FROM ir_model WHERE model = 'x.thing';
                """)
        try await database.psql("SELECT changefeed.track('x.part')")
        #expect(
            try await database.psql(
                "SELECT parent || ' ' || field || ' ' || source FROM changefeed.odoo_delegations('x.part')")
                == "x.thing thing_id things_of_ours")
        #expect(try await shown(database, "x.part", 1, "rank") == "9")
        #expect(try await shown(database, "x.part", 1, "name") == "")
        #expect(
            try await database.psql("SELECT held, holders FROM changefeed.odoo_rule_sources('{x.part}', '{x.part}')")
                == "{x.part,x.part}|{x.part,x.thing}")
        let here = try await RuleDatabase(database)
        #expect(try await here.visible("x.part", to: 2) == [1])
    }

    @Test("a user's groups are closed in one place, for rights, names and compiled rules")
    func groups() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        #expect(
            try await database.psql("SELECT ARRAY(SELECT unnest(changefeed.odoo_member_of(2)) ORDER BY 1)")
                == "{1,2,3,4}")
        #expect(
            try await database.psql(
                "SELECT changefeed.odoo_in_group(2, 'base.group_user'), changefeed.odoo_in_group(7, 'base.group_user')")
                == "t|f")
        #expect(
            try await database.psql(
                "SELECT count(*) FROM pg_proc WHERE pronamespace = 'changefeed'::regnamespace AND prosrc ~ 'RECURSIVE[^;]*res_groups_implied_rel'"
            ) == "1")
        #expect(
            try await database.psql(
                "SELECT string_agg(proname, ',') FROM pg_proc WHERE pronamespace = 'changefeed'::regnamespace AND prosrc ~ 'ir_model_inherit i'"
            ) == "odoo_delegated")
    }

    static let names = [
        "x_Größe", "x_with$dollar", "x_UPPER", "x_quote\"d", "x_space d", String(repeating: "x", count: 63), "x_名前",
    ]

    @Test("any name that a column can have is served as it is", arguments: names)
    func name(name: String) async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let quoted = "\"" + name.replacing("\"", with: "\"\"") + "\""
        try await database.psql(
            """
            ALTER TABLE res_partner ADD COLUMN \(quoted) varchar DEFAULT 'here';
            INSERT INTO ir_model_fields (model, name, ttype, store, state) VALUES ('res.partner', '\(name)', 'char', true, 'manual');
            """)
        let connection = try await database.connect()
        #expect(
            try await connection.value(
                "SELECT data ->> $1 FROM changefeed.odoo_record_data(2, 'res.partner', '{1}')", [.text(name)]) == "here"
        )
        #expect(
            try await connection.value(
                "SELECT data ->> $1 FROM changefeed.odoo_record_data(2, 'res.partner', '{1}', ARRAY[$1])", [.text(name)]
            ) == "here")
        #expect(try await connection.value("SELECT count(*) FROM changefeed.verify() WHERE code = 'CF152'") == "0")
        // And in rules, whose columns the triggers keep, where the text can say the name.
        guard !name.contains(" "), !name.contains("\"") else { return }
        try await database.psql(RuleDecisionTests.rule(901, "[('\(name)', '=', 'here')]", model: "res.partner"))
        try await database.psql("SELECT changefeed.track('res.partner')")
        #expect(
            try await connection.value(
                "SELECT $1 = ANY (rule_columns::text[]) FROM changefeed.tracked_model WHERE model = 'res.partner'",
                [.text(name)]) == "t")
        try await database.psql("UPDATE res_partner SET \(quoted) = 'gone' WHERE id = 1")
        #expect(try await RuleDatabase(database).visible("res.partner", to: 2)?.count == 19)
    }

    @Test("a name that no column can have is named by verify")
    func tooLong() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql(
            """
            INSERT INTO ir_model_fields (model, name, ttype, store, state) VALUES ('res.partner', 'x_' || repeat('y', 70), 'char', true, 'manual');
            ALTER TABLE res_partner ADD COLUMN \("x_" + String(repeating: "y", count: 61)) varchar;
            """)
        #expect(try await database.psql("SELECT object FROM changefeed.verify() WHERE code = 'CF152'") == "res.partner")
        #expect(
            try await database.psql("SELECT count(*) FROM changefeed.odoo_record_data(2, 'res.partner', '{1}')") == "1")
    }
}
