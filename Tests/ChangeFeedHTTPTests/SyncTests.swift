@testable import ChangeFeedHTTP
import ChangeFeed
import ChangeFeedTesting
import Foundation
import HTTPTypes
import Postgres
import Testing

@Suite("Pull and acknowledge", .timeLimit(.minutes(10)))
struct SyncTests {
    static let pull = "/api/v2/sync/pull"
    static let acknowledge = "/api/v2/sync/acknowledge"
    static let snapshot = "/api/v2/sync/snapshot"
    static let digest = "/api/v2/sync/digest"
    static let state = "/api/v2/sync/state"
    static let reset = "/api/v2/sync/reset"

    static func installed(
        _ sql: String = "", configure: (inout HTTPConfiguration) -> Void = { _ in }
    ) async throws -> (TestDatabase, Service) {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        if !sql.isEmpty { try await database.psql(sql, user: "odoo") }
        return (database, try Service(database, configure: configure))
    }

    func ids(_ answer: Answer) -> [Int] { events(answer).compactMap { $0["id"] as? Int } }

    func events(_ answer: Answer) -> [[String: Any]] { answer.object["events"] as? [[String: Any]] ?? [] }

    func kinds(_ answer: Answer) -> [String] {
        events(answer).map { "\($0["event"] ?? "") \($0["model"] ?? "") \($0["record_id"] ?? "")" }
    }

    @Test(
        "a pull gives one entry per record, newest state, oldest first, and is the same again until it is acknowledged")
    func pulls() async throws {
        let (_, service) = try await Self.installed(
            """
            INSERT INTO sale_order (name, partner_id) VALUES ('S9', 1); UPDATE sale_order SET state = 'sale' WHERE name = 'S9';
            UPDATE res_partner SET phone = '1' WHERE id IN (1, 2); UPDATE res_partner SET phone = '2' WHERE id = 1;
            INSERT INTO res_partner (name) VALUES ('gone'); DELETE FROM res_partner WHERE name = 'gone';
            DELETE FROM sale_order WHERE id = 5;
            """)
        let first = try await service.send(Self.pull + "?device_id=phone", key: TestKeys.admin)
        #expect(first.status == 200)
        #expect(
            kinds(first) == [
                "create sale.order 6", "write res.partner 2", "write res.partner 1", "unlink sale.order 5",
            ])
        #expect(first.object["has_update"] as? Bool == true && first.object["has_more"] as? Bool == false)
        let data = events(first).map { $0["data"] as? [String: Any] }
        #expect(data[0]?["name"] as? String == "S9" && data[0]?["state"] as? String == "sale")
        #expect(data[2]?["phone"] as? String == "2" && data[3] == nil)
        let again = try await service.send(Self.pull + "?device_id=phone", key: TestKeys.admin)
        #expect(again.text == first.text)

