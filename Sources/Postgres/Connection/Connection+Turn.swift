internal import CLibPQ
internal import Synchronization

/// One statement, or pipeline, after the other.
extension Connection {
    /// Takes the connection's turn, runs the body and makes sure that a cancel request has ended before the next.
    /// - Parameter limit: how long the server may take, instead of the session's limit.
    func inTurn<R: Sendable>(limit: Duration? = nil, _ body: () async throws -> R) async throws -> R {
        if Task.isCancelled { throw PostgresError(.cancelled, "the task was cancelled") }
        if !turnstile.tryEnter() { try await turnstile.enter() }
        defer { turnstile.leave() }
        if let fate { throw fate }
        turnLimit = limit
        defer { turnLimit = nil }
        do {
            let value = try await uncancelled {
                try await withTaskCancellationHandler {
                    try await body()
                } onCancel: {
                    cancellation.request()
                }
            }
            if hasFailedTransaction { await rollBackOwn() }
            return value
        } catch {
            if hasFailedTransaction { await rollBackOwn() }
            throw error
        }
    }

    /// Ends the failed transaction around a statement, whether or not the task was cancelled.
    private func rollBackOwn() async {
        hasFailedTransaction = false
        if isUsable { _ = try? await uncancelled { try await self.performOnce(Query("ROLLBACK")) } }
    }

    /// Runs the body without any earlier cancel request, and leaves none behind.
    func uncancelled<R: Sendable>(_ body: () async throws -> R) async throws -> R {
        cancellation.begin()
        do {
            let result = try await body()
            await endTurn()
            return result
        } catch {
            await endTurn()
            throw error
        }
    }

    private func endTurn() async {
        deadline = nil
        noteTransaction()
        // Nothing runs on a lost connection: no request can hit the next statement.
        if !cancellation.end(), isUsable { await cancellation.untilSent() }
    }

    private func noteTransaction() {
        let status = connection.map { PQtransactionStatus($0) } ?? PQTRANS_UNKNOWN
        let inside = status == PQTRANS_INTRANS || status == PQTRANS_INERROR || status == PQTRANS_ACTIVE
        state.withLock { $0.isInTransaction = inside }
    }
}
