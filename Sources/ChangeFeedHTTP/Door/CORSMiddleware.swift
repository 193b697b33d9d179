internal import HTTPTypes
internal import Hummingbird

/// Cross-origin requests (Fetch standard, 3.2): exactly the origins that the operator named, with credentials. No other
/// origin is told anything, whatever it asks; `null` never is.
struct CORSMiddleware: RouterMiddleware {
    let origins: Set<String>

    private static let methods = "GET, POST, DELETE, OPTIONS"
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

/// What `Access-Control-Allow-Headers` tells a page that may ask here: the header fields that this service reads, and those
/// that the page's libraries add (tracing, caching), as the page asked for them. They are not read, so they do no harm.
enum PreflightHeaders {
    private static let maximumNames = 64
    private static let maximumBytes = 2_048

    /// - Parameter asked: `Access-Control-Request-Headers` (Fetch standard, 3.2.2).
    static func allowed(asked: String?) -> String {
        let own = ClientHeader.allCases.map(\.rawValue)
        return (own + further(asked ?? "", than: own)).joined(separator: ", ")
    }

    /// Names that are field names (RFC 9110 5.1), each once; none when there are more than anybody needs, since without one
    /// of them a browser sends nothing anyhow.
    private static func further(_ asked: String, than own: [String]) -> [String] {
        guard asked.utf8.count <= maximumBytes else { return [] }
        var seen = Set(own.map { $0.lowercased() })
        let names = asked.split(separator: ",").map(\.trimmingSpaces).compactMap { name in
            HTTPField.Name(String(name)) == nil ? nil : String(name).lowercased()
        }.filter { seen.insert($0).inserted }
        return names.count <= maximumNames ? names : []
    }
}
