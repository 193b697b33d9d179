@testable import ChangeFeedHTTP
import ChangeFeed
import ChangeFeedTesting
import Foundation
import HTTPTypes
import Postgres
import Testing

/// Reset, state and limits of devices.
extension SyncTests {
    @Test("reset begins with now, with the oldest event, or with a time")
    func resets() async throws {
        let (database, service) = try await Self.installed("UPDATE res_partner SET phone = '1' WHERE id = 1")
        try await database.psql("UPDATE changefeed.event SET occurred_at = now() - interval '2 hours'")
        try await database.psql("UPDATE res_partner SET phone = '1' WHERE id = 2", user: "odoo")
        func begins(_ to: String) async throws -> [String] {
            let answer = try await service.send(
                Self.reset + "?device_id=phone&to=\(to)", key: TestKeys.admin, method: .post)
            #expect(answer.status == 200)
            return kinds(try await service.send(Self.pull + "?device_id=phone", key: TestKeys.admin))
        }
        #expect(try await begins("now") == [])
        #expect(try await begins("earliest") == ["write res.partner 1", "write res.partner 2"])
        let hourAgo = try await database.psql(
            "SELECT to_char(now() AT TIME ZONE 'UTC' - interval '1 hour', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')")
        #expect(try await begins(hourAgo) == ["write res.partner 2"])
        let wrong = try await service.send(
            Self.reset + "?device_id=phone&to=yesterday", key: TestKeys.admin, method: .post)
        #expect(wrong.status == 422 && wrong.object["parameter"] as? String == "to")
    }

    @Test("state says what waits and since when, of one's own devices")
    func states() async throws {
        let (_, service) = try await Self.installed("UPDATE res_partner SET phone = '1' WHERE id <= 2")
        #expect(try await service.send(Self.state + "?device_id=phone", key: TestKeys.admin).status == 404)
        _ = try await service.send(Self.pull + "?device_id=phone&app_type=sales_app", key: TestKeys.admin)
        let answer = try await service.send(Self.state + "?device_id=phone&user_id=2", key: TestKeys.admin)
        #expect(answer.object["pending"] as? Int == 2 && answer.object["app_type"] as? String == "sales_app")
        #expect((answer.object["lag_seconds"] as? Double ?? 0) > 0)
        #expect(try await service.send(Self.state + "?device_id=phone", key: TestKeys.sales).code == "device_unknown")
        #expect(
            try await service.send(Self.state + "?device_id=phone&user_id=6", key: TestKeys.admin).code
                == "user_mismatch")
    }

    @Test("a user has so many devices; unseen ones make room")
    func tooMany() async throws {
        let (database, service) = try await Self.installed { $0.maximumDevicesPerUser = 2 }
        for name in ["a", "b"] {
            #expect(try await service.send(Self.pull + "?device_id=\(name)", key: TestKeys.admin).status == 200)
        }
        let third = try await service.send(Self.pull + "?device_id=c", key: TestKeys.admin)
        #expect(third.status == 403 && third.code == "too_many_devices")
        #expect(try await service.send(Self.pull + "?device_id=c", key: TestKeys.sales).status == 200)
        try await database.psql(
            "UPDATE changefeed.device SET last_pull_at = now() - interval '31 days' WHERE device_id = 'a'")
        #expect(try await service.send(Self.pull + "?device_id=c", key: TestKeys.admin).status == 200)
        // Whoever made room and comes back has data of an unknown age.
        try await database.psql(
            "UPDATE changefeed.device SET last_pull_at = now() - interval '31 days' WHERE device_id = 'b'")
        let back = try await service.send(Self.pull + "?device_id=a", key: TestKeys.admin)
        #expect(back.status == 410 && back.code == "cursor_expired")
    }

    @Test("a device that begins with the oldest event misses nothing of who still ran when older ones were emptied")
    func earliest() async throws {
        let (database, service) = try await Self.installed("UPDATE res_partner SET phone = '1' WHERE id = 1")
        try await database.psql("SELECT changefeed.rotate()")
        let writer = try await database.connect(user: "odoo")
        try await writer.execute(script: "BEGIN; UPDATE res_partner SET phone = '3' WHERE id = 3")
        try await database.psql("UPDATE sale_order SET state = 'sale' WHERE id = 1", user: "odoo")
        try await eventually("nobody reads the slot") {
            try await database.psql("SELECT changefeed.empty_slot(0::smallint)") == "t"
        }
        let oldest = try await service.send(Self.pull + "?device_id=new", key: TestKeys.admin)
        #expect(kinds(oldest) == ["write sale.order 1"])
        try await writer.execute(script: "COMMIT")
        _ = try await service.send(
            Self.acknowledge, key: TestKeys.admin, method: .post,
            body: #"{"device_id":"new","event_ids":\#(ids(oldest))}"#)
        #expect(
            kinds(try await service.send(Self.pull + "?device_id=new", key: TestKeys.admin)) == ["write res.partner 3"])
    }

    @Test("calls are limited by device and by user")
    func rates() async throws {
        let (_, service) = try await Self.installed {
            $0.rateLimits.syncPerDevice = 2
            $0.rateLimits.syncPerUser = 4
        }
        var statuses: [Int] = []
        for device in ["a", "a", "a", "b", "c"] {
            statuses.append(try await service.send(Self.pull + "?device_id=\(device)", key: TestKeys.admin).status)
        }
        #expect(statuses == [200, 200, 429, 200, 429])
        let limited = try await service.send(Self.pull + "?device_id=a", key: TestKeys.admin)
        #expect(limited.code == "rate_limited" && limited.headers[.retryAfter] != nil)
        #expect(try await service.send(Self.pull + "?device_id=a", key: TestKeys.sales).status == 200)
    }

    @Test("nothing new is no write")
    func noWrite() async throws {
        let (database, service) = try await Self.installed("UPDATE res_partner SET phone = '1' WHERE id = 1")
        let ids = ids(try await service.send(Self.pull + "?device_id=phone", key: TestKeys.admin))
        _ = try await service.send(
            Self.acknowledge, key: TestKeys.admin, method: .post, body: #"{"device_id":"phone","event_ids":\#(ids)}"#)
        let before = try await database.psql("SELECT xmin, ctid, * FROM changefeed.device")
        for _ in 0..<5 {
            #expect(try await service.send(Self.pull + "?device_id=phone", key: TestKeys.admin).status == 200)
        }
        #expect(try await database.psql("SELECT xmin, ctid, * FROM changefeed.device") == before)
    }

    @Test("the first API's clean-up takes nothing from a device")
    func cleanup() async throws {
        let (_, service) = try await Self.installed("UPDATE res_partner SET phone = '1' WHERE id <= 3")
        #expect(
            try await service.send("/api/v1/cleanup?before=2999-01-01", key: TestKeys.admin, method: .delete).object[
                "deleted_count"] as? Int == 3)
        #expect(ids(try await service.send(Self.pull + "?device_id=phone", key: TestKeys.admin)).count == 3)
    }
}
