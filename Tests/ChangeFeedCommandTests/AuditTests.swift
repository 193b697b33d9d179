@testable import ChangeFeedCommand
import ChangeFeedTesting
import Foundation
import Testing

/// A database whose rows an Odoo answers from, with differences that the test plants.
@Suite("changefeed audit", .timeLimit(.minutes(10)))
struct AuditTests {
    private static let models = ["res.partner", "sale.order", "product.product"]

    private struct Here {
        let database: TestDatabase
        let odoo: StubOdoo
        let records: StubRecords

        func audit(_ more: [String] = [], key: String? = TestKeys.sales, user: String? = nil, url: String? = nil)
            async throws -> BuiltBinary.Result
        {
            try await BuiltBinary.run(
                ["audit", "--user", "sales", "--database", database.conninfo(user: user)] + more,
                environment: ["ODOO_URL": url ?? odoo.url].merging(key.map { ["CHANGEFEED_AUDIT_KEY": $0] } ?? [:]) {
                    first, _ in first
                })
        }
    }

    private func here() async throws -> Here {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        var records: [String: String] = [:]
        for model in try await database.psql("SELECT model FROM changefeed.tracked").split(separator: "\n").map(
            String.init)
        {
            let table = model.replacingOccurrences(of: ".", with: "_")
            records[model] = try await database.psql(
                "SELECT coalesce(json_agg(d.data), '[]') FROM changefeed.odoo_record_data(6, '\(model)', ARRAY(SELECT id::bigint FROM \(table))) d"
            )
        }
        // Odoo lets nobody of Sales read these.
        records["account.move"] = nil
        records["account.journal"] = nil
        let odoo = try await StubOdoo()
        let stub = try StubRecords(login: "sales", key: TestKeys.sales, user: 6, records: records)
        odoo.serve(stub)
        return Here(database: database, odoo: odoo, records: stub)
    }

    @Test("says that both sides are equal, exit 0, with search and read alone, and no key in any output")
    func equal() async throws {
        let here = try await here()
        let result = try await here.audit()
        #expect(result.status == 0 && result.output.hasSuffix("\nEQUAL\n"), "\(result.output) \(result.errors)")
        #expect(result.output.contains("account.move      closed here"), "\(result.output)")
        #expect(
            Set(here.records.calls.map { $0.split(separator: ".").last ?? "" }) == ["context_get", "search", "read"])
        #expect(!(result.output + result.errors).contains(TestKeys.sales))
        await here.odoo.stop()
    }

    @Test(
        "finds ids that are missing or too many and values that differ, by model and field, exit 2, and says how to close the model"
    )
    func differences() async throws {
        let here = try await here()
        here.records.hide(3, of: "sale.order")
        here.records.set("name", of: 2, in: "sale.order", to: #""other""#)
        here.records.set("amount_total", of: 1, in: "sale.order", to: "100")
        here.records.set("partner_id", of: 4, in: "sale.order", to: #"[4,"renamed"]"#)
        try await here.database.psql("DELETE FROM res_partner WHERE id = 20", user: "odoo")
        let result = try await here.audit(["--json"])
        let report = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        let found = (report["differences"] as? [[String: Any]] ?? []).map {
            "\($0["model"] ?? "") \($0["kind"] ?? "") \($0["field"] ?? "-") \($0["ids"] ?? "")".replacingOccurrences(
                of: "\n", with: ""
            )
            .replacingOccurrences(of: " ", with: "")
        }
        #expect(result.status == 2)
        #expect(
            found.sorted() == ["sale.ordertoo_much-[3]", "sale.ordervaluename[2]", "sale.ordervaluepartner_id[4]"],
            "\(result.output)")
        let table = try await here.audit(["--model", "sale.order"])
        #expect(
            table.status == 2 && table.output.contains("TOO MUCH")
                && table.output.contains("changefeed rule deny sale.order"), "\(table.output)")
        await here.odoo.stop()
    }

    @Test(
        "a record that the feed does not show is missing, and what is no longer so at the second look is no difference")
    func twice() async throws {
        let here = try await here()
        here.records.hideOnce([1, 2], of: "res.partner")
        #expect(try await here.audit(["--model", "res.partner"]).status == 0)
        try await here.database.psql(
            "INSERT INTO ir_rule (name, model_id, domain_force) SELECT 'few', id, '[(''id'', ''<'', 20)]' FROM ir_model WHERE model = 'res.partner'",
            user: "odoo")
        try await here.database.psql("SELECT changefeed.track('res.partner')")
        let result = try await here.audit(["--model", "res.partner", "--sample", "1000"])
        #expect(result.status == 2 && result.output.contains("res.partner  missing  -      20"), "\(result.output)")
        await here.odoo.stop()
    }

    @Test("ends with 77 where Odoo or the database refuses, 69 where Odoo does not answer, 78 without a key")
    func refusals() async throws {
        let here = try await here()
        #expect(try await here.audit(key: TestKeys.admin).status == 77)
        #expect(try await here.audit(user: "changefeed_login").status == 77)
        #expect(try await here.audit(url: "http://127.0.0.1:1").status == 69)
        here.odoo.serve(nil)
        let none = try await here.audit()
        #expect(
            none.status == 69 && none.errors.contains("module rpc") && !none.errors.contains(TestKeys.sales),
            "\(none.errors)")
        #expect(try await here.audit(key: nil).status == 78)
        await here.odoo.stop()
    }

    @Test("takes the key from a file")
    func file() async throws {
        let here = try await here()
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("key-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try (TestKeys.sales + "\n").write(to: file, atomically: true, encoding: .utf8)
        #expect(try await here.audit(["--key-file", file.path, "--model", "hr.expense"], key: nil).status == 0)
        await here.odoo.stop()
    }
}
