import ChangeFeedTesting
import OdooAccess
import Testing

/// Texts of rules are written by others.
@Suite("Hostile texts")
struct HostileTextTests {
    private let compiler = RuleCompiler(catalog: TestSchema.catalog)

    private static let models = TestSchema.roots

    private func domains(seed: UInt64, count: Int, _ body: (String, String, Node) throws -> Void) rethrows {
        let data = TestData(seed: seed)
        var random = SeededGenerator(seed: seed)
        for index in 0..<count {
            let asker = Asker(user: data.rows["res.users"]?.keys.sorted().first ?? 1, company: 1, companies: [1])
            var generator = DomainGenerator(random: random, data: data, asker: asker)
            let model = Self.models[index % Self.models.count]
            let domain = generator.domain(of: model)
            random = generator.random
            try body(model, domain.python, domain)
        }
    }

    @Test("no value of a rule's text appears in the SQL")
    func values() {
        var compiled = 0
        var number: Int64 = 7_310_000
        func marked(_ value: Literal) -> Literal {
            number += 1
            switch value {
            case .integer: return .integer(Int(number))
            case .decimal: return .decimal("\(number).5")
            case .text(let text) where text.count == 10 && text.hasPrefix("20"): return value
            case .text(let text) where text.count == 19: return value
            case .text: return .text("m\(number)'m\"; --")
            case .list(let items): return .list(items.map(marked))
            default: return value
            }
        }
        func marked(_ node: Node) -> Node {
            switch node {
            case .truth: node
            case .and(let parts): .and(parts.map(marked))
            case .or(let parts): .or(parts.map(marked))
            case .not(let inner): .not(marked(inner))
            case .term(let path, let op, let value): .term(path, op, marked(value))
            case .sub(let path, let isNegative, let inner): .sub(path, isNegative: isNegative, marked(inner))
            }
        }
        domains(seed: 11, count: 800) { model, _, node in
            guard let domain = try? compiler.compile(domain: marked(node).python, model: model) else { return }
            compiled += 1
            #expect(!domain.sql.contains("731"), "\(domain.sql)")
            #expect(!domain.sql.contains("--") && !domain.sql.contains(";"), "\(domain.sql)")
            #expect(
                !domain.sql.contains("2024-") && !domain.sql.contains("2023-") && !domain.sql.contains("2026-"),
                "\(domain.sql)")
        }
        #expect(compiled > 700)
    }

    @Test("the SQL reads only columns of the row, and these are reported")
    func ownRow() {
        domains(seed: 12, count: 800) { model, text, _ in
            guard let domain = try? compiler.compile(domain: text, model: model) else { return }
            #expect(SQLShape.refersToColumnsOfRowAlone(domain.sql), "\(text)\n\(domain.sql)")
            #expect(SQLShape.fault(domain.sql) == nil, "\(domain.sql)")
            let columns = Set((TestSchema.models[model]?.fields ?? []).filter { $0.columnType != nil }.map(\.name))
            let used = columns.intersection(SQLShape.columnsOfRow(domain.sql))
            #expect(used.isSubset(of: domain.ownColumns), "\(text)\n\(domain.sql)")
            // What is read is granted.
            let table = TestSchema.models[model]?.table ?? ""
            for name in used { #expect(domain.reads["public.\(table)"]?.contains(name) == true, "\(name): \(text)") }
        }
    }

    @Test("texts that were tampered with are refused or become sound SQL, from a seed", arguments: [UInt64(1), 2])
    func mutations(seed: UInt64) {
        var texts: [(String, [UInt8])] = []
        domains(seed: seed, count: 400) { model, text, _ in texts.append((model, Array(text.utf8))) }
        let words = [
            "'", "\"", "\\", "(", ")", "[", "]", ",", "'!',", "'|',", "'&',", "not ", "#", "\n", "-", "user.", ".id",
            "\u{0}", "é", "'''", " + ", " if ", "\\x", "9999999999",
        ]
        .map { Array($0.utf8) }
        var random = SeededGenerator(seed: seed &* 31)
        var (taken, refused) = (0, 0)
        for round in 0..<5_000 {
            let (model, original) = texts[round % texts.count]
            var bytes = original
            for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<6, using: &random) {
                case 0: bytes.remove(at: place)
                case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 2: bytes.insert(contentsOf: words[Int.random(in: 0..<words.count, using: &random)], at: place)
                case 3: bytes.removeSubrange(place..<min(place + Int.random(in: 1...20, using: &random), bytes.count))
                case 4:
                    let other = texts[Int.random(in: 0..<texts.count, using: &random)].1
                    let from = Int.random(in: 0..<other.count, using: &random)
                    bytes.insert(contentsOf: other[from..<min(from + 25, other.count)], at: place)
                default: bytes.insert(contentsOf: bytes[place..<min(place + 15, bytes.count)], at: place)
                }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            do {
                let domain = try compiler.compile(domain: text, model: model)
                taken += 1
                if let fault = SQLShape.fault(domain.sql) { Issue.record("\(fault): \(text)\n\(domain.sql)") }
                if !SQLShape.refersToColumnsOfRowAlone(domain.sql) { Issue.record("\(text)\n\(domain.sql)") }
            } catch {
                refused += 1
                if error.message.isEmpty { Issue.record("refused without a word: \(text)") }
            }
        }
        // Both ways out were taken.
        #expect(taken > 30)
        #expect(refused > 1_000)
    }
}
