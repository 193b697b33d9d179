internal import HTTPTypes
internal import Hummingbird

/// Maps paths to handlers. `Route` is the only list of them.
struct Routes: Sendable {
    let addresses: ClientAddress
    let gzip: GzipEncoding
    let cors: CORSMiddleware
    let status: StatusEndpoints
    let events: EventsEndpoint
    let checkUpdates: CheckUpdatesEndpoint
    let cleanup: CleanupEndpoint
    let pull: PullEndpoint
    let devices: DeviceEndpoints
    let lists: ListEndpoints
    let stream: StreamEndpoint

    func router() -> Router<FeedRequestContext> {
        let router = Router(context: FeedRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: RequestLogMiddleware(addresses: addresses))
        router.add(middleware: cors)
        router.add(middleware: ProblemMiddleware())
        for route in Route.allCases {
            for method in route.methods {
                router.on(RouterPath(route.rawValue), method: method) { request, context in
                    try await gzip.encode(answer(route, request, context), for: request)
                }
            }
        }
        return router
    }

    private func answer(_ route: Route, _ request: Request, _ context: FeedRequestContext) async throws -> Response {
        switch route {
        case .root: await status.root()
        case .health: status.health()
        case .ready: try await status.ready()
        case .openAPI: status.openAPI()
        case .webhookEvents: try await events.list(request, context)
        case .checkUpdates: try await checkUpdates.check(request, context)
        case .cleanup: try await cleanup.clean(request, context)
        case .pull where request.method == .post: try await pull.olderPull(request, context)
        case .pull: try await pull.pull(request, context)
        case .acknowledge: try await devices.acknowledge(request, context)
        case .state: try await devices.state(request, context)
        case .reset: try await devices.reset(request, context)
        case .snapshot: try await lists.snapshot(request, context)
        case .digest: try await lists.digest(request, context)
        case .stream: try await stream.stream(request, context)
        case .devices where request.method == .delete: try await devices.forget(request, context)
        case .devices: try await devices.list(request, context)
        case .profile: try await devices.profile(request, context)
        case .appTypes: try await devices.appTypes(request, context)
        }
    }
}

/// The paths of the service, each with its methods; GET implies HEAD.
enum Route: String, CaseIterable {
    case root = "/"
    case health = "/healthz"
    case ready = "/readyz"
    case openAPI = "/openapi.json"
    case webhookEvents = "/api/v1/webhook/events"
    case checkUpdates = "/api/v1/check-updates"
    case cleanup = "/api/v1/cleanup"
    case pull = "/api/v2/sync/pull"
    case acknowledge = "/api/v2/sync/acknowledge"
    case snapshot = "/api/v2/sync/snapshot"
    case digest = "/api/v2/sync/digest"
    case state = "/api/v2/sync/state"
    case reset = "/api/v2/sync/reset"
    case stream = "/api/v2/sync/stream"
    case devices = "/api/v2/devices"
    case profile = "/api/v2/me"
    case appTypes = "/api/v2/app-types"

    var methods: [HTTPRequest.Method] {
        switch self {
        case .root, .health, .ready, .openAPI, .webhookEvents, .checkUpdates, .snapshot, .digest, .state, .stream,
            .profile,
            .appTypes:
            [.get]
        case .devices: [.get, .delete]
        case .cleanup: [.delete]
        case .pull: [.get, .post]
        case .acknowledge, .reset: [.post]
        }
    }

    /// The value of `Allow`.
    var allowed: String {
        (methods.flatMap { $0 == .get ? ["GET", "HEAD"] : [$0.rawValue] } + ["OPTIONS"]).joined(separator: ", ")
    }

    init?(path: String) {
        let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        self.init(rawValue: trimmed)
    }
}
