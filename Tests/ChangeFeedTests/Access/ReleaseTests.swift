import ChangeFeedTesting
import Foundation
import Postgres
import Testing

/// The small database in the shape of each release, so that this holds where the real ones are not beside the checkout.
@Suite("Odoo 16 to 19", .timeLimit(.minutes(10)))
struct ReleaseTests {
    static let shapes = [16, 17, 19]

    private func database(_ release: Int) async throws -> TestDatabase {
        try await PrivateCluster.shared().createDatabase(release == 18 ? .installed : .shapeInstalled(release))
    }

    /// Rows of `ir_property`: model, field, company, record, integer, float, text, reference.
    private func addProperties(_ rows: String, to database: TestDatabase) async throws {
        try await database.psql(
            """
            INSERT INTO ir_property (name, type, fields_id, company_id, res_id, value_integer, value_float, value_text, value_reference)
            SELECT f.name, 'x', f.id, v.company, v.record, v.number, v.amount, v.text, v.reference
            FROM (VALUES \(rows)) v (model, field, company, record, number, amount, text, reference)
            JOIN ir_model_fields f ON f.model = v.model AND f.name = v.field
            """)
    }

    private func object(
        _ connection: Connection, _ model: String, _ id: Int = 1, user: Int = 2, company: Int? = nil
    ) async throws -> [String: Any] {
        let text = try await connection.value(
            "SELECT data FROM changefeed.odoo_record_data($1, $2, ARRAY[$3::bigint], NULL, $4)",
            [.int(user), .text(model), .int(id), company.map { .int($0) } ?? .null])
        return try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
    }

    @Test(
        "install without a finding and give records with data, whatever columns ir_model_fields has", arguments: shapes)
    func pull(release: Int) async throws {
        let database = try await database(release)
        try await database.psql(
            "UPDATE res_partner SET phone = '1' WHERE id = 1; UPDATE product_product SET default_code = 'X' WHERE id = 1"
        )
        let service = try await database.connect(user: "changefeed_login")
        #expect(try await service.lines("SELECT code, detail FROM changefeed.verify()") == [])
        let events = try await service.value("SELECT events FROM changefeed.pull(2, 'phone')")
        #expect(
            events.contains(#""name":"Partner 1""#) && events.contains(#""list_price":100.0"#)
                && !events.contains(#""data":null"#))
        let connection = try await database.connect()
        #expect(try await connection.value("SELECT changefeed.odoo_release()") == "\(release)")
        #expect(try await connection.value("SELECT count(*) > 0 FROM changefeed.odoo_catalog('{res.partner}')") == "t")
        #expect(
            try await connection.value(
                "SELECT count(*) FROM changefeed.odoo_field_states('{res.partner}') WHERE field = 'phone' AND state = 'open'"
            ) == "1")
        #expect(
            try await connection.value(
                "SELECT reason FROM changefeed.odoo_field_verdicts(2, 'res.partner') WHERE field = 'phone'")
                == "a known field")
    }

    // MARK: values by company

