@testable import ChangeFeedCommand
import ChangeFeed
import ChangeFeedTesting
import Foundation
import Postgres
import Testing

/// A rule that is understood, one that is not, and one with a name that is up to something.
@Suite("changefeed rule", .timeLimit(.minutes(10)))
struct RuleCommandTests {
    static let evil = "x'; DROP TABLE sale_order; --\n  do: rm -rf / */ $$ \u{1B}[31m"

    static func database() async throws -> TestDatabase {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql(
            """
            INSERT INTO ir_rule (id, name, model_id, domain_force)
            SELECT r.id, r.name, m.id, r.domain FROM ir_model m, (VALUES
                (901, 'Own orders', 'sale.order', '[(''user_id'', ''='', user.id)]'),
                (902, $n$\(evil)$n$, 'sale.order', '[(''user_id'', ''='', env.riddle())]'),
                (903, 'Templates', 'product.template', '[(''id'', ''!='', 2)]')) r (id, name, model, domain) WHERE m.model = r.model;
            INSERT INTO rule_group_rel VALUES (901, 4), (902, 1);
            """, user: "odoo")
        try await database.psql("SELECT changefeed.track(model) FROM changefeed.tracked_model")
        return database
    }

    private func run(_ database: TestDatabase, _ arguments: [String], user: String? = nil) async throws
        -> BuiltBinary.Result
    {
        try await BuiltBinary.run(arguments + ["--database", database.conninfo(user: user)])
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test(
        "list shows what is not understood or was decided, --all the rest, to the service's role, too, and each on one line"
    )
    func list() async throws {
        let database = try await Self.database()
        let list = try await run(database, ["rule", "list"], user: "changefeed_login")
        #expect(list.status == 0 && list.errors == "", "\(list.errors)")
        let lines = list.output.split(separator: "\n")
        #expect(
            lines.count == 2
                && lines[0].hasPrefix("id   model       applies to       understood  model is  decision  name"),
            "\(list.output)")
        #expect(
            lines.last?.hasPrefix(
                "902  sale.order  base.group_user  no          closed    -         x'; DROP TABLE sale_order; -- do: rm -rf / */ $$ \\u{1b}[31m"
            ) == true)
        #expect(lines.last?.hasSuffix("(name_unknown)") == true)
        let all = try await run(database, ["rule", "list", "--all", "--json"], user: "changefeed_login")
        let entries = try #require(try JSONSerialization.jsonObject(with: Data(all.output.utf8)) as? [[String: Any]])
        #expect(entries.compactMap { $0["id"] as? Int }.sorted() == [901, 902, 903])
        let odd = try #require(entries.first { $0["id"] as? Int == 902 })
        #expect(
            odd["name"] as? String == Self.evil && odd["compiles"] as? Bool == false && odd["closes"] as? Bool == true)
        // A variant is under its template's rules.
        #expect(
            entries.first { $0["id"] as? Int == 903 }?["models"] as? [String] == [
                "product.product", "product.template",
            ])
        let variants = try await run(database, ["rule", "list", "--all", "--model", "product.product"])
        #expect(variants.output.split(separator: "\n").dropFirst().map { $0.prefix(3) } == ["903"])
        #expect(
            try await run(database, ["rule", "list", "--model", "res.partner"]).output
                == "Every record rule compiles, and there are no decisions.\n")
        let unknown = try await run(database, ["rule", "list", "--model", "no.such"])
        #expect(unknown.status == 1 && unknown.errors.contains("Model no.such is not tracked"))
    }

    @Test("a domain for a model is refused with the usage of that very command")
    func overrideOfModel() async throws {
        let result = try await BuiltBinary.run([
            "rule", "override", "mail.message", "[]", "--database", "host=/nonexistent",
        ])
        #expect(result.status == 64 && result.output == "")
        #expect(result.errors.hasPrefix("Error: A domain can replace a rule, not a model's code"), "\(result.errors)")
        #expect(result.errors.contains("Usage: changefeed rule override "), "\(result.errors)")
    }

    @Test("decisions are stored and reported, and --dry-run stores nothing")
    func decide() async throws {
        let database = try await Self.database()
        let dry = try await run(database, ["rule", "allow", "902", "--dry-run"])
        #expect(
            dry.status == 0
                && dry.output.hasPrefix("Would be stored: allow rule 902 (x'; DROP TABLE sale_order; -- do: rm"),
            "\(dry.output) \(dry.errors)")
        #expect(try await database.psql("SELECT count(*) FROM changefeed.rule_decision") == "0")
        let allow = try await run(database, ["rule", "allow", "902", "--reason", "it's fine", "--json"])
        let report = try object(allow.output)
        #expect(
            report["rule_id"] as? Int == 902 && report["decision"] as? String == "allow"
                && report["dry_run"] as? Bool == false)
        #expect(report["models"] as? [String] == ["sale.order"] && report["missing_grants"] as? [String] == [])
        let list = try await run(database, ["rule", "list"])
        #expect(list.output.contains("  no          open      allow by postgres: it's fine  "), "\(list.output)")
        let override = try await run(database, ["rule", "override", "902", "[('partner_id.email', '!=', False)]"])
        #expect(
            override.status == 0 && override.output.contains("replaced by: [('partner_id.email', '!=', False)]"),
            "\(override.errors)")
        // The command granted what it reads.
        #expect(
            try await database.psql(
                "SELECT has_column_privilege('changefeed_reader', 'res_partner', 'email', 'SELECT')") == "t")
        #expect(try await run(database, ["rule", "deny", "902"]).status == 0)
        let clear = try await run(database, ["rule", "clear", "902"])
        #expect(clear.status == 0 && clear.output.contains("closed to the users to whom it applies"), "\(clear.output)")
        #expect(
            try await database.psql("SELECT string_agg(decision, ' ' ORDER BY id) FROM changefeed.rule_decision")
                == "allow override deny clear")
    }

    @Test(
        "a domain that cannot be turned into SQL for the rule's model is refused with the reason, and nothing is kept",
        arguments: [
            ("[('no_such_field', '=', 1)]", "field_unknown"), ("[('user_id', '=', env.riddle())]", "name_unknown"),
            ("not a domain", "syntax"),
            ("[('list_price', '>', 1)]", "field_unknown"),
        ])
    func invalid(domain: String, code: String) async throws {
        let database = try await Self.database()
        let result = try await run(database, ["rule", "override", "902", domain])
        #expect(
            result.status == 1 && result.errors.contains("(\(code))") && result.errors.contains("Nothing was stored"),
            "\(result.errors)")
        #expect(try await database.psql("SELECT count(*) FROM changefeed.rule_decision") == "0")
    }

    @Test("an unknown rule is an error; a role without the right to decide gets instructions and exit code 77")
    func refused() async throws {
        let database = try await Self.database()
        let unknown = try await run(database, ["rule", "allow", "999"])
        #expect(unknown.status == 1 && unknown.errors.contains("no active read rule with id 999"))
        let refused = try await run(
            database, ["rule", "allow", "901", "--reason", "it's fine"], user: "changefeed_login")
        #expect(refused.status == 77 && refused.output == "", "\(refused.errors)")
        #expect(
            refused.errors.contains("Role changefeed_login may not decide")
                && refused.errors.contains("SELECT * FROM changefeed.decide_rule(901, 'allow', NULL, 'it''s fine');"))
        #expect(try await database.psql("SELECT count(*) FROM changefeed.rule_decision") == "0")
    }

    @Test(
        "a member of changefeed_owner without grants on Odoo's tables decides; the remaining statements are listed, with exit code 2"
    )
    func owner() async throws {
        let database = try await Self.database()
        let role = "decider_\(database.name)"
        try await database.psql("CREATE ROLE \(role) LOGIN IN ROLE changefeed_owner")
        let result = try await run(
            database, ["rule", "override", "901", "[('partner_id.email', '=', 'partner2@example.com')]"], user: role)
        #expect(
            result.status == 2 && result.output.contains("  SELECT changefeed.grant_rules('sale.order');"),
            "\(result.output) \(result.errors)")
        #expect(
            try await database.psql("SELECT decision, decided_by FROM changefeed.rule_decision") == "override|\(role)")
        let verify = try await run(database, ["verify"])
        #expect(verify.status == 2 && verify.output.contains("CF124 error sale.order: "), "\(verify.output)")
        try await database.psql("SELECT changefeed.grant_rules('sale.order')")
        let mended = try await run(database, ["verify"]).output
        #expect(!mended.contains("CF124"), "\(mended)")
    }

    @Test("verify checks all rules, including unused ones, as far as the role's rights allow")
    func verify() async throws {
        let database = try await Self.database()
        let monitor = "monitor_\(database.name)"
        try await database.psql("CREATE ROLE \(monitor) LOGIN IN ROLE changefeed_monitor")
        let blind = try await run(database, ["verify"], user: monitor)
        #expect(
            blind.status == 0 && blind.errors.contains("record rules were not checked"),
            "\(blind.output) \(blind.errors)")
        let seeing = try await run(database, ["verify"], user: "changefeed_login")
        #expect(seeing.status == 2 && seeing.errors == "", "\(seeing.errors)")
        let line = try #require(seeing.output.split(separator: "\n").first { $0.hasPrefix("CF123") })
        #expect(
            line.hasPrefix(
                "CF123 warning sale.order: record rule 902 (x'; DROP TABLE sale_order; -- do: rm -rf / */ $$ ?[31m) closes it"
            ))
        #expect(
            !seeing.output.contains("\u{1B}") && seeing.output.contains("  do: changefeed rule override 902 DOMAIN"))
        let after = try await run(database, ["verify"], user: monitor)
        #expect(after.status == 2 && after.output.contains("CF123"))
    }

    @Test("a model whose access Odoo's code decides is listed, explained, and decided about by its name")
    func code() async throws {
        let database = try await Self.database()
        try await database.psql("SELECT changefeed.track('res.users')")
        let list = try await run(database, ["rule", "list", "--model", "res.users"], user: "changefeed_login")
        #expect(
            list.status == 0 && list.output.contains("res.users  closed    -         res.users.read"),
            "\(list.output) \(list.errors)")
        let json = try await run(database, ["rule", "list", "--json", "--model", "res.users"])
        let entries = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]])
        #expect(
            entries.count == 1 && entries[0]["state"] as? String == "closed" && entries[0]["kind"] as? String == "code")
        let explained = try await run(database, ["explain", "--user", "sales", "--model", "res.users", "--id", "2"])
        #expect(
            explained.output.contains(
                "NOT VISIBLE: the model is closed until an operator decides (changefeed rule allow res.users): res.users.read"
            ), "\(explained.output)")
        let refused = try await run(database, ["rule", "allow", "res.users"], user: "changefeed_login")
        #expect(refused.status == 77, "\(refused.errors)")
        let dry = try await run(database, ["rule", "allow", "res.users", "--dry-run"])
        #expect(
            dry.status == 0 && dry.output.hasPrefix("Would be stored: allow the code of res.users")
                && dry.output.contains("then open"), "\(dry.output) \(dry.errors)")
        #expect(try await database.psql("SELECT count(*) FROM changefeed.model_decision") == "0")
        let kept = try await run(database, ["rule", "allow", "res.users", "--reason", "it's fine"])
        #expect(
            kept.status == 0 && kept.output.hasPrefix("Stored: allow the code of res.users"),
            "\(kept.output) \(kept.errors)")
        #expect(
            try await run(database, ["explain", "--user", "sales", "--model", "res.users", "--id", "2"]).output
                .hasSuffix("\nVISIBLE\n"))
        #expect(
            try await run(database, ["rule", "list"]).output.contains(
                "res.users  open      allow by postgres: it's fine"))
        #expect(try await run(database, ["rule", "allow", "no.such"]).status == 1)
        #expect(try await run(database, ["rule", "override", "res.users", "[]"]).status == 64)
        #expect(try await run(database, ["rule", "allow", "x'; --"]).status == 64)
    }
}
