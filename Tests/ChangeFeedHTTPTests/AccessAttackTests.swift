@testable import ChangeFeedHTTP
import ChangeFeed
import ChangeFeedTesting
import Foundation
import HTTPTypes
import Postgres
import Testing

/// What somebody finds out who asks for what is not theirs: nothing.
@Suite("Asking for what is hidden", .timeLimit(.minutes(10)))
struct AccessAttackTests {
    private static let hidden =
        "UPDATE sale_order SET user_id = 2 WHERE id = 3; UPDATE sale_order SET state = 'done' WHERE id = 3"

    /// Orders 1, 2, 4 and 5 are the salesperson's, 3 is not and never was; the log has a change of it.
    private static func service() async throws -> (TestDatabase, Service) {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql(
            "UPDATE sale_order SET user_id = 2 WHERE id = 3; " + AccessTests.ownOrders, user: "odoo")
        try await database.psql(
            "SELECT changefeed.track(model) FROM changefeed.tracked_model; SELECT changefeed.reset_device(6, 'phone')")
        let service = try Service(database)
        _ = try await service.send(AccessTests.pull + "&models=sale.order", key: TestKeys.sales)
        try await database.psql(
            "UPDATE sale_order SET state = 'a' WHERE id = 1; UPDATE sale_order SET state = 'b' WHERE id = 3; UPDATE sale_order SET state = 'c' WHERE id = 2",
            user: "odoo")
        return (database, service)
    }

    /// An answer without what differs from request to request.
    private func plain(_ answer: Answer) -> String {
        let members = answer.object.filter { !["request_id", "snapshot_id", "instance"].contains($0.key) }
        return "\(answer.status) "
            + members.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }

