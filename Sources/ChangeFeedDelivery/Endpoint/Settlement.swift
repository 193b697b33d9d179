internal import FoundationEssentials

/// What becomes of one event of an endpoint; a row of `sent` in `changefeed.endpoint_settle()`.
struct Settlement: Sendable, Encodable {
    enum Outcome: String, Sendable, Encodable {
        /// The receiver accepted it, or does not want this kind.
        case accepted
        /// It is tried again in `dueIn` seconds.
        case failed
        /// It is not tried again by itself.
        case dead
        /// It was not tried, or is under way.
        case waits
    }

    let model: String
    let recordID: Int64
    /// 0: the database gives it a number.
    var eventID: Int64
    let kind: String
    let occurredAt: String
    let outcome: Outcome
    let attempts: Int
    /// Seconds.
    let dueIn: Double
    var status: Int?
    var error: String?

    private enum CodingKeys: String, CodingKey {
        case model, kind, outcome, attempts, status, error
        case recordID = "record_id"
        case eventID = "event_id"
        case occurredAt = "occurred_at"
        case dueIn = "due_in"
    }

    init(_ event: DeliveredEvent, _ outcome: Outcome, attempts: Int = 0, dueIn: Duration = .zero) {
        model = event.model
        recordID = event.recordID
        eventID = event.id
        // Why it is an unlink, or a create, is kept with it.
        kind = event.reason ?? event.kind
        occurredAt = event.occurredAt
        self.outcome = outcome
        self.attempts = attempts
        self.dueIn = dueIn.seconds
    }

    /// Events of a message that was not tried, or is under way.
    static func waiting(_ message: DeliveryMessage, dueIn: Duration = .zero) -> [Settlement] {
        message.events.map { Settlement($0, .waits, attempts: message.attempts, dueIn: dueIn) }
    }

    var key: RecordKey { RecordKey(model: model, recordID: recordID) }
}

/// A record of a model.
struct RecordKey: Sendable, Hashable {
    let model: String
    let recordID: Int64
}

/// An attempt, as a row of `changefeed.endpoint_attempt`.
struct AttemptRecord: Sendable, Encodable {
    let messageID: String
    let model: String?
    let recordID: Int64?
    let events: Int
    let attempt: Int
    let milliseconds: Int
    let status: Int?
    let error: String?
    let answer: String?

    private enum CodingKeys: String, CodingKey {
        case model, events, attempt, milliseconds, status, error, answer
        case messageID = "message_id"
        case recordID = "record_id"
    }
}
