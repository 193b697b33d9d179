internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization

/// Odoo's HTTP side, as far as the feed uses it: `POST /web/dataset/call_kw` with `res.users.context_get` and
/// `fields_get`, and `POST /jsonrpc`.
public final class StubOdoo: Sendable {
    /// Its reaction to a request.
    public enum Behaviour: Sendable {
        /// Answers like Odoo: the user of a known session, otherwise an error of code 100 with status 200.
        case answers
        /// Answers with this status and body.
        case says(status: Int, body: String)
        /// Sends the head of an answer and one byte of its body.
        case stalls
        /// Accepts the request and never answers.
        case hangs
        /// Ends the connection without an answer, this many times; then it answers.
        case drops(times: Int)
    }

    private struct State {
        var behaviour = Behaviour.answers
        var sessions: [String: Int] = [:]
        var cookie: String?
        var fields: [String: [String]] = [:]
        var questions: [String] = []
        var records: StubRecords?
    }

    private let state = Mutex(State())
    private let channel: any Channel

    public init() async throws {
        let state = Weak()
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(odoo: state))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        state.odoo.withLock { $0 = self }
    }

    public var url: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)" }
    /// The paths and bodies of the requests so far.
    public var questions: [String] { state.withLock { $0.questions } }

    public func know(_ session: String, user: Int) { state.withLock { $0.sessions[session] = user } }
    public func forget(_ session: String) { state.withLock { $0.sessions[session] = nil } }
    public func behave(_ behaviour: Behaviour) { state.withLock { $0.behaviour = behaviour } }
    /// A Set-Cookie line for every answer.
    public func set(cookie: String?) { state.withLock { $0.cookie = cookie } }
    /// The result of `fields_get` of a model for every known session; other models get an error.
    public func show(_ fields: [String], of model: String) { state.withLock { $0.fields[model] = fields } }
    /// The data for `/jsonrpc`; without it there is no such page.
    public func serve(_ records: StubRecords?) { state.withLock { $0.records = records } }
    public func stop() async { try? await channel.close() }

    private final class Weak: Sendable {
        let odoo = Mutex<StubOdoo?>(nil)
    }

    fileprivate struct Answer {
        var status = 200
        var stalls = false
        var body = ""
        var cookie: String?
    }

    /// Nil: no answer; `drop` decides whether the connection ends.
    fileprivate func answer(_ question: String, session: String) -> (answer: Answer?, drop: Bool) {
        state.withLock { state in
            state.questions.append(question)
            switch state.behaviour {
            case .hangs: return (nil, false)
            case .stalls: return (Answer(stalls: true, body: "{", cookie: nil), false)
            case .drops(let times) where times > 0:
                state.behaviour = .drops(times: times - 1)
                return (nil, true)
            case .says(let status, let body): return (Answer(status: status, body: body), false)
            case .answers, .drops: break
            }
            if question.hasPrefix("POST /jsonrpc ") {
                guard let records = state.records else { return (Answer(status: 404, body: "not found"), false) }
                return (Answer(body: records.answer(String(question.dropFirst(14)))), false)
            }
            let body =
                if state.sessions[session] != nil, question.contains(#""method":"fields_get""#) {
                    if let (_, fields) = state.fields.first(where: { question.contains(#""model":"\#($0.key)""#) }) {
                        #"{"jsonrpc":"2.0","id":null,"result":{"#
                            + fields.map { #""\#($0)":{"type":"char","store":true}"# }.joined(separator: ",") + "}}"
                    } else {
                        #"{"jsonrpc":"2.0","id":null,"error":{"code":200,"message":"Odoo Server Error"}}"#
                    }
                } else if let user = state.sessions[session] {
                    #"{"jsonrpc":"2.0","id":null,"result":{"lang":"en_US","tz":"Europe/Brussels","uid":\#(user)}}"#
                } else {
                    #"{"jsonrpc":"2.0","id":null,"error":{"code":100,"message":"Odoo Session Expired","data":{"name":"odoo.http.SessionExpiredException"}}}"#
                }
            return (Answer(body: body, cookie: state.cookie), false)
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let odoo: Weak
        private var head: HTTPRequestHead?
        private var body = ""

        init(odoo: Weak) { self.odoo = odoo }

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
            guard let head, let odoo = odoo.odoo.withLock({ $0 }) else { return context.close(promise: nil) }
            let cookie = head.headers.first(name: "Cookie") ?? ""
            let session = cookie.hasPrefix("session_id=") ? String(cookie.dropFirst(11)) : ""
            let (answer, drop) = odoo.answer("\(head.method) \(head.uri) \(body)", session: session)
            guard let answer else {
                if drop { context.close(promise: nil) }
                return
            }
            var headers: HTTPHeaders = [
                "Content-Type": "application/json", "Content-Length": "\(answer.stalls ? 100 : answer.body.utf8.count)",
            ]
            if let cookie = answer.cookie { headers.add(name: "Set-Cookie", value: cookie) }
            context.write(
                wrapOutboundOut(
                    .head(
                        HTTPResponseHead(version: .http1_1, status: .init(statusCode: answer.status), headers: headers))
                ),
                promise: nil)
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: answer.body)))), promise: nil)
            if answer.stalls { return }
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
