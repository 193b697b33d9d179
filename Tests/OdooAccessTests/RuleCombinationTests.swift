import OdooAccess
import Testing

@Suite("Rules combined")
struct RuleCombinationTests {
    private let compiler = RuleCompiler(catalog: TestSchema.catalog)

    private func rule(_ id: Int64, _ domain: String, group: Bool = false) -> RecordRule {
        RecordRule(id: id, name: "rule \(id)", domain: domain, isGlobal: !group)
    }

    @Test("global rules narrow, rules of groups widen")
    func combination() {
        let set = compiler.compile(
            rules: [
                "x.order": [
                    rule(1, "[('name', '=', 'a')]"), rule(2, "[('name', '=', 'b')]", group: true),
                    rule(3, "[('name', '=', 'c')]"),
                    rule(4, "[('name', '=', 'd')]", group: true),
                ]
            ], model: "x.order")
        #expect(
            set.domain?.sql
                == "((t.name = ($5)[1]) AND (t.name = ($5)[2]) AND ((t.name = ($5)[3]) OR (t.name = ($5)[4])))")
        #expect(set.domain?.texts == ["a", "c", "b", "d"])
        #expect(set.findings.isEmpty)
    }

    @Test("without any rule everything passes")
    func none() {
        #expect(compiler.compile(rules: [:], model: "x.order").domain?.isAlwaysTrue == true)
        #expect(
            compiler.compile(rules: ["x.order": [rule(1, ""), rule(2, " ", group: true)]], model: "x.order").domain?
                .isAlwaysTrue == true)
    }

    @Test("a group's rule that lets nothing pass does not close what another opens")
    func never() {
        let set = compiler.compile(
            rules: ["x.order": [rule(1, "[(0, '=', 1)]", group: true), rule(2, "[('name', '=', 'a')]", group: true)]],
            model: "x.order")
        #expect(set.domain?.sql == "(t.name = ($5)[1])")
    }

    @Test("rules of the model that it delegates to hold through the link")
    func delegation() {
        let set = compiler.compile(
            rules: [
                "x.variant": [rule(1, "[('code', '=', 'v')]")],
                "x.order": [rule(2, "[('name', '=', 'a')]"), rule(3, "[('quantity', '=', 1)]", group: true)],
            ],
            model: "x.variant")
        #expect(
            set.domain?.sql
                == "((t.code = ($5)[1]) AND (EXISTS (SELECT FROM public.x_order a1 WHERE a1.id = t.order_id AND ((a1.name = ($5)[2]) AND (a1.quantity = ($4)[1])))))"
        )
        #expect(set.domain?.crossings == ["x.order.name", "x.order.quantity"])
    }

    @Test("a rule of the parent that cannot be compiled closes the child")
    func parentClosed() {
        let set = compiler.compile(rules: ["x.order": [rule(2, "[('secret', '=', 'a')]")]], model: "x.variant")
        #expect(set.domain == nil)
        #expect(set.findings.map(\.model) == ["x.order"])
    }

    @Test("one global rule that cannot be compiled closes the set and is named")
    func closed() {
        let set = compiler.compile(
            rules: [
                "x.order": [
                    rule(1, "[('name', '=', 'a')]"), rule(2, "[('secret', '=', 'b')]"),
                    rule(3, "nonsense", group: true),
                ]
            ],
            model: "x.order")
        #expect(set.domain == nil)
        #expect(set.findings.map(\.ruleID) == [2, 3])
        #expect(set.findings.map(\.error.code) == [.fieldComputed, .notADomain])
    }

    @Test("a group's rule that cannot be compiled closes the set, since what it would have shown is not known")
    func groupClosed() {
        let set = compiler.compile(
            rules: [
                "x.order": [
                    rule(1, "[('name', '=', 'a')]", group: true), rule(2, "[('secret', '=', 'b')]", group: true),
                ]
            ], model: "x.order")
        #expect(set.domain == nil)
    }

    @Test("where one group's rule lets everything pass, one that cannot be compiled does not matter")
    func open() {
        let set = compiler.compile(
            rules: [
                "x.order": [
                    rule(1, "[(1, '=', 1)]", group: true), rule(2, "[('secret', '=', 'b')]", group: true),
                    rule(3, "[('name', '=', 'a')]"),
                ]
            ],
            model: "x.order")
        #expect(set.domain?.sql == "(t.name = ($5)[1])")
        #expect(set.findings.map(\.ruleID) == [2])
    }

    @Test("rules that are too large together are reported as such")
    func tooMuch() {
        let terms = "[" + String(repeating: "('name', '=', 'a'),", count: 900) + "]"
        let set = compiler.compile(rules: ["x.order": (1...3).map { rule($0, terms) }], model: "x.order")
        #expect(set.domain == nil)
        #expect(Set(set.findings.map(\.error.code)) == [.tooLong])
    }
}
