import ChangeFeed
import ChangeFeedTesting
import Foundation
import Postgres
import Testing

/// What a device's copy holds can become wrong without any record having changed. User 6 is partner 6, of companies 1 and 2.
@Suite("What the data of records depend on beside the records", .timeLimit(.minutes(10)))
struct ShownDataTests {
    static let models = ["product.category", "product.product", "res.partner"]

    static let setUp = """
        UPDATE res_users SET partner_id = id WHERE id IN (2, 6);
        UPDATE res_partner SET lang = 'en_US' WHERE id IN (2, 6);
        INSERT INTO res_company_users_rel VALUES (2, 6);
        INSERT INTO res_lang (code, active) VALUES ('de_DE', false);
        INSERT INTO ir_model_fields (model, name, ttype, store, relation, relation_field) VALUES
            ('res.partner', 'sale_order_ids', 'one2many', true, 'sale.order', 'partner_id');
        INSERT INTO res_groups (id, name) VALUES (9, '{"en_US": "Nothing"}');
        UPDATE ir_model_access SET group_id = 3 WHERE model_id = (SELECT id FROM ir_model WHERE model = 'sale.order');
        INSERT INTO res_groups_users_rel VALUES (3, 6);
        """

    struct Case: CustomTestStringConvertible {
        var testDescription: String
        var sql: String
        /// The models that must be taken anew.
        var models: [String]
        var before = ""
    }

    static let price = "SELECT id FROM ir_model_fields WHERE model = 'product.product' AND name = 'standard_price'"

    static let cases = [
        Case(
            testDescription: "the user's language", sql: "UPDATE res_partner SET lang = 'fr_FR' WHERE id = 6",
            models: models),
        Case(
            testDescription: "the user's language is installed at last",
            sql: "UPDATE res_lang SET active = true WHERE code = 'de_DE'", models: models,
            before: "UPDATE res_partner SET lang = 'de_DE' WHERE id = 6"),
        Case(
            testDescription: "the user's language is taken away",
            sql: "UPDATE res_lang SET active = false WHERE code = 'fr_FR'", models: models,
            before: "UPDATE res_partner SET lang = 'fr_FR' WHERE id = 6"),
        Case(
            testDescription: "the user's current company", sql: "UPDATE res_users SET company_id = 2 WHERE id = 6",
            models: models),
        Case(
            testDescription: "a value by default of a field by company",
            sql: "INSERT INTO ir_default (field_id, company_id, json_value) SELECT id, 1, '7' FROM (\(price)) f",
            models: ["product.product"]),
        Case(
            testDescription: "such a value, changed", sql: "UPDATE ir_default SET json_value = '8'",
            models: ["product.product"],
            before: "INSERT INTO ir_default (field_id, json_value) SELECT id, '7' FROM (\(price)) f"),
        Case(
            testDescription: "the right on the model of a list, lost by a group",
            sql: "DELETE FROM res_groups_users_rel WHERE uid = 6 AND gid = 3", models: ["res.partner"]),
        Case(
            testDescription: "the right on the model of a list, gained by a group",
            sql: "INSERT INTO res_groups_users_rel VALUES (3, 6)",
            models: ["res.partner"], before: "DELETE FROM res_groups_users_rel WHERE uid = 6 AND gid = 3"),
        Case(
            testDescription: "the right on the model of a list, lost by the access rights",
            sql:
                "UPDATE ir_model_access SET perm_read = false WHERE model_id = (SELECT id FROM ir_model WHERE model = 'sale.order')",
            models: ["res.partner"]),
        Case(
            testDescription: "record rules of the model of a list",
            sql: RuleDecisionTests.rule(901, "[('state', '=', 'sale')]"), models: ["res.partner"]),
        Case(
            testDescription: "a decision about a field",
            sql: "SELECT changefeed.decide_field('res.partner', 'phone', 'deny')", models: ["res.partner"]),
        // What changes nothing of what is shown.
        Case(
            testDescription: "a group that opens and closes nothing",
            sql: "INSERT INTO res_groups_users_rel VALUES (9, 6)", models: []),
        Case(
            testDescription: "another user's language", sql: "UPDATE res_partner SET lang = 'fr_FR' WHERE id = 2",
            models: []),
        Case(
            testDescription: "a language that nobody speaks",
            sql: "UPDATE res_lang SET active = true WHERE code = 'de_DE'", models: []),
        Case(
            testDescription: "a value by default in another company",
            sql: "INSERT INTO ir_default (field_id, company_id, json_value) SELECT id, 2, '7' FROM (\(price)) f",
            models: []),
        Case(
            testDescription: "the right on a model that is no list of these",
            sql:
                "UPDATE ir_model_access SET perm_read = false WHERE model_id = (SELECT id FROM ir_model WHERE model = 'hr.expense')",
            models: []),
    ]

    struct Phone {
        let here: RuleDatabase

        init(_ setUp: String) async throws {
            let database = try await PrivateCluster.shared().createDatabase(.installed)
            try await database.psql(setUp, user: "odoo")
            try await database.psql("SELECT changefeed.track(model) FROM changefeed.tracked_model")
            here = try await RuleDatabase(database)
        }

