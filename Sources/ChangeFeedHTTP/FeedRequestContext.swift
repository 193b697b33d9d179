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

    /// The Odoo user behind the request; found deep in a handler, logged by the outermost middleware.
    final class Caller: Sendable {
        private let value = Mutex<Int64?>(nil)

        var userID: Int64? {
            get { value.withLock { $0 } }
            set { value.withLock { $0 = newValue } }
        }
    }
}
