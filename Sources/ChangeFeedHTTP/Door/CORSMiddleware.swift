internal import HTTPTypes
internal import Hummingbird

/// Cross-origin requests (Fetch standard, 3.2): exactly the origins that the operator configured, with credentials.
/// Other origins get no permission; `null` never does.
struct CORSMiddleware: RouterMiddleware {
    let live: LiveConfiguration

    private static let methods = "GET, POST, DELETE, OPTIONS"
    private static let exposed = "RateLimit, RateLimit-Policy, Retry-After, Server-Timing, traceparent, X-Request-Id"
    /// Seconds for which a browser may cache a preflight; browsers use less.
    private static let maximumAge = "7200"

    /// The configured origins; `null` and `*` never match.
    static func named(_ origins: [String]) -> Set<String> { Set(origins).subtracting(["null", "*"]) }

    func handle(
        _ request: Request, context: FeedRequestContext,
        next: (Request, FeedRequestContext) async throws -> Response
    ) async throws -> Response {
        // The console's answers are for its own page alone.
        if ConsoleEndpoint.owns(request.uri.path) { return try await next(request, context) }
        let origin = request.headers[.origin].flatMap { live.origins.contains($0) ? $0 : nil }
        var response: Response
        var vary = "Origin"
        if request.method == .options, let route = Route(path: request.uri.path) {
            response = Response(status: .noContent, headers: [.allow: route.allowed])
            if origin != nil, request.headers[.accessControlRequestMethod] != nil {
                response.headers[.accessControlAllowMethods] = Self.methods
                response.headers[.accessControlAllowHeaders] = PreflightHeaders.allowed(
                    asked: request.headers[.accessControlRequestHeaders])
                response.headers[.accessControlMaxAge] = Self.maximumAge
                vary += ", Access-Control-Request-Headers"
            }
        } else {
            response = try await next(request, context)
        }
        if let origin {
            response.headers[.accessControlAllowOrigin] = origin
            response.headers[.accessControlAllowCredentials] = "true"
            response.headers[.accessControlExposeHeaders] = Self.exposed
        }
        response.headers.append(HTTPField(name: .vary, value: vary))
        return response
    }
}

/// `Access-Control-Allow-Headers` for a page of an allowed origin: the header fields that this service reads, and those
/// that the page's libraries add (tracing, caching), as requested. The service does not read them, so they do no harm.
enum PreflightHeaders {
    private static let maximumNames = 64
    private static let maximumBytes = 2_048

    /// - Parameter asked: `Access-Control-Request-Headers` (Fetch standard, 3.2.2).
    static func allowed(asked: String?) -> String {
        let own = ClientHeader.allCases.map(\.rawValue)
        return (own + further(asked ?? "", than: own)).joined(separator: ", ")
    }

    /// Valid field names (RFC 9110 5.1), each once; none if there are implausibly many, because without any one
    /// of them a browser sends nothing anyway.
    private static func further(_ asked: String, than own: [String]) -> [String] {
        guard asked.utf8.count <= maximumBytes else { return [] }
        var seen = Set(own.map { $0.lowercased() })
        let names = asked.split(separator: ",").map(\.trimmingSpaces).compactMap { name in
            HTTPField.Name(String(name)) == nil ? nil : String(name).lowercased()
        }.filter { seen.insert($0).inserted }
        return names.count <= maximumNames ? names : []
    }
}
