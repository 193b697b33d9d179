@testable import ChangeFeedHTTP
import ChangeFeed
import ChangeFeedDelivery
import ChangeFeedTesting
import Foundation
import HTTPTypes
import Testing

@Suite("Endpoints over HTTP", .timeLimit(.minutes(10)))
struct EndpointTests {
    private static let path = "/api/v2/endpoints"
    private static let sealingKey = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

    /// A service that may send to this machine.
    private func installed(
        usersMay: Bool = true, configure: (inout HTTPConfiguration) -> Void = { _ in }
    ) async throws -> (TestDatabase, Service) {
        let box = try SecretBox(key: Self.sealingKey)
        let local = AddressPolicy(allow: [try Network("127.0.0.1")])
        return try await SyncTests.installed {
            $0.delivery.box = box
            $0.delivery.urls = WebhookURL.Rules(schemes: ["https", "http"])
            $0.delivery.addresses = local
            $0.allowUserEndpoints = usersMay
            configure(&$0)
        }
    }

    private func create(
        _ service: Service, _ name: String, key: String = TestKeys.sales, more: String = ""
    ) async throws -> Answer {
        try await service.send(
            Self.path, key: key, method: .post,
            body: #"{"name":"\#(name)","url":"https://hooks.example.com/\#(name)","models":["res.partner"]\#(more)}"#)
    }

    private func post(
        _ service: Service, _ below: String, key: String = TestKeys.sales, body: String? = nil
    ) async throws -> Answer {
        try await service.send(Self.path + "/" + below, key: key, method: .post, body: body)
    }

    private func names(_ service: Service, _ query: String = "", key: String) async throws -> [String] {
        let answer = try await service.send(Self.path + query, key: key)
        #expect(answer.status == 200, "\(answer.text)")
        let endpoints = answer.object["endpoints"] as? [[String: Any]] ?? []
        let next = (answer.object["next_after"] as? String).map { ["…" + $0] } ?? []
        return endpoints.compactMap { $0["name"] as? String } + next
    }

    @Test("users manage their own, and members of the group all; another user's look as if they did not exist")
    func whose() async throws {
        let (database, service) = try await installed()
        for name in ["b", "c"] { #expect(try await create(service, name).status == 201) }
        #expect(try await create(service, "a", key: TestKeys.admin).status == 201)
        #expect(try await names(service, key: TestKeys.sales) == ["b", "c"])
        #expect(try await names(service, key: TestKeys.admin) == ["a", "b", "c"])
        #expect(try await names(service, "?limit=2", key: TestKeys.admin) == ["a", "b", "…b"])
        #expect(try await names(service, "?limit=2&after=b", key: TestKeys.admin) == ["c"])

        let seen = try await service.send(Self.path + "/b", key: TestKeys.sales)
        #expect(
            seen.status == 200 && seen.object["user_id"] as? Int == 6 && seen.object["state"] as? String == "active")
        for below in ["a", "a/attempts", "a/waiting", "none", "none/attempts", "A", "a%00"] {
            let answer = try await service.send(Self.path + "/" + below, key: TestKeys.sales)
            #expect(answer.status == 404 && answer.code == "endpoint_unknown", "\(below): \(answer.text)")
        }
        for below in ["pause", "resume", "rotate", "test", "retry", "drop"] {
            #expect(try await post(service, "a/" + below).code == "endpoint_unknown", "\(below)")
        }
        #expect(try await post(service, "a/replay", body: #"{"from":"all"}"#).code == "endpoint_unknown")
        #expect(
            try await service.send(Self.path + "/a", key: TestKeys.sales, method: .delete).code == "endpoint_unknown")
        #expect(
            try await database.psql("SELECT state, generation, revision FROM changefeed.endpoint WHERE name = 'a'")
                == "active|0|0")