    @Test("an event of a hidden record is indistinguishable from one that never existed, even between two visible ones")
    func eventIDs() async throws {
        let (database, service) = try await Self.service()
        let pull = try await service.send(AccessTests.pull + "&models=sale.order", key: TestKeys.sales)
        let ids = (pull.object["events"] as? [[String: Any]])?.compactMap { $0["id"] as? Int } ?? []
        #expect(ids.count == 2)
        let secret = try await database.psql(
            "SELECT id * 4096 FROM changefeed.event WHERE ids = '{3}' ORDER BY id DESC LIMIT 1")
        #expect(ids[0] < Int(secret) ?? 0 && Int(secret) ?? 0 < ids[1])
        func acknowledge(_ ids: [Int]) async throws -> Answer {
            try await service.send(
                SyncTests.acknowledge, key: TestKeys.sales, method: .post,
                body: #"{"device_id":"phone","event_ids":\#(ids)}"#)
        }
        let guessed = try await acknowledge([Int(secret) ?? 0])
        let invented = try await acknowledge([(Int(secret) ?? 0) + 7])
        #expect(guessed.status == 422 && plain(guessed) == plain(invented))
        #expect(try await acknowledge(ids).object["acknowledged"] as? Int == 2)
        let after = try await service.send(AccessTests.pull + "&models=sale.order", key: TestKeys.sales)
        #expect((after.object["events"] as? [Any])?.isEmpty == true && after.object["has_more"] as? Bool == false)
    }

    @Test("a hidden record and one that never was look the same in lists, digests and events of the first API")
    func records() async throws {
        let (_, service) = try await Self.service()
        for path in [
            "/api/v2/sync/snapshot?device_id=phone&model=sale.order&from_id=<n>&to_id=<n>",
            "/api/v1/webhook/events?model=sale.order&record_id=<n>",
        ] {
            let hidden = try await service.send(path.replacingOccurrences(of: "<n>", with: "3"), key: TestKeys.sales)
            let never = try await service.send(path.replacingOccurrences(of: "<n>", with: "999"), key: TestKeys.sales)
            #expect(hidden.status == 200 && plain(hidden) == plain(never), "\(hidden.text) \(never.text)")
        }
        let digest = try await service.send(
            "/api/v2/sync/digest?device_id=phone&model=sale.order&buckets=1000", key: TestKeys.sales)
        let buckets = digest.object["buckets"] as? [[String: Any]] ?? []
        #expect(!buckets.contains { $0["from_id"] as? Int == 3 } && digest.object["records"] as? Int == 4)
    }

    // Not a clock: what is done in the database, function by function, is the same. A deleted record that was hidden is
    // looked up as it was, which one that never was is not.
    @Test("the database does the same for a hidden record as for one that never was, and for models likewise")
    func work() async throws {
        let (database, service) = try await Self.service()
        let events =
            (try await service.send(AccessTests.pull + "&models=sale.order", key: TestKeys.sales).object["events"]
                as? [[String: Any]]) ?? []
        #expect(events.count == 2)
        let secret = try await database.psql(
            "SELECT id * 4096 FROM changefeed.event WHERE ids = '{3}' ORDER BY id DESC LIMIT 1")
        let invented = String((Int(secret) ?? 0) + 7)
        try await database.psql(
            """
            INSERT INTO ir_model (model, name) VALUES ('x.hidden', '{}');
            CREATE TABLE x_hidden (id serial PRIMARY KEY);
            SELECT changefeed.track('x.hidden');
            """)
        for (call, alike) in [
            ("snapshot_page(6, 'phone', 'sale.order', NULL, 100, $1::bigint, $1::bigint)", ["3", "999"]),
            (
                "access_scopes(6, '{sale.order}', NULL) a, changefeed.v1_events('{sale.order}', $1::bigint, NULL, NULL, 50, 0, a.scopes)",
                ["3", "999"]
            ),
            ("acknowledge(6, 'phone', ARRAY[$1::bigint])", [secret, invented]),
            ("pull(6, 'phone', 'all', ARRAY['sale.order', $1])", ["x.hidden", "no.such"]),
            ("snapshot_page(6, 'phone', $1)", ["x.hidden", "no.such"]),
            ("digest(6, 'phone', $1, 10)", ["x.hidden", "no.such"]),
        ] {
            var work: Set<String> = []
            for value in alike {
                // A session of its own: what functions did is counted by session.
                let connection = try await database.connect()
                try await connection.execute(script: "SET track_functions = 'all'; BEGIN")
                _ = try await connection.query(Query("SELECT * FROM changefeed.\(call)", [.text(value)]))
                work.insert(
                    try await connection.lines(
                        // Whether old answers are forgotten in passing is left to chance.
                        "SELECT funcname || ' ' || calls FROM pg_stat_xact_user_functions WHERE calls > 0 AND funcname <> 'forget_access' ORDER BY 1"
                    ).joined(separator: ", "))
                try await connection.execute(script: "ROLLBACK")
            }
            #expect(
                work.count == 1 && work.first?.contains("odoo_access") == !call.hasPrefix("acknowledge"),
                "\(call): \(work.sorted())")
        }
    }

    @Test("a field that may not be seen, one that is a secret and one that is not there are refused alike")
    func fields() async throws {
        let (database, service) = try await Self.service()
        try await database.psql(
            """
            ALTER TABLE sale_order ADD COLUMN x_secret varchar DEFAULT 's', ADD COLUMN access_token varchar DEFAULT 't';
            INSERT INTO ir_model_fields (model, name, ttype, store, state) VALUES ('sale.order', 'x_secret', 'char', true, 'manual'), ('sale.order', 'access_token', 'char', true, 'base');
            INSERT INTO ir_model_fields_group_rel (field_id, group_id) SELECT id, 4 FROM ir_model_fields WHERE name = 'x_secret';
            """, user: "odoo")
        try await database.psql("SELECT changefeed.grant_data('sale.order')")
        var answers: Set<String> = []
        for name in ["x_secret", "access_token", "no_such_field"] {
            answers.insert(
                plain(
                    try await service.send(
                        "/api/v2/sync/snapshot?device_id=phone&model=sale.order&fields=\(name)", key: TestKeys.sales)))
        }
        #expect(answers.count == 1 && answers.first?.hasPrefix("422") == true, "\(answers)")
        let list = try await service.send("/api/v2/sync/snapshot?device_id=phone&model=sale.order", key: TestKeys.sales)
        #expect(!list.text.contains("x_secret") && !list.text.contains("access_token"))
    }

