internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// Simulates a bad network between a client and a server: silence, resets, delays, loss in one direction. Existing and
/// new connections can be treated differently, as with a fail-over behind a load balancer that keeps its clients'
/// connections open.
public final class TCPProxy: Sendable {
    public enum Direction: Sendable, Hashable, CaseIterable { case toServer, toClient }

    /// How a connection is treated.
    public struct Weather: Sendable {
        /// Data sent in these directions vanishes, and so does the end of the connection.
        public var loses: Set<Direction> = []
        /// Each piece is delayed by this time.
        public var delay: Duration = .zero
        /// Notifications vanish, as behind a pooler that lends another session: set before a connection begins.
        public var isDeaf = false

        public init(loses: Set<Direction> = [], delay: Duration = .zero, isDeaf: Bool = false) {
            self.loses = loses
            self.delay = delay
            self.isDeaf = isDeaf
        }

        public static let fine = Weather()
        public static let deaf = Weather(isDeaf: true)
        public static let blackHole = Weather(loses: Set(Direction.allCases))
    }

    /// The destination of connections.
    public enum Target: Sendable {
        case unixSocket(String)
        case host(String, port: Int)
    }

    private struct State {
        var links: [ObjectIdentifier: Link] = [:]
        var weather = Weather.fine
        var refuses = false
    }

    private let target: Target
    private let state = Mutex(State())
    private let listener = Mutex<(any Channel)?>(nil)
    /// All of one proxy runs on one thread, so that pieces keep their order.
    private let loop: any EventLoop

    /// Listens on a free port of 127.0.0.1.
    public init(to target: Target) async throws {
        self.target = target
        loop = MultiThreadedEventLoopGroup.singleton.next()
        let channel = try await ServerBootstrap(group: loop)
            .childChannelInitializer { [weak self] client in
                guard let self else { return client.close() }
                return self.accept(client)
            }
            .bind(host: "127.0.0.1", port: 0).get()
        listener.withLock { $0 = channel }
    }

    public var port: Int { listener.withLock { $0?.localAddress?.port } ?? 0 }

    /// A connection string through it.
    public func conninfo(_ database: TestDatabase, user: String = "postgres") -> String {
        "host=127.0.0.1 port=\(port) user=\(user) dbname=\(database.name) sslmode=disable gssencmode=disable"
    }

    /// Connections that are open.
    public var count: Int { state.withLock { $0.links.count } }

    /// Treats existing connections like this from now on, and new ones as `future` says.
    public func become(_ weather: Weather, future: Weather? = nil) {
        let links = state.withLock { state in
            if let future { state.weather = future }
            return Array(state.links.values)
        }
        for link in links { link.weather.withLock { $0 = weather } }
    }

    /// Existing connections become silent and stay open; new ones work.
    public func blackHole() { become(.blackHole, future: .fine) }

    /// Rejects new connections immediately, or no longer.
    public func refuse(_ refuses: Bool) { state.withLock { $0.refuses = refuses } }

    /// Ends existing connections with RST, on both sides.
    public func reset() {
        for link in state.withLock({ Array($0.links.values) }) { link.reset() }
    }

    /// Ends everything.
    public func stop() async {
        try? await listener.withLock { $0.take() }?.close()
        reset()
    }

    private func accept(_ client: any Channel) -> EventLoopFuture<Void> {
        let (weather, refuses) = state.withLock { ($0.weather, $0.refuses) }
        if refuses { return TCPProxy.reset(client) }
        let bootstrap = ClientBootstrap(group: loop).channelOption(ChannelOptions.autoRead, value: false)
        let connected =
            switch target {
            case .unixSocket(let path): bootstrap.connect(unixDomainSocketPath: path)
            case .host(let host, let port): bootstrap.connect(host: host, port: port)
            }
        return connected.flatMapThrowing { [weak self] server in
            let link = Link(client, server, weather)
            self?.state.withLock { $0.links[ObjectIdentifier(link)] = link }
            try client.pipeline.syncOperations.addHandler(Pipe(link, .toServer))
            try server.pipeline.syncOperations.addHandler(Pipe(link, .toClient))
            EventLoopFuture.andAllComplete([client.closeFuture, server.closeFuture], on: client.eventLoop).whenComplete
            { [weak self] _ in
                _ = self?.state.withLock { $0.links.removeValue(forKey: ObjectIdentifier(link)) }
            }
            // The client's side is registered afterwards.
            server.setOption(ChannelOptions.autoRead, value: true).whenFailure { _ in server.close(promise: nil) }
        }.flatMapError { _ in TCPProxy.reset(client) }
    }

