@testable import ChangeFeedHTTP
import ChangeFeedTesting
import Foundation
import HTTPTypes
import Postgres
import Testing

/// A device that begins by pulling.
@Suite("A first copy", .timeLimit(.minutes(10)))
struct FirstCopyTests {
    /// An app with the plain loop: pull, apply, acknowledge.
    private struct App {
        let service: Service
        var key = TestKeys.admin
        var query = "&limit=3&hashes=true&start=all"
        var copy: [String: [Int: Int]] = [:]
        var token: String?

        /// Pulls once. Gives the events as text, and what the answer says beside them.
        mutating func pull() async throws -> (events: [String], answer: Answer) {
            let answer = try await service.send(
                SyncTests.pull + "?device_id=phone" + query + (token.map { "&sync_token=" + $0 } ?? ""), key: key)
            guard answer.status == 200 else { return ([], answer) }
            var texts: [String] = []
            for event in answer.object["events"] as? [[String: Any]] ?? [] {
                let model = try #require(event["model"] as? String)
                let id = try #require(event["record_id"] as? Int)
                let kind = try #require(event["event"] as? String)
                copy[model, default: [:]][id] = kind == "unlink" ? nil : try #require(event["data_hash"] as? Int)
                texts.append("\(kind) \(model) \(id)" + (event["reason"].map { " (\($0))" } ?? ""))
            }
            token = answer.object["next_sync_token"] as? String
            return (texts, answer)
        }

