/// What an endpoint receives: `{"type":…,"timestamp":…,"data":{…}}` (Standard Webhooks 1.0, "Payload structure").
public struct WebhookMessage: Sendable, Equatable {
    /// `sale.order.write`, `changefeed.batch`, `changefeed.test` or `changefeed.resync`.
    public let type: String
    /// JSON without white space between its parts, as it is signed and sent.
    public let body: [UInt8]
    /// At least one record's data are missing, because the body would be longer than `maximumLength`.
    public let isTruncated: Bool

    /// The longest body, in bytes.
    public static let maximumLength = 262_144

    /// The header `webhook-id`: the same for each attempt, so that a receiver recognises a repeated message.
    /// - Parameters:
    ///   - feed: Which feed it is, such as its epoch. Characters other than ASCII letters and digits become `-`, so
    ///     that the id has no full stop (which would end it in the signed text) and its parts stay apart.
    ///   - event: The event's id; for a batch the last one's.
    ///   - batch: The ids of a batch's events. A batch of others that ends with the same event is another message.
    ///   - generation: What makes a message that an operator sends again a new one; nil for the first.
    public static func id(
        feed: String, endpoint: Int64, event: Int64, batch: [Int64] = [], generation: Int? = nil
    ) -> String {
        let name = String(feed.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
        let part = batch.count > 1 ? "_b" + String(digest(batch), radix: 16) : ""
        return "msg_\(name)_\(endpoint)_\(event)" + part + (generation.map { "_\($0)" } ?? "")
    }

    /// FNV-1a of 64 bits.
    private static func digest(_ ids: [Int64]) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for id in ids {
            for shift in stride(from: 0, to: 64, by: 8) {
                hash = (hash ^ UInt64(UInt8(truncatingIfNeeded: id >> Int64(shift)))) &* 0x0000_0100_0000_01b3
            }
        }
        return hash
    }

    /// An event without the record's data.
    public static func thin(_ event: DeliveredEvent) -> WebhookMessage {
        message(event.type, event.occurredAt) { append(event, .none, to: &$0) }
    }

    /// An event with the record's data; without them, and with `"truncated":true`, if the body would be too long.
    public static func full(_ event: DeliveredEvent) -> WebhookMessage {
        let whole = message(event.type, event.occurredAt) { append(event, .whole, to: &$0) }
        if whole.body.count <= maximumLength { return whole }
        return message(event.type, event.occurredAt, isTruncated: true) { append(event, .truncated, to: &$0) }
    }

    /// Several events in their order. With data, the first ones have them for as long as the body is not too long;
    /// each of the others has `"truncated":true`.
    /// - Parameters:
    ///   - withData: Whether the records' data are wanted.
    ///   - timestamp: When the batch was made, in RFC 3339.
    public static func batch(_ events: [DeliveredEvent], withData: Bool, timestamp: String) -> WebhookMessage {
        var left = maximumLength
        if withData {
            let shortest = message("changefeed.batch", timestamp) { append(events.map { ($0, .truncated) }, to: &$0) }
            left -= shortest.body.count
        }
        var isTruncated = false
        let parts = events.map { event -> (DeliveredEvent, Data) in
            guard withData, let data = event.data else { return (event, .none) }
            guard data.utf8.count <= left else {
                isTruncated = true
                return (event, .truncated)
            }
            left -= data.utf8.count
            return (event, .whole)
        }
        return message("changefeed.batch", timestamp, isTruncated: isTruncated) { append(parts, to: &$0) }
    }

    /// A message that says nothing but that messages arrive.
    /// - Parameter timestamp: In RFC 3339.
    public static func test(endpoint: Int64, timestamp: String) -> WebhookMessage {
        message("changefeed.test", timestamp) { $0 += "{\"endpoint\":\(endpoint)}".utf8 }
    }

    /// A notice that changes of these models may be missing.
    /// - Parameters:
    ///   - models: Technical names.
    ///   - code: Why, as in the answers of `pull`.
    ///   - mode: What the receiver does next, as in the answers of `pull`.
    ///   - timestamp: In RFC 3339.
    public static func resync(models: [String], code: String, mode: String, timestamp: String) -> WebhookMessage {
        message("changefeed.resync", timestamp) { output in
            output += "{\"models\":[".utf8
            for (index, model) in models.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                JSONString.append(model, to: &output)
            }
            output += "],\"code\":".utf8
            JSONString.append(code, to: &output)
            output += ",\"mode\":".utf8
            JSONString.append(mode, to: &output)
            output.append(UInt8(ascii: "}"))
        }
    }

    /// How much of a record's data an event has.
    private enum Data { case none, whole, truncated }

    private static func message(
        _ type: String, _ timestamp: String, isTruncated: Bool = false, data: (inout [UInt8]) -> Void
    ) -> WebhookMessage {
        var body = Array("{\"type\":".utf8)
        JSONString.append(type, to: &body)
        body += ",\"timestamp\":".utf8
        JSONString.append(timestamp, to: &body)
        body += ",\"data\":".utf8
        data(&body)
        body.append(UInt8(ascii: "}"))
        return WebhookMessage(type: type, body: body, isTruncated: isTruncated)
    }

    private static func append(_ events: [(DeliveredEvent, Data)], to output: inout [UInt8]) {
        output += "{\"events\":[".utf8
        for (index, (event, data)) in events.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            append(event, data, to: &output)
        }
        output += "]}".utf8
    }

    private static func append(_ event: DeliveredEvent, _ data: Data, to output: inout [UInt8]) {
        output += "{\"id\":\(event.id),\"model\":".utf8
        JSONString.append(event.model, to: &output)
        output += ",\"record_id\":\(event.recordID),\"event\":".utf8
        JSONString.append(event.kind, to: &output)
        output += ",\"occurred_at\":".utf8
        JSONString.append(event.occurredAt, to: &output)
        if let reason = event.reason {
            output += ",\"reason\":".utf8
            JSONString.append(reason, to: &output)
        }
        switch data {
        case .none: break
        case .whole:
            guard let text = event.data else { break }
            output += ",\"data\":".utf8
            output += text.utf8
        case .truncated: output += ",\"truncated\":true".utf8
        }
        output.append(UInt8(ascii: "}"))
    }
}
