import ChangeFeed
import ChangeFeedTesting
import Foundation
import OdooAccess
import Postgres
import Testing

/// What filters show of the real databases.
@Suite(
    "Records that filters show", .timeLimit(.minutes(10)),
    .enabled(if: !Fixture.releases.isEmpty, "the real Odoo databases are not beside this checkout"))
struct FilterAnswersTests {
    /// A user of a database, and what filters this user may use.
    private struct Asker {
        let here: RuleDatabase
        let user: Int
        let release: Int
        let fields: [String: [String: [String]]]

        init(_ here: RuleDatabase, user: Int, models: [String]) async throws {
            self.here = here
            self.user = user
            try await here.compile(for: user)
            let row = try #require(
                try await here.service.query(
                    Query(
                        "SELECT problem, fields, release FROM changefeed.filter_fields($1::int, $2::text[])",
                        [.int(user), .textArray(models)])
                ).first)
            #expect(row["problem"].isNull)
            release = Int(try row["release"].int())
            fields = try JSONDecoder().decode(
                [String: [String: [String]]].self, from: Data(try row["fields"].string().utf8))
        }

        private struct Compiled: Encodable {
            let domain: String
            let condition: String
            let numbers: [Int64]
            let texts: [String]
        }

        /// The ids of a list by a filter.
        func ids(_ model: String, _ domain: String) async throws -> [Int64] {
            let known = (fields[model] ?? [:]).mapValues { FilterCompiler.Field(type: $0[0], columnType: $0[1]) }
            let filter = try FilterCompiler(release: release, model: model, fields: known).compile(domain)
            let asked = try JSONEncoder().encode([
                model: Compiled(domain: domain, condition: filter.sql, numbers: filter.numbers, texts: filter.texts)
            ])
            var found: [Int64] = []
            var cursor: String?
            repeat {
                let row = try #require(
                    try await here.service.query(
                        Query(
                            """
                            SELECT p.problem, p.next_cursor,
                                   ARRAY(SELECT (r ->> 'record_id')::bigint FROM json_array_elements(p.records::json) WITH ORDINALITY o (r, n) ORDER BY n)::text AS ids
                            FROM changefeed.snapshot_page($1::int, 'lists', $2::text, $3::text, 500, fields => '{id}', filters => $4::jsonb) p
                            """,
                            [
                                .int(user), .text(model), .optional(cursor),
                                .text(String(decoding: asked, as: UTF8.self)),
                            ])
                    ).first)
                if let problem = row["problem"].text {
                    Issue.record("\(model) \(domain): \(problem)")
                    return []
                }
                found += try row["ids"].string().dropFirst().dropLast().split(separator: ",").compactMap { Int64($0) }
                cursor = row["next_cursor"].text
            } while cursor != nil
            return found
        }
    }

    @Test(
        "are those that SQL by hand finds among what the user sees",
        .enabled(if: Fixture.releases.contains(18), "the real Odoo 18 database is not beside this checkout"),
        arguments: [2, 6])
    func byHand(user: Int) async throws {
        let here = try await OdooAnswersTests.installed(18)
        let models = ["sale.order", "res.partner", "account.move", "hr.expense"]
        let asker = try await Asker(here, user: user, models: models)
        var some = 0
        for (model, domain, sql) in [
            ("sale.order", "[('user_id','=',uid)]", "SELECT id FROM sale_order WHERE user_id = \(user)"),
            (
                "sale.order",
                "[('user_id','=',uid),('date_order','>=',(context_today()-relativedelta(days=90)).strftime('%Y-%m-%d'))]",
                "SELECT id FROM sale_order WHERE user_id = \(user) AND date_order >= (now() AT TIME ZONE 'UTC')::date - interval '90 days'"
            ),
            (
                "sale.order", "['|',('state','in',['draft','sent']),('amount_total','>',1000)]",
                "SELECT id FROM sale_order WHERE state IN ('draft', 'sent') OR amount_total > 1000"
            ),
            (
                "sale.order", "['!',('state','=','sale')]",
                "SELECT id FROM sale_order WHERE state IS DISTINCT FROM 'sale'"
            ),
            (
                "sale.order", "[('partner_id','in',[9,10,11]),('name','ilike','s0')]",
                "SELECT id FROM sale_order WHERE partner_id IN (9, 10, 11) AND name ILIKE '%s0%'"
            ),
            (
                "res.partner", "[('is_company','=',True),('parent_id','=',False)]",
                "SELECT id FROM res_partner WHERE is_company AND parent_id IS NULL"
            ),
            ("res.partner", "[('email','=',False)]", "SELECT id FROM res_partner WHERE coalesce(email, '') = ''"),
            (
                "res.partner", "[('name','not like','a')]",
                "SELECT id FROM res_partner WHERE name NOT LIKE '%a%' OR name IS NULL"
            ),
            ("res.partner", "[('active','=',False)]", "SELECT id FROM res_partner WHERE active IS NOT TRUE"),
            (
                "res.partner", "[('company_id','in',company_ids+[False])]",
                "SELECT id FROM res_partner WHERE company_id IS NULL OR company_id IN (SELECT cid FROM res_company_users_rel WHERE user_id = \(user))"
            ),
            (
                "account.move", "[('move_type','=','out_invoice'),('invoice_date','<','2100-01-01')]",
                "SELECT id FROM account_move WHERE move_type = 'out_invoice' AND invoice_date < '2100-01-01'"
            ),
            (
                "hr.expense", "[('total_amount','>',0),('state','!=','draft')]",
                "SELECT id FROM hr_expense WHERE total_amount > 0 AND state IS DISTINCT FROM 'draft'"
            ),
        ] where asker.fields[model] != nil {
            let visible = Set(try await here.visible(model, to: user) ?? [])
            let byHand = try await here.superuser.lines(sql + " ORDER BY id").compactMap { Int64($0) }.filter(
                visible.contains)
            #expect(try await asker.ids(model, domain) == byHand, "\(model) \(domain)")
            if !byHand.isEmpty { some += 1 }
        }
        #expect(some >= 5)
    }

    @Test(
        "are those that the same domain shows as a record rule, for every field, operator and release",
        arguments: Fixture.releases)
    func asRules(release: Int) async throws {
        let here = try await OdooAnswersTests.installed(release)
        let models = ["sale.order", "res.partner", "product.template"]
        let asker = try await Asker(here, user: 2, models: models)
        var catalog = Catalog()
        var compared = 0
        var random = SeededGenerator(seed: UInt64(release))
        for model in models {
            let fields = try #require(asker.fields[model])
            let table = model.replacing(".", with: "_")
            try await AccessCatalog.add(model, to: &catalog) { try await here.superuser.query($0) }
            let visible = Set(try #require(try await here.visible(model, to: 2)))
            for (field, kind) in fields.sorted(by: { $0.key < $1.key }) {
                let samples = try await here.superuser.lines(
                    "SELECT DISTINCT \"\(field)\"::text FROM \(table) WHERE \"\(field)\" IS NOT NULL ORDER BY 1 LIMIT 3"
                )
                var values = ["False"]
                switch kind[0] {
                case "boolean": values.append("True")
                case "many2one", "integer", "many2one_reference":
                    values += samples + ["uid", "0", "[\((samples + ["False"]).joined(separator: ","))]"]
                case "float", "monetary":
                    values += samples.map { Double($0).map { "\($0)" } ?? "1.5" } + ["0", "[0,1]"]
                case "date": values += samples.map { "'\($0)'" } + ["context_today()"]
                case "datetime":
                    values +=
                        samples.map { "'\($0.prefix(19))'" } + [
                            "datetime.datetime.now()", "context_today().strftime('%Y-%m-%d')",
                        ]
                default:
                    let plain = samples.filter { !$0.contains("'") && !$0.contains("\\") && !$0.contains("\n") }
                    values +=
                        plain.map { "'\($0)'" } + plain.prefix(1).map { "'\($0.prefix(2))'" } + [
                            "''", "[\((plain.map { "'\($0)'" } + ["False"]).joined(separator: ","))]",
                        ]
                }
                for op in ["=", "!=", "<", ">=", "=?", "in", "not in", "like", "not ilike", "=ilike"] {
                    let value = values.randomElement(using: &random) ?? "False"
                    // A pattern is a text that the client sent.
                    if op.contains("like"), value == "uid" || value.contains("(") { continue }
                    let domain = "\(random.chance(20) ? "['!'," : "[")('\(field)','\(op)',\(value))]"
                    let rule: CompiledDomain
                    do throws(DomainError) {
                        rule = try RuleCompiler(catalog: catalog).compile(domain: domain, model: model)
                    } catch {
                        // What is no rule is no filter.
                        await #expect(throws: FilterError.self, "\(domain)") { try await asker.ids(model, domain) }
                        continue
                    }
                    let types = ["$1": "int", "$2": "int", "$3": "int[]", "$4": "bigint[]", "$5": "text[]"]
                    let condition = types.reduce(rule.sql) { $0.replacing($1.key, with: "\($1.key)::\($1.value)") }
                    let rows = try await here.superuser.query(
                        Query(
                            """
                            SELECT coalesce(array_agg(t.id::bigint ORDER BY t.id), '{}') AS ids FROM \(table) t
                            WHERE (\(condition)) AND ($1::int, $2::int, $3::int[], $4::bigint[], $5::text[]) IS NOT NULL IS NOT NULL
                            """,
                            [.int(2), .int(1), .intArray([1]), .intArray(rule.numbers), .textArray(rule.texts)]))
                    let expected = try #require(try rows.first?["ids"].intArray()).filter(visible.contains)
                    #expect(try await asker.ids(model, domain) == expected, "Odoo \(release), \(model): \(domain)")
                    compared += 1
                }
            }
        }
        #expect(compared > 400)
    }
}
