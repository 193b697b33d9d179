import ChangeFeed
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A receiver of webhooks in this process that accepts everything and counts.
final class BenchReceiver: Sendable {
    private struct State {
        var count = 0
        var last = ContinuousClock.now
    }

    private let state: Counter
    private let channel: any Channel

    private final class Counter: Sendable {
        let state = Mutex(State())
        let bell = WakeUp()

        func note() {
            state.withLock { state in
                state.count += 1
                state.last = .now
            }
            bell.ring()
        }
    }

    init() async throws {
        let counter = Counter()
        state = counter
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(counter))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    var url: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)/" }
    var count: Int { state.state.withLock { $0.count } }

    /// Waits for a message beyond this many; returns when the last one arrived.
    func wait(beyond count: Int, atMost limit: Duration) async -> ContinuousClock.Instant? {
        let deadline = ContinuousClock.now + limit
        while self.count <= count {
            guard await state.bell.wait(atMost: deadline - .now) == .rung else { break }
        }
        return state.state.withLock { $0.count > count ? $0.last : nil }
    }

    func stop() async { try? await channel.close() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let counter: Counter

        init(_ counter: Counter) { self.counter = counter }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard case .end = unwrapInboundIn(data) else { return }
            counter.note()
            context.write(
                wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .noContent))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
