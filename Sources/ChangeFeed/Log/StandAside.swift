public import Postgres
public import ServiceLifecycle

/// Closes the service's connections while the database is being copied, renamed or dropped, as Odoo's database manager
/// does, and reconnects afterwards.
///
/// PostgreSQL refuses these commands while there are connections, after five seconds (`CountOtherDBBackends`), and
/// Odoo's role may not end sessions of another role. Both see the lock on the database, so no right is needed for this.
public final class StandAside: Service {
    /// Two checks that both see the lock: a lock held only for a moment does not require disconnecting.
    public struct Timing: Sendable {
        public var look: Duration = .seconds(1)
        public var secondLook: Duration = .milliseconds(300)
        /// Between two attempts to reconnect, at most.
        public var comeBack: Duration = .seconds(10)

        public init() {}
    }

    private let connection: ConnectionConfiguration
    private let pool: ConnectionPool
    /// Together with others that may lead to the same database.
    private let pools: [ConnectionPool]
    private let tailer: Tailer
    private let timing: Timing
    private let observe: @Sendable (FeedObservation) -> Void

    public init(
        _ connection: ConnectionConfiguration, pool: ConnectionPool, others: [ConnectionPool] = [], tailer: Tailer,
        timing: Timing = Timing(),
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
        await cancelWhenGracefulShutdown { await self.watch() }
    }

    private func watch() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: timing.look)
            // Without an answer there is no connection to close, or no command to block.
            guard (try? await isWanted()) == true else { continue }
            try? await Task.sleep(for: timing.secondLook)
            guard (try? await isWanted()) == true else { continue }
            await standAside()
        }
    }

    private static let question = Query("SELECT changefeed.is_wanted() AS wanted", name: "cf_is_wanted")

    private func isWanted() async throws -> Bool {
        // On an existing connection, if any: a new one waits at the server until the command has given up.
        let open = pools.first { $0.statistics.idle > 0 } ?? pool
        return try await open.query(Self.question).first?["wanted"].bool() ?? false
    }

    private func standAside() async {
        observe(.stoodAside)
        await tailer.standAside()
        for pool in pools { await pool.standAside() }
        // Running statements are cancelled; between two statements of one caller there is nothing to cancel, so repeat
        // it.
        while !Task.isCancelled, pools.map({ $0.endLent() }).contains(where: { $0 > 0 }) {
            try? await Task.sleep(for: .milliseconds(50))
        }
        var backoff = Backoff(initial: .seconds(1), maximum: timing.comeBack, jitter: 0.2)
        while !Task.isCancelled {
            try? await Task.sleep(for: backoff.next())
            if await isFree() { break }
        }
        // The checking connection comes first: a new one would wait behind the next command on the database.
        pool.comeBack()
        _ = try? await isWanted()
        for pool in pools { pool.comeBack() }
        tailer.comeBack()
        if !Task.isCancelled { observe(.cameBack) }
    }

    /// Connects, which waits at the server for as long as the lock is held, without blocking the command.
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
