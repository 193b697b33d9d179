internal import ChangeFeed
internal import Postgres

/// The use of the pool by all runs together: some statements at a time.
struct DeliveryTurn: Sendable {
    private let turnstile: Turnstile
    private let locks: TableLocks

    /// - Parameter permits: Statements at a time.
    init(permits: Int, locks: TableLocks) {
        turnstile = Turnstile(permits: max(1, permits))
        self.locks = locks
    }

    /// Runs a statement about endpoints when it is its turn.
    /// - Throws: `PostgresError` when cancelled, and what the body throws.
    func take<R: Sendable>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> R
    ) async throws -> R {
        try await turnstile.enter()
        defer { turnstile.leave() }
        return try await body()
    }

    /// Runs a statement that reads Odoo's tables. One that would wait for a locked table is refused, so that it does not
    /// hold up the endpoints that do not need that table.
    /// - Parameter question: the same text for statements that need the same tables.
    /// - Throws: `TableLocked`, `PostgresError` when cancelled, and what the body throws.
    func read<R: Sendable>(
        _ question: String, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> R
    ) async throws -> R {
        try await locks.ask(question) { try await take(body) }
    }
}
