@testable import ChangeFeedHTTP
import ChangeFeed
import ChangeFeedTesting
import Foundation
import HTTPTypes
import Postgres
import Testing

/// Messages, attachments and private meetings, which Odoo hides by Python code alone, asked for by a colleague and a portal user.
@Suite("Asking for what Odoo's Python code hides", .timeLimit(.minutes(10)))
struct CodeAccessAttackTests {
    private static let models = ["mail.message", "ir.attachment", "calendar.event"]

    private static func service() async throws -> (TestDatabase, Service) {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        for model in models {
            let table = model.replacingOccurrences(of: ".", with: "_")
            try await database.psql(
                """
                INSERT INTO ir_model (model, name) VALUES ('\(model)', '{}');
                CREATE TABLE \(table) (id serial PRIMARY KEY, name varchar, create_date timestamp, write_date timestamp);
                INSERT INTO ir_model_access (name, model_id, active, perm_read) SELECT 'all', id, true, true FROM ir_model WHERE model = '\(model)';
                INSERT INTO ir_model_fields (model, name, ttype, store, state) VALUES ('\(model)', 'id', 'integer', true, 'base'), ('\(model)', 'name', 'char', true, 'manual');
                INSERT INTO \(table) (name) VALUES ('before');
                """, user: "odoo")
            try await database.psql("SELECT changefeed.track('\(model)')")
        }
        let service = try Service(database, authentication: Authenticator.Configuration(allowPortalUsers: true))
        for key in [TestKeys.sales, TestKeys.portal] {
            _ = try await service.send("/api/v2/sync/pull?device_id=phone", key: key)
        }
        for model in models {
            let table = model.replacingOccurrences(of: ".", with: "_")
            try await database.psql(
                "INSERT INTO \(table) (name) VALUES ('SECRET MEETING'); UPDATE \(table) SET name = 'SECRET MEETING' WHERE id = 1; DELETE FROM \(table) WHERE id = 1",
                user: "odoo")
        }
        return (database, service)
    }

    private static func paths(_ model: String) -> [String] {
        [
            "/api/v2/sync/pull?device_id=phone", "/api/v2/sync/pull?device_id=phone&models=\(model)",
            "/api/v2/sync/snapshot?device_id=phone&model=\(model)",
            "/api/v2/sync/digest?device_id=phone&model=\(model)", "/api/v1/webhook/events?limit=50",
            "/api/v1/webhook/events?model=\(model)",
            "/api/v1/check-updates?since=2020-01-01T00:00:00Z",
        ]
    }

    @Test(
        "finds neither record nor name, by no path of either API, until it is allowed",
        arguments: [TestKeys.sales, TestKeys.portal])
    func nothing(key: String) async throws {
        let (database, service) = try await Self.service()
        for model in Self.models {
            for path in Self.paths(model) {
                let answer = try await service.send(path, key: key)
                let events = answer.object["events"] as? [[String: Any]] ?? []
                #expect(
                    !answer.text.contains("SECRET") && !events.contains { $0["model"] as? String == model },
                    "\(path): \(answer.text)")
                #expect(!(answer.object["models"] as? [String] ?? []).contains(model), "\(path): \(answer.text)")
            }
            #expect(
                try await service.send("/api/v2/sync/snapshot?device_id=phone&model=\(model)", key: key).status == 403)
            #expect(
                try await service.send("/api/v2/sync/digest?device_id=phone&model=\(model)", key: key).status == 403)
        }
        let first = try await service.send("/api/v1/webhook/events?limit=50", key: key)
        #expect(!Self.models.contains { first.text.contains($0) }, "\(first.text)")
        try await database.psql("SELECT changefeed.decide_model('calendar.event', 'allow', 'test')")
        let allowed = try await service.send("/api/v2/sync/snapshot?device_id=phone&model=calendar.event", key: key)
        #expect(allowed.status == 200 && allowed.text.contains("SECRET MEETING"), "\(allowed.text)")
    }
}
