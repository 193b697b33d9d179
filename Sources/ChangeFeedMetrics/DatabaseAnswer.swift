internal import ChangeFeed

/// What the database answered to one of the metrics' statements, which is made at most once in its lifetime, however
/// often metrics are scraped.
actor DatabaseAnswer<Values: Sendable> {
    private let what: String
    private let lifetime: Duration
    private let patience: Duration
    private let troubles: Troubles?
    private let ask: @Sendable () async throws -> Values
    private var answer: Values?
    private var asked: ContinuousClock.Instant?
    /// How long the last statement took.
    private var took: Duration = .zero
    private var isAsking = false

    /// - Parameters:
    ///   - what: the function that is called, for the report that it took too long.
    ///   - lifetime: how long an answer is used; at least 100 times as long as it took.
    ///   - patience: how long the database may take (5 s, half of what Prometheus waits for a scrape); then the
    ///     statement is cancelled.
    ///   - troubles: receives why there is no answer.
    init(
        _ what: String, lifetime: Duration, patience: Duration = .seconds(5), troubles: Troubles? = nil,
        ask: @escaping @Sendable () async throws -> Values
    ) {
        self.what = what
        self.troubles = troubles
        self.lifetime = lifetime
        self.patience = patience
        self.ask = ask
    }

    /// An answer at most `lifetime` old; while another scrape queries, the previous one; nil: there is none.
    func values() async -> Values? {
        if isFresh { return answer }
        isAsking = true
        await renew()
        return answer
    }

    /// The latest answer, immediately; one that is too old is renewed in the background.
    func latest() -> Values? {
        if isFresh { return answer }
        isAsking = true
        Task { await renew() }
        return answer
    }

    private var isFresh: Bool {
        if isAsking { return true }
        guard let asked else { return false }
        // A database in trouble is not queried more often, and soon enough to see that it is back.
        let use = answer == nil ? max(min(lifetime, .seconds(60)), took * 4) : max(lifetime, took * 100)
        return asked.duration(to: .now) < use
    }

    private func renew() async {
        let began = ContinuousClock.now
        answer = await askInTime()
        asked = .now
        took = began.duration(to: .now)
        isAsking = false
    }

    private func askInTime() async -> Values? {
        await withTaskGroup(of: Values?.self) { group in
            let (ask, patience, troubles, what) = (ask, patience, troubles, what)
            group.addTask {
                do {
                    let values = try await ask()
                    troubles?.noteSuccess()
                    return values
                } catch {
                    // A cancelled query was too slow, which is reported below.
                    if !Task.isCancelled { troubles?.note(error) }
                    return nil
                }
            }
            group.addTask {
                guard (try? await Task.sleep(for: patience)) != nil else { return nil }
                troubles?.note(Trouble(.timeout, "\(what) did not answer within \(patience.components.seconds) s"))
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }
}
