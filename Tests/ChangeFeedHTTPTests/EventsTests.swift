import ChangeFeedTesting
import HTTPTypes
import Testing

@Suite("GET /api/v1/webhook/events")
struct EventsTests {
    private static let path = "/api/v1/webhook/events"

    private func installed(_ sql: String = "") async throws -> (TestDatabase, Service) {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql("CALL changefeed.attach_default_models();")
        if !sql.isEmpty { try await database.psql(sql, user: "odoo") }
        return (database, try Service(database))
    }

    @Test("shows what was written as Odoo's role, newest first, by the mixin's rules")
    func events() async throws {
        let (_, service) = try await installed(
            """
            UPDATE res_partner SET phone = '1' WHERE id = 3;
            UPDATE res_partner SET phone = '2' WHERE id = 3;
            INSERT INTO sale_order (name, partner_id) VALUES ('S9', 1);
            UPDATE sale_order SET state = 'sale' WHERE name = 'S9';
            """)
        let answer = try await service.send(Self.path, key: TestKeys.admin)
        #expect(answer.status == 200)
        #expect(answer.headers[.contentType] == "application/json")
        let events = try #require(answer.array)
        #expect(
            events.map { "\($0["model"]!) \($0["record_id"]!) \($0["event"]!)" } == [
                "sale.order 6 create", "res.partner 3 write",
            ])
        #expect(Set(events[0].keys) == ["id", "model", "record_id", "event", "occurred_at"])
        let moment = try #require(events[0]["occurred_at"] as? String)
        #expect(moment.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z/) != nil)
    }

    @Test("filters by model, record, kind and time, and pages")
    func filters() async throws {
        let (_, service) = try await installed(
            "UPDATE res_partner SET phone = '1' WHERE id <= 5; DELETE FROM hr_expense; UPDATE sale_order SET state = 'x';"
        )
        func count(_ query: String) async throws -> Int? {
            try await service.send("\(Self.path)?\(query)", key: TestKeys.admin).array?.count
        }
        #expect(try await count("") == 11)
        #expect(try await count("model=res.partner") == 5)
        #expect(try await count("model=res.partner&record_id=3") == 1)
        #expect(try await count("record_id=9223372036854775807") == 0)
        #expect(try await count("event=unlink") == 1)
        #expect(try await count("since=2999-01-01") == 0)
        #expect(try await count("since=0001-01-01T00:00:00Z") == 11)
        #expect(try await count("since=9999-12-31T23:59:59.999999Z") == 0)
        #expect(try await count("since=2020-01-01T00:00:00+02:00") == 11)
        #expect(try await count("limit=4&offset=9") == 2)
        #expect(try await count("limit=1000&offset=100000") == 0)
    }

    @Test(
        "refuses keys that open nothing, all in the same words",
        arguments: [
            TestKeys.unknown, TestKeys.expired, TestKeys.inactive, "d033e22a" + String(repeating: "0", count: 32),
        ])
    func refused(key: String) async throws {
        let (_, service) = try await installed()
        let answer = try await service.send(Self.path, key: key)
        #expect(answer.status == 401 && answer.code == "api_key_invalid")
        #expect(answer.headers[.wwwAuthenticate]?.hasPrefix("Bearer") == true)
        #expect(!service.log.text.contains(key))
    }

    @Test("shows a user only the models that Odoo lets them read, and does not tell untracked from unreadable")
    func limited() async throws {
        let (_, service) = try await installed(
            "UPDATE account_move SET state = 'posted'; UPDATE res_partner SET phone = '1' WHERE id = 1;")
        let all = try await service.send(Self.path, key: TestKeys.sales)
        #expect(all.status == 200 && !all.text.contains("account.move") && all.text.contains("res.partner"))
        let unreadable = try await service.send("\(Self.path)?model=account.move", key: TestKeys.sales)
        let untracked = try await service.send("\(Self.path)?model=no.such.model", key: TestKeys.sales)
        #expect(unreadable.status == 403 && unreadable.code == "model_not_readable")
        #expect(untracked.status == 403)
        #expect(unreadable.object["detail"] as? String == untracked.object["detail"] as? String)
        #expect(try await service.send("\(Self.path)?model=account.move", key: TestKeys.admin).array?.count == 1)
    }

    @Test("a revoked key, a deactivated user and a lost right take effect immediately, even for a cached key")
    func revoked() async throws {
        let (database, service) = try await installed("UPDATE res_partner SET phone = '1' WHERE id = 1;")
        #expect(try await service.send(Self.path, key: TestKeys.sales).status == 200)
        #expect(try await service.send(Self.path, key: TestKeys.sales).status == 200)
        try await database.psql("DELETE FROM res_groups_users_rel WHERE uid = 6", user: "odoo")
        #expect(try await service.send(Self.path, key: TestKeys.sales).text == "[]")
        try await database.psql("UPDATE res_users SET active = false WHERE id = 6", user: "odoo")
        #expect(try await service.send(Self.path, key: TestKeys.sales).status == 401)
        try await database.psql("UPDATE res_users SET active = true WHERE id = 6", user: "odoo")
        #expect(try await service.send(Self.path, key: TestKeys.sales).status == 200)
        try await database.psql("DELETE FROM res_users_apikeys WHERE user_id = 6", user: "odoo")
        #expect(try await service.send(Self.path, key: TestKeys.sales).status == 401)
    }

    @Test("stops answering wrong keys after too many, and known keys keep working")
    func limit() async throws {
        let (_, service) = try await installed()
        #expect(try await service.send(Self.path, key: TestKeys.admin).status == 200)
        let wrong = "d033e22a" + String(repeating: "0", count: 32)
        for _ in 0..<10 { #expect(try await service.send(Self.path, key: wrong).status == 401) }
        let answer = try await service.send(Self.path, key: wrong)
        #expect(answer.status == 429 && answer.code == "too_many_failures")
        #expect((answer.headers[.retryAfter].flatMap { Int($0) } ?? 0) > 0)
        #expect(try await service.send(Self.path, key: TestKeys.admin).status == 200)
    }

    @Test("says 503 when the change feed is not installed")
    func notInstalled() async throws {
        let installed = try await PrivateCluster.shared().createDatabase(.installed)
        let database = try await PrivateCluster.shared().createDatabase(.odoo)
        let answer = try await Service(database).send(Self.path, key: TestKeys.admin)
        #expect(answer.status == 503 && answer.code == "not_installed")
        _ = installed
    }

    @Test("logs the user, the route and the status, never the key or the query")
    func log() async throws {
        let (_, service) = try await installed()
        _ = try await service.send("\(Self.path)?model=res.partner&record_id=4242", key: TestKeys.admin)
        let log = service.log.text
        #expect(log.contains("\"user_id\": 2") && log.contains(Self.path) && log.contains("200"))
        #expect(!log.contains("4242") && !log.contains(TestKeys.admin) && !log.contains("d033e22a"))
    }
}
