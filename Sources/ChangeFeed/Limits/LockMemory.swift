/// Which tables were found locked a moment ago, and which questions ran into them.
///
/// A pure value. A question that ran into a lock is refused at once while the table is held, but for one that looks
/// whether it still is, so that a lock keeps one connection at a time and not all. Who was not in its way goes on.
struct LockMemory: Sendable {
    /// A table that somebody holds.
    struct Table: Sendable, Hashable {
        let source: String
        /// Nil where it is no tracked model's.
        let model: String?
    }

    /// What to do with a question.
    enum Decision: Sendable, Equatable {
        case ask
        case refuse([Table])
    }

    /// How long nobody but one looks whether a table is free.
    static let pause: Duration = .seconds(2)
    /// How long a statement waits for a lock while some table is known to be held.
    static let patience: Duration = .milliseconds(100)
    /// How long a table counts as held after somebody last ran into it.
    static let lifetime: Duration = .seconds(15)
    private static let capacity = 10_000

    private struct Held: Sendable {
        var nextLook: ContinuousClock.Instant
        var end: ContinuousClock.Instant
    }

    private var held: [Table: Held] = [:]
    private var hit: [String: [Table]] = [:]

    /// Tables that are known to be held.
    var tables: Set<Table> { Set(held.keys) }

    /// How long statements may wait for a lock now; nil: as long as always.
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
        // This one looks for all.
        for table in inTheWay { held[table]?.nextLook = now + Self.pause }
        return .ask
    }

    /// The question waited in vain, and these tables were held then.
    mutating func waited(_ question: String, for tables: [Table], now: ContinuousClock.Instant) {
        guard !tables.isEmpty else { return }
        for table in tables { held[table] = Held(nextLook: now + Self.pause, end: now + Self.lifetime) }
        if hit.count >= Self.capacity { hit = [:] }
        hit[question] = tables
    }

    /// The question was answered: what was in its way is not any more.
    mutating func answered(_ question: String) {
        guard !hit.isEmpty, let tables = hit.removeValue(forKey: question) else { return }
        for table in tables { held[table] = nil }
    }
}
