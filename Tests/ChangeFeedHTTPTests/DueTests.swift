@testable import ChangeFeedHTTP
import ChangeFeedTesting
import Foundation
import HTTPTypes
import Testing

@Suite("Pulls of a device that was set back, is behind, or loses rights", .timeLimit(.minutes(10)))
struct DueTests {
    private func ids(_ answer: Answer) -> [Int] { events(answer).compactMap { $0["id"] as? Int } }

    private func events(_ answer: Answer) -> [[String: Any]] { answer.object["events"] as? [[String: Any]] ?? [] }

    private func kinds(_ answer: Answer) -> [String] {
        events(answer).map { "\($0["event"] ?? "") \($0["model"] ?? "") \($0["record_id"] ?? "")" }
    }

    @Test("a copy restored from a backup is reported, once, with the data that it lacks", arguments: [true, false])
    func setBack(dropsToken: Bool) async throws {
        let (database, service) = try await SyncTests.installed()
        func pull(_ token: String?) async throws -> Answer {
            try await service.send(
                SyncTests.pull + "?device_id=phone&models=res.partner&data=false"
                    + (token.map { "&sync_token=\($0)" } ?? ""), key: TestKeys.admin)
        }
        func apply(_ id: Int, _ token: String?) async throws -> String {
            try await database.psql("UPDATE res_partner SET phone = 'x\(id)' WHERE id = \(id)", user: "odoo")
            let answer = try await pull(token)
            #expect(kinds(answer) == ["write res.partner \(id)"])
            let body = #"{"device_id":"phone","event_ids":\#(ids(answer))}"#
            #expect(
                try await service.send(SyncTests.acknowledge, key: TestKeys.admin, method: .post, body: body).object[
                    "acknowledged"] as? Int == 1)
            return try #require(answer.object["next_sync_token"] as? String)
        }
        let backup = try await apply(1, nil)
        let newest = try await apply(3, try await apply(2, backup))
        #expect(try await pull(newest).status == 200)
        let told = try await pull(backup)
        #expect(
            told.status == 410 && told.code == "copy_set_back" && told.object["mode"] as? String == "apply_differences")
        #expect(told.object["models"] as? [String] == ["res.partner"])
        let list = try await service.send(
            SyncTests.snapshot + "?device_id=phone&model=res.partner&limit=500", key: TestKeys.admin)
        #expect(list.object["complete"] as? Bool == true)
        // A client that drops its token, as it should, goes on; and so does one that keeps it.
        let after = try await pull(dropsToken ? nil : backup)
        #expect(after.status == 200 && ids(after) == [])
        let next = try #require(after.object["next_sync_token"] as? String)
        #expect(try await pull(next).status == 200)
        // Set back once more, or the other one of two phones that share a name.
        #expect(try await pull(backup).code == "copy_set_back")
    }

    @Test("an older token does not add to the models that are due for a resync", arguments: [true, false])
    func tokenBesideResync(dropsToken: Bool) async throws {
        let (database, service) = try await SyncTests.installed("UPDATE res_partner SET phone = '1' WHERE id <= 3")
        func pull(_ token: String?) async throws -> Answer {
            try await service.send(
                SyncTests.pull + "?device_id=phone&data=false" + (token.map { "&sync_token=\($0)" } ?? ""),
                key: TestKeys.admin)
        }
        let first = try await pull(nil)
        let token = try #require(first.object["next_sync_token"] as? String)
        try await database.psql(
            "UPDATE ir_model_access SET active = false WHERE model_id = (SELECT id FROM ir_model WHERE model = 'hr.expense')",
            user: "odoo")
        for _ in 0..<2 {
            let told = try await pull(token)
            #expect(
                told.code == "scope_changed" && told.object["models"] as? [String] == ["hr.expense"], "\(told.text)")
        }
        _ = try await service.send(SyncTests.snapshot + "?device_id=phone&model=hr.expense", key: TestKeys.admin)
        let after = try await pull(dropsToken ? nil : token)
        #expect(kinds(after) == kinds(first))
        let next = try #require(after.object["next_sync_token"] as? String)
        let body = #"{"device_id":"phone","sync_token":"\#(next)"}"#
        #expect(
            try await service.send(SyncTests.acknowledge, key: TestKeys.admin, method: .post, body: body).object[
                "acknowledged"] as? Int == 3)
        #expect(try await pull(next).object["has_update"] as? Bool == false)
    }

    @Test("a token counts on when acknowledgements come in parts, late, or by a smaller pull")
    func partialTokens() async throws {
        let (_, service) = try await SyncTests.installed("UPDATE res_partner SET phone = '1' WHERE id <= 6")
        func pull(_ more: String) async throws -> Answer {
            try await service.send(SyncTests.pull + "?device_id=phone&data=false" + more, key: TestKeys.admin)
        }
        func settle(_ ids: some Sequence<Int>) async throws {
            let body = #"{"device_id":"phone","event_ids":\#(Array(ids))}"#
            #expect(
                try await service.send(SyncTests.acknowledge, key: TestKeys.admin, method: .post, body: body).status
                    == 200)
        }
        let first = try await pull("")
        let all = ids(first)
        let token = try #require(first.object["next_sync_token"] as? String)
        try await settle([all[4]])
        // One event, behind which another is settled.
        let small = try await pull("&limit=1&sync_token=\(token)")
        #expect(ids(small) == [all[0]])
        let smallToken = try #require(small.object["next_sync_token"] as? String)
        try await settle([all[0]])
        let rest = try await pull("&sync_token=\(smallToken)")
        #expect(ids(rest) == [all[1], all[2], all[3], all[5]])
        // Its token stands for its one event only.
        let body = #"{"device_id":"phone","sync_token":"\#(smallToken)"}"#
        #expect(
            try await service.send(SyncTests.acknowledge, key: TestKeys.admin, method: .post, body: body).object[
                "acknowledged"] as? Int == 0)
        try await settle(all)
        let end = try await pull("&sync_token=\(rest.object["next_sync_token"] as? String ?? "")")
        #expect(end.status == 200 && ids(end) == [])
    }

    @Test("models stay due for a resync when another right is lost before the app could store them")
    func lostRights() async throws {
        let (database, service) = try await SyncTests.installed()
        func pull() async throws -> Answer {
            try await service.send(SyncTests.pull + "?device_id=phone&data=false", key: TestKeys.admin)
        }
        func lose(_ model: String) async throws {
            try await database.psql(
                "UPDATE ir_model_access SET active = false WHERE model_id = (SELECT id FROM ir_model WHERE model = '\(model)')",
                user: "odoo")
        }
        #expect(try await pull().status == 200)
        try await lose("sale.order")
        let first = try await pull()
        #expect(first.code == "scope_changed" && (first.object["models"] as? [String])?.contains("sale.order") == true)
        try await lose("account.move")
        let second = try await pull()
        let due = try #require(second.object["models"] as? [String])
        #expect(due.contains("account.move") && due.contains("sale.order"))
        for model in due {
            let list = try await service.send(
                SyncTests.snapshot + "?device_id=phone&model=\(model)&limit=500", key: TestKeys.admin)
            #expect(list.object["complete"] as? Bool == true)
            if ["sale.order", "account.move"].contains(model) {
                #expect((list.object["records"] as? [Any])?.isEmpty == true)
            }
        }
        #expect(try await pull().status == 200)
    }

    @Test("a device for which nothing is goes past a long log call by call, and gets what comes then")
    func longLog() async throws {
        let (database, service) = try await SyncTests.installed(
            "INSERT INTO ir_rule (name, model_id, domain_force) SELECT 'one', id, $$[('id', '=', 1)]$$ FROM ir_model WHERE model = 'res.partner'"
        )
        let pull = SyncTests.pull + "?device_id=phone&models=res.partner&data=false"
        #expect(try await service.send(pull, key: TestKeys.sales).status == 200)
        // What the rule hides from this user, many times over.
        try await database.psql(
            """
            INSERT INTO changefeed.event (slot, epoch, xid, model, event, occurred_at, ids)
            SELECT c.slot, 1, pg_current_xact_id(), 'res.partner', 'write', clock_timestamp(), ARRAY(SELECT 10 + n FROM generate_series(0, 4) n)
            FROM changefeed.control c, generate_series(1, 25000) n;
            """)
        try await database.psql("UPDATE res_partner SET phone = '7' WHERE id = 1", user: "odoo")
        var calls = 0
        var answer = try await service.send(pull, key: TestKeys.sales)
        while ids(answer) == [], answer.object["has_more"] as? Bool == true, calls < 10 {
            calls += 1
            answer = try await service.send(pull, key: TestKeys.sales)
        }
        #expect(calls >= 1 && kinds(answer) == ["write res.partner 1"])
    }
}
