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
    public init(json: String) throws(WebhookError) { try self.init(Array(json.utf8)[...]) }

    /// The events of a pull: a JSON array.
    static func list(_ json: String) throws(WebhookError) -> [DeliveredEvent] {
        var events: [DeliveredEvent] = []
        for element in JSONElements(json) { events.append(try DeliveredEvent(element)) }
        return events
    }

    private init(_ json: ArraySlice<UInt8>) throws(WebhookError) {
        var numbers: (id: Int64?, recordID: Int64?)
        var texts: (model: String?, kind: String?, occurredAt: String?, reason: String?, data: String?)
        for (name, value) in JSONMembers(json) {
            switch name {
            case "id": numbers.id = Int64(JSONMembers.text(value))
            case "record_id": numbers.recordID = Int64(JSONMembers.text(value))
            case "model": texts.model = JSONMembers.string(value)
            case "event": texts.kind = JSONMembers.string(value)
            case "occurred_at": texts.occurredAt = JSONMembers.string(value)
            case "reason": texts.reason = JSONMembers.string(value)
            case "data": if value.first != UInt8(ascii: "n") { texts.data = JSONMembers.text(value) }
            default: break
            }
        }
        guard let id = numbers.id else { throw Self.lacks("id") }
        guard let model = texts.model else { throw Self.lacks("model") }
        guard let recordID = numbers.recordID else { throw Self.lacks("record_id") }
        guard let kind = texts.kind else { throw Self.lacks("event") }
        guard let occurredAt = texts.occurredAt else { throw Self.lacks("occurred_at") }
        self.init(
            id: id, model: model, recordID: recordID, kind: kind, occurredAt: occurredAt, reason: texts.reason,
            data: texts.data)
    }

    private static func lacks(_ name: String) -> WebhookError {
        WebhookError(.eventInvalid, "an event of the database has no valid member `\(name)`")
    }

    /// `sale.order.write`.
    public var type: String { model + "." + kind }
}
