public import ChangeFeed
public import Postgres

/// What clients do with endpoints over HTTP: each call is one statement that checks the caller again, and reaches the
/// caller's own endpoints, or all if the caller is in the operator's group (`sql/delivery/request.sql`).
///
/// Each call returns nil when the proof is not, or is no longer, valid, and throws `EndpointRefusal`, `SyncRefusal`,
/// `AccessRefusal` or `PostgresError`.
public struct EndpointCalls: Sendable {
    /// Who may do what.
    public struct Policy: Sendable {
        /// XML id of the Odoo group whose members manage all endpoints.
        public var group: String
        /// Other users may create endpoints for themselves.
        public var usersMayCreate: Bool
        /// How many of their own they may have.
        public var maximumOwn: Int

        public init(group: String, usersMayCreate: Bool, maximumOwn: Int) {
            self.group = group
            self.usersMayCreate = usersMayCreate
            self.maximumOwn = maximumOwn
        }
    }

    private let pool: ConnectionPool
    private let sync: DeviceSync
    private let allowPortal: Bool
    private let policy: Policy
    private let configuration: DeliveryService.Configuration

    /// - Parameters:
    ///   - sync: checks filters.
    ///   - allowPortal: portal users are allowed.
    public init(
        pool: ConnectionPool, sync: DeviceSync, allowPortal: Bool, policy: Policy,
        configuration: DeliveryService.Configuration
    ) {
        self.pool = pool
        self.sync = sync
        self.allowPortal = allowPortal
        self.policy = policy
        self.configuration = configuration
    }

    /// Schemes and ports of URLs.
    public var urls: WebhookURL.Rules { configuration.urls }

    /// `$1` to `$7` for the caller, `$8` for the group, then the others.
    private func parameters(_ caller: CallerProof, _ others: [Parameter]) -> [Parameter] {
        var all = caller.parameters(allowPortal: allowPortal)
        all.append(.text(policy.group))
        all.append(contentsOf: others)
        return all
    }

    /// The first two arguments of the functions.
    private static let who = "caller.user_id, changefeed.odoo_in_group(caller.user_id, $8::text)"

    // MARK: lists

    /// A page of endpoints.
    public struct Page: Sendable {
        /// How many a page may have.
        public static let limits: ClosedRange<Int> = 1...500

        /// A JSON array, ordered by name.
        public let endpoints: Cell
        /// The name after which the next page begins; nil on the last page.
        public let nextAfter: String?
    }

    public func list(after: String?, limit: Int, for caller: CallerProof) async throws -> Page? {
        let rows = try await pool.query(
            Query(
                """
                SELECT p.endpoints, p.next_after FROM \(CallerProof.sql) caller
                CROSS JOIN LATERAL changefeed.endpoint_page(\(Self.who), NULL, $9::text, $10::int) p
                WHERE NOT caller.refused
                """, parameters(caller, [.optional(after), .int(limit)]), name: "endpoint_page"))
        return rows.first.map { Page(endpoints: $0["endpoints"], nextAfter: $0["next_after"].text) }
    }

    /// An endpoint as a JSON object.
    public func endpoint(_ name: String, for caller: CallerProof) async throws -> Cell? {
        try await cell(
            Query(
                """
                SELECT p.endpoints -> 0 AS answer FROM \(CallerProof.sql) caller
                CROSS JOIN LATERAL changefeed.endpoint_page(\(Self.who), $9::text, NULL, 1) p
                WHERE NOT caller.refused
                """, parameters(caller, [.text(name)]), name: "endpoint_one"))
    }

    /// How many attempts, or waiting records, one answer may have.
    public static let limits: ClosedRange<Int> = 1...1_000

    /// The last attempts, newest first, as a JSON array.
    public func attempts(of name: String, limit: Int, for caller: CallerProof) async throws -> Cell? {
        try await cell(
            Query(
                """
                SELECT changefeed.endpoint_attempts(\(Self.who), $9::text, $10::int) AS answer FROM \(CallerProof.sql) caller
                WHERE NOT caller.refused
                """, parameters(caller, [.text(name), .int(limit)]), name: "endpoint_attempts"))
    }

    /// Dead letters and waiting records, as a JSON array.
    public func waiting(of name: String, limit: Int, for caller: CallerProof) async throws -> Cell? {
        try await cell(
            Query(
                """
                SELECT changefeed.endpoint_waiting(\(Self.who), $9::text, $10::int) AS answer FROM \(CallerProof.sql) caller
                WHERE NOT caller.refused
                """, parameters(caller, [.text(name), .int(limit)]), name: "endpoint_waiting"))
    }

