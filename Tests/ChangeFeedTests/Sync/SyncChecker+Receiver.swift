import ChangeFeed
import ChangeFeedTesting
import Foundation
import Postgres

@testable import ChangeFeedDelivery

/// Receivers of endpoints: what they make of the messages that they get, and what must not be among these.
extension SyncChecker {
    /// A receiver with a copy of the records. It takes each `webhook-id` once.
    final class Receiver {
        /// Of its endpoint.
        let name: String
        let models: [String]
        let filters: [String: Filter]
        /// Its messages hold data. Otherwise it reads a record when it is told of it.
        let withData: Bool
        let batchSize: Int
        let concurrency: Int
        let kind: String
        var copy: [String: [Int64: String]] = [:]
        var taken: Set<String> = []
        var newest: [RecordKey: Newest] = [:]
        /// A replay sends older events again.
        var isReplayed = false
        /// Nothing gets through.
        var isBroken = false

        struct Newest {
            var event: Int64
            var version: Int64
            /// Its number may be above that of a transaction which was open when it was listed.
            var isCopy: Bool
        }

        init(
            _ name: String, models: [String], filters: [String: Filter], withData: Bool, batchSize: Int,
            concurrency: Int
        ) {
            self.name = name
            self.models = models
            self.filters = filters
            self.withData = withData
            self.batchSize = batchSize
            self.concurrency = concurrency
            kind = "\(withData ? "with data" : "thin"), \(batchSize) a message, \(concurrency) under way"
        }

        func forget() { (copy, newest) = ([:], [:]) }
    }

    private struct Body: Decodable {
        let type: String
        let data: Content

        /// Of one event, of several, or of a resync.
        struct Content: Decodable {
            let id: Int64?
            let model: String?
            let record_id: Int64?
            let event: String?
            let reason: String?
            let data: JSONValue?
            let events: [Content]?
            let models: [String]?
            let mode: String?
        }
    }

    /// The receiver gets a message: it may be the last thing that the sender does, and its answer may be lost.
    func take(_ message: DeliveryMessage, _ receiver: Receiver) async throws {
        guard receiver.taken.insert(message.id).inserted else { return note("  \(receiver.name) knows \(message.id)") }
        let body = try JSONDecoder().decode(Body.self, from: Data(message.body))
        if body.type == "changefeed.resync" {
            guard body.data.mode == "replace", let models = body.data.models else {
                throw violated("\(receiver.name): a resync that is no replacement")
            }
            note("  \(receiver.name) drops \(models)")
            for model in models { receiver.copy[model] = nil }
            receiver.newest = receiver.newest.filter { !models.contains($0.key.model) }
            return
        }
        for event in body.data.events ?? [body.data] { try await take(event, receiver) }
    }

    private func take(_ event: Body.Content, _ receiver: Receiver) async throws {
        guard let id = event.id, let model = event.model, let record = event.record_id, let kind = event.event else {
            throw violated("\(receiver.name): a message lacks a member")
        }
        note("  \(receiver.name) takes \(id) \(kind) \(model) \(record)\(event.reason.map { " (\($0))" } ?? "")")
        guard receiver.models.contains(model) else { throw violated("\(receiver.name) gets \(model)") }
        let key = RecordKey(model: model, recordID: record)
        var newest = receiver.newest[key] ?? .init(event: 0, version: 0, isCopy: false)
        guard id >= newest.event || newest.isCopy || receiver.isReplayed else {
            throw violated("\(receiver.name), \(model) \(record): event \(id) after \(newest.event)")
        }
        newest.event = id
        newest.isCopy = event.reason == "copy"
        if kind == "unlink" {
            receiver.copy[model]?[record] = nil
        } else if receiver.withData {
            guard case .object(let fields)? = event.data, let name = fields["name"]?.string,
                case .int(let version)? = fields["version"]
            else { throw violated("\(receiver.name), \(model) \(record): event \(id) has no data") }
            guard version >= newest.version else {
                throw violated(
                    "\(receiver.name), \(model) \(record): an older state (\(version)) after a newer one (\(newest.version))"
                )
            }
            newest.version = version
            receiver.copy[model, default: [:]][record] = name
        } else {
            let name = try await seen(model, receiver.filters, record).first?["name"].text
            receiver.copy[model, default: [:]][record] = name
        }
        receiver.newest[key] = newest
    }

    /// What user 2 sees of a model, or of one record, by filters.
    private func seen(_ model: String, _ filters: [String: Filter], _ record: Int64? = nil) async throws -> Rows {
        try await administrator.query(
            Query(
                """
                SELECT s.id, s.name FROM (\(Self.shown(model))) s
                JOIN (SELECT id FROM \(Self.table(model)) WHERE \(filters[model]?.sql ?? "true")) f ON f.id = s.id
                WHERE \(record.map { "s.id = \($0)" } ?? "true")
                """, []))
    }

    func compare(_ receiver: Receiver) async throws {
        for model in receiver.models {
            let rows = try await seen(model, receiver.filters)
            let real = try Dictionary(uniqueKeysWithValues: rows.map { (try $0["id"].int(), try $0["name"].string()) })
            let copy = receiver.copy[model] ?? [:]
            guard copy == real else {
                let ids = Set(real.keys).union(copy.keys).filter { real[$0] != copy[$0] }.sorted()
                let lines = try await administrator.lines(
                    "SELECT id, event, epoch FROM changefeed.event WHERE model = '\(model)' AND ids @> ARRAY[\(ids[0])::bigint] ORDER BY id"
                )
                note("log of \(model) \(ids[0]): " + lines.joined(separator: ", "))
                throw violated(
                    "\(receiver.name) (\(receiver.kind)), \(model): records \(ids.prefix(5)) of \(ids.count) differ; copy \(ids.prefix(5).map { copy[$0] ?? "none" }), database \(ids.prefix(5).map { real[$0] ?? "none" })"
                )
            }
        }
    }
}