    @Test(
        "SQL and JSON in every parameter and header change nothing and find nothing",
        arguments: [
            "1) OR (1=1", "'; DROP TABLE res_partner; --", "{1,2}", "NULL", "$1", "1\u{2028}2", "\\", "[(1,'=',1)]",
            "{\"$gt\":0}", "%s", "1e3", "0x1",
        ])
    func injection(_ text: String) async throws {
        let (database, service) = try await Self.service()
        let encoded = text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        for path in [
            "/api/v2/sync/pull?device_id=phone&models=sale.order&allowed_company_ids=\(encoded)",
            "/api/v2/sync/pull?device_id=phone&models=\(encoded)",
            "/api/v2/sync/snapshot?device_id=phone&model=sale.order&fields=\(encoded)",
            "/api/v2/sync/digest?device_id=phone&model=\(encoded)", "/api/v1/webhook/events?record_id=\(encoded)",
            "/api/v2/sync/pull?device_id=phone&models=sale.order&fields%5Bsale.order%5D=\(encoded)",
        ] {
            let answer = try await service.send(path, key: TestKeys.sales)
            #expect((400..<500).contains(answer.status), "\(path): \(answer.text)")
            #expect(!answer.text.contains("SELECT") && !answer.text.contains("res_partner"))
        }
        // A name is only a name.
        #expect(
            try await service.send(
                "/api/v2/sync/pull?device_id=\(encoded)&models=sale.order&data=false", key: TestKeys.sales
            ).status == 200)
        #expect(try await database.psql("SELECT count(*) FROM res_partner") == "20")
    }

    @Test("a rule whose name and text try to break out of SQL is a text, and closes its model")
    func breakingOut() async throws {
        let name = "*/ '; DROP TABLE sale_order; -- \" \\ $n2$ { } \u{1}"
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let rule = AccessTests.rule("sale.order", "[('name', '=', '''); DROP TABLE sale_order; --''')]", name: name)
        try await database.psql(
            rule + AccessTests.rule("res.partner", "[('name'; DROP TABLE sale_order, '=', 1)]", name: name),
            user: "odoo")
        try await database.psql("SELECT changefeed.track(model) FROM changefeed.tracked_model")
        let service = try Service(database)
        let list = try await service.send("/api/v2/sync/snapshot?device_id=phone&model=sale.order", key: TestKeys.sales)
        #expect(list.status == 200 && (list.object["records"] as? [Any])?.isEmpty == true, "\(list.text)")
        #expect(
            try await service.send("/api/v2/sync/snapshot?device_id=phone&model=res.partner", key: TestKeys.sales)
                .status == 403)
        #expect(try await database.psql("SELECT count(*) FROM sale_order") == "5")
        #expect(try await database.psql("SELECT DISTINCT rule_name FROM changefeed.rule_finding") == name)
        #expect(
            try await database.psql("SELECT string_agg(predicate, '') ~ 'DROP' FROM changefeed.compiled_rules") == "f")
    }

    @Test("a user who is deleted in the middle is unknown at the next request")
    func deleted() async throws {
        let (database, service) = try await Self.service()
        #expect(try await service.send(AccessTests.pull + "&models=sale.order", key: TestKeys.sales).status == 200)
        try await database.psql("UPDATE res_users SET active = false WHERE id = 6", user: "odoo")
        #expect(try await service.send(AccessTests.pull + "&models=sale.order", key: TestKeys.sales).status == 401)
        #expect(try await service.send("/api/v1/webhook/events", key: TestKeys.sales).status == 401)
    }
}
