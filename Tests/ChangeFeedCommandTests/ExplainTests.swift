@testable import ChangeFeedCommand
import ChangeFeed
import ChangeFeedTesting
import Foundation
import Postgres
import Testing

@Suite("changefeed explain", .timeLimit(.minutes(10)))
struct ExplainTests {
    private func explain(_ database: TestDatabase, _ arguments: String..., user: String? = nil) async throws
        -> BuiltBinary.Result
    {
        try await BuiltBinary.run(["explain", "--database", database.conninfo(user: user)] + arguments)
    }

    /// Orders 1 to 5 are user 6's; rule 901 shows who is in Sales their own.
    private func database(_ more: String = "") async throws -> TestDatabase {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql(
            """
            INSERT INTO ir_rule (id, name, model_id, domain_force)
            SELECT r.id, r.name, m.id, r.domain FROM ir_model m, (VALUES
                (901, 'Own orders', '[(''user_id'', ''='', user.id)]'), (902, 'Not the third', '[(''id'', ''!='', 3), (''name'', ''!='', ''it\\''s'')]')) r (id, name, domain)
            WHERE m.model = 'sale.order';
            INSERT INTO rule_group_rel VALUES (901, 2);
            """ + more, user: "odoo")
        try await database.psql("SELECT changefeed.track(model) FROM changefeed.tracked_model")
        return database
    }

