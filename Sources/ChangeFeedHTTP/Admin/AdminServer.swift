public import ChangeFeed
public import ChangeFeedConsole
public import ChangeFeedMetrics
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
public import Logging
internal import NIOCore
public import ServiceLifecycle

/// The operators' listener: `/live`, `/ready`, `/metrics`, which require no key, so it belongs on loopback or on a
/// private network; and the console, which requires a sign-in here as elsewhere.
public struct AdminServer: Service {
    private let host: String
    private let port: Int
    private let idleTimeout: Duration
    private let status: StatusEndpoints
    private let metrics: MetricsScrape
    private let console: Console?
    private let logger: Logger

    /// - Parameters:
    ///   - host: address or name to listen on.
    ///   - port: TCP port.
    ///   - idleTimeout: how long a connection without a request stays open (default 90 s); longer than the scrape
    ///     interval.
    ///   - console: Served below `/console`.
    public init(
        host: String, port: Int, idleTimeout: Duration = .seconds(90), feed: any FeedHealth, metrics: MetricsScrape,
        console: Console? = nil, logger: Logger
    ) {
        self.host = host
        self.port = port
        self.idleTimeout = idleTimeout
        self.metrics = metrics
        self.console = console
        self.logger = logger
        status = StatusEndpoints(version: "", feed: feed, isPublic: false)
    }

    /// From now on `/ready` answers 503.
    public func stopBeingReady() { status.stopBeingReady() }

    /// - Throws: `ChangeFeedError` (`invalidSetting`, `addressUnavailable`) when it cannot listen on the address.
    public func run() async throws {
        do {
            try await withGracefulShutdownHandler {
                try await application.run()
            } onGracefulShutdown: {
                status.stopBeingReady()
            }
        } catch let error as IOError {
            throw ListenFailure.error(
                error, "The admin listener", host: host, port: port,
                fix:
                    "Choose another CHANGEFEED_ADMIN_HOST or CHANGEFEED_ADMIN_PORT, or turn it off with CHANGEFEED_ADMIN_PORT=0."
            )
        }
    }

    var application: Application<RouterResponder<FeedRequestContext>> {
        let router = Router(context: FeedRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: AdminProblemMiddleware())
        router.get("/live") { _, _ in status.health() }
        router.get("/ready") { _, _ in try await status.ready() }
        router.get("/metrics") { _, _ in
            Response(
                status: .ok, headers: [.contentType: MetricsScrape.contentType],
                body: ResponseBody(byteBuffer: ByteBuffer(string: await metrics.text())))
        }
        if let console { ConsoleEndpoint(console: console).add(to: router) }
        return Application(
            router: router,
            server: .http1(configuration: HTTP1Channel.Configuration(idleTimeout: TimeAmount(idleTimeout))),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), serverName: "changefeed",
                availableConnectionsDelegate: MaximumAvailableConnections(64, logger: logger)),
            logger: logger)
    }
}

/// problem+json for every error.
private struct AdminProblemMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: FeedRequestContext,
        next: (Request, FeedRequestContext) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            response = problem(error).response(requestID: RequestIdentifier.accept(request.headers[client: .requestID]))
        }
        response.headers[.xContentTypeOptions] = "nosniff"
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func problem(_ error: any Error) -> Problem {
        switch error {
        case let problem as Problem: problem
        case let error as HTTPError where error.status == .notFound:
            Problem(
                .notFound, "There is nothing at this path.", hint: "There are /live, /ready, /metrics and /console.")
        default: Problem(error, path: "/")
        }
    }
}
