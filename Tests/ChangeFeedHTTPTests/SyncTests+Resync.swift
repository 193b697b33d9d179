@testable import ChangeFeedHTTP
import ChangeFeed
import ChangeFeedTesting
import Foundation
import HTTPTypes
import Postgres
import Testing

/// Resyncs: when a device is told to take models again, and what it misses meanwhile.
extension SyncTests {
    @Test("added models are announced, copied by lists, and miss no change in between")
    func scope() async throws {
        let (database, service) = try await Self.installed("UPDATE sale_order SET state = 'sale' WHERE id = 1")
        let before = try await service.send(Self.pull + "?device_id=phone&models=sale.order", key: TestKeys.admin)
        #expect(kinds(before) == ["write sale.order 1"])
        _ = try await service.send(
            Self.acknowledge, key: TestKeys.admin, method: .post,
            body: #"{"device_id":"phone","event_ids":\#(ids(before))}"#)
        let told = try await service.send(
            Self.pull + "?device_id=phone&models=sale.order&models=res.partner", key: TestKeys.admin)
        #expect(told.status == 410 && told.code == "scope_changed")
        #expect(told.object["mode"] as? String == "replace" && told.object["models"] as? [String] == ["res.partner"])
        #expect(told.headers[.retryAfter].flatMap { Int($0) }.map((1...15).contains) == true)
        let list = Self.snapshot + "?device_id=phone&model=res.partner&limit=15"
        let first = try await service.send(list, key: TestKeys.admin)
        #expect((first.object["records"] as? [Any])?.count == 15 && first.object["complete"] as? Bool == false)
        try await database.psql(
            "DELETE FROM res_partner WHERE id = 20; UPDATE res_partner SET phone = '7' WHERE id = 1", user: "odoo")
        let cursor = try #require(first.object["next_cursor"] as? String)
        let second = try await service.send(list + "&cursor=\(cursor)", key: TestKeys.admin)
        #expect((second.object["records"] as? [Any])?.count == 4 && second.object["complete"] as? Bool == true)
        #expect(
            second.object["next_cursor"] is NSNull
                && second.object["snapshot_id"] as? String == first.object["snapshot_id"] as? String)
        let after = try await service.send(
            Self.pull + "?device_id=phone&models=sale.order,res.partner", key: TestKeys.admin)
        #expect(kinds(after) == ["unlink res.partner 20", "write res.partner 1"])
        let stale = try await service.send(
            Self.snapshot + "?device_id=phone&model=sale.order&cursor=\(cursor)", key: TestKeys.admin)
        #expect(stale.status == 422 && stale.code == "cursor_malformed")
    }

    @Test("a pause is reported while it lasts, and its end requires a resync")
    func gap() async throws {
        let (database, service) = try await Self.installed()
        _ = try await service.send(Self.pull + "?device_id=phone", key: TestKeys.admin)
        try await database.psql("SELECT changefeed.pause('test')")
        let during = try await service.send(Self.pull + "?device_id=phone&models=res.partner", key: TestKeys.admin)
        #expect(during.object["incomplete_models"] as? [String] == ["res.partner"])
        try await database.psql("UPDATE res_partner SET phone = '1'; SELECT changefeed.resume()")
        // Once those have ended who ran in the gap, in whatever database of the cluster.
        try await eventually("the gap has ended") {
            try await database.psql("SELECT changefeed.settle()")
            return try await service.send(Self.pull + "?device_id=phone&models=res.partner", key: TestKeys.admin).status
                == 410
        }
        let told = try await service.send(Self.pull + "?device_id=phone&models=res.partner", key: TestKeys.admin)
        #expect(
            told.status == 410 && told.code == "model_reset" && told.object["mode"] as? String == "apply_differences")
    }

    @Test("a truncated model requires a resync; others continue after it")
    func truncated() async throws {
        let (database, service) = try await Self.installed()
        _ = try await service.send(Self.pull + "?device_id=phone&models=hr.expense,res.partner", key: TestKeys.admin)
        try await database.psql("UPDATE res_partner SET phone = '1' WHERE id = 1; TRUNCATE hr_expense", user: "odoo")
        let told = try await service.send(
            Self.pull + "?device_id=phone&models=hr.expense,res.partner", key: TestKeys.admin)
        #expect(
            told.status == 410 && told.code == "model_reset" && told.object["models"] as? [String] == ["hr.expense"])
        let list = try await service.send(Self.snapshot + "?device_id=phone&model=hr.expense", key: TestKeys.admin)
        #expect(list.object["complete"] as? Bool == true && (list.object["records"] as? [Any])?.isEmpty == true)
        #expect(
            kinds(
                try await service.send(
                    Self.pull + "?device_id=phone&models=hr.expense,res.partner", key: TestKeys.admin)) == [
                    "write res.partner 1"
                ])
    }

    @Test("another database.uuid is another epoch, and emptied events require a resync")
    func epoch() async throws {
        let (database, service) = try await Self.installed("UPDATE res_partner SET phone = '1' WHERE id = 1")
        _ = try await service.send(Self.pull + "?device_id=phone", key: TestKeys.admin)
        _ = try await service.send(Self.pull + "?device_id=late", key: TestKeys.admin)
        try await database.psql("SELECT changefeed.rotate()")
        try await eventually("nobody reads the slot") {
            try await database.psql("SELECT changefeed.empty_slot(0::smallint)") == "t"
        }
        let expired = try await service.send(Self.pull + "?device_id=late", key: TestKeys.admin)
        #expect(
            expired.status == 410 && expired.code == "cursor_expired"
                && expired.object["mode"] as? String == "apply_differences")
        let late = try await service.send(
            Self.acknowledge, key: TestKeys.admin, method: .post, body: #"{"device_id":"phone","event_ids":[4096]}"#)
        #expect(late.status == 410 && late.code == "cursor_expired")
        try await database.psql(
            "SELECT changefeed.check_identity(); UPDATE ir_config_parameter SET value = 'x' WHERE key = 'database.uuid'; SELECT changefeed.check_identity()"
        )
        let told = try await service.send(Self.pull + "?device_id=phone", key: TestKeys.admin)
        #expect(told.status == 410 && told.code == "epoch_changed")
        #expect(
            try await service.send(
                Self.reset, key: TestKeys.admin, method: .post, body: #"{"device_id":"phone","to":"now"}"#
            ).status == 200)
        #expect(try await service.send(Self.pull + "?device_id=phone", key: TestKeys.admin).status == 200)
    }

    @Test("a device that repeats a pull which requires a resync is slowed down; others are not")
    func loops() async throws {
        let (database, service) = try await Self.installed("UPDATE res_partner SET phone = '1' WHERE id = 1")
        _ = try await service.send(Self.pull + "?device_id=phone&models=sale.order", key: TestKeys.admin)
        // Twelve at once, and one more each five seconds: a slow machine may get a few more than the twelve.
        let begun = ContinuousClock.now
        var statuses: [Int] = []
        while statuses.last != 429 && statuses.count < 1_000 {
            statuses.append(try await service.send(Self.pull + "?device_id=phone", key: TestKeys.admin).status)
        }
        let refilled = Int((ContinuousClock.now - begun) / .seconds(5)) + 1
        #expect(statuses.dropLast().allSatisfy { $0 == 410 } && statuses.last == 429)
        #expect((13...13 + refilled).contains(statuses.count))
        #expect(try await service.send(Self.pull + "?device_id=tablet", key: TestKeys.admin).status == 200)
        #expect(try await database.psql("SELECT count(*) FROM changefeed.device") == "2")
    }
}
