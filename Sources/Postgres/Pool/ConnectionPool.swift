internal import Synchronization

/// A bounded set of connections, lent out first come, first served, and replaced when they break.
public final class ConnectionPool: Sendable {
    /// The pool's current state.
    public struct Statistics: Sendable, Equatable {
        public var open: Int
        public var idle: Int
        public var waiting: Int
    }

    private struct Idle {
        let connection: Connection
        let since: ContinuousClock.Instant
    }

    private struct State {
        var idle: [Idle] = []
        var open = 0
        var closed = false
        /// No connection is lent, and none is kept.
        var isAside = false
        var lent: [ObjectIdentifier: Connection] = [:]
        /// The server was a standby at the last check.
        var standby: (error: PostgresError, since: ContinuousClock.Instant)?
    }

    /// A connection unused for longer is probed before it is lent: a silent one looks alive.
    private static let quiet: Duration = .seconds(10)
    /// How long the probe may take.
    private static let wordPatience: Duration = .seconds(2)
    /// How long a standby is not checked again, so that requests to one do not each open a connection.
    private static let standbyPause: Duration = .seconds(1)

    private let configuration: ConnectionConfiguration
    private let acquireTimeout: Duration
    private let idleTimeout: Duration
    private let loop: EventLoop
    private let turnstile: Turnstile
    private let shares: PoolShares
    private let state = Mutex(State())

    /// - Parameters:
    ///   - maximumConnections: never more at the same time (8).
    ///   - acquireTimeout: how long a caller waits for one (5 s).
    ///   - idleTimeout: unused connections are closed after it (5 minutes), while `run()` runs.
    public init(
        _ configuration: ConnectionConfiguration, maximumConnections: Int = 8,
        acquireTimeout: Duration = .seconds(5), idleTimeout: Duration = .seconds(300), on loop: EventLoop = .shared
    ) {
        self.configuration = configuration
        self.acquireTimeout = acquireTimeout
        self.idleTimeout = idleTimeout
        self.loop = loop
        turnstile = Turnstile(permits: max(1, maximumConnections))
        shares = PoolShares(of: maximumConnections)
    }

    public var statistics: Statistics {
        state.withLock { Statistics(open: $0.open, idle: $0.idle.count, waiting: turnstile.waiting) }
    }

    /// Lends a connection for the duration of the body. Each of `PoolShares.holders` gets at most its share.
    /// - Throws: `poolExhausted` if none became free in time, `connectionFailed`, or what the body throws.
    nonisolated(nonsending) public func withConnection<T: Sendable>(
        _ body: nonisolated(nonsending) (Connection) async throws -> T
    ) async throws -> T {
        let holders = PoolShares.holders
        if holders.isEmpty { return try await lend(body) }
        let deadline = ContinuousClock.now + acquireTimeout
        let entered = try await shares.enter(holders, until: deadline)
        defer { shares.leave(entered) }
        return try await lend(atMost: max(.zero, deadline - .now), body)
    }

    nonisolated(nonsending) private func lend<T: Sendable>(
        atMost patience: Duration? = nil, _ body: nonisolated(nonsending) (Connection) async throws -> T
    ) async throws -> T {
        if !turnstile.tryEnter() { try await turnstile.enter(atMost: patience ?? acquireTimeout) }
        defer { turnstile.leave() }
        let connection =
            if let idle = try takeIdle(), await isAlive(idle) { idle.connection } else { try await lend(connect()) }
        let timed = StatementClock.current.map { (clock: $0, start: ContinuousClock.now) }
        defer { if let timed { timed.clock.add(.now - timed.start) } }
        do {
            let value = try await body(connection)
            if !takeBack(connection) { await cleanUp(connection) }
            return value
        } catch {
            if (error as? PostgresError)?.code == .silent { await closeIdle() }
            if !takeBack(connection) { await cleanUp(connection) }
            throw error
        }
    }

    private func isAlive(_ idle: Idle) async -> Bool {
        if ContinuousClock.now - idle.since < Self.quiet { return true }
        if await idle.connection.answers(within: Self.wordPatience) { return true }
        await discard(idle.connection)
        await closeIdle()
        return false
    }

    /// If one connection became silent, the others probably did too, and each would delay a caller.
    private func closeIdle() async {
        let idle = state.withLock { state in
            defer { state.idle = [] }
            state.open -= state.idle.count
            return state.idle
        }
        for entry in idle { await entry.connection.close() }
    }

