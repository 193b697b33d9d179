import ChangeFeedTesting
import Foundation
import Postgres
import Testing

@Suite("Records as Odoo's read() returns them", .timeLimit(.minutes(10)))
struct RecordDataTests {
    private func object(_ connection: Connection, _ user: Int, _ model: String, _ id: Int, fields: [String]? = nil)
        async throws -> [String: Any]
    {
        let text = try await connection.value(
            "SELECT data FROM changefeed.odoo_record_data($1, $2, ARRAY[$3::bigint], $4::text[])",
            [.int(user), .text(model), .int(id), fields.map { .textArray($0) } ?? .null])
        return try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
    }

    @Test("types, names, languages, companies, and what is null")
    func types() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql(
            """
            UPDATE product_template SET name = '{"en_US": "Desk", "fr_FR": "Bureau \\"grand\\""}' WHERE id = 1;
            UPDATE product_product SET standard_price = '{"1": 12.5}' WHERE id = 1;
            UPDATE res_partner SET lang = 'fr_FR' WHERE id = 4; UPDATE res_users SET partner_id = 4 WHERE id = 2;
            UPDATE res_partner SET phone = NULL, active = false, write_date = '2026-01-02 03:04:05.678' WHERE id = 2;
            """)
        let connection = try await database.connect()
        let partner = try await object(connection, 2, "res.partner", 2)
        #expect(partner["phone"] as? Bool == false && partner["active"] as? Bool == false)
        #expect(partner["write_date"] as? String == "2026-01-02 03:04:05")
        #expect((partner["company_id"] as? [Any])?.first as? Int == 1 && partner["parent_id"] as? Bool == false)
        let order = try await object(connection, 2, "sale.order", 1)
        let name = try #require(order["partner_id"] as? [Any])
        #expect(name.count == 2 && name[0] as? Int == 1 && name[1] as? String == "Partner 1")
        #expect(try await object(connection, 2, "product.template", 1)["name"] as? String == "Bureau \"grand\"")
        #expect(try await object(connection, 6, "product.template", 1)["name"] as? String == "Desk")
        #expect(try await object(connection, 2, "product.product", 1)["standard_price"] as? Double == 12.5)
        #expect(try await object(connection, 2, "product.product", 2)["standard_price"] as? Double == 0)
        // Delegation: the variant carries its template's fields.
        #expect(try await object(connection, 2, "product.product", 1)["list_price"] as? Double == 100)
    }

    @Test("a field that comes or goes needs no restart, and secrets never leave")
    func changes() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let connection = try await database.connect()
        #expect(try await object(connection, 2, "res.partner", 1)["x_color"] == nil)
        try await database.psql(
            """
            ALTER TABLE res_partner ADD COLUMN x_color varchar DEFAULT 'red', ADD COLUMN signup_token varchar DEFAULT 'abc';
            INSERT INTO ir_model_fields (model, name, ttype, store, state) VALUES ('res.partner', 'x_color', 'char', true, 'manual'), ('res.partner', 'signup_token', 'char', true, 'base');
            ALTER TABLE res_partner DROP COLUMN email;
            """)
        let record = try await object(connection, 2, "res.partner", 1)
        #expect(
            record["x_color"] as? String == "red" && record["email"] == nil && record["name"] as? String == "Partner 1")
        #expect(record["signup_token"] == nil)
        #expect(
            try await object(connection, 2, "res.partner", 1, fields: ["signup_token", "x_color"]).keys.sorted() == [
                "id", "x_color",
            ])
        #expect(
            try await connection.value("SELECT count(*) FROM changefeed.odoo_record_data(7, 'res.partner', '{1}')")
                == "0")
        #expect(
            try await connection.value("SELECT count(*) FROM changefeed.odoo_record_data(2, 'res.partner', '{1,999}')")
                == "1")
    }

    @Test("unreadable data is null, and does not make a record appear deleted")
    func unreadable() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql(
            "UPDATE res_partner SET phone = '1' WHERE id = 1; REVOKE SELECT ON res_lang FROM changefeed_definer; REVOKE SELECT (code) ON res_lang FROM changefeed_definer"
        )
        let connection = try await database.connect(user: "changefeed_login")
        let events = try await connection.value("SELECT events FROM changefeed.pull(2, 'phone')")
        #expect(events.contains(#""event":"write""#) && events.contains(#""data":null"#))
        let records = try await connection.value(
            "SELECT records FROM changefeed.snapshot_page(2, 'phone', 'res.partner', NULL, 500)")
        #expect(records.components(separatedBy: #""data":null"#).count == 21)
        #expect(try await database.psql("SELECT DISTINCT code FROM changefeed.verify()") == "CF117")
    }

    @Test("columns that came later to a table with secrets are reported, with the command that grants them")
    func laterColumns() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        // A table with a secret is granted column by column.
        try await database.psql(
            "ALTER TABLE sale_order ADD COLUMN access_token varchar; REVOKE SELECT ON sale_order FROM changefeed_definer; SELECT changefeed.grant_data('sale.order'); ALTER TABLE sale_order ADD COLUMN x_note varchar"
        )
        let connection = try await database.connect()
        #expect(
            try await connection.lines("SELECT code, object, remediation FROM changefeed.verify()") == [
                "CF121|sale.order|SELECT changefeed.grant_data('sale.order');"
            ])
        try await connection.execute(script: "SELECT changefeed.grant_data('sale.order')")
        #expect(try await connection.lines("SELECT code FROM changefeed.verify()") == [])
        #expect(
            try await connection.value(
                "SELECT has_column_privilege('changefeed_definer', 'sale_order', 'access_token', 'SELECT')") == "f")
    }

    // MARK: the real Odoo

    /// What Odoo answered, by user and model.
    private struct Answer {
        let login: String
        let user: Int
        let company: Int
        let model: String
        let visible: [Int]
        let readable: Set<String>
        let records: [[String: Any]]
    }

    private func answers(_ release: Int) async throws -> (answers: [Answer], types: [String: [String: String]]) {
        let text = try await Fixture.unpack(try #require(Fixture.real("oracle.json.gz", release: release)))
        let oracle = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let fields = try #require(oracle["stored_fields"] as? [String: [String: [String: Any]]])
        let users = try #require(oracle["users"] as? [String: [String: Any]])
        var answers: [Answer] = []
        for (login, user) in users {
            for (model, answer) in try #require(user["models"] as? [String: [String: Any]]) {
                guard let visible = answer["visible_ids"] as? [Int] else { continue }
                answers.append(
                    Answer(
                        login: login, user: try #require(user["uid"] as? Int),
                        // Of Odoo 18 all companies were enabled, of which the first is the active one.
                        company: try #require(
                            release == 18 ? (user["company_ids"] as? [Int])?.first : user["company_id"] as? Int),
                        model: model, visible: visible,
                        readable: Set(answer["readable_fields"] as? [String] ?? []),
                        records: answer["read"] as? [[String: Any]] ?? []))
            }
        }
        return (answers, fields.mapValues { $0.compactMapValues { $0["type"] as? String } })
    }

    /// Members of channels, whom the dump of Odoo 18 lacks.
    private static let differing: [Int: Set<String>] = [16: [], 17: [], 18: ["res.partner.channel_ids"], 19: []]

    @Test(
        "field by field what Odoo answered for its users, and no field that it hides",
        .enabled(if: !Fixture.releases.isEmpty, "the real Odoo databases are not beside this checkout"),
        arguments: Fixture.releases)
    func odoo(release: Int) async throws {
        let rules = try await OdooAnswersTests.installed(release)
        let connection = rules.superuser
        let (answers, types) = try await answers(release)
        var compared = 0
        var different: [String: Int] = [:]
        for answer in answers {
            try await connection.execute(
                script:
                    "UPDATE res_users SET company_id = \(answer.company) WHERE id = \(answer.user); SELECT changefeed.grant_data('\(answer.model)')"
            )
            let stored = types[answer.model] ?? [:]
            let offered = Set(
                try await connection.lines(
                    "SELECT name FROM changefeed.odoo_data_fields($1, $2)", [.int(answer.user), .text(answer.model)]))
            if !answer.readable.isEmpty {
                let hidden = offered.filter { stored[$0] != nil && !answer.readable.contains($0) }
                #expect(hidden == [], "\(answer.login), \(answer.model)")
            }
            // Lists hold what record rules show, as in a pull.
            try await rules.compile(for: answer.user)
            let texts = try await connection.lines(
                "SELECT d.data FROM changefeed.list_scopes($1, ARRAY[$2::text], NULL, NULL) l CROSS JOIN LATERAL changefeed.odoo_record_data($1, $2, $3::bigint[], $4::text[], NULL, l.scopes) d",
                [
                    .int(answer.user), .text(answer.model), .intArray(answer.visible.map(Int64.init)),
                    .textArray(offered.sorted()),
                ])
            let ours = try texts.compactMap { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
            let byID = Dictionary(
                uniqueKeysWithValues: ours.compactMap { record in (record["id"] as? Int).map { ($0, record) } })
            for record in answer.records {
                let mine = byID[record["id"] as? Int ?? 0] ?? [:]
                for (field, value) in record where offered.contains(field) {
                    compared += 1
                    let isList = ["one2many", "many2many"].contains(stored[field])
                    if !Self.equal(value, mine[field], isList: isList) {
                        different["\(answer.model).\(field)", default: 0] += 1
                    }
                }
            }
        }
        #expect(compared > 30_000)
        #expect(Set(different.keys) == Self.differing[release], "Odoo \(release): \(different) of \(compared)")
        #expect(different.values.reduce(0, +) * 1000 <= compared, "Odoo \(release): \(different) of \(compared)")
    }

    private static func equal(_ left: Any, _ right: Any?, isList: Bool) -> Bool {
        guard let right else { return false }
        // Where their order has ties, Odoo leaves it open.
        if isList, let left = left as? [Int], let right = right as? [Int] { return left.sorted() == right.sorted() }
        if let left = left as? NSNumber, let right = right as? NSNumber {
            // true is not 1 here.
            return String(cString: left.objCType) == "c" || String(cString: right.objCType) == "c"
                ? String(cString: left.objCType) == String(cString: right.objCType) && left == right
                : abs(left.doubleValue - right.doubleValue) <= 1e-9 * max(1, abs(left.doubleValue))
        }
        return (left as? NSObject) == (right as? NSObject)
    }
}
