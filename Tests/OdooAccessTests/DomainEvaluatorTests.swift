import OdooAccess
import Testing

/// What stands in a domain where Odoo evaluates rules, and what it becomes.
@Suite("Values of domains")
struct DomainEvaluatorTests {
    private let compiler = RuleCompiler(catalog: TestSchema.catalog)

    private func compile(_ text: String, _ model: String = "x.order") throws -> CompiledDomain {
        try compiler.compile(domain: text, model: model)
    }

    @Test("the enabled companies and False become an array and null")
    func companies() throws {
        let domain = try compile("[('company_id', 'in', company_ids + [False])]")
        #expect(domain.sql == "(t.company_id = ANY ($3) OR t.company_id IS NULL)")
        #expect(domain.uses == ["company_ids"])
        #expect(domain.ownColumns == ["company_id"])
        #expect(try compile("[('company_id', '=', company_id)]").uses == ["company_id"])
    }

    @Test("the user's id is a parameter under every name")
    func user() throws {
        for name in ["uid", "user.id", "user.env.uid", "user.env.user.id"] {
            let domain = try compile("[('user_id', '=', \(name))]")
            #expect(domain.sql == "(t.user_id = $1)", "\(name)")
            #expect(domain.uses == ["uid"], "\(name)")
        }
    }

