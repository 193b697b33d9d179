/// Observations of the tailer, made once, for logs, metrics and the tests' signals.
public enum FeedObservation: Sendable, Equatable {
    /// The database cannot be used at present; the tailer retries after the pause.
    case waiting(reason: String, retryAfter: Duration)
    /// Connected, schema and identity checked, listening.
    case listening(backendPID: Int32, epoch: Int)
    /// This replica now leads (true): it owns the bell and relays to the others.
    case leading(Bool)
    /// The feed's identity changed since the database was last served: a restore, a fail-over, a copy.
    case epochRaised(to: Int, reason: String)
    /// The slow poll found changes that no bell had announced.
    case bellMissed
    /// The tailer rang itself through the real path and did not hear it; it reconnects.
    case bellDeaf
    /// The bell, or the leader's relay to its followers, woke the tailer.
    case rung
    /// The leader heard its own ring.
    case heartbeat
    /// Log rows were passed on.
    case delivered(rows: Int, events: Int)
    /// Went to sleep holding the bell's lock.
    case asleep
    /// A step of retention was done, held back or failed, or the log is near its budget.
    case retention(RetentionStep)
    /// Retention could not run; it retries in a minute.
    case retentionFailed(reason: String)
    /// A model is closed to users to whom record rules apply that could not be compiled.
    case rulesClosed(model: String, findings: [String])
    /// The record rules of a model failed at run time.
    case rulesFailed(reason: String)
    /// Record rules could not be read; it retries in a minute.
    case recordRulesFailed(reason: String)
    /// Retention, or record rules, were checked and nothing failed.
    case retentionLooked, recordRulesLooked
    /// Whether this database may push, when first checked and when it has changed.
    case delivery(DeliveryState)
    /// An external resource is unavailable, reported once for each kind of trouble.
    case troubled(what: String, Trouble)
    /// It is available again.
    case recovered(what: String)
    /// Requests waited in vain for these tables, which another session locks.
    case tablesLocked([String])
    /// A command needs the database without sessions: this process has disconnected from it.
    case stoodAside
    /// It may be used again.
    case cameBack
}

extension FeedObservation {
    /// Level and text for a log line; nil for events too frequent to log.
    public var logLine: (isWarning: Bool, text: String)? {
        switch self {
        case .waiting(let reason, let pause):
            (true, "waiting for the database: \(reason); next try in \(pause.formatted)")
        case .listening(let pid, let epoch): (false, "listening on backend \(pid), epoch \(epoch)")
        case .leading(true): (false, "this replica leads: it owns the doorbell")
        case .leading(false): (false, "another replica leads: following")
        case .epochRaised(let epoch, let reason):
            (true, "the feed's identity changed (\(reason)): epoch is now \(epoch)")
        case .bellMissed: (true, "the slow poll found changes that no bell had announced")
        case .bellDeaf: (true, "the doorbell was not heard: reconnecting the listener")
        case .retention(let step): (step.state != .done || step.step == "budget", step.line)
        case .retentionFailed(let reason): (true, "retention failed: \(reason)")
        case .rulesClosed(let model, let findings):
            (true, "model \(model) is closed to some users: \(findings.joined(separator: "; ")). See changefeed verify")
        case .rulesFailed(let reason): (true, reason)
        case .recordRulesFailed(let reason): (true, "record rules could not be read: \(reason)")
        case .delivery(let state) where state.allowed: (false, "this database may push: it is the feed's home")
        case .delivery(let state):
            (true, "nothing is pushed from this database: \(state.details.joined(separator: "; "))")
        case .troubled(let what, let trouble): (true, "\(what): \(trouble.reason) (\(trouble.kind.rawValue))")
        case .recovered(let what): (false, "\(what): works again")
        case .tablesLocked(let tables):
            (
                true,
                "another session holds a lock on \(tables.joined(separator: ", ")); requests that need it are answered 503 until the lock is released"
            )
        case .stoodAside:
            (true, "the database is being copied, renamed or dropped: its connections stay closed until that ends")
        case .cameBack: (false, "the database may be used again")
        case .rung, .heartbeat, .delivered, .asleep, .retentionLooked, .recordRulesLooked: nil
        }
    }
}

extension Duration {
    /// Seconds with three digits, for people.
    var formatted: String {
        let milliseconds = components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
        let rest = String(milliseconds % 1_000)
        return "\(milliseconds / 1_000).\(String(repeating: "0", count: 3 - rest.count))\(rest) s"
    }
}
