public import Postgres
public import ServiceLifecycle

/// Runs retention when it is due, in whichever replica comes first, and checks the size of the log every minute.
///
/// The database decides with its clock when a run is due: replicas share the schedule, and a restart does not
/// reset it. A run that was held back, or whose replica died, is retried within the hour.
public final class Archiver: Service {
    private let run: RetentionRun
    private let observe: @Sendable (FeedObservation) -> Void
    private let sleep: @Sendable (Duration) async throws -> Void
    /// Between two checks.
    static let pause: Duration = .seconds(60)

    /// - Parameters:
    ///   - observe: receives every step that was done or held back, and failures.
    ///   - sleep: waits between two checks; tests use their own clock.
    public init(
        _ policy: RetentionPolicy, pool: ConnectionPool,
        observe: @escaping @Sendable (FeedObservation) -> Void = { _ in },
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        run = RetentionRun(policy) { try await pool.query($0) }
        self.observe = observe
        self.sleep = sleep
    }

    /// Runs until the task is cancelled or the service shuts down.
    public func run() async throws {
        await cancelWhenGracefulShutdown { await self.watch() }
    }

    private func watch() async {
        var settingsNoted = false
        /// The last report about the budget: a persisting warning is reported once.
        var lasting: [RetentionStep.State] = []
        while !Task.isCancelled {
            do {
                if !settingsNoted {
                    try await run.noteSettings()
                    settingsNoted = true
                }
                if run.policy.every > .zero, try await run.begin() {
                    for step in try await run.run() { observe(.retention(step)) }
                } else {
                    let steps = try await run.keepBudget()
                    let states = steps.map(\.state)
                    if states != lasting || states.contains(.done) {
                        for step in steps { observe(.retention(step)) }
                    }
                    lasting = states
                }
                observe(.retentionLooked)
            } catch {
                if Task.isCancelled { return }
                let reason =
                    (error as? PostgresError)?.description ?? (error as? ChangeFeedError)?.description
                    ?? "\(type(of: error))"
                observe(.retentionFailed(reason: reason))
                await run.note(reason, step: "run")
            }
            do { try await sleep(Self.pause) } catch { return }
        }
    }
}
