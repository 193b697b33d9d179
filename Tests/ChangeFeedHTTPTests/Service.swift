@testable import ChangeFeedHTTP
import ChangeFeed
import ChangeFeedTesting
import HTTPTypes
import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Postgres
import Synchronization

/// A feed that says what the test wants.
struct SteadyFeed: FeedHealth {
    var report = FeedHealthReport(databaseReachable: true, ready: true, role: .leader, lag: .milliseconds(3), epoch: 1)
    func health() async -> FeedHealthReport { report }
}

/// The server without a socket, on a database or on none.
struct Service {
    let server: HTTPServer
    let log = LogLines()
    let hints: ChangeHints

    /// Without an argument the database cannot be reached.
    init(
        _ database: TestDatabase? = nil, feed: SteadyFeed = SteadyFeed(),
        authentication: Authenticator.Configuration = Authenticator.Configuration(),
        odoo: FieldKnowledge.Configuration? = nil,
        memory: IdleAnswers? = nil,
        configure: (inout HTTPConfiguration) -> Void = { _ in },
        limits: (inout ConnectionConfiguration) -> Void = { _ in },
        observe: @escaping @Sendable (FieldKnowledge.Observation) -> Void = { _ in }
    ) throws {
        var configuration =
            try database?.configuration(user: "changefeed_login")
            ?? ConnectionConfiguration("host=/nonexistent user=nobody dbname=none")
        limits(&configuration)
        let log = log
        let pool = ConnectionPool(configuration, maximumConnections: 4)
        hints = ChangeHints(sight: ChangeSight(pool: pool, rules: RecordRules(pool: pool)))
        var http = HTTPConfiguration(port: 0, version: "9.9.9")
        (http.rateLimits.events, http.rateLimits.checkUpdates, http.rateLimits.cleanup) = (0, 0, 0)
        (http.rateLimits.syncPerDevice, http.rateLimits.syncPerUser) = (0, 0)
        configure(&http)
        server = HTTPServer(
            configuration: http, pool: pool, authenticator: Authenticator(pool: pool, configuration: authentication),
            feed: feed,
            hints: hints, fields: odoo.map { FieldKnowledge($0, pool: pool, observe: observe) }, memory: memory,
            logger: Logger(label: "test") { _ in log.handler })
    }

    /// Sends one request to the router. Most tests are about events: a device begins with the oldest one unless `uri` says where.
    func send(
        _ uri: String, key: String? = nil, headers: [HTTPField.Name: String] = [:], session: TestSession? = nil,
        method: HTTPRequest.Method = .get, body: String? = nil
    ) async throws -> Answer {
        let isPull = uri.hasPrefix("/api/v2/sync/pull?") && method == .get && !uri.contains("start=")
        let uri = isPull ? uri + "&start=earliest" : uri
        return try await server.application.test(.router) { client in
            var fields = HTTPFields()
            if let key { fields[.authorization] = "Bearer \(key)" }
            if let session, let name = HTTPField.Name("X-Session-Id") { fields[name] = session.id }
            for (name, value) in headers { fields[name] = value }
            if body != nil { fields[.contentType] = "application/json" }
            let response = try await client.execute(
                uri: uri, method: method, headers: fields, body: body.map { ByteBuffer(string: $0) })
            return Answer(
                status: response.status.code, headers: response.headers, text: String(buffer: response.body))
        }
    }
}

/// An answer with its JSON at hand.
struct Answer: Sendable {
    let status: Int
    let headers: HTTPFields
    let text: String

    var object: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any] ?? [:]
    }
    var array: [[String: Any]]? { (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [[String: Any]] }
    var code: String? { object["code"] as? String }
}

/// Keeps what was logged.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    var text: String { lines.withLock { $0.joined(separator: "\n") } }
    var handler: any LogHandler { Handler(log: self) }

    private struct Handler: LogHandler {
        let log: LogLines
        var logLevel: Logger.Level = .trace
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            log.lines.withLock { $0.append("\(event.level) \(event.message) \(all)") }
        }
    }
}
