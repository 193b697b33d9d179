import ChangeFeed
import Postgres

/// Whether the connection that listens has a session of its own.
///
/// A pooler invents the process id that it tells at the start (pgbouncer does, for cancelling), so that it differs from
/// `pg_backend_pid()`. In transaction mode it also moves: while a second client holds a transaction open, the first
/// one's backend must be either taken by it or exchanged. No session state is touched, which a pooler would hand on.
enum PoolerStep {
    static func examine(_ configuration: ConnectionConfiguration) async throws -> DoctorFinding {
        try await DoctorConnections.withTwo(configuration) { first, second in
            let home = try await backend(first)
            var shared = false
            for _ in 0..<3 where !shared {
                _ = try await second.query("BEGIN")
                let other = try await backend(second)
                let again = try await backend(first)
                _ = try await second.query("ROLLBACK")
                shared = other == home || again != home
            }
            if shared {
                return .failed(
                    "a pooler in transaction mode hands the session around: LISTEN and locks do not last",
                    fix: "Set CHANGEFEED_LISTEN_DATABASE_URL to a connection straight to PostgreSQL, or in session mode.")
            }
            return first.backendPID == home
                ? .ok("the listening session is PostgreSQL's own")
                : .warning(
                    "a pooler stands before PostgreSQL, it seems in session mode",
                    fix: "Set CHANGEFEED_LISTEN_DATABASE_URL to a direct connection if the doorbell fails.")
        }
    }

    private static func backend(_ connection: Connection) async throws -> Int32 {
        guard let pid = try await connection.query("SELECT pg_backend_pid()").first?[0].int() else {
            throw ChangeFeedError(.unexpectedAnswer, "The server did not tell its process id.")
        }
        return Int32(truncatingIfNeeded: pid)
    }
}

/// Two connections for a step, closed whatever happens.
enum DoctorConnections {
    static func withTwo(
        _ configuration: ConnectionConfiguration, _ body: (Connection, Connection) async throws -> DoctorFinding
    ) async throws -> DoctorFinding {
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
