internal import HTTPTypes
internal import Hummingbird

/// Which path is answered by whom. `Route` is the one list of them.
struct Routes: Sendable {
    let status: StatusEndpoints
    let events: EventsEndpoint

    func router() -> Router<FeedRequestContext> {
        let router = Router(context: FeedRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: RequestLogMiddleware())
        router.add(middleware: ProblemMiddleware())
        for route in Route.allCases {
            router.get(RouterPath(route.rawValue)) { request, context in
                switch route {
                case .root: await status.root()
                case .health: status.health()
                case .ready: try await status.ready()
                case .webhookEvents: try await events.list(request, context)
                }
            }
        }
        return router
    }
}

/// The paths of the service. Each answers GET and HEAD.
enum Route: String, CaseIterable {
    case root = "/"
    case health = "/healthz"
    case ready = "/readyz"
    case webhookEvents = "/api/v1/webhook/events"

    static let methods = "GET, HEAD"

    init?(path: String) {
        let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        self.init(rawValue: trimmed)
    }
}
