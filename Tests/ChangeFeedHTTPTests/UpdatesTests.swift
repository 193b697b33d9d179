@testable import ChangeFeedHTTP
import ChangeFeed
import ChangeFeedTesting
import HTTPTypes
import Testing

@Suite("check-updates and cleanup")
struct UpdatesTests {
    private static let check = "/api/v1/check-updates"
    private static let cleanup = "/api/v1/cleanup"
    private static let events = "/api/v1/webhook/events"

    private func installed(_ sql: String = "") async throws -> (TestDatabase, Service) {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        if !sql.isEmpty { try await database.psql(sql, user: "odoo") }
        return (database, try Service(database))
    }

    @Test("check-updates counts in the database what the events would show, of readable models only")
    func counts() async throws {
        let (_, service) = try await installed(
            """
            UPDATE res_partner SET phone = '1'; UPDATE res_partner SET phone = '2' WHERE id = 1;
            UPDATE account_move SET state = 'posted'; INSERT INTO sale_order (name, partner_id) VALUES ('S9', 1);
            UPDATE sale_order SET state = 'sale' WHERE name = 'S9';
            """)
        let answer = try await service.send(Self.check, key: TestKeys.sales)
        #expect(answer.status == 200)
        #expect(
            answer.text.hasSuffix(#""summary":[{"model":"res.partner","count":20},{"model":"sale.order","count":1}]}"#))
        #expect(answer.object["has_update"] as? Bool == true)
        let newest =
            try await service.send(Self.events + "?limit=1", key: TestKeys.sales).array?.first?["occurred_at"]
            as? String
        #expect(answer.object["last_update_at"] as? String == newest)
        #expect(try await service.send(Self.check, key: TestKeys.admin).text.contains("account.move"))
    }

    @Test("with nothing new it says so")
    func nothing() async throws {
        let (_, service) = try await installed("UPDATE res_partner SET phone = '1' WHERE id = 1")
        let answer = try await service.send(Self.check + "?since=2999-01-01", key: TestKeys.admin)
        #expect(answer.text == #"{"has_update":false,"last_update_at":null,"summary":[]}"#)
    }

    @Test(
        "parameters are checked before anything is looked up",
        arguments: [
            (HTTPRequest.Method.get, "/api/v1/check-updates?since=yesterday", "since"),
            (.get, "/api/v1/check-updates?since=", "since"),
            (.delete, "/api/v1/cleanup", "before"), (.delete, "/api/v1/cleanup?before=';DROP TABLE x", "before"),
            (.delete, "/api/v1/cleanup?before=2026-01-01&before=2026-01-02", "before"),
        ])
    func parameters(method: HTTPRequest.Method, uri: String, parameter: String) async throws {
        let answer = try await Service().send(uri.replacing(" ", with: "%20"), key: TestKeys.admin, method: method)
        #expect(answer.status == 422)
        #expect(answer.object["parameter"] as? String == parameter)
    }

    @Test("cleanup archives for the administrator, counts, and is done once")
    func cleans() async throws {
        let (database, service) = try await installed("UPDATE res_partner SET phone = '1' WHERE id <= 3")
        let answer = try await service.send(Self.cleanup + "?before=2999-01-01", key: TestKeys.admin, method: .delete)
        #expect(answer.status == 200)
        #expect(answer.text == #"{"deleted_count":3,"message":"3 events were archived."}"#)
        #expect(try await service.send(Self.events, key: TestKeys.admin).text == "[]")
        #expect(try await service.send(Self.check, key: TestKeys.admin).object["has_update"] as? Bool == false)
        let again = try await service.send(Self.cleanup + "?before=2999-01-01", key: TestKeys.admin, method: .delete)
        #expect(again.object["deleted_count"] as? Int == 0)
        #expect(try await database.psql("SELECT sum(cardinality(ids)) FROM changefeed.event") == "3")
        #expect(try await database.psql("SELECT archived_by FROM changefeed.archived") == "user 2")
    }

    @Test("cleanup is refused to others, who change nothing")
    func refused() async throws {
        let (database, service) = try await installed("UPDATE res_partner SET phone = '1' WHERE id <= 3")
        let answer = try await service.send(Self.cleanup + "?before=2999-01-01", key: TestKeys.sales, method: .delete)
        #expect(answer.status == 403 && answer.code == "cleanup_not_allowed")
        #expect(try await database.psql("SELECT count(*) FROM changefeed.archived") == "0")
        let open = try Service(database) { $0.cleanupGroup = "base.group_user" }
        #expect(
            try await open.send(Self.cleanup + "?before=2999-01-01", key: TestKeys.sales, method: .delete).status == 200
        )
    }

    @Test(
        "each path takes its methods only and says which",
        arguments: [
            (HTTPRequest.Method.delete, "/api/v1/check-updates", "GET, HEAD, OPTIONS"),
            (.get, "/api/v1/cleanup", "DELETE, OPTIONS"),
            (.post, "/api/v1/cleanup", "DELETE, OPTIONS"), (.put, "/", "GET, HEAD, OPTIONS"),
        ])
    func methods(method: HTTPRequest.Method, path: String, allowed: String) async throws {
        let answer = try await Service().send(path, key: TestKeys.admin, method: method)
        #expect(answer.status == 405)
        #expect(answer.headers[.allow] == allowed)
    }
}
