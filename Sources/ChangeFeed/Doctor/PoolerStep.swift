internal import Postgres

/// What is between this machine and PostgreSQL.
///
/// A pooler invents the process id that it reports at the start (pgbouncer does, for cancelling), so it differs from
/// `pg_backend_pid()`. In transaction mode it also changes: while a second client holds a transaction open, that client
/// must take the first one's backend, another one, or wait for it. No session state is set, which a pooler would pass
/// on.
enum PoolerStep {
    private enum Sight { case none, session, transaction }

    /// Requests work with any pooler; but its setting must be right.
    static func requests(_ configuration: ConnectionConfiguration) async throws -> DoctorFinding {
        switch (try await look(configuration), configuration.pooler) {
        case (.transaction, .none):
            .failed(
                "PostgreSQL is behind a pooler in transaction mode, but CHANGEFEED_POOLER is none",
                fix: "Unset CHANGEFEED_POOLER, or set it to transaction.")
        case (.transaction, _):
            .ok("PostgreSQL is behind a pooler in transaction mode: statements are unnamed and carry their settings")
        case (.session, .none): .ok("PostgreSQL is behind a pooler in session mode")
        case (.session, _):
            .ok(
                "PostgreSQL is behind a pooler, apparently in session mode; CHANGEFEED_POOLER=none allows prepared statements"
            )
        case (.none, .transaction):
            .warning(
                "no pooler was detected, but CHANGEFEED_POOLER is transaction: statements are not prepared",
                fix: "Unset CHANGEFEED_POOLER, unless there is a pooler that passes on the server's process id.")
        case (.none, _): .ok("requests reach PostgreSQL directly")
        }
    }

    /// The session that listens and holds locks must be a real one.
    static func listener(_ configuration: ConnectionConfiguration) async throws -> DoctorFinding {
        switch try await look(configuration) {
        case .transaction:
            .failed(
                "a pooler in transaction mode shares the session: LISTEN and locks do not last",
                fix: "Set CHANGEFEED_LISTEN_DATABASE_URL to a direct connection, or to a pooler in session mode.")
        case .session:
            .warning(
                "PostgreSQL is behind a pooler, apparently in session mode",
                fix: "Set CHANGEFEED_LISTEN_DATABASE_URL to a direct connection if the doorbell fails.")
        case .none: .ok("the listening session is PostgreSQL's own")
        }
    }

    private static func look(_ configuration: ConnectionConfiguration) async throws -> Sight {
        try await DoctorConnections.withTwo(configuration) { first, second in
            let home = try await DatabaseFacts.backendPID(on: first)
            for _ in 0..<3 {
                let isShared = try await second.transaction { second in
                    let other = try await DatabaseFacts.backendPID(on: second)
                    // A pooler that has only this one session makes the first wait for it.
                    guard let again = try await within(.seconds(2), { try await DatabaseFacts.backendPID(on: first) })
                    else { return true }
                    return other == home || again != home
                }
                if isShared { return .transaction }
            }
            return first.backendPID == home ? .none : .session
        }
    }

    /// - Returns: nil when the body took longer and was cancelled.
    private static func within<T: Sendable>(_ limit: Duration, _ body: @escaping @Sendable () async throws -> T)
        async throws -> T?
    {
        try await withThrowingTaskGroup(of: T?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }
}

/// Connections for a step, closed in any case.
enum DoctorConnections {
    static func withOne<T: Sendable>(
        _ configuration: ConnectionConfiguration, _ body: (Connection) async throws -> T
    ) async throws -> T {
        var configuration = configuration
        configuration.applicationName = "changefeed doctor"
        let connection = try await Connection.connect(configuration)
        do {
            let finding = try await body(connection)
            await connection.close()
            return finding
        } catch {
            await connection.close()
            throw error
        }
    }

    static func withTwo<T: Sendable>(
        _ configuration: ConnectionConfiguration, _ body: (Connection, Connection) async throws -> T
    ) async throws -> T {
        var configuration = configuration
        configuration.applicationName = "changefeed doctor"
        let first = try await Connection.connect(configuration)
        do {
            let second = try await Connection.connect(configuration)
            do {
                let finding = try await body(first, second)
                await second.close()
                await first.close()
                return finding
            } catch {
                await second.close()
                throw error
            }
        } catch {
            await first.close()
            throw error
        }
    }
}
