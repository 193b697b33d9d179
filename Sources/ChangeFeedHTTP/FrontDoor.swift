internal import ChangeFeed
internal import HTTPTypes
internal import Hummingbird

/// What stands before every answer that belongs to somebody: who asks, whether they may, how often they may.
struct FrontDoor: Sendable {
    let authenticator: Authenticator
    let allowSessionInQuery: Bool

    var allowPortalUsers: Bool { authenticator.configuration.allowPortalUsers }

    /// Who says to be asking. Nothing is looked up yet, so that a request that is wrong in itself costs nothing.
    /// - Throws: `Problem`.
    func credentials(_ request: Request) throws(Problem) -> Credentials {
        try Credentials(request, allowSessionInQuery: allowSessionInQuery)
    }

    /// Runs a statement for whoever the credentials belong to.
    /// - Parameter body: Runs a statement that begins with `CallerProof.sql`; gives nil when that had no row.
    /// - Throws: `Problem`, `AuthenticationError`, `PostgresError`, and what the body throws.
    func admit<R>(
        _ credentials: Credentials, _ context: FeedRequestContext, _ body: (CallerProof) async throws -> R?
    ) async throws -> R {
        try await authenticator.withCaller(
            of: credentials.credential, database: credentials.database, client: context.client,
            admit: { caller in
                context.caller.note(caller)
                if caller.isRefused {
                    throw Problem(
                        .portalNotAllowed, "Portal users may not ask here.",
                        hint: "The operator allows them by CHANGEFEED_ALLOW_PORTAL_USERS.")
                }
            }, body)
    }
}
