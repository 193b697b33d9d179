internal import HTTPTypes
internal import Hummingbird

/// Which path is answered by whom. `Route` is the one list of them.
struct Routes: Sendable {
    let addresses: ClientAddress
    let cors: CORSMiddleware
    let status: StatusEndpoints
    let events: EventsEndpoint
    let checkUpdates: CheckUpdatesEndpoint
    let cleanup: CleanupEndpoint

    func router() -> Router<FeedRequestContext> {
        let router = Router(context: FeedRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: RequestLogMiddleware(addresses: addresses))
        router.add(middleware: cors)
        router.add(middleware: ProblemMiddleware())
        for route in Route.allCases {
            router.on(RouterPath(route.rawValue), method: route.method) { request, context in
                switch route {
                case .root: await status.root()
                case .health: status.health()
                case .ready: try await status.ready()
                case .openAPI: status.openAPI()
                case .webhookEvents: try await events.list(request, context)
                case .checkUpdates: try await checkUpdates.check(request, context)
                case .cleanup: try await cleanup.clean(request, context)
                }
            }
        }
        return router
    }
}

/// The paths of the service, each with its one method; GET implies HEAD.
enum Route: String, CaseIterable {
    case root = "/"
    case health = "/healthz"
    case ready = "/readyz"
    case openAPI = "/openapi.json"
    case webhookEvents = "/api/v1/webhook/events"
    case checkUpdates = "/api/v1/check-updates"
    case cleanup = "/api/v1/cleanup"

    var method: HTTPRequest.Method {
        switch self {
        case .root, .health, .ready, .openAPI, .webhookEvents, .checkUpdates: .get
        case .cleanup: .delete
        }
    }

    /// What `Allow` says.
    var allowed: String { method == .get ? "GET, HEAD, OPTIONS" : "\(method.rawValue), OPTIONS" }

    init?(path: String) {
        let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        self.init(rawValue: trimmed)
    }
}
