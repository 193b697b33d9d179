internal import Postgres

/// One row of a retention run's report: `changefeed.archive()` and `changefeed.keep_log_budget()`.
public struct RetentionStep: Sendable, Equatable, Encodable {
    public enum State: String, Sendable, Encodable {
        case done
        /// A dry run: this would be done.
        case due
        /// The step is held back; it is retried.
        case held
        /// The log is near its budget.
        case near
        /// The step raised an error, in `detail`; the others were run.
        case failed
    }

    /// `force`, `settled`, `orphans`, `delete`, `rotate`, `count`, `budget`, or `model` if one was named.
    public let step: String
    /// Its object, such as `slot 3`.
    public let object: String
    /// Number of events concerned, if any.
    public let events: Int64?
    public let state: State
    public let detail: String

    public init(step: String, object: String, events: Int64?, state: State, detail: String) {
        self.step = step
        self.object = object
        self.events = events
        self.state = state
        self.detail = detail
    }

    /// For a log.
    var line: String {
        "retention: \(step), \(object), \(state.rawValue)\(events.map { ", \($0) events" } ?? ""): \(detail)"
    }

    init(_ row: Row) throws {
        guard let state = State(rawValue: try row["state"].string()) else {
            throw ChangeFeedError(.unexpectedAnswer, "A step of retention has a state that this version does not know.")
        }
        self.init(
            step: try row["step"].string(), object: try row["object"].string(), events: try row["events"].optionalInt(),
            state: state, detail: try row["detail"].string())
    }

    private enum CodingKeys: String, CodingKey { case step, object, events, state, detail }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(step, forKey: .step)
        try container.encode(object, forKey: .object)
        // null, where a synthesised encoder would omit the key.
        try container.encode(events, forKey: .events)
        try container.encode(state, forKey: .state)
        try container.encode(detail, forKey: .detail)
    }
}
