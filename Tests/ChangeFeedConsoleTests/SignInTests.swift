@testable import ChangeFeedConsole
import ChangeFeed
import ChangeFeedTesting
import HTTPTypes
import Testing

@Suite("Signing in to the console", .timeLimit(.minutes(10)))
struct SignInTests {
    @Test("by an API key of a member: a cookie that scripts do not read and other sites do not send")
    func key() async throws {
        let rig = try await ConsoleRig()
        let answer = try await rig.post("sign-in", #"{"api_key":"\#(TestKeys.admin)"}"#)
        let attributes = answer.setCookie.split(separator: ";").dropFirst().map { $0.drop { $0 == " " } }
        #expect(attributes == ["Path=/console", "Max-Age=28800", "HttpOnly", "SameSite=Strict", "Secure"])
        let cookie = String(answer.setCookie.prefix { $0 != ";" })
        #expect(cookie.count == "changefeed_console=".count + 64)
        let me = try await rig.get("me", cookie: "x=1; " + cookie)
        #expect(me.object["standing"] as? String == "operator")
        #expect((me.object["user"] as? [String: Any])?["login"] as? String == "admin")
        #expect(try await rig.audit() == ["admin sign_in done 192.0.2.7"])
    }

    @Test("without TLS the cookie is not Secure: the browser would not send it")
    func plain() async throws {
        let rig = try await ConsoleRig()
        var headers = ConsoleRig.own
        headers[.origin] = "http://console.example"
        let answer = try await rig.post("sign-in", #"{"api_key":"\#(TestKeys.admin)"}"#, headers: headers)
        #expect(!answer.setCookie.contains("Secure"))
    }

    @Test(
        "by a key that is no operator's: refused, and the audit knows who",
        arguments: [(TestKeys.sales, true), (TestKeys.portal, false)])
    func others(key: String, isNoted: Bool) async throws {
        let rig = try await ConsoleRig()
        let refusal = try await rig.refusal { try await rig.post("sign-in", #"{"api_key":"\#(key)"}"#) }
        #expect(refusal == .notMember)
        #expect(try await rig.audit() == (isNoted ? ["sales sign_in refused 192.0.2.7"] : []))
    }

    @Test(
        "by a key that is none: as the API refuses it",
        arguments: [TestKeys.unknown, TestKeys.expired, TestKeys.inactive, "short", ""])
    func invalid(key: String) async throws {
        let rig = try await ConsoleRig()
        await #expect(throws: AuthenticationError.self) {
            try await rig.post("sign-in", #"{"api_key":"\#(key)"}"#)
        }
        #expect(try await rig.audit() == [])
    }

    @Test("members of the readers' group look; without one they are nobody")
    func readers() async throws {
        let rig = try await ConsoleRig(readers: "base.group_user")
        let cookie = try await rig.signIn(TestKeys.sales)
        #expect(try await rig.get("me", cookie: cookie).object["standing"] as? String == "reader")
        #expect(try await rig.get("overview", cookie: cookie).object["feed"] != nil)
    }

    @Test("by the Odoo session of the same browser, for as long as Odoo keeps it")
    func odooSession() async throws {
        let folder = try SessionFolder()
        let rig = try await ConsoleRig(sessions: { database in
            try folder.write(TestSession.admin, database: database.name)
            return [SessionFiles(dataDirectory: folder.path, lifetime: .zero)]
        })
        let odoo = "session_id=\(TestSession.admin.id)"
        let answer = try await rig.post("sign-in", cookie: odoo)
        let cookie = String(answer.setCookie.prefix { $0 != ";" })
        #expect(try await rig.get("me", cookie: cookie).object["standing"] as? String == "operator")
        await #expect(throws: AuthenticationError.self) { try await rig.post("sign-in") }
        try folder.remove(TestSession.admin)
        #expect(try await rig.refusal { try await rig.get("me", cookie: cookie) } == .signInNeeded)
    }

    @Test(
        "what a session stands for is checked at each request",
        arguments: [
            ("DELETE FROM res_users_apikeys WHERE index = 'd033e22a'", ConsoleRefusal.signInNeeded),
            ("UPDATE res_users SET active = false WHERE login = 'admin'", .signInNeeded),
            ("DELETE FROM res_groups_users_rel WHERE uid = 2 AND gid = 4", .notMember),
        ])
    func revoked(sql: String, expected: ConsoleRefusal) async throws {
        let rig = try await ConsoleRig()
        let cookie = try await rig.signIn()
        #expect(try await rig.refusal { try await rig.get("overview", cookie: cookie) } == nil)
        try await rig.database.psql(sql, user: "odoo")
        #expect(try await rig.refusal { try await rig.get("overview", cookie: cookie) } == expected)
        #expect(
            try await rig.refusal { try await rig.act("pause", #"{"reason":"x"}"#, cookie: cookie) }
                == expected)
        #expect(try await rig.database.psql("SELECT paused FROM changefeed.control") == "f")
    }

    @Test("signing out ends the session, in the browser and here")
    func out() async throws {
        let rig = try await ConsoleRig()
        let cookie = try await rig.signIn()
        let answer = try await rig.post("sign-out", cookie: cookie)
        #expect(answer.setCookie.contains("Max-Age=0"))
        #expect(try await rig.refusal { try await rig.get("me", cookie: cookie) } == .signInNeeded)
    }

    @Test("an address has only so many tries")
    func tries() async throws {
        let rig = try await ConsoleRig(signIns: 3)
        for _ in 0..<3 { _ = try await rig.signIn() }
        let refusal = try await rig.refusal { try await rig.post("sign-in", #"{"api_key":"\#(TestKeys.admin)"}"#) }
        guard case .tooManySignIns = refusal else {
            Issue.record("\(String(describing: refusal))")
            return
        }
    }

    @Test(
        "without a session, or with a made-up one, nothing is shown",
        arguments: [nil, "", "changefeed_console=", "changefeed_console=" + String(repeating: "0", count: 64)]
            as [String?])
    func strangers(cookie: String?) async throws {
        let rig = try await ConsoleRig()
        for page in ConsolePage.allCases {
            #expect(try await rig.refusal { try await rig.get(page.rawValue, cookie: cookie) } == .signInNeeded)
        }
        for name in ["act", "findings", "sign-out"] {
            #expect(try await rig.refusal { try await rig.post(name, cookie: cookie) } == .signInNeeded)
        }
    }
}
