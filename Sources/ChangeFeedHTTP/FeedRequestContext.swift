internal import ChangeFeed
internal import Hummingbird
internal import NIOCore
internal import Synchronization

/// What the service knows of a request beside its head and body.
struct FeedRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The client's address without its port; of a proxy, where one stands in front.
    let client: String
    /// The client's `X-Request-Id`, or one made here.
    var requestID = ""
    /// Who asks, as soon as it is known.
    let caller = Caller()

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        client = source.channel.remoteAddress?.ipAddress ?? "local"
    }

    /// The Odoo user behind the request; found deep in a handler, logged and answered by the outermost middleware.
    final class Caller: Sendable {
        private struct Known {
            var userID: Int64?
            var cookies: [String] = []
        }

        private let known = Mutex(Known())

        var userID: Int64? { known.withLock { $0.userID } }
        /// Set-Cookie lines of Odoo to hand on.
        var cookies: [String] { known.withLock { $0.cookies } }

        func note(_ caller: Authenticator.Caller) {
            known.withLock { $0 = Known(userID: caller.userID, cookies: caller.proof.cookies) }
        }
    }
}
