internal import ChangeFeed
internal import Postgres

/// Endpoints in the database, for the replica that delivers to them: `sql/delivery/`.
struct EndpointStore: Sendable {
    let pool: ConnectionPool
    /// This replica; settles nothing of endpoints that it does not hold.
    let owner: String

    /// What a look at the leases found.
    struct Lease {
        let id: Int64
        let revision: Int64
        let signsTwice: Bool
        /// How long its lease lasted when the database answered, unless it is renewed.
        let heldFor: Duration
        /// Nil: of the revision that was known.
        let endpoint: Endpoint?
    }

    /// Renews the leases, and takes those that have run out.
    /// - Parameter known: revisions of endpoints whose settings need not be sent.
    func lease(seconds: Double, known: [Int64: Int64] = [:]) async throws -> [Lease] {
        let known = Dictionary(uniqueKeysWithValues: known.map { (String($0), $1) })
        return try await pool.query(
            Query(
                "SELECT * FROM changefeed.endpoint_lease($1::uuid, $2::double precision, known => $3::jsonb)",
                [.text(owner), .double(seconds), .text(try JSONParameter.text(known))], name: "endpoint_lease")
        ).map { row in
            Lease(
                id: try row["id"].int(), revision: try row["revision"].int(),
                signsTwice: try row["signs_twice"].bool(),
                heldFor: .seconds(max(0, row["held_for"].text.flatMap { Double($0) } ?? 0)),
                endpoint: row["settings"].isNull ? nil : try Endpoint(row))
        }
    }

    func release() async throws {
        _ = try await pool.query(
            Query("SELECT FROM changefeed.endpoint_lease($1::uuid, 0, false)", [.text(owner)], name: "endpoint_release")
        )
    }

    /// What a settlement left behind.
    struct Outcome: Sendable {
        /// The endpoint is still active.
        let isActive: Bool
        /// Records of it wait, or are dead letters.
        let isQueued: Bool
    }

    /// Settles attempts, and what of the last pull is settled with them, in one transaction.
    /// - Parameters:
    ///   - accepted: how many events were accepted besides `sent`, while the endpoint's queue is empty.
    ///   - failure: why the last attempt failed.
    /// - Returns: nil: another replica has taken over.
    func settle(
        _ endpoint: Endpoint, _ sent: [Settlement], accepted: Int = 0, log: [AttemptRecord], token: String? = nil,
        failure: String? = nil, isGone: Bool = false
    ) async throws -> Outcome? {
        let row = try await pool.query(
            Query(
                """
                SELECT p.problem, p.state, p.is_queued FROM changefeed.endpoint_settle(
                    $1::int, $2::uuid, $3::jsonb, $4::jsonb, $5::text, $6::text, $7::boolean,
                    more_accepted => $8::bigint) p
                """,
                [
                    .int(endpoint.id), .text(owner), .text(sent.isEmpty ? "[]" : try JSONParameter.text(sent)),
                    log.isEmpty ? .null : .text(try JSONParameter.text(log)), .optional(token), .optional(failure),
                    .bool(isGone), .int(accepted),
                ], name: "endpoint_settle")
        ).first
        guard let row, row["problem"].isNull else { return nil }
        return Outcome(isActive: row["state"].text == "active", isQueued: try row["is_queued"].bool())
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
