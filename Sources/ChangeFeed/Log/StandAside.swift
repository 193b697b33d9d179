public import Postgres
public import ServiceLifecycle

/// Closes the service's connections while somebody copies, renames or drops the database, as Odoo's database manager does,
/// and comes back afterwards.
///
/// PostgreSQL refuses these while anybody is connected, after five seconds (`CountOtherDBBackends`), and Odoo's role may
/// not end sessions of another role. Both see the lock on the database, so no right is needed for this.
public final class StandAside: Service {
    /// Two looks that both see the lock: one that is held for a moment only wants nobody to go.
    public struct Timing: Sendable {
        public var look: Duration = .seconds(1)
        public var secondLook: Duration = .milliseconds(300)
        /// Between two tries to come back, at most.
        public var comeBack: Duration = .seconds(10)

        public init() {}
    }

    private let connection: ConnectionConfiguration
    private let pool: ConnectionPool
    /// With others of which some may lead to the same database.
    private let pools: [ConnectionPool]
    private let tailer: Tailer
    private let timing: Timing
    private let observe: @Sendable (FeedObservation) -> Void

    public init(
        _ connection: ConnectionConfiguration, pool: ConnectionPool, others: [ConnectionPool] = [], tailer: Tailer, timing: Timing = Timing(),
        observe: @escaping @Sendable (FeedObservation) -> Void = { _ in }
    ) {
        self.connection = connection
        self.pool = pool
        pools = [pool] + others
        self.tailer = tailer
        self.timing = timing
        self.observe = observe
    }

    /// Runs until the task is cancelled or the service shuts down.
    public func run() async throws {
        try await cancelWhenGracefulShutdown { await self.watch() }
    }

    private func watch() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: timing.look)
            // Without an answer there is nothing to let go, or nobody to be in the way of.
            guard (try? await isWanted()) == true else { continue }
            try? await Task.sleep(for: timing.secondLook)
            guard (try? await isWanted()) == true else { continue }
            await standAside()
        }
    }

    private static let question = Query("SELECT changefeed.is_wanted() AS wanted", name: "cf_is_wanted")

    private func isWanted() async throws -> Bool {
        // On a connection that there is, if there is one: a new one waits at the server until whoever wants the database has given up.
        let open = pools.first { $0.statistics.idle > 0 } ?? pool
        return try await open.query(Self.question).first?["wanted"].bool() ?? false
    }

    private func standAside() async {
        observe(.stoodAside)
        await tailer.standAside()
        for pool in pools { await pool.standAside() }
        // What runs is cancelled; between two statements of one caller there is nothing to cancel, so more than once.
        while !Task.isCancelled, pools.map({ $0.endLent() }).contains(where: { $0 > 0 }) {
            try? await Task.sleep(for: .milliseconds(50))
        }
        var backoff = Backoff(initial: .seconds(1), maximum: timing.comeBack, jitter: 0.2)
        while !Task.isCancelled {
            try? await Task.sleep(for: backoff.next())
            if await isFree() { break }
        }
        // The connection that looks comes first: a new one would wait behind whoever wants the database next.
        pool.comeBack()
        _ = try? await isWanted()
        for pool in pools { pool.comeBack() }
        tailer.comeBack()
        if !Task.isCancelled { observe(.cameBack) }
    }

    /// Connects, which waits at the server for as long as the lock is held, in nobody's way.
    private func isFree() async -> Bool {
        do {
            let probe = try await Connection.connect(connection)
            let wanted = try? await probe.query(Self.question).first?["wanted"].bool()
            await probe.close()
            return wanted != true
        } catch {
            tailer.staysAside(error)
            return false
        }
    }
}