    /// Column `answer` of the only row.
    /// - Throws: `EndpointRefusal.unknown` for null.
    private func cell(_ query: Query) async throws -> Cell? {
        guard let row = try await pool.query(query).first else { return nil }
        let answer = row["answer"]
        if answer.isNull { throw EndpointRefusal.unknown }
        return answer
    }

    // MARK: create

    /// A new endpoint.
    public struct Created: Sendable {
        /// As a JSON object.
        public let endpoint: Cell
        /// Cannot be read again.
        public let secret: WebhookSecret
    }

    /// Creates a webhook, of the caller if the draft names no user. If an API key identifies the caller, the endpoint
    /// needs that key from then on.
    public func create(_ draft: EndpointDesk.Draft, for caller: CallerProof) async throws -> Created? {
        guard draft.url.kind == .webhook else { throw EndpointRefusal.kindForOperators }
        guard let box = configuration.box else { throw EndpointRefusal.notConfigured }
        // Another user's filters are checked when they run.
        if draft.userID == nil, !draft.scope.filters.isEmpty {
            guard try await sync.check(draft.scope.filters, draft.companies, for: caller) != nil else { return nil }
        }
        let secret = WebhookSecret.random()
        let query = Query(
            """
            SELECT p.problem, p.endpoint FROM \(CallerProof.sql) caller
            CROSS JOIN LATERAL changefeed.endpoint_create(
                \(Self.who), $9::boolean, $10::int, $11::int, $12::text, $13::text, $14::text, $15::text[], $16::int[], $17::jsonb,
                $18::text[], $19::boolean, $20::jsonb, $21::boolean, $22::int, $23::int, $24::text, $25::timestamptz, $26::bytea,
                $27::text, $28::int) p
            WHERE NOT caller.refused
            """, parameters(caller, try values(draft, secret, box, caller)), name: "endpoint_create")
        guard let row = try await pool.query(query).first else { return nil }
        if let problem = row["problem"].text {
            let error = try await refusal(problem)
            throw error
        }
        return Created(endpoint: row["endpoint"], secret: secret)
    }

    /// `$9` to `$28` of the statement that creates an endpoint.
    private func values(
        _ draft: EndpointDesk.Draft, _ secret: WebhookSecret, _ box: SecretBox, _ caller: CallerProof
    ) throws -> [Parameter] {
        let user: Parameter = draft.userID.map { .int($0) } ?? .null
        let key: Parameter = caller.apiKey.map { .int($0) } ?? .null
        var values: [Parameter] = [
            .bool(policy.usersMayCreate), .int(policy.maximumOwn), user, .text(draft.name), .text(draft.url.text),
        ]
        values.append(contentsOf: try draft.settings)
        values.append(.bytes(try box.seal(Array(secret.text.utf8), for: draft.name)))
        values.append(.text(box.keyID))
        values.append(key)
        return values
    }

    private func refusal(_ problem: String) async throws -> any Error {
        switch problem {
        case "endpoint_not_allowed": return EndpointRefusal.notAllowed
        case "endpoint_exists": return EndpointRefusal.nameTaken
        case "too_many_endpoints": return EndpointRefusal.tooMany
        case "user_mismatch": return EndpointRefusal.userMismatch
        case "user_unknown": return EndpointRefusal.userUnknown
        case "kind_for_operators": return EndpointRefusal.kindForOperators
        default: return try await sync.refusal(problem)
        }
    }

    // MARK: change

    /// Pauses or resumes an endpoint.
    /// - Returns: false if it was in that state.
    public func set(_ name: String, active: Bool, reason: String? = nil, for caller: CallerProof) async throws -> Bool?
    {
        try await work(
            "changefeed.endpoint_set_state($9::text, $10::text, $11::text)", name,
            [.text(active ? "active" : "paused"), .optional(reason)], for: caller, "endpoint_set_state"
        ).map { $0 == "true" }
    }

    /// Gives a webhook a new secret.
    /// - Parameter overlap: how long the former one signs, too.
    /// - Throws: `EndpointRefusal.kindForOperators` for a stream, whose credentials stay.
    public func rotate(_ name: String, overlap: Duration, for caller: CallerProof) async throws -> WebhookSecret? {
        guard let box = configuration.box else {
            guard try await endpoint(name, for: caller) != nil else { return nil }
            throw EndpointRefusal.notConfigured
        }
        let secret = try await method(of: name, box, for: caller).secret()
        let done = try await work(
            """
            CASE (SELECT e.kind FROM changefeed.endpoints e WHERE e.name = $9::text) WHEN 'webhook' THEN
                changefeed.endpoint_rotate(
                    $9::text, $10::bytea, $11::text, make_interval(secs => $12::double precision))::text
            ELSE 'stream' END
            """, name,
            [
                .bytes(try box.seal(Array(secret.text.utf8), for: name)), .text(box.keyID), .double(overlap.seconds),
            ], for: caller, "endpoint_rotate")
        if done == "stream" { throw EndpointRefusal.kindForOperators }
        return done.map { _ in secret }
    }

