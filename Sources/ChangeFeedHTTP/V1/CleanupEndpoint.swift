internal import ChangeFeed
internal import Hummingbird
internal import Postgres

/// `DELETE /api/v1/cleanup`: archives old events. Devices of version 2 still get their unseen ones.
struct CleanupEndpoint: Sendable {
    let pool: ConnectionPool
    let door: FrontDoor
    let live: LiveConfiguration
    /// XML id of the Odoo group whose members may do this.
    let group: String

    private var limit: RateLimit { live.limit("cleanup", \.cleanup) }

    func clean(_ request: Request, _ context: FeedRequestContext) async throws -> Response {
        let credentials = try await door.credentials(request, context, limit)
        let parameters = try QueryParameters(request, known: ["before"])
        guard let before = try parameters.readTime("before") else {
            throw Problem(
                .parameterMissing, "Parameter before is required: events that occurred before it are archived.",
                hint: "Give an ISO 8601 date and time, such as before=2026-11-01T00:00:00Z.", parameter: "before")
        }
        let outcome = try await door.admit(credentials, context, limit, Question(.cleanup)) { caller in
            try await Cleanup.archive(
                before: before, group: group, for: caller, allowPortal: door.allowPortalUsers, from: pool)
        }
        switch outcome {
        case .notAllowed:
            throw Problem(
                .cleanupNotAllowed, "This user may not clean up.",
                hint: "Only members of the Odoo group that CHANGEFEED_CLEANUP_GROUP names may.")
        case .archived(let events):
            return Response(
                json: .object([
                    ("deleted_count", .int(Int(events))),
                    ("message", .string(events == 1 ? "1 event was archived." : "\(events) events were archived.")),
                ]))
        }
    }
}
