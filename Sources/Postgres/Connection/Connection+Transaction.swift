/// Isolation levels as PostgreSQL names them.
public enum IsolationLevel: String, Sendable {
    case readCommitted = "READ COMMITTED"
    case repeatableRead = "REPEATABLE READ"
    case serializable = "SERIALIZABLE"
}

extension Connection {
    /// Runs the body in a transaction: COMMIT when it returns, ROLLBACK when it throws or the task is cancelled.
    /// No other task may use the connection meanwhile; a connection of a pool belongs to its borrower anyway.
    /// - Throws: what the body throws, or `PostgresError` of BEGIN or COMMIT.
    nonisolated(nonsending) public func transaction<T: Sendable>(
        isolation: IsolationLevel = .readCommitted, readOnly: Bool = false,
        _ body: nonisolated(nonsending) (Connection) async throws -> T
    ) async throws -> T {
        try await begin(isolation, readOnly: readOnly)
        do {
            let value = try await body(self)
            if Task.isCancelled { throw PostgresError(.cancelled, "the task was cancelled") }
            _ = try await query("COMMIT")
            return value
        } catch {
            // Cancelled or not: a connection must not be returned inside a transaction.
            if isUsable { try? await queryShielded("ROLLBACK") }
            throw error
        }
    }
}
