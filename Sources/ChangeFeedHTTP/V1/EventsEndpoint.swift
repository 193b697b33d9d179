internal import ChangeFeed
internal import Hummingbird
internal import Postgres

/// `GET /api/v1/webhook/events`: events by the webhook mixin's rules, newest first.
struct EventsEndpoint: Sendable {
    let pool: ConnectionPool
    let door: FrontDoor
    let live: LiveConfiguration
    let rules: RecordRules

    private var limit: RateLimit { live.limit("events", \.events) }

    func list(_ request: Request, _ context: FeedRequestContext) async throws -> Response {
        let credentials = try await door.credentials(request, context, limit)
        let parameters = try QueryParameters(request, known: EventFilter.names, repeatable: [QueryParameters.companies])
        let filter = try EventFilter(parameters)
        let companies = try parameters.readCompanies(request)
        let page = try await door.admit(
            credentials, context, limit, Question(.webhookEvents, [filter.model?.rawValue ?? ""])
        ) { caller in
            try await ListEndpoints.ofModel {
                try await rules.withCompiledRules(for: caller, allowPortal: door.allowPortalUsers, companies: companies)
                {
                    try await EventPage.read(
                        filter, for: caller, companies: companies, allowPortal: door.allowPortalUsers, from: pool)
                }
            }
        }
        return Response(json: page.json)
    }
}

extension EventFilter {
    static let names = ["model", "record_id", "event", "since", "limit", "offset"]

    /// - Throws: `Problem`.
    init(_ parameters: QueryParameters) throws(Problem) {
        self.init(
            model: try parameters.read(
                "model", expected: "a model's technical name: 1 to 128 characters of a-z, 0-9, _ and ."
            ) { ModelName($0) },
            recordID: try parameters.readInteger("record_id", in: 1...Int64.max),
            kind: try parameters.read("event", expected: "one of create, write, unlink") { EventKind(rawValue: $0) },
            since: try parameters.readTime("since"),
            limit: try parameters.readInteger("limit", in: Self.limits) ?? Self.defaultLimit,
            offset: try parameters.readInteger("offset", in: Self.offsets) ?? 0)
    }
}
