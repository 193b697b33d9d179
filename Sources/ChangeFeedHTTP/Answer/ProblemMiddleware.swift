internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import Postgres

/// Turns every error of a handler into a problem, and logs the cause of a 5xx.
struct ProblemMiddleware: RouterMiddleware {
    let logger: Logger

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
                logger.warning(
                    "request failed",
                    metadata: [
                        "code": .string(problem.code.rawValue), "cause": .string(Self.cause(error)),
                        "request_id": .string(context.requestID),
                    ])
            }
            return problem.response(requestID: context.requestID)
        }
    }

    /// As nginx counts it. No client sees it; it distinguishes the case from a fault in the log and in metrics.
    private static let clientGone = HTTPResponse.Status(code: 499, reasonPhrase: "Client Closed Request")

    /// The server's message may quote a client's input (22P02 and others): log only the state and the statement.
    private static func cause(_ error: any Error) -> String {
        guard let error = error as? PostgresError else { return "\(type(of: error)): \(error)" }
        guard error.code == .server else { return error.description }
        return "SQLSTATE \(error.sqlState ?? "none") in statement \(error.statement ?? "unnamed")"
    }
}
