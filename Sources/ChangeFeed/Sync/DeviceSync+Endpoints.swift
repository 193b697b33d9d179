public import Postgres

/// What an endpoint is sent besides its pulls: records that wait for another attempt.
extension DeviceSync {
    /// The parameters of a page of waiting records.
    public struct DueRequest: Sendable {
        /// Number of the endpoint.
        public var endpoint: Int64
        public var revision: Int64
        public var scope: SyncScope
        public var companies = EnabledCompanies()
        public var withData = false
        public var fields: [ModelName: [String]] = [:]
        public var limit = 100
        public var maximumBytes = 8 << 20
        /// Also records that are not due yet.
        public var isImmediate = false
        /// Oldest event first, and none while an older one is not due.
        public var inOrder = false
        /// The scope's filters, compiled; nil: they are compiled for this statement.
        package var prepared: PreparedFilters?

        public init(endpoint: Int64, revision: Int64, scope: SyncScope) {
            self.endpoint = endpoint
            self.revision = revision
            self.scope = scope
        }
    }

    /// A page of waiting records.
    public struct DuePage: Sendable {
        /// A JSON array as PostgreSQL built it, like the events of a pull; nil for an empty one.
        public let events: Cell?
        /// How often each was tried.
        public let attempts: [Int]
        /// More wait.
        public let isWaiting: Bool
        /// Until the next of them is due.
        public let next: Duration?
    }

    /// - Returns: nil when the endpoint may get nothing.
    public func due(_ request: DueRequest) async throws -> DuePage? {
        let caller = CallerProof.endpoint(request.endpoint, revision: request.revision)
        guard let filters = try await parameter(request.prepared, request.scope, for: caller, request.companies) else {
            return nil
        }
        let row = try await row(
            of: Query(
                """
                SELECT p.problem, p.events, array_to_string(p.attempts, ' ') AS attempts, p.waiting, p.next_seconds
                FROM \(CallerProof.sql) caller
                CROSS JOIN LATERAL changefeed.endpoint_due(caller.user_id, $8::int, $9::text, $10::text[], $11::int[], $12::jsonb,
                    $13::boolean, $14::jsonb, $15::int, $16::bigint, $17::boolean, $18::boolean) p
                WHERE NOT caller.refused
                """,
                caller.parameters(allowPortal: allowPortal) + [.int(request.endpoint)] + request.scope.parameters + [
                    request.companies.parameter, filters, .bool(request.withData), try Self.fields(request.fields),
                    .int(request.limit), .int(request.maximumBytes), .bool(request.isImmediate),
                    .bool(request.inOrder),
                ], name: "endpoint_due"), for: caller, request.companies)
        guard let row else { return nil }
        return DuePage(
            events: row["events"].isNull ? nil : row["events"],
            attempts: Self.words(row["attempts"]).compactMap { Int($0) }, isWaiting: try row["waiting"].bool(),
            next: row["next_seconds"].text.flatMap { Double($0) }.map { .seconds(max(0, $0)) })
    }

    /// Compiles filters for many statements.
    /// - Returns: nil when the endpoint may get nothing.
    package func prepare(
        _ wanted: [ModelName: String], _ companies: EnabledCompanies, for caller: CallerProof
    ) async throws -> PreparedFilters? {
        try await filters.prepare(wanted, for: caller, companies)
    }

    /// The filters as a parameter: those that were compiled before, or these now.
    func parameter(
        _ prepared: PreparedFilters?, _ scope: SyncScope, for caller: CallerProof, _ companies: EnabledCompanies
    ) async throws -> Parameter? {
        if let prepared { return prepared.parameter }
        return try await filters.parameter(scope.filters, for: caller, companies)
    }

    /// What a change may concern.
    package struct Concerned: Sendable {
        /// Models of which the audience sees a change, for endpoints without a filter of them.
        package let models: Set<String>
        /// Endpoints with filters.
        package let endpoints: Set<Int64>
    }

    /// One of many filters with the same condition, in the form of `changefeed.endpoint_concerned`.
    private struct NumberedFilter: Encodable {
        let endpoint: Int64
        let filter: PreparedFilters.Filter

        func encode(to encoder: any Encoder) throws {
            var list = encoder.unkeyedContainer()
            try list.encode(endpoint)
            try list.encode(filter.numbers)
            try list.encode(filter.texts)
        }
    }

