internal import HTTPTypes
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypes

/// Ends requests that are too large, too slow or no HTTP, before and beside the routes: whatever a client sends, it
/// holds a bounded amount of memory for a bounded time. Its answers are problems like all others.
final class RequestLimitHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    struct Limits: Sendable {
        /// From the end of a request's header fields to the end of its body.
        var time: TimeAmount
        /// Bytes of a body.
        var bodyBytes: Int
        /// Bytes of the request target.
        var targetBytes: Int
    }

    private let limits: Limits
    private var timer: Scheduled<Void>?
    private var isReading = false
    private var bodyBytes = 0
    /// Requests that were handed on and have no whole answer yet.
    private var unanswered = 0
    /// The head of an answer was written, its end was not.
    private var isAnswering = false
    private var isOver = false

    init(_ limits: Limits) { self.limits = limits }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            if (head.path ?? "").utf8.count > limits.targetBytes { return end(context, Self.targetTooLong) }
            if let length = head.headerFields[.contentLength].flatMap({ Int($0) }), length > limits.bodyBytes {
                return end(context, Self.bodyTooLarge(limits.bodyBytes))
            }
            isReading = true
            bodyBytes = 0
            unanswered += 1
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
            timer = context.eventLoop.scheduleTask(in: limits.time) {
                handler.value.end(bound.value, Self.tooSlow)
            }
        case .body(let body):
            bodyBytes += body.readableBytes
            if bodyBytes > limits.bodyBytes { return end(context, Self.bodyTooLarge(limits.bodyBytes)) }
        case .end:
            isReading = false
            timer?.cancel()
            timer = nil
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isOver else { return promise?.fail(ChannelError.ioOnClosedChannel) ?? () }
        switch unwrapOutboundIn(data) {
        case .head(let head): isAnswering = head.status.kind != .informational
        case .body: break
        case .end:
            isAnswering = false
            unanswered -= 1
        }
        context.write(data, promise: promise)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isOver else { return }
        switch error {
        case is IOError, is ChannelError: context.fireErrorCaught(error)
        case let error as HTTPParserError: end(context, error == .headerOverflow ? Self.headersTooLarge : Self.malformed)
        default: end(context, Self.malformed)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
        context.fireChannelInactive()
    }

    /// Answers where the answer would stand in its place, and closes the connection.
    private func end(_ context: ChannelHandlerContext, _ problem: Problem) {
        guard !isOver else { return }
        isOver = true
        timer?.cancel()
        timer = nil
        guard !isAnswering, unanswered == (isReading ? 1 : 0) else { return context.close(promise: nil) }
        let body = ByteBuffer(string: problem.json(requestID: RequestIdentifier.accept(nil)).text)
        var head = HTTPResponse(
            status: problem.code.status,
            headerFields: [
                .contentType: "application/problem+json", .contentLength: String(body.readableBytes),
                .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
            ])
        head.headerFields[.connection] = "close"
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(body)), promise: nil)
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        written.futureResult.whenComplete { _ in bound.value.close(promise: nil) }
    }

    private static let tooSlow = Problem(.requestTimeout, "The request took too long to arrive.")
    private static let targetTooLong = Problem(.uriTooLong, "The address is too long.")
    private static let headersTooLarge = Problem(.headersTooLarge, "The header fields are too large or too many.")
    private static let malformed = Problem(.requestInvalid, "This is not HTTP/1.1 as RFC 9112 has it.")
    private static func bodyTooLarge(_ limit: Int) -> Problem {
        Problem(.bodyTooLarge, "The body is larger than \(limit) bytes.")
    }
}
