internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization

/// A receiver of webhooks on this machine that does what a test wants.
public final class WebhookReceiver: Sendable {
    /// A message as it arrived.
    public struct Message: Sendable {
        public let headers: [String: String]
        public let body: String
        public let path: String
    }

    /// What the receiver does with a message.
    public enum Reply: Sendable {
        case status(Int, headers: [String: String] = [:], body: String = "")
        /// Answers when `release` says how.
        case held
        /// Never answers.
        case hangs
        /// Ends the connection without an answer.
        case resets
        /// Answers with something that is not HTTP.
        case garbage
        /// Sends a body that does not end.
        case endless
    }

    private struct State {
        var messages: [Message] = []
        var connections = 0
        var reply: @Sendable (Message) -> Reply = { _ in .status(204) }
        var held: [@Sendable (Int) -> Void] = []
    }

    private let state = Mutex(State())
    private let channel: any Channel

    public init(host: String = "127.0.0.1") async throws {
        let receiver = Weak()
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    receiver.connected()
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: false)
                    try channel.pipeline.syncOperations.addHandler(Handler(receiver))
                }
            }
            .bind(host: host, port: 0).get()
        receiver.set(self)
    }

    public var port: Int { channel.localAddress?.port ?? 0 }
    public var url: String { "http://127.0.0.1:\(port)/hook" }
    /// What arrived so far, in order.
    public var messages: [Message] { state.withLock { $0.messages } }
    /// How many connections were opened.
    public var connections: Int { state.withLock { $0.connections } }

    /// What to do with messages from now on.
    public func reply(_ reply: @escaping @Sendable (Message) -> Reply) { state.withLock { $0.reply = reply } }
    public func forget() { state.withLock { $0.messages = [] } }
    /// Answers the messages that are held.
    public func release(_ status: Int = 204) {
        let held = state.withLock { state in
            defer { state.held = [] }
            return state.held
        }
        for answer in held { answer(status) }
    }

    public func stop() async { try? await channel.close() }

    private func receive(_ message: Message) -> Reply {
        let reply = state.withLock { state in
            state.messages.append(message)
            return state.reply
        }
        return reply(message)
    }

    private final class Weak: Sendable {
        private let receiver = Mutex<WebhookReceiver?>(nil)
        func set(_ value: WebhookReceiver) { receiver.withLock { $0 = value } }
        func connected() { receiver.withLock { $0 }?.state.withLock { $0.connections += 1 } }
        func hold(_ answer: @escaping @Sendable (Int) -> Void) {
            receiver.withLock { $0 }?.state.withLock { $0.held.append(answer) }
        }
        func receive(_ message: Message) -> Reply { receiver.withLock { $0 }?.receive(message) ?? .resets }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let receiver: Weak
        private var head: HTTPRequestHead?
        private var body = ""

        init(_ receiver: Weak) { self.receiver = receiver }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                body = ""
            case .body(let buffer): body += String(buffer: buffer)
            case .end: respond(context)
            }
        }

        private func respond(_ context: ChannelHandlerContext) {
            guard let head else { return context.close(promise: nil) }
            let headers = Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { $1 })
            switch receiver.receive(Message(headers: headers, body: body, path: head.uri)) {
            case .status(let status, let headers, let body): answer(status, headers, body, context)
            case .held:
                let loop = context.eventLoop
                let context = NIOLoopBound(context, eventLoop: loop)
                let this = NIOLoopBound(self, eventLoop: loop)
                receiver.hold { status in loop.execute { this.value.answer(status, [:], "", context.value) } }
            case .hangs: break
            case .resets: context.close(promise: nil)
            case .garbage:
                // Behind the encoder's back.
                context.channel.pipeline.context(handlerType: HTTPResponseEncoder.self).whenSuccess { encoder in
                    encoder.writeAndFlush(NIOAny(ByteBuffer(string: "no HTTP at all\r\n\r\n")), promise: nil)
                }
            case .endless:
                let head = HTTPResponseHead(
                    version: .http1_1, status: .ok, headers: ["Content-Length": "1000000000"])
                context.write(wrapOutboundOut(.head(head)), promise: nil)
                send(context, ByteBuffer(repeating: UInt8(ascii: "x"), count: 65_536))
            }
        }

        private func answer(
            _ status: Int, _ headers: [String: String], _ body: String, _ context: ChannelHandlerContext
        ) {
            var fields = HTTPHeaders(headers.map { ($0.key, $0.value) })
            fields.add(name: "Content-Length", value: "\(body.utf8.count)")
            let head = HTTPResponseHead(
                version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: fields)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }

        private func send(_ context: ChannelHandlerContext, _ part: ByteBuffer) {
            let context = NIOLoopBound(context, eventLoop: context.eventLoop)
            let this = NIOLoopBound(self, eventLoop: context.value.eventLoop)
            context.value.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(part)))).whenSuccess {
                this.value.send(context.value, part)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
