package import Postgres

/// What a server says of itself and of the session.
package enum DatabaseFacts {
    package static nonisolated(nonsending) func isStandby(on connection: Connection) async throws -> Bool {
        try await answer("SELECT pg_is_in_recovery()", connection).bool()
    }

    package static nonisolated(nonsending) func serverVersion(on connection: Connection) async throws -> String {
        try await answer("SHOW server_version", connection).string()
    }

    package static nonisolated(nonsending) func databaseName(on connection: Connection) async throws -> String {
        try await answer("SELECT current_database()::text", connection).string()
    }

    package static nonisolated(nonsending) func sessionUser(on connection: Connection) async throws -> String {
        try await answer("SELECT session_user::text", connection).string()
    }

    /// The process id of the server's backend, whatever a pooler reported when the connection began.
    package static nonisolated(nonsending) func backendPID(on connection: Connection) async throws -> Int32 {
        Int32(truncatingIfNeeded: try await answer("SELECT pg_backend_pid()", connection).int())
    }

    /// The server's clock, in seconds since 1970-01-01 00:00:00 UTC.
    package static nonisolated(nonsending) func time(on connection: Connection) async throws -> Double {
        try await answer("SELECT extract(epoch FROM clock_timestamp())::float8", connection).double()
    }

    private static nonisolated(nonsending) func answer(_ sql: String, _ connection: Connection) async throws -> Cell {
        guard let row = try await connection.query(sql).first else {
            throw ChangeFeedError(.unexpectedAnswer, "A query about the server returned no row.")
        }
        return row[0]
    }
}
