@testable import ChangeFeedHTTP
import ChangeFeedTesting
import HTTPTypes
import Testing

@Suite("Tables that the feed may not read", .timeLimit(.minutes(10)))
struct RowSecurityTests {
    @Test(
        "row level security on a table is named, hides nothing in silence, and closes its model alone",
        arguments: ["true", "false"])
    func rowSecurity(data: String) async throws {
        let (database, service) = try await SyncTests.installed(
            """
            INSERT INTO ir_rule (name, model_id, domain_force) SELECT 'some', id, $$[('id', '>', 0)]$$ FROM ir_model WHERE model = 'sale.order';
            """)
        func pull(_ model: String) async throws -> Answer {
            try await service.send(
                SyncTests.pull + "?device_id=\(model)&models=\(model)&data=\(data)", key: TestKeys.admin)
        }
        for model in ["sale.order", "res.partner"] { #expect(try await pull(model).status == 200) }
        try await database.psql(
            "ALTER TABLE sale_order ENABLE ROW LEVEL SECURITY; UPDATE sale_order SET state = 'sale' WHERE id = 1; UPDATE res_partner SET phone = '1' WHERE id = 1",
            user: "odoo")
        let closed = try await pull("sale.order")
        #expect(closed.status == 503 && closed.code == "table_not_readable", "\(closed.text)")
        #expect((try await pull("res.partner").object["events"] as? [Any])?.count == 1)
        let found = try await database.psql("SELECT level, object FROM changefeed.verify() WHERE code = 'CF145'")
        #expect(found == "error|public.sale_order", "\(found)")
        try await database.psql("ALTER TABLE sale_order DISABLE ROW LEVEL SECURITY", user: "odoo")
        #expect((try await pull("sale.order").object["events"] as? [Any])?.count == 1)
        #expect(try await database.psql("SELECT count(*) FROM changefeed.verify() WHERE code = 'CF145'") == "0")
    }
}
