/// Which tables were recently found locked, and which questions ran into them.
///
/// A pure value. A question that ran into a lock is refused immediately while the table is locked, except one that
/// checks whether it still is, so that a lock occupies one connection at a time and not all. Other questions continue.
struct LockMemory: Sendable {
    /// A locked table.
    struct Table: Sendable, Hashable {
        let source: String
        /// Nil if it does not belong to a tracked model.
        let model: String?
    }

    /// What to do with a question.
    enum Decision: Sendable, Equatable {
        case ask
        case refuse([Table])
    }

    /// How long only one question checks whether a table is free.
    static let pause: Duration = .seconds(2)
    /// How long a statement waits for a lock while any table is known to be locked.
    static let patience: Duration = .milliseconds(100)
    /// How long a table counts as locked after a question last ran into it.
    static let lifetime: Duration = .seconds(15)
    private static let capacity = 10_000

    private struct Held: Sendable {
        var nextLook: ContinuousClock.Instant
        var end: ContinuousClock.Instant
    }

    private var held: [Table: Held] = [:]
    private var hit: [String: [Table]] = [:]

    /// Tables that are known to be locked.
    var tables: Set<Table> { Set(held.keys) }

    /// How long statements may wait for a lock now; nil: the usual time.
    func patience(now: ContinuousClock.Instant) -> Duration? {
        held.isEmpty || held.values.allSatisfy { $0.end <= now } ? nil : Self.patience
    }

    mutating func decide(_ question: String, now: ContinuousClock.Instant) -> Decision {
        if held.isEmpty { return .ask }
        held = held.filter { $0.value.end > now }
        guard !held.isEmpty else {
            hit = [:]
            return .ask
        }
        let inTheWay = (hit[question] ?? []).filter { held[$0] != nil }
        guard !inTheWay.isEmpty else { return .ask }
        let waiting = inTheWay.filter { held[$0].map { $0.nextLook > now } ?? false }
        guard waiting.isEmpty else { return .refuse(waiting) }
        // This one checks for all.
        for table in inTheWay { held[table]?.nextLook = now + Self.pause }
        return .ask
    }

    /// The question waited in vain, and these tables were locked then.
    mutating func waited(_ question: String, for tables: [Table], now: ContinuousClock.Instant) {
        guard !tables.isEmpty else { return }
        for table in tables { held[table] = Held(nextLook: now + Self.pause, end: now + Self.lifetime) }
        if hit.count >= Self.capacity { hit = [:] }
        hit[question] = tables
    }

    /// The question was answered: its lock is gone.
    mutating func answered(_ question: String) {
        guard !hit.isEmpty, let tables = hit.removeValue(forKey: question) else { return }
        for table in tables { held[table] = nil }
    }
}
