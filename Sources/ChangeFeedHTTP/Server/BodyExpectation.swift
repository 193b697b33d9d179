internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import NIOHTTP1

/// `Expect: 100-continue` (RFC 9110 10.1.1): the client sends its body only after a 100 or the final answer.
enum BodyExpectation {
    /// An outbound event of the channel: the handler of the request now reads its body.
    struct BodyWanted: Sendable {}

    /// What a request expects before its body.
    enum Expected: Equatable {
        case nothing
        case goingOn
        /// An unknown expectation.
        case unknown
    }

    static func expected(by head: HTTPRequest) -> Expected {
        guard let field = head.headerFields[.expect] else { return .nothing }
        let members = field.split(separator: ",").map(\.trimmingSpaces).filter { !$0.isEmpty }
        guard members.allSatisfy({ $0.lowercased() == "100-continue" }) else { return .unknown }
        return members.isEmpty || !head.headerFields.announceBody ? .nothing : .goingOn
    }

    /// Must be called before the body of a request is read.
    static func meet(_ request: Request, on channel: any Channel) {
        guard request.headers[.expect] != nil else { return }
        channel.triggerUserOutboundEvent(BodyWanted(), promise: nil)
    }
}

extension HTTPFields {
    /// A body comes with this head (RFC 9112 6).
    var announceBody: Bool { self[.transferEncoding] != nil || self[.contentLength].map { $0 != "0" } == true }
}

/// Removes expectations from HTTP/1.0 requests, whose clients know no interim answers (RFC 9110 10.1.1). Later handlers
/// do not know the version.
final class OlderVersionHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = unwrapInboundIn(data), head.version.major == 1, head.version.minor == 0,
            head.headers.contains(name: "expect")
        else {
            return context.fireChannelRead(data)
        }
        head.headers.remove(name: "expect")
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }
}

/// Reports when bytes have arrived and were read: the head of a request is not visible before it is complete.
final class FirstBytesHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let wereRead: () -> Void

    init(wereRead: @escaping () -> Void) { self.wereRead = wereRead }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // Line breaks between requests do not begin one (RFC 9112 2.2).
        let isMore = unwrapInboundIn(data).readableBytesView.contains {
            $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n")
        }
        context.fireChannelRead(data)
        if isMore { wereRead() }
    }
}
