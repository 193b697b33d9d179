public import ChangeFeed
public import ChangeFeedDelivery
internal import CoreMetrics

/// Records events. Each function is one line for the caller and costs about a microsecond; without a backend
/// (`MetricsSystem.bootstrap`) it does nothing.
public enum FeedMetrics {
    /// How a request was authenticated.
    public enum AuthenticationMethod: String, Sendable, CaseIterable {
        case key, files, sessionDatabase = "session_db", http
        /// A session that was not found in any store.
        case session
    }

    /// The result.
    public enum AuthenticationResult: String, Sendable, CaseIterable {
        case accepted, rejected
        /// Not tried: too many failures or too much to verify at once.
        case limited
        /// The database or Odoo did not answer.
        case unavailable
    }

    public static func authentication(method: AuthenticationMethod, result: AuthenticationResult) {
        count(.authentications, [("method", method.rawValue), ("result", result.rawValue)])
    }

    /// - Parameter limit: the limit's name in the code, never a part of the request.
    public static func rateLimited(_ limit: String) {
        count(.rateLimited, [("limit", limit)])
    }

    /// - Parameters:
    ///   - route: the template, such as `/api/v1/webhook/events`; `none` for an unknown path.
    ///   - method: one of the known methods, or `other`.
    public static func request(route: String, method: String, status: Int, duration: Duration) {
        count(.httpRequests, [("route", route), ("method", method), ("status", String(status))])
        CoreMetrics.Timer(label: Metric.httpDuration.name, dimensions: [("route", route)])
            .recordNanoseconds(Int64(duration / .nanoseconds(1)))
    }

    /// The tailer's observations; the same ones feed the log.
    public static func record(_ observation: FeedObservation) {
        switch observation {
        case .waiting: count(.reconnects)
        case .epochRaised: count(.epochRaised)
        case .rung: count(.bellRings)
        case .heartbeat: count(.heartbeats)
        case .bellMissed: count(.bellMissed)
        case .bellDeaf: count(.bellDeaf)
        case .delivered(let rows, let events):
            count(.deliveredRows, by: rows)
            count(.deliveredEvents, by: events)
        case .retention(let step): count(step)
        case .retentionFailed: count(.retentionFailures)
        case .rulesClosed, .rulesFailed, .recordRulesFailed, .listening, .leading, .asleep, .retentionLooked,
            .recordRulesLooked, .delivery,
            .troubled, .recovered, .tablesLocked, .stoodAside, .cameBack:
            break
        }
    }

    /// The result of asking Odoo for the fields that a user may see.
    public static func record(_ observation: FieldKnowledge.Observation) {
        if case .asked(let outcome) = observation { count(.fieldQuestions, [("result", outcome.rawValue)]) }
    }

    /// Deliveries; the same observations feed the log.
    public static func record(_ observation: DeliveryObservation) {
        switch observation {
        case .attempted(let endpoint, let failure, let duration, let events):
            count(.endpointMessages, [("endpoint", endpoint), ("result", failure == nil ? "accepted" : "failed")])
            if failure == nil { count(.endpointEvents, [("endpoint", endpoint)], by: events) }
            CoreMetrics.Timer(label: Metric.endpointDuration.name).recordNanoseconds(Int64(duration / .nanoseconds(1)))
        case .dead(let endpoint, _, _): count(.endpointDeadLetters, [("endpoint", endpoint)])
        case .owned(let endpoint, true):
            // From zero on, so that the first of each is an increase.
            for result in ["accepted", "failed"] {
                count(.endpointMessages, [("endpoint", endpoint), ("result", result)], by: 0)
            }
            for metric in [Metric.endpointEvents, .endpointDeadLetters] {
                count(metric, [("endpoint", endpoint)], by: 0)
            }
        case .owned(_, false), .resynced, .paused, .disabled, .unusable, .troubled: break
        }
    }

    /// A request was answered from memory.
    public static func idleAnswer() { count(.idleAnswers) }

    private static func count(_ step: RetentionStep) {
        switch (step.state, step.step) {
        case (.done, "force"), (.done, "settled"): count(.archivedEvents, by: Int(step.events ?? 0))
        case (.done, "delete"), (.done, "budget"):
            // Pausing empties nothing.
            guard let events = step.events else { return }
            count(.emptiedSlots)
            count(.deletedEvents, by: Int(events))
        case (.failed, _): count(.retentionFailures)
        default: break
        }
    }

    private static func count(_ metric: Metric, _ labels: [(String, String)] = [], by amount: Int = 1) {
        Counter(label: metric.name, dimensions: labels).increment(by: amount)
    }
}
