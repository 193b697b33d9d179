internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import NIOCore
internal import Synchronization

/// Whether the client of a connection is still there. When a client has closed its side, NIO keeps the connection open
/// until something is written; until then a request would be processed for no client.
final class ClientPresence: Sendable {
    private struct State {
        var isGone = false
        var nextID = 0
        var watchers: [Int: @Sendable () -> Void] = [:]
    }

    private let state = Mutex(State())

    var isGone: Bool { state.withLock { $0.isGone } }

    /// Calls the body when the client disconnects, immediately if it already has.
    /// - Returns: for `forget`.
    func whenGone(_ body: @escaping @Sendable () -> Void) -> Int {
        let (id, isGone) = state.withLock { state in
            state.nextID += 1
            if !state.isGone { state.watchers[state.nextID] = body }
            return (state.nextID, state.isGone)
        }
        if isGone { body() }
        return id
    }

    func forget(_ id: Int) { state.withLock { $0.watchers[id] = nil } }

    fileprivate func leave() {
        let watchers = state.withLock { state in
            state.isGone = true
            defer { state.watchers = [:] }
            return Array(state.watchers.values)
        }
        for watcher in watchers { watcher() }
    }
}

/// The connections that are open, with their clients.
final class ClientPresences: Sendable {
    private let open = Mutex<[ObjectIdentifier: ClientPresence]>([:])

    /// Nil for other connections.
    func client(of channel: any Channel) -> ClientPresence? {
        open.withLock { $0[ObjectIdentifier(channel)] }
    }

    /// A handler for one connection.
    func handler() -> any RemovableChannelHandler { Handler(self) }

    fileprivate func enter(_ channel: any Channel) -> ClientPresence {
        let presence = ClientPresence()
        open.withLock { $0[ObjectIdentifier(channel)] = presence }
        return presence
    }

    fileprivate func leave(_ channel: any Channel) {
        open.withLock { $0.removeValue(forKey: ObjectIdentifier(channel)) }?.leave()
    }

    private final class Handler: ChannelInboundHandler, RemovableChannelHandler {
        typealias InboundIn = Any

        /// A client that only closes its writing side after a request, as simple ones do, still gets a quick answer.
        private static let grace = TimeAmount.seconds(1)
        private let presences: ClientPresences

        init(_ presences: ClientPresences) { self.presences = presences }

        func handlerAdded(context: ChannelHandlerContext) {
            let channel = context.channel
            _ = presences.enter(channel)
            channel.closeFuture.whenComplete { [presences] _ in presences.leave(channel) }
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case ChannelEvent.inputClosed = event {
                let channel = context.channel
                context.eventLoop.scheduleTask(in: Self.grace) { channel.close(promise: nil) }
            }
            context.fireUserInboundEventTriggered(event)
        }
    }
}

/// Cancels the work on a request when its client disconnects: its waits, and its statement.
struct PresentResponder<Base: HTTPResponder>: HTTPResponder where Base.Context == FeedRequestContext {
    let base: Base
    let presences: ClientPresences

    func respond(to request: Request, context: FeedRequestContext) async throws -> Response {
        guard let presence = presences.client(of: context.channel) else {
            return try await base.respond(to: request, context: context)
        }
        var context = context
        context.presence = presence
        let present = context
        // On the loop that serves requests, if this runs there: structured children would stay on it, too.
        let executor = withUnsafeCurrentTask { $0?.unownedTaskExecutor?.asTaskExecutor() }
        let task = Task(executorPreference: executor) { try await base.respond(to: request, context: present) }
        let id = presence.whenGone { task.cancel() }
        defer { presence.forget(id) }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }
}
