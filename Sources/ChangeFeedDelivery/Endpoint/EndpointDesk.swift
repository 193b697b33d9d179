public import ChangeFeed
internal import FoundationEssentials
public import Postgres

/// What operators and clients do with endpoints: the functions of `sql/delivery/endpoint.sql`.
public struct EndpointDesk: Sendable {
    private let ask: @Sendable (Query) async throws -> Rows

    /// - Parameter ask: runs a statement.
    public init(_ ask: @escaping @Sendable (Query) async throws -> Rows) { self.ask = ask }

    /// Whether a text can be the name of an endpoint: 1 to 63 of a-z, 0-9, - and _, the first a letter or digit.
    public static func isName(_ text: String) -> Bool {
        guard (1...63).contains(text.utf8.count), let first = text.utf8.first, first != 45, first != 95 else {
            return false
        }
        return text.utf8.allSatisfy { byte in
            (97...122).contains(byte) || (48...57).contains(byte) || byte == 45 || byte == 95
        }
    }

    /// What stands at an endpoint's address.
    public enum Target: Sendable {
        case webhook(WebhookURL)
        case stream(StreamURL)

        public var kind: EndpointKind {
            switch self {
            case .webhook: .webhook
            case .stream(let url): url.kind
            }
        }

        /// Without credentials.
        public var text: String {
            switch self {
            case .webhook(let url): url.text
            case .stream(let url): url.text
            }
        }
    }

    /// A new endpoint.
    public struct Draft: Sendable {
        public var name: String
        public var url: Target
        /// Nil: the caller of `EndpointCalls`.
        public var userID: Int64?
        public var scope = SyncScope()
        public var companies = EnabledCompanies()
        public var kinds = ["create", "write", "unlink"]
        public var withData = false
        public var fields: [ModelName: [String]] = [:]
        public var inOrder = false
        public var concurrency = 8
        public var batchSize = 1
        public var start = DeviceSync.Start.now
        /// Of a webhook.
        public var signature = WebhookSignature.Method.hmac
        /// The row of the API key with which it is created; nil: an operator creates it.
        public var apiKey: Int64?

        public init(name: String, url: WebhookURL, userID: Int64?) {
            self.name = name
            self.url = .webhook(url)
            self.userID = userID
        }

        /// A stream or topic, which only operators name.
        public init(name: String, stream: StreamURL, userID: Int64) {
            self.name = name
            url = .stream(stream)
            self.userID = userID
            concurrency = stream.kind.concurrency
        }
    }

    /// The active user with a login.
    public func user(login: String) async throws -> Int64 {
        let row = try await ask(Query("SELECT changefeed.odoo_user_id($1::text) AS id", [.text(login)])).first
        guard let row, !row["id"].isNull else {
            throw ChangeFeedError(
                .userUnknown, "Odoo has no active user with this login.",
                hint: "List them: SELECT login FROM res_users;")
        }
        return try row["id"].int()
    }

    /// Adds an endpoint.
    /// - Returns: its secret, which cannot be read again.
    /// - Throws: `ChangeFeedError` (`endpointRefused`), `PostgresError`.
    public func add(_ draft: Draft, box: SecretBox) async throws -> WebhookSecret {
        let secret = draft.signature.secret()
        try await add(draft, secret: (try box.seal(Array(secret.text.utf8), for: draft.name), box.keyID))
        return secret
    }

    /// Adds an endpoint for a stream or topic.
    /// - Parameters:
    ///   - credentials: for its server; nil: those of its URL, or none.
    ///   - box: encrypts them; not needed without.
    /// - Throws: `ChangeFeedError` (`endpointRefused`, `invalidSetting`), `PostgresError`.
    public func addStream(_ draft: Draft, credentials: StreamCredentials? = nil, box: SecretBox?) async throws {
        var known = credentials
        if case .stream(let url) = draft.url { known = known ?? url.credentials }
        let secret = try known.map { credentials in
            guard let box else {
                throw ChangeFeedError(
                    .invalidSetting, "CHANGEFEED_SECRET_KEY is not set: it encrypts the credentials of servers.",
                    hint: "Make one with: openssl rand -base64 32. The service needs the same.")
            }
            return (try box.seal(Array(credentials.text.utf8), for: draft.name), box.keyID)
        }
        try await add(draft, secret: secret)
    }

