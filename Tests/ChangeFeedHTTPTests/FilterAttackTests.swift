@testable import ChangeFeed
@testable import ChangeFeedHTTP
import ChangeFeedTesting
import Foundation
import HTTPTypes
import Postgres
import Testing

/// What somebody finds out by filters about what is not theirs: nothing.
@Suite("Asking by filters", .timeLimit(.minutes(10)))
struct FilterAttackTests {
    @Test(
        "what rules hide no filter brings back, however it is written",
        arguments: [
            "[]", "[(1,'=',1)]", "['|',(1,'=',1),('id','=',3)]", "['!',(0,'=',1)]",
            "['|',('user_id','=',2),('user_id','!=',2)]", "[('id','=',3)]", "[('user_id','!=',uid)]",
            "['!','!',('id','in',[3])]",
            "[('id','not in',[])]", "[('name','=ilike','%')]", "[('user_id','=?',False)]",
        ])
    func neverWider(domain: String) async throws {
        let (database, service) = try await AccessTests.installed(
            AccessTests.ownOrders, then: "UPDATE sale_order SET user_id = 2 WHERE id = 3")
        let filter = FilterTests.filter(domain)
        let list = try await service.send(
            "/api/v2/sync/snapshot?device_id=other&model=sale.order" + filter, key: TestKeys.sales)
        #expect(
            list.status == 200
                && (list.object["records"] as? [[String: Any]])?.contains { $0["record_id"] as? Int == 3 } == false,
            "\(list.text)")
        for of in ["write_date", "data"] {
            let digest = try await service.send(
                "/api/v2/sync/digest?device_id=other&model=sale.order&of=\(of)&buckets=1000" + filter,
                key: TestKeys.sales)
            #expect(
                (digest.object["buckets"] as? [[String: Any]])?.contains { $0["from_id"] as? Int == 3 } == false,
                "\(digest.text)")
        }
        let copy = try await service.send(
            "/api/v2/sync/pull?device_id=new&models=sale.order&start=all" + filter, key: TestKeys.sales)
        #expect(copy.status == 200 && !FilterTests.events(copy).contains { $0.contains(" 3") })
        try await database.psql("UPDATE sale_order SET state = 'x' WHERE id = 3", user: "odoo")
        let pull = try await service.send(
            "/api/v2/sync/pull?device_id=third&models=sale.order" + filter, key: TestKeys.sales)
        #expect(!FilterTests.events(pull).contains { $0.hasPrefix("write 3") || $0.hasPrefix("create 3") })
    }

    /// What the answer to a filter tells of a hidden record: nothing, whatever the record holds.
    @Test("a filter is no way to the values of records that the user does not see")
    func oracle() async throws {
        let (database, service) = try await AccessTests.installed(
            AccessTests.ownOrders, then: "UPDATE sale_order SET user_id = 2 WHERE id = 3")
        func asked(_ domain: String, _ device: String) async throws -> [String] {
            var texts: [String] = []
            for path in [
                "digest?model=sale.order&of=data", "digest?model=sale.order", "snapshot?model=sale.order",
                "pull?models=sale.order",
            ] {
                let answer = try await service.send(
                    "/api/v2/sync/\(path)&device_id=\(device)" + FilterTests.filter(domain), key: TestKeys.sales)
                let members = answer.object.filter {
                    !["request_id", "snapshot_id", "instance", "next_sync_token"].contains($0.key)
                }
                texts.append(
                    "\(answer.status) "
                        + members.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " "))
            }
            return texts
        }
        let domain = "['|',('amount_total','=',777),('name','=like','deep%')]"
        _ = try await asked(domain, "one")
        for change in [
            "UPDATE sale_order SET amount_total = 777 WHERE id = 3",
            "UPDATE sale_order SET amount_total = 5, name = 'deep' WHERE id = 3",
            "UPDATE sale_order SET name = 'x' WHERE id = 3",
        ] {
            let before = try await asked(domain, "one")
            try await database.psql(change, user: "odoo")
            #expect(try await asked(domain, "one") == before, "\(change)")
        }
    }

    @Test(
        "a filter by a field that is hidden, secret or not there is refused in the same words, and a field that opens is taken"
    )
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
        for domain in [
            "[('NAME','=','s')]", "[('NAME','like','s')]", "[('NAME','=',1)]", "[('NAME','>',False)]",
            "['!',('NAME','in',['s'])]",
        ] {
            var answers: Set<String> = []
            for name in ["x_margin", "access_token", "no_such_field", "xmin", "tableoid"] {
                let answer = try await service.send(
                    FilterTests.pull + FilterTests.filter(domain.replacing("NAME", with: name)), key: TestKeys.sales)
                #expect(answer.status == 422 && answer.code == "filter_invalid")
                answers.insert(
                    answer.object.filter { !["request_id", "instance"].contains($0.key) }.sorted { $0.key < $1.key }.map
                    { "\($0)" }.joined())
            }
            #expect(answers.count == 1, "\(answers)")
        }
        #expect(try await database.psql("SELECT d FROM changefeed.device d ORDER BY id") == before)
        // The administrator is of the group.
        #expect(
            try await service.send(FilterTests.pull + FilterTests.filter("[('x_margin','=','s')]"), key: TestKeys.admin)
                .status == 410
        )
        #expect(
            try await service.send(
                FilterTests.pull + FilterTests.filter("[('access_token','=','t')]"), key: TestKeys.admin
            ).code
                == "filter_invalid")
        try await database.psql("INSERT INTO res_groups_users_rel (gid, uid) VALUES (4, 6)", user: "odoo")
        #expect(
            try await service.send(FilterTests.pull + FilterTests.filter("[('x_margin','=','s')]"), key: TestKeys.sales)
                .status == 410
        )
        try await database.psql("DELETE FROM res_groups_users_rel WHERE gid = 4 AND uid = 6", user: "odoo")
        #expect(
            try await service.send(FilterTests.pull + FilterTests.filter("[('x_margin','=','s')]"), key: TestKeys.sales)
                .code
                == "filter_invalid")
    }

    @Test(
        "SQL in every part of a filter changes nothing, finds nothing and is not repeated",
        arguments: [
            "[('id) OR (1','=',1)]", "[('id','= 1 OR 1 =',1)]", "[('name','=','\\'; DROP TABLE res_partner; --')]",
            "[('name','ilike','%\\' OR 1=1 --')]", "[('id\"','=',1)]", "[('id','in',['1) OR (1=1'])]",
            "[('name','=','$1')]", "[('name','in',['{','}','NULL','\"'])]", "[('id','=',1)]) OR (true",
            "[('name','=','\\u2028\\\\')]", "[('user_id','=',(SELECT 1))]", "[('write_date','>','now(); x')]",
        ])
    func injection(domain: String) async throws {
        let (database, service) = try await AccessTests.installed(
            AccessTests.ownOrders, then: "UPDATE sale_order SET user_id = 2 WHERE id = 3")
        let tables = try await database.psql("SELECT count(*) FROM pg_class")
        for path in [
            "/api/v2/sync/snapshot?device_id=other&model=sale.order", FilterTests.pull,
            "/api/v2/sync/digest?device_id=phone&model=sale.order",
        ] {
            let answer = try await service.send(path + FilterTests.filter(domain), key: TestKeys.sales)
            #expect([200, 410, 422].contains(answer.status), "\(answer.text)")
            #expect(
                !answer.text.contains("DROP") && !answer.text.contains("SELECT")
                    && !answer.text.contains("\"record_id\":3,"), "\(answer.text)")
        }
        #expect(try await database.psql("SELECT count(*) FROM pg_class") == tables)
        #expect(!service.log.text.contains("DROP"))
    }

    @Test(
        "wrong parameters say what is wrong, and change nothing",
        arguments: [
            ("&filter%5Bsale.order%5D=%5B%5D&filter%5Bsale.order%5D=%5B%5D", "parameter_repeated"),
            ("&filter%5B%5D=%5B%5D", "parameter_invalid"), ("&filter=%5B%5D", "parameter_invalid"),
            ("&filter%5BSELECT%5D=%5B%5D", "parameter_invalid"), ("&filter%5Bsale.order%5D=", "filter_invalid"),
            ("&filter%5Bsale.order%5D=%00", "parameter_invalid"), ("&filter%5Bsale.order%5D=%ff", "parameter_invalid"),
            ("&filter%5Bres.partner%5D=%5B%5D", "filter_invalid"), ("&filter%5Bno.such%5D=%5B%5D", "filter_invalid"),
            ((0..<21).map { "&filter%5Bx.m\($0)%5D=%5B%5D" }.joined(), "parameter_invalid"),
        ])
    func wrong(parameters: String, code: String) async throws {
        let (database, service) = try await AccessTests.installed(AccessTests.ownOrders)
        let before = try await database.psql("SELECT d FROM changefeed.device d ORDER BY id")
        for path in [
            FilterTests.pull, "/api/v2/sync/snapshot?device_id=phone&model=sale.order",
            "/api/v2/sync/digest?device_id=phone&model=sale.order",
            "/api/v2/sync/stream?device_id=phone&models=sale.order",
        ] {
            let answer = try await service.send(path + parameters, key: TestKeys.sales)
            #expect(answer.status == 422 && answer.code == code, "\(path): \(answer.text)")
        }
        let head = try await service.send(FilterTests.pull + parameters, key: TestKeys.sales, method: .head)
        #expect(head.status == 422)
        #expect(try await database.psql("SELECT d FROM changefeed.device d ORDER BY id") == before)
    }

    @Test("a flood of filters leaves no table larger, stores no condition, and changes no user's access")
    func flood() async throws {
        let (database, service) = try await AccessTests.installed(AccessTests.ownOrders)
        _ = try await service.send(FilterTests.pull + FilterTests.mine, key: TestKeys.sales)
        let counts = """
            SELECT (SELECT count(*) FROM changefeed.compiled_rules), (SELECT count(*) FROM changefeed.kept_access), (SELECT count(*) FROM changefeed.kept_statement),
                   (SELECT count(*) FROM changefeed.access_change), (SELECT count(*) FROM pg_proc), (SELECT count(*) FROM changefeed.device), changefeed.odoo_access_version()
            """
        _ = try await service.send(
            "/api/v2/sync/snapshot?device_id=phone&model=sale.order&from_id=1" + FilterTests.mine, key: TestKeys.sales)
        let before = try await database.psql(counts)
        for number in 0..<60 {
            let answer = try await service.send(
                "/api/v2/sync/snapshot?device_id=phone&model=sale.order&from_id=1"
                    + FilterTests.filter("[('id','>',\(number))]"), key: TestKeys.sales)
            #expect(answer.status == 200, "\(answer.text)")
        }
        #expect(try await database.psql(counts) == before)
    }
}
