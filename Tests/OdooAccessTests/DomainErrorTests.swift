import OdooAccess
import Testing

@Suite("Errors of domains")
struct DomainErrorTests {
    /// A domain for every code.
    private static let examples: [(DomainError.Code, String, String)] = [
        (.syntax, "[('name', '=', 'x'", "x.order"),
        (.tooDeep, String(repeating: "(", count: 70) + "[]" + String(repeating: ")", count: 70), "x.order"),
        (.tooLong, "[" + String(repeating: "('id', '=', 1),", count: 2_001) + "]", "x.order"),
        (.nameUnknown, "[('name', '=', password)]", "x.order"),
        (.nameUnknown, "[('name', '=', user.env.cr)]", "x.order"),
        (.nameUnknown, "[('name', '=', user.search([]))]", "x.order"),
        (.nameUnknown, "[('name', '=', user.nothing)]", "x.order"),
        (.notADomain, "5", "x.order"), (.notADomain, "['&', ('id', '=', 1)]", "x.order"),
        (.notADomain, "[('id', '=')]", "x.order"),
        (.notADomain, "['name']", "x.order"), (.notADomain, "[(2, '=', 1)]", "x.order"),
        (.notADomain, "[('', '=', 1)]", "x.order"),
        (.notADomain, "[('partner_id', 'any', 5)]", "x.order"), (.notADomain, "[(1, '!=', 1)]", "x.order"),
        (.fieldUnknown, "[('nothing', '=', 1)]", "x.order"),
        (.fieldUnknown, "[('partner_id.nothing', '=', 1)]", "x.order"),
        (.fieldComputed, "[('secret', '=', 'x')]", "x.order"),
        (.fieldComputed, "[('partner_id.order_ids.secret', '!=', False)]", "x.order"),
        (.operatorUnsupported, "[('name', 'near', 'x')]", "x.order"),
        (.operatorUnsupported, "[('partner_id', '=', 'x')]", "x.order"),
        (.operatorUnsupported, "[('name.x', '=', 'x')]", "x.order"),
        (.operatorUnsupported, "[('child_ids', 'child_of', 1)]", "x.category"),
        (.operatorUnsupported, "[('partner_id', '<', 3)]", "x.order"),
        (.operatorUnsupported, "[('name', 'child_of', 3)]", "x.order"),
        (.operatorUnsupported, "[('message_partner_ids', 'ilike', 'x')]", "x.order"),
        (.valueInvalid, "[('quantity', '=', 'x')]", "x.order"),
        (.valueInvalid, "[('day', '>', '2024-02-30')]", "x.order"),
        (.valueInvalid, "[('moment', '>', 'last week')]", "x.order"),
        (.valueInvalid, "[('is_done', '=', 'x')]", "x.order"),
        (.valueInvalid, "[('day', '=', user.login)]", "x.order"),
        (.valueInvalid, "[('name', '=like', 'a\\\\')]", "x.order"),
        (.valueInvalid, "[('id', 'in', 3)]", "x.order"), (.valueInvalid, "[('name', '=', user)]", "x.order"),
        (.modelMissing, "[('id', '=', 1)]", "x.missing"), (.modelMissing, "[('other_id.name', '=', 'x')]", "x.lonely"),
        (.modelMissing, "[('other_id', 'any', [('name', '=', 'x')])]", "x.lonely"),
        (.tableMissing, "[('viewed_id.name', '=', 'x')]", "x.lonely"),
        (.columnUnfit, "[('flag', '=', True)]", "x.lonely"), (.columnUnfit, "['!', ('flag', '=', False)]", "x.lonely"),
    ]

    private static var catalog: Catalog {
        var catalog = TestSchema.catalog
        catalog.add([
            "x.lonely": CatalogModel(
                name: "x.lonely", table: "public.x_lonely",
                fields: [
                    "other_id": CatalogField(
                        name: "other_id", type: "many2one", column: "other_id", columnType: "integer",
                        relation: "x.other"),
                    "viewed_id": CatalogField(
                        name: "viewed_id", type: "many2one", column: "viewed_id", columnType: "integer",
                        relation: "x.view"),
                    "flag": CatalogField(
                        name: "flag", type: "boolean", column: "flag", columnType: "character varying(16)"),
                ]),
            "x.view": CatalogModel(
                name: "x.view", table: nil,
                fields: ["name": CatalogField(name: "name", type: "char", column: "name", columnType: "text")]),
        ])
        return catalog
    }

    @Test("each kind of fault has its code and says what and where", arguments: examples.indices)
    func codes(index: Int) {
        let (code, text, model) = Self.examples[index]
        do throws(DomainError) {
            let domain = try RuleCompiler(catalog: Self.catalog).compile(domain: text, model: model)
            Issue.record("taken: \(text.prefix(80)): \(domain.sql)")
        } catch {
            #expect(error.code == code, "\(text.prefix(80)): \(error)")
            #expect(error.description.hasSuffix("(\(code.rawValue))"))
            #expect((error.missingModel != nil) == (code == .modelMissing))
        }
    }

    @Test("no code is without an example")
    func complete() { #expect(Set(Self.examples.map { $0.0 }) == Set(DomainError.Code.allCases)) }

    @Test("the model that is missing is named, so that it can be loaded")
    func missing() {
        let rule = RecordRule(id: 7, name: "lonely", domain: "[('other_id.name', '=', 'x')]", isGlobal: true)
        let set = RuleCompiler(catalog: Self.catalog).compile(rules: ["x.lonely": [rule]], model: "x.lonely")
        #expect(set.domain == nil)
        #expect(set.missingModel == "x.other")
        #expect(set.findings.map(\.ruleID) == [7])
    }
}
