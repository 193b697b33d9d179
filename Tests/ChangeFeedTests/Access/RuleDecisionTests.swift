import ChangeFeed
import ChangeFeedTesting
import Foundation
import OdooAccess
import Postgres
import Testing

/// Rules that cannot be turned into SQL, and what the operator decides about rules. In the fixture user 2 is in the groups 2 (Sales) and
/// 4 (Settings), user 6 in 2 alone; 2 and 4 imply 1. Orders 1 to 5 are user 6's.
@Suite("Record rules that are not understood, and decisions about rules", .timeLimit(.minutes(10)))
struct RuleDecisionTests {
    /// Nothing here knows the name.
    static let riddle = "[('user_id', '=', env.riddle())]"
    static let everything: [Int64] = [1, 2, 3, 4, 5]

    static func rule(
        _ id: Int, _ domain: String, group: Int? = nil, model: String = "sale.order", name: String = "rule"
    ) -> String {
        """
        INSERT INTO ir_rule (id, name, model_id, domain_force) SELECT \(id), $n$\(name)$n$, id, $d$\(domain)$d$ FROM ir_model WHERE model = $m$\(model)$m$;
        \(group.map { "INSERT INTO rule_group_rel VALUES (\(id), \($0));" } ?? "")
        """
    }

    static func database(_ rules: String) async throws -> RuleDatabase {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql(rules, user: "odoo")
        try await database.psql("SELECT changefeed.track(model) FROM changefeed.tracked_model")
        return try await RuleDatabase(database)
    }

    private func decide(_ here: RuleDatabase, _ rule: Int, _ decision: String, _ domain: String? = nil) async throws
        -> [String]
    {
        try await here.superuser.lines(
            "SELECT to_run FROM changefeed.decide_rule($1, $2, $3, 'test')",
            [.int(rule), .text(decision), .optional(domain)])
    }

    // MARK: not understood

