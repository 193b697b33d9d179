@testable import ChangeFeed
@testable import ChangeFeedHTTP
import ChangeFeedTesting
import Foundation
import HTTPTypes
import Postgres
import Testing

/// A device that asks for some of a model's records only.
@Suite("Filters of a device", .timeLimit(.minutes(10)))
struct FilterTests {
    /// `filter[MODEL]=DOMAIN`, percent-encoded.
    static func filter(_ domain: String, of model: String = "sale.order") -> String {
        "&filter%5B\(model)%5D=" + (domain.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")
    }

    static let pull = SyncTests.pull + "?device_id=phone&models=sale.order"
    static let mine = filter("[('user_id','=',uid)]")
    /// Orders 1 to 5 are worth 100 to 500.
    static let large = filter("[('amount_total','>=',300)]")

    static func events(_ answer: Answer) -> [String] {
        (answer.object["events"] as? [[String: Any]] ?? []).map { event in
            let reason = (event["reason"] as? String).map { " (\($0))" } ?? ""
            return
                "\(event["event"] ?? "") \(event["record_id"] ?? "")\(reason)\(event["data"] is NSNull || event["data"] == nil ? "" : " data")"
        }
    }

    private func settle(_ answer: Answer, _ service: Service, key: String) async throws {
        let ids = (answer.object["events"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? Int }
        _ = try await service.send(
            SyncTests.acknowledge, key: key, method: .post, body: #"{"device_id":"phone","event_ids":\#(ids)}"#)
    }

    /// A device of the salesperson with this filter that has everything.
    private func device(_ filter: String, rules: String = AccessTests.ownOrders, first: [Int]) async throws -> (
        TestDatabase, Service
    ) {
        let (database, service) = try await AccessTests.installed(rules)
        _ = try await service.send("/api/v2/devices?device_id=phone", key: TestKeys.sales, method: .delete)
        var copied: [String] = []
        while true {
            let answer = try await service.send(Self.pull + filter + "&start=all&limit=2", key: TestKeys.sales)
            try #require(answer.status == 200, "\(answer.text)")
            copied += Self.events(answer)
            try await settle(answer, service, key: TestKeys.sales)
            if answer.object["has_more"] as? Bool == false { break }
        }
        #expect(copied == first.map { "create \($0) (copy) data" })
        return (database, service)
    }

    @Test("a pull that loses a race against another one of its device begins again with its filter")
    func race() async throws {
        let (database, service) = try await device(Self.large, first: [3, 4, 5])
        try await database.psql("UPDATE sale_order SET name = name || '!' WHERE id IN (1, 3)", user: "odoo")
        let other = try await database.connect()
        _ = try await other.query("BEGIN")
        _ = try await other.query("UPDATE changefeed.device SET batch = batch + 1 WHERE device_id = 'phone'")
        async let answer = service.send(Self.pull + Self.large, key: TestKeys.sales)
        try await eventually("the pull waits for the other one") {
            try await database.psql(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND usename = 'changefeed_login'"
            ) == "1"
        }
        _ = try await other.query("COMMIT")
        let pulled = try await answer
        #expect(Self.events(pulled) == ["unlink 1 (filter)", "write 3 data"], "\(pulled.text)")
        await other.close()
    }

    @Test("a copy, a list and both digests hold what the filter shows")
    func shown() async throws {
        let (_, service) = try await device(Self.large, first: [3, 4, 5])
        let list = try await service.send(
            "/api/v2/sync/snapshot?device_id=phone&model=sale.order&hashes=true" + Self.large, key: TestKeys.sales)
        let records = try #require(list.object["records"] as? [[String: Any]])
        #expect(records.compactMap { $0["record_id"] as? Int } == [3, 4, 5])
        // As generated clients write it.
        let tagged = Self.large.replacing("&filter%5Bsale.order%5D=", with: "&filter=sale.order%3A")
        let same = try await service.send(
            "/api/v2/sync/snapshot?device_id=phone&model=sale.order&hashes=true" + tagged, key: TestKeys.sales)
        #expect((same.object["records"] as? [[String: Any]] ?? []).compactMap { $0["record_id"] as? Int } == [3, 4, 5])
        let twice = try await service.send(
            "/api/v2/sync/snapshot?device_id=phone&model=sale.order" + tagged + Self.large, key: TestKeys.sales)
        #expect(twice.status == 422 && twice.code == "parameter_repeated")
        for of in ["write_date", "data"] {
            let digest = try await service.send(
                "/api/v2/sync/digest?device_id=phone&model=sale.order&of=\(of)" + Self.large, key: TestKeys.sales)
            #expect(
                digest.object["records"] as? Int == 3 && digest.object["pull_first"] as? Bool == false, "\(digest.text)"
            )
            if of == "data" {
                #expect(
                    digest.object["hash"] as? Int
                        == records.compactMap { $0["data_hash"] as? Int }.reduce(0) { ($0 + $1) % 281_474_976_710_656 })
            }
        }
        let page = try await service.send(
            "/api/v2/sync/snapshot?device_id=phone&model=sale.order&limit=1&from_id=4" + Self.large, key: TestKeys.sales
        )
        #expect((page.object["records"] as? [[String: Any]])?.compactMap { $0["record_id"] as? Int } == [4])
        #expect(
            try await service.send(Self.pull + Self.large, key: TestKeys.sales).object["has_update"] as? Bool == false)
    }

