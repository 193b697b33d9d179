public import Postgres

/// OCA's `session_db`: sessions in a table `http_sessions (sid, write_date, payload)`, usually in a separate database.
public struct SessionTable: SessionCheck {
    public let lifetime: Duration
    private let pool: ConnectionPool
    private let troubles: Troubles?

    public init(pool: ConnectionPool, lifetime: Duration = .seconds(10), troubles: Troubles? = nil) {
        self.pool = pool
        self.lifetime = lifetime
        self.troubles = troubles
    }

    public func find(_ session: SessionID) async throws -> CallerProof? {
        do {
            let rows = try await pool.query(Self.question(session.text))
            troubles?.noteSuccess()
            guard let row = rows.first, let payload = row["payload"].text else { return nil }
            let usedAt = Timestamp(microseconds: try row["used_at"].int() * 1_000_000)
            return StoredSession.proof(Array(payload.utf8), session: session, usedAt: usedAt, method: .sessionDatabase)
            {
                troubles?.note(Trouble(.decoding, "a row of http_sessions is not a session of session_db"))
            }
        } catch let error as PostgresError {
            troubles?.note(error)
            throw AuthenticationError.odooUnreachable
        }
    }

    private static func question(_ session: String) -> Query {
        Query(
            """
            SELECT payload, extract(epoch FROM write_date)::bigint AS used_at
            FROM http_sessions WHERE sid = $1::text AND octet_length(payload) <= $2::int
            """, [.text(session), .int(StoredSession.maximumBytes)], name: "http_session")
    }

    /// Runs the query of requests for a nonexistent session.
    /// - Throws: `PostgresError`.
    package static nonisolated(nonsending) func probe(on connection: Connection) async throws {
        _ = try await connection.query(question(""))
    }
}