    @Test("paths from the user are looked up in the tables that they go through")
    func paths() throws {
        let domain = try compile("[('partner_id', '=', user.partner_id.parent_id.id)]")
        #expect(domain.uses == ["user"])
        #expect(domain.reads["public.res_users"] == ["id", "partner_id"])
        #expect(domain.reads["public.res_partner"] == ["id", "parent_id"])
        #expect(domain.crossings == ["res.partner.parent_id", "res.users.partner_id"])
        // By the parent of res.users, res.partner, as well.
        #expect(
            try compile("[('partner_id', '=', user.parent_id.id)]").reads["public.res_partner"] == ["id", "parent_id"])
    }

    @Test("the user's employee is the active one of the user's company")
    func employee() throws {
        let domain = try compile("[('partner_id', '=', user.employee_id.parent_id.id)]")
        #expect(domain.reads["public.hr_employee"] == ["active", "company_id", "id", "parent_id", "user_id"])
        #expect(domain.crossings.contains("hr.employee.user_id"))
    }

    @Test("the user's groups are those implied, too")
    func groups() throws {
        for (release, name) in [(16, "groups_id"), (18, "groups_id"), (19, "all_group_ids")] {
            let compiler = RuleCompiler(catalog: TestSchema.catalog(release: release))
            let domain = try compiler.compile(domain: "[('id', 'in', user.\(name).ids)]", model: "x.order")
            #expect(domain.uses == ["groups", "user"])
            // By the one function that closes them.
            #expect(
                domain.sql.contains("unnest(changefeed.odoo_member_of(g.id))")
                    && domain.reads["public.res_groups_implied_rel"] == nil)
        }
        // Odoo 19 has those that were given beside them, and each release its own names.
        let compiler = RuleCompiler(catalog: TestSchema.catalog(release: 19))
        let given = try compiler.compile(domain: "[('id', 'in', user.group_ids.ids)]", model: "x.order")
        #expect(
            given.reads["public.res_groups_implied_rel"] == nil
                && given.reads["public.res_groups_users_rel"] == ["gid", "uid"])
        #expect(throws: DomainError.self) {
            try compiler.compile(domain: "[('id', 'in', user.groups_id.ids)]", model: "x.order")
        }
        for name in ["group_ids", "all_group_ids"] {
            #expect(throws: DomainError.self) { try compile("[('id', 'in', user.\(name).ids)]") }
        }
    }

    @Test("mapped and filtered follow a plain path, and nothing else")
    func mapped() throws {
        let ids = try compile("[('company_id', 'in', user.env.companies.mapped('id'))]")
        #expect(ids.reads == (try compile("[('company_id', 'in', user.env.companies.ids)]")).reads)
        let above = try compile("[('company_id', 'in', user.company_ids.mapped('parent_id.parent_id').ids)]")
        #expect(above.reads["public.res_company"]?.contains("parent_id") == true)
        #expect(
            try compile("[('company_id', 'in', user.company_ids.filtered('parent_id').ids)]").sql.contains(
                "IS NOT NULL"))
        for text in [
            "mapped(1)", "mapped('id', 'name')", "mapped('name')", "mapped('')", "mapped('.id')",
            "filtered('partner_id.active')", "filtered('nothing')",
            "filtered(user)", "search('id')",
        ] {
            #expect(throws: DomainError.self, "\(text)") {
                try compile("[('company_id', 'in', user.company_ids.\(text).ids)]")
            }
        }
    }

    @Test("mapped to a field of texts is a list of texts, also by a related field, and compared with nothing else")
    func mappedTexts() throws {
        let names = try compile("[('name', 'in', user.env.companies.mapped('name') + [False])]")
        #expect(names.reads["public.res_company"]?.contains("name") == true)
        for text in [
            "('company_id', 'in', user.company_ids.mapped('name'))",
            "('is_done', 'in', user.company_ids.mapped('name'))",
            "('name', 'in', user.company_ids.mapped('name.id'))",
        ] {
            #expect(throws: DomainError.self, "\(text)") { try compile("[\(text)]") }
        }
    }

    @Test("the environment of the user has the user's own companies")
    func environment() throws {
        #expect(
            try compile("[('company_id', '=', user.env.company.id)]").sql
                == (try compile("[('company_id', '=', user.company_id.id)]")).sql)
        #expect(
            try compile("[('company_id', 'in', user.env.companies.ids)]").sql
                == (try compile("[('company_id', 'in', user.company_ids.ids)]")).sql)
    }

    @Test("dates are reckoned from now")
    func dates() throws {
        for text in [
            "context_today()", "datetime.date.today()", "time.strftime('%Y-%m-%d')", "datetime.datetime.now()",
            "datetime.datetime.now().date()",
            "(context_today() - relativedelta(months=1)).strftime('%Y-%m-01')",
            "context_today() + datetime.timedelta(days=-3)",
        ] {
            let domain = try compile("[('moment', '>=', \(text)), ('day', '<', \(text))]")
            #expect(domain.uses == ["time"], "\(text)")
            #expect(domain.sql.contains("now()"), "\(text)")
        }
        for text in [
            "time.strftime('%A')", "context_today(1)", "relativedelta(fortnights=1)", "time.sleep(5)",
            "datetime.date(2024, 1, 1)", "now()",
        ] {
            #expect(throws: DomainError.self, "\(text)") { try compile("[('moment', '>=', \(text))]") }
        }
    }

    @Test("conditions and comparisons are decided when the rule is compiled")
    func conditions() throws {
        #expect(try compile("[(1, '=', 1)] if 1 < 2 and not False else [(0, '=', 1)]").isAlwaysTrue)
        #expect(try compile("[(1, '=', 1)] if 'a' in ('b', 'c') else [(0, '=', 1)]").isAlwaysFalse)
        #expect(try compile("[('name', '=', 'x' if None or [] else 'y')]").texts == ["y"])
        #expect(try compile("[('quantity', 'in', [1, 2] + [3])]").numbers == [1, 2, 3])
        #expect(try compile("[('quantity', '=', 7 - 2)]").numbers == [5])
        #expect(throws: DomainError.self) { try compile("[(1, '=', 1)] if user.share else []") }
        #expect(throws: DomainError.self) { try compile("[('quantity', '=', 9223372036854775807 + 1)]") }
    }

    @Test("an empty text, an empty list and the TRUE leaf let everything pass")
    func always() throws {
        for text in ["", " \n ", "[]", "()", "[(1, '=', 1)]", "['|', (1, '=', 1), ('name', '=', 'x')]"] {
            #expect(try compile(text).isAlwaysTrue, "\(text)")
        }
        for text in ["[(0, '=', 1)]", "['!', (1, '=', 1)]", "[('id', 'in', [])]", "[('id', 'child_of', False)]"] {
            #expect(try compile(text).isAlwaysFalse, "\(text)")
        }
    }

    @Test("operators are written in several ways")
    func operators() throws {
        #expect(try compile("[('name', '<>', 'x')]") == (try compile("[('name', '!=', 'x')]")))
        #expect(try compile("[('name', '==', 'x')]") == (try compile("[('name', '=', 'x')]")))
        #expect(try compile("[['name', 'NOT IN', ('x',)]]") == (try compile("[('name', 'not in', ['x'])]")))
        #expect(try compile("[('name', '=', ['x'])]") == (try compile("[('name', 'in', ['x'])]")))
    }

    @Test("a rule may be deep, but not deeper than what reads it bears")
    func depth() throws {
        let term = "('name', '=', 'x')"
        #expect(throws: Never.self) {
            try compile(
                String(repeating: "['!', ('child_ids', 'any', ", count: 15) + "[\(term)]"
                    + String(repeating: ")]", count: 15), "res.partner")
        }
        let tooDeep = [
            String(repeating: "[('parent_id', 'any', ", count: 17) + "[\(term)]" + String(repeating: ")]", count: 17),
            "[" + String(repeating: "'&', \(term), '|', \(term), ", count: 300) + term + "]",
            "[('" + String(repeating: "parent_id.", count: 90) + "name', '=', 'x')]",
        ]
        for text in tooDeep {
            do {
                _ = try compile(text, "res.partner")
                Issue.record("taken: \(text.prefix(60))")
            } catch let error as DomainError { #expect(error.code == .tooDeep) }
        }
    }
}
