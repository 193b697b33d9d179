package import Postgres

/// The steps of one change, and of one ring of the bell, for `changefeed doctor`.
package enum FeedProbe {
    /// The present, for `isLogged`.
    package static nonisolated(nonsending) func snapshot(on connection: Connection) async throws -> String {
        try await connection.query("SELECT pg_current_snapshot()::text").first?[0].text ?? ""
    }

    /// Changes the scratch table, whose triggers write to the log.
    package static nonisolated(nonsending) func change(on connection: Connection) async throws {
        _ = try await connection.query("SELECT changefeed.probe()")
    }

    /// Whether the tailer would read such a change that committed after a snapshot.
    package static nonisolated(nonsending) func isLogged(since snapshot: String, on connection: Connection) async throws
        -> Bool
    {
        try await connection.query(
            "SELECT EXISTS (SELECT FROM changefeed.tail($1::text) WHERE model = 'changefeed.probe')", [.text(snapshot)]
        ).first?[0].bool() ?? false
    }

    /// Hears the bell from now on.
    package static nonisolated(nonsending) func listen(on connection: Connection) async throws {
        try await connection.listen(TailerSession.bellChannel)
    }

    /// Takes the lock that says that a tailer sleeps, without which the bell does not ring.
    /// - Returns: false when a tailer holds it.
    package static nonisolated(nonsending) func fallAsleep(on connection: Connection) async throws -> Bool {
        try await connection.query("SELECT pg_try_advisory_lock(changefeed.bell_key())").first?[0].bool() ?? false
    }

    package static nonisolated(nonsending) func wakeUp(on connection: Connection) async throws {
        _ = try await connection.query("SELECT pg_advisory_unlock(changefeed.bell_key())")
    }

    /// - Returns: false when no tailer sleeps.
    package static nonisolated(nonsending) func ring(on connection: Connection) async throws -> Bool {
        try await connection.query("SELECT changefeed.ring()").first?[0].bool() ?? false
    }
}
