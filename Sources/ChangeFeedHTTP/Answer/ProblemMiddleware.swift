internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import Postgres

/// Turns whatever a handler throws into a problem, and writes the cause of a 5xx to the log.
struct ProblemMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: FeedRequestContext,
        next: (Request, FeedRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            if Task.isCancelled, context.presence?.isGone == true {
                return Response(status: Self.clientGone)
            }
            let problem = Problem(error, path: request.uri.path)
            if problem.code.status.code >= 500, !(error is Problem) {
                context.logger.warning(
                    "request failed",
                    metadata: [
                        "code": .string(problem.code.rawValue), "cause": .string(Self.cause(error)),
                        "request_id": .string(context.requestID),
                    ])
            }
            return problem.response(requestID: context.requestID)
        }
    }

    /// As nginx counts it. Nobody is there to see it; the log and metrics are to tell it from a fault.
    private static let clientGone = HTTPResponse.Status(code: 499, reasonPhrase: "Client Closed Request")

    /// The server's message may quote what a client sent (22P02 and the like): the state and the statement must do.
    private static func cause(_ error: any Error) -> String {
        guard let error = error as? PostgresError else { return "\(type(of: error)): \(error)" }
        guard error.code == .server else { return error.description }
        return "SQLSTATE \(error.sqlState ?? "none") in statement \(error.statement ?? "unnamed")"
    }
}