        /// The models that a pull says must be taken anew; nil: none, and it answers.
        func pull(_ models: [String] = ShownDataTests.models, companies: [Int64]? = nil) async throws -> [String]? {
            // Beside these tests there may be rules.
            try await here.compile(for: 6, companies: companies)
            let row = try #require(
                try await here.service.query(
                    Query(
                        "SELECT problem, resync::text AS resync FROM changefeed.pull(6, 'phone', 'all', $1::text[], NULL, 500, false, companies => $2::int[])",
                        [.textArray(models), companies.map { .intArray($0) } ?? .null])
                ).first)
            guard row["problem"].text == "resync" else {
                #expect(row["problem"].isNull)
                return nil
            }
            let text = try row["resync"].string()
            let answer = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            #expect(answer["code"] as? String == "scope_changed")
            return answer["models"] as? [String]
        }

        func takeAnew(_ models: [String]) async throws {
            for model in models {
                #expect(
                    try await here.service.value(
                        "SELECT coalesce(problem, complete::text) FROM changefeed.snapshot_page(6, 'phone', $1::text, NULL, 500)",
                        [.text(model)]) == "true")
            }
        }

        /// Rights and rules are looked at once a minute.
        func waitAMinute() async throws {
            try await here.superuser.execute(
                script: "UPDATE changefeed.device SET data_checked_at = data_checked_at - interval '2 minutes'")
        }
    }

    @Test("a change in their dependencies resyncs the models that show them, once, and no others", arguments: cases)
    func changes(change: Case) async throws {
        let phone = try await Phone(Self.setUp + change.before)
        #expect(try await phone.pull() == nil)
        try await phone.here.database.psql(change.sql)
        try await phone.waitAMinute()
        let isWaiting = "SELECT is_waiting FROM changefeed.news(6, 'phone', 'all', $1::text[])"
        if !change.models.isEmpty {
            #expect(try await phone.here.service.value(isWaiting, [.textArray(Self.models)]) == "t")
        }
        #expect(try await phone.pull() == (change.models.isEmpty ? nil : change.models))
        try await phone.takeAnew(change.models)
        #expect(try await phone.pull() == nil)
        try await phone.waitAMinute()
        #expect(try await phone.pull() == nil)
    }

    @Test("the companies that a device enables: the first is the current one, on which values hang")
    func companies() async throws {
        let phone = try await Phone(Self.setUp)
        #expect(try await phone.pull(companies: [1]) == nil)
        #expect(try await phone.pull(companies: [1]) == nil)
        #expect(try await phone.pull(companies: [2]) == Self.models)
    }

    @Test("a list that was taken in another language, before the first pull, does not count")
    func listBeforeFirstPull() async throws {
        let phone = try await Phone(Self.setUp)
        try await phone.here.compile(for: 6)
        try await phone.takeAnew(["res.partner"])
        try await phone.here.database.psql("UPDATE res_partner SET lang = 'fr_FR' WHERE id = 6")
        #expect(try await phone.pull() == ["res.partner"])
    }

    @Test("the upgrade alone sends nothing to a device that synced before stamps existed")
    func upgraded() async throws {
        let phone = try await Phone(Self.setUp)
        #expect(try await phone.pull() == nil)
        try await phone.here.superuser.execute(
            script: "UPDATE changefeed.device SET (data_stamp, rights_stamp, data_scopes) = (NULL, NULL, '{}')")
        #expect(try await phone.pull() == nil)
        try await phone.here.database.psql("UPDATE res_partner SET lang = 'fr_FR' WHERE id = 6")
        #expect(try await phone.pull() == Self.models)
    }

    @Test(
        "a value by default of a real Odoo's product categories, wherever the release keeps it",
        .enabled(if: !Fixture.releases.isEmpty, "the real Odoo databases are not beside this checkout"),
        arguments: Fixture.releases)
    func real(release: Int) async throws {
        let database = try await PrivateCluster.shared().createDatabase(.releaseInstalled(release))
        let here = try await RuleDatabase(database)
        try await here.compile(for: 2)
        let pull = """
            SELECT coalesce(problem, '') || coalesce(resync ->> 'models', '')
            FROM changefeed.pull(2, 'phone', 'all', '{product.category,sale.order}', NULL, 1, false)
            """
        #expect(try await here.service.value(pull) == "")
        let field = "SELECT id FROM ir_model_fields WHERE model = 'product.category' AND name = 'property_cost_method'"
        try await database.psql(
            release < 18
                ? """
                INSERT INTO ir_property (name, type, fields_id, company_id, value_text)
                    SELECT 'property_cost_method', 'selection', id, 1, 'average' FROM (\(field)) f
                    ON CONFLICT DO NOTHING;
                UPDATE ir_property SET value_text = 'average' WHERE res_id IS NULL AND fields_id = (\(field))
                """
                : """
                DELETE FROM ir_default WHERE field_id = (\(field));
                INSERT INTO ir_default (field_id, company_id, json_value) SELECT id, 1, '"average"' FROM (\(field)) f
                """)
        try await database.psql("UPDATE changefeed.device SET data_checked_at = data_checked_at - interval '2 minutes'")
        #expect(try await here.service.value(pull) == #"resync["product.category"]"#)
    }
}
