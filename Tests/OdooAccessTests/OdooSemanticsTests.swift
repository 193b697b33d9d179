import ChangeFeedTesting
import OdooAccess
import Postgres
import Testing

/// What Odoo does that one would not expect, on a few records.
@Suite("Odoo's semantics of domains")
struct OdooSemanticsTests {
    /// Partners: 1 ← 2 (archived) ← 3; 4 alone, without name, level and ref. Orders: 1 of partner 3 with tags 1 and 2 (archived); 2 of no
    /// partner; 3 of partner 4, with the archived line alone. User 5 is partner 4, speaks French, has no employee.
    static let rows = """
        INSERT INTO res_company (id, name, parent_id, parent_path) VALUES (1, 'one', NULL, '1/'), (2, 'two', 1, '1/2/'), (12, 'far', NULL, '12/');
        INSERT INTO res_partner (id, name, ref, lang, level, active, parent_id, company_id) VALUES
            (1, 'a', '', NULL, 0, true, NULL, 1), (2, 'b', 'x', NULL, 5, false, 1, 2), (3, 'c', NULL, NULL, -1, true, 2, NULL), (4, NULL, NULL, 'fr_FR', NULL, true, NULL, NULL);
        INSERT INTO res_users (id, login, share, active, company_id, partner_id) VALUES (5, 'five', NULL, true, 1, 4), (6, 'six', true, true, 1, 1);
        INSERT INTO x_category (id, name, active, parent_id, parent_path) VALUES (1, 'top', true, NULL, '1/');
        INSERT INTO x_tag (id, name, active, color) VALUES (1, '{"en_US": "red", "fr_FR": "rouge"}', true, 1), (2, '{"en_US": "blue"}', false, 2);
        INSERT INTO x_order (id, name, is_done, partner_id, company_id, moment, rating, note) VALUES
            (1, 'o', true, 3, 2, '2024-02-29 12:00', '{"1": 3}', '{"1": null}'), (2, '', NULL, NULL, NULL, NULL, NULL, NULL),
            (3, NULL, false, 4, 12, '2024-03-01 00:00', '{"2": 3}', '{"1": "n"}');
        INSERT INTO order_tag_rel (order_id, tag_id) VALUES (1, 1), (1, 2);
        INSERT INTO x_line (id, name, active, order_id) VALUES (1, 'l', true, 1), (2, 'm', false, 3), (3, 'n', false, 1);
        INSERT INTO x_variant (id, code, order_id) VALUES (1, 'v', 1), (2, 'w', 3);
        INSERT INTO mail_followers (id, res_model, res_id, partner_id) VALUES (1, 'x.order', 1, 2), (2, 'x.order', 3, 1), (3, 'x.line', 2, 1);
        INSERT INTO ir_model_fields (id, model, name) VALUES (1, 'x.order', 'note'), (2, 'x.order', 'rating');
        INSERT INTO ir_default (id, field_id, company_id, json_value) VALUES (1, 1, NULL, '"d"'), (2, 2, NULL, 'false');
        """

    struct Database {
        let connection: Connection

        init() async throws {
            let database = try await PrivateCluster.shared().createDatabase(.empty)
            try await database.psql(TestSchema.script + "\n" + OdooSemanticsTests.rows)
            connection = try await database.connect()
        }

        func find(_ model: String, _ text: String, user: Int = 5, from source: String? = nil, release: Int = 18)
            async throws -> [Int]
        {
            let domain = try RuleCompiler(catalog: TestSchema.catalog(release: release)).compile(
                domain: text, model: model)
            let source = source ?? "public.\(model.replacing(".", with: "_"))"
            let rows = try await connection.query(
                "SELECT t.id FROM \(source) t, (SELECT $1::int, $2::int, $3::int[], $4::bigint[], $5::text[]) p WHERE \(domain.sql) ORDER BY t.id",
                [.int(user), 1, .intArray([1, 2]), .intArray(domain.numbers), .textArray(domain.texts)])
            return rows.compactMap { $0[0].text.flatMap { Int($0) } }
        }
    }

