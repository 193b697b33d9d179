@testable import ChangeFeedConsole
import ChangeFeed
import ChangeFeedDelivery
import ChangeFeedTesting
import Testing

@Suite("What the console does", .timeLimit(.minutes(10)))
struct ActTests {
    @Test("pause and resume, with who did it in the reason and in the audit")
    func pause() async throws {
        let rig = try await ConsoleRig()
        let cookie = try await rig.signIn()
        #expect(
            try await rig.act("pause", #"{"reason":"disk"}"#, cookie: cookie).object["detail"] as? String == "paused")
        #expect(
            try await rig.database.psql("SELECT paused, pause_reason FROM changefeed.control")
                == "t|disk (console: admin)")
        #expect(try await rig.act("resume", cookie: cookie).object["detail"] as? String == "resumed")
        #expect(
            try await rig.audit().dropFirst() == ["admin pause done 192.0.2.7", "admin resume done 192.0.2.7"])
        let page = try await rig.get("audit", cookie: cookie)
        #expect(page.list("rows").map { $0["action"] as? String } == ["resume", "pause", "sign_in"])
    }

    @Test("a reader does nothing, and the try is in the audit", arguments: ConsoleAct.allCases)
    func reader(act: ConsoleAct) async throws {
        let rig = try await ConsoleRig(readers: "base.group_user")
        let cookie = try await rig.signIn(TestKeys.sales)
        let refusal = try await rig.refusal {
            try await rig.act(act.rawValue, Self.arguments(act), cookie: cookie)
        }
        #expect(refusal == .readOnly)
        #expect(try await rig.audit().last == "sales \(act.rawValue) refused 192.0.2.7")
    }

    @Test("nobody acts where the database's administrator has said so")
    func mayNotAct() async throws {
        let rig = try await ConsoleRig(sql: "UPDATE changefeed.console SET may_act = false")
        let cookie = try await rig.signIn()
        #expect(try await rig.get("me", cookie: cookie).object["standing"] as? String == "reader")
        #expect(
            try await rig.refusal { try await rig.act("pause", #"{"reason":"x"}"#, cookie: cookie) } == .readOnly)
    }

    @Test("each act is one that the database knows", arguments: ConsoleAct.allCases)
    func known(act: ConsoleAct) async throws {
        let rig = try await ConsoleRig()
        let cookie = try await rig.signIn()
        do {
            _ = try await rig.act(act.rawValue, Self.arguments(act), cookie: cookie)
        } catch ConsoleRefusal.actFailed(let detail) {
            #expect(detail != "there is no such action" && !detail.isEmpty)
        }
        let outcome = try await rig.audit().last ?? ""
        #expect(outcome.hasPrefix("admin \(act.rawValue) ") && !outcome.contains("refused"))
    }

    @Test(
        "what is malformed is refused before the database is asked",
        arguments: [
            ("pause", "{}"), ("pause", #"{"reason":""}"#), ("pause", #"{"reason":"x","more":1}"#),
            ("archive", #"{"before":"yesterday"}"#), ("device_forget", #"{"user_id":0,"device_id":"x"}"#),
            ("device_forget", #"{"user_id":4294967296,"device_id":"x"}"#),
            ("device_reset", #"{"user_id":2,"device_id":"x","start":"time"}"#),
            ("rule_decide", #"{"rule_id":1,"decision":"maybe"}"#), ("endpoint_retry", #"{"name":["x"]}"#),
            ("model_decide", #"{"model":"Sale Order","decision":"deny"}"#), ("track", #"{"model":"sale.order"}"#),
            ("note_pause", "{}"), ("sign_in", "{}"),
        ])
    func malformed(action: String, arguments: String) async throws {
        let rig = try await ConsoleRig()
        let cookie = try await rig.signIn()
        let refusal = try await rig.refusal { try await rig.act(action, arguments, cookie: cookie) }
        guard case .parameterInvalid = refusal else {
            Issue.record("\(String(describing: refusal))")
            return
        }
        #expect(try await rig.audit() == ["admin sign_in done 192.0.2.7"])
    }

    @Test("a device is reset and forgotten, an endpoint's is not")
    func devices() async throws {
        let rig = try await ConsoleRig(
            sql: """
                SELECT changefeed.reset_device(6, 'phone', 'now'), changefeed.reset_device(6, 'endpoint:1', 'now')
                """)
        let cookie = try await rig.signIn()
        _ = try await rig.act("device_reset", #"{"user_id":6,"device_id":"phone","start":"earliest"}"#, cookie: cookie)
        #expect(
            try await rig.database.psql("SELECT seen_log_id FROM changefeed.device WHERE device_id = 'phone'") == "0")
        _ = try await rig.act("device_forget", #"{"user_id":6,"device_id":"phone"}"#, cookie: cookie)
        for (act, device) in [
            ("device_forget", "phone"), ("device_forget", "endpoint:1"), ("device_reset", "endpoint:1"),
        ] {
            let refusal = try await rig.refusal {
                try await rig.act(act, #"{"user_id":6,"device_id":"\#(device)"}"#, cookie: cookie)
            }
            #expect(refusal == .actFailed("there is no such device"))
        }
        #expect(try await rig.database.psql("SELECT device_id FROM changefeed.device") == "endpoint:1")
    }

    @Test("a new secret of an endpoint is shown once, and is in no list, no audit and no second answer")
    func rotate() async throws {
        var delivery = DeliveryService.Configuration()
        delivery.box = try SecretBox(key: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
        let rig = try await ConsoleRig(
            sql: "SELECT changefeed.endpoint_add('orders', 'https://example.com/hook', 2, models => '{sale.order}')",
            delivery: delivery)
        let cookie = try await rig.signIn()
        let answer = try await rig.act("endpoint_rotate", #"{"name":"orders"}"#, cookie: cookie)
        let secret = try #require(answer.object["secret"] as? String)
        #expect(secret.hasPrefix("whsec_"))
        #expect(try await rig.database.psql("SELECT secret IS NOT NULL FROM changefeed.endpoint") == "t")
        for page in ["audit", "endpoints", "endpoint"] {
            let shown = try await rig.get(page, page == "endpoint" ? ["name": "orders"] : [:], cookie: cookie)
            #expect(!shown.text.contains(secret.dropFirst(6)), "\(page)")
        }
        #expect(try await rig.audit().last == "admin endpoint_rotate done 192.0.2.7")
        let none = try await rig.refusal {
            try await rig.act("endpoint_rotate", #"{"name":"none"}"#, cookie: cookie)
        }
        #expect(none == .actFailed("There is no endpoint with this name."))
    }

    @Test("whoever is refused again and again does not push others out of the audit")
    func flood() async throws {
        let rig = try await ConsoleRig()
        for _ in 0..<5 {
            let refusal = try await rig.refusal {
                try await rig.post("sign-in", #"{"api_key":"\#(TestKeys.sales)"}"#)
            }
            #expect(refusal == .notMember)
        }
        #expect(try await rig.audit() == ["sales sign_in refused 192.0.2.7"])
    }

    @Test("the audit keeps the newest 10,000 rows, and none that is older than 90 days")
    func bounded() async throws {
        let rig = try await ConsoleRig(
            sql: """
                INSERT INTO changefeed.console_audit (at, user_id, action, outcome)
                SELECT now() - interval '91 days', 2, 'resume', 'done' FROM generate_series(1, 3)
                UNION ALL SELECT now(), 2, 'resume', 'done' FROM generate_series(1, 9998)
                """)
        for _ in 0..<4 { _ = try await rig.signIn() }
        #expect(
            try await rig.database.psql(
                "SELECT count(*), count(*) FILTER (WHERE at < now() - interval '1 day') FROM changefeed.console_audit")
                == "10000|0")
    }

    /// Arguments that the act takes.
    static func arguments(_ act: ConsoleAct) -> String {
        let values: [String: String] = [
            "reason": #""why""#, "before": #""2026-01-01T00:00:00Z""#, "user_id": "6", "device_id": #""none""#,
            "name": #""none""#, "start": #""now""#, "rule_id": "1", "decision": #""deny""#, "model": #""res.partner""#,
            "field": #""name""#,
        ]
        return "{" + act.required.map { "\"\($0)\":\(values[$0] ?? "null")" }.joined(separator: ",") + "}"
    }
}
