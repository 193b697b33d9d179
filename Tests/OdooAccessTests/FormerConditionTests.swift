import OdooAccess
import Testing

/// The condition about a row that is gone: what the row says still counts, and what others said that may be gone counts as if they
/// had let it pass.
@Suite("Conditions on rows that are gone")
struct FormerConditionTests {
    private let compiler = RuleCompiler(catalog: TestSchema.catalog)

    private func formerly(_ domain: String, _ model: String = "x.order") throws -> String? {
        try compiler.compile(domain: domain, model: model).formerly
    }

    @Test(
        "a condition on the row and the user alone needs none",
        arguments: [
            "[('name', '=', 'a')]", "[('company_id', 'in', company_ids)]", "['!', ('is_done', '=', True)]",
            "[('partner_id', '=', user.partner_id.id)]",
        ])
    func alone(domain: String) throws {
        #expect(try formerly(domain) == nil)
    }

    @Test(
        "a row behind a many2one that is gone, or of which nothing is known, could have let it pass; the row's own columns still narrow"
    )
    func link() throws {
        let sql = try formerly("[('name', '=', 'a'), ('partner_id.ref', '=', 'x')]")
        #expect(
            sql
                == """
                ((t.name = ($5)[3]) AND ((EXISTS (SELECT FROM former_1 a1 WHERE a1.id = t.partner_id AND (a1.ref = ($5)[4]))) \
                OR ($11 AND t.partner_id IS NOT NULL AND (($12)[1] OR NOT EXISTS (SELECT FROM former_1 gone WHERE gone.id = t.partner_id)))))
                """)
    }

    @Test("behind a '!' it counts the other way round, so that the whole is still let pass")
    func negated() throws {
        let sql = try #require(try formerly("['!', ('partner_id.ref', '=', 'x')]"))
        #expect(sql.hasPrefix("(NOT ("))
        #expect(sql.contains(" AND NOT ($11 AND t.partner_id IS NOT NULL AND (($12)[1] OR NOT EXISTS"))
        #expect(!sql.contains(" OR ($11 AND t.partner_id IS NOT NULL"))
    }

    @Test("rows that lead to a record go with it: lists of them could have held anything")
    func lists() throws {
        for (domain, part, table) in [
            ("[('line_ids.name', '=', 'a')]", " OR ($11 AND ($12)[1]))", "public.x_line"),
            ("[('tag_ids', 'in', [1])]", " OR ($11 AND ($12)[1]))", "public.order_tag_rel"),
            ("[('tag_ids', 'not in', [1])]", " AND NOT ($11 AND ($12)[1]))", "public.order_tag_rel"),
        ] {
            let compiled = try compiler.compile(domain: domain, model: "x.order")
            #expect(try #require(compiled.formerly).contains(part))
            #expect(compiled.formerTables == [table])
        }
    }

    @Test("followers are those that were kept with the record, wherever the rule asks for them")
    func followers() throws {
        let compiled = try compiler.compile(
            domain: "[('message_partner_ids', 'in', [user.partner_id.id])]", model: "x.order")
        #expect(compiled.sql.contains("FROM public.mail_followers a"))
        #expect(
            try #require(compiled.formerly).contains("FROM former_1 a")
                && compiled.formerTables == ["public.mail_followers"])
    }

    @Test("each table has a number, and nothing else refers to it")
    func numbers() throws {
        let compiled = try compiler.compile(
            domain: "[('line_ids.name', '=', 'a'), ('partner_id.ref', '=', 'x'), ('line_ids.price', '>', 1)]",
            model: "x.order")
        let formerly = try #require(compiled.formerly)
        #expect(compiled.formerTables == ["public.x_line", "public.res_partner"])
        #expect(
            !formerly.contains("public.x_line") && !formerly.contains("public.res_partner") && !formerly.contains("@"))
    }

    @Test("a parent's rules are asked of the parent as it was")
    func delegation() throws {
        let rule = RecordRule(id: 1, name: "rule", domain: "[('name', '=', 'a')]", isGlobal: true)
        let set = compiler.compile(rules: ["x.order": [rule]], model: "x.variant")
        let sql = try #require(set.domain?.formerly)
        #expect(set.domain?.formerTables == ["public.x_order"])
        #expect(sql.contains("FROM former_1 a1 WHERE a1.id = t.order_id"))
        #expect(sql.contains("NOT EXISTS (SELECT FROM former_1 gone WHERE gone.id = t.order_id)"))
        #expect(set.domain?.reads["public.x_order"] == ["id", "name"])
    }
}
