public import ChangeFeed
public import ChangeFeedConsole
internal import ChangeFeedDelivery
internal import Hummingbird
internal import HummingbirdCore
public import Logging
internal import NIOCore
public import Postgres
public import ServiceLifecycle

/// The public HTTP server. On graceful shutdown it stops accepting, says "not ready", and ends when the requests that
/// it has begun are answered.
public struct HTTPServer: Service {
    private let configuration: HTTPConfiguration
    private let routes: Routes
    private let hints: ChangeHints
    private let presences = ClientPresences()
    /// The open streams.
    let streams: StreamBoard
    private let perAddress: ConnectionsPerAddress
    private let handover: ConnectionHandover
    private let logger: Logger
    private let live: LiveConfiguration

    public init(
        configuration: HTTPConfiguration, pool: ConnectionPool, authenticator: Authenticator, feed: any FeedHealth,
        hints: ChangeHints = ChangeHints(), rules: RecordRules? = nil, fields: FieldKnowledge? = nil,
        locks: TableLocks? = nil,
        memory: IdleAnswers? = nil, console: Console? = nil, logger: Logger
    ) {
        self.configuration = configuration
        self.logger = logger
        let live = LiveConfiguration(configuration)
        self.live = live
        let door = FrontDoor(
            authenticator: authenticator, limiter: RateLimiter(pool: pool), locks: locks ?? TableLocks(pool: pool),
            guardian: CrossSiteGuard(live: live),
            gate: SchemaGate(feed: feed, fit: SchemaFit(pool: pool)),
            allowSessionInQuery: configuration.allowSessionInQuery)
        let rules = rules ?? RecordRules(pool: pool)
        let sync = DeviceSync(
            pool: pool, allowPortal: authenticator.configuration.allowPortalUsers,
            maximumDevices: configuration.maximumDevicesPerUser, rules: rules, memory: memory)
        let syncDoor = SyncDoor(
            door: door, live: live, fields: fields, memory: memory)
        self.hints = hints
        let board = StreamBoard(
            timing: configuration.streamTiming, patience: configuration.requestTimeout, hints: hints)
        hints.observe { [weak board] audience, told in board?.publish(told, to: audience) }
        streams = board
        let addresses = ClientAddress(trustedProxies: configuration.trustedProxies)
        perAddress = ConnectionsPerAddress(maximum: configuration.maximumConnectionsPerAddress, addresses: addresses)
        handover = ConnectionHandover(perAddress: perAddress)
        routes = Routes(
            addresses: addresses, logger: logger, timing: configuration.serverTiming,
            gzip: GzipEncoding(isOn: configuration.compression),
            cors: CORSMiddleware(live: live),
            status: StatusEndpoints(version: configuration.version, feed: feed),
            events: EventsEndpoint(
                pool: pool, door: door, live: live, rules: rules),
            checkUpdates: CheckUpdatesEndpoint(
                pool: pool, door: door, live: live, rules: rules),
            cleanup: CleanupEndpoint(
                pool: pool, door: door, live: live, group: configuration.cleanupGroup),
            pull: PullEndpoint(
                sync: sync, door: syncDoor, hints: hints, maximumBodyBytes: configuration.maximumBodyBytes),
            devices: DeviceEndpoints(sync: sync, door: syncDoor, maximumBodyBytes: configuration.maximumBodyBytes),
            lists: ListEndpoints(sync: sync, door: syncDoor),
            stream: StreamEndpoint(
                sync: sync, door: syncDoor, board: board, handover: handover,
                streams: StreamsPerUser(maximum: configuration.maximumStreamsPerUser),
                timing: configuration.streamTiming),
            webhooks: WebhookEndpoints(
                calls: EndpointCalls(
                    pool: pool, sync: sync, allowPortal: authenticator.configuration.allowPortalUsers,
                    policy: EndpointCalls.Policy(
                        group: configuration.endpointGroup, usersMayCreate: configuration.allowUserEndpoints,
                        maximumOwn: configuration.maximumDevicesPerUser),
                    configuration: configuration.delivery),
                door: syncDoor, maximumBodyBytes: configuration.maximumBodyBytes),
            console: console.map {
                ConsoleEndpoint(console: $0, gzip: GzipEncoding(isOn: configuration.compression))
            })
    }

    /// From now on uses the rate limits and the origins of another configuration; the rest needs another server.
    public func adopt(_ configuration: HTTPConfiguration) { live.adopt(configuration) }

    /// Says "not ready" and ends the open streams, evenly spread over a time, while everything else goes on.
    /// - Returns: when none is open, or when the time is over.
    public func drain(over time: Duration) async {
        routes.status.stopBeingReady()
        await streams.drain(over: time)
    }

    /// - Throws: `ChangeFeedError` (`invalidSetting`, `addressUnavailable`) when the address cannot be listened on.
    public func run() async throws {
        do {
            try await withGracefulShutdownHandler {
                try await application.run()
            } onGracefulShutdown: {
                routes.status.stopBeingReady()
                hints.end()
                streams.end()
            }
            await streams.endAll()
        } catch let error as IOError {
            throw ListenFailure.error(
                error, "The service", host: configuration.host, port: configuration.port,
                fix: "Choose another CHANGEFEED_HOST or CHANGEFEED_PORT, or end what listens there.")
        }
    }

    var application: Application<PresentResponder<RouterResponder<FeedRequestContext>>> {
        let limits = RequestLimitHandler.Limits(
            time: TimeAmount(configuration.requestTimeout), answerTime: TimeAmount(configuration.requestTimeout),
            bodyBytes: configuration.maximumBodyBytes,
            targetBytes: configuration.maximumTargetBytes)
        return Application(
            responder: PresentResponder(base: routes.router().buildResponder(), presences: presences),
            server: .http1(
                configuration: HTTP1Channel.Configuration(
                    additionalChannelHandlers: [perAddress.handler, RequestLimitHandler(limits), presences.handler()],
                    idleTimeout: TimeAmount(configuration.idleTimeout),
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: configuration.maximumHeaderBytes,
                        maxHeaderListSize: configuration.maximumHeaderBytes,
                        maxHeaderFieldCount: configuration.maximumHeaderFields))),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), serverName: "changefeed",
                availableConnectionsDelegate: OpenConnections(
                    maximum: configuration.maximumConnections, handover: handover)),
            onServerRunning: { [handover] in handover.accepts(by: $0) },
            logger: logger)
    }
}

/// Accepts connections as long as those of the server and those that were handed over are not too many together.
private struct OpenConnections: AvailableConnectionsDelegate {
    let maximum: Int
    let handover: ConnectionHandover
    private var connections = 0

    init(maximum: Int, handover: ConnectionHandover) {
        self.maximum = maximum
        self.handover = handover
    }

    mutating func connectionOpened() { connections += 1 }

    mutating func connectionClosed() { connections -= 1 }

    func isAcceptingNewConnections() -> Bool { connections + handover.count < maximum }
}
