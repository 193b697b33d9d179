/// The last report about each lasting state, so that a loop reports a state when it changes and not in each iteration.
public struct SaidOnce: Sendable {
    private var said: [String: String] = [:]
    /// More topics than the feed has, but still a bound.
    private static let capacity = 1_000

    public init() {}

    /// - Returns: whether the log does not have this report yet.
    public mutating func isNews(_ observation: FeedObservation) -> Bool {
        for topic in observation.settles { said[topic] = nil }
        guard let (topic, state) = observation.lasting else { return true }
        if said[topic] == state { return false }
        if said.count >= Self.capacity { said.removeAll() }
        said[topic] = state
        return true
    }
}

extension FeedObservation {
    /// The topic and its state, if it may last; nil for a momentary event.
    var lasting: (topic: String, state: String)? {
        switch self {
        // The pause grows while nothing changes.
        case .waiting(let reason, _): ("database", reason)
        case .leading(let leads): ("role", "\(leads)")
        case .bellMissed: ("bell", "missed")
        case .retention(let step) where step.state != .done: (Self.topic(step), "\(step.state.rawValue) \(step.detail)")
        case .retentionFailed(let reason): ("retention", reason)
        case .recordRulesFailed(let reason): ("record rules", reason)
        case .tablesLocked(let tables): ("locks", "\(tables)")
        case .delivery(let state): ("delivery", "\(state.allowed) \(state.details)")
        default: nil
        }
    }

    /// The topics for which no earlier report counts any more.
    var settles: [String] {
        switch self {
        case .listening, .stoodAside: ["database"]
        // A replica that lost the database has no role.
        case .waiting: ["role"]
        case .rung, .heartbeat: ["bell"]
        case .retention(let step) where step.state == .done: [Self.topic(step)]
        case .retentionLooked: ["retention"]
        // Also every minute: a lasting lock is reported again.
        case .recordRulesLooked: ["record rules", "locks"]
        default: []
        }
    }

    private static func topic(_ step: RetentionStep) -> String { "retention \(step.step) \(step.object)" }
}