    @Test(
        "values of ir_property: the record's before the model's, the company's before those of every company",
        arguments: [16, 17])
    func properties(release: Int) async throws {
        let database = try await database(release)
        try await addProperties(
            """
                ('product.product', 'standard_price', 1, 'product.product,1', NULL::int, 12.5::float8, NULL, NULL),
                ('product.product', 'standard_price', 1, NULL, NULL, 3, NULL, NULL),
                ('product.product', 'standard_price', NULL, 'product.product,2', NULL, 7, NULL, NULL),
                ('res.partner', 'trust', NULL, NULL, NULL, NULL, 'normal', NULL), ('res.partner', 'trust', 1, 'res.partner,2', NULL, NULL, '', NULL),
                ('res.partner', 'barcode', 1, 'res.partner,1', NULL, NULL, '041', NULL),
                ('res.partner', 'reminder_date_before_receipt', NULL, NULL, 4, NULL, NULL, NULL),
                ('res.partner', 'receipt_reminder_email', 1, 'res.partner,1', 1, NULL, NULL, NULL),
                ('res.partner', 'property_payment_term_id', 1, NULL, NULL, NULL, NULL, 'account.journal,1'),
                ('res.partner', 'property_payment_term_id', 1, 'res.partner,2', NULL, NULL, NULL, 'account.journal,99'),
                ('res.partner', 'property_payment_term_id', 1, 'res.partner,3', NULL, NULL, NULL, 'no reference'),
                ('res.partner', 'property_payment_term_id', 1, 'res.partner,4', NULL, NULL, NULL, NULL),
                ('product.template', 'service_to_purchase', 1, 'product.template,2', 1, NULL, NULL, NULL)
            """, to: database)
        let connection = try await database.connect()
        // The record's own for the company; for another one the company's default, then none.
        #expect(try await object(connection, "product.product")["standard_price"] as? Double == 12.5)
        #expect(try await object(connection, "product.product", company: 2)["standard_price"] as? Double == 0)
        // The record's for every company goes before the company's for every record.
        #expect(try await object(connection, "product.product", 2)["standard_price"] as? Double == 7)
        #expect(try await object(connection, "product.template")["standard_price"] == nil)
        // By delegation.
        #expect(try await object(connection, "product.product", 2)["service_to_purchase"] as? Bool == true)
        let first = try await object(connection, "res.partner")
        #expect(
            first["barcode"] as? String == "041" && first["trust"] as? String == "normal"
                && first["reminder_date_before_receipt"] as? Int == 4)
        #expect(
            first["receipt_reminder_email"] as? Bool == true
                && (first["property_payment_term_id"] as? [Any])?.last as? String == "Sales")
        for partner in 2...4 {
            #expect(
                try await object(connection, "res.partner", partner)["property_payment_term_id"] as? Bool == false,
                "\(partner)")
        }
        #expect(try await object(connection, "res.partner", 2)["trust"] as? Bool == false)
        #expect(try await object(connection, "res.partner", company: 2)["property_payment_term_id"] as? Bool == false)
        // Of base.group_user alone, and by the operator's word of nobody.
        try await connection.execute(script: "INSERT INTO res_groups_users_rel VALUES (1, 8)")
        #expect(try await object(connection, "product.product", user: 8)["standard_price"] as? Double == 12.5)
        try await connection.execute(script: "DELETE FROM res_groups_users_rel WHERE uid = 8")
        #expect(try await object(connection, "product.product", user: 8)["standard_price"] == nil)
        _ = try await connection.query("SELECT changefeed.decide_field('product.product', 'standard_price', 'deny')")
        #expect(try await object(connection, "product.product")["standard_price"] == nil)
    }

    @Test("a JSON value of another type than the field's is none, and stops no page", arguments: [18, 19])
    func badValues(release: Int) async throws {
        let database = try await database(release)
        if release == 18 {
            try await database.psql(
                """
                ALTER TABLE res_partner ADD COLUMN property_payment_term_id jsonb;
                INSERT INTO ir_model_fields (model, name, ttype, relation, company_dependent, store) VALUES ('res.partner', 'property_payment_term_id', 'many2one', 'account.journal', true, true);
                """)
        }
        try await database.psql(
            """
            ALTER TABLE res_partner ADD COLUMN trust jsonb, ADD COLUMN reminder_date_before_receipt jsonb, ADD COLUMN receipt_reminder_email jsonb,
                ADD COLUMN x_day jsonb, ADD COLUMN x_amount jsonb, ADD COLUMN x_at jsonb;
            INSERT INTO ir_model_fields (model, name, ttype, company_dependent, store, state) VALUES ('res.partner', 'trust', 'selection', true, true, 'base'),
                ('res.partner', 'reminder_date_before_receipt', 'integer', true, true, 'base'), ('res.partner', 'receipt_reminder_email', 'boolean', true, true, 'base'),
                ('res.partner', 'x_day', 'date', true, true, 'manual'), ('res.partner', 'x_amount', 'float', true, true, 'manual'), ('res.partner', 'x_at', 'datetime', true, true, 'manual');
            SELECT changefeed.grant_data('res.partner');
            """)
        let connection = try await database.connect()
        let fields = "FROM ir_model_fields WHERE model = 'res.partner' AND company_dependent"
        for value in ["false", "null", "{}", "[]", "\"x\"", "1.5", "1e400", "99999999999", "not json", #""\u0000""#] {
            try await connection.execute(
                script:
                    "DELETE FROM ir_default; INSERT INTO ir_default (field_id, company_id, json_value) SELECT id, 1, '\(value)' \(fields)"
            )
            let record = try await object(connection, "res.partner")
            #expect(record["name"] as? String == "Partner 1", "\(value)")
            #expect(record["property_payment_term_id"] as? Bool == false, "\(value)")
        }
        try await connection.execute(script: "DELETE FROM ir_default")
        for value in ["false", "null", "{}", "[]", "\"x\"", "1.5", "1e400", "99999999999", "true"] {
            try await connection.execute(
                script: """
                    UPDATE res_partner SET property_payment_term_id = '{"1": \(value)}', trust = '{"1": \(value)}', x_day = '{"1": \(value)}', x_at = '{"1": \(value)}',
                        reminder_date_before_receipt = '{"1": \(value)}', receipt_reminder_email = '{"1": \(value)}', x_amount = '{"1": \(value)}' WHERE id = 1
                    """)
            #expect(
                try await object(connection, "res.partner")["property_payment_term_id"] as? Bool == false, "\(value)")
        }
        try await connection.execute(
            script: """
                UPDATE res_partner SET property_payment_term_id = '{"1": 1}', trust = '{"1": "good"}', x_day = '{"1": "2026-01-02"}', x_at = '{"1": "2026-01-02 03:04:05"}',
                    reminder_date_before_receipt = '{"1": 3}', receipt_reminder_email = '{"1": true}', x_amount = '{"1": 2}' WHERE id = 1
                """)
        let good = try await object(connection, "res.partner")
        #expect((good["property_payment_term_id"] as? [Any])?.first as? Int == 1 && good["trust"] as? String == "good")
        #expect(good["x_day"] as? String == "2026-01-02" && good["x_at"] as? String == "2026-01-02 03:04:05")
        #expect(
            good["reminder_date_before_receipt"] as? Int == 3 && good["receipt_reminder_email"] as? Bool == true
                && good["x_amount"] as? Double == 2)
        // What stands for a company hides the default, even as null.
        try await connection.execute(
            script: "INSERT INTO ir_default (field_id, json_value) SELECT id, '\"normal\"' \(fields) AND name = 'trust'"
        )
        #expect(try await object(connection, "res.partner", 2)["trust"] as? String == "normal")
        try await connection.execute(script: "UPDATE res_partner SET trust = '{\"1\": null}' WHERE id = 2")
        #expect(try await object(connection, "res.partner", 2)["trust"] as? Bool == false)
    }

    // MARK: what is another record's

    @Test(
        "a write of a product's template alone is a write of its variants in Odoo 16, and of itself in later ones",
        arguments: [16, 17, 18, 19])
    func templates(release: Int) async throws {
        let database = try await database(release)
        let connection = try await database.connect()
        try await connection.execute(
            script:
                "INSERT INTO product_product (product_tmpl_id) VALUES (1); UPDATE sale_order_line SET product_id = 1; DELETE FROM product_product WHERE id = 2"
        )
        let last = try await connection.value("SELECT max(id) FROM changefeed.event")
        try await connection.execute(
            script: "UPDATE product_template SET list_price = 5; UPDATE product_template SET list_price = 5 WHERE false"
        )
        let events = try await connection.lines(
            "SELECT model || ' ' || event || ' ' || ids::text FROM changefeed.event WHERE id > \(last) ORDER BY model")
        #expect(events == (release == 16 ? ["product.product write {1,3}"] : []) + ["product.template write {1,2}"])
    }

    @Test("an employee has department, job and work place of the version, and a write of that alone is the employee's")
    func versions() async throws {
        let database = try await database(19)
        let connection = try await database.connect()
        let record = try await object(connection, "hr.employee", user: 6)
        #expect(
            (record["job_id"] as? [Any])?.last as? String == "Consultant" && record["job_title"] as? String == "Senior")
        #expect((record["current_version_id"] as? [Any])?.last as? String == "Mar 5, 2024")
        let last = try await connection.value("SELECT coalesce(max(id), 0) FROM changefeed.event")
        try await connection.execute(
            script:
                "UPDATE hr_version SET job_title = 'Lead' WHERE id = 2; UPDATE hr_version SET job_title = 'Trainee' WHERE id = 1"
        )
        #expect(
            try await connection.lines(
                "SELECT model || ' ' || event || ' ' || ids::text FROM changefeed.event WHERE id > \(last)") == [
                    "hr.employee write {1}"
                ])
        // What is searched by version_id is searched by the column behind it, which whoever evaluates rules may read.
        let catalog = "SELECT related FROM changefeed.odoo_catalog('{hr.employee}') WHERE field = 'version_id'"
        #expect(try await connection.value(catalog) == "current_version_id")
        try await connection.execute(
            script: """
                INSERT INTO ir_rule (name, model_id, domain_force) SELECT 'jobs', id, '[(''job_id'', ''='', 2)]' FROM ir_model WHERE model = 'hr.employee';
                SELECT changefeed.grant_rules('hr.employee');
                """)
        #expect(
            try await connection.value(
                "SELECT has_column_privilege('changefeed_reader', 'hr_employee', 'current_version_id', 'SELECT')")
                == "t")
        #expect(
            try await connection.value(
                "SELECT has_column_privilege('changefeed_reader', 'hr_version', 'job_id', 'SELECT')") == "t")
        let rules = try await RuleDatabase(database)
        #expect(try await rules.visible("hr.employee", to: 6) == [1])
        try await connection.execute(script: "UPDATE hr_version SET job_id = 1 WHERE id = 2")
        #expect(try await rules.visible("hr.employee", to: 6) == [])
    }

    @Test("a version tracked alone has the fields that an employee shows, for the groups that see them there")
    func versionsAlone() async throws {
        let connection = try await database(19).connect()
        try await connection.execute(script: "SELECT changefeed.track('hr.version')")
        let record = try await object(connection, "hr.version", 2, user: 6)
        #expect(record["job_title"] as? String == "Senior" && (record["employee_id"] as? [Any])?.first as? Int == 1)
        #expect(record["date_version"] == nil)
        try await connection.execute(
            script: """
                INSERT INTO res_groups (name) VALUES ('{"en_US": "Officer"}'); INSERT INTO res_groups_users_rel SELECT max(id), 6 FROM res_groups;
                INSERT INTO ir_model_data (module, name, model, res_id) SELECT 'hr', 'group_hr_user', 'res.groups', max(id) FROM res_groups;
                """)
        #expect(try await object(connection, "hr.version", 2, user: 6)["date_version"] as? String == "2024-03-05")
    }

    @Test(
        "the trigger on a parent's table survives what an upgrade does, is missed where it is gone, and goes with its model"
    )
    func parents() async throws {
        let database = try await database(16)
        let connection = try await database.connect()
        let found = "SELECT code, object FROM changefeed.verify() WHERE code IN ('CF106', 'CF132')"
        #expect(try await connection.lines(found) == [])
        let trigger = try await connection.value("SELECT trigger_name FROM changefeed.parent_links('product.product')")
        for change in [
            "ALTER TABLE product_product DROP COLUMN product_tmpl_id CASCADE",
            "ALTER TABLE product_product RENAME TO product_gone",
            "ALTER TABLE product_product DROP CONSTRAINT product_product_product_tmpl_id_fkey; ALTER TABLE product_product ALTER COLUMN product_tmpl_id TYPE text",
            "REVOKE ALL ON product_product FROM changefeed_definer",
            "ALTER TABLE product_product ENABLE ROW LEVEL SECURITY; ALTER TABLE product_product FORCE ROW LEVEL SECURITY",
        ] {
            try await connection.execute(
                script: "BEGIN; \(change); UPDATE product_template SET list_price = 7; ROLLBACK")
        }
        // By an older snapshot than the change.
        let writer = try await database.connect()
        try await writer.execute(script: "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM product_template")
        try await connection.execute(script: "ALTER TABLE product_product RENAME COLUMN product_tmpl_id TO was_tmpl_id")
        try await writer.execute(script: "UPDATE product_template SET list_price = 8; COMMIT")
        try await connection.execute(script: "ALTER TABLE product_product RENAME COLUMN was_tmpl_id TO product_tmpl_id")
        try await connection.execute(script: "ALTER TABLE product_template DISABLE TRIGGER \(trigger)")
        #expect(try await connection.lines(found) == ["CF132|product.product"])
        _ = try await connection.query("SELECT changefeed.track('product.product')")
        try await connection.execute(script: "DROP TRIGGER \(trigger) ON product_template")
        #expect(try await connection.lines(found) == ["CF132|product.product"])
        _ = try await connection.query("SELECT changefeed.track('product.product')")
        #expect(try await connection.lines(found) == [])
        _ = try await connection.query("SELECT changefeed.untrack('product.product')")
        #expect(
            try await connection.value("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'changefeed\\_parent\\_%'")
                == "0")
        #expect(
            try await connection.value("SELECT count(*) FROM pg_proc WHERE proname LIKE 'capture\\_parent\\_product%'")
                == "0")
        #expect(try await connection.lines(found) == [])
    }

    @Test("goes without a trace", arguments: shapes)
    func uninstalls(release: Int) async throws {
        let database = try await PrivateCluster.shared().createDatabase(.shape(release))
        let before = try await database.dump("-s")
        try await database.run(script: Fixture.sqlFolder + "/install.sql")
        try await database.run(script: Fixture.sqlFolder + "/uninstall.sql")
        #expect(try await database.dump("-s") == before)
    }

    // MARK: facts

    @Test("a field is what the release says of it: for all, for a group, or unknown")
    func facts() async throws {
        let connection = try await database(19).connect()
        let states = """
            SELECT string_agg(field || ' ' || state, ', ' ORDER BY field) FROM changefeed.odoo_field_states('{sale.order}')
            WHERE field IN ('tag_ids', 'transaction_ids', 'procurement_group_id', 'validity_date')
            """
        try await connection.execute(
            script: """
                INSERT INTO ir_model_fields (model, name, ttype, relation, relation_field, relation_table, column1, column2, store) VALUES
                    ('sale.order', 'tag_ids', 'many2many', 'res.partner', NULL, 'sale_tag_rel', 'order_id', 'tag_id', true),
                    ('sale.order', 'transaction_ids', 'one2many', 'res.partner', 'parent_id', NULL, NULL, NULL, true),
                    ('sale.order', 'procurement_group_id', 'integer', NULL, NULL, NULL, NULL, NULL, true),
                    ('sale.order', 'validity_date', 'date', NULL, NULL, NULL, NULL, NULL, true);
                CREATE TABLE sale_tag_rel (order_id int, tag_id int);
                ALTER TABLE sale_order ADD COLUMN procurement_group_id int, ADD COLUMN validity_date date;
                SELECT changefeed.grant_data('sale.order');
                """)
        #expect(
            try await connection.value(states)
                == "procurement_group_id unknown, tag_ids groups, transaction_ids groups, validity_date open")
        func version(_ text: String) async throws {
            try await connection.execute(script: "UPDATE ir_module_module SET latest_version = '\(text)'")
        }
        try await version("18.0.1.3")
        #expect(
            try await connection.value(states)
                == "procurement_group_id open, tag_ids open, transaction_ids open, validity_date open")
        let found = "SELECT code, level, object FROM changefeed.verify() WHERE code = 'CF133'"
        #expect(try await connection.lines(found) == [])
        for unknown in ["20.0.1.0", "saas~18.2.1.3", "15.0.1.3"] {
            try await version(unknown)
            #expect(
                try await connection.value(states)
                    == "procurement_group_id unknown, tag_ids unknown, transaction_ids unknown, validity_date unknown")
            #expect(try await connection.lines(found) == ["CF133|warning|odoo"], "\(unknown)")
        }
    }

    @Test("the facts of each release are what scripts/odoo-facts.py makes of its answers", arguments: Fixture.releases)
    func made(release: Int) async throws {
        let answers = try #require(Fixture.real("oracle.json.gz", release: release))
        _ = try await Fixture.run(
            script: "odoo-facts.py", ["--release", "\(release)", "--answers", answers, "--check"])
    }

    @Test("a name rule fits every release that has its model", arguments: Fixture.releases)
    func names(release: Int) async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.releaseInstalled(release)).connect()
        let unnamed = """
            SELECT r.model FROM (SELECT DISTINCT model FROM changefeed.odoo_name_rules()) r
            JOIN ir_model m ON m.model = r.model
            WHERE changefeed.odoo_model_table(r.model) IS NOT NULL AND EXISTS (
                SELECT FROM changefeed.odoo_names(ARRAY[r.model], 'en_US', 1, 2) n WHERE n.expression LIKE 'concat(''' || r.model || ',%')
            """
        #expect(try await connection.lines(unnamed) == [])
    }

    // MARK: record rules

    @Test(
        "a rule on a value of ir_property finds a record by its own row, or else by the default", arguments: [16, 17])
    func ruleOnProperty(release: Int) async throws {
        let database = try await database(release)
        try await addProperties(
            """
                ('res.partner', 'barcode', 1, 'res.partner,1', NULL::int, NULL::float8, '041', NULL), ('res.partner', 'barcode', 2, 'res.partner,2', NULL, NULL, '041', NULL),
                ('res.partner', 'trust', NULL, NULL, NULL, NULL, 'normal', NULL), ('res.partner', 'trust', 1, 'res.partner,2', NULL, NULL, 'bad', NULL),
                ('res.partner', 'trust', 1, 'no record', NULL, NULL, 'bad', NULL),
                ('res.partner', 'reminder_date_before_receipt', 1, 'res.partner,3', 4, NULL, NULL, NULL),
                ('res.partner', 'receipt_reminder_email', 1, 'res.partner,1', 1, NULL, NULL, NULL),
                ('res.partner', 'property_payment_term_id', 1, NULL, NULL, NULL, NULL, 'account.journal,1'),
                ('res.partner', 'property_payment_term_id', 1, 'res.partner,2', NULL, NULL, NULL, 'no reference')
            """, to: database)
        let here = try await RuleDatabase(database)
        let all = try #require(try await here.visible("res.partner", to: 2, companies: [1]))
        #expect(Set([1, 2, 3, 4]).isSubset(of: all))
        let rule = try await here.superuser.value(
            """
            INSERT INTO ir_rule (model_id, name, active, perm_read, "global")
            VALUES ((SELECT id FROM ir_model WHERE model = 'res.partner'), 'extra', true, true, true) RETURNING id
            """)
        func found(_ domain: String) async throws -> [Int64]? {
            _ = try await here.superuser.query(
                Query("UPDATE ir_rule SET domain_force = $1 WHERE id = $2::int", [.text(domain), .text(rule)]))
            _ = try await here.superuser.query(Query("SELECT changefeed.grant_rules('res.partner')"))
            return try await here.visible("res.partner", to: 2, companies: [1])
        }
        #expect(try await found("[('barcode', '=', '041')]") == [1])
        #expect(try await found("[('barcode', '!=', '041')]") == all.filter { $0 != 1 })
        #expect(try await found("[('barcode', '=', False)]") == all.filter { $0 != 1 })
        #expect(try await found("[('trust', '=', 'normal')]") == all.filter { $0 != 2 })
        #expect(try await found("[('trust', 'in', ['bad', False])]") == [2])
        #expect(try await found("[('trust', 'not in', ['bad'])]") == all.filter { $0 != 2 })
        #expect(try await found("[('reminder_date_before_receipt', '<=', 3)]") == all.filter { $0 != 3 })
        #expect(try await found("[('reminder_date_before_receipt', '>', 3)]") == [3])
        #expect(try await found("[('receipt_reminder_email', '=', False)]") == all.filter { $0 != 1 })
        #expect(try await found("[('receipt_reminder_email', '=', True)]") == [1])
        #expect(try await found("[('property_payment_term_id', '=', 1)]") == all.filter { $0 != 2 })
        #expect(try await found("['!', ('property_payment_term_id', 'in', [1])]") == [2])
        // Of a record that is gone nobody knows how its rows were: that it is gone is told.
        #expect(try await found("[('barcode', '=', '041')]") == [1])
        let former = """
            SELECT changefeed.rules_were_visible(s, '{77}', ARRAY['{}'::jsonb], NULL, true)
            FROM changefeed.access_scopes(2, '{res.partner}', '{1}') a CROSS JOIN unnest(a.scopes) s
            """
        #expect(try await here.superuser.value(former) == "{77}")
        // A path behind it, and what may be False when it comes to it, are not taken for something else.
        #expect(try await found("[('property_payment_term_id.name', '=', 'x')]") == nil)
        #expect(try await found("[('barcode', '=', user.login)]") == nil)
    }

    @Test("changefeed_reader reads from ir_property only company-dependent fields, and only through a function")
    func readerOfProperties() async throws {
        let database = try await database(17)
        try await database.psql(
            """
            INSERT INTO ir_property (name, type, fields_id, value_text) SELECT 'barcode', 'char', id, 'open' FROM ir_model_fields WHERE model = 'res.partner' AND name = 'barcode';
            INSERT INTO ir_property (name, type, fields_id, value_text) SELECT name, 'char', id, 'hidden' FROM ir_model_fields WHERE name = 'phone' AND model = 'res.partner';
            """)
        let reader = try await database.connect()
        try await reader.execute(script: "SET ROLE changefeed_reader")
        #expect(
            try await reader.lines(
                "SELECT value_text FROM changefeed.odoo_company_properties('res.partner', 'barcode', 1)") == ["open"])
        // Not a field whose values stand there.
        #expect(
            try await reader.lines(
                "SELECT value_text FROM changefeed.odoo_company_properties('res.partner', 'phone', 1)") == [])
        await #expect(throws: PostgresError.self) { try await reader.lines("SELECT 1 FROM ir_property") }
        await #expect(throws: PostgresError.self) { try await reader.lines("SELECT 1 FROM ir_default") }
    }
}