    private func add(_ draft: Draft, secret: (sealed: [UInt8], key: String)?) async throws {
        let user: Parameter = draft.userID.map { .int($0) } ?? .null
        let row = try await ask(
            Query(
                """
                SELECT p.problem, p.id FROM changefeed.endpoint_add(
                    $1::text, $2::text, $3::int, $4::text, $5::text[], $6::int[], $7::jsonb, $8::text[], $9::boolean, $10::jsonb,
                    $11::boolean, $12::int, $13::int, $14::text, $15::timestamptz, $16::bytea, $17::text, $18::int,
                    kind => $19::text) p
                """,
                [.text(draft.name), .text(draft.url.text), user] + (try draft.settings) + [
                    secret.map { .bytes($0.sealed) } ?? .null, .optional(secret?.key),
                    draft.apiKey.map { .int($0) } ?? .null, .text(draft.url.kind.rawValue),
                ])
        ).first
        if let problem = row?["problem"].text { throw Self.refusal(problem) }
    }

    private static func refusal(_ problem: String) -> ChangeFeedError {
        switch problem {
        case "too_many_endpoints": ChangeFeedError(.endpointRefused, "There are as many endpoints as there may be.")
        case "endpoint_exists": ChangeFeedError(.endpointRefused, "There is an endpoint with this name.")
        case "kind_for_operators":
            ChangeFeedError(.endpointRefused, "Streams and topics are added by operators only.")
        case "user_unknown": ChangeFeedError(.userUnknown, "Odoo has no active user like that.")
        case "app_type_unknown": ChangeFeedError(.endpointRefused, "There is no such app type.")
        case "model_not_in_app_type":
            ChangeFeedError(.endpointRefused, "The app type does not include one of the models.")
        case "model_not_readable":
            ChangeFeedError(.endpointRefused, "One of the models is not tracked, or this user may not read it.")
        case "company_not_allowed":
            ChangeFeedError(.endpointRefused, "The user has no access to one of the companies.")
        default: ChangeFeedError(.endpointRefused, "The database refused: \(problem).")
        }
    }

    /// Pauses or resumes an endpoint.
    /// - Returns: false if it was in that state.
    public func set(_ name: String, active: Bool, reason: String? = nil) async throws -> Bool {
        try await named(name) {
            try await ask(
                Query(
                    "SELECT changefeed.endpoint_set_state($1::text, $2::text, $3::text) AS done",
                    [.text(name), .text(active ? "active" : "paused"), .optional(reason)])
            ).first?["done"].bool() ?? false
        }
    }

    /// Gives an endpoint a new secret.
    /// - Parameters:
    ///   - overlap: how long the former one signs, too.
    ///   - method: nil: as before, or HMAC if the former secret cannot be read.
    public func rotate(
        _ name: String, overlap: Duration, method: WebhookSignature.Method? = nil, box: SecretBox
    ) async throws -> WebhookSecret {
        guard try await kind(name) == .webhook else {
            throw ChangeFeedError(
                .endpointRefused, "A stream has no signing secret.",
                hint: "changefeed endpoint rotate --credentials FILE replaces the credentials for its server.")
        }
        let former = method == nil ? try await secret(name, box: box) : nil
        let secret = (method ?? former?.method ?? .hmac).secret()
        try await named(name) {
            _ = try await ask(
                Query(
                    "SELECT changefeed.endpoint_rotate($1::text, $2::bytea, $3::text, make_interval(secs => $4::double precision))",
                    [
                        .text(name), .bytes(try box.seal(Array(secret.text.utf8), for: name)), .text(box.keyID),
                        .double(overlap.seconds),
                    ]))
        }
        return secret
    }

    /// Replaces the credentials for the server of a stream or topic. The former ones are not used any more.
    public func replaceCredentials(_ name: String, _ credentials: StreamCredentials, box: SecretBox) async throws {
        guard try await kind(name) != .webhook else {
            throw ChangeFeedError(
                .endpointRefused, "A webhook has a signing secret and no credentials.",
                hint: "changefeed endpoint rotate without --credentials makes a new one.")
        }
        try await named(name) {
            _ = try await ask(
                Query(
                    "SELECT changefeed.endpoint_rotate($1::text, $2::bytea, $3::text, interval '0')",
                    [.text(name), .bytes(try box.seal(Array(credentials.text.utf8), for: name)), .text(box.keyID)]))
        }
    }

