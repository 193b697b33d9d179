@testable import ChangeFeedConsole
import ChangeFeed
import ChangeFeedTesting
import Foundation
import Postgres
import Testing

@Suite("Pages of the console", .timeLimit(.minutes(10)))
struct PageTests {
    /// Rows 1 to n of the log, as captures would write them.
    private static func log(_ count: Int, model: String = "res.partner") -> String {
        """
        INSERT INTO changefeed.event (xid, occurred_at, epoch, slot, model, event, ids)
        SELECT pg_current_xact_id(), now() - interval '1 minute', 1, 0, '\(model)',
               CASE WHEN i % 10 = 0 THEN 'unlink' ELSE 'write' END, ARRAY[i]
        FROM generate_series(1, \(count)) i;
        """
    }

    @Test("every page answers on an empty log, and with every parameter that it knows")
    func all() async throws {
        let rig = try await ConsoleRig()
        let cookie = try await rig.signIn()
        let values = [
            "id": "1", "from": "1", "before": "9", "after": "a", "limit": "5", "model": "res.partner", "event": "write",
            "record": "1", "since": "2026-01-01T00:00:00Z", "login": "sales", "after_user": "1", "after_device": "x",
            "user_id": "6", "device_id": "none", "name": "none",
        ]
        for page in ConsolePage.allCases where page != .event {
            let least = values.filter { page.required.contains($0.key) }
            #expect(try await !rig.get(page.rawValue, least, cookie: cookie).object.isEmpty, "\(page)")
            let most = values.filter { page.parameters.keys.contains($0.key) }
            #expect(try await !rig.get(page.rawValue, most, cookie: cookie).object.isEmpty, "\(page)")
        }
        #expect(try await rig.refusal { try await rig.get("event", ["id": "4000000000"], cookie: cookie) } == .notFound)
    }

    @Test(
        "parameters are refused where they are missing, unknown or of another form",
        arguments: [
            ("event", [:]), ("event", ["id": "0"]), ("event", ["id": "1 OR 1=1"]), ("events", ["offset": "10"]),
            ("events", ["event": "delete"]), ("events", ["since": "yesterday"]), ("events", ["model": "x'y"]),
            ("events", ["record": "9223372036854775808"]), ("devices", ["after_user": "4294967296"]),
            ("devices", ["login": "a\0b"]), ("explain", ["login": "sales"]), ("audit", ["before": "-1"]),
            ("overview", ["x": "1"]),
        ] as [(String, [String: String])])
    func malformed(page: String, query: [String: String]) async throws {
        let rig = try await ConsoleRig()
        let cookie = try await rig.signIn()
        let refusal = try await rig.refusal { try await rig.get(page, query, cookie: cookie) }
        guard case .parameterInvalid = refusal else {
            Issue.record("\(String(describing: refusal))")
            return
        }
    }

