@testable import ChangeFeedHTTP
import ChangeFeed
import ChangeFeedConsole
import ChangeFeedMetrics
import ChangeFeedTesting
import Foundation
import HTTPTypes
import HummingbirdTesting
import Logging
import NIOCore
import Postgres
import Testing

@Suite("The console on its listeners", .timeLimit(.minutes(10)))
struct ConsoleMountTests {
    private func console(_ database: TestDatabase) throws -> Console {
        let pool = ConnectionPool(try database.configuration(user: "changefeed_login"), maximumConnections: 4)
        return Console(
            version: "9.9.9", groups: .init(), pool: pool, authenticator: Authenticator(pool: pool), feed: SteadyFeed(),
            rules: RecordRules(pool: pool))
    }

    private func server(_ database: TestDatabase, console: Console?) throws -> HTTPServer {
        let pool = ConnectionPool(try database.configuration(user: "changefeed_login"), maximumConnections: 4)
        return HTTPServer(
            configuration: HTTPConfiguration(port: 0, version: "9.9.9"), pool: pool,
            authenticator: Authenticator(pool: pool), feed: SteadyFeed(), console: console,
            logger: Logger(label: "test") { _ in LogLines().handler })
    }

    private static let headers: [(String, String)] = [
        ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"), ("X-Frame-Options", "DENY"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ]

    @Test("every answer below /console has its header fields, on both listeners, errors too")
    func fields() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let console = try console(database)
        let pool = ConnectionPool(try database.configuration(user: "changefeed_login"), maximumConnections: 1)
        let admin = AdminServer(
            host: "127.0.0.1", port: 0, feed: SteadyFeed(),
            metrics: MetricsScrape(
                MetricsRegistry(), pool: pool, poolMaximum: 1, feed: SteadyFeed(),
                version: "9.9.9", observe: { _ in }), console: console,
            logger: Logger(label: "test") { _ in LogLines().handler })
        try await admin.application.test(.router) { client in try await Self.check(client) }
        let server = try server(database, console: console)
        try await server.application.test(.router) { client in try await Self.check(client) }
    }

    private static func check(_ client: any TestClientProtocol) async throws {
        let wanted = [
            ("/console", 200, "no-cache"), ("/console/assets/app.js", 200, "no-cache"),
            ("/console/api/me", 401, "no-store"), ("/console/none", 404, "no-store"),
        ]
        for (path, status, cache) in wanted {
            let answer = try await client.execute(uri: path, method: .get)
            #expect(answer.status.code == status, "\(path)")
            for (name, value) in headers {
                #expect(HTTPField.Name(name).flatMap { answer.headers[$0] } == value, "\(path): \(name)")
            }
            #expect(answer.headers[.cacheControl] == cache, "\(path)")
            let policy = answer.headers[.contentSecurityPolicy] ?? ""
            #expect(policy.hasPrefix("default-src 'none'; script-src 'self'; ") && !policy.contains("unsafe"))
        }
    }

    @Test("the public listener has none unless it is configured")
    func absent() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await server(database, console: nil).application.test(.router) { client in
            for path in ["/console", "/console/api/me", "/console/assets/app.js"] {
                let answer = try await client.execute(uri: path, method: .get)
                #expect(answer.status == .notFound, "\(path)")
            }
        }
    }

    @Test("origins of CORS get no permission here, and their preflights nothing")
    func cors() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await server(database, console: try console(database)).application.test(.router) { client in
            let origin = "http://localhost:3000"
            let answer = try await client.execute(uri: "/console/api/me", method: .get, headers: [.origin: origin])
            #expect(answer.headers[.accessControlAllowOrigin] == nil)
            let preflight = try await client.execute(
                uri: "/console/api/act", method: .options,
                headers: [.origin: origin, .accessControlRequestMethod: "POST"])
            #expect(preflight.status == .notFound && preflight.headers[.accessControlAllowOrigin] == nil)
        }
    }

    @Test("signs in and shows over HTTP, and refuses a body that is too large")
    func whole() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await server(database, console: try console(database)).application.test(.live) { client in
            var headers: HTTPFields = [.contentType: "application/json"]
            headers[try #require(HTTPField.Name("X-Changefeed-Console"))] = "1"
            headers[try #require(HTTPField.Name("Sec-Fetch-Site"))] = "same-origin"
            let signedIn = try await client.execute(
                uri: "/console/api/sign-in", method: .post, headers: headers,
                body: ByteBuffer(string: #"{"api_key":"\#(TestKeys.admin)"}"#))
            #expect(signedIn.status == .ok)
            let cookie = String((signedIn.headers[.setCookie] ?? "").prefix { $0 != ";" })
            let page = try await client.execute(
                uri: "/console/api/events?model=res.partner&limit=5", method: .get, headers: [.cookie: cookie])
            #expect(page.status == .ok && page.headers[.cacheControl] == "no-store")
            let large = try await client.execute(
                uri: "/console/api/sign-in", method: .post, headers: headers,
                body: ByteBuffer(string: #"{"api_key":"\#(String(repeating: "a", count: 20_000))"}"#))
            #expect(large.status.code == 413)
            let twice = try await client.execute(
                uri: "/console/api/events?limit=5&limit=6", method: .get, headers: [.cookie: cookie])
            #expect(twice.status.code == 422)
        }
    }
}
