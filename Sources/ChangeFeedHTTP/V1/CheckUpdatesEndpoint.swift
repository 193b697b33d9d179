internal import ChangeFeed
internal import Hummingbird
internal import Postgres

/// `GET /api/v1/check-updates`: whether there are new events, and how many per model.
struct CheckUpdatesEndpoint: Sendable {
    let pool: ConnectionPool
    let door: FrontDoor
    let live: LiveConfiguration
    let rules: RecordRules

    private var limit: RateLimit { live.limit("check-updates", \.checkUpdates) }

    func check(_ request: Request, _ context: FeedRequestContext) async throws -> Response {
        let credentials = try await door.credentials(request, context, limit)
        let parameters = try QueryParameters(request, known: ["since"], repeatable: [QueryParameters.companies])
        let since = try parameters.readTime("since")
        let companies = try parameters.readCompanies(request)
        let summary = try await door.admit(credentials, context, limit, Question(.checkUpdates)) { caller in
            try await rules.withCompiledRules(for: caller, allowPortal: door.allowPortalUsers, companies: companies) {
                try await UpdateSummary.read(
                    since: since, for: caller, companies: companies, allowPortal: door.allowPortalUsers, from: pool)
            }
        }
        return Response(json: summary.json)
    }
}
