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

    private static let pull = SyncTests.pull + "?device_id=phone&models=sale.order"
    private static let mine = filter("[('user_id','=',uid)]")
    /// Orders 1 to 5 are worth 100 to 500.
    private static let large = filter("[('amount_total','>=',300)]")

    private func events(_ answer: Answer) -> [String] {
        (answer.object["events"] as? [[String: Any]] ?? []).map { event in
            let reason = (event["reason"] as? String).map { " (\($0))" } ?? ""
            return "\(event["event"] ?? "") \(event["record_id"] ?? "")\(reason)\(event["data"] is NSNull || event["data"] == nil ? "" : " data")"
        }
    }

    private func settle(_ answer: Answer, _ service: Service, key: String) async throws {
        let ids = (answer.object["events"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? Int }
        _ = try await service.send(SyncTests.acknowledge, key: key, method: .post, body: #"{"device_id":"phone","event_ids":\#(ids)}"#)
    }

    /// A device of the salesperson with this filter that has everything.
    private func device(_ filter: String, rules: String = AccessTests.ownOrders, first: [Int]) async throws -> (TestDatabase, Service) {
        let (database, service) = try await AccessTests.installed(rules)
        _ = try await service.send("/api/v2/devices?device_id=phone", key: TestKeys.sales, method: .delete)
        var copied: [String] = []
        while true {
            let answer = try await service.send(Self.pull + filter + "&start=all&limit=2", key: TestKeys.sales)
            try #require(answer.status == 200, "\(answer.text)")
            copied += events(answer)
            try await settle(answer, service, key: TestKeys.sales)
            if answer.object["has_more"] as? Bool == false { break }
        }
        #expect(copied == first.map { "create \($0) (copy) data" })
        return (database, service)
    }

    @Test("a copy, a list and both digests hold what the filter shows")
    func shown() async throws {
        let (_, service) = try await device(Self.large, first: [3, 4, 5])
        let list = try await service.send("/api/v2/sync/snapshot?device_id=phone&model=sale.order&hashes=true" + Self.large, key: TestKeys.sales)
        let records = try #require(list.object["records"] as? [[String: Any]])
        #expect(records.compactMap { $0["record_id"] as? Int } == [3, 4, 5])
        for of in ["write_date", "data"] {
            let digest = try await service.send("/api/v2/sync/digest?device_id=phone&model=sale.order&of=\(of)" + Self.large, key: TestKeys.sales)
            #expect(digest.object["records"] as? Int == 3 && digest.object["pull_first"] as? Bool == false, "\(digest.text)")
            if of == "data" {
                #expect(digest.object["hash"] as? Int == records.compactMap { $0["data_hash"] as? Int }.reduce(0) { ($0 + $1) % 281_474_976_710_656 })
            }
        }
        let page = try await service.send("/api/v2/sync/snapshot?device_id=phone&model=sale.order&limit=1&from_id=4" + Self.large, key: TestKeys.sales)
        #expect((page.object["records"] as? [[String: Any]])?.compactMap { $0["record_id"] as? Int } == [4])
        #expect(try await service.send(Self.pull + Self.large, key: TestKeys.sales).object["has_update"] as? Bool == false)
    }

    @Test("a record that comes into the filter is a write with data, one that leaves it an unlink that says why, also without data", arguments: [true, false])
    func comingAndGoing(withData: Bool) async throws {
        let (database, service) = try await device(Self.mine, rules: AccessTests.rule("sale.order", "[]", group: 2), first: [1, 2, 3, 4, 5])
        let more = withData ? "" : "&data=false"
        try await database.psql(
            """
            UPDATE sale_order SET user_id = 2 WHERE id = 1; DELETE FROM sale_order WHERE id = 2; UPDATE sale_order SET state = 'sale' WHERE id = 3;
            INSERT INTO sale_order (id, name, partner_id, user_id) VALUES (21, 'hers', 1, 2), (22, 'his', 1, 6);
            """, user: "odoo")
        let first = try await service.send(Self.pull + Self.mine + more, key: TestKeys.sales)
        let data = withData ? " data" : ""
        #expect(events(first) == ["unlink 1 (filter)", "unlink 2", "write 3\(data)", "create 22\(data)"])
        try await settle(first, service, key: TestKeys.sales)
        // The log keeps whose an order is: what was never the device's is none of its business.
        try await database.psql(
            """
            UPDATE sale_order SET state = 'a' WHERE id IN (1, 21); DELETE FROM sale_order WHERE id = 1; UPDATE sale_order SET user_id = 6 WHERE id = 21;
            UPDATE sale_order SET user_id = 2 WHERE id = 22; UPDATE sale_order SET user_id = 6 WHERE id = 22;
            """, user: "odoo")
        let second = try await service.send(Self.pull + Self.mine + more, key: TestKeys.sales)
        #expect(events(second) == ["write 21\(data)", "write 22\(data)"])
    }

    @Test("where the log does not keep a column, each record that changes outside of the filter is told as gone")
    func columnNotKept() async throws {
        let (database, service) = try await device(Self.large, first: [3, 4, 5])
        try await database.psql("UPDATE sale_order SET amount_total = 1 WHERE id = 5; UPDATE sale_order SET state = 'a' WHERE id = 1; UPDATE sale_order SET amount_total = 900 WHERE id = 2", user: "odoo")
        #expect(events(try await service.send(Self.pull + Self.large, key: TestKeys.sales)) == ["unlink 5 (filter)", "unlink 1 (filter)", "write 2 data"])
    }

    @Test("a record that leaves the user's sight says so, and one that was outside of the filter while it could be seen is not told")
    func sight() async throws {
        let here = Self.filter("[('partner_id','in',[1,2])]")
        let (database, service) = try await device(here, first: [1, 2])
        // Order 3 is neither in the filter while it is seen, nor seen when it comes into it.
        try await database.psql(
            "UPDATE sale_order SET user_id = 2 WHERE id IN (1, 3); UPDATE sale_order SET partner_id = 1 WHERE id = 3; UPDATE sale_order SET state = 'x' WHERE id = 3", user: "odoo")
        let first = try await service.send(Self.pull + here, key: TestKeys.sales)
        #expect(events(first) == ["unlink 1 (access)"])
        try await settle(first, service, key: TestKeys.sales)
        // Gone from both at once, and deleted afterwards.
        try await database.psql("UPDATE sale_order SET user_id = 2, partner_id = 3 WHERE id = 2; DELETE FROM sale_order WHERE id IN (2, 3)", user: "odoo")
        #expect(events(try await service.send(Self.pull + here, key: TestKeys.sales)) == ["unlink 2"])
    }

    @Test("what rules hide no filter brings back, however it is written", arguments: [
        "[]", "[(1,'=',1)]", "['|',(1,'=',1),('id','=',3)]", "['!',(0,'=',1)]", "['|',('user_id','=',2),('user_id','!=',2)]", "[('id','=',3)]", "[('user_id','!=',uid)]", "['!','!',('id','in',[3])]",
        "[('id','not in',[])]", "[('name','=ilike','%')]", "[('user_id','=?',False)]",
    ])
    func neverWider(domain: String) async throws {
        let (database, service) = try await AccessTests.installed(AccessTests.ownOrders, then: "UPDATE sale_order SET user_id = 2 WHERE id = 3")
        let filter = Self.filter(domain)
        let list = try await service.send("/api/v2/sync/snapshot?device_id=other&model=sale.order" + filter, key: TestKeys.sales)
        #expect(list.status == 200 && (list.object["records"] as? [[String: Any]])?.contains { $0["record_id"] as? Int == 3 } == false, "\(list.text)")
        for of in ["write_date", "data"] {
            let digest = try await service.send("/api/v2/sync/digest?device_id=other&model=sale.order&of=\(of)&buckets=1000" + filter, key: TestKeys.sales)
            #expect((digest.object["buckets"] as? [[String: Any]])?.contains { $0["from_id"] as? Int == 3 } == false, "\(digest.text)")
        }
        let copy = try await service.send("/api/v2/sync/pull?device_id=new&models=sale.order&start=all" + filter, key: TestKeys.sales)
        #expect(copy.status == 200 && !events(copy).contains { $0.contains(" 3") })
        try await database.psql("UPDATE sale_order SET state = 'x' WHERE id = 3", user: "odoo")
        let pull = try await service.send("/api/v2/sync/pull?device_id=third&models=sale.order" + filter, key: TestKeys.sales)
        #expect(!events(pull).contains { $0.hasPrefix("write 3") || $0.hasPrefix("create 3") })
    }

    /// What the answer to a filter tells of a hidden record: nothing, whatever the record holds.
    @Test("a filter is no way to the values of records that the user does not see")
    func oracle() async throws {
        let (database, service) = try await AccessTests.installed(AccessTests.ownOrders, then: "UPDATE sale_order SET user_id = 2 WHERE id = 3")
        func asked(_ domain: String, _ device: String) async throws -> [String] {
            var texts: [String] = []
            for path in ["digest?model=sale.order&of=data", "digest?model=sale.order", "snapshot?model=sale.order", "pull?models=sale.order"] {
                let answer = try await service.send("/api/v2/sync/\(path)&device_id=\(device)" + Self.filter(domain), key: TestKeys.sales)
                let members = answer.object.filter { !["request_id", "snapshot_id", "instance", "next_sync_token"].contains($0.key) }
                texts.append("\(answer.status) " + members.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " "))
            }
            return texts
        }
        let domain = "['|',('amount_total','=',777),('name','=like','deep%')]"
        _ = try await asked(domain, "one")
        for change in ["UPDATE sale_order SET amount_total = 777 WHERE id = 3", "UPDATE sale_order SET amount_total = 5, name = 'deep' WHERE id = 3", "UPDATE sale_order SET name = 'x' WHERE id = 3"] {
            let before = try await asked(domain, "one")
            try await database.psql(change, user: "odoo")
            #expect(try await asked(domain, "one") == before, "\(change)")
        }
    }

    @Test("a filter by a field that is hidden, secret or not there is refused in the same words, and a field that opens is taken")
    func fields() async throws {
        let (database, service) = try await AccessTests.installed(AccessTests.ownOrders)
        try await database.psql(
            """
            ALTER TABLE sale_order ADD COLUMN x_margin varchar DEFAULT 's', ADD COLUMN access_token varchar DEFAULT 't';
            INSERT INTO ir_model_fields (model, name, ttype, store, state) VALUES ('sale.order', 'x_margin', 'char', true, 'manual'), ('sale.order', 'access_token', 'char', true, 'base');
            INSERT INTO ir_model_fields_group_rel (field_id, group_id) SELECT id, 4 FROM ir_model_fields WHERE name = 'x_margin';
            """, user: "odoo")
        try await database.psql("SELECT changefeed.grant_data('sale.order')")
        let before = try await database.psql("SELECT d FROM changefeed.device d ORDER BY id")
        for domain in ["[('NAME','=','s')]", "[('NAME','like','s')]", "[('NAME','=',1)]", "[('NAME','>',False)]", "['!',('NAME','in',['s'])]"] {
            var answers: Set<String> = []
            for name in ["x_margin", "access_token", "no_such_field", "xmin", "tableoid"] {
                let answer = try await service.send(Self.pull + Self.filter(domain.replacing("NAME", with: name)), key: TestKeys.sales)
                #expect(answer.status == 422 && answer.code == "filter_invalid")
                answers.insert(answer.object.filter { !["request_id", "instance"].contains($0.key) }.sorted { $0.key < $1.key }.map { "\($0)" }.joined())
            }
            #expect(answers.count == 1, "\(answers)")
        }
        #expect(try await database.psql("SELECT d FROM changefeed.device d ORDER BY id") == before)
        // The administrator is of the group.
        #expect(try await service.send(Self.pull + Self.filter("[('x_margin','=','s')]"), key: TestKeys.admin).status == 410)
        #expect(try await service.send(Self.pull + Self.filter("[('access_token','=','t')]"), key: TestKeys.admin).code == "filter_invalid")
        try await database.psql("INSERT INTO res_groups_users_rel (gid, uid) VALUES (4, 6)", user: "odoo")
        #expect(try await service.send(Self.pull + Self.filter("[('x_margin','=','s')]"), key: TestKeys.sales).status == 410)
        try await database.psql("DELETE FROM res_groups_users_rel WHERE gid = 4 AND uid = 6", user: "odoo")
        #expect(try await service.send(Self.pull + Self.filter("[('x_margin','=','s')]"), key: TestKeys.sales).code == "filter_invalid")
    }

    @Test("SQL in every part of a filter changes nothing, finds nothing and is not repeated", arguments: [
        "[('id) OR (1','=',1)]", "[('id','= 1 OR 1 =',1)]", "[('name','=','\\'; DROP TABLE res_partner; --')]", "[('name','ilike','%\\' OR 1=1 --')]", "[('id\"','=',1)]", "[('id','in',['1) OR (1=1'])]",
        "[('name','=','$1')]", "[('name','in',['{','}','NULL','\"'])]", "[('id','=',1)]) OR (true", "[('name','=','\\u2028\\\\')]", "[('user_id','=',(SELECT 1))]", "[('write_date','>','now(); x')]",
    ])
    func injection(domain: String) async throws {
        let (database, service) = try await AccessTests.installed(AccessTests.ownOrders, then: "UPDATE sale_order SET user_id = 2 WHERE id = 3")
        let tables = try await database.psql("SELECT count(*) FROM pg_class")
        for path in ["/api/v2/sync/snapshot?device_id=other&model=sale.order", Self.pull, "/api/v2/sync/digest?device_id=phone&model=sale.order"] {
            let answer = try await service.send(path + Self.filter(domain), key: TestKeys.sales)
            #expect([200, 410, 422].contains(answer.status), "\(answer.text)")
            #expect(!answer.text.contains("DROP") && !answer.text.contains("SELECT") && !answer.text.contains("\"record_id\":3,"), "\(answer.text)")
        }
        #expect(try await database.psql("SELECT count(*) FROM pg_class") == tables)
        #expect(!service.log.text.contains("DROP"))
    }

    @Test("wrong parameters say what is wrong, and change nothing", arguments: [
        ("&filter%5Bsale.order%5D=%5B%5D&filter%5Bsale.order%5D=%5B%5D", "parameter_repeated"), ("&filter%5B%5D=%5B%5D", "parameter_invalid"), ("&filter=%5B%5D", "parameter_unknown"),
        ("&filter%5BSELECT%5D=%5B%5D", "parameter_invalid"), ("&filter%5Bsale.order%5D=", "filter_invalid"), ("&filter%5Bsale.order%5D=%00", "parameter_invalid"), ("&filter%5Bsale.order%5D=%ff", "parameter_invalid"),
        ("&filter%5Bres.partner%5D=%5B%5D", "filter_invalid"), ("&filter%5Bno.such%5D=%5B%5D", "filter_invalid"),
        ((0..<21).map { "&filter%5Bx.m\($0)%5D=%5B%5D" }.joined(), "parameter_invalid"),
    ])
    func wrong(parameters: String, code: String) async throws {
        let (database, service) = try await AccessTests.installed(AccessTests.ownOrders)
        let before = try await database.psql("SELECT d FROM changefeed.device d ORDER BY id")
        for path in [Self.pull, "/api/v2/sync/snapshot?device_id=phone&model=sale.order", "/api/v2/sync/digest?device_id=phone&model=sale.order", "/api/v2/sync/stream?device_id=phone&models=sale.order"] {
            let answer = try await service.send(path + parameters, key: TestKeys.sales)
            #expect(answer.status == 422 && answer.code == code, "\(path): \(answer.text)")
        }
        let head = try await service.send(Self.pull + parameters, key: TestKeys.sales, method: .head)
        #expect(head.status == 422)
        #expect(try await database.psql("SELECT d FROM changefeed.device d ORDER BY id") == before)
    }

    @Test("another filter, none any more and other companies in it are a change of scope for that model alone")
    func change() async throws {
        let (_, service) = try await AccessTests.installed(AccessTests.ownOrders, models: "sale.order,res.partner")
        let pull = "/api/v2/sync/pull?device_id=phone&models=sale.order,res.partner"
        for filter in [Self.mine, Self.large, Self.filter("[('amount_total','>=',301)]"), "", Self.filter("[]")] {
            let told = try await service.send(pull + filter, key: TestKeys.sales)
            #expect(told.status == 410 && told.code == "scope_changed" && told.object["models"] as? [String] == ["sale.order"], "\(filter) \(told.text)")
            // A list by another filter, or by none, is none of it.
            let other = filter == Self.mine ? Self.large : Self.mine
            _ = try await service.send("/api/v2/sync/snapshot?device_id=phone&model=sale.order&limit=500" + other, key: TestKeys.sales)
            #expect(try await service.send(pull + filter, key: TestKeys.sales).code == "scope_changed")
            let list = try await service.send("/api/v2/sync/snapshot?device_id=phone&model=sale.order&limit=500" + filter, key: TestKeys.sales)
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
            #expect(told.code == "scope_changed" && told.object["models"] as? [String] == ["sale.order"], "\(told.text)")
        }
        _ = try await service.send(list + Self.mine, key: TestKeys.sales)
        let answer = try await service.send(pull, key: TestKeys.sales)
        #expect(answer.status == 200 && events(answer).isEmpty && answer.object["has_more"] as? Bool == false, "\(answer.text)")
    }

    @Test("of a model that the user may not read any more a filter says nothing: its 410 is told")
    func notReadable() async throws {
        let (database, service) = try await AccessTests.installed(AccessTests.ownOrders)
        let pull = "/api/v2/sync/pull?device_id=tablet&app_type=sales" + Self.mine
        #expect(try await service.send(pull, key: TestKeys.sales).status == 200)
        try await database.psql("UPDATE ir_model_access SET active = false WHERE model_id = (SELECT id FROM ir_model WHERE model = 'sale.order')", user: "odoo")
        let told = try await service.send(pull, key: TestKeys.sales)
        #expect(told.code == "scope_changed" && told.object["models"] as? [String] == ["sale.order"], "\(told.text)")
    }

    @Test("a record that leaves the filter between the look and the page is told by its reason")
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
        #expect(events(try await service.send(Self.pull + Self.large, key: TestKeys.sales)).sorted() == ["unlink 4 (filter)", "write 3 data"])
    }

    @Test("answers from memory are of one filter, and HEAD and streams look by it")
    func idle() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let here = try IdleReplica(database)
        let base = IdleReplica.pull + "&models=sale.order"
        let pull = try await here.settled(base + Self.large)
        #expect(try await here.send(pull).isRemembered)
        let token = String(pull[(pull.range(of: "&sync_token=")?.lowerBound ?? pull.startIndex)...])
        for other in ["", Self.mine, Self.filter("[('amount_total','>=',301)]"), Self.large + Self.filter("[]", of: "res.partner")] {
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
        try await eventually("HEAD is answered from memory") { try await here.send(base + Self.large, method: .head).isRemembered }
        #expect(try await here.send(base + Self.mine, method: .head).isRemembered == false)
        #expect(try await here.send(base, method: .head).isRemembered == false)
        await here.stop()
    }

    @Test("a flood of filters leaves no table larger, no condition kept, and is no change of access for anybody")
    func flood() async throws {
        let (database, service) = try await AccessTests.installed(AccessTests.ownOrders)
        _ = try await service.send(Self.pull + Self.mine, key: TestKeys.sales)
        let counts = """
            SELECT (SELECT count(*) FROM changefeed.compiled_rules), (SELECT count(*) FROM changefeed.kept_access), (SELECT count(*) FROM changefeed.kept_statement),
                   (SELECT count(*) FROM changefeed.access_change), (SELECT count(*) FROM pg_proc), (SELECT count(*) FROM changefeed.device), changefeed.odoo_access_version()
            """
        _ = try await service.send("/api/v2/sync/snapshot?device_id=phone&model=sale.order&from_id=1" + Self.mine, key: TestKeys.sales)
        let before = try await database.psql(counts)
        for number in 0..<60 {
            let answer = try await service.send("/api/v2/sync/snapshot?device_id=phone&model=sale.order&from_id=1" + Self.filter("[('id','>',\(number))]"), key: TestKeys.sales)
            #expect(answer.status == 200, "\(answer.text)")
        }
        #expect(try await database.psql(counts) == before)
    }
}