    @Test("says who, by which line, under which rules with their SQL and values, and the verdict")
    func says() async throws {
        let database = try await database()
        let seen = try await explain(database, "--user", "sales", "--model", "sale.order", "--id", "1")
        #expect(
            seen.status == 0 && seen.errors == "" && seen.output.hasSuffix("\nVISIBLE\n"),
            "\(seen.output) \(seen.errors)")
        for part in [
            "user       sales (6), active, internal", "companies  1 enabled of 1, current 1",
            "groups     base.group_user, res.groups(2)",
            "  901   sale.order  res.groups(2)  passes   -         Own orders",
            "  902   sale.order  everybody      passes   -         Not the third",
            "domain  [('user_id', '=', user.id)]", "values  $4 {3}  $5 {\"it's\"}",
        ] {
            #expect(seen.output.contains(part), "\(part) in \(seen.output)")
        }
        // No value stands in the SQL.
        let json = try await explain(database, "--user", "admin", "--model", "sale.order", "--id", "3", "--json")
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        let rules = try #require(object["rules"] as? [[String: Any]])
        #expect(
            rules.map { $0["verdict"] as? String } == ["blocks", "blocks"] && object["is_visible"] as? Bool == false)
        #expect(rules.allSatisfy { ($0["sql"] as? String)?.contains("it's") == false })
        #expect(object["exists"] as? Bool == true && (object["obstacle"] as? String)?.contains("902") == true)
        #expect((object["access_lines"] as? [[String: Any]])?.contains { $0["applies"] as? Bool == true } == true)
        let groups = try await explain(database, "--user", "admin", "--model", "sale.order", "--id", "1")
        #expect(
            groups.output.hasSuffix(
                "NOT VISIBLE: one rule of the user's groups on sale.order has to match, and none does: 901\n"),
            "\(groups.output)")
    }

    static let obstacles: [(String, String, String, String)] = [
        ("inactive", "sale.order", "1", "the user is deactivated"),
        ("__system__", "sale.order", "1", "no request is served as the superuser"),
        ("sales", "account.move", "1", "no line of ir_model_access lets the user read the model"),
        ("sales", "sale.order", "99", "there is no such record"),
        ("sales", "product.category", "99", "there is no such record"),
        ("sales", "sale.order", "3", "every global rule has to match, and these do not: 902"),
    ]

    @Test("every reason not to see a record is a verdict, not an error", arguments: obstacles)
    func obstacle(login: String, model: String, id: String, reason: String) async throws {
        let result = try await explain(try await database(), "--user", login, "--model", model, "--id", id)
        #expect(
            result.status == 0 && result.output.hasSuffix("\nNOT VISIBLE: \(reason)\n"),
            "\(result.output) \(result.errors)")
    }

    @Test("companies count as a request's: others than the user's are refused, and the first is the current one")
    func companies() async throws {
        let database = try await database(
            "INSERT INTO ir_rule (id, name, model_id, domain_force) SELECT 903, 'companies', id, '[(''company_id'', ''in'', company_ids)]' FROM ir_model WHERE model = 'res.partner'; UPDATE res_partner SET company_id = 2 WHERE id = 2;"
        )
        func verdict(_ id: String, _ companies: String) async throws -> String {
            let result = try await explain(
                database, "--user", "admin", "--model", "res.partner", "--id", id, "--companies", companies)
            #expect(result.status == 0, "\(result.errors)")
            return String(result.output.split(separator: "\n").last ?? "")
        }
        #expect(try await verdict("2", "1,2") == "VISIBLE")
        #expect(try await verdict("2", "1") == "NOT VISIBLE: every global rule has to match, and these do not: 903")
        #expect(try await verdict("1", "2,1") == "VISIBLE")
        #expect(try await verdict("2", " 1 , 2 ") == "VISIBLE")
        #expect(
            try await verdict("1", "1,7")
                == "NOT VISIBLE: requests with these companies are refused: company_not_allowed")
        #expect(
            try await explain(database, "--user", "admin", "--model", "res.partner", "--id", "1", "--companies", "1,x")
                .status == 64)
        #expect(
            try await explain(database, "--user", "admin", "--model", "res.partner", "--id", "1", "--companies", "1,")
                .status == 64)
    }

    @Test("a rule that is not understood is closed, one that fails as it runs has failed, and a decision is shown")
    func closed() async throws {
        let database = try await database(
            "UPDATE ir_rule SET domain_force = '[(''user_id'', ''='', env.riddle())]' WHERE id = 902;")
        let closed = try await explain(database, "--user", "sales", "--model", "sale.order", "--id", "1")
        #expect(closed.status == 0 && closed.output.contains("closed   -         Not the third"), "\(closed.output)")
        #expect(
            closed.output.hasSuffix(
                "NOT VISIBLE: the model is closed to this user, because these rules cannot be compiled: 902\n"))
        try await database.psql("SELECT changefeed.decide_rule(902, 'allow')")
        let allowed = try await explain(database, "--user", "sales", "--model", "sale.order", "--id", "1")
        #expect(
            allowed.output.contains("passes   allow     Not the third") && allowed.output.hasSuffix("\nVISIBLE\n"),
            "\(allowed.output)")
        try await database.psql("REVOKE SELECT (user_id) ON sale_order FROM changefeed_reader")
        let failed = try await explain(database, "--user", "sales", "--model", "sale.order", "--id", "1")
        #expect(
            failed.status == 0
                && failed.output.contains("  failed  the record rules of sale.order failed: permission denied"),
            "\(failed.output)")
        #expect(failed.output.contains("\nNOT VISIBLE: requests fail: the record rules of sale.order failed"))
        try await database.psql("REVOKE SELECT (id) ON sale_order FROM changefeed_reader")
        let unknown = try await explain(database, "--user", "sales", "--model", "sale.order", "--id", "1")
        #expect(
            unknown.output.contains("  902   sale.order  everybody      unknown  allow     Not the third")
                && unknown.output.hasSuffix(
                    "NOT VISIBLE: whether there is such a record is not known: changefeed_reader may not read the ids of its table\n"
                ), "\(unknown.output)")
    }

    @Test("a user or a model that there is not, and a role that may not ask, are errors")
    func errors() async throws {
        let database = try await database()
        let user = try await explain(database, "--user", "nobody\u{1B}[2J", "--model", "sale.order", "--id", "1")
        #expect(
            user.status == 1 && user.errors.contains("Odoo has no user with login nobody\\u{1b}[2J."), "\(user.errors)")
        let model = try await explain(database, "--user", "sales", "--model", "no.such", "--id", "1")
        #expect(model.status == 1 && model.errors.contains("Model no.such is not tracked."))
        let service = try await explain(
            database, "--user", "sales", "--model", "sale.order", "--id", "1", user: "changefeed_login")
        #expect(
            service.status == 77 && service.output == ""
                && service.errors.contains("a member of changefeed_owner with --database"), "\(service.errors)")
        let owner = "asker_\(database.name)"
        try await database.psql("CREATE ROLE \(owner) LOGIN IN ROLE changefeed_owner")
        let member = try await explain(database, "--user", "sales", "--model", "sale.order", "--id", "1", user: owner)
        #expect(member.status == 0 && member.output.hasSuffix("\nVISIBLE\n"), "\(member.errors)")
    }

    // MARK: the real Odoo

    @Test(
        "its verdict is what a request shows and what Odoo showed, for every user and model of the real database",
        .enabled(if: Fixture.real("oracle.json.gz") != nil, "the real Odoo database is not beside this checkout"))
    func odoo() async throws {
        let oracle = try await OdooAnswers.read()
        let database = try await PrivateCluster.shared().createDatabase(.realInstalled)
        let connection = try await database.connect()
        let tracked = try await connection.lines("SELECT model FROM changefeed.tracked ORDER BY 1")
        var seen = 0
        var unseen = 0
        for (login, user) in oracle.users.sorted(by: { $0.key < $1.key }) {
            for model in tracked {
                guard let answer = user.models[model] else { continue }
                let table = model.replacingOccurrences(of: ".", with: "_")
                let all =
                    try await connection.query("SELECT array_agg(id ORDER BY id) AS ids FROM \(table)").first?["ids"]
                    .intArray() ?? []
                let visible = Set(answer.visibleIDs ?? [])
                // The first and the last of both kinds.
                let shown = all.filter(visible.contains)
                let hidden = all.filter { !visible.contains($0) }
                for id in Set([shown.first, shown.last, hidden.first, hidden.last].compactMap(\.self)) {
                    let explained = try await AccessExplanation.explain(
                        login: login, model: model, recordID: id, companies: nil
                    ) {
                        try await connection.query($0)
                    }
                    let explanation = try #require(explained)
                    #expect(
                        explanation.isVisible == visible.contains(id),
                        "\(login) \(model) \(id): \(explanation.obstacle ?? "visible")")
                    let requested = try await connection.value(
                        "SELECT $3::bigint = ANY (changefeed.rules_visible((changefeed.access_scopes($1, ARRAY[$2], NULL)).scopes[1], ARRAY[$3::bigint]))",
                        [.int(user.uid), .text(model), .int(id)])
                    #expect(explanation.isVisible == (requested == "t"), "\(login) \(model) \(id)")
                    if explanation.isVisible { seen += 1 } else { unseen += 1 }
                    // The rules' verdicts add up to the whole one.
                    if explanation.readAs != nil {
                        let groups = Dictionary(grouping: explanation.rules.filter { !$0.isGlobal }, by: \.model)
                        let sum =
                            explanation.rules.allSatisfy { !$0.isGlobal || $0.verdict == .passes }
                            && groups.values.allSatisfy { $0.contains { $0.verdict == .passes } }
                        #expect(sum == explanation.isVisible, "\(login) \(model) \(id)")
                    }
                }
            }
        }
        #expect(seen > 60 && unseen > 30, "\(seen) seen, \(unseen) not")
        // The example of docs/access.md, but for a line that is cut short there.
        let page = try String(contentsOfFile: Fixture.sqlFolder + "/../docs/access.md", encoding: .utf8)
        let example = try #require(
            page.components(separatedBy: "```text\n").dropFirst().first?.components(separatedBy: "\n```").first)
        let output = try await explain(database, "--user", "demo", "--model", "sale.order", "--id", "2").output
        let shown = example.split(separator: "\n").filter { !$0.contains("…") }
        #expect(shown.count > 25)
        for line in shown { #expect(output.contains("\(line)\n"), "\(line) in \(output)") }
    }
}
