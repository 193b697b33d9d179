@testable import ChangeFeedHTTP
import ChangeFeed
import ChangeFeedTesting
import Foundation
import HTTPTypes
import Testing

@Suite("Requests across origins")
struct CrossOriginTests {
    private static let page = "https://app.example.com"
    private static let events = "/api/v1/webhook/events"
    private static let cleanup = "/api/v1/cleanup?before=2000-01-01"

    private func service(_ database: TestDatabase? = nil, _ authentication: Authenticator.Configuration = .init())
        throws -> Service
    {
        try Service(database, authentication: authentication) { $0.allowedOrigins = [Self.page, "null", "*"] }
    }

    @Test(
        "a page of an allowed origin may read every answer, errors too, with the headers that matter",
        arguments: ["/", Self.events, "/nowhere"])
    func allowed(path: String) async throws {
        let answer = try await service().send(path, headers: [.origin: Self.page])
        #expect(answer.headers[.accessControlAllowOrigin] == Self.page)
        #expect(answer.headers[.accessControlAllowCredentials] == "true")
        let exposed = answer.headers[.accessControlExposeHeaders] ?? ""
        for name in ["RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id"] { #expect(exposed.contains(name)) }
        // A long answer also varies with what the client can decompress.
        #expect(["Origin", "Accept-Encoding, Origin"].contains(answer.headers[.vary]))
    }

    @Test(
        "no other origin gets any information",
        arguments: [
            "https://evil.example.com", "null", "*", "http://app.example.com", "https://app.example.com:444",
            "https://app.example.com.evil.com",
            "https://APP.example.com", "", "https://app.example.com/",
        ])
    func refused(origin: String) async throws {
        for method in [HTTPRequest.Method.get, .options] {
            let answer = try await service().send(
                Self.events, headers: [.origin: origin, .accessControlRequestMethod: "GET"], method: method)
            #expect(
                answer.headers[.accessControlAllowOrigin] == nil && answer.headers[.accessControlAllowMethods] == nil)
            #expect(answer.headers[.accessControlAllowCredentials] == nil)
            #expect(answer.headers[.vary] == "Origin")
        }
    }

    @Test("a preflight is answered without a credential, and remembered")
    func preflight() async throws {
        let answer = try await service().send(
            Self.cleanup, headers: [.origin: Self.page, .accessControlRequestMethod: "DELETE"], method: .options)
        #expect(answer.status == 204)
        #expect(answer.headers[.accessControlAllowMethods] == "GET, POST, DELETE, OPTIONS")
        #expect(answer.headers[.accessControlAllowHeaders]?.contains("session_id") == true)
        #expect((answer.headers[.accessControlMaxAge].flatMap { Int($0) } ?? 0) > 0)
    }

    private func preflight(_ asked: String?, origin: String = Self.page) async throws -> [String]? {
        var headers: [HTTPField.Name: String] = [.origin: origin, .accessControlRequestMethod: "GET"]
        headers[.accessControlRequestHeaders] = asked
        let answer = try await service().send(Self.events, headers: headers, method: .options)
        #expect(answer.status == 204)
        return answer.headers[.accessControlAllowHeaders]?.split(separator: ",").map { $0.trimmingSpaces.lowercased() }
    }

    @Test(
        "a preflight allows every header that is read, asked for or not",
        arguments: [nil, "", "authorization", "x-odoo-allowed-company-ids, content-type"])
    func headersThatAreRead(asked: String?) async throws {
        #expect(try await preflight(asked) == ClientHeader.allCases.map { $0.rawValue.lowercased() })
    }

    @Test(
        "a preflight of an allowed origin allows what the page's libraries add, however they write it",
        arguments: [
            ("authorization,cache-control", ["cache-control"]), ("x-requested-with", ["x-requested-with"]),
            ("authorization, content-type , sentry-trace\t,baggage", ["sentry-trace", "baggage"]),
            ("traceparent,tracestate", ["tracestate"]),
            ("X-Something-New,x-something-new", ["x-something-new"]), (",,cache-control,", ["cache-control"]),
        ])
    func headersOfLibraries(asked: String, more: [String]) async throws {
        #expect(try await preflight(asked) == ClientHeader.allCases.map { $0.rawValue.lowercased() } + more)
    }

