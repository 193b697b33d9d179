import ChangeFeedTesting
import Foundation
import Postgres
import Testing

@Suite("changefeed field", .timeLimit(.minutes(10)))
struct FieldCommandTests {
    /// Sales orders with a column that nothing is known of and one that looks like a secret; the table is granted by columns.
    private func database() async throws -> TestDatabase {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql(
            """
            ALTER TABLE sale_order ADD COLUMN shop_rank int, ADD COLUMN access_token varchar;
            INSERT INTO ir_model_fields (model, name, ttype, store) VALUES ('sale.order', 'shop_rank', 'integer', true), ('sale.order', 'access_token', 'char', true);
            REVOKE SELECT ON sale_order FROM changefeed_definer; SELECT changefeed.grant_data('sale.order');
            """)
        return database
    }

    private func field(_ database: TestDatabase, _ arguments: String..., user: String? = nil) async throws
        -> BuiltBinary.Result
    {
        try await BuiltBinary.run(["field"] + arguments + ["--database", database.conninfo(user: user)])
    }

    private func object<T>(_ text: String, as type: T.Type = T.self) throws -> T {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? T)
    }

    @Test("lists withheld fields, decides, and reports what changed")
    func decides() async throws {
        let database = try await database()
        let listed = try await field(database, "list", user: "changefeed_login")
        #expect(
            listed.status == 0 && listed.output.split(separator: "\n").count == 3, "\(listed.errors)\(listed.output)")
        #expect(
            listed.output.contains("sale.order  shop_rank     unknown")
                && listed.output.contains("sale.order  access_token  secret"))
        let tried = try await field(database, "allow", "sale.order", "shop_rank", "--dry-run")
        #expect(
            tried.status == 0
                && tried.output == "Would be stored: allow sale.order shop_rank\n  shop_rank  unknown -> open\n",
            "\(tried.errors)")
        #expect(try await database.psql("SELECT count(*) FROM changefeed.field_decision") == "0")
        let allowed = try await field(database, "allow", "sale.order", "shop_rank", "--reason", "the app sorts by it")
        #expect(
            allowed.status == 0
                && allowed.output == "Stored: allow sale.order shop_rank\n  shop_rank  unknown -> open\n",
            "\(allowed.errors)")
        let rows: [[String: Any]] = try object(
            try await field(database, "list", "--model", "sale.order", "--json").output)
        #expect(rows.map { $0["field"] as? String } == ["access_token", "shop_rank"])
        #expect(
            Set(rows[1].keys) == [
                "model", "field", "type", "state", "groups", "decision", "decided_at", "decided_by", "reason",
                "missing_grant",
            ])
        #expect(
            rows[1]["state"] as? String == "open" && rows[1]["decision"] as? String == "allow"
                && rows[1]["decided_by"] as? String == "postgres")
        #expect(rows[1]["reason"] as? String == "the app sorts by it" && rows[1]["groups"] as? [String] == [])
        #expect(try await field(database, "deny", "sale.order", "shop_rank").output.contains("open -> denied"))
        #expect(try await field(database, "clear", "sale.order", "shop_rank").output.contains("denied -> unknown"))
        #expect(
            try await field(database, "allow", "sale.order", "*").output
                == "Stored: allow sale.order *\n  shop_rank  unknown -> open\n")
        #expect(
            try await field(database, "list", "--model", "sale.order", "--all").output.split(separator: "\n").count
                == 11)
        #expect(
            try await database.psql("SELECT string_agg(decision, ' ' ORDER BY id) FROM changefeed.field_decision")
                == "allow deny clear allow")
    }

    @Test("a secret that is allowed by its name is granted, or the statement is printed")
    func grants() async throws {
        let database = try await database()
        // A member of changefeed_owner may decide, but owns no table of Odoo.
        let role = "decider_\(ProcessInfo.processInfo.processIdentifier)"
        try await database.psql("CREATE ROLE \(role) LOGIN IN ROLE changefeed_owner")
        let told = try await field(database, "allow", "sale.order", "access_token", "--json", user: role)
        #expect(told.status == 2, "\(told.errors)")
        let report: [String: Any] = try object(told.output)
        #expect(Set(report.keys) == ["model", "field", "decision", "dry_run", "changes", "missing_grants"])
        let grant = "GRANT SELECT (access_token) ON public.sale_order TO changefeed_definer;"
        #expect(report["missing_grants"] as? [String] == [grant])
        #expect(
            (report["changes"] as? [[String: String]]) == [["field": "access_token", "from": "secret", "to": "open"]])
        let data = "SELECT data::jsonb ? 'access_token' FROM changefeed.odoo_record_data(2, 'sale.order', '{1}')"
        #expect(try await database.psql(data) == "f")
        let done = try await field(database, "allow", "sale.order", "access_token")
        #expect(
            done.status == 0 && done.output == "Stored: allow sale.order access_token\n  No field's state changes.\n",
            "\(done.errors)\(done.output)")
        #expect(try await database.psql(data) == "t")
        #expect(try await field(database, "clear", "sale.order", "access_token").status == 0)
        #expect(try await database.psql(data) == "f")
        try await database.psql("DROP ROLE \(role)")
    }

    @Test("exit codes: 77 for the service's role, 1 for what is not there, 64 for half a question")
    func exitCodes() async throws {
        let database = try await database()
        #expect(try await field(database, "allow", "sale.order", "shop_rank", user: "changefeed_login").status == 77)
        let unknown = try await field(database, "allow", "sale.order", "no_field")
        #expect(unknown.status == 1 && unknown.errors.contains("no stored field"))
        #expect(try await field(database, "deny", "no.model", "*").status == 1)
        #expect(try await field(database, "list", "--model", "no.model").status == 1)
        #expect(try await field(database, "allow", "sale.order").status == 64)
        #expect(
            try await BuiltBinary.run(["field", "list", "--database", "host=/nonexistent dbname=none"]).status == 69)
        #expect(try await database.psql("SELECT count(*) FROM changefeed.field_decision") == "0")
    }
}
