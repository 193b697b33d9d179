import ChangeFeedTesting
import OdooAccess
import Postgres
import Testing

/// One domain, other answers, on the rows of OdooSemanticsTests. What Odoo 16, 17 and 19 answer was measured.
@Suite("Domains by release")
struct ReleaseSemanticsTests {
    /// Nil: Odoo of that release refuses the domain.
    struct Example: Sendable {
        let model: String
        let domain: String
        let answers: [(release: Int, ids: [Int]?)]

        init(_ model: String, _ domain: String, _ r16: [Int]?, _ r17: [Int]?, _ r18: [Int]?, _ r19: [Int]?) {
            self.model = model
            self.domain = domain
            answers = [(16, r16), (17, r17), (18, r18), (19, r19)]
        }
    }

    static let examples = [
        // Null, 0 and the empty text.
        Example("res.partner", "[('level', '=', False)]", [4], [4], [1, 4], [1, 4]),
        Example("res.partner", "[('level', 'not in', [False, 5])]", [1, 3], [1, 3], [3], [3]),
        Example("res.partner", "[('level', 'in', [0])]", [1], [1], [1, 4], [1, 4]),
        Example("res.partner", "[('level', '>=', 0)]", [1, 2], [1, 2], [1, 2, 4], [1, 2, 4]),
        Example("res.partner", "[('level', '!=', 0)]", [2, 3], [2, 3], [2, 3], [2, 3]),
        Example("res.partner", "[('ref', '=', '')]", [1], [1], [1, 3, 4], [1, 3, 4]),
        Example("res.partner", "[('ref', '!=', '')]", [2], [2], [2], [2]),
        Example("res.partner", "[('ref', 'not in', [''])]", [2, 3, 4], [2, 3, 4], [2], [2]),
        Example("res.partner", "[('ref', 'not like', '')]", [3, 4], [3, 4], [], []),
        Example("res.partner", "[('ref', 'not like', user.ref)]", [3, 4], [3, 4], [], []),
        Example("res.partner", "[('ref', '=like', False)]", nil, nil, nil, [1, 3, 4]),
        Example("x.order", "[('is_done', '=', 0)]", [3], [3], [3], [2, 3]),
        Example("x.order", "[('name', 'in', user.partner_id.mapped('ref'))]", [3], [3], [2, 3], [2, 3]),
        Example(
            "x.order", "[('name', 'in', user.mapped('partner_id.ref') + ['o'])]", [1, 3], [1, 3], [1, 2, 3], [1, 2, 3]),
        Example("x.order", "[('name', 'not in', user.partner_id.mapped('ref'))]", [1, 2], [1, 2], [1], [1]),
        Example(
            "x.order", "[('name', 'not in', user.company_ids.mapped('name'))]", [1, 2, 3], [1, 2, 3], [1, 2, 3],
            [1, 2, 3]),
        // False in a list, and lists and single values where the other belongs.
        Example("x.order", "[('tag_ids', 'in', [False])]", [], [], [], [2, 3]),
        Example("x.order", "[('tag_ids', 'not in', [False])]", [1, 2, 3], [1, 2, 3], [1, 2, 3], [1]),
        Example("x.order", "[('tag_ids', 'in', [False, 1])]", [1], [1], [1], [1, 2, 3]),
        Example("x.order", "[('tag_ids', 'not in', [False, 1])]", [2, 3], [2, 3], [2, 3], []),
        Example("x.order", "[('line_ids', 'in', [False])]", nil, nil, [], [2]),
        Example("x.order", "[('tag_ids', '=?', False)]", [2, 3], [2, 3], [2, 3], [1, 2, 3]),
        Example("x.order", "[('tag_ids', 'in', 1)]", [1], [1], [1], [1]),
        Example("x.order", "[('tag_ids', 'not in', 1)]", [2, 3], [2, 3], [2, 3], [2, 3]),
        Example("x.order", "[('name', 'in', 'o')]", nil, nil, nil, [1]),
        Example("x.order", "[('partner_id', '=', [])]", [], [], [], [2]),
        Example("x.order", "[('partner_id', '!=', 0)]", [], [], [], [2]),
        Example("x.order", "[('partner_id', 'in', user.partner_id)]", nil, nil, nil, [3]),
        // What lies behind a relation.
        Example("x.order", "['!', ('partner_id.name', '=', 'c')]", [3], [2, 3], [2, 3], [2, 3]),
        Example("x.order", "['!', ('partner_id.name', '=like', 'c%')]", [3], [2, 3], [2, 3], [2, 3]),
        Example("x.order", "['!', ('tag_ids.color', '=', 1)]", [], [2, 3], [2, 3], [2, 3]),
        Example("x.order", "[('partner_id', 'any', [('name', '=', 'c')])]", nil, [1], [1], [1]),
        Example("x.order", "[('id', 'any', [('name', '=', 'o')])]", nil, nil, nil, [1]),
        Example("x.order", "[('id', 'not any', [('name', '=', 'o')])]", nil, nil, nil, [2, 3]),
        Example("x.order", "[('name', 'not =like', 'o%')]", nil, nil, nil, [2, 3]),
        Example("x.order", "[('name', 'not =ilike', 'O%')]", nil, nil, nil, [2, 3]),
        Example("x.order", "[('partner_id', 'any!', [('name', '=', 'c')])]", nil, nil, nil, nil),
        Example("res.partner", "[('child_ids', '=', False)]", [3, 4], [3, 4], [3, 4], [1, 3, 4]),
        Example("res.partner", "[('child_ids', '!=', False)]", [1, 2], [1, 2], [1, 2], [2]),
        Example("res.partner", "[('child_ids', 'in', [2])]", [1], [1], [1], []),
        Example("res.partner", "[('child_ids.active', 'in', [True, False])]", [1, 2], [1, 2], [1, 2], [2]),
        // Dates, and what is neither more nor less.
        Example("x.order", "['!', ('moment', '<', '2024-03-01')]", [3], [3], [3], [2, 3]),
        Example("x.order", "[('moment', '<', 'today')]", [1, 3], [1, 3], [1, 3], [1, 3]),
        Example("x.order", "[('moment', '<', '-30d')]", nil, nil, nil, [1, 3]),
        Example("x.order", "[('moment', '<', 'now -1y +2m')]", nil, nil, nil, [1, 3]),
        Example("x.order", "[('moment', '<', '=monday')]", nil, nil, nil, nil),
        Example("x.order", "[('moment', '=', '2024-02-29 12:00:00')]", [1], [1], [1], [1]),
        Example("x.order", "[('moment', 'not in', ['2024-02-29 12:00:00'])]", [2, 3], [2, 3], [2, 3], [2, 3]),
        Example("x.order", "[('moment', '<=', time.strftime('%Y-%m-%d'))]", [1, 3], [1, 3], [1, 3], nil),
        Example("x.order", "[('moment', '<=', context_today())]", nil, nil, [1, 3], nil),
    ]

