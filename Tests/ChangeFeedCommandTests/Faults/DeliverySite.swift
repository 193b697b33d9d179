import ChangeFeedTesting
import Foundation
import Testing

/// Services in processes of their own that deliver to a receiver, one message after another, with the records' data.
struct DeliverySite {
    private static let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    let database: TestDatabase
    let receiver: WebhookReceiver
    private let settings: [String: String]

    init(_ cluster: PrivateCluster? = nil) async throws {
        if let cluster {
            database = try await cluster.createDatabase(.installed)
        } else {
            database = try await PrivateCluster.shared().createDatabase(.installed)
        }
        receiver = try await WebhookReceiver()
        settings = [
            "DATABASE_URL": database.conninfo(user: "changefeed_login"), "CHANGEFEED_SECRET_KEY": Self.key,
            "CHANGEFEED_WEBHOOK_ALLOW": "127.0.0.1", "CHANGEFEED_WEBHOOK_SCHEMES": "http",
        ]
    }

    /// A replica that is ready.
    func start(_ environment: [String: String] = [:]) async throws -> RunningService {
        let service = try RunningService(
            database.conninfo(user: "changefeed_login"), environment: settings.merging(environment) { $1 })
        try await service.ready()
        return service
    }

    /// Adds the endpoint, and waits until a first message has arrived and is settled.
    func add() async throws {
        let added = try await BuiltBinary.run(
            [
                "endpoint", "add", "shop", receiver.url, "--user", "admin", "--models", "res.partner", "--data",
                "--concurrency", "1",
            ], environment: settings)
        #expect(added.status == 0, "\(added.errors)")
        try await write(1, on: [1])
        try await arrives([1: 1])
        try await settled()
    }

    /// A state of some partners; each is a higher number.
    func write(_ state: Int, on records: [Int]) async throws {
        let ids = records.map(String.init).joined(separator: ",")
        try await database.psql("UPDATE res_partner SET phone = '\(state)' WHERE id IN (\(ids))", user: "odoo")
    }

    struct Delivered: CustomStringConvertible {
        /// The event's number.
        let event: Int
        let record: Int
        let state: Int
        /// `webhook-id`.
        let message: String
        let timestamp: Double
        var description: String { "\(record)=\(state) (\(message))" }
    }

    /// What arrived, in order.
    var delivered: [Delivered] {
        receiver.messages.compactMap { message in
            let body = try? JSONSerialization.jsonObject(with: Data(message.body.utf8)) as? [String: Any]
            guard let event = body?["data"] as? [String: Any], let id = event["id"] as? Int,
                let record = event["record_id"] as? Int
            else { return nil }
            let values = event["data"] as? [String: Any]
            return Delivered(
                event: id, record: record, state: (values?["phone"] as? String).flatMap { Int($0) } ?? -1,
                message: message.headers["webhook-id"] ?? "",
                timestamp: message.headers["webhook-timestamp"].flatMap { Double($0) } ?? 0)
        }
    }

    /// Waits until the last that arrived of these records is this.
    func arrives(_ states: [Int: Int]) async throws {
        try await eventually("\(states) arrive; there are \(delivered)") {
            let delivered = self.delivered
            return states.allSatisfy { record, state in delivered.last { $0.record == record }?.state == state }
        }
    }

    /// Waits until nothing is left to deliver.
    func settled() async throws {
        try await eventually("everything is settled") {
            try await self.database.psql(
                "SELECT count(*) = 0 AND (SELECT d.window_to IS NULL FROM changefeed.device d) FROM changefeed.endpoint_queue"
            ) == "t"
        }
    }

    /// No record went back, and what came twice is one message.
    func judge() {
        let all = delivered
        for (record, events) in Dictionary(grouping: all, by: \.record) {
            #expect(events.map(\.state) == events.map(\.state).sorted(), "\(record): \(all)")
            #expect(events.map(\.event) == events.map(\.event).sorted(), "\(record): \(all)")
        }
        for (event, messages) in Dictionary(grouping: all, by: \.event) {
            #expect(Set(messages.map(\.message)).count == 1, "\(event): \(all)")
        }
    }

    /// Sessions of services that wait for a lock.
    static let blocked = """
        pg_stat_activity WHERE datname = current_database() AND usename = 'changefeed_login' AND wait_event_type = 'Lock'
        """

    func waits(for what: String) async throws {
        try await eventually("a service waits for \(what)") {
            try await self.database.psql("SELECT count(*) > 0 FROM \(Self.blocked)") == "t"
        }
    }

    /// What a killed process asked for is not carried out.
    func cutOff() async throws {
        try await eventually("no session waits") {
            try await self.database.psql(
                "SELECT count(pg_terminate_backend(pid)) FROM \(Self.blocked)") == "0"
        }
    }
}
