internal import ChangeFeed
internal import Hummingbird
internal import Postgres

/// `GET /api/v1/check-updates`: whether there is anything new, and how much of which model.
struct CheckUpdatesEndpoint: Sendable {
    let pool: ConnectionPool
    let door: FrontDoor
    let limit: RateLimit

    func check(_ request: Request, _ context: FeedRequestContext) async throws -> Response {
        let credentials = try await door.credentials(request, context, limit)
        let since = try QueryParameters(
            request.uri.query, known: ["since"], ignoring: [Credentials.sessionParameter]
        ).readTime("since")
        let summary = try await door.admit(credentials, context, limit) { caller in
            try await UpdateSummary.read(
                since: since, for: caller, allowPortal: door.allowPortalUsers, from: pool)
        }
        return Response(json: summary.json)
    }
}