    @Test("'!' before a path asks that no record behind it passes, not that one passes the opposite")
    func notBeforePath() async throws {
        let database = try await Database()
        #expect(try await database.find("x.order", "['!', ('partner_id.name', '=', 'c')]") == [2, 3])
        #expect(try await database.find("x.order", "[('partner_id.name', '!=', 'c')]") == [3])
        #expect(try await database.find("x.order", "['!', ('tag_ids.color', '=', 1)]") == [2, 3])
        #expect(
            try await database.find("x.order", "['!', '|', ('tag_ids.color', '=', 1), ('name', '=', 'z')]") == [2, 3])
    }

    @Test("archived records behind a relation of many do not count, unless they are asked for or lie behind a many2one")
    func archived() async throws {
        let database = try await Database()
        #expect(try await database.find("x.order", "[('tag_ids.color', '=', 2)]") == [])
        #expect(
            try await database.find(
                "x.order", "[('tag_ids', 'any', [('color', '=', 2), ('active', 'in', [True, False])])]") == [1])
        #expect(try await database.find("x.order", "[('line_ids.name', '=', 'm')]") == [])
        #expect(try await database.find("x.line", "[('order_id.line_ids.name', '=', 'm')]") == [2])
        #expect(try await database.find("x.order", "[('tag_ids', 'in', [2])]") == [1])
        #expect(try await database.find("x.order", "[('line_ids', '!=', False)]") == [1, 3])
        #expect(try await database.find("x.order", "[('tag_ids', 'child_of', 2)]") == [])
        #expect(try await database.find("x.order", "[('message_partner_ids.name', '=', 'b')]") == [])
        #expect(try await database.find("x.order", "[('message_partner_ids', '=', 2)]") == [1])
    }

    @Test("what is asked of one relation side by side sees archived records when one of it names active")
    func joinedSubdomains() async throws {
        let database = try await Database()
        let named = "('tag_ids.active', '=', True)"
        #expect(try await database.find("x.order", "['|', ('tag_ids.color', '=', 2), \(named)]") == [1])
        #expect(
            try await database.find(
                "x.order", "[('name', '=', 'o'), '|', ('tag_ids.color', '=', 2), ('tag_ids.active', '=', None)]") == [1]
        )
    }

    @Test("of numbers null is 0, and of texts the empty one")
    func blanks() async throws {
        let database = try await Database()
        #expect(try await database.find("res.partner", "[('level', '=', 0)]") == [1, 4])
        #expect(try await database.find("res.partner", "[('level', '!=', False)]") == [2, 3])
        #expect(try await database.find("res.partner", "[('level', '<', 1)]") == [1, 3, 4])
        #expect(try await database.find("res.partner", "[('level', '>=', 1)]") == [2])
        #expect(try await database.find("res.partner", "[('level', 'not in', [False, 5])]") == [3])
        #expect(try await database.find("res.partner", "[('ref', '=', False)]") == [1, 3, 4])
        #expect(try await database.find("res.partner", "[('ref', '!=', '')]") == [2])
        #expect(try await database.find("res.partner", "[('ref', 'in', ['', 'x'])]") == [1, 2, 3, 4])
        #expect(try await database.find("res.partner", "[('ref', 'not ilike', False)]") == [])
        #expect(try await database.find("res.partner", "[('ref', 'not ilike', 'x')]") == [1, 3, 4])
        #expect(try await database.find("res.partner", "[('ref', '!=', user.ref)]") == [2])
    }

    @Test("a boolean that is null is False, but not 0")
    func booleans() async throws {
        let database = try await Database()
        #expect(try await database.find("x.order", "[('is_done', '=', False)]") == [2, 3])
        #expect(try await database.find("x.order", "[('is_done', '!=', True)]") == [2, 3])
        #expect(try await database.find("x.order", "[('is_done', '=', 0)]") == [3])
        #expect(try await database.find("x.order", "[('is_done', '=', user.share)]") == [2, 3])
    }

    @Test("'!' before an operator without an opposite leaves out what is null")
    func unknown() async throws {
        let database = try await Database()
        #expect(try await database.find("x.order", "['!', ('name', '=like', 'o%')]") == [2])
        #expect(try await database.find("x.variant", "['!', ('name', '=like', 'o%')]") == [])
        #expect(try await database.find("x.order", "['!', ('partner_name', '=like', 'c%')]") == [3])
        #expect(try await database.find("x.order", "['!', ('partner_id', 'child_of', 4)]") == [1])
        #expect(try await database.find("x.order", "['!', ('company_id', '=?', 2)]") == [3])
    }

    @Test("a field that follows a path lacks a value where any step lacks its record")
    func related() async throws {
        let database = try await Database()
        #expect(try await database.find("x.order", "[('partner_name', '=', False)]") == [2, 3])
        #expect(try await database.find("x.order", "[('partner_name', '!=', 'c')]") == [2, 3])
        #expect(try await database.find("x.order", "[('partner_name', 'in', ['c'])]") == [1])
        #expect(try await database.find("x.order", "[('grand_name', '=', False)]") == [1, 2, 3])
        #expect(
            try await database.find("x.order", "[('partner_company_id', '!=', user.employee_id.company_id.id)]") == [])
    }

    @Test("a value of the user that is not there is False")
    func missingValue() async throws {
        let database = try await Database()
        #expect(
            try await database.find(
                "x.order", "[('partner_id', '=', user.employee_id.parent_id.user_id.partner_id.id)]") == [2])
        #expect(try await database.find("x.order", "[('tag_ids', '=', user.partner_id.parent_id.id)]") == [2, 3])
        #expect(try await database.find("x.order", "[('tag_ids', '!=', user.partner_id.parent_id.id)]") == [1])
        #expect(try await database.find("x.order", "[('partner_id', 'child_of', user.partner_id.parent_id.id)]") == [])
        #expect(
            try await database.find("x.order", "[('partner_id', 'in', [user.partner_id.parent_id.id, 3])]") == [1, 2])
    }

    @Test("'=?' of False lets everything pass, but of a relation of many only what has none")
    func equalIfSet() async throws {
        let database = try await Database()
        #expect(try await database.find("x.order", "[('name', '=?', False)]") == [1, 2, 3])
        #expect(try await database.find("x.order", "[('tag_ids', '=?', False)]") == [2, 3])
    }

    @Test("followers: False means a record without followers, and never matches")
    func followers() async throws {
        let database = try await Database()
        #expect(try await database.find("x.order", "[('message_partner_ids', '=', False)]") == [])
        #expect(try await database.find("x.order", "[('message_partner_ids', 'not in', [1])]") == [1, 2])
        #expect(try await database.find("x.order", "[('message_partner_ids', 'child_of', 1)]") == [1, 3])
    }

    @Test("values by company: null that is written down is one, and what is not there comes from the defaults")
    func perCompany() async throws {
        let database = try await Database()
        #expect(try await database.find("x.order", "[('note', '=', False)]") == [1])
        #expect(try await database.find("x.order", "[('note', '=', 'd')]") == [2])
        #expect(try await database.find("x.order", "[('rating', '=', 3)]") == [1])
        #expect(try await database.find("x.order", "[('rating', '=', 0)]") == [2, 3])
    }

    @Test("texts in the user's language, or else in English")
    func translated() async throws {
        let database = try await Database()
        #expect(try await database.find("x.tag", "[('name', '=', 'rouge')]") == [1])
        #expect(try await database.find("x.tag", "[('name', '=', 'blue')]") == [2])
        #expect(try await database.find("x.tag", "[('name', '=', 'rouge')]", user: 6) == [])
    }

    @Test("a day that is compared with a moment is its beginning or its end")
    func days() async throws {
        let database = try await Database()
        #expect(try await database.find("x.order", "[('moment', '<=', '2024-02-29')]") == [1])
        #expect(try await database.find("x.order", "[('moment', '>', '2024-02-29')]") == [3])
        #expect(try await database.find("x.order", "[('moment', '>=', '2024-03-01')]") == [3])
        _ = try await database.connection.query(
            "UPDATE x_order SET moment = date_trunc('day', now() AT TIME ZONE 'UTC') + interval '23 hours 59 minutes' WHERE id = 1"
        )
        for text in ["time.strftime('%Y-%m-%d')", "context_today()", "context_today().strftime('%Y-%m-%d')"] {
            #expect(try await database.find("x.order", "[('moment', '<=', \(text))]") == [1, 3], "\(text)")
            #expect(try await database.find("x.order", "[('moment', '>', \(text))]") == [], "\(text)")
        }
    }

    @Test("child_of for a deleted record uses the values that remain of it")
    func gone() async throws {
        let database = try await Database()
        _ = try await database.connection.query("CREATE TABLE was AS SELECT * FROM res_partner WHERE id = 3")
        _ = try await database.connection.query("CREATE TABLE was_company AS SELECT * FROM res_company WHERE id = 2")
        _ = try await database.connection.query("DELETE FROM res_partner WHERE id = 3")
        _ = try await database.connection.query("DELETE FROM res_company WHERE id = 2")
        #expect(try await database.find("res.partner", "[('id', 'child_of', 1)]", from: "was") == [3])
        #expect(try await database.find("res.partner", "[('id', 'child_of', 3)]", from: "was") == [3])
        #expect(try await database.find("res.partner", "[('parent_id', 'child_of', 4)]", from: "was") == [])
        #expect(try await database.find("res.company", "[('id', 'child_of', 1)]", from: "was_company") == [2])
        #expect(try await database.find("res.company", "[('id', 'child_of', 12)]", from: "was_company") == [])
    }
}
