internal import HTTPTypes
internal import Hummingbird
internal import Logging

/// Maps paths to handlers. `Route` is the only list of them.
struct Routes: Sendable {
    let addresses: ClientAddress
    let logger: Logger
    /// Answers say how long they took.
    let timing: Bool
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
    let webhooks: WebhookEndpoints
    /// Nil where only the admin listener serves it.
    var console: ConsoleEndpoint?

    func router() -> Router<FeedRequestContext> {
        let router = Router(context: FeedRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: RequestLogMiddleware(addresses: addresses, logger: logger, timing: timing))
        router.add(middleware: cors)
        router.add(middleware: ProblemMiddleware(logger: logger))
        for route in Route.allCases {
            for method in route.methods {
                router.on(RouterPath(route.rawValue), method: method) { request, context in
                    try await gzip.encode(answer(route, request, context), for: request)
                }
            }
        }
        console?.add(to: router)
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
        case .endpoints where request.method == .post: try await webhooks.create(request, context)
        case .endpoints: try await webhooks.list(request, context)
        case .endpoint where request.method == .delete: try await webhooks.remove(request, context)
        case .endpoint: try await webhooks.show(request, context)
        case .endpointPause: try await webhooks.pause(request, context)
        case .endpointResume: try await webhooks.resume(request, context)
        case .endpointRotate: try await webhooks.rotate(request, context)
        case .endpointReplay: try await webhooks.replay(request, context)
        case .endpointTest: try await webhooks.test(request, context)
        case .endpointRetry: try await webhooks.retry(request, context)
        case .endpointDrop: try await webhooks.drop(request, context)
        case .endpointAttempts: try await webhooks.attempts(request, context)
        case .endpointWaiting: try await webhooks.waiting(request, context)
        }
    }
}

/// The paths of the service, each with its methods; GET implies HEAD. `{name}` stands for the name of an endpoint.
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
    case endpoints = "/api/v2/endpoints"
    case endpoint = "/api/v2/endpoints/{name}"
    case endpointPause = "/api/v2/endpoints/{name}/pause"
    case endpointResume = "/api/v2/endpoints/{name}/resume"
    case endpointRotate = "/api/v2/endpoints/{name}/rotate"
    case endpointReplay = "/api/v2/endpoints/{name}/replay"
    case endpointTest = "/api/v2/endpoints/{name}/test"
    case endpointRetry = "/api/v2/endpoints/{name}/retry"
    case endpointDrop = "/api/v2/endpoints/{name}/drop"
    case endpointAttempts = "/api/v2/endpoints/{name}/attempts"
    case endpointWaiting = "/api/v2/endpoints/{name}/waiting"

    var methods: [HTTPRequest.Method] {
        switch self {
        case .root, .health, .ready, .openAPI, .webhookEvents, .checkUpdates, .snapshot, .digest, .state, .stream,
            .profile, .appTypes, .endpointAttempts, .endpointWaiting:
            [.get]
        case .devices, .endpoint: [.get, .delete]
        case .cleanup: [.delete]
        case .pull, .endpoints: [.get, .post]
        case .acknowledge, .reset, .endpointPause, .endpointResume, .endpointRotate, .endpointReplay, .endpointTest,
            .endpointRetry, .endpointDrop:
            [.post]
        }
    }

    /// The value of `Allow`.
    var allowed: String {
        (methods.flatMap { $0 == .get ? ["GET", "HEAD"] : [$0.rawValue] } + ["OPTIONS"]).joined(separator: ", ")
    }

    init?(path: String) {
        let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        self.init(rawValue: Self.template(of: trimmed))
    }

    /// The path with `{name}` for the name of an endpoint, so that metrics and logs have one label for all of them.
    private static func template(of path: String) -> String {
        let prefix = Route.endpoints.rawValue + "/"
        guard path.hasPrefix(prefix) else { return path }
        return prefix + "{name}" + String(path.dropFirst(prefix.count).drop { $0 != "/" })
    }
}
