public import Postgres

/// OCA's `session_db`: sessions in a table `http_sessions (sid, write_date, payload)`, usually in a database of its own.
public struct SessionTable: SessionCheck {
    public let lifetime: Duration
    private let pool: ConnectionPool

    public init(pool: ConnectionPool, lifetime: Duration = .seconds(10)) {
        self.pool = pool
        self.lifetime = lifetime
    }

    public func find(_ session: SessionID) async throws -> CallerProof? {
        let rows: Rows
        do {
            rows = try await pool.query(
                Query(
                    """
                    SELECT payload, extract(epoch FROM write_date)::bigint AS used_at
                    FROM http_sessions WHERE sid = $1::text AND octet_length(payload) <= $2::int
                    """, [.text(session.text), .int(StoredSession.maximumBytes)], name: "http_session"))
        } catch is PostgresError {
            throw AuthenticationError.odooUnreachable
        }
        guard let row = rows.first, let payload = row["payload"].text else { return nil }
        return StoredSession.proof(
            Array(payload.utf8), session: session, usedAt: Timestamp(microseconds: try row["used_at"].int() * 1_000_000), method: .sessionDatabase)
    }
}
