public import ChangeFeed
public import ChangeFeedMetrics
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
public import Logging
internal import NIOCore
public import ServiceLifecycle

/// The operators' listener: `/live`, `/ready`, `/metrics`. It requires no key, so it belongs on
/// loopback or on a private network.
public struct AdminServer: Service {
    private let host: String
    private let port: Int
    private let idleTimeout: Duration
    private let status: StatusEndpoints
    private let metrics: MetricsScrape
    private let logger: Logger

    /// - Parameters:
    ///   - host: address or name to listen on.
    ///   - port: TCP port.
    ///   - idleTimeout: how long a connection without a request stays open (default 90 s); longer than the scrape
    ///     interval.
    public init(
        host: String, port: Int, idleTimeout: Duration = .seconds(90), feed: any FeedHealth, metrics: MetricsScrape,
        logger: Logger
    ) {
        self.host = host
        self.port = port
        self.idleTimeout = idleTimeout
        self.metrics = metrics
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

    var application: Application<RouterResponder<BasicRequestContext>> {
        let router = Router(context: BasicRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: AdminProblemMiddleware())
        router.get("/live") { _, _ in status.health() }
        router.get("/ready") { _, _ in try await status.ready() }
        router.get("/metrics") { _, _ in
            Response(
                status: .ok, headers: [.contentType: MetricsScrape.contentType],
                body: ResponseBody(byteBuffer: ByteBuffer(string: await metrics.text())))
        }
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
        _ request: Request, context: BasicRequestContext,
        next: (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            response = problem(error).response(requestID: RequestIdentifier.accept(request.headers[client: .requestID]))
        }
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.cacheControl] = "no-store"
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func problem(_ error: any Error) -> Problem {
        switch error {
        case let problem as Problem: problem
        case let error as HTTPError where error.status == .notFound:
            Problem(.notFound, "There is nothing at this path.", hint: "There are /live, /ready and /metrics.")
        default: Problem(error, path: "/")
        }
    }
}
