internal import ChangeFeedConsole
internal import ChangeFeedMetrics
internal import HTTPTypes
internal import Hummingbird
internal import Logging

/// Outermost: gives each request its id, each answer the common headers, and each pair one line in the log.
/// The line contains the route, never the path as sent, the query or a header.
struct RequestLogMiddleware: RouterMiddleware {
    let addresses: ClientAddress

    func handle(
        _ request: Request, context: FeedRequestContext,
        next: (Request, FeedRequestContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var context = context
        context.requestID = RequestIdentifier.accept(request.headers[client: .requestID])
        context.client = addresses.client(
            peer: context.peer, forwardedFor: request.headers[values: .xForwardedFor])
        var response = try await next(request, context)
        response.headers[ClientHeader.requestID.name] = context.requestID
        response.headers[.xContentTypeOptions] = "nosniff"
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        if let rate = context.caller.rate { RateLimitFields.add(rate, to: &response.headers) }
        for cookie in context.caller.cookies { response.headers.append(HTTPField(name: .setCookie, value: cookie)) }
        let duration = ContinuousClock.now - start
        let path = request.uri.path
        let route = Route(path: path)?.rawValue ?? (ConsoleEndpoint.owns(path) ? Console.path : "none")
        FeedMetrics.request(
            route: route, method: Self.known(request.method), status: response.status.code, duration: duration)
        let level: Logger.Level = response.status.code >= 500 ? .warning : .info
        context.logger.log(
            level: level, "request",
            metadata: [
                "method": .string(Self.known(request.method)),
                "route": .string(route),
                "status": .stringConvertible(response.status.code),
                "duration_ms": .string(Self.milliseconds(duration)),
                "user_id": .string(context.caller.userID.map(String.init) ?? "none"),
                "request_id": .string(context.requestID),
            ])
        // Including errors, whose bodies the router does not know (RFC 9110 9.3.2).
        return request.method == .head ? response.createHeadResponse() : response
    }

    /// The client can send any word as a method.
    private static func known(_ method: HTTPRequest.Method) -> String {
        switch method {
        case .get, .head, .post, .put, .patch, .delete, .options: method.rawValue
        default: "other"
        }
    }

    private static func milliseconds(_ duration: Duration) -> String {
        let tenths = duration / .microseconds(100)
        return String((tenths.rounded()) / 10)
    }
}
