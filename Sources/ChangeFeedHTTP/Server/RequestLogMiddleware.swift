internal import ChangeFeedConsole
internal import ChangeFeedMetrics
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import Postgres

/// Outermost: gives each request its id, each answer the common headers, and each pair one line in the log.
/// The line contains the route, never the path as sent, the query or a header but the ids of request and trace.
struct RequestLogMiddleware: RouterMiddleware {
    let addresses: ClientAddress
    /// The service's own: a request's of the HTTP library has a second id.
    let logger: Logger
    /// Answers say how long they took.
    let timing: Bool

    func handle(
        _ request: Request, context: FeedRequestContext,
        next: (Request, FeedRequestContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var context = context
        context.requestID = RequestIdentifier.accept(request.headers[client: .requestID])
        context.client = addresses.client(
            peer: context.peer, forwardedFor: request.headers[values: .xForwardedFor])
        context.trace = TraceContext(request.headers[client: .traceParent])
        let clock = timing ? StatementClock() : nil
        let known = context
        var response = try await StatementClock.$current.withValue(clock) { try await next(request, known) }
        response.headers[ClientHeader.requestID.name] = context.requestID
        response.headers[.xContentTypeOptions] = "nosniff"
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        if let rate = context.caller.rate { RateLimitFields.add(rate, to: &response.headers) }
        for cookie in context.caller.cookies { response.headers.append(HTTPField(name: .setCookie, value: cookie)) }
        if let trace = context.trace { response.headers[ClientHeader.traceParent.name] = trace.answer }
        let duration = ContinuousClock.now - start
        if let clock { response.headers[.serverTiming] = Self.timing(clock, duration) }
        let path = request.uri.path
        let route = Route(path: path)
        let name = route?.rawValue ?? (ConsoleEndpoint.owns(path) ? Console.path : "none")
        FeedMetrics.request(
            route: name, method: Self.known(request.method), status: response.status.code, duration: duration)
        log(request, context, name, Self.level(route, response.status), response.status, duration)
        // Including errors, whose bodies the router does not know (RFC 9110 9.3.2).
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func log(
        _ request: Request, _ context: FeedRequestContext, _ route: String, _ level: Logger.Level,
        _ status: HTTPResponse.Status, _ duration: Duration
    ) {
        var metadata: Logger.Metadata = [
            "method": .string(Self.known(request.method)),
            "route": .string(route),
            "status": .stringConvertible(status.code),
            "duration_ms": .stringConvertible(Self.milliseconds(duration)),
            "user_id": .string(context.caller.userID.map(String.init) ?? "none"),
            "request_id": .string(context.requestID),
        ]
        if let trace = context.trace {
            metadata["trace_id"] = .string(trace.traceID)
            metadata["span_id"] = .string(trace.spanID)
        }
        logger.log(level: level, "request", metadata: metadata)
    }

    /// Probes come every few seconds, and why the service is not ready has lines of its own.
    private static func level(_ route: Route?, _ status: HTTPResponse.Status) -> Logger.Level {
        if route == .health || route == .ready, status.code != 500 { return .debug }
        return status.code >= 500 ? .warning : .info
    }

    /// `db;dur=1.2, total;dur=3.4`, in milliseconds (W3C Server Timing).
    private static func timing(_ clock: StatementClock, _ total: Duration) -> String {
        "db;dur=\(milliseconds(clock.time)), total;dur=\(milliseconds(total))"
    }

    /// The client can send any word as a method.
    private static func known(_ method: HTTPRequest.Method) -> String {
        switch method {
        case .get, .head, .post, .put, .patch, .delete, .options: method.rawValue
        default: "other"
        }
    }

    private static func milliseconds(_ duration: Duration) -> Double {
        let tenths = duration / .microseconds(100)
        return tenths.rounded() / 10
    }
}
