internal import ChangeFeed
internal import Hummingbird
internal import NIOCore
internal import Synchronization

/// The service's facts about a request, in addition to its head and body.
struct FeedRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Address of the other end of the connection, without its port.
    let peer: String
    /// The client's address: the peer's, or the one that a trusted proxy reports.
    var client: String
    /// The client's `X-Request-Id`, or a generated one.
    var requestID = ""
    /// The trace to which the client says that the request belongs.
    var trace: TraceContext?
    /// The connection.
    let channel: any Channel
    /// Whether the client is still connected; nil if there is no connection.
    var presence: ClientPresence?
    /// The user, once known.
    let caller = Caller()

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        peer = source.channel.remoteAddress?.ipAddress ?? "local"
        client = peer
        channel = source.channel
    }

    /// The Odoo user of the request; set deep in a handler, logged and answered by the outermost middleware.
    final class Caller: Sendable {
        private struct Known {
            var userID: Int64?
            var cookies: [String] = []
            var rate: RateLimitDecision?
        }

        private let known = Mutex(Known())

        var userID: Int64? { known.withLock { $0.userID } }
        /// The user of a request that was admitted, as answers name them.
        /// - Throws: `ChangeFeedError.unexpectedAnswer` before that.
        var admittedUser: JSONText {
            get throws {
                guard let userID else { throw ChangeFeedError(.unexpectedAnswer, "No user was admitted.") }
                return .int(Int(userID))
            }
        }
        /// Set-Cookie lines of Odoo to pass on.
        var cookies: [String] { known.withLock { $0.cookies } }

        /// The caller's quota in the limit that counted this request.
        var rate: RateLimitDecision? { known.withLock { $0.rate } }

        func note(_ caller: Authenticator.Caller) {
            known.withLock {
                $0.userID = caller.userID
                $0.cookies = caller.proof.cookies
            }
        }

        /// Further Set-Cookie lines.
        func note(cookies: [String]) { known.withLock { $0.cookies += cookies } }

        func note(_ decision: RateLimitDecision) { known.withLock { $0.rate = decision } }
    }
}