        let body = #"{"device_id":"phone","event_ids":\#(ids(first))}"#
        let settled = try await service.send(Self.acknowledge, key: TestKeys.admin, method: .post, body: body)
        #expect(settled.text == #"{"acknowledged":4,"message":"4 events were acknowledged."}"#)
        let none = try await service.send(Self.acknowledge, key: TestKeys.admin, method: .post, body: body)
        #expect(none.status == 200 && none.object["acknowledged"] as? Int == 0)
        let after = try await service.send(Self.pull + "?device_id=phone", key: TestKeys.admin)
        #expect(after.object["has_update"] as? Bool == false && ids(after) == [])
    }

    @Test("devices and users do not touch one another, and model access decides")
    func apart() async throws {
        let (_, service) = try await Self.installed(
            "UPDATE res_partner SET phone = '1' WHERE id = 1; UPDATE account_move SET state = 'posted'")
        let mine = try await service.send(Self.pull + "?device_id=phone", key: TestKeys.admin)
        #expect(kinds(mine) == ["write res.partner 1", "write account.move 1"])
        let sales = try await service.send(Self.pull + "?device_id=phone", key: TestKeys.sales)
        #expect(kinds(sales) == ["write res.partner 1"])
        let body = #"{"device_id":"phone","event_ids":\#(ids(mine))}"#
        let foreign = try await service.send(Self.acknowledge, key: TestKeys.sales, method: .post, body: body)
        #expect(foreign.status == 422 && foreign.code == "events_not_handed")
        #expect(
            try await service.send(Self.acknowledge, key: TestKeys.admin, method: .post, body: body).object[
                "acknowledged"] as? Int == 2)
        #expect(try await service.send(Self.pull + "?device_id=phone", key: TestKeys.sales).text == sales.text)
        #expect(kinds(try await service.send(Self.pull + "?device_id=tablet", key: TestKeys.admin)) == kinds(mine))
    }

    @Test("acknowledgements may be partial, out of order and repeated; nothing that is left is lost")
    func partial() async throws {
        let (_, service) = try await Self.installed("UPDATE res_partner SET phone = '1' WHERE id <= 6")
        let first = ids(try await service.send(Self.pull + "?device_id=phone&limit=4", key: TestKeys.admin))
        #expect(first.count == 4)
        func settle(_ ids: [Int]) async throws -> Answer {
            try await service.send(
                Self.acknowledge, key: TestKeys.admin, method: .post,
                body: #"{"device_id":"phone","event_ids":\#(ids)}"#)
        }
        #expect(try await settle([first[2], first[0], first[2]]).object["acknowledged"] as? Int == 2)
        let second = try await service.send(Self.pull + "?device_id=phone", key: TestKeys.admin)
        #expect(ids(second).count == 4 && ids(second).prefix(2) == [first[1], first[3]])
        #expect(try await settle(first).object["acknowledged"] as? Int == 2)
        // Handed out by the second pull, but beyond what a smaller one would have given.
        #expect(try await settle(ids(second)).object["acknowledged"] as? Int == 2)
        #expect(
            try await service.send(Self.pull + "?device_id=phone", key: TestKeys.admin).object["has_update"] as? Bool
                == false)
    }

    @Test(
        "only what was handed out can be acknowledged",
        arguments: [
            "[1]", "[0]", "[-1]", "[NEXT]", "[9007199254740991]", "[9223372036854775807]",
        ])
    func notHanded(ids wanted: String) async throws {
        let (database, service) = try await Self.installed("UPDATE res_partner SET phone = '1' WHERE id <= 4")
        let handed = self.ids(try await service.send(Self.pull + "?device_id=phone&limit=3", key: TestKeys.admin))
        // The fourth, which is behind the limit.
        let ids = wanted.replacing("NEXT", with: "\((handed.max() ?? 0) + 1)")
        let before = try await database.psql("SELECT * FROM changefeed.device")
        let answer = try await service.send(
            Self.acknowledge, key: TestKeys.admin, method: .post, body: #"{"device_id":"phone","event_ids":\#(ids)}"#)
        #expect(answer.status == 422 && answer.code == "events_not_handed")
        #expect(try await database.psql("SELECT * FROM changefeed.device") == before)
        let unknown = try await service.send(
            Self.acknowledge, key: TestKeys.admin, method: .post, body: #"{"device_id":"other","event_ids":[4096]}"#)
        #expect(unknown.status == 404 && unknown.code == "device_unknown")
    }

    @Test("a token settles everything up to its pull, once, and counts for its device, user and filter only")
    func tokens() async throws {
        let (database, service) = try await Self.installed("UPDATE res_partner SET phone = '1' WHERE id <= 3")
        let answer = try await service.send(Self.pull + "?device_id=phone&limit=2", key: TestKeys.admin)
        let token = try #require(answer.object["next_sync_token"] as? String)
        _ = try await service.send(Self.pull + "?device_id=other", key: TestKeys.admin)
        let before = try await database.psql("SELECT * FROM changefeed.device ORDER BY id")
        for (uri, key, code) in [
            ("?device_id=other&sync_token=\(token)", TestKeys.admin, "cursor_mismatch"),
            ("?device_id=phone&sync_token=\(token)", TestKeys.sales, "user_changed"),
            ("?device_id=phone&models=res.partner&sync_token=\(token)", TestKeys.admin, "cursor_mismatch"),
            ("?device_id=phone&sync_token=\(token.dropLast(3))AAA", TestKeys.admin, "cursor_malformed"),
            ("?device_id=phone&sync_token=cf1_';DROP", TestKeys.admin, "cursor_malformed"),
        ] {
            let refused = try await service.send(Self.pull + uri, key: key)
            #expect(refused.status == 422 && refused.code == code, "\(uri)")
        }
        #expect(try await database.psql("SELECT * FROM changefeed.device ORDER BY id") == before)
        let body = #"{"device_id":"phone","sync_token":"\#(token)"}"#
        #expect(
            try await service.send(Self.acknowledge, key: TestKeys.admin, method: .post, body: body).object[
                "acknowledged"] as? Int == 2)
        #expect(
            try await service.send(Self.acknowledge, key: TestKeys.admin, method: .post, body: body).object[
                "acknowledged"] as? Int == 0)
        #expect(
            ids(try await service.send(Self.pull + "?device_id=phone&sync_token=\(token)", key: TestKeys.admin)).count
                == 1)
    }

    @Test("a client that is ahead of the database learns once that the database went back in time")
    func ahead() async throws {
        let (database, service) = try await Self.installed("UPDATE res_partner SET phone = '1' WHERE id <= 3")
        let answer = try await service.send(Self.pull + "?device_id=phone&limit=1", key: TestKeys.admin)
        _ = try await service.send(
            Self.acknowledge, key: TestKeys.admin, method: .post,
            body: #"{"device_id":"phone","event_ids":\#(ids(answer))}"#)
        let token = try #require(
            try await service.send(Self.pull + "?device_id=phone", key: TestKeys.admin).object["next_sync_token"]
                as? String)
        // What a restored copy of the disk would hold.
        try await database.psql("UPDATE changefeed.device SET acknowledgements = 0, position = 0, handed = 0")
        let told = try await service.send(Self.pull + "?device_id=phone&sync_token=\(token)", key: TestKeys.admin)
        #expect(told.status == 410 && told.code == "epoch_changed" && told.object["mode"] as? String == "replace")
        _ = try await service.send(Self.reset + "?device_id=phone", key: TestKeys.admin, method: .post)
        #expect(
            try await service.send(Self.pull + "?device_id=phone&sync_token=\(token)", key: TestKeys.admin).status
                == 200)
    }

    @Test("max_bytes cuts between events, never below one, and limit says so by has_more")
    func bounded() async throws {
        let (_, service) = try await Self.installed("UPDATE res_partner SET phone = '1' WHERE id <= 5")
        let one = try await service.send(Self.pull + "?device_id=phone&max_bytes=1", key: TestKeys.admin)
        #expect(ids(one).count == 1 && one.object["has_more"] as? Bool == true)
        let all = try await service.send(
            Self.pull + "?device_id=phone&max_bytes=100000&data=false", key: TestKeys.admin)
        #expect(ids(all).count == 5 && all.object["has_more"] as? Bool == false)
        #expect(events(all).allSatisfy { $0["data"] == nil })
        let some = try await service.send(
            Self.pull + "?device_id=phone&limit=5&data=false&max_bytes=300", key: TestKeys.admin)
        #expect((2...4).contains(ids(some).count) && some.object["has_more"] as? Bool == true)
    }

    @Test("a page that is cut is the beginning of the whole one, also where a character has several bytes")
    func cut() async throws {
        let (_, service) = try await Self.installed("UPDATE res_partner SET name = 'Zoë 東京 €' || id WHERE id <= 4")
        let path = Self.pull + "?device_id=phone&fields%5Bres.partner%5D=name"
        let whole = events(try await service.send(path, key: TestKeys.admin))
        #expect(whole.count == 4)
        var counts: Set<Int> = []
        for bytes in stride(from: 1, through: 1_000, by: 7) {
            let part = events(try await service.send(path + "&max_bytes=\(bytes)", key: TestKeys.admin))
            #expect(NSArray(array: part) == NSArray(array: Array(whole.prefix(part.count))), "\(bytes)")
            counts.insert(part.count)
        }
        #expect(counts == [1, 2, 3, 4])
    }

    @Test("the requested fields are returned, and unknown ones are refused")
    func fields() async throws {
        let (_, service) = try await Self.installed("UPDATE res_partner SET phone = '1' WHERE id = 1")
        let answer = try await service.send(
            Self.pull + "?device_id=phone&fields%5Bres.partner%5D=phone,email", key: TestKeys.admin)
        #expect(Set((events(answer).first?["data"] as? [String: Any] ?? [:]).keys) == ["id", "phone", "email"])
        for fields in [
            "fields%5Bres.partner%5D=nonsense", "fields%5Bx.y%5D=name", "fields%5Bres.partner%5D=id)%3BDROP",
        ] {
            let refused = try await service.send(Self.pull + "?device_id=phone&" + fields, key: TestKeys.admin)
            #expect(refused.status == 422, "\(fields)")
        }
    }

    // MARK: the older dialect

    @Test("an older client posts its pull, never acknowledges, and gets each event once")
    func older() async throws {
        let (database, service) = try await Self.installed("UPDATE sale_order SET state = 'sale' WHERE id <= 3")
        func pull(_ limit: Int = 2) async throws -> Answer {
            try await service.send(
                Self.pull, key: TestKeys.admin, method: .post,
                body: #"{"user_id":2,"device_id":"old","app_type":"sales_app","models_filter":null,"limit":\#(limit)}"#)
        }
        let first = try await pull()
        #expect(first.status == 200 && first.object["status"] as? String == "success")
        #expect(first.object["has_updates"] as? Bool == true && first.object["new_events_count"] as? Int == 2)
        #expect(Set(events(first).first?.keys.map { $0 } ?? []) == ["id", "model", "record_id", "event", "timestamp"])
        #expect(first.object["next_sync_token"] is String && first.object["last_sync_time"] is String)
        #expect(events(try await pull()).compactMap { $0["record_id"] as? Int } == [3])
        #expect(try await pull().object["has_updates"] as? Bool == false)
        // Another device of the same user is not touched by that.
        #expect(ids(try await service.send(Self.pull + "?device_id=new", key: TestKeys.admin)).count == 3)
        try await database.psql("UPDATE sale_order SET state = 'done' WHERE id = 1", user: "odoo")
        #expect(events(try await pull(10_000)).count == 1)
    }

    // MARK: what is wrong

    @Test(
        "parameters are checked before anything is looked up",
        arguments: [
            ("?device_id=", "device_id"), ("", "device_id"), ("?device_id=x&limit=0", "limit"),
            ("?device_id=x&limit=501", "limit"),
            ("?device_id=x&limit=1e2", "limit"), ("?device_id=x&wait=61", "wait"), ("?device_id=x&data=maybe", "data"),
            ("?device_id=x&max_bytes=0", "max_bytes"), ("?device_id=x&models=Sale%20Order", "models"),
            ("?device_id=x&models=", "models"),
            ("?device_id=x&user_id=two", "user_id"), ("?device_id=x&fields%5BX%5D=name", "fields"),
            ("?device_id=%00", "device_id"),
            ("?device_id=x&app_type=", "app_type"),
        ])
    func parameters(query: String, parameter: String) async throws {
        let answer = try await Service().send(Self.pull + query, key: TestKeys.admin)
        #expect(answer.status == 422)
        #expect(answer.object["parameter"] as? String == parameter)
    }

    @Test(
        "names of models, app types and devices reach no SQL",
        arguments: [
            ("?device_id=x&app_type=nonsense", 422, "app_type_unknown"),
            ("?device_id=x&app_type='%3BDROP%20TABLE%20x", 422, "app_type_unknown"),
            ("?device_id=x&models=no.model", 403, "model_not_readable"),
            ("?device_id=x&models=res.users", 403, "model_not_readable"),
            ("?device_id=x&app_type=sales&models=account.move", 422, "parameter_invalid"),
            ("?device_id='%3BDROP%20TABLE%20changefeed.device%3B--", 200, nil), ("?device_id=%F0%9F%93%B1", 200, nil),
        ])
    func hostile(query: String, status: Int, code: String?) async throws {
        let (database, service) = try await Self.installed()
        let answer = try await service.send(Self.pull + query, key: TestKeys.admin)
        #expect(answer.status == status && answer.code == code)
        #expect(try await database.psql("SELECT count(*) FROM changefeed.device") == (status == 200 ? "1" : "0"))
    }

    @Test(
        "bodies are checked",
        arguments: [
            "", "[]", "null", "{}", #"{"device_id":"x"}"#, #"{"device_id":"x","event_ids":[1.5]}"#,
            #"{"device_id":"x","event_ids":["a"]}"#,
            #"{"device_id":"x","event_ids":[1],"sync_token":"t"}"#, #"{"device_id":1,"event_ids":[1]}"#,
            #"{"device_id":"x","event_ids":[99999999999999999999]}"#, #"{"device_id":"","event_ids":[1]}"#,
            #"{"device_id":"x","user_id":"two","event_ids":[1]}"#, #"{"device_id":"x","event_ids":[1]"#,
        ])
    func bodies(body: String) async throws {
        let answer = try await Service().send(Self.acknowledge, key: TestKeys.admin, method: .post, body: body)
        #expect(answer.status == 422)
    }
}
