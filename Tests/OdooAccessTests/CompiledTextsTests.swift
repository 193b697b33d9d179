import ChangeFeedTesting
import Foundation
import OdooAccess
import Testing

/// The SQL that the compiler writes, for every kind of term and each release: kept in a file, so that a change shows in a review,
/// and tied to the compiler's version, by which databases forget what an older one wrote.
@Suite("The compiler's texts")
struct CompiledTextsTests {
    /// FNV-1a of the texts of each version. A change of the texts is a new version with a line of its own; no line is ever edited.
    private static let digests: [Int: String] = [
        6: "84be7239a9fbbe14"
    ]

    private static let domains: [(model: String, text: String)] = [
        (
            "x.order",
            "[('name', '=', 'a'), ('name', '!=', False), ('state', 'in', ['a', 'b', False]), ('name', 'not in', ['a'])]"
        ),
        ("x.order", "['|', ('name', 'ilike', 'a'), ('name', '=like', user.name), ('name', 'not like', 'b')]"),
        (
            "x.order",
            "[('amount', '>=', 1.5), ('quantity', '<', 3), ('quantity', '=', 0), ('is_done', '=', True), ('is_done', '!=', False)]"
        ),
        ("x.order", "[('day', '>', '2026-01-01'), ('moment', '<=', '2026-01-01')]"),
        ("x.order", "[('title', '=', 'a'), ('rating', '>', 2), ('note', '!=', 'x')]"),
        ("x.order", "[('company_id', 'in', company_ids), ('user_id', '=', user.id), ('company_id', '=', company_id)]"),
        ("x.order", "[('partner_id.ref', '=', 'x'), '!', ('partner_id.parent_id.name', '=', 'y')]"),
        (
            "x.order",
            "[('partner_id', 'child_of', [user.partner_id.id]), ('category_id', 'child_of', 3), ('category_id', 'parent_of', 4)]"
        ),
        (
            "x.order",
            "[('line_ids.name', '=', 'a'), ('line_ids', '!=', False), ('tag_ids', 'in', [1, 2]), ('tag_ids', 'not in', [3])]"
        ),
        ("x.order", "[('partner_name', '=', 'a'), ('partner_company_id', '=', False), ('grand_name', 'ilike', 'b')]"),
        (
            "x.order",
            "['|', ('message_partner_ids', 'in', [user.partner_id.id]), ('line_ids.order_id.message_partner_ids', '=', user.partner_id.id)]"
        ),
        ("x.category", "[('id', 'child_of', 3)]"),
        ("res.company", "[('id', 'parent_of', company_ids), ('id', 'child_of', company_ids)]"),
        ("res.partner", "['|', ('company_id', '=?', False), ('friend_ids.level', '>', 1), ('child_ids', '=', False)]"),
        ("x.variant", "[('name', '=', 'a'), ('sibling_ids.code', '=', 'b')]"),
        ("x.tag", "[('name', 'ilike', 'a'), ('order_ids.partner_id', '=', user.partner_id.id)]"),
        ("res.users", "[('id', 'in', user.groups_id.ids)]"),
        ("res.users", "[('id', 'in', user.all_group_ids.ids)]"),
        ("x.order", "[('moment', '>', (datetime.datetime.now() - relativedelta(days=3)).strftime('%Y-%m-%d'))]"),
        ("x.order", "[('moment', '>=', 'today -3d')]"),
        ("x.order", "[(1, '=', 1)]"),
        ("x.order", "[(0, '=', 1)]"),
    ]

    static var texts: String {
        var lines: [String] = []
        for release in 16...19 {
            let compiler = RuleCompiler(catalog: TestSchema.catalog(release: release))
            for (model, text) in domains {
                lines.append("# Odoo \(release), \(model): \(text)")
                do throws(DomainError) {
                    let compiled = try compiler.compile(domain: text, model: model)
                    lines.append(compiled.sql)
                    lines.append("as it was: \(compiled.formerly ?? "the same") \(compiled.formerTables)")
                    lines.append(
                        "\(compiled.numbers) \(compiled.texts) \(compiled.ownColumns) \(compiled.crossings) \(compiled.uses)"
                    )
                    lines.append("\(compiled.reads.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" })")
                } catch {
                    lines.append("refused: \(error)")
                }
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    static func digest(_ text: String) -> String {
        String(text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }, radix: 16)
    }

    @Test("equal the stored file; an intended change raises the version and writes a new file")
    func kept() throws {
        let path = #filePath.replacing("OdooAccessTests/CompiledTextsTests.swift", with: "Fixtures/compiled-rules.txt")
        let texts = Self.texts
        let kept = try String(contentsOfFile: path, encoding: .utf8)
        if texts != kept {
            let present = NSTemporaryDirectory() + "compiled-rules.txt"
            try texts.write(toFile: present, atomically: true, encoding: .utf8)
            Issue.record("other texts than \(path) holds; the present ones are in \(present)")
        }
        #expect(
            Self.digests[RuleCompiler.version] == Self.digest(texts),
            "these texts are none of version \(RuleCompiler.version): raise it, and add its line \(Self.digest(texts))")
    }

    @Test("no two versions share them, and the newest is the compiler's")
    func versions() {
        #expect(Set(Self.digests.values).count == Self.digests.count)
        #expect(Self.digests.keys.max() == RuleCompiler.version)
    }
}