    /// Which endpoints of an audience these rows of the log may concern: a hint, by one statement for all of them.
    /// - Returns: nil when the audience has changed: each has to pull.
    /// - Throws: `PostgresError`, `AccessRefusal`.
    package func concerned(
        by logIDs: [Int64], in audience: Audience, _ filters: [Int64: PreparedFilters]
    ) async throws -> Concerned? {
        var byCondition: [String: [String: [NumberedFilter]]] = [:]
        for (endpoint, prepared) in filters {
            for (model, filter) in prepared.byModel {
                guard let condition = filter.condition else { continue }
                byCondition[model, default: [:]][condition, default: []].append(
                    NumberedFilter(endpoint: endpoint, filter: filter))
            }
        }
        let text = try JSONParameter.text(byCondition)
        let row = try await rules.withCompiledRules(for: audience.userID, companies: audience.companies) {
            let rows = try await pool.query(
                Query(
                    """
                    SELECT problem, scope, array_to_string(changed, ' ') AS changed, endpoints::bigint[] AS endpoints
                    FROM changefeed.endpoint_concerned($1::int, $2::int[], $3::text[], $4::jsonb, $5::bigint[])
                    """,
                    [
                        .int(audience.userID), audience.companies.parameter, .textArray(audience.models), .text(text),
                        .intArray(logIDs),
                    ], name: "endpoint_concerned"))
            if let row = rows.first { try AccessRefusal.check(row) }
            return rows.first
        }
        guard let row, row["scope"].text ?? "" == audience.scope else { return nil }
        return Concerned(
            models: Set(Self.words(row["changed"])), endpoints: Set(try row["endpoints"].intArray()))
    }

    /// The parameters of a page of a list that an endpoint must resync.
    public struct EndpointListRequest: Sendable {
        /// Number of the endpoint.
        public var endpoint: Int64
        public var revision: Int64
        /// The replica that holds it.
        public var owner: String
        public var model: ModelName
        /// Nil starts a new list.
        public var cursor: String?
        public var limit = ListRequest.limits.upperBound
        /// As in `SyncScope`; of this model.
        public var filters: [ModelName: String] = [:]
        public var companies = EnabledCompanies()

        public init(endpoint: Int64, revision: Int64, owner: String, model: ModelName) {
            self.endpoint = endpoint
            self.revision = revision
            self.owner = owner
            self.model = model
        }
    }

    /// Records of a list, which wait for the endpoint now.
    public struct EndpointListPage: Sendable {
        /// Another replica holds the endpoint: nothing was read.
        public let isLost: Bool
        public let recordIDs: [Int64]
        public let nextCursor: String?
        public let isComplete: Bool
    }

    /// Reads a page of a list and lets its records wait, in one transaction.
    /// - Returns: nil when the endpoint may get nothing.
    public func list(_ request: EndpointListRequest) async throws -> EndpointListPage? {
        let caller = CallerProof.endpoint(request.endpoint, revision: request.revision)
        guard let filters = try await filters.parameter(request.filters, for: caller, request.companies) else {
            return nil
        }
        let row = try await row(
            of: Query(
                """
                SELECT nullif(p.problem, 'not_owner') AS problem, p.problem IS NOT NULL AS is_lost,
                       array_to_string(p.record_ids, ' ') AS record_ids, p.next_cursor, coalesce(p.complete, false) AS complete
                FROM \(CallerProof.sql) caller
                CROSS JOIN LATERAL changefeed.endpoint_list(caller.user_id, $8::int, $9::uuid, $10::text, $11::text, $12::int,
                    $13::int[], $14::jsonb) p
                WHERE NOT caller.refused
                """,
                caller.parameters(allowPortal: allowPortal) + [
                    .int(request.endpoint), .text(request.owner), .text(request.model.rawValue),
                    .optional(request.cursor), .int(request.limit), request.companies.parameter, filters,
                ], name: "endpoint_list"), for: caller, request.companies)
        guard let row else { return nil }
        return EndpointListPage(
            isLost: try row["is_lost"].bool(), recordIDs: Self.words(row["record_ids"]).compactMap { Int64($0) },
            nextCursor: row["next_cursor"].text, isComplete: try row["complete"].bool())
    }

    /// Checks the filters of an endpoint that the caller wants, as a pull would.
    /// - Returns: true, or nil like all calls.
    /// - Throws: `AccessRefusal`, `PostgresError`.
    package func check(
        _ wanted: [ModelName: String], _ companies: EnabledCompanies, for caller: CallerProof
    ) async throws -> Bool? {
        guard try await filters.parameter(wanted, for: caller, companies) != nil else { return nil }
        return true
    }

    /// The refusal of this name in the database; `ChangeFeedError` if there is none.
    package func refusal(_ problem: String) async throws -> any Error {
        switch problem {
        case "app_type_unknown": return SyncRefusal.appTypeUnknown(known: try await appTypeNames())
        case "model_not_in_app_type": return SyncRefusal.modelNotInAppType
        default: return AccessRefusal.refusal(problem)
        }
    }
}
