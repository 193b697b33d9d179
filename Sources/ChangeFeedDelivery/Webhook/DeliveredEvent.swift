internal import FoundationEssentials

/// One event as an endpoint's user sees it.
public struct DeliveredEvent: Sendable, Equatable {
    public let id: Int64
    /// The technical name of the model, such as `sale.order`.
    public let model: String
    public let recordID: Int64
    /// `create`, `write` or `unlink`.
    public let kind: String
    /// The time of the statement, in RFC 3339 with microseconds.
    public let occurredAt: String
    /// Why the event is not what Odoo did: `access`, `filter`, `copy`.
    public let reason: String?
    /// The record's data: the text of a JSON object.
    public let data: String?

    public init(
        id: Int64, model: String, recordID: Int64, kind: String, occurredAt: String, reason: String? = nil,
        data: String? = nil
    ) {
        self.id = id
        self.model = model
        self.recordID = recordID
        self.kind = kind
        self.occurredAt = occurredAt
        self.reason = reason
        self.data = data
    }

    /// An event of a pull: a JSON object with `id`, `model`, `record_id`, `event`, `occurred_at` and perhaps `reason`
    /// and `data`. The data are taken over byte for byte, so that numbers keep their digits; other members are ignored.
    /// - Parameter json: As the database gives it, hence valid JSON.
    /// - Throws: `WebhookError` (`event_invalid`) if a member is missing or of another type.
    public init(json: String) throws(WebhookError) {
        var members: [String: String] = [:]
        for (name, value) in JSONMembers(json) { members[name] = value }
        func string(_ name: String) throws(WebhookError) -> String {
            guard let text = members[name], let value = JSONMembers.string(text) else { throw Self.lacks(name) }
            return value
        }
        func number(_ name: String) throws(WebhookError) -> Int64 {
            guard let value = members[name].flatMap({ Int64($0) }) else { throw Self.lacks(name) }
            return value
        }
        self.init(
            id: try number("id"), model: try string("model"), recordID: try number("record_id"),
            kind: try string("event"), occurredAt: try string("occurred_at"),
            reason: members["reason"].flatMap(JSONMembers.string),
            data: members["data"].flatMap { $0 == "null" ? nil : $0 })
    }

    private static func lacks(_ name: String) -> WebhookError {
        WebhookError(.eventInvalid, "an event of the database has no valid member `\(name)`")
    }

    /// `sale.order.write`.
    public var type: String { model + "." + kind }
}
