@testable import ChangeFeedConsole
import ChangeFeed
import ChangeFeedDelivery
import ChangeFeedTesting
import Foundation
import HTTPTypes
import NIOCore
import Postgres

/// A feed that is ready.
struct ReadyFeed: FeedHealth {
    func health() async -> FeedHealthReport {
        FeedHealthReport(databaseReachable: true, ready: true, role: .leader, lag: .milliseconds(3), epoch: 1)
    }
}

/// The console on a database, without a listener, as a browser asks it.
struct ConsoleRig {
    let database: TestDatabase
    let console: Console

    init(
        readers: String? = nil, signIns: Int = 0, sql: String = "",
        delivery: DeliveryService.Configuration = DeliveryService.Configuration(),
        stores: [SessionStore] = [],
        sessions: (TestDatabase) throws -> [any SessionCheck] = { _ in [] }
    ) async throws {
        database = try await PrivateCluster.shared().createDatabase(.installed)
        if !sql.isEmpty { try await database.psql(sql) }
        let pool = ConnectionPool(
            try database.configuration(user: "changefeed_login"), maximumConnections: 4)
        console = Console(
            version: "9.9.9", groups: .init(readers: readers), pool: pool,
            authenticator: Authenticator(pool: pool, configuration: .init(sessionChecks: try sessions(database))),
            feed: ReadyFeed(), rules: RecordRules(pool: pool), delivery: delivery,
            examination: Examination.Plan(
                database: try database.configuration(user: "changefeed_login"),
                listen: try database.configuration(user: "changefeed_login"), sessions: stores),
            signIns: signIns)
    }

    static let origin = "https://console.example"
    /// What the page sends with each act.
    static let own: [HTTPField.Name: String] = [
        SameOrigin.header: "1", .contentType: "application/json", .origin: origin,
        ConsoleHeaders.name("Sec-Fetch-Site"): "same-origin",
    ]

    func get(
        _ page: String, _ query: [String: String] = [:], cookie: String? = nil,
        headers: [HTTPField.Name: String] = [:]
    ) async throws -> Shown {
        var fields = HTTPFields()
        if let cookie { fields[.cookie] = cookie }
        for (name, value) in headers { fields[name] = value }
        let answer = try await console.answer(
            ConsoleRequest(
                method: .get, path: "/console/api/" + page, query: query, headers: fields,
                authority: "console.example", client: "192.0.2.7"))
        return Shown(answer)
    }

    func post(
        _ name: String, _ body: String = "{}", cookie: String? = nil, headers: [HTTPField.Name: String] = own
    ) async throws -> Shown {
        var fields = HTTPFields()
        if let cookie { fields[.cookie] = cookie }
        for (name, value) in headers { fields[name] = value }
        let answer = try await console.answer(
            ConsoleRequest(
                method: .post, path: "/console/api/" + name, headers: fields, authority: "console.example",
                body: ByteBuffer(string: body), client: "192.0.2.7"))
        return Shown(answer)
    }

    /// - Returns: the cookie, as a browser sends it.
    func signIn(_ key: String = TestKeys.admin) async throws -> String {
        let answer = try await post("sign-in", #"{"api_key":"\#(key)"}"#)
        return String(answer.setCookie.prefix { $0 != ";" })
    }

    func act(_ action: String, _ arguments: String = "{}", cookie: String) async throws -> Shown {
        try await post("act", #"{"action":"\#(action)","arguments":\#(arguments)}"#, cookie: cookie)
    }

    /// The audit's rows, oldest first.
    func audit() async throws -> [String] {
        try await database.psql(
            "SELECT concat_ws(' ', login, action, outcome, client) FROM changefeed.console_audit ORDER BY id"
        ).split(separator: "\n").map(String.init)
    }

    /// What it refuses with.
    func refusal(_ body: () async throws -> Shown) async throws -> ConsoleRefusal? {
        do {
            _ = try await body()
            return nil
        } catch let refusal as ConsoleRefusal {
            return refusal
        }
    }
}

/// An answer with its JSON at hand.
struct Shown {
    let answer: ConsoleAnswer

    init(_ answer: ConsoleAnswer) { self.answer = answer }

    var text: String { String(buffer: answer.body) }
    var setCookie: String { answer.headers[.setCookie] ?? "" }
    var object: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any] ?? [:]
    }
    func list(_ name: String) -> [[String: Any]] { object[name] as? [[String: Any]] ?? [] }
    func ids(_ name: String) -> [Int] { list(name).compactMap { $0["id"] as? Int } }
}
