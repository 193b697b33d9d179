@testable import ChangeFeedHTTP
import ChangeFeed
import ChangeFeedTesting
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import NIOPosix
import Testing

@Suite("An answer that is not a success")
struct ProblemTests {
    private static let events = "/api/v1/webhook/events"

    @Test("is problem+json with the request's id, for an unknown path as for a wrong method")
    func problems() async throws {
        let service = try Service()
        let missing = try await service.send("/secret/path?key=hidden")
        #expect(missing.status == 404 && missing.code == "not_found")
        #expect(missing.headers[.contentType] == "application/problem+json")
        #expect(missing.object["request_id"] as? String == missing.headers[.init("X-Request-Id")!])
        #expect(!missing.text.contains("secret"))
        let method = try await service.send(Self.events, method: .post)
        #expect(method.status == 405 && method.code == "method_not_allowed")
        #expect(method.headers[.allow] == "GET, HEAD, OPTIONS")
        #expect(!service.log.text.contains("secret") && !service.log.text.contains("hidden"))
    }

    @Test("every answer forbids sniffing and caching and carries a harmless request id")
    func headers() async throws {
        let service = try Service()
        let name = HTTPField.Name("X-Request-Id")!
        let kept = try await service.send("/", headers: [name: "abc-123"])
        #expect(kept.headers[name] == "abc-123")
        for (field, value) in [(HTTPField.Name.cacheControl, "no-store"), (.xContentTypeOptions, "nosniff")] {
            #expect(kept.headers[field] == value)
        }
        for hostile in ["a b", "<script>", String(repeating: "x", count: 65), ""] {
            let answer = try await service.send("/", headers: [name: hostile])
            #expect(answer.headers[name]?.count == 16)
        }
    }

    @Test(
        "401 asks for a key before the database is asked anything",
        arguments: [
            (nil, "credentials_missing"), ("Bearer", "api_key_malformed"), ("Bearer abc", "api_key_malformed"),
            ("Basic YTpi", "api_key_malformed"), ("Bearer \(TestKeys.admin) x", "api_key_malformed"),
            ("Bearer \(TestKeys.admin.uppercased())", "api_key_malformed"),
        ] as [(String?, String)])
    func unauthorized(header: String?, code: String) async throws {
        let headers: [HTTPField.Name: String] = header.map { [.authorization: $0] } ?? [:]
        let answer = try await Service().send(Self.events, headers: headers)
        #expect(answer.status == 401)
        #expect(answer.code == code)
        #expect(answer.headers[.wwwAuthenticate]?.hasPrefix("Bearer") == true)
    }

    @Test(
        "422 names the parameter and what was expected",
        arguments: [
            ("limit=0", "limit"), ("limit=1001", "limit"), ("limit=-1", "limit"), ("limit=1.5", "limit"),
            ("limit=%2B5", "limit"), ("limit=", "limit"), ("limit", "limit"), ("limit=99999999999999999999", "limit"),
            ("offset=-1", "offset"), ("offset=100001", "offset"), ("offset=0x10", "offset"),
            ("record_id=0", "record_id"), ("record_id=9223372036854775808", "record_id"),
            ("record_id=1%20OR%201=1", "record_id"), ("event=delete", "event"), ("event=CREATE", "event"),
            ("event=create';--", "event"), ("model=", "model"), ("model=res.partner%00", "model"),
            ("model=Res.Partner", "model"), ("model=x'%20OR%20'1'='1", "model"), ("model=%C3%28", "model"),
            ("model=%zz", "model"), ("since=yesterday", "since"), ("since=2026-02-30", "since"),
            ("since=1';DROP%20TABLE%20changefeed.event;--", "since"),
            ("limit=1&limit=2", "limit"), ("model=a&model=a", "model"),
        ])
    func parameters(query: String, name: String) async throws {
        let answer = try await Service().send("\(Self.events)?\(query)", key: TestKeys.admin)
        #expect(answer.status == 422)
        #expect(answer.object["parameter"] as? String == name)
        #expect((answer.object["detail"] as? String)?.contains(name) == true)
        #expect(!answer.text.contains("DROP"))
    }

    @Test(
        "an unknown parameter is refused, not ignored, and named where it is shaped like a name",
        arguments: [
            ("modle=res.partner", "modle"), ("Limit=3", "Limit"), ("models%5B%5D=x", "models[]"),
            ("limit=3&x-y=2", "x-y"),
            ("limit=3&x-1=2", "x-1"), ("image_128=x", "image_128"), ("res.partner=name", "res.partner"),
            ("$filter=x", nil), ("4096=1", nil),
            ("d033e22ae348=1", nil), ("secret9c1d=1", nil), ("pin12345=1", nil), ("t=1", "t"), ("__=1", "__"),
            ("_dc=1", "_dc"), ("lastEventId=1", "lastEventId"), ("%00=1", nil), ("=1", nil), ("a%20b=1", nil),
            ("%3Cscript%3E=1", nil), ("%C3%28=1", nil),
            (String(repeating: "a", count: 65) + "=1", nil),
        ] as [(String, String?)])
    func unknown(query: String, name: String?) async throws {
        let answer = try await Service().send("\(Self.events)?\(query)", key: TestKeys.admin)
        #expect(answer.status == 422 && answer.code == "parameter_unknown")
        #expect(answer.object["parameter"] as? String == name)
        // Where it stands tells it, too: the last in each of these.
        let place = "Parameter number \(query.count { $0 == "&" } + 1) of the query"
        #expect(name != nil || (answer.object["detail"] as? String)?.hasPrefix(place) == true)
        #expect(name == nil || (answer.object["detail"] as? String)?.contains(name ?? "") == true)
        #expect(!answer.text.contains("script") && !answer.text.contains("aaaaa"))
    }

    @Test("while the database is away it is 503 with Retry-After and shows no internals")
    func away() async throws {
        let answer = try await Service().send(Self.events, key: TestKeys.admin)
        #expect(answer.status == 503 && answer.code == "database_unavailable")
        #expect(answer.headers[.retryAfter] != nil)
        #expect(!answer.text.contains("nonexistent"))
    }

    @Test("every code is in docs/errors.md, and every code there exists")
    func documented() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/errors.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { $0.split(separator: "`")[1] }
        let codes = ProblemCode.allCases.map(\.rawValue) + ChangeFeedError.Code.allCases.map(\.rawValue)
        #expect(Set(rows.map(String.init)) == Set(codes))
        for code in ProblemCode.allCases {
            #expect(text.contains("| `\(code.rawValue)` | \(code.status.code) |"), "\(code.rawValue)")
        }
    }

    @Test("a flood of header fields does not stop the service")
    func flood() async throws {
        try await Service().server.application.test(.live) { client in
            let port = try #require(client.port)
            // By hand, because the client's own header type does not hold as many.
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "localhost", port: port).get()
            let flood =
                "GET /healthz HTTP/1.1\r\nHost: x\r\n" + String(repeating: "X-A: 1\r\n", count: 200_000) + "\r\n"
            try? await channel.writeAndFlush(ByteBuffer(string: flood))
            try? await channel.close()
            let second = try await TestClient.withClient(host: "localhost", port: port) { second in
                try await second.get("/healthz")
            }
            #expect(second.status == .ok)
        }
    }
}
