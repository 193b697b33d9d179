internal import OdooAccess

/// `zcat DUMP.sql.gz | rule-measure`: compiles the active read rules of an Odoo database that pg_dump wrote.
@main
struct RuleMeasure {
    static func main() {
        let dump = Dump.read()
        let catalog = dump.catalog
        let compiler = RuleCompiler(catalog: catalog)
        let rules = dump.rules
        var refused: [(String, DomainError)] = []
        let clock = ContinuousClock()
        var slowest = (Duration.zero, "")
        var bytes = 0
        let total = clock.measure {
            for rule in rules {
                var failure: DomainError?
                let time = clock.measure {
                    do throws(DomainError) {
                        bytes += try compiler.compile(domain: rule.domain, model: rule.model).sql.utf8.count
                    } catch {
                        failure = error
                    }
                }
                if let failure { refused.append(("\(rule.model): \(rule.name): \(rule.domain)", failure)) }
                if time > slowest.0 { slowest = (time, rule.name) }
            }
        }
        print("\(rules.count) rules, \(rules.count - refused.count) compiled in \(total), slowest \(slowest.0) (\(slowest.1)), \(bytes) bytes of SQL")
        for (rule, error) in refused { print("refused: \(rule)\n    \(error)") }
        limits(compiler)
    }

    /// The largest texts that are taken, and what is just too large.
    private static func limits(_ compiler: RuleCompiler) {
        let model = "res.partner"
        let term = "('name', '=', 'x')"
        let texts: [(String, String)] = [
            ("2,000 terms side by side", "[" + Array(repeating: term, count: 2_000).joined(separator: ",") + "]"),
            ("1,000 terms joined by |", "[" + String(repeating: "'|',", count: 999) + Array(repeating: term, count: 1_000).joined(separator: ",") + "]"),
            ("78 & and | by turns", "[" + String(repeating: "'&',\(term),'|',\(term),", count: 39) + term + "]"),
            ("1,000 & and | by turns", "[" + String(repeating: "'&',\(term),'|',\(term),", count: 499) + term + "]"),
            ("2,001 terms", "[" + Array(repeating: term, count: 2_001).joined(separator: ",") + "]"),
            ("16 nested any", String(repeating: "[('parent_id', 'any', ", count: 16) + "[\(term)]" + String(repeating: ")]", count: 16)),
            ("16 nested any under !", String(repeating: "['!', ('child_ids', 'any', ", count: 16) + "[\(term)]" + String(repeating: ")]", count: 16)),
            ("17 nested any", String(repeating: "[('parent_id', 'any', ", count: 17) + "[\(term)]" + String(repeating: ")]", count: 17)),
            ("60 brackets", String(repeating: "(", count: 60) + "[\(term)]" + String(repeating: ")", count: 60)),
            ("65 brackets", String(repeating: "(", count: 65) + "[]" + String(repeating: ")", count: 65)),
            ("path of 16 steps", "[('\(String(repeating: "parent_id.", count: 16))name', '=', 'x')]"),
            ("path of 100 steps", "[('\(String(repeating: "parent_id.", count: 99))name', '=', 'x')]"),
            ("1,000 paths of one relation", "[" + String(repeating: "'|',", count: 999) + Array(repeating: "('parent_id.name', '=', 'x')", count: 1_000).joined(separator: ",") + "]"),
            ("paths of 16 steps, as many as fit", "[" + Array(repeating: "('\(String(repeating: "child_ids.", count: 16))name', '=', 'x')", count: 350).joined(separator: ",") + "]"),
            ("1,000 '!'", "[" + String(repeating: "'!',", count: 1_000) + term + "]"),
            ("'!' and '|' by turns, 600 deep", "[" + String(repeating: "'!','|',\(term),", count: 600) + term + "]"),
            ("64 ors", "[('active', '=', \(Array(repeating: "False", count: 65).joined(separator: " or ")))]"),
            ("a text of 60,000 characters", "[('name', '=', '\(String(repeating: "x", count: 60_000))')]"),
            ("a list of 2,000 numbers", "[('id', 'in', [\((1...2_000).map(String.init).joined(separator: ","))])]"),
            ("10,000 numbers", "[('id', 'in', [\((1...10_000).map(String.init).joined(separator: ","))])]"),
        ]
        for (what, text) in texts {
            var outcome = ""
            let time = ContinuousClock().measure {
                do { outcome = "\(try compiler.compile(domain: text, model: model).sql.utf8.count) bytes of SQL" } catch { outcome = "\(error)" }
            }
            print("\(what): \(time): \(outcome)")
        }
    }
}
