internal import ChangeFeed

/// A message as a CloudEvent 1.0 in binary mode: attributes in headers, the body as it is.
struct CloudEvent: Sendable {
    /// `sale.order.write`, or `changefeed.resync`.
    let type: String
    /// The record, `sale.order/7`; nil for a message about none.
    let record: String?
    /// Without `specversion`; in the order of the specification.
    private let attributes: [(name: String, value: String)]
    let body: [UInt8]
    /// The record is gone, or is not shown any more.
    let isUnlink: Bool

    /// - Parameter source: Odoo's `database.uuid`.
    init(_ message: DeliveryMessage, source: String) {
        let event = message.events.first
        type = event?.type ?? Self.type(of: message.body)
        record = event.map { "\($0.model)/\($0.recordID)" }
        isUnlink = event?.kind == "unlink"
        body = message.body
        var attributes = [("id", message.id), ("source", source), ("type", type)]
        if let record { attributes.append(("subject", record)) }
        attributes.append(("time", event?.occurredAt ?? Timestamp.now.iso8601))
        if let record { attributes.append(("partitionkey", record)) }
        if let reason = event?.reason { attributes.append(("reason", reason)) }
        self.attributes = attributes.map { ($0.0, StreamText.header($0.1)) }
    }

    /// - Parameter prefix: `ce-` with NATS and HTTP, `ce_` with Kafka.
    func headers(prefix: String) -> [(name: String, value: String)] {
        [(prefix + "specversion", "1.0")] + attributes.map { (prefix + $0.name, $0.value) }
            + [("content-type", "application/json")]
    }

    private static func type(of body: [UInt8]) -> String {
        for (name, value) in JSONMembers(body[...]) where name == "type" {
            return JSONMembers.string(value) ?? "changefeed"
        }
        return "changefeed"
    }
}

/// Where the messages of a database come from.
struct StreamOrigin: Sendable, Equatable {
    /// The database's name.
    let database: String
    /// Odoo's `database.uuid`, or else the feed.
    let source: String
}

/// Subjects in JetStream: `changefeed.<database>.<model>.<event>`.
enum StreamSubject {
    /// With a full stop behind it.
    static func beginning(prefix: String, database: String) -> String { "\(prefix).\(token(database))." }

    static func end(of event: CloudEvent) -> String {
        let dot = event.type.lastIndex(of: ".") ?? event.type.startIndex
        return token(event.type[..<dot]) + "." + token(event.type[dot...].drop { $0 == "." })
    }

    /// One part of a subject. A full stop would divide it, so that it becomes `-`, which no model's name contains:
    /// `sale-order` is `sale.order` alone. In a database's name everything but letters, digits, `-` and `_` becomes `-`.
    static func token(_ text: some StringProtocol) -> String {
        if text.isEmpty { return "-" }
        return String(decoding: text.utf8.map { StreamText.isPlain($0) ? $0 : UInt8(ascii: "-") }, as: UTF8.self)
    }

    /// Whether a stream with this subject takes each message with that one (`*`: one part, `>`: all further ones).
    static func covers(_ wide: String, _ narrow: String) -> Bool {
        let wide = wide.split(separator: ".", omittingEmptySubsequences: false)
        let narrow = narrow.split(separator: ".", omittingEmptySubsequences: false)
        for (index, part) in wide.enumerated() {
            if part == ">" { return index < narrow.count }
            guard index < narrow.count, narrow[index] != ">", part == "*" || part == narrow[index] else { return false }
        }
        return wide.count == narrow.count
    }
}
