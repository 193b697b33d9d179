@testable import ChangeFeedDelivery
import ChangeFeed
import ChangeFeedTesting
import Foundation
import Postgres
import Synchronization
import Testing

/// A database, a receiver, and replicas that deliver from one to the other.
final class DeliveryRig: Sendable {
    static let keyText = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    let database: TestDatabase
    let receiver: WebhookReceiver
    let pool: ConnectionPool
    let desk: EndpointDesk
    let box: SecretBox
    private let seen = Mutex<[DeliveryObservation]>([])
    /// Told by a tailer, while a replica runs.
    let hints: ChangeHints

    init(_ sql: String = "", lockTimeout: Duration? = nil) async throws {
        database = try await PrivateCluster.shared().createDatabase(.installed)
        // The database is a clone of a template: what a service does first, before there are endpoints.
        try await database.psql("SELECT changefeed.check_identity()")
        if !sql.isEmpty { try await database.psql(sql, user: "odoo") }
        receiver = try await WebhookReceiver()
        var configuration = try database.configuration(user: "changefeed_login")
        configuration.lockTimeout = lockTimeout
        let pool = ConnectionPool(configuration, maximumConnections: 4)
        self.pool = pool
        hints = ChangeHints(sight: ChangeSight(pool: pool, rules: RecordRules(pool: pool)))
        desk = EndpointDesk { try await pool.query($0) }
        box = try SecretBox(key: Self.keyText)
    }

    var observations: [DeliveryObservation] { seen.withLock { $0 } }

    /// Adds an endpoint of user 2, the administrator, for partners.
    @discardableResult
    func add(
        _ name: String = "hook", user: Int64 = 2, host: String? = nil,
        _ change: (inout EndpointDesk.Draft) -> Void = { _ in }
    ) async throws -> WebhookSecret {
        let url = host.map { "http://\($0):\(receiver.port)/hook" } ?? receiver.url
        var draft = EndpointDesk.Draft(name: name, url: try WebhookURL(url, rules: Self.urls), userID: user)
        draft.scope.models = [try #require(ModelName("res.partner"))]
        change(&draft)
        return try await desk.add(draft, box: box)
    }

    static let urls = WebhookURL.Rules(schemes: ["http", "https"])

    /// A replica in a hurry.
    func replica(
        allow: [String] = ["127.0.0.1"], lease: Duration = .seconds(10),
        schedule: RetrySchedule = RetrySchedule(delays: [.zero, .milliseconds(200), .milliseconds(200)]),
        key: String = DeliveryRig.keyText,
        resolve: @escaping @Sendable (String) async -> [Address] = { _ in [] },
        pace change: (inout EndpointRun.Pace) -> Void = { _ in }
    ) throws -> DeliveryService {
        var configuration = DeliveryService.Configuration()
        configuration.addresses = AddressPolicy(allow: try allow.map { try Network($0) })
        configuration.urls = Self.urls
        configuration.box = try SecretBox(key: key)
        configuration.lease = lease
        configuration.look = .milliseconds(200)
        var pace = EndpointRun.Pace()
        pace.look = .seconds(2)
        pace.straggler = .milliseconds(300)
        pace.trial = .milliseconds(300)
        change(&pace)
        var limits = WebhookClient.Limits()
        limits.whole = .seconds(2)
        limits.addressLifetime = .milliseconds(100)
        let rules = RecordRules(pool: pool)
        return DeliveryService(
            configuration, pool: pool, sync: DeviceSync(pool: pool, rules: rules), hints: hints,
            observe: { observation in self.seen.withLock { $0.append(observation) } }, resolve: resolve, pace: pace,
            schedule: schedule, limits: limits)
    }

    /// Runs the replica while the body runs.
    func running<R: Sendable>(_ replica: DeliveryService? = nil, _ body: () async throws -> R) async throws -> R {
        let replica = try replica ?? self.replica()
        let tailer = Tailer(
            Tailer.Configuration(connection: try database.configuration(user: "changefeed_login")),
            deliver: { [hints] in hints.publish($0) })
        let tasks = [Task { try await replica.run() }, Task { try await tailer.run() }]
        func end() async {
            for task in tasks { task.cancel() }
            for task in tasks { _ = await task.result }
        }
        do {
            let result = try await body()
            await end()
            return result
        } catch {
            await end()
            throw error
        }
    }

    func write(_ sql: String) async throws { try await database.psql(sql, user: "odoo") }

    /// The types and records of what arrived, in order.
    var arrived: [String] { receiver.messages.map { Self.summary($0.body) } }

    static func summary(_ body: String) -> String {
        let object = (try? JSONSerialization.jsonObject(with: Data(body.utf8))) as? [String: Any] ?? [:]
        let data = object["data"] as? [String: Any] ?? [:]
        return [object["type"] as? String, (data["record_id"] as? Int).map(String.init), data["reason"] as? String]
            .compactMap { $0 }
            .joined(separator: " ")
    }

    func until(_ what: String, _ condition: () async throws -> Bool) async throws {
        try await eventually(
            within: .seconds(180), "\(what); arrived: \(arrived); observed: \(observations.suffix(20))", condition)
    }

    /// Waits until nothing is pending for the endpoint's device.
    func settled(_ name: String = "hook") async throws {
        try await until("everything is settled") {
            try await self.database.psql(
                """
                SELECT bool_and(d.window_to IS NULL AND NOT d.is_copying) AND (SELECT count(*) = 0 FROM changefeed.endpoint_queue q WHERE NOT q.is_dead)
                FROM changefeed.device d WHERE d.device_id ~ '^endpoint:'
                """) == "t"
        }
    }
}

extension WebhookReceiver.Message {
    /// As a receiver checks it.
    func isSigned(by secret: WebhookSecret, body: String? = nil) -> Bool {
        do {
            try WebhookVerifier([secret]).verify(
                signatures: headers["webhook-signature"] ?? "", id: headers["webhook-id"] ?? "",
                timestamp: headers["webhook-timestamp"] ?? "", body: Array((body ?? self.body).utf8),
                now: Timestamp.now.microseconds / 1_000_000)
            return true
        } catch {
            return false
        }
    }
}
