internal import ChangeFeed
internal import Postgres

/// Endpoints in the database, for the replica that delivers to them: `sql/delivery/`.
struct EndpointStore: Sendable {
    let pool: ConnectionPool
    /// This replica; settles nothing of endpoints that it does not hold.
    let owner: String

    /// Renews the leases, and takes those that have run out.
    func lease(seconds: Double) async throws -> [Endpoint] {
        try await pool.query(
            Query(
                "SELECT * FROM changefeed.endpoint_lease($1::uuid, $2::double precision)",
                [.text(owner), .double(seconds)], name: "endpoint_lease")
        ).map { try Endpoint($0) }
    }

    func release() async throws {
        _ = try await pool.query(
            Query("SELECT FROM changefeed.endpoint_lease($1::uuid, 0, false)", [.text(owner)], name: "endpoint_release")
        )
    }

    /// Settles attempts, and what of the last pull is settled with them, in one transaction.
    /// - Parameter failure: why the last attempt failed.
    /// - Returns: whether the endpoint is still active; nil: another replica has taken over.
    func settle(
        _ endpoint: Endpoint, _ sent: [Settlement], log: [AttemptRecord], token: String? = nil, failure: String? = nil,
        isGone: Bool = false
    ) async throws -> Bool? {
        let row = try await pool.query(
            Query(
                """
                SELECT p.problem, p.state FROM changefeed.endpoint_settle(
                    $1::int, $2::uuid, $3::jsonb, $4::jsonb, $5::text, $6::text, $7::boolean) p
                """,
                [
                    .int(endpoint.id), .text(owner), .text(try JSONParameter.text(sent)),
                    log.isEmpty ? .null : .text(try JSONParameter.text(log)), .optional(token), .optional(failure),
                    .bool(isGone),
                ], name: "endpoint_settle")
        ).first
        guard let row, row["problem"].isNull else { return nil }
        return row["state"].text == "active"
    }

    /// Records that wait, `limit` at most.
    func held(_ endpoint: Endpoint, limit: Int) async throws -> [RecordKey] {
        try await pool.query(
            Query(
                "SELECT * FROM changefeed.endpoint_held($1::int, $2::int)", [.int(endpoint.id), .int(limit)],
                name: "endpoint_held")
        ).map { RecordKey(model: try $0["model"].string(), recordID: try $0["record_id"].int()) }
    }

    /// The receiver works again: what waits because of it need not wait longer.
    func wake(_ endpoint: Endpoint) async throws {
        _ = try await pool.query(
            Query(
                "SELECT changefeed.endpoint_wake($1::int, $2::uuid)", [.int(endpoint.id), .text(owner)],
                name: "endpoint_wake"))
    }

    /// Why nothing may be delivered: `inactive`, `changed`, `forbidden`, `user_inactive`, `api_key_revoked`,
    /// `portal_user` (which the service may allow); nil: it may.
    func standing(_ endpoint: Endpoint) async throws -> String? {
        try await pool.query(
            Query(
                "SELECT changefeed.endpoint_standing($1::int, $2::int) AS standing",
                [.int(endpoint.id), .int(endpoint.revision)], name: "endpoint_standing")
        ).first?["standing"].text
    }

    func pause(_ endpoint: Endpoint, because reason: String) async throws {
        _ = try await pool.query(
            Query(
                "SELECT changefeed.endpoint_set_state($1::text, 'paused', $2::text)",
                [.text(endpoint.name), .text(reason)], name: "endpoint_pause"))
    }
}