        func acknowledge(_ ids: [Int]? = nil) async throws -> Int? {
            let settled = ids.map { #""event_ids":\#($0)"# } ?? #""sync_token":"\#(token ?? "")""#
            return try await service.send(
                SyncTests.acknowledge, key: key, method: .post, body: #"{"device_id":"phone",\#(settled)}"#
            ).object["acknowledged"] as? Int
        }

        /// The loop, until it says that the device has everything.
        mutating func run() async throws -> [String] {
            var all: [String] = []
            for _ in 0..<200 {
                let (events, answer) = try await pull()
                #expect(answer.status == 200, "\(answer.text)")
                all += events
                if !events.isEmpty { #expect(try await acknowledge() == events.count) }
                if answer.object["has_more"] as? Bool != true { return all }
            }
            Issue.record("no end")
            return all
        }

        /// Models whose copy is not what the service's digest says.
        func differing() async throws -> [String] {
            let state = try await service.send(SyncTests.state + "?device_id=phone", key: key)
            var wrong: [String] = []
            for model in state.object["models"] as? [String] ?? [] {
                let digest = try await service.send(
                    SyncTests.digest + "?device_id=phone&of=data&model=\(model)", key: key)
                let sum = (copy[model] ?? [:]).values.reduce(0) { ($0 + $1) % 281_474_976_710_656 }
                if digest.object["hash"] as? Int != sum
                    || digest.object["records"] as? Int != (copy[model] ?? [:]).count
                {
                    wrong.append(model)
                }
            }
            return wrong
        }
    }

    @Test(
        "the plain loop ends with a complete copy, reports progress, and continues with changes",
        arguments: [TestKeys.admin, TestKeys.sales])
    func loop(key: String) async throws {
        let (database, service) = try await AccessTests.installed(
            AccessTests.ownOrders
                + "INSERT INTO sale_order (name, partner_id, user_id) VALUES ('hers', 1, 2), ('his', 1, 6);",
            models: "product.category")
        _ = try await service.send("/api/v2/devices?device_id=phone", key: key, method: .delete)
        var app = App(service: service, key: key)
        let (events, first) = try await app.pull()
        #expect(events.allSatisfy { $0.hasPrefix("create ") && $0.hasSuffix(" (copy)") } && !events.isEmpty)
        #expect(first.object["has_more"] as? Bool == true && first.object["has_update"] as? Bool == true)
        let due = try #require(first.object["lists_due"] as? [String])
        #expect(due == (first.object["models"] as? [String])?.sorted())
        let progress = try #require(first.object["progress"] as? [String: Int])
        #expect(progress["records"] == events.count && (progress["estimate"] ?? 0) >= events.count)
        let state = try await service.send(SyncTests.state + "?device_id=phone", key: key)
        #expect(state.object["lists_due"] as? [String] == due && state.object["progress"] as? [String: Int] == progress)
        #expect(try await app.acknowledge() == events.count)

        let all = events + (try await app.run())
        #expect(Set(all).count == all.count && all.allSatisfy { $0.hasSuffix(" (copy)") })
        #expect(all.contains("create res.partner 20 (copy)"))
        let order = try #require(app.copy["sale.order"]?.keys.max())
        #expect(try await app.differing() == [])
        let done = try await service.send(SyncTests.state + "?device_id=phone", key: key)
        #expect(done.object["lists_due"] as? [String] == [] && done.object["progress"] is NSNull)

        try await database.psql(
            "UPDATE res_partner SET phone = '1' WHERE id = 3; DELETE FROM sale_order WHERE id = \(order)", user: "odoo")
        #expect(try await app.run() == ["write res.partner 3", "unlink sale.order \(order)"])
        #expect(try await app.differing() == [])
    }

    @Test("a page is the same until it is settled, in part or whole, and continues after a crash with another limit")
    func pages() async throws {
        let (database, service) = try await SyncTests.installed("DELETE FROM sale_order")
        var app = App(service: service, query: "&models=res.partner&limit=4&hashes=true&start=all")
        let (first, answer) = try await app.pull()
        let ids = (answer.object["events"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? Int }
        #expect(first == (1...4).map { "create res.partner \($0) (copy)" } && ids == ids.sorted())
        #expect(try await app.pull().events == first)
        // What was not given is not acknowledged, nor is anything else of that call.
        let refused = try await service.send(
            SyncTests.acknowledge, key: TestKeys.admin, method: .post,
            body: #"{"device_id":"phone","event_ids":[\#(ids[0]),\#(ids[3] + 1)]}"#)
        #expect(refused.status == 422 && refused.code == "events_not_handed")
        #expect(try await app.acknowledge([ids[1], ids[3]]) == 2)
        #expect(try await app.acknowledge([ids[3], ids[1]]) == 0)
        #expect(try await app.pull().events == ["create res.partner 1 (copy)", "create res.partner 3 (copy)"])
        app.query = "&models=res.partner&limit=1&hashes=true"
        #expect(try await app.pull().events == ["create res.partner 1 (copy)"])
        // The token stands for what this pull gave, and no more of the page.
        #expect(try await app.acknowledge() == 1)
        #expect(try await app.pull().events == ["create res.partner 3 (copy)"])
        // A record that went is told as gone; what is changed is handed out as it is now.
        try await database.psql("DELETE FROM res_partner WHERE id = 3", user: "odoo")
        #expect(try await app.pull().events == ["unlink res.partner 3"])
        #expect(try await app.acknowledge() == 1)
        #expect(try await app.acknowledge(ids) == 0)
        app.query = "&models=res.partner&limit=7&hashes=true"
        #expect(try await app.pull().events == (5...11).map { "create res.partner \($0) (copy)" })
        _ = try await app.run()
        #expect(try await app.differing() == [])
    }

    @Test("what changes while it copies comes after it", arguments: [false, true])
    func beside(isSpoiled: Bool) async throws {
        let (database, service) = try await SyncTests.installed("DELETE FROM sale_order")
        if isSpoiled {
            // A record that came and went would be nothing.
            try await database.psql(
                """
                DO $$ BEGIN EXECUTE replace(pg_get_functiondef('changefeed.copy_page'::regproc),
                    'to_jsonb(pg_current_snapshot()::text)', 'v.bases -> due[1] -> ''since'''); END $$
                """)
        }
        var app = App(service: service, query: "&models=res.partner&limit=15&hashes=true&start=all")
        _ = try await app.pull()
        _ = try await app.acknowledge()
        try await database.psql(
            """
            INSERT INTO res_partner (id, name) VALUES (900, 'short-lived'), (901, 'new'); UPDATE res_partner SET phone = '2' WHERE id IN (2, 20);
            DELETE FROM res_partner WHERE id = 3;
            """, user: "odoo")
        let (second, answer) = try await app.pull()
        #expect(second.contains("create res.partner 900 (copy)") && answer.object["has_more"] as? Bool == true)
        try await database.psql("DELETE FROM res_partner WHERE id = 900", user: "odoo")
        _ = try await app.acknowledge()
        let after = try await app.run()
        #expect(after.contains("unlink res.partner 900") == !isSpoiled)
        #expect(after.contains("write res.partner 2") && after.contains("unlink res.partner 3"))
        #expect(try await app.differing() == (isSpoiled ? ["res.partner"] : []))
    }

    @Test("start says what a new device begins with, and nothing to one that pulled before")
    func starts() async throws {
        let (database, service) = try await SyncTests.installed("UPDATE res_partner SET phone = '1' WHERE id = 1")
        for (start, expected) in [("now", []), ("earliest", ["write res.partner 1"])] {
            var app = App(service: service, query: "&models=res.partner&start=\(start)&hashes=true")
            #expect(try await app.pull().events == expected)
            app.query = "&models=res.partner&start=all&hashes=true"
            #expect(try await app.pull().events == expected)
            #expect(
                try await service.send("/api/v2/devices?device_id=phone", key: TestKeys.admin, method: .delete).status
                    == 200)
        }
        let refused = try await service.send(SyncTests.pull + "?device_id=phone&start=later", key: TestKeys.admin)
        #expect(refused.status == 422 && refused.code == "parameter_invalid")
        #expect(try await database.psql("SELECT count(*) FROM changefeed.device") == "0")
    }

    @Test("models that a device listed before its first pull are not handed out again; reset to all begins a copy")
    func listedBefore() async throws {
        let (_, service) = try await SyncTests.installed()
        _ = try await service.send(
            SyncTests.snapshot + "?device_id=phone&model=res.partner&limit=500", key: TestKeys.admin)
        var app = App(service: service, query: "&models=res.partner,sale.order&limit=50&hashes=true&start=all")
        #expect(try await app.run() == (1...5).map { "create sale.order \($0) (copy)" })
        let reset = try await service.send(
            SyncTests.reset, key: TestKeys.admin, method: .post, body: #"{"device_id":"phone","to":"all"}"#)
        #expect(reset.status == 200)
        (app.copy, app.token) = ([:], nil)
        #expect(try await app.run().count == 25)
        #expect(try await app.differing() == [])
    }

    @Test(
        "a model whose rules change while it is copied starts over; one that the copy has not reached is sent in its current state"
    )
    func scopeChanges() async throws {
        let (database, service) = try await AccessTests.installed("SELECT 1;", models: "product.category")
        _ = try await service.send("/api/v2/devices?device_id=phone", key: TestKeys.sales, method: .delete)
        var app = App(
            service: service, key: TestKeys.sales, query: "&models=res.partner,sale.order&limit=3&hashes=true&start=all"
        )
        _ = try await app.pull()
        _ = try await app.acknowledge()
        try await database.psql(AccessTests.ownOrders, user: "odoo")
        try await database.psql("SELECT changefeed.track('sale.order'); UPDATE sale_order SET user_id = 2 WHERE id = 1")
        let rest = try await app.run()
        #expect(rest.contains("create sale.order 2 (copy)") && !rest.contains("create sale.order 1 (copy)"))
        try await database.psql(AccessTests.rule("res.partner", "[('id', '<', 10)]"), user: "odoo")
        let told = try await app.pull().answer
        #expect(
            told.status == 410 && told.code == "scope_changed" && told.object["models"] as? [String] == ["res.partner"])
    }

    @Test("the older POST begins with the oldest event, and settles the pages of a device that a GET began")
    func older() async throws {
        let (_, service) = try await SyncTests.installed("UPDATE res_partner SET phone = '1' WHERE id = 1")
        func pull(_ device: String) async throws -> [Int] {
            let answer = try await service.send(
                SyncTests.pull, key: TestKeys.admin, method: .post,
                body: #"{"device_id":"\#(device)","models_filter":["res.partner"],"limit":15}"#)
            return (answer.object["events"] as? [[String: Any]] ?? []).compactMap { $0["record_id"] as? Int }
        }
        #expect(try await pull("old") == [1])
        #expect(try await pull("old") == [])
        _ = try await service.send(
            SyncTests.pull + "?device_id=phone&models=res.partner&start=all&limit=15", key: TestKeys.admin)
        #expect(try await pull("phone") == Array(16...20))
        #expect(try await pull("phone") == [])
    }
}

/// Another user on the same phone.
@Suite("Devices and their users", .timeLimit(.minutes(10)))
struct DeviceUserTests {
    @Test("another user's token says that the copy is another's, to pulls and acknowledgements, and nothing moves")
    func changed() async throws {
        let (database, service) = try await SyncTests.installed("UPDATE res_partner SET phone = '1' WHERE id = 1")
        let pull = SyncTests.pull + "?device_id=phone&models=res.partner"
        let token = try #require(try await service.send(pull, key: TestKeys.admin).object["next_sync_token"] as? String)
        for isKnown in [false, true] {
            let before = try await database.psql("SELECT * FROM changefeed.device ORDER BY id")
            let told = try await service.send(pull + "&sync_token=\(token)", key: TestKeys.sales)
            #expect(
                told.status == 422 && told.code == "user_changed"
                    && (told.object["hint"] as? String)?.contains("Delete the copy") == true)
            let acknowledged = try await service.send(
                SyncTests.acknowledge, key: TestKeys.sales, method: .post,
                body: #"{"device_id":"phone","sync_token":"\#(token)"}"#)
            #expect(acknowledged.code == (isKnown ? "user_changed" : "device_unknown"))
            #expect(try await database.psql("SELECT * FROM changefeed.device ORDER BY id") == before)
            #expect(try await service.send(pull, key: TestKeys.sales).status == 200)
        }
    }

    @Test("users list and remove their own devices, and no others")
    func devices() async throws {
        let (_, service) = try await SyncTests.installed()
        for (name, key) in [
            ("a b/ü", TestKeys.admin), ("phone", TestKeys.admin), ("tablet", TestKeys.admin), ("phone", TestKeys.sales),
        ] {
            let name = name.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? name
            #expect(
                try await service.send(SyncTests.pull + "?device_id=\(name)&models=res.partner", key: key).status == 200
            )
        }
        func names(_ query: String = "", key: String = TestKeys.admin) async throws -> [String] {
            let answer = try await service.send("/api/v2/devices" + query, key: key)
            #expect(answer.status == 200, "\(answer.text)")
            return (answer.object["devices"] as? [[String: Any]] ?? []).compactMap { $0["device_id"] as? String }
                + ((answer.object["next_after"] as? String).map { ["…" + $0] } ?? [])
        }
        #expect(try await names() == ["a b/ü", "phone", "tablet"])
        #expect(try await names(key: TestKeys.sales) == ["phone"])
        #expect(try await names("?limit=2") == ["a b/ü", "phone", "…phone"])
        #expect(try await names("?limit=2&after=phone") == ["tablet"])
        for (query, key, status) in [
            ("?device_id=tablet", TestKeys.sales, 404), ("?device_id=tablet", TestKeys.admin, 200),
            ("?device_id=tablet", TestKeys.admin, 404),
            ("", TestKeys.admin, 422), ("?device_id=phone&x=1", TestKeys.admin, 422),
        ] {
            #expect(
                try await service.send("/api/v2/devices" + query, key: key, method: .delete).status == status,
                "\(query)")
        }
        #expect(try await service.send("/api/v2/devices").status == 401)
        #expect(try await service.send("/api/v2/devices?limit=0", key: TestKeys.admin).status == 422)
        #expect(try await names() == ["a b/ü", "phone"])
        #expect(try await names(key: TestKeys.sales) == ["phone"])
    }

    @Test("me says who asks, and nothing secret")
    func profile() async throws {
        let (_, service) = try await SyncTests.installed()
        let answer = try await service.send("/api/v2/me", key: TestKeys.sales)
        #expect(
            answer.status == 200 && answer.object["user_id"] as? Int == 6
                && answer.object["is_portal"] as? Bool == false)
        #expect(Set(answer.object.keys) == ["user_id", "login", "is_portal", "lang", "company_id", "company_ids"])
        #expect((answer.object["login"] as? String)?.isEmpty == false && answer.object["lang"] as? String == "en_US")
        #expect(try await service.send("/api/v2/me").status == 401)
    }
}
