import ChangeFeed
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A receiver of webhooks in this process that counts what it accepts: everything, unless it is told to refuse.
final class BenchReceiver: Sendable {
    private struct State {
        var count = 0
        var last = ContinuousClock.now
        /// Bodies are read.
        var collects = false
        /// Records of which a message told.
        var records: Set<Int64> = []
        var refuses = false
        var refused = 0
    }

    private let state: Counter
    private let channel: any Channel

    private final class Counter: Sendable {
        let state = Mutex(State())
        let bell = WakeUp()

        var collects: Bool { state.withLock { $0.collects } }

        /// - Returns: whether the message is accepted.
        func note(_ record: Int64?) -> Bool {
            let accepts = state.withLock { state in
                guard !state.refuses else {
                    state.refused += 1
                    return false
                }
                state.count += 1
                if let record { state.records.insert(record) }
                state.last = .now
                return true
            }
            if accepts { bell.ring() }
            return accepts
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
    /// Whether the records of messages are noted: it takes longer than receiving them.
    func collects(_ collects: Bool) { state.state.withLock { $0.collects = collects } }

    /// How many messages were refused.
    var refused: Int { state.state.withLock { $0.refused } }
    func refuse(_ refuses: Bool) { state.state.withLock { $0.refuses = refuses } }
    func forget() { state.state.withLock { $0.records = [] } }
    var records: [Int64] { state.state.withLock { $0.records.sorted() } }

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
        private var body = ""
        private var collects = false

        init(_ counter: Counter) { self.counter = counter }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head: return (body, collects) = ("", counter.collects)
            case .body(let part):
                if collects { body += String(buffer: part) }
                return
            case .end: break
            }
            let record =
                collects
                ? body.range(of: "\"record_id\":").flatMap { Int64(body[$0.upperBound...].prefix { $0.isNumber }) }
                : nil
            let status: HTTPResponseStatus = counter.note(record) ? .noContent : .serviceUnavailable
            var head = HTTPResponseHead(version: .http1_1, status: status)
            if status == .serviceUnavailable { head.headers.add(name: "content-length", value: "0") }
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
