internal import HTTPTypes
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypes

/// Ends requests that are too large, too slow or not HTTP, before and beside the routes: any client input
/// occupies a bounded amount of memory for a bounded time. Its answers are problems like all others.
final class RequestLimitHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    struct Limits: Sendable {
        /// From the first bytes of a request to the end of its header fields, and from there to the end of its body.
        var time: TimeAmount
        /// Time in which the client must read some of its answer.
        var answerTime: TimeAmount
        /// Bytes of a body.
        var bodyBytes: Int
        /// Bytes of the request target.
        var targetBytes: Int
    }

    private let limits: Limits
    private var timer: Scheduled<Void>?
    /// Runs while the header fields of a request arrive.
    private var headTimer: Scheduled<Void>?
    /// The client waits for permission to send its body.
    private var isExpecting = false
    private var isReading = false
    private var bodyBytes = 0
    /// Requests that were passed on and have no complete answer yet.
    private var unanswered = 0
    /// The head of an answer was written, its end was not.
    private var isAnswering = false
    private var isOver = false
    /// The method of the request that is being read.
    private var isHead = false
    /// The connection ends with the current answer, and nothing more is read.
    private var closesAfterAnswer = false
    private var answerTimer: Scheduled<Void>?
    /// Parts of answers that were written but not sent yet.
    private var unsent = 0

    init(_ limits: Limits) { self.limits = limits }

    func handlerAdded(context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        let first = FirstBytesHandler { [weak self] in self?.waitForHead(context) }
        // Whatever the server's other handlers are, bytes come first; without a decoder there are no versions.
        try? pipeline.addHandler(first, position: .first)
        if let decoder = try? pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self) {
            try? pipeline.addHandler(OlderVersionHandler(), position: .after(decoder))
        }
    }

    /// Bytes have arrived, but no request yet.
    private func waitForHead(_ context: ChannelHandlerContext) {
        guard !isOver, !isReading, unanswered == 0, headTimer == nil, context.channel.isActive else { return }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        headTimer = context.eventLoop.scheduleTask(in: limits.time) { bound.value.0.end(bound.value.1, Self.tooSlow) }
    }

    private func stopTimers() {
        timer?.cancel()
        timer = nil
        headTimer?.cancel()
        headTimer = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            stopTimers()
            if (head.path ?? "").utf8.count > limits.targetBytes { return end(context, Self.targetTooLong) }
            if let length = head.headerFields[.contentLength].flatMap({ Int($0) }), length > limits.bodyBytes {
                return end(context, Self.bodyTooLarge(limits.bodyBytes))
            }
            isHead = head.method == .head
            if head.method == .connect { return end(context, Self.noTunnel) }
            let expected = BodyExpectation.expected(by: head)
            if expected == .unknown { return end(context, Self.expectationFailed) }
            isExpecting = expected == .goingOn
            // After an offer to upgrade the decoder reads no more HTTP, whatever the answer (RFC 9110 7.8).
            if head.headerFields[.upgrade] != nil || Self.asksToClose(head) { closesAfterAnswer = true }
            isReading = true
            bodyBytes = 0
            unanswered += 1
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
            timer = context.eventLoop.scheduleTask(in: limits.time) {
                handler.value.end(bound.value, Self.tooSlow)
            }
        case .body(let body):
            isExpecting = false
            bodyBytes += body.readableBytes
            if bodyBytes > limits.bodyBytes { return end(context, Self.bodyTooLarge(limits.bodyBytes)) }
        case .end:
            (isReading, isExpecting) = (false, false)
            stopTimers()
        }
        context.fireChannelRead(data)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is BodyExpectation.BodyWanted else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        promise?.succeed()
        // With another request before it, the one being answered has its body: the event is not about this expectation.
        guard isExpecting, unanswered == 1, !isOver, !isAnswering else { return }
        isExpecting = false
        context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isOver else { return promise?.fail(ChannelError.ioOnClosedChannel) ?? () }
        var data = data
        switch unwrapOutboundIn(data) {
        case .head(var head):
            guard head.status.kind != .informational else { break }
            isAnswering = true
            // The body may follow although it was not requested: what comes next would be ambiguous (RFC 9110 10.1.1).
            let isUnread = isExpecting && unanswered == 1
            if isUnread { closesAfterAnswer = true }
            if closesAfterAnswer, isUnread || !isReading, unanswered == 1 {
                head.headerFields[.connection] = "close"
                data = wrapOutboundOut(.head(head))
            }
        case .body: break
        case .end:
            isAnswering = false
            unanswered -= 1
            return send(context, data, promise, isEnd: true)
        }
        send(context, data, promise, isEnd: false)
    }

    /// Passes a part on and records when it was sent: a client that reads none of its answer must not hold the
    /// connection. An idle stream waits for no client.
    private func send(_ context: ChannelHandlerContext, _ data: NIOAny, _ promise: EventLoopPromise<Void>?, isEnd: Bool)
    {
        let sent = promise ?? context.eventLoop.makePromise()
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        unsent += 1
        if answerTimer == nil { waitForClient(context) }
        sent.futureResult.whenComplete { _ in
            let (handler, context) = bound.value
            handler.unsent -= 1
            handler.answerTimer?.cancel()
            handler.answerTimer = nil
            if handler.unsent > 0 { handler.waitForClient(context) }
            if isEnd, handler.closesAfterAnswer, handler.unanswered == 0 { context.close(promise: nil) }
        }
        context.write(data, promise: sent)
    }

    private func waitForClient(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        answerTimer = context.eventLoop.scheduleTask(in: limits.answerTime) { bound.value.close(promise: nil) }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable, answerTimer != nil {
            answerTimer?.cancel()
            waitForClient(context)
        }
        context.fireChannelWritabilityChanged()
    }

    func read(context: ChannelHandlerContext) {
        // Unread bytes stay in the kernel, and then with the client.
        if closesAfterAnswer && !isReading { return }
        context.read()
    }

    private static func asksToClose(_ head: HTTPRequest) -> Bool {
        head.headerFields[.connection]?.lowercased().split(separator: ",").contains { $0.trimmingSpaces == "close" }
            == true
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isOver else { return }
        switch error {
        case is IOError, is ChannelError: context.fireErrorCaught(error)
        case let error as HTTPParserError:
            end(context, error == .headerOverflow ? Self.headersTooLarge : Self.malformed)
        default: end(context, Self.malformed)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        stopTimers()
        answerTimer?.cancel()
        answerTimer = nil
        context.fireChannelInactive()
    }

    /// Answers in the request's place among pipelined answers, and closes the connection.
    private func end(_ context: ChannelHandlerContext, _ problem: Problem) {
        guard !isOver else { return }
        isOver = true
        stopTimers()
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
        if !isHead { context.write(wrapOutboundOut(.body(body)), promise: nil) }
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        written.futureResult.whenComplete { _ in bound.value.close(promise: nil) }
        answerTimer?.cancel()
        waitForClient(context)
    }

    private static let noTunnel: Problem = {
        var problem = Problem(.methodNotAllowed, "This service is not a proxy.")
        problem.allow = "GET, HEAD, POST, DELETE, OPTIONS"
        return problem
    }()
    private static let expectationFailed = Problem(
        .expectationFailed, "The request's Expect header is not supported.",
        hint: "Leave the header Expect out, or send `Expect: 100-continue`.")
    private static let tooSlow = Problem(.requestTimeout, "The request took too long to arrive.")
    private static let targetTooLong = Problem(.uriTooLong, "The URI is too long.")
    private static let headersTooLarge = Problem(.headersTooLarge, "The header fields are too large or too many.")
    private static let malformed = Problem(.requestInvalid, "This is not a valid HTTP/1.1 request (RFC 9112).")
    private static func bodyTooLarge(_ limit: Int) -> Problem {
        Problem(.bodyTooLarge, "The body is larger than \(limit) bytes.")
    }
}