    @Test(
        "a record that comes into the filter is a write with data, one that leaves it an unlink that says why, also without data",
        arguments: [true, false])
    func comingAndGoing(withData: Bool) async throws {
        let (database, service) = try await device(
            Self.mine, rules: AccessTests.rule("sale.order", "[]", group: 2), first: [1, 2, 3, 4, 5])
        let more = withData ? "" : "&data=false"
        try await database.psql(
            """
            UPDATE sale_order SET user_id = 2 WHERE id = 1; DELETE FROM sale_order WHERE id = 2; UPDATE sale_order SET state = 'sale' WHERE id = 3;
            INSERT INTO sale_order (id, name, partner_id, user_id) VALUES (21, 'hers', 1, 2), (22, 'his', 1, 6);
            """, user: "odoo")
        let first = try await service.send(Self.pull + Self.mine + more, key: TestKeys.sales)
        let data = withData ? " data" : ""
        #expect(FilterTests.events(first) == ["unlink 1 (filter)", "unlink 2", "write 3\(data)", "create 22\(data)"])
        try await settle(first, service, key: TestKeys.sales)
        // The log keeps whose an order is: what was never the device's is none of its business.
        try await database.psql(
            """
            UPDATE sale_order SET state = 'a' WHERE id IN (1, 21); DELETE FROM sale_order WHERE id = 1; UPDATE sale_order SET user_id = 6 WHERE id = 21;
            UPDATE sale_order SET user_id = 2 WHERE id = 22; UPDATE sale_order SET user_id = 6 WHERE id = 22;
            """, user: "odoo")
        let second = try await service.send(Self.pull + Self.mine + more, key: TestKeys.sales)
        #expect(FilterTests.events(second) == ["write 21\(data)", "write 22\(data)"])
    }

