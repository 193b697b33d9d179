internal import Synchronization

/// A bounded set of connections, lent out first come, first served, and replaced when they break.
public final class ConnectionPool: Sendable {
    /// What the pool is doing now.
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
        /// Nobody gets a connection, and none is kept.
        var isAside = false
        var lent: [ObjectIdentifier: Connection] = [:]
        /// The server was a standby a moment ago.
        var standby: (error: PostgresError, since: ContinuousClock.Instant)?
    }

    /// How long a standby is not asked again, so that requests to one do not each make a connection.
    private static let standbyPause: Duration = .seconds(1)

    private let configuration: ConnectionConfiguration
    private let acquireTimeout: Duration
    private let idleTimeout: Duration
    private let loop: EventLoop
    private let turnstile: Turnstile
    private let state = Mutex(State())

    /// - Parameters:
    ///   - maximumConnections: never more at a time (8).
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
    }

    public var statistics: Statistics {
        state.withLock { Statistics(open: $0.open, idle: $0.idle.count, waiting: turnstile.waiting) }
    }

    /// Lends a connection for the duration of the body.
    /// - Throws: `poolExhausted` when none became free in time, `connectionFailed`, or what the body throws.
    nonisolated(nonsending) public func withConnection<T: Sendable>(_ body: nonisolated(nonsending) (Connection) async throws -> T) async throws -> T {
        if !turnstile.tryEnter() { try await turnstile.enter(atMost: acquireTimeout) }
        defer { turnstile.leave() }
        let connection = if let idle = try takeIdle() { idle } else { try await lend(connect()) }
        do {
            let value = try await body(connection)
            if !takeBack(connection) { await cleanUp(connection) }
            return value
        } catch {
            if !takeBack(connection) { await cleanUp(connection) }
            throw error
        }
    }

    /// Runs one statement on a borrowed connection.
    public func query(_ query: Query) async throws -> Rows {
        try await withConnection { try await $0.query(query) }
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
        let idle = state.withLock { state in
            state.closed = true
            defer { state.idle = [] }
            state.open -= state.idle.count
            return state.idle
        }
        for entry in idle { await entry.connection.close() }
    }

    /// A connection that works, without suspending.
    private func takeIdle() throws -> Connection? {
        try state.withLock { state in
            guard !state.closed else { throw PostgresError(.closed, "the pool is closed") }
            guard !state.isAside else { throw Self.aside }
            while let entry = state.idle.popLast() {
                // The loop watches idle sockets, so a dead connection is known without a round trip. It frees itself.
                if entry.connection.isUsable {
                    state.lent[ObjectIdentifier(entry.connection)] = entry.connection
                    return entry.connection
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

    /// - Returns: false when the connection cannot be lent to the next one as it is.
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

    /// A new connection, unless the pool stood aside while it was made.
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

    /// Closes what is idle and lends nothing until `comeBack()`; callers get `stoodAside`.
    public func standAside() async {
        let idle = state.withLock { state in
            state.isAside = true
            defer { state.idle = [] }
            state.open -= state.idle.count
            return state.idle
        }
        for entry in idle { await entry.connection.close() }
    }

    /// Has the server cancel what runs on lent connections; they are closed when they come back.
    /// - Returns: how many are out still.
    public func endLent() -> Int {
        let lent = state.withLock { Array($0.lent.values) }
        for connection in lent { connection.cancelStatement() }
        return lent.count
    }

    /// Lends connections again.
    public func comeBack() { state.withLock { $0.isAside = false } }

    private static var aside: PostgresError {
        PostgresError(.stoodAside, "somebody copies, renames or drops the database, and this process has closed its connections to it")
    }
}
