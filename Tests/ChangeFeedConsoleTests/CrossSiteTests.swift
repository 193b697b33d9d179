@testable import ChangeFeedConsole
import ChangeFeed
import ChangeFeedTesting
import HTTPTypes
import Testing

@Suite("Only the console's own page acts", .timeLimit(.minutes(10)))
struct CrossSiteTests {
    private static let site = ConsoleHeaders.name("Sec-Fetch-Site")

    /// What another page could make a browser send, each lacking one thing.
    static let foreign: [(String, [HTTPField.Name: String?])] = [
        ("another origin", [.origin: "https://evil.example"]),
        ("another port of this host", [.origin: "https://console.example:8443"]),
        ("a sandboxed frame", [.origin: "null"]),
        ("a form", [.contentType: "text/plain"]),
        ("a form of the other kind", [.contentType: "application/x-www-form-urlencoded"]),
        ("no type", [.contentType: nil]),
        ("no header", [SameOrigin.header: nil]),
        ("the same site", [site: "same-site"]),
        ("another site", [site: "cross-site"]),
        ("neither origin nor site", [.origin: nil, site: nil]),
    ]

    @Test("a POST from elsewhere is refused, also with the cookie", arguments: foreign.indices)
    func posts(index: Int) async throws {
        let rig = try await ConsoleRig()
        let cookie = try await rig.signIn()
        var headers = ConsoleRig.own
        for (name, value) in Self.foreign[index].1 { headers[name] = value }
        for (name, body) in [
            ("act", #"{"action":"pause","arguments":{"reason":"x"}}"#), ("sign-out", "{}"), ("findings", "{}"),
            ("doctor", "{}"),
            ("sign-in", #"{"api_key":"\#(TestKeys.admin)"}"#),
        ] {
            let refusal = try await rig.refusal { try await rig.post(name, body, cookie: cookie, headers: headers) }
            #expect(refusal == .crossSite, "\(Self.foreign[index].0): \(name)")
        }
        #expect(try await rig.database.psql("SELECT paused FROM changefeed.control") == "f")
        #expect(try await rig.audit() == ["admin sign_in done 192.0.2.7"])
        #expect(try await rig.database.psql("SELECT count(*) FROM changefeed.event") == "0")
    }

    @Test("a GET of data from elsewhere is refused", arguments: ["same-site", "cross-site", "none"])
    func gets(site: String) async throws {
        let rig = try await ConsoleRig()
        let cookie = try await rig.signIn()
        let refusal = try await rig.refusal {
            try await rig.get("overview", cookie: cookie, headers: [Self.site: site])
        }
        #expect(refusal == .crossSite)
    }

    @Test("a browser without Sec-Fetch-Site acts by its origin, one without Origin by its site")
    func older() async throws {
        let rig = try await ConsoleRig()
        for left in [Self.site, HTTPField.Name.origin] {
            var headers = ConsoleRig.own
            headers[left] = nil
            let answer = try await rig.post("sign-in", #"{"api_key":"\#(TestKeys.admin)"}"#, headers: headers)
            #expect(!answer.setCookie.isEmpty)
        }
    }
}