    @Test(
        "a preflight repeats field names and nothing else, and not without end",
        arguments: [
            ("a b, x:y, (z), \"q\", ü, <script>, cache-control", ["cache-control"]),
            ((1...65).map { "x-\($0)" }.joined(separator: ","), []), ("x-" + String(repeating: "a", count: 2_048), []),
        ])
    func headersThatAreNone(asked: String, more: [String]) async throws {
        #expect(try await preflight(asked) == ClientHeader.allCases.map { $0.rawValue.lowercased() } + more)
    }

    @Test("a preflight of any other origin repeats nothing", arguments: ["https://evil.example.com", "null"])
    func headersOfOthers(origin: String) async throws {
        #expect(try await preflight("cache-control,x-odoo-allowed-company-ids", origin: origin) == nil)
    }

    @Test("no header that a page may set is read past the list of those that are allowed")
    func oneList() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
            .appendingPathComponent("Sources/ChangeFeedHTTP")
        // Browsers or proxies set these, whatever a page asks for.
        let others = [
            "origin", "accessControlRequestMethod", "accessControlRequestHeaders", "contentLength", "transferEncoding",
            "connection", "upgrade",
            "expect",
        ]
        var reads = 0
        for file in try FileManager.default.subpathsOfDirectory(atPath: folder.path) where file.hasSuffix(".swift") {
            let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
            for match in text.matches(
                of: /\b(?:request\.headers|head\.headerFields|headerFields|headers|self)\[\.(\w+)\](?! =)/)
            {
                reads += 1
                #expect(others.contains(String(match.1)), "\(file) reads \(match.0)")
            }
            let named = text.matches(of: /HTTPField\.Name\((?:literal: )?"([^"]+)"\)/).map { String($0.1) }
            let answered = [
                "RateLimit", "RateLimit-Policy", "Server-Timing", "X-Accel-Buffering", "X-Content-Type-Options",
            ]
            for name in named {
                #expect((answered + ["X-Forwarded-For", "Sec-Fetch-Site"]).contains(name), "\(file) names \(name)")
            }
        }
        #expect(reads > 5)
    }

    @Test("OPTIONS tells the methods of a path, and 404 where there is none")
    func options() async throws {
        let answer = try await service().send(Self.cleanup, method: .options)
        #expect(answer.status == 204 && answer.headers[.allow] == "DELETE, OPTIONS")
        #expect(answer.headers[.accessControlAllowMethods] == nil)
        #expect(try await service().send("/nowhere", method: .options).status == 404)
    }

    @Test("a DELETE with the cookie must come from the same site or an allowed page; one with a header need not")
    func forgery() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let folder = try SessionFolder()
        try folder.write(.admin, database: database.name)
        let service = try service(database, .init(sessionChecks: [SessionFiles(dataDirectory: folder.path)]))
        let cookie = "session_id=\(TestSession.admin.id)"
        let site = try #require(HTTPField.Name("Sec-Fetch-Site"))
        func status(_ headers: [HTTPField.Name: String]) async throws -> Int {
            try await service.send(Self.cleanup, headers: headers, method: .delete).status
        }
        #expect(try await status([.cookie: cookie]) == 403)
        #expect(try await status([.cookie: cookie, .origin: "https://evil.example.com"]) == 403)
        #expect(try await status([.cookie: cookie, .origin: "https://evil.example.com", site: "same-origin"]) == 403)
        #expect(try await status([.cookie: cookie, .origin: "null"]) == 403)
        #expect(try await status([.cookie: cookie, site: "cross-site"]) == 403)
        #expect(
            try await status([
                .cookie: cookie, .origin: Self.page, .contentType: "text/plain", .transferEncoding: "chunked",
            ]) == 415)
        #expect(try await status([.cookie: cookie, .origin: Self.page]) == 200)
        #expect(try await status([.cookie: cookie, site: "same-origin"]) == 200)
        #expect(try await service.send(Self.cleanup, session: .admin, method: .delete).status == 200)
        #expect(try await service.send(Self.events, headers: [.cookie: cookie, site: "cross-site"]).status == 200)
    }
}