    /// The secret of a webhook; nil if it has none, or another key encrypts it.
    private func secret(_ name: String, box: SecretBox) async throws -> WebhookSecret? {
        let row = try await ask(
            Query(
                """
                SELECT encode(e.secret, 'hex') AS secret FROM changefeed.endpoint_secret($1::text) e WHERE e.kind = 'webhook'
                """, [.text(name)])
        ).first
        return row?["secret"].text.flatMap { WebhookSecret(sealed: Endpoint.bytes($0), of: name, box) }
    }

    /// With what the receivers of a webhook that signs by ed25519 verify: `whpk_…`; nil for the others.
    public func publicKey(_ name: String, box: SecretBox?) async throws -> String? {
        guard let box else { return nil }
        return try await secret(name, box: box)?.publicKey
    }

    private func kind(_ name: String) async throws -> EndpointKind? {
        let row = try await ask(
            Query("SELECT e.kind FROM changefeed.endpoints e WHERE e.name = $1::text", [.text(name)])
        ).first
        guard let row else { throw Self.unknown(name) }
        return EndpointKind(rawValue: try row["kind"].string())
    }

    public func replay(_ name: String, from start: DeviceSync.Start) async throws {
        try await named(name) {
            _ = try await ask(
                Query(
                    "SELECT changefeed.endpoint_replay($1::text, $2::text, $3::timestamptz)",
                    [.text(name)] + start.parameters))
        }
    }

    public func remove(_ name: String) async throws {
        try await named(name) {
            _ = try await ask(Query("SELECT changefeed.endpoint_remove($1::text)", [.text(name)]))
        }
    }

    /// Tries waiting records and dead letters again, or drops dead letters: all, of a model, or one.
    /// - Returns: how many.
    public func retry(_ name: String, model: String? = nil, record: Int64? = nil) async throws -> Int64 {
        try await change("endpoint_retry", name, model, record)
    }

    public func drop(_ name: String, model: String? = nil, record: Int64? = nil) async throws -> Int64 {
        try await change("endpoint_drop", name, model, record)
    }

    private func change(_ function: String, _ name: String, _ model: String?, _ record: Int64?) async throws -> Int64 {
        try await named(name) {
            try await ask(
                Query(
                    "SELECT changefeed.\(function)($1::text, $2::text, $3::bigint) AS rows",
                    [.text(name), .optional(model), record.map { .int($0) } ?? .null])
            ).first?["rows"].int() ?? 0
        }
    }

    /// Sends a test event, and tells what came of it.
    /// - Returns: for people: `accepted in 12 ms`, or why not.
    public func test(_ name: String, _ configuration: DeliveryService.Configuration) async throws -> (
        isAccepted: Bool, text: String
    ) {
        let row = try await ask(
            Query(
                """
                SELECT e.url, encode(e.secret, 'hex') AS secret, e.secret_key, e.id, e.kind, e.database, e.source
                FROM changefeed.endpoint_secret($1::text) e
                """, [.text(name)])
        ).first
        guard let row else { throw Self.unknown(name) }
        guard let trial = try EndpointTrial(of: name, row, configuration) else {
            throw row["kind"].text == EndpointKind.webhook.rawValue
                ? ChangeFeedError(
                    .endpointRefused, "The endpoint's secret cannot be read: it has none, or another key encrypts it.",
                    hint:
                        "CHANGEFEED_SECRET_KEY must be the one with which it was added; changefeed endpoint rotate makes a new secret."
                )
                : ChangeFeedError(
                    .endpointRefused, "The credentials for the server cannot be read: another key encrypts them.",
                    hint: "changefeed endpoint rotate --credentials FILE replaces them.")
        }
        let outcome = await trial.send()
        let milliseconds = outcome.milliseconds
        return (
            outcome.failure == nil,
            outcome.failure.map { "\($0), after \(milliseconds) ms" } ?? "accepted in \(milliseconds) ms"
        )
    }

