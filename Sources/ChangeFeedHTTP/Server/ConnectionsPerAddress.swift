internal import NIOCore
internal import Synchronization

/// Counts open connections per address, so that one address cannot take all of them.
final class ConnectionsPerAddress: Sendable {
    private let maximum: Int
    private let addresses: ClientAddress
    private let open = Mutex<[String: Int]>([:])

    /// - Parameter addresses: Knows the proxies, which are not limited.
    init(maximum: Int, addresses: ClientAddress) {
        self.maximum = maximum
        self.addresses = addresses
    }

    /// Closes a connection above the limit, and counts the others until they end.
    var handler: any RemovableChannelHandler { Handler(connections: self) }

    /// - Returns: the name under which it was counted; nil if it is above the limit.
    private func take(_ address: String) -> String? {
        if let parsed = IPAddress(address), addresses.isTrusted(parsed) { return "" }
        let key = ClientAddress.limitKey(address)
        return open.withLock { open in
            let now = open[key, default: 0]
            guard now < maximum else { return nil }
            open[key] = now + 1
            return key
        }
    }

    /// Goes on counting a connection after its channel, until the place is left. On the channel's event loop.
    /// - Returns: nil for a channel that is not counted here.
    func takePlace(of channel: any Channel) -> Place? {
        guard let handler = try? channel.pipeline.syncOperations.handler(type: Handler.self), let key = handler.key
        else { return nil }
        handler.key = nil
        return Place(key, self)
    }

    /// A connection that counts without its channel. To be left once.
    struct Place: Sendable {
        private let key: String
        private let connections: ConnectionsPerAddress

        fileprivate init(_ key: String, _ connections: ConnectionsPerAddress) {
            self.key = key
            self.connections = connections
        }

        func leave() { connections.release(key) }
    }

    private func release(_ key: String) {
        open.withLock { open in
            guard let now = open[key] else { return }
            open[key] = now > 1 ? now - 1 : nil
        }
    }

    private final class Handler: ChannelInboundHandler, RemovableChannelHandler {
        typealias InboundIn = Any

        private let connections: ConnectionsPerAddress
        fileprivate var key: String?
        private var isCounted = false

        init(connections: ConnectionsPerAddress) { self.connections = connections }

        func handlerAdded(context: ChannelHandlerContext) {
            if context.channel.isActive { count(context) }
        }

        func channelActive(context: ChannelHandlerContext) {
            count(context)
            context.fireChannelActive()
        }

        func channelInactive(context: ChannelHandlerContext) {
            if let key { connections.release(key) }
            key = nil
            context.fireChannelInactive()
        }

        private func count(_ context: ChannelHandlerContext) {
            guard !isCounted else { return }
            isCounted = true
            key = connections.take(context.channel.remoteAddress?.ipAddress ?? "local")
            if key == nil { context.close(promise: nil) }
        }
    }
}
