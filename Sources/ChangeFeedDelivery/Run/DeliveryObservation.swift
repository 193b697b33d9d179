public import ChangeFeed

/// Observations of delivery, made once, for logs, metrics and the tests' signals.
public enum DeliveryObservation: Sendable, Equatable {
    /// This replica delivers to the endpoint (true), or does not any more.
    case owned(endpoint: String, Bool)
    /// A message was sent; nil: it was accepted.
    case attempted(endpoint: String, String?, Duration, events: Int)
    /// The last attempt failed: the record is a dead letter.
    case dead(endpoint: String, model: String, recordID: Int64)
    /// The endpoint's copy of these models is not complete: a notice and their records are sent.
    case resynced(endpoint: String, models: [String])
    /// The endpoint's user lost a right.
    case paused(endpoint: String, reason: String)
    /// The receiver refused for good, or failed for days.
    case disabled(endpoint: String)
    /// The endpoint's settings cannot be used here.
    case unusable(endpoint: String, reason: String)
    /// The database does not answer, or refuses; it is tried again.
    case troubled(endpoint: String?, Trouble)
}

extension DeliveryObservation {
    /// Level and text for a log line; nil for events too frequent to log.
    public var logLine: (isWarning: Bool, text: String)? {
        switch self {
        case .owned(let name, true): (false, "delivering to endpoint \(name)")
        case .owned(let name, false): (false, "no longer delivering to endpoint \(name)")
        case .attempted: nil
        case .dead(let name, let model, let id):
            (true, "endpoint \(name): \(model) \(id) is a dead letter; changefeed endpoint retry tries it again")
        case .resynced(let name, let models):
            (false, "endpoint \(name): the records of \(models.joined(separator: ", ")) are sent again")
        case .paused(let name, let reason): (true, "endpoint \(name) is paused: \(reason)")
        case .disabled(let name): (true, "endpoint \(name) is disabled; changefeed endpoint show tells why")
        case .unusable(let name, let reason): (true, "endpoint \(name) gets nothing: \(reason)")
        case .troubled(let name, let trouble):
            (true, "delivery\(name.map { " to endpoint \($0)" } ?? ""): \(trouble.reason) (\(trouble.kind.rawValue))")
        }
    }
}
