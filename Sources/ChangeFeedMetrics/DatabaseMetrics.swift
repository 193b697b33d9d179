internal import ChangeFeed
internal import Postgres

/// The result of `changefeed.status()`, queried at most every ten seconds however often metrics are scraped.
actor DatabaseMetrics {
    /// The figures, each nil where it does not apply.
    struct Values: Sendable, Equatable {
        var logBytes: Double?
        /// Seconds.
        var oldestEventAge: Double?
        /// Seconds.
        var oldestTransactionAge: Double?
        var paused = false
        var openGaps: Double?
        var logBudget: Double?
        /// Seconds since 1970-01-01 UTC.
        var lastRetention: Double?
        /// Models by the state of their triggers.
        var models: [String: Double] = [:]
    }

    /// A failed query counts as an answer too: a database in trouble is not queried more often.
    enum Answer: Sendable, Equatable {
        case values(Values)
        case unavailable
    }

    private let lifetime: Duration
    private let patience: Duration
    private let troubles: Troubles?
    private let ask: @Sendable () async throws -> Values
    private var answer = Answer.unavailable
    private var asked: ContinuousClock.Instant?
    private var isAsking = false

    /// - Parameters:
    ///   - lifetime: how long an answer is used (10 s).
    ///   - patience: how long the database may take (5 s, half of what Prometheus waits for a scrape); then the statement
    ///     is cancelled.
    ///   - troubles: receives why there is no answer.
    init(
        lifetime: Duration = .seconds(10), patience: Duration = .seconds(5), troubles: Troubles? = nil,
        ask: @escaping @Sendable () async throws -> Values
    ) {
        self.troubles = troubles
        self.lifetime = lifetime
        self.patience = patience
        self.ask = ask
    }

    /// An answer at most `lifetime` old; while another scrape queries, the previous one.
    func values() async -> Answer {
        if isAsking { return answer }
        if let asked, asked.duration(to: .now) < lifetime { return answer }
        isAsking = true
        answer = await askInTime()
        asked = .now
        isAsking = false
        return answer
    }

    private func askInTime() async -> Answer {
        await withTaskGroup(of: Answer.self) { group in
            let (ask, patience, troubles) = (ask, patience, troubles)
            group.addTask {
                do {
                    let values = try await ask()
                    troubles?.noteSuccess()
                    return .values(values)
                } catch {
                    // A cancelled query was too slow, which is reported below.
                    if !Task.isCancelled { troubles?.note(error) }
                    return .unavailable
                }
            }
            group.addTask {
                guard (try? await Task.sleep(for: patience)) != nil else { return .unavailable }
                troubles?.note(
                    Trouble(.timeout, "changefeed.status() did not answer within \(patience.components.seconds) s"))
                return .unavailable
            }
            let first = await group.next() ?? .unavailable
            group.cancelAll()
            return first
        }
    }

    /// Queries the database.
    static func read(from pool: ConnectionPool) async throws -> Values {
        let rows = try await pool.query(
            Query(
                """
                WITH s AS MATERIALIZED (SELECT changefeed.status() AS j)
                SELECT (j->>'log_bytes')::float8 AS log_bytes,
                       extract(epoch FROM clock_timestamp() - (j->>'oldest_event_at')::timestamptz)::float8 AS event_age,
                       (j->>'oldest_transaction_seconds')::float8 AS transaction_age,
                       (j->>'paused')::boolean AS paused, (j->>'open_gaps')::float8 AS gaps,
                       (j->'retention'->>'log_budget')::float8 AS budget,
                       extract(epoch FROM (j->'retention'->>'ran_at')::timestamptz)::float8 AS retention,
                       m.state, m.models
                FROM s LEFT JOIN LATERAL (
                    SELECT e->>'trigger_state' AS state, count(*)::float8 AS models
                    FROM json_array_elements(j->'models') e GROUP BY 1) m ON true
                """, name: "cf_metrics"))
        var values = Values()
        for row in rows {
            values.logBytes = try number(row["log_bytes"])
            values.oldestEventAge = try number(row["event_age"])
            values.oldestTransactionAge = try number(row["transaction_age"])
            values.paused = try row["paused"].bool()
            values.openGaps = try number(row["gaps"])
            values.logBudget = try number(row["budget"])
            values.lastRetention = try number(row["retention"])
            if let state = row["state"].text, let models = try number(row["models"]) { values.models[state] = models }
        }
        return values
    }

    private static func number(_ cell: Cell) throws -> Double? {
        cell.isNull ? nil : try cell.double()
    }
}

extension DatabaseMetrics.Answer {
    /// Figures of a database that does not answer are omitted, not repeated.
    func record(in registry: MetricsRegistry) {
        var values: DatabaseMetrics.Values?
        if case .values(let known) = self { values = known }
        registry.replace(.databaseUp, values == nil ? 0 : 1)
        registry.replace(.logBytes, values?.logBytes)
        registry.replace(.oldestEventAge, values?.oldestEventAge)
        registry.replace(.oldestTransactionAge, values?.oldestTransactionAge)
        registry.replace(.capturePaused, values.map { $0.paused ? 1 : 0 })
        registry.replace(.openGaps, values?.openGaps)
        registry.replace(.logBudget, values?.logBudget)
        registry.replace(.lastRetention, values?.lastRetention)
        registry.replace(.trackedModels, (values?.models ?? [:]).map { ([$0.key], $0.value) })
    }
}