    @Test("where the log does not keep a column, each record that changes outside of the filter is sent as gone")
    func columnNotKept() async throws {
        let (database, service) = try await device(Self.large, first: [3, 4, 5])
        try await database.psql(
            "UPDATE sale_order SET amount_total = 1 WHERE id = 5; UPDATE sale_order SET state = 'a' WHERE id = 1; UPDATE sale_order SET amount_total = 900 WHERE id = 2",
            user: "odoo")
        #expect(
            FilterTests.events(try await service.send(Self.pull + Self.large, key: TestKeys.sales)) == [
                "unlink 5 (filter)", "unlink 1 (filter)", "write 2 data",
            ])
    }

    @Test(
        "a record that leaves the user's sight says so, and one that was outside of the filter while it could be seen is not told"
    )
    func sight() async throws {
        let here = Self.filter("[('partner_id','in',[1,2])]")
        let (database, service) = try await device(here, first: [1, 2])
        // Order 3 is neither in the filter while it is seen, nor seen when it comes into it.
        try await database.psql(
            "UPDATE sale_order SET user_id = 2 WHERE id IN (1, 3); UPDATE sale_order SET partner_id = 1 WHERE id = 3; UPDATE sale_order SET state = 'x' WHERE id = 3",
            user: "odoo")
        let first = try await service.send(Self.pull + here, key: TestKeys.sales)
        #expect(FilterTests.events(first) == ["unlink 1 (access)"])
        try await settle(first, service, key: TestKeys.sales)
        // Gone from both at once, and deleted afterwards.
        try await database.psql(
            "UPDATE sale_order SET user_id = 2, partner_id = 3 WHERE id = 2; DELETE FROM sale_order WHERE id IN (2, 3)",
            user: "odoo")
        #expect(FilterTests.events(try await service.send(Self.pull + here, key: TestKeys.sales)) == ["unlink 2"])
    }

    @Test("another filter, none any more and other companies in it are a change of scope for that model alone")
    func change() async throws {
        let (_, service) = try await AccessTests.installed(AccessTests.ownOrders, models: "sale.order,res.partner")
        let pull = "/api/v2/sync/pull?device_id=phone&models=sale.order,res.partner"
        for filter in [Self.mine, Self.large, Self.filter("[('amount_total','>=',301)]"), "", Self.filter("[]")] {
            let told = try await service.send(pull + filter, key: TestKeys.sales)
            #expect(
                told.status == 410 && told.code == "scope_changed"
                    && told.object["models"] as? [String] == ["sale.order"], "\(filter) \(told.text)")
            // A list by another filter, or by none, is none of it.
            let other = filter == Self.mine ? Self.large : Self.mine
            _ = try await service.send(
                "/api/v2/sync/snapshot?device_id=phone&model=sale.order&limit=500" + other, key: TestKeys.sales)
            #expect(try await service.send(pull + filter, key: TestKeys.sales).code == "scope_changed")
            let list = try await service.send(
                "/api/v2/sync/snapshot?device_id=phone&model=sale.order&limit=500" + filter, key: TestKeys.sales)
            #expect(list.object["complete"] as? Bool == true)
            #expect(try await service.send(pull + filter, key: TestKeys.sales).status == 200)
        }
    }

    @Test("a list by another filter before the first pull does not count", arguments: ["all", "now"])
    func listedBefore(start: String) async throws {
        let (_, service) = try await AccessTests.installed(AccessTests.ownOrders)
        let list = "/api/v2/sync/snapshot?device_id=new&model=sale.order"
        let pull = "/api/v2/sync/pull?device_id=new&models=sale.order&start=\(start)" + Self.mine
        #expect(try await service.send(list + Self.large, key: TestKeys.sales).object["complete"] as? Bool == true)
        for _ in 0..<2 {
            let told = try await service.send(pull, key: TestKeys.sales)
            #expect(
                told.code == "scope_changed" && told.object["models"] as? [String] == ["sale.order"], "\(told.text)")
        }
        _ = try await service.send(list + Self.mine, key: TestKeys.sales)
        let answer = try await service.send(pull, key: TestKeys.sales)
        #expect(
            answer.status == 200 && FilterTests.events(answer).isEmpty && answer.object["has_more"] as? Bool == false,
            "\(answer.text)")
    }

    @Test("a filter reveals nothing of a model that the user may no longer read: its 410 is sent")
    func notReadable() async throws {
        let (database, service) = try await AccessTests.installed(AccessTests.ownOrders)
        let pull = "/api/v2/sync/pull?device_id=tablet&app_type=sales" + Self.mine
        #expect(try await service.send(pull, key: TestKeys.sales).status == 200)
        try await database.psql(
            "UPDATE ir_model_access SET active = false WHERE model_id = (SELECT id FROM ir_model WHERE model = 'sale.order')",
            user: "odoo")
        let told = try await service.send(pull, key: TestKeys.sales)
        #expect(told.code == "scope_changed" && told.object["models"] as? [String] == ["sale.order"], "\(told.text)")
    }

    @Test("a record that leaves the filter between the check and the page is sent with its reason")
    func lateLeaving() async throws {
        let (database, service) = try await device(Self.large, first: [3, 4, 5])
        try await database.psql("UPDATE sale_order SET state = 'x' WHERE id IN (3, 4)", user: "odoo")
        // Between a verdict and the page that it is for.
        try await database.psql(
            """
            DO $$ BEGIN
                EXECUTE replace(pg_get_functiondef('changefeed.shown_entries'::regproc), 'changefeed.odoo_filtered(r.scope, r.record_ids)', 'r.record_ids');
            END $$;
            UPDATE sale_order SET amount_total = 1 WHERE id = 4;
            """)
        #expect(
            FilterTests.events(try await service.send(Self.pull + Self.large, key: TestKeys.sales)).sorted() == [
                "unlink 4 (filter)", "write 3 data",
            ])
    }

    @Test("answers from memory are of one filter, and HEAD and streams look by it")
    func idle() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let here = try IdleReplica(database)
        let base = IdleReplica.pull + "&models=sale.order"
        let pull = try await here.settled(base + Self.large)
        try await here.remembers(pull)
        let token = String(pull[(pull.range(of: "&sync_token=")?.lowerBound ?? pull.startIndex)...])
        for other in [
            "", Self.mine, Self.filter("[('amount_total','>=',301)]"),
            Self.large + Self.filter("[]", of: "res.partner"),
        ] {
            let again = try await here.settled(base + Self.large)
            try await eventually("it is answered from memory") { try await here.send(again).isRemembered }
            let (answer, isRemembered) = try await here.send(base + other + token)
            #expect(!isRemembered && answer.object["has_update"] == nil, "\(other): \(answer.text)")
            guard answer.code == "scope_changed" else { continue }
            // What the other one changed is noticed.
            #expect(try await here.send(again).isRemembered == false)
            _ = try await here.send("/api/v2/sync/snapshot?device_id=phone&model=sale.order&limit=500" + Self.large)
        }
        _ = try await here.settled(base + Self.large)
        try await eventually("HEAD is answered from memory") {
            try await here.send(base + Self.large, method: .head).isRemembered
        }
        #expect(try await here.send(base + Self.mine, method: .head).isRemembered == false)
        #expect(try await here.send(base, method: .head).isRemembered == false)
        await here.stop()
    }
}
