import ChangeFeedTesting
import Postgres
import Testing

@Suite("Record rules over values that do not fit", .timeLimit(.minutes(10)))
struct UnfitRuleTests {
    private func database(_ script: String, rule domain: String, on model: String = "res.partner") async throws
        -> RuleDatabase
    {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql(script)
        try await database.psql(RuleDecisionTests.rule(901, domain, model: model))
        try await database.psql("SELECT changefeed.track(model) FROM changefeed.tracked_model")
        return try await RuleDatabase(database)
    }

    @Test("a column of another type closes only the model of the rule that uses it, and is named in the finding")
    func column() async throws {
        let here = try await database(
            """
            ALTER TABLE res_partner ADD COLUMN x_flag varchar DEFAULT 'yes please';
            INSERT INTO ir_model_fields (model, name, ttype, store, state) VALUES ('res.partner', 'x_flag', 'boolean', true, 'manual');
            """, rule: "[('x_flag', '=', True)]")
        #expect(try await here.visible("res.partner", to: 2) == nil)
        #expect(try await here.visible("sale.order", to: 2)?.count == 5)
        #expect(try await here.superuser.value("SELECT reason FROM changefeed.rule_finding").contains("(column_unfit)"))
    }

    @Test("a path that is none leads nowhere, and the others lead where they did")
    func path() async throws {
        let here = try await database(
            """
            UPDATE res_company SET parent_path = CASE id WHEN 1 THEN '1/' ELSE 'x/99999999999/2/' END;
            INSERT INTO ir_model_fields (model, name, ttype, relation, store) VALUES ('res.company', 'id', 'integer', NULL, true),
                ('res.company', 'parent_id', 'many2one', 'res.company', true), ('res.company', 'parent_path', 'char', NULL, true) ON CONFLICT DO NOTHING;
            UPDATE ir_model_fields SET relation = 'res.company' WHERE model = 'res.partner' AND name = 'company_id';
            UPDATE res_partner SET company_id = 2 WHERE id = 2;
            """, rule: "[('company_id', 'parent_of', company_ids)]")
        #expect(try await here.visible("res.partner", to: 2)?.count == 20)
        #expect(try await here.visible("res.partner", to: 6)?.contains(2) == false)
    }

    @Test("a user's name that is not a valid pattern matches nothing for this user, and affects no other user")
    func pattern() async throws {
        let here = try await database(
            "UPDATE res_users SET login = 'sales\\' WHERE id = 6; UPDATE res_partner SET email = CASE id WHEN 3 THEN 'admin' ELSE 'sales and more' END WHERE id IN (3, 4);",
            rule: "[('email', '=like', user.login)]")
        #expect(try await here.visible("res.partner", to: 6) == [])
        #expect(try await here.visible("res.partner", to: 2) == [3])
    }

    @Test(
        "a value by company that is none is none to a rule, and a text of digits is an id",
        arguments: [
            (#"{"1": "abc"}"#, false), (#"{"1": "5"}"#, true), (#"{"1": 5}"#, true), (#"{"1": [5]}"#, true),
            (#"{"1": {"a": 5}}"#, false), ("[5]", false), (#""x""#, false),
        ])
    func byCompany(cell: String, isSeen: Bool) async throws {
        let here = try await database(
            """
            ALTER TABLE res_partner ADD COLUMN x_link jsonb;
            INSERT INTO ir_model_fields (model, name, ttype, relation, store, state, company_dependent) VALUES ('res.partner', 'x_link', 'many2one', 'res.partner', true, 'manual', true);
            UPDATE res_partner SET x_link = '\(cell)' WHERE id = 3;
            """, rule: "[('x_link', '=', 5)]")
        #expect(try await here.visible("res.partner", to: 2) == (isSeen ? [3] : []))
    }

    @Test("an interval that leaves the calendar closes its rule instead of failing for every record")
    func interval() async throws {
        let here = try await database(
            "",
            rule: "[('write_date', '>', (datetime.datetime.now() - relativedelta(years=900000)).strftime('%Y-%m-%d'))]")
        #expect(try await here.visible("res.partner", to: 2) == nil)
    }

    @Test(
        "a stored value that no longer fits its column does not block other records; the id of a deleted record is sent"
    )
    func kept() async throws {
        let here = try await database("", rule: "[('company_id', '=', 1)]")
        try await here.compile(for: 2)
        let scope = "(SELECT a.scopes[1] FROM changefeed.access_scopes(2, '{res.partner}', NULL) a)"
        let olds = #"ARRAY['{"company_id": "x"}', '{"company_id": 1}', '{"company_id": 2}']::jsonb[]"#
        #expect(
            try await here.superuser.value("SELECT changefeed.rules_were_visible(\(scope), '{31,32,33}', \(olds))")
                == "{32}")
        #expect(
            try await here.superuser.value(
                "SELECT changefeed.rules_were_visible(\(scope), '{31,32,33}', \(olds), NULL, true)") == "{31,32}")
    }

    @Test("the company's defaults are converted for rules as for data")
    func fallback() async throws {
        let here = try await database(
            """
            ALTER TABLE res_partner ADD COLUMN x_level jsonb;
            INSERT INTO ir_model_fields (id, model, name, ttype, store, state, company_dependent) VALUES (90001, 'res.partner', 'x_level', 'integer', true, 'manual', true);
            INSERT INTO ir_default (field_id, company_id, json_value) VALUES (90001, 1, '"7"');
            UPDATE res_partner SET x_level = '{"1": 1}' WHERE id > 2;
            """, rule: "[('x_level', '=', 7)]")
        #expect(try await here.visible("res.partner", to: 2) == [1, 2])
    }
}
