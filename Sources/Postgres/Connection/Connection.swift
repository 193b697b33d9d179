internal import CLibPQ
internal import Synchronization

/// One connection, driven without blocking on an `EventLoop`. Statements of several tasks take turns, first come,
/// first served; a statement whose task is cancelled is cancelled on the server.
public actor Connection {
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// Process id of the server's backend.
    public nonisolated let backendPID: Int32
    /// Messages on the channels of `listen`; ends when the connection is lost or closed. If no task receives them,
    /// the oldest of 1,024 are dropped.
    public nonisolated let notifications: AsyncStream<Notification>

    private nonisolated let loop: EventLoop
    nonisolated let cancellation: Cancellation
    private nonisolated let notices = NoticeReceiver()
    nonisolated let turnstile = Turnstile(permits: 1)
    nonisolated let state = Mutex(State())
    /// State that other tasks may read without a hop to the loop.
    struct State {
        var isUsable = true
        var isInTransaction = false
        var isPooled = false
    }

    private let notify: AsyncStream<Notification>.Continuation
    let descriptor: Int32
    /// The loop watches the socket. Once only: libpq closes the socket of a broken connection itself, and its number
    /// may by then belong to another connection.
    private var isWatched = false
    /// nil after `close()`.
    var connection: OpaquePointer?
    /// The statement that waits for the socket.
    var waiter: CheckedContinuation<Void, Never>?
    /// How long the server may take for one statement, nil without a limit; determined when the session begins.
    var answerLimit: Duration?
    /// The same for everything sent in the current turn, if that has its own limit.
    var turnLimit: Duration?
    /// When the server counts as silent.
    var deadline: ContinuousClock.Instant?
    /// Why the connection was abandoned.
    var fate: PostgresError?
    /// The socket was ready since the statement last checked.
    var wasReady = false
    /// A prepared statement of the server.
    private struct Prepared {
        let sql: String
        let serverName: String
    }
    private var prepared: [String: Prepared] = [:]
    /// A transaction that was opened around a statement waits for its ROLLBACK.
    var hasFailedTransaction = false
    let configuration: ConnectionConfiguration

    /// Connects. Name look-up and handshake run on a separate thread.
    /// - Throws: `PostgresError.connectionFailed`.
    public static func connect(
        _ configuration: ConnectionConfiguration, on loop: EventLoop = .shared
    ) async throws -> Connection {
        try Task.checkCancellation()
        let connection = Connection(try await Handle.connect(configuration), configuration, loop: loop)
        do {
            try await connection.start()
        } catch {
            await connection.close()
            throw error
        }
        return connection
    }

    private init(_ handle: Handle, _ configuration: ConnectionConfiguration, loop: EventLoop) {
        self.loop = loop
        self.configuration = configuration
        connection = handle.pointer
        backendPID = PQbackendPID(handle.pointer)
        descriptor = PQsocket(handle.pointer)
        cancellation = Cancellation(of: handle.pointer)
        (notifications, notify) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1_024))
    }

    private func start() async throws {
        guard let connection else { throw Self.closed }
        PQsetnonblocking(connection, 1)
        notices.attach(to: connection)
        let watched = loop.watch(descriptor) { [weak self] in
            self?.assumeIsolated { $0.ready() }
        }
        isWatched = watched
        guard watched else { throw PostgresError(.connectionFailed, "the socket cannot be monitored") }
        loop.startTicking(ObjectIdentifier(self)) { [weak self] now in
            self?.assumeIsolated { $0.tick(now) }
        }
        try await inTurn(limit: configuration.connectTimeout) { try await self.beginSession() }
    }

    /// Closes the connection; running statements end with `connectionLost`. May be called again.
    public func close() {
        guard let connection else { return }
        unwatch()
        loop.stopTicking(ObjectIdentifier(self))
        state.withLock { ($0.isUsable, $0.isInTransaction) = (false, false) }
        self.connection = nil
        PQfinish(connection)
        cancellation.abandon()
        notify.finish()
        wasReady = true
        waiter.take()?.resume()
    }

    isolated deinit {
        loop.stopTicking(ObjectIdentifier(self))
        if let connection {
            if isWatched { loop.unwatch(descriptor) }
            PQfinish(connection)
            notify.finish()
        }
    }

    /// Makes the server cancel the running statement, if any. Returns immediately.
    nonisolated func cancelStatement() { cancellation.request() }

    /// False once the connection is broken or closed. Known without a query: the socket is monitored all the time.
    public nonisolated var isUsable: Bool { state.withLock { $0.isUsable } }

    /// True inside a transaction block, also a failed one.
    public nonisolated var isInTransaction: Bool { state.withLock { $0.isInTransaction } }

    /// True behind a pooler that was detected or is configured: statements are unnamed and carry their settings.
    public nonisolated var isPooled: Bool { state.withLock { $0.isPooled } }

    func foundPooler() { state.withLock { $0.isPooled = true } }

    // MARK: statements

    /// Runs one statement.
    /// - Throws: `PostgresError`.
    public func query(_ query: Query) async throws -> Rows {
        try await inTurn { try await self.perform(query) }
    }

    /// Runs one statement.
    public func query(_ sql: String, _ parameters: [Parameter] = []) async throws -> Rows {
        try await query(Query(sql, parameters))
    }

    /// Runs one statement that waits for each lock at most this long; nil: as long as the session lets it.
    /// - Throws: `PostgresError`.
    public func query(_ query: Query, lockPatience: Duration?) async throws -> Rows {
        guard let lockPatience else { return try await self.query(query) }
        // One round trip and one transaction. Parsing waits for locks, too.
        let setting = Query(
            "SELECT pg_catalog.set_config('lock_timeout', $1, true)", [.text(lockPatience.milliseconds)],
            name: "lock_timeout")
        let answers = try await pipeline([setting, query], prepares: false)
        if let failure = answers.first?.failure { throw failure }
        guard let answer = answers.last else {
            throw PostgresError(.connectionLost, "the server sent no result", statement: query.name)
        }
        return try answer.get()
    }

    /// Runs several statements by the simple query protocol, as psql does with a file's text.
    public func execute(
        script: String, onNotice: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws {
        try await inTurn {
            self.notices.handler.withLock { $0 = NoticeReceiver.Handler(receive: onNotice) }
            defer { self.notices.handler.withLock { $0 = nil } }
            guard !script.utf8.contains(0) else {
                throw PostgresError(.invalidParameter, "the script contains a NUL character")
            }
            try self.sent(script.withCString { PQsendQuery(try self.live(), $0) })
            _ = try await self.lastResult(statement: nil)
        }
    }

    /// Runs a statement although the task may have been cancelled.
    func queryShielded(_ sql: String) async throws {
        await turnstile.enterShielded()
        defer { turnstile.leave() }
        _ = try await uncancelled { try await self.performOnce(Query(sql)) }
    }

    func perform(_ query: Query) async throws -> Rows {
        if carriesSettings { return try await performCarrying(query) }
        do {
            return try await performOnce(query)
        } catch let error as PostgresError where query.name != nil && !isInTransaction {
            if error.meansAnotherSession {
                foundPooler()
                return try await performCarrying(query)
            }
            // DDL changed the statement's result: prepare it again, once.
            guard error.sqlState == "0A000", let name = query.name, let old = prepared.removeValue(forKey: name) else {
                throw error
            }
            _ = try? await performOnce(Query("DEALLOCATE \(try quotedIdentifier(old.serverName))"))
            return try await performOnce(query)
        }
    }

    func performOnce(_ query: Query) async throws -> Rows {
        try Parameter.check(query.parameters, statement: query.name)
        if needsPreparing(query) { try await prepare(query) }
        try send(query)
        guard let last = try await lastResult(statement: query.name) else {
            throw PostgresError(.connectionLost, "the server sent no result", statement: query.name)
        }
        return Rows(storage: last)
    }

    /// True for a named statement that the server does not know yet.
    func needsPreparing(_ query: Query) -> Bool {
        !isPooled && query.name.map { prepared[$0] == nil } ?? false
    }

    func prepare(_ query: Query) async throws {
        guard let name = query.name, prepared[name] == nil else { return }
        let serverName = query.serverName(name)
        try sent(PQsendPrepare(try live(), serverName, query.sql, 0, nil))
        _ = try await lastResult(statement: name)
        prepared[name] = Prepared(sql: query.sql, serverName: serverName)
    }

    /// Passes a statement to libpq. Its parameters have been checked.
    func send(_ query: Query) throws {
        let connection = try live()
        let format: Int32 = query.binary ? 1 : 0
        // A name whose SQL differs from what was prepared under it is sent unnamed.
        let known = isPooled ? nil : query.name.flatMap { prepared[$0] }
        let name = known.flatMap { $0.sql == query.sql ? $0.serverName : nil }
        try sent(
            Parameter.withPointers(query.parameters) { count, values, lengths, formats in
                if let name {
                    PQsendQueryPrepared(connection, name, count, values, lengths, formats, format)
                } else {
                    PQsendQueryParams(connection, query.sql, count, nil, values, lengths, formats, format)
                }
            })
    }

    // MARK: the socket

    /// The results for one statement so far.
    struct Incoming {
        /// The last result that is not an error.
        var last: ResultStorage?
        var failure: PostgresError?
    }

    /// Reads every result up to libpq's end mark and returns the last.
    /// - Throws: the first error among them, after all have been read.
    func lastResult(statement: String?) async throws -> ResultStorage? {
        expectAnswer()
        try await flush()
        var incoming = Incoming()
        while try !take(into: &incoming, statement: statement) { try await socketReady() }
        return try settle(incoming, statement: statement)
    }

    /// Takes the available results, without waiting.
    /// - Returns: false when more is to come: then `socketReady()` is awaited next.
    func take(into incoming: inout Incoming, statement: String?) throws -> Bool {
        let connection = try live()
        wasReady = false
        while PQisBusy(connection) == 0 {
            guard let result = PQgetResult(connection).map(ResultStorage.init) else { return true }
            switch PQresultStatus(result.pointer) {
            case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE, PGRES_NONFATAL_ERROR, PGRES_PIPELINE_ABORTED:
                incoming.failure =
                    incoming.failure
                    ?? PostgresError.server(
                        result.pointer, statement: statement, cancelled: cancellation.wasRequested)
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                // COPY would leave the protocol in another state: not offered.
                markBroken()
                throw PostgresError(.decoding, "COPY is not supported here", statement: statement)
            case PGRES_PIPELINE_SYNC:
                // A sync point has no end mark.
                return true
            default:
                incoming.last = result
            }
        }
        return false
    }

    func settle(_ incoming: Incoming, statement: String?) throws -> ResultStorage? {
        guard let failure = incoming.failure else { return incoming.last }
        if let connection, PQstatus(connection) == CONNECTION_BAD { markBroken() }
        if isUsable { throw failure }
        throw PostgresError(.connectionLost, failure.message, sqlState: failure.sqlState, statement: statement)
    }

    /// Sends what libpq has not sent yet.
    func flush() async throws {
        if PQflush(try live()) != 0 { try await flushSlowly() }
    }

    private func flushSlowly() async throws {
        while true {
            wasReady = false
            switch PQflush(try live()) {
            case 0: return
            case 1:
                loop.watchWrites(descriptor, true)
                defer { if isWatched { loop.watchWrites(descriptor, false) } }
                try await socketReady()
            default: throw lost()
            }
        }
    }

    /// Waits until the socket was ready since `wasReady` was cleared, and its input has been taken.
    ///
    /// Even an `await` on the actor itself may let others run first, so a readiness in between counts.
    func socketReady() async throws {
        guard isWatched else { throw lost() }
        await withCheckedContinuation { continuation in
            if wasReady { continuation.resume() } else { waiter = continuation }
        }
        if let fate { throw fate }
        guard connection != nil else { throw Self.closed }
    }

    /// Called by the loop whenever the socket is readable or writable.
    private func ready() {
        guard let connection else { return }
        if PQconsumeInput(connection) == 0 || PQstatus(connection) == CONNECTION_BAD { markBroken() }
        // A large answer over a slow line is not silence.
        if let deadline { self.deadline = max(deadline, .now + configuration.silenceMargin) }
        while let message = PQnotifies(connection) {
            notify.yield(
                Notification(
                    channel: String(cString: message.pointee.relname), payload: String(cString: message.pointee.extra),
                    backendPID: message.pointee.be_pid))
            PQfreemem(message)
        }
        wasReady = true
        waiter.take()?.resume()
    }

    /// Stops monitoring a dead socket (it would be ready for ever) and notifies all waiters.
    func markBroken() {
        let wasUsable = state.withLock { state in
            defer { state.isUsable = false }
            return state.isUsable
        }
        guard wasUsable else { return }
        unwatch()
        notify.finish()
    }

    private func unwatch() {
        guard isWatched else { return }
        isWatched = false
        loop.unwatch(descriptor)
    }

    func live() throws -> OpaquePointer {
        guard let connection else { throw Self.closed }
        return connection
    }

    func sent(_ ok: Int32) throws {
        if ok != 1 { throw lost() }
    }

    private func lost() -> PostgresError {
        let message = connection.map { String(cString: PQerrorMessage($0)).firstLine } ?? ""
        if connection.map({ PQstatus($0) == CONNECTION_BAD }) ?? true { markBroken() }
        return PostgresError(.connectionLost, message.isEmpty ? "the connection to the server was lost" : message)
    }

    private static var closed: PostgresError { PostgresError(.closed, "the connection is closed") }
}
