internal import HTTPTypes
internal import Hummingbird

/// Cross-origin requests (Fetch standard, 3.2): exactly the origins that the operator named, with credentials. No other
/// origin is told anything, whatever it asks; `null` never is.
struct CORSMiddleware: RouterMiddleware {
    let origins: Set<String>

    private static let methods = "GET, POST, DELETE, OPTIONS"
    private static let requestHeaders =
        "Authorization, Content-Type, session_id, session-id, X-Session-Id, X-Request-Id, X-Odoo-Database, Last-Event-ID"
    private static let exposed = "RateLimit, RateLimit-Policy, Retry-After, X-Request-Id"
    /// Seconds that a browser may remember a preflight; browsers take less.
    private static let maximumAge = "7200"

    /// The origins of a configuration; `null` and `*` never stand for anybody.
    static func named(_ origins: [String]) -> Set<String> { Set(origins).subtracting(["null", "*"]) }

    func handle(
        _ request: Request, context: FeedRequestContext,
        next: (Request, FeedRequestContext) async throws -> Response
    ) async throws -> Response {
        let origin = request.headers[.origin].flatMap { origins.contains($0) ? $0 : nil }
        var response: Response
        if request.method == .options, let route = Route(path: request.uri.path) {
            response = Response(status: .noContent, headers: [.allow: route.allowed])
            if origin != nil, request.headers[.accessControlRequestMethod] != nil {
                response.headers[.accessControlAllowMethods] = Self.methods
                response.headers[.accessControlAllowHeaders] = Self.requestHeaders
                response.headers[.accessControlMaxAge] = Self.maximumAge
            }
        } else {
            response = try await next(request, context)
        }
        if let origin {
            response.headers[.accessControlAllowOrigin] = origin
            response.headers[.accessControlAllowCredentials] = "true"
            response.headers[.accessControlExposeHeaders] = Self.exposed
        }
        response.headers.append(HTTPField(name: .vary, value: "Origin"))
        return response
    }
}
