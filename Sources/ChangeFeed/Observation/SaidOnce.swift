/// What was last said of each thing that lasts, so that a loop says a state when it changes and not each time round.
public struct SaidOnce: Sendable {
    private var said: [String: String] = [:]
    /// More things than the feed has; a bound all the same.
    private static let capacity = 1_000

    public init() {}

    /// - Returns: whether the log has not been told of this already.
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
    /// What it is about and how that stands, where it may stay so for long; nil for what happens and is over.
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

    /// The topics of which nothing counts any more that was said before.
    var settles: [String] {
        switch self {
        case .listening, .stoodAside: ["database"]
        // Whoever lost the database has no role.
        case .waiting: ["role"]
        case .rung, .heartbeat: ["bell"]
        case .retention(let step) where step.state == .done: [Self.topic(step)]
        case .retentionLooked: ["retention"]
        // Each minute, too: a lock that lasts is said again.
        case .recordRulesLooked: ["record rules", "locks"]
        default: []
        }
    }

    private static func topic(_ step: RetentionStep) -> String { "retention \(step.step) \(step.object)" }
}