    @Test("each release answers as its Odoo does, or closes the rule")
    func releases() async throws {
        let database = try await OdooSemanticsTests.Database()
        for example in Self.examples {
            for (release, wanted) in example.answers {
                var found: [Int]?
                do {
                    found = try await database.find(example.model, example.domain, release: release)
                } catch is DomainError {
                    found = nil
                }
                #expect(found == wanted, "Odoo \(release): \(example.domain)")
            }
        }
    }

    @Test("a day is the user's own to Odoo 19, and a moment lasts a second")
    func days() async throws {
        let database = try await OdooSemanticsTests.Database()
        _ = try await database.connection.query("UPDATE res_partner SET tz = 'Europe/Brussels' WHERE id = 4")
        _ = try await database.connection.query("UPDATE x_order SET moment = '2024-02-29 23:30:00.5' WHERE id = 3")
        func find(_ text: String, _ release: Int) async throws -> [Int] {
            try await database.find("x.order", text, release: release)
        }
        #expect(try await find("[('moment', '>=', '2024-03-01')]", 18) == [])
        #expect(try await find("[('moment', '>=', '2024-03-01')]", 19) == [3])
        #expect(try await find("[('moment', '<=', '2024-02-29')]", 19) == [1])
        #expect(try await find("[('moment', '=', '2024-02-29 23:30:00')]", 18) == [])
        #expect(try await find("[('moment', '=', '2024-02-29 23:30:00')]", 19) == [3])
        #expect(try await find("[('moment', '>', '2024-02-29 23:30:00')]", 18) == [3])
        #expect(try await find("[('moment', '>', '2024-02-29 23:30:00')]", 19) == [])
        _ = try await database.connection.query(
            "UPDATE x_order SET moment = now() AT TIME ZONE 'UTC' - interval '29 days' WHERE id = 3")
        #expect(try await find("[('moment', '>', '-30d')]", 19) == [3])
        #expect(try await find("[('moment', '>', '-28d')]", 19) == [])
        #expect(try await find("[('moment', '>', 'today -4w')]", 19) == [])
    }

    @Test("a value by company of another kind than its field is none, and stops nothing")
    func badCells() async throws {
        let database = try await OdooSemanticsTests.Database()
        for value in [#""abc""#, "1e400", "99999999999", "[]", "{}", "true", #""2024-13-45""#] {
            _ = try await database.connection.query(
                Query(
                    "UPDATE x_order SET rating = jsonb_build_object('1', $1::jsonb), note = jsonb_build_object('1', $1::jsonb) WHERE id = 1",
                    [.text(value)]))
            for release in [18, 19] {
                #expect(try await database.find("x.order", "[('rating', '=', 7)]", release: release) == [], "\(value)")
                #expect(try await database.find("x.order", "[('note', '=', 'd')]", release: release) == [2], "\(value)")
            }
        }
    }
}