    private func named<R>(_ name: String, _ body: () async throws -> R) async throws -> R {
        do {
            return try await body()
        } catch let error as PostgresError where error.sqlState == "P0002" {
            throw Self.unknown(name)
        }
    }

    private static func unknown(_ name: String) -> ChangeFeedError {
        ChangeFeedError(
            .endpointUnknown, "There is no endpoint with this name.", hint: "changefeed endpoint list shows them.")
    }

    /// Endpoints, or one, as a JSON array with the members of `changefeed.endpoints`.
    public func list(_ name: String? = nil) async throws -> String {
        let text =
            try await ask(
                Query(
                    """
                    SELECT coalesce(json_agg(e ORDER BY e.name), '[]')::text AS endpoints FROM changefeed.endpoints e
                    WHERE $1::text IS NULL OR e.name = $1::text
                    """, [.optional(name)])
            ).first?["endpoints"].string() ?? "[]"
        if let name, text == "[]" { throw Self.unknown(name) }
        return text
    }

    /// The rows of the same for a table.
    public func rows(_ name: String? = nil) async throws -> Rows {
        let rows = try await ask(
            Query(
                """
                SELECT e.name, e.state, e.user_id, e.url, coalesce(array_to_string(e.models, ','), e.app_type) AS models,
                       e.delivered, e.waiting, e.dead, coalesce(e.reason, CASE WHEN e.failing_since IS NOT NULL OR e.waiting > 0 THEN e.last_failure END, '-')
                           AS reason, e.is_owned
                FROM changefeed.endpoints e WHERE $1::text IS NULL OR e.name = $1::text ORDER BY e.name
                """, [.optional(name)]))
        if let name, rows.isEmpty { throw Self.unknown(name) }
        return rows
    }

    /// The last attempts, newest first, or the records that wait and the dead letters.
    public func attempts(_ name: String, limit: Int) async throws -> Rows {
        _ = try await rows(name)
        return try await ask(
            Query(
                """
                SELECT to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at, coalesce(a.model, '-') AS model,
                       coalesce(a.record_id::text, '-') AS record, a.events, a.attempt, a.milliseconds AS ms,
                       coalesce(a.status::text, '-') AS status, coalesce(a.error, 'accepted') AS result
                FROM changefeed.endpoint_attempt a
                JOIN changefeed.endpoint_numbers n ON n.id = a.endpoint AND n.name = $1::text
                ORDER BY a.id DESC LIMIT $2::int
                """, [.text(name), .int(limit)]))
    }

    public func waiting(_ name: String, limit: Int) async throws -> Rows {
        _ = try await rows(name)
        return try await ask(
            Query(
                """
                SELECT q.model, q.record_id AS record, q.kind AS event, q.attempts,
                       CASE WHEN q.is_dead THEN 'dead' ELSE to_char(q.due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') END AS next,
                       coalesce(q.last_error, '-') AS result
                FROM changefeed.endpoint_queue q
                JOIN changefeed.endpoint_numbers n ON n.id = q.endpoint AND n.name = $1::text
                ORDER BY q.is_dead DESC, q.due_at, q.event_id LIMIT $2::int
                """, [.text(name), .int(limit)]))
    }
}

extension EndpointDesk.Draft {
    /// Parameters `app_type` to `since` of `changefeed.endpoint_add` and `endpoint_create`.
    var settings: [Parameter] {
        get throws {
            let models: Parameter = scope.models.map { .textArray($0.map(\.rawValue)) } ?? .null
            let companies: Parameter = companies.ids.map { .intArray($0) } ?? .null
            var all: [Parameter] = [
                .text(scope.appType), models, companies, try Self.json(scope.filters), .textArray(kinds),
                .bool(withData), try Self.json(fields), .bool(inOrder), .int(concurrency), .int(batchSize),
            ]
            all.append(contentsOf: start.parameters)
            return all
        }
    }

    private static func json<Value: Encodable>(_ values: [ModelName: Value]) throws -> Parameter {
        values.isEmpty
            ? .null
            : .text(try JSONParameter.text(Dictionary(uniqueKeysWithValues: values.map { ($0.rawValue, $1) })))
    }
}