    /// How an endpoint's messages are signed; HMAC if its secret cannot be read.
    private func method(
        of name: String, _ box: SecretBox, for caller: CallerProof
    ) async throws -> WebhookSignature.Method {
        let rows = try await pool.query(
            Query(
                """
                SELECT p.secret FROM \(CallerProof.sql) caller
                CROSS JOIN LATERAL changefeed.endpoint_trial(\(Self.who), $9::text) p
                WHERE NOT caller.refused AND p.kind = 'webhook'
                """, parameters(caller, [.text(name)]), name: "endpoint_method"))
        return rows.first?["secret"].text.flatMap {
            WebhookSecret(sealed: Endpoint.bytes($0), of: name, box)
        }?.method ?? .hmac
    }

    /// - Returns: true, or nil like all calls.
    public func replay(_ name: String, from start: DeviceSync.Start, for caller: CallerProof) async throws -> Bool? {
        try await work(
            "changefeed.endpoint_replay($9::text, $10::text, $11::timestamptz)", name, start.parameters, for: caller,
            "endpoint_replay"
        ).map { _ in true }
    }

    /// - Returns: true, or nil like all calls.
    public func remove(_ name: String, for caller: CallerProof) async throws -> Bool? {
        try await work("changefeed.endpoint_remove($9::text)", name, [], for: caller, "endpoint_remove")
            .map { _ in true }
    }

    /// Tries waiting records and dead letters again: all, of a model, or one.
    /// - Returns: how many.
    public func retry(
        _ name: String, model: ModelName?, record: Int64?, for caller: CallerProof
    ) async throws -> Int? {
        try await count("endpoint_retry", name, model, record, for: caller)
    }

    /// Drops dead letters: all, of a model, or one.
    /// - Returns: how many.
    public func drop(
        _ name: String, model: ModelName?, record: Int64?, for caller: CallerProof
    ) async throws -> Int? {
        try await count("endpoint_drop", name, model, record, for: caller)
    }

    private func count(
        _ function: String, _ name: String, _ model: ModelName?, _ record: Int64?, for caller: CallerProof
    ) async throws -> Int? {
        let number: Parameter = record.map { .int($0) } ?? .null
        let done = try await work(
            "changefeed.\(function)($9::text, $10::text, $11::bigint)", name, [.optional(model?.rawValue), number],
            for: caller, function)
        return done.map { Int($0) ?? 0 }
    }

    /// Calls a function for an endpoint that the caller reaches: `$9` is its name.
    /// - Returns: what the function returned, as text; nil like all calls.
    private func work(
        _ call: String, _ name: String, _ further: [Parameter], for caller: CallerProof, _ statement: String
    ) async throws -> String? {
        let answer = try await cell(
            Query(
                """
                SELECT CASE WHEN changefeed.endpoint_reached(\(Self.who), $9::text) THEN \(call)::text END AS answer
                FROM \(CallerProof.sql) caller
                WHERE NOT caller.refused
                """, parameters(caller, [.text(name)] + further), name: statement))
        return try answer?.string()
    }

    // MARK: test

    /// What a test event of an endpoint needs; sending it is the caller's.
    public func trial(_ name: String, for caller: CallerProof) async throws -> EndpointTrial? {
        let rows = try await pool.query(
            Query(
                """
                SELECT p.problem, p.id, p.kind, p.url, p.secret, p.secret_key, p.database, p.source
                FROM \(CallerProof.sql) caller
                CROSS JOIN LATERAL changefeed.endpoint_trial(\(Self.who), $9::text) p
                WHERE NOT caller.refused
                """, parameters(caller, [.text(name)]), name: "endpoint_trial"))
        guard let row = rows.first else { return nil }
        if let problem = row["problem"].text {
            throw problem == "delivery_forbidden" ? EndpointRefusal.deliveryForbidden : EndpointRefusal.unknown
        }
        guard let trial = try? EndpointTrial(of: name, row, configuration) else { throw EndpointRefusal.secretUnusable }
        return trial
    }
}