    private static func reset(_ channel: any Channel) -> EventLoopFuture<Void> {
        // A unix socket has no RST: it is closed.
        let prepared =
            (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
            ?? channel.eventLoop.makeSucceededVoidFuture()
        return prepared.flatMapError { _ in channel.eventLoop.makeSucceededVoidFuture() }.flatMap { channel.close() }
            .flatMapError { _ in
                channel.eventLoop.makeSucceededVoidFuture()
            }
    }

    /// One connection: the client's side and the server's.
    private final class Link: Sendable {
        let weather: Mutex<Weather>
        private let client: any Channel
        private let server: any Channel

        init(_ client: any Channel, _ server: any Channel, _ weather: Weather) {
            self.client = client
            self.server = server
            self.weather = Mutex(weather)
        }

        private func end(_ direction: Direction) -> any Channel { direction == .toServer ? server : client }

        func carry(_ piece: ByteBuffer, _ direction: Direction) {
            later(direction) { $0.writeAndFlush(piece, promise: nil) }
        }

        func close(_ direction: Direction) {
            later(direction) { $0.close(promise: nil) }
        }

        private func later(_ direction: Direction, _ body: @escaping @Sendable (any Channel) -> Void) {
            let weather = weather.withLock { $0 }
            guard !weather.loses.contains(direction) else { return }
            let channel = end(direction)
            guard weather.delay > .zero else { return body(channel) }
            channel.eventLoop.scheduleTask(in: TimeAmount(weather.delay)) { body(channel) }
        }

        func reset() {
            for channel in [client, server] { _ = channel.eventLoop.flatSubmit { TCPProxy.reset(channel) } }
        }
    }

    private final class Pipe: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let link: Link
        private let direction: Direction
        /// The beginning of a message of the server; nil where messages are not read.
        private var partial: ByteBuffer?

        init(_ link: Link, _ direction: Direction) {
            self.link = link
            self.direction = direction
            partial = direction == .toClient && link.weather.withLock { $0.isDeaf } ? ByteBuffer() : nil
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let piece = unwrapInboundIn(data)
            guard let kept = partial.map({ withoutNotifications($0, piece) }) else {
                return link.carry(piece, direction)
            }
            if kept.readableBytes > 0 { link.carry(kept, direction) }
        }

        /// The whole messages that are there, but no NotificationResponse. A message: its type, one byte, and four with
        /// the length of the rest.
        private func withoutNotifications(_ former: ByteBuffer, _ piece: ByteBuffer) -> ByteBuffer {
            var all = former
            all.writeImmutableBuffer(piece)
            var kept = ByteBuffer()
            while let type: UInt8 = all.getInteger(at: all.readerIndex),
                let length: Int32 = all.getInteger(at: all.readerIndex + 1),
                let message = all.readSlice(length: Int(length) + 1)
            {
                if type != UInt8(ascii: "A") { kept.writeImmutableBuffer(message) }
            }
            partial = all.slice()
            return kept
        }

        func channelInactive(context: ChannelHandlerContext) {
            link.close(direction)
            context.fireChannelInactive()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}

extension PrivateCluster {
    /// A bad network before this cluster.
    public nonisolated func proxy() async throws -> TCPProxy {
        try await TCPProxy(to: .unixSocket(directory + "/.s.PGSQL.5432"))
    }
}