    @Test("a global rule closes its model to all users, and nothing else")
    func global() async throws {
        let here = try await Self.database(Self.rule(901, Self.riddle))
        #expect(try await here.visible("sale.order", to: 6) == nil)
        #expect(try await here.visible("sale.order", to: 2) == nil)
        #expect(try await here.visible("res.partner", to: 6)?.count == 20)
        #expect(
            try await here.superuser.lines("SELECT rule_id, model FROM changefeed.rule_finding") == ["901|sale.order"])
    }

    @Test(
        "a rule of a group closes it to that group, and not to who has a rule that lets everything pass, nor to others")
    func ofGroup() async throws {
        let here = try await Self.database(
            Self.rule(901, Self.riddle, group: 2) + Self.rule(902, "[(1, '=', 1)]", group: 4)
                + "INSERT INTO res_users (id, login, active, company_id) VALUES (9, 'clerk', true, 1); INSERT INTO res_groups_users_rel VALUES (3, 9);"
        )
        #expect(try await here.visible("sale.order", to: 6) == nil)
        #expect(try await here.visible("sale.order", to: 2) == Self.everything)
        #expect(try await here.visible("sale.order", to: 9) == Self.everything)
    }

    // MARK: decisions

    @Test("allow, deny, override and clear act at the next call")
    func decisions() async throws {
        let here = try await Self.database(Self.rule(901, Self.riddle))
        #expect(try await here.visible("sale.order", to: 6) == nil)
        #expect(try await decide(here, 901, "allow") == [])
        #expect(try await here.visible("sale.order", to: 6) == Self.everything)
        #expect(try await decide(here, 901, "deny") == [])
        #expect(try await here.visible("sale.order", to: 6) == [])
        #expect(try await decide(here, 901, "override", "[('id', 'in', [2, 4])]") == [])
        #expect(try await here.visible("sale.order", to: 6) == [2, 4])
        #expect(try await decide(here, 901, "clear") == [])
        #expect(try await here.visible("sale.order", to: 6) == nil)
        let kept =
            "SELECT decision, domain, rule_name, rule_domain = $$\(Self.riddle)$$, reason, decided_by FROM changefeed.rule_decision ORDER BY id"
        #expect(
            try await here.superuser.lines(kept) == [
                "allow||rule|t|test|postgres", "deny||rule|t|test|postgres",
                "override|[('id', 'in', [2, 4])]|rule|t|test|postgres",
                "clear||rule|t|test|postgres",
            ])
    }

    @Test("a denied rule of a group lets nothing pass, and the group's other rules still do")
    func deniedGroupRule() async throws {
        let here = try await Self.database(
            Self.rule(901, "[('id', '<', 3)]", group: 2) + Self.rule(902, "[('id', '=', 5)]", group: 2)
                + Self.rule(903, "[('id', '!=', 1)]"))
        #expect(try await here.visible("sale.order", to: 6) == [2, 5])
        _ = try await decide(here, 901, "deny")
        #expect(try await here.visible("sale.order", to: 6) == [5])
        _ = try await decide(here, 901, "allow")
        #expect(try await here.visible("sale.order", to: 6) == [2, 3, 4, 5])
        _ = try await decide(here, 903, "allow")
        #expect(try await here.visible("sale.order", to: 6) == Self.everything)
    }

    @Test(
        "a decision counts for the text that it was about: when Odoo's changes, the new text counts, and verify() says so"
    )
    func newText() async throws {
        let here = try await Self.database(Self.rule(901, Self.riddle))
        _ = try await decide(here, 901, "allow")
        #expect(try await here.visible("sale.order", to: 6) == Self.everything)
        try await here.database.psql(
            "UPDATE ir_rule SET domain_force = '[(''id'', ''='', 3)]' WHERE id = 901", user: "odoo")
        #expect(try await here.visible("sale.order", to: 6) == [3])
        #expect(
            try await here.superuser.lines("SELECT code, object, remediation FROM changefeed.verify()") == [
                "CF127|sale.order|changefeed rule clear 901  -- or decide again."
            ])
        // Back to the text that it was about, and it counts again.
        try await here.superuser.execute(script: "UPDATE ir_rule SET domain_force = $$\(Self.riddle)$$ WHERE id = 901")
        #expect(try await here.visible("sale.order", to: 6) == Self.everything)
        try await here.superuser.execute(script: "DELETE FROM ir_rule WHERE id = 901")
        #expect(
            try await here.superuser.lines("SELECT code, object, remediation FROM changefeed.verify()") == [
                "CF127|ir.rule|changefeed rule clear 901"
            ])
        #expect(try await decide(here, 901, "clear") == [])
        #expect(try await here.superuser.lines("SELECT code FROM changefeed.verify()") == [])
    }

    static let refused: [(Int, String, String?)] = [
        (999, "allow", nil), (999, "clear", nil), (902, "allow", nil), (903, "allow", nil), (901, "open", nil),
        (901, "override", nil), (901, "override", " \n"),
        (901, "allow", "[]"),
    ]

    @Test(
        "rules that Odoo does not have, inactive ones, ones that are not for reading, and what is no decision are refused",
        arguments: refused)
    func refusals(rule: Int, decision: String, domain: String?) async throws {
        let here = try await Self.database(
            Self.rule(901, "[]") + Self.rule(902, "[]") + Self.rule(903, "[]")
                + "UPDATE ir_rule SET active = false WHERE id = 902; UPDATE ir_rule SET perm_read = false WHERE id = 903"
        )
        await #expect(throws: PostgresError.self) { try await decide(here, rule, decision, domain) }
        #expect(try await here.superuser.value("SELECT count(*) FROM changefeed.rule_decision") == "0")
    }

    @Test(
        "an override that reads what changefeed_reader may not says what to run, and the model stays closed until then")
    func grants() async throws {
        let here = try await Self.database(Self.rule(901, "[('user_id', '=', user.id)]", group: 2))
        #expect(try await here.visible("sale.order", to: 6) == Self.everything)
        #expect(
            try await decide(here, 901, "override", "[('partner_id.email', '=', 'partner2@example.com')]") == [
                "SELECT changefeed.grant_rules('sale.order');"
            ])
        #expect(try await here.visible("sale.order", to: 6) == nil)
        #expect(
            try await here.superuser.lines(
                "SELECT code, level, object, remediation FROM changefeed.verify() WHERE code < 'CF125'")
                == ["CF124|error|sale.order|SELECT changefeed.grant_rules('sale.order');"])
        try await here.superuser.execute(
            script: "SELECT changefeed.grant_rules('sale.order'); SELECT changefeed.forget_rules(0, true)")
        #expect(try await here.visible("sale.order", to: 6) == [2])
        #expect(try await here.superuser.lines("SELECT code FROM changefeed.verify() WHERE code < 'CF125'") == [])
    }

    @Test(
        "the service's role may list rules and neither decide, explain, nor write decisions",
        arguments: [
            "SELECT changefeed.decide_rule(901, 'allow')",
            "INSERT INTO changefeed.rule_decision (rule_id, decision) VALUES (901, 'allow')",
            "DELETE FROM changefeed.rule_decision", "SELECT changefeed.explain_access('admin', 'sale.order')",
            "SELECT changefeed.explain_rule(2, 1, '{1}', 'res.partner', 1, 'true', '{}', '{}')",
            "SELECT changefeed.explain_record(2, 'sale.order', 1)",
            "SELECT * FROM changefeed.odoo_user_facts('admin')", "SELECT * FROM changefeed.odoo_read_rules()",
        ])
    func rights(_ sql: String) async throws {
        let here = try await Self.database(Self.rule(901, "[]"))
        #expect(
            try await here.service.lines("SELECT rule_id, models FROM changefeed.rule_states()") == ["901|{sale.order}"]
        )
        do {
            _ = try await here.service.query(sql)
            Issue.record("the service may: \(sql)")
        } catch let error as PostgresError {
            #expect(error.sqlState == "42501")
        }
    }

    // MARK: findings

    @Test("verify() names the rule and why, once a decision is made no longer, and a rule of another text never")
    func finding() async throws {
        let here = try await Self.database(Self.rule(901, Self.riddle, name: "Odd one"))
        _ = try await here.visible("sale.order", to: 6)
        let findings =
            "SELECT code, level, object, detail LIKE 'record rule 901 (Odd one) closes it%', remediation LIKE 'changefeed rule override 901 %' FROM changefeed.verify()"
        #expect(try await here.superuser.lines(findings) == ["CF123|warning|sale.order|t|t"])
        _ = try await decide(here, 901, "deny")
        #expect(try await here.superuser.lines(findings) == [])
        _ = try await decide(here, 901, "clear")
        _ = try await here.visible("sale.order", to: 6)
        #expect(try await here.superuser.lines(findings) == ["CF123|warning|sale.order|t|t"])
        try await here.superuser.execute(script: "UPDATE ir_rule SET domain_force = '[]' WHERE id = 901")
        #expect(try await here.superuser.lines(findings) == [])
    }

    @Test("rules that are too much together are said, too")
    func together() async throws {
        let long = "[" + (101...1_600).map { "('id', '!=', \($0))" }.joined(separator: ", ") + "]"
        let here = try await Self.database(Self.rule(901, long) + Self.rule(902, long))
        #expect(try await here.visible("sale.order", to: 6) == nil)
        // The look at each by itself finds nothing wrong with it.
        let superuser = here.superuser
        var review = RuleReview { try await superuser.query($0) }
        #expect(try await review.entries(keeping: true).allSatisfy { $0.compiles && !$0.closes })
        #expect(
            try await here.superuser.lines(
                "SELECT code, object, detail LIKE 'record rules 901, 902 together%' FROM changefeed.verify()")
                == ["CF123|sale.order|t"])
    }

    @Test(
        "columns that triggers do not keep, that changefeed_reader may not read, and other models on which access depends"
    )
    func columns() async throws {
        let here = try await Self.database(Self.rule(901, Self.riddle))
        _ = try await decide(
            here, 901, "override", "['|', ('amount_total', '>', 0), ('partner_id.company_id', 'in', company_ids)]")
        try await here.superuser.execute(script: "SELECT changefeed.grant_rules('sale.order')")
        #expect(try await here.visible("sale.order", to: 6) == Self.everything)
        let findings =
            "SELECT code, level, object, detail, remediation FROM changefeed.verify() WHERE code BETWEEN 'CF123' AND 'CF127' ORDER BY code"
        var lines = try await here.superuser.lines(findings)
        #expect(
            lines.count == 2 && lines[0].hasPrefix("CF125|warning|sale.order|")
                && lines[0].hasSuffix(": amount_total|SELECT changefeed.track('sale.order');"), "\(lines)")
        #expect(
            lines.last?.hasPrefix(
                "CF126|info|sale.order|access to its records also depends on other models: res.partner.company_id; ")
                == true)
        try await here.superuser.execute(
            script:
                "SELECT changefeed.track('sale.order'); REVOKE SELECT (company_id) ON res_partner FROM changefeed_reader"
        )
        lines = try await here.superuser.lines(findings)
        #expect(lines.map { $0.prefix(5) } == ["CF124", "CF126"], "\(lines)")
        #expect(
            lines.first?.hasSuffix("public.res_partner.company_id|SELECT changefeed.grant_rules('sale.order');") == true
        )
        // Of a text that is no more nothing is said.
        try await here.superuser.execute(script: "UPDATE ir_rule SET domain_force = '[]' WHERE id = 901")
        #expect(try await here.superuser.lines(findings).map { $0.prefix(5) } == ["CF127"])
        // Nor of what was compiled with another decision.
        try await here.superuser.execute(script: "UPDATE ir_rule SET domain_force = $$\(Self.riddle)$$ WHERE id = 901")
        #expect(try await here.superuser.lines(findings).map { $0.prefix(5) } == ["CF124", "CF126"])
        _ = try await decide(here, 901, "clear")
        #expect(try await here.superuser.lines(findings) == [])
    }

    @Test(
        "rules that look at the clock are named, since what time alone shows or hides is no event",
        arguments: [
            "[('create_date', '<=', time.strftime('%Y-%m-%d %H:%M:%S'))]",
            "['|', ('id', '<', 3), ('create_date', '<', context_today())]",
        ])
    func clock(domain: String) async throws {
        let here = try await Self.database(Self.rule(901, domain))
        _ = try await here.visible("sale.order", to: 6)
        let findings = "SELECT level, object, detail FROM changefeed.verify() WHERE code = 'CF146'"
        let lines = try await here.superuser.lines(findings)
        #expect(
            lines.count == 1 && lines.first?.hasPrefix("info|sale.order|record rules 901 depend on the time: ") == true,
            "\(lines)")
        try await here.superuser.execute(script: "UPDATE ir_rule SET domain_force = '[(1, ''='', 1)]' WHERE id = 901")
        #expect(try await here.superuser.lines(findings) == [])
    }

    @Test("every reason not to understand a domain is in docs/errors.md", arguments: DomainError.Code.allCases)
    func documented(code: DomainError.Code) throws {
        let page = try String(contentsOfFile: Fixture.sqlFolder + "/../docs/errors.md", encoding: .utf8)
        #expect(page.contains("\n- `\(code.rawValue)`: "))
    }

    // MARK: names that are up to something

    @Test("names of rules, models and fields that try to break out are harmless in SQL and in what is shown")
    func names() async throws {
        let evil = "x'\"; DROP TABLE sale_order; --\n*/ $$ \u{1B}[31m\u{202E}"
        let table = evil.replacingOccurrences(of: "\"", with: "\"\"")
        let here = try await Self.database(
            """
            INSERT INTO ir_model (model, name) VALUES ($m$\(evil)$m$, '{}');
            CREATE TABLE public."\(table)" (id serial PRIMARY KEY, "\(table)" varchar);
            INSERT INTO public."\(table)" ("\(table)") VALUES ('mine'), ('theirs');
            ALTER TABLE sale_order ADD COLUMN twin_id int REFERENCES public."\(table)"; UPDATE sale_order SET twin_id = 1 + id % 2;
            INSERT INTO ir_model_fields (model, name, ttype, relation, required, store) VALUES ('sale.order', 'twin_id', 'many2one', $m$\(evil)$m$, true, true),
                ($m$\(evil)$m$, 'id', 'integer', NULL, true, true), ($m$\(evil)$m$, $m$\(evil)$m$, 'char', NULL, false, true);
            INSERT INTO ir_model_inherit (model_id, parent_id, parent_field_id) SELECT s.id, p.id, f.id FROM ir_model s, ir_model p, ir_model_fields f
                WHERE s.model = 'sale.order' AND p.model = $m$\(evil)$m$ AND f.name = 'twin_id';
            """ + Self.rule(901, Self.riddle, model: evil, name: evil))
        #expect(try await here.visible("sale.order", to: 6) == nil)
        let verified = try await here.superuser.lines(
            "SELECT code, object, detail, remediation FROM changefeed.verify() WHERE code = 'CF123'")
        #expect(
            verified.count == 1
                && verified.allSatisfy { line in !line.unicodeScalars.contains { $0.value < 32 || $0.value == 0x202E } }
        )
        #expect(
            try await here.superuser.lines(
                "SELECT model = $1, rule_name = $1, models FROM changefeed.rule_states()", [.text(evil)]) == [
                    "t|t|{sale.order}"
                ])
        // A field by that name, in a domain of the operator's.
        let field = evil.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "'", with: "\\'")
            .replacingOccurrences(of: "\n", with: "\\n")
        for statement in try await decide(
            here, 901, "override", "[('\(field)', '=', 'mine\\'; DROP TABLE sale_order; --')]")
        {
            try await here.superuser.execute(script: statement)
        }
        _ = try await here.visible("sale.order", to: 6)
        _ = try await decide(here, 901, "override", "[('id', '=', 2)]")
        #expect(try await here.visible("sale.order", to: 6) == [1, 3, 5])
        let superuser = here.superuser
        let explained = try await AccessExplanation.explain(
            login: "sales", model: "sale.order", recordID: 1, companies: nil
        ) { try await superuser.query($0) }
        #expect(explained?.isVisible == true && explained?.rules.map(\.verdict) == [.passes])
        #expect(try await here.superuser.value("SELECT count(*) FROM sale_order") == "5")
    }
}