    @Test("events go on by key: each once, newest first, while new ones arrive; filters leave none out")
    func events() async throws {
        let rig = try await ConsoleRig(sql: Self.log(230))
        let cookie = try await rig.signIn()
        var found: [Int] = []
        var before: Int?
        repeat {
            var query = ["limit": "50"]
            if let before { query["before"] = String(before) }
            let page = try await rig.get("events", query, cookie: cookie)
            found += page.ids("events")
            before = page.object["next"] as? Int
            try await rig.database.psql(Self.log(3))
        } while before != nil
        #expect(found.count == 230 && found == found.sorted(by: >) && Set(found).count == 230)

        let unlinks = try await rig.get("events", ["event": "unlink", "limit": "200"], cookie: cookie)
        #expect(
            unlinks.list("events").count == 23
                && unlinks.list("events").allSatisfy { $0["event"] as? String == "unlink" })
        let one = try await rig.get("events", ["record": "77", "model": "res.partner"], cookie: cookie)
        #expect(one.list("events").map { $0["ids"] as? [Int] } == [[77]])
        #expect(try await rig.get("events", ["model": "sale.order"], cookie: cookie).ids("events") == [])
        let later = try await rig.get("events", ["since": "2100-01-01T00:00:00Z"], cookie: cookie)
        #expect(later.ids("events") == [])
    }

    @Test("a row opened has its records by hundreds, old values, and its transaction's other rows")
    func event() async throws {
        let rig = try await ConsoleRig()
        let cookie = try await rig.signIn()
        try await rig.database.psql(
            """
            BEGIN; UPDATE res_partner SET phone = '7';
            INSERT INTO res_partner (name) SELECT 'x' FROM generate_series(1, 250); COMMIT;
            """, user: "odoo")
        let rows = try await rig.get("events", ["model": "res.partner"], cookie: cookie).list("events")
        let create = try #require(rows.first { $0["event"] as? String == "create" })
        let id = String(create["id"] as? Int ?? 0)
        #expect(create["records"] as? Int == 250)
        let first = try await rig.get("event", ["id": id], cookie: cookie)
        #expect(first.list("list").count == 100 && first.list("same_transaction").count == 1)
        let last = try await rig.get("event", ["id": id, "from": "201"], cookie: cookie)
        #expect(last.list("list").count == 50)
    }

    @Test("devices go on by user and name, with their users' logins")
    func devices() async throws {
        let rig = try await ConsoleRig(
            sql: """
                SELECT changefeed.reset_device(u, 'd' || i, 'now') FROM unnest(ARRAY[2, 6]) u, generate_series(1, 60) i;
                SELECT changefeed.reset_device(6, 'endpoint:9', 'now');
                """)
        let cookie = try await rig.signIn()
        var found: [String] = []
        var query = ["limit": "50"]
        while true {
            let page = try await rig.get("devices", query, cookie: cookie)
            found += page.list("devices").map { "\($0["login"] ?? "") \($0["device_id"] ?? "")" }
            guard let next = page.object["next"] as? [String: Any] else { break }
            query["after_user"] = "\(next["after_user"] ?? "")"
            query["after_device"] = "\(next["after_device"] ?? "")"
        }
        #expect(found.count == 120 && Set(found).count == 120 && found.first?.hasPrefix("admin d") == true)
        let one = try await rig.get("devices", ["login": "sales", "limit": "200"], cookie: cookie)
        #expect(one.list("devices").count == 60)
        #expect(try await rig.get("devices", ["login": "nobody"], cookie: cookie).list("devices").isEmpty)
        let state = try await rig.get("device", ["user_id": "6", "device_id": "d1"], cookie: cookie)
        #expect((state.object["state"] as? [String: Any])?["pending"] as? Int == 0)
    }

    @Test("the overview has the service's lag, the feed's state and the events per minute")
    func overview() async throws {
        let rig = try await ConsoleRig(sql: Self.log(40))
        let cookie = try await rig.signIn()
        let page = try await rig.get("overview", cookie: cookie)
        let service = page.object["service"] as? [String: Any]
        #expect(service?["lag_seconds"] as? Double == 0.003 && service?["ready"] as? Bool == true)
        let feed = try #require(page.object["feed"] as? [String: Any])
        let minutes = try #require((feed["minutes"] as? [String: Any])?["rows"] as? [[Any]])
        #expect(minutes.compactMap { $0[2] as? Int }.reduce(0, +) == 40 && feed["paused"] as? Bool == false)
    }

    @Test("findings are looked for when asked, kept, and name what the console can do about them")
    func findings() async throws {
        let rig = try await ConsoleRig()
        let cookie = try await rig.signIn()
        #expect(try await rig.get("findings", cookie: cookie).object["findings"] is NSNull)
        _ = try await rig.act("pause", #"{"reason":"x"}"#, cookie: cookie)
        let looked = try await rig.post("findings", cookie: cookie)
        let kept = try await rig.get("findings", cookie: cookie)
        #expect(looked.text == kept.text)
        let all = (kept.object["findings"] as? [String: Any])?["findings"] as? [[String: Any]] ?? []
        let paused = try #require(all.first { $0["code"] as? String == "CF110" })
        #expect((paused["action"] as? [String: Any])?["action"] as? String == "resume")
    }

    @Test("explain compiles the rules that it needs, and says what the user sees")
    func explain() async throws {
        let rig = try await ConsoleRig()
        let cookie = try await rig.signIn()
        func seen(_ login: String, _ model: String, _ record: String) async throws -> [String: Any] {
            let page = try await rig.get(
                "explain", ["login": login, "model": model, "record": record], cookie: cookie)
            return page.object["explanation"] as? [String: Any] ?? [:]
        }
        let partner = try await seen("sales", "res.partner", "1")["record"] as? [String: Any]
        #expect(partner?["is_visible"] as? Bool == true)
        let move = try await seen("sales", "account.move", "1")["record"] as? [String: Any]
        #expect(move?["is_visible"] as? Bool == false && move?["is_readable"] as? Bool == false)
        #expect(try await seen("nobody", "res.partner", "1")["facts"] is NSNull)
    }

    @Test("explain says of each rule what it says about the record, as the command does")
    func verdicts() async throws {
        let rig = try await ConsoleRig()
        try await rig.database.psql(
            """
            INSERT INTO ir_rule (id, name, model_id, domain_force)
            SELECT r.id, r.name, m.id, r.domain FROM ir_model m, (VALUES
                (901, 'Own orders', '[(''user_id'', ''='', user.id)]'),
                (902, 'Not the third', '[(''id'', ''!='', 3), (''name'', ''!='', ''it\\''s'')]')) r (id, name, domain)
            WHERE m.model = 'sale.order';
            INSERT INTO rule_group_rel VALUES (901, 2);
            """, user: "odoo")
        try await rig.database.psql("SELECT changefeed.track(model) FROM changefeed.tracked_model")
        let cookie = try await rig.signIn()
        let connection = try await rig.database.connect()
        /// Each rule's id and verdict, as the page has them, after comparing them with the command's.
        func verdicts(_ login: String, _ record: Int64) async throws -> [String] {
            let page = try await rig.get(
                "explain", ["login": login, "model": "sale.order", "record": String(record)], cookie: cookie)
            let shown = page.list("verdicts").map {
                "\($0["id"] as? Int ?? 0) \($0["model"] as? String ?? "") \($0["verdict"] as? String ?? "") \($0["reason"] as? String ?? "-")"
            }
            let explained = try await AccessExplanation.explain(
                login: login, model: "sale.order", recordID: record, companies: nil
            ) { try await connection.query($0) }
            #expect(
                shown
                    == explained?.rules.map { "\($0.id) \($0.model) \($0.verdict.rawValue) \($0.reason ?? "-")" })
            let record = (page.object["explanation"] as? [String: Any])?["record"] as? [String: Any]
            #expect(record?["is_visible"] as? Bool == explained?.isVisible)
            return page.list("verdicts").map { "\($0["id"] as? Int ?? 0) \($0["verdict"] as? String ?? "")" }
        }
        // Global rules first.
        #expect(try await verdicts("sales", 1) == ["902 passes", "901 passes"])
        #expect(try await verdicts("sales", 3) == ["902 blocks", "901 passes"])
        #expect(try await verdicts("admin", 1) == ["902 passes", "901 blocks"])
        #expect(try await verdicts("sales", 99) == ["902 no_record", "901 no_record"])
        try await rig.database.psql("REVOKE SELECT (user_id) ON sale_order FROM changefeed_reader")
        #expect(try await verdicts("sales", 1) == ["902 passes", "901 failed"])
        try await rig.database.psql("REVOKE SELECT (id) ON sale_order FROM changefeed_reader")
        #expect(try await verdicts("sales", 1) == ["902 unknown", "901 unknown"])
        try await rig.database.psql("GRANT SELECT (id, user_id) ON sale_order TO changefeed_reader")
        try await rig.database.psql(
            "UPDATE ir_rule SET domain_force = '[(''user_id'', ''='', env.riddle())]' WHERE id = 902", user: "odoo")
        #expect(try await verdicts("sales", 1) == ["902 closed", "901 passes"])
        // Without a record there is nothing to say.
        let facts = try await rig.get("explain", ["login": "sales", "model": "sale.order"], cookie: cookie)
        #expect(facts.object["verdicts"] is NSNull && facts.object["explanation"] is [String: Any])
        // A browser cannot ask with conditions of its own.
        #expect(try await rig.refusal { try await rig.get("verdicts", cookie: cookie) } == .notFound)
    }

    @Test("the overview and status() name the same replicas")
    func replicas() async throws {
        let rig = try await ConsoleRig()
        let cookie = try await rig.signIn()
        let leader = try await rig.database.connect(user: "changefeed_login")
        let follower = try await rig.database.connect(user: "changefeed_login")
        _ = try await leader.query(
            "SELECT pg_advisory_lock(changefeed.leader_key()), pg_advisory_lock_shared(changefeed.bell_key())")
        _ = try await follower.query("SELECT pg_advisory_lock_shared(changefeed.follower_key())")
        let feed = try await rig.get("overview", cookie: cookie).object["feed"] as? [String: Any]
        let replicas = feed?["replicas"] as? [[String: Any]] ?? []
        let shown = replicas.map { "\($0["pid"] as? Int ?? 0) \($0["leader"] as? Bool ?? false)" }
        #expect(Set(shown) == ["\(leader.backendPID) true", "\(follower.backendPID) false"])
        #expect((feed?["lag_seconds"] as? NSNumber)?.doubleValue == 0)
        let said = try await rig.database.psql(
            """
            SELECT string_agg(r ->> 'pid' || ' ' || (r ->> 'leader'), E'\n') FROM json_array_elements(changefeed.status() -> 'replicas') r
            """)
        #expect(said.split(separator: "\n").map(String.init) == shown)
        _ = try await leader.query("SELECT pg_advisory_unlock_all()")
        let after = try await rig.get("overview", cookie: cookie).object["feed"] as? [String: Any]
        #expect((after?["replicas"] as? [[String: Any]])?.map { $0["leader"] as? Bool } == [false])
        await leader.close()
        await follower.close()
    }

    @Test("a plan has the statement and the lock, and nothing of other sessions' statements")
    func plan() async throws {
        let rig = try await ConsoleRig()
        let cookie = try await rig.signIn()
        let holder = try await rig.database.connect(user: "odoo")
        try await holder.execute(script: "BEGIN; UPDATE res_partner SET phone = 'very secret' WHERE id = 1")
        let tracked = try await rig.get("plan", ["model": "res.partner"], cookie: cookie)
        #expect(tracked.object["sql"] as? String == "SELECT changefeed.untrack('res.partner');")
        #expect(tracked.list("holders").count == 1 && !tracked.text.contains("secret"))
        let other = try await rig.get("plan", ["model": "sale.order.line"], cookie: cookie)
        #expect(other.object["sql"] as? String == "SELECT changefeed.track('sale.order.line');")
        #expect(other.object["lock"] as? String == "SHARE ROW EXCLUSIVE")
        let none = try await rig.get("plan", ["model": "no.such.model"], cookie: cookie)
        #expect(none.object["table"] is NSNull && none.object["sql"] is NSNull)
    }
}