        #expect(try await post(service, "b/pause", key: TestKeys.admin).status == 200)
        #expect(try await service.send(Self.path + "/b", key: TestKeys.admin, method: .delete).status == 200)
        #expect(try await names(service, key: TestKeys.sales) == ["c"])
        #expect(try await service.send(Self.path).code == "credentials_missing")
        #expect(try await service.send(Self.path, key: TestKeys.portal).code == "portal_not_allowed")
    }

    @Test("another group may be the one")
    func group() async throws {
        let (_, service) = try await installed(usersMay: false) { $0.endpointGroup = "base.group_user" }
        #expect(try await create(service, "a", key: TestKeys.admin).status == 201)
        #expect(try await names(service, key: TestKeys.sales) == ["a"])
    }

    @Test("users outside the group create none unless the operator lets them, and never for others")
    func closed() async throws {
        let (database, service) = try await installed(usersMay: false)
        let refused = try await create(service, "a")
        #expect(refused.status == 403 && refused.code == "endpoint_not_allowed")
        // A member creates one for the user, who then manages it.
        let given = try await create(service, "a", key: TestKeys.admin, more: #","user_id":6"#)
        #expect(given.status == 201, "\(given.text)")
        #expect(try await names(service, key: TestKeys.sales) == ["a"])
        #expect(try await post(service, "a/pause", body: #"{"reason":"holidays"}"#).object["changed"] as? Bool == true)
        let archived = try await create(service, "b", key: TestKeys.admin, more: #","user_id":7"#)
        #expect(archived.status == 422 && archived.object["parameter"] as? String == "user_id")
        let open = try Service(database) {
            $0.delivery.box = try? SecretBox(key: Self.sealingKey)
            $0.allowUserEndpoints = true
            $0.maximumDevicesPerUser = 2
        }
        #expect(try await create(open, "b", more: #","user_id":2"#).code == "user_mismatch")
        #expect(try await create(open, "b", more: #","user_id":6"#).status == 201)
        let third = try await create(open, "c")
        #expect(third.status == 403 && third.code == "too_many_endpoints")
        let taken = try await create(open, "a", key: TestKeys.admin)
        #expect(taken.status == 409 && taken.code == "endpoint_exists")
    }

    @Test("the secret is in one answer, and neither in others, nor in the log, nor readable in the database")
    func secret() async throws {
        let (database, service) = try await installed()
        let created = try await create(service, "shop", more: #","data":true,"fields":{"res.partner":["name"]}"#)
        #expect(created.status == 201 && created.headers[.location] == Self.path + "/shop")
        let first = try #require(created.object["secret"] as? String)
        #expect(first.hasPrefix("whsec_"))
        let endpoint = try #require(created.object["endpoint"] as? [String: Any])
        #expect(endpoint["data"] as? Bool == true && endpoint["has_secret"] as? Bool == true)
        let rotated = try await post(service, "shop/rotate")
        let second = try #require(rotated.object["secret"] as? String)
        #expect(second.hasPrefix("whsec_") && second != first)
        let shown = try await service.send(Self.path + "/shop", key: TestKeys.sales)
        #expect(shown.object["former_secret_until"] is String)
        #expect(try await post(service, "shop/rotate", body: #"{"now":true}"#).status == 200)
        let last = try await service.send(Self.path + "/shop", key: TestKeys.sales)
        #expect(last.object["former_secret_until"] is NSNull)
        let list = try await service.send(Self.path, key: TestKeys.admin)
        let rows = try await database.psql("SELECT * FROM changefeed.endpoint")
        for text in [shown.text, last.text, list.text, rows, service.log.text] {
            #expect(!text.contains("whsec_") && !text.contains(first) && !text.contains(second))
        }
    }

    @Test(
        "an endpoint that was created with an API key needs that key, also one that a member created for another user")
    func key() async throws {
        let (database, service) = try await installed()
        #expect(try await create(service, "own").status == 201)
        #expect(try await create(service, "given", key: TestKeys.admin, more: #","user_id":6"#).status == 201)
        func standing() async throws -> String {
            try await database.psql(
                "SELECT e.name, changefeed.endpoint_standing(e.id, e.revision) FROM changefeed.endpoint e ORDER BY e.name"
            )
        }
        #expect(try await standing() == "given|\nown|")
        try await database.psql("DELETE FROM res_users_apikeys WHERE user_id = 6", user: "odoo")
        #expect(try await standing() == "given|\nown|api_key_revoked")
        try await database.psql(
            "UPDATE res_users_apikeys SET expiration_date = '2020-01-01' WHERE user_id = 2", user: "odoo")
        #expect(try await standing() == "given|api_key_revoked\nown|api_key_revoked")
    }

    @Test("one that was created with a session needs no key")
    func session() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let folder = try SessionFolder()
        try folder.write(.admin, database: database.name)
        let files = SessionFiles(dataDirectory: folder.path, lifetime: .zero)
        let box = try SecretBox(key: Self.sealingKey)
        let service = try Service(database, authentication: .init(sessionChecks: [files])) { $0.delivery.box = box }
        let created = try await service.send(
            Self.path, session: .admin, method: .post, body: #"{"name":"a","url":"https://hooks.example.com"}"#)
        let endpoint = created.object["endpoint"] as? [String: Any]
        #expect(created.status == 201 && endpoint?["needs_api_key"] as? Bool == false, "\(created.text)")
    }

    @Test(
        "what does not fit is refused with its name, and adds nothing",
        arguments: [
            (#"{"name":"A","url":"https://x.example"}"#, "name", "parameter_invalid"),
            (#"{"name":"-a","url":"https://x.example"}"#, "name", "parameter_invalid"),
            (#"{"name":"a","url":"ftp://x.example"}"#, "url", "parameter_invalid"),
            (#"{"name":"a","url":"https://user:hidden@x.example"}"#, "url", "parameter_invalid"),
            (#"{"name":"a","url":"https://x.example","models":["X"]}"#, "models", "parameter_invalid"),
            (#"{"name":"a","url":"https://x.example","models":["account.move"]}"#, "models", "model_not_readable"),
            (#"{"name":"a","url":"https://x.example","app_type":"none"}"#, "app_type", "app_type_unknown"),
            (#"{"name":"a","url":"https://x.example","events":[]}"#, "events", "parameter_invalid"),
            (#"{"name":"a","url":"https://x.example","events":["delete"]}"#, "events", "parameter_invalid"),
            (#"{"name":"a","url":"https://x.example","companies":[99]}"#, "companies", "company_not_allowed"),
            (#"{"name":"a","url":"https://x.example","companies":[]}"#, "companies", "parameter_invalid"),
            (#"{"name":"a","url":"https://x.example","batch":101}"#, "batch", "parameter_invalid"),
            (#"{"name":"a","url":"https://x.example","concurrency":0}"#, "concurrency", "parameter_invalid"),
            (#"{"name":"a","url":"https://x.example","start":"yesterday"}"#, "start", "parameter_invalid"),
            (#"{"name":"a","url":"https://x.example","fields":{"res.partner":[]}}"#, "fields", "parameter_invalid"),
            (
                #"{"name":"a","url":"https://x.example","filters":{"res.partner":"no domain"}}"#, "filters",
                "filter_invalid"
            ),
            (
                #"{"name":"a","url":"https://x.example","models":["res.partner"],"filters":{"sale.order":"[]"}}"#,
                "filters",
                "parameter_invalid"
            ),
            (#"{"name":"a"}"#, nil, "body_invalid"), (#"{"url":"https://x.example"}"#, nil, "body_invalid"),
            (#"{"name":"a","url":"https://x.example","filter":{"res.partner":"[]"}}"#, nil, "body_invalid"),
            ("[]", nil, "body_invalid"), ("", nil, "body_invalid"),
        ] as [(String, String?, String)])
    func invalid(body: String, parameter: String?, code: String) async throws {
        let (database, service) = try await installed()
        let answer = try await service.send(Self.path, key: TestKeys.sales, method: .post, body: body)
        #expect([403, 422].contains(answer.status) && answer.code == code, "\(answer.text)")
        #expect(answer.object["parameter"] as? String == parameter)
        #expect(!answer.text.contains("hidden"))
        #expect(try await database.psql("SELECT count(*) FROM changefeed.endpoint") == "0")
    }

    @Test("without a key for secrets none is created, and what is said about names stays the same")
    func unconfigured() async throws {
        let (_, service) = try await SyncTests.installed()
        let answer = try await create(service, "a", key: TestKeys.admin)
        #expect(answer.status == 503 && answer.code == "endpoints_not_configured")
        #expect(try await post(service, "a/rotate", key: TestKeys.admin).code == "endpoint_unknown")
        #expect(try await names(service, key: TestKeys.admin) == [])
    }

    @Test("pause, resume and replay say what changed")
    func changes() async throws {
        let (database, service) = try await installed()
        #expect(try await create(service, "a").status == 201)
        for (below, changed, state) in [
            ("pause", true, "paused"), ("pause", false, "paused"), ("resume", true, "active"),
            ("resume", false, "active"),
        ] {
            #expect(try await post(service, "a/" + below).object["changed"] as? Bool == changed, "\(below)")
            let endpoint = try await service.send(Self.path + "/a", key: TestKeys.sales)
            #expect(endpoint.object["state"] as? String == state)
        }
        for from in ["all", "now", "earliest", "2026-11-01T00:00:00Z"] {
            #expect(try await post(service, "a/replay", body: #"{"from":"\#(from)"}"#).status == 200, "\(from)")
        }
        #expect(try await database.psql("SELECT generation FROM changefeed.endpoint") == "4")
        let wrong = try await post(service, "a/replay", body: #"{"from":"yesterday"}"#)
        #expect(wrong.status == 422 && wrong.object["parameter"] as? String == "from")
        #expect(try await post(service, "a/replay", body: "{}").code == "body_invalid")
        #expect(try await post(service, "a/pause", body: #"{"why":"x"}"#).code == "body_invalid")
        #expect(try await post(service, "a/pause?x=1").code == "parameter_unknown")
    }

    @Test(
        "waiting records and dead letters are listed, tried again and dropped; answers of receivers are for the group")
    func queue() async throws {
        let (database, service) = try await installed()
        #expect(try await create(service, "a").status == 201)
        try await database.psql(
            """
            INSERT INTO changefeed.endpoint_queue (endpoint, model, record_id, event_id, kind, occurred_at, attempts, is_dead)
            SELECT e.id, 'res.partner', n, n, 'write', now(), 1, n > 1 FROM changefeed.endpoint e, generate_series(1, 3) n;
            INSERT INTO changefeed.endpoint_attempt (endpoint, message_id, model, record_id, attempt, milliseconds, status, error, answer)
            SELECT e.id, 'msg_' || n, 'res.partner', n, 1, 12, 500, 'status 500', 'inside' FROM changefeed.endpoint e, generate_series(1, 3) n;
            """)
        let waiting = try await service.send(Self.path + "/a/waiting", key: TestKeys.sales)
        let records = try #require(waiting.object["records"] as? [[String: Any]])
        #expect(records.map { $0["is_dead"] as? Bool } == [true, true, false])
        #expect(records.last?["record_id"] as? Int == 1 && records.last?["next_attempt_at"] is String)
        let limited = try await service.send(Self.path + "/a/waiting?limit=1", key: TestKeys.sales)
        #expect((limited.object["records"] as? [Any])?.count == 1)
        let attempts = try await service.send(Self.path + "/a/attempts", key: TestKeys.sales)
        let own = try #require(attempts.object["attempts"] as? [[String: Any]])
        #expect(own.map { $0["message_id"] as? String } == ["msg_3", "msg_2", "msg_1"])
        #expect(!attempts.text.contains("inside"))
        #expect(try await service.send(Self.path + "/a/attempts", key: TestKeys.admin).text.contains("inside"))
        #expect(try await service.send(Self.path + "/a/attempts?limit=0", key: TestKeys.sales).status == 422)

        let one = #"{"model":"res.partner","record_id":3}"#
        #expect(try await post(service, "a/drop", body: one).object["records"] as? Int == 1)
        #expect(try await post(service, "a/retry").object["records"] as? Int == 2)
        #expect(try await post(service, "a/drop").object["records"] as? Int == 0)
        #expect(try await post(service, "a/retry", body: #"{"record_id":1}"#).object["parameter"] as? String == "model")
        #expect(try await post(service, "a/retry", body: #"{"models":"x"}"#).code == "body_invalid")
    }

    @Test("a test event is signed and sent at once, and answered with what came of it")
    func tests() async throws {
        let receiver = try await WebhookReceiver()
        let (database, service) = try await installed()
        let created = try await service.send(
            Self.path, key: TestKeys.sales, method: .post,
            body: #"{"name":"a","url":"\#(receiver.url)","models":["res.partner"]}"#)
        #expect(created.status == 201, "\(created.text)")
        let accepted = try await post(service, "a/test")
        #expect(accepted.object["accepted"] as? Bool == true && accepted.object["status"] as? Int == 204)
        #expect(receiver.messages.count == 1 && receiver.messages.first?.body.contains("changefeed.test") == true)
        receiver.reply { _ in .status(500) }
        let failed = try await post(service, "a/test")
        #expect(failed.status == 200 && failed.object["accepted"] as? Bool == false)
        #expect(failed.object["error"] as? String == "status 500")
        try await database.psql("SELECT changefeed.decide_delivery('forbid', 'a copy')")
        let forbidden = try await post(service, "a/test")
        #expect(forbidden.status == 409 && forbidden.code == "delivery_forbidden")
        #expect(receiver.messages.count == 2)
        try await database.psql("SELECT changefeed.decide_delivery('allow', 'no copy')")
        try await database.psql("UPDATE changefeed.endpoint SET secret_key = 'another'")
        #expect(try await post(service, "a/test").code == "endpoint_secret_unusable")
        var statuses: [Int] = []
        #expect(try await post(service, "a/rotate").status == 200)
        // On a busy machine some are forgotten in between.
        while !statuses.contains(429), statuses.count < 200 {
            statuses.append(try await post(service, "a/test").status)
        }
        #expect(statuses.contains(429) && statuses.first == 200)
        await receiver.stop()
    }

    @Test("a stream is added by operators only, keeps its credentials, and is tested like a webhook")
    func streams() async throws {
        let (database, service) = try await installed()
        let refused = try await service.send(
            Self.path, key: TestKeys.admin, method: .post, body: #"{"name":"s","url":"nats://127.0.0.1:1/ODOO"}"#)
        #expect(refused.status == 403 && refused.code == "kind_for_operators")
        #expect(refused.object["parameter"] as? String == "url")
        try await database.psql(
            "SELECT changefeed.endpoint_add('s', 'nats://127.0.0.1:1/ODOO', 6, kind => 'jetstream')")
        let shown = try await service.send(Self.path + "/s", key: TestKeys.sales)
        #expect(shown.object["kind"] as? String == "jetstream" && shown.object["has_secret"] as? Bool == false)
        let rotated = try await post(service, "s/rotate")
        #expect(rotated.status == 403 && rotated.code == "kind_for_operators")
        #expect(
            try await database.psql("SELECT secret IS NULL, revision FROM changefeed.endpoint WHERE name = 's'")
                == "t|0")
        // Nothing listens there, or libnats is not installed.
        let tested = try await post(service, "s/test")
        #expect(tested.status == 200 && tested.object["accepted"] as? Bool == false, "\(tested.text)")
        #expect(tested.object["error"] is String && tested.object["status"] is NSNull)
        #expect(try await post(service, "s/pause").object["changed"] as? Bool == true)
        #expect(try await service.send(Self.path + "/s", key: TestKeys.sales, method: .delete).status == 200)
    }

    @Test("clients may not use the names of endpoints' devices, and do not see them")
    func devices() async throws {
        let (_, service) = try await installed()
        #expect(try await create(service, "a").status == 201)
        for path in [SyncTests.pull, SyncTests.state, "/api/v2/sync/stream"] {
            let answer = try await service.send(path + "?device_id=endpoint:1", key: TestKeys.sales)
            #expect(answer.status == 422 && answer.object["parameter"] as? String == "device_id", "\(path)")
        }
        for (path, body) in [
            (SyncTests.acknowledge, #"{"device_id":"endpoint:1","event_ids":[]}"#),
            (SyncTests.reset, #"{"device_id":"endpoint:1"}"#), (SyncTests.pull, #"{"device_id":"endpoint:1"}"#),
        ] {
            let answer = try await service.send(path, key: TestKeys.sales, method: .post, body: body)
            #expect(answer.status == 422 && answer.object["parameter"] as? String == "device_id", "\(path)")
        }
        let removed = try await service.send(
            "/api/v2/devices?device_id=endpoint:1", key: TestKeys.sales, method: .delete)
        #expect(removed.status == 422)
        let list = try await service.send("/api/v2/devices", key: TestKeys.sales)
        #expect((list.object["devices"] as? [Any])?.isEmpty == true)
    }

    @Test("the rate of a user counts here as everywhere in version 2")
    func rates() async throws {
        let (_, service) = try await installed { $0.rateLimits.syncPerUser = 2 }
        var statuses: [Int] = []
        for _ in 0..<3 { statuses.append(try await service.send(Self.path, key: TestKeys.sales).status) }
        #expect(statuses == [200, 200, 429])
    }

    @Test(
        "metrics and logs have one label for all names",
        arguments: [
            ("/api/v2/endpoints", Route.endpoints), ("/api/v2/endpoints/", .endpoints),
            ("/api/v2/endpoints/shop", .endpoint), ("/api/v2/endpoints/shop/", .endpoint),
            ("/api/v2/endpoints/shop/pause", .endpointPause), ("/api/v2/endpoints/pause", .endpoint),
            ("/api/v2/endpoints/shop/waiting", .endpointWaiting), ("/api/v2/endpoints/shop/none", nil),
            ("/api/v2/endpoints/shop/pause/x", nil), ("/api/v2/endpointsx", nil),
        ] as [(String, Route?)])
    func labels(path: String, route: Route?) {
        #expect(Route(path: path) == route)
    }

    @Test("each path names its methods")
    func methods() async throws {
        let service = try Service()
        for (method, path, allowed) in [
            (HTTPRequest.Method.put, "", "GET, HEAD, POST, OPTIONS"), (.post, "/shop", "GET, HEAD, DELETE, OPTIONS"),
            (.get, "/shop/pause", "POST, OPTIONS"), (.delete, "/shop/attempts", "GET, HEAD, OPTIONS"),
        ] {
            let answer = try await service.send(Self.path + path, key: TestKeys.admin, method: method)
            #expect(answer.status == 405 && answer.headers[.allow] == allowed, "\(path)")
        }
    }
}