    /// How long the current task's statements wait for a lock, instead of the session's limit. Read when a connection
    /// is available: a caller that has waited for one may know more by then.
    @TaskLocal public static var lockPatience: LockPatience?

    /// In a struct: an optimised program has no type for a closure that a task-local value holds by itself, and crashes
    /// (Swift 6.3).
    public struct LockPatience: Sendable {
        let current: @Sendable () -> Duration?

        /// - Parameter current: nil: the session's limit.
        public init(_ current: @escaping @Sendable () -> Duration?) { self.current = current }
    }

    /// Runs one statement on a borrowed connection.
    public func query(_ query: Query) async throws -> Rows {
        let patience = Self.lockPatience
        return try await withConnection { connection in
            try await connection.query(query, lockPatience: patience?.current())
        }
    }

    /// Closes connections that have been idle too long, until the task is cancelled; then closes all.
    public func run() async throws {
        while !Task.isCancelled {
            try? await Task.sleep(for: min(idleTimeout, .seconds(10)))
            let old = state.withLock { state in
                let limit = ContinuousClock.now - idleTimeout
                let old = state.idle.filter { $0.since < limit }
                state.idle.removeAll { $0.since < limit }
                state.open -= old.count
                return old
            }
            for entry in old { await entry.connection.close() }
        }
        await close()
    }

    /// Closes idle connections now, and lent ones when they come back.
    public func close() async {
        state.withLock { $0.closed = true }
        await closeIdle()
    }

    /// A working connection, without suspending.
    private func takeIdle() throws -> Idle? {
        try state.withLock { state in
            guard !state.closed else { throw PostgresError(.closed, "the pool is closed") }
            guard !state.isAside else { throw Self.aside }
            while let entry = state.idle.popLast() {
                // The loop monitors idle sockets, so a dead connection is known without a round trip. It frees itself.
                if entry.connection.isUsable {
                    state.lent[ObjectIdentifier(entry.connection)] = entry.connection
                    return entry
                }
                state.open -= 1
            }
            return nil
        }
    }

    private func connect() async throws -> Connection {
        try state.withLock { state in
            if let standby = state.standby, .now - standby.since < Self.standbyPause { throw standby.error }
            state.open += 1
        }
        do {
            return try await Connection.connect(configuration, on: loop)
        } catch {
            state.withLock { state in
                state.open -= 1
                if let error = error as? PostgresError, error.code == .standby { state.standby = (error, .now) }
            }
            throw error
        }
    }

    /// - Returns: false if the connection cannot be lent again as it is.
    private func takeBack(_ connection: Connection) -> Bool {
        state.withLock { state in
            guard connection.isUsable, !connection.isInTransaction, !state.closed, !state.isAside else { return false }
            state.lent[ObjectIdentifier(connection)] = nil
            state.idle.append(Idle(connection: connection, since: .now))
            return true
        }
    }

    private func cleanUp(_ connection: Connection) async {
        if connection.isUsable, connection.isInTransaction { try? await connection.queryShielded("ROLLBACK") }
        if !takeBack(connection) { await discard(connection) }
    }

    private func discard(_ connection: Connection) async {
        await connection.close()
        state.withLock { state in
            state.lent[ObjectIdentifier(connection)] = nil
            state.open -= 1
        }
    }

    /// A new connection, unless the pool stood aside in the meantime.
    private func lend(_ connection: Connection) async throws -> Connection {
        let isAside = state.withLock { state in
            if !state.isAside { state.lent[ObjectIdentifier(connection)] = connection }
            return state.isAside
        }
        guard isAside else { return connection }
        await discard(connection)
        throw Self.aside
    }

    // MARK: standing aside

    /// Closes idle connections and lends none until `comeBack()`; callers get `stoodAside`.
    public func standAside() async {
        state.withLock { $0.isAside = true }
        await closeIdle()
    }

    /// Makes the server cancel the statements on lent connections; these are closed when they are returned.
    /// - Returns: how many are still lent.
    public func endLent() -> Int {
        let lent = state.withLock { Array($0.lent.values) }
        for connection in lent { connection.cancelStatement() }
        return lent.count
    }

    /// Lends connections again.
    public func comeBack() { state.withLock { $0.isAside = false } }

    private static var aside: PostgresError {
        PostgresError(
            .stoodAside,
            "the database is being copied, renamed or dropped, and this process has closed its connections to it")
    }
}
