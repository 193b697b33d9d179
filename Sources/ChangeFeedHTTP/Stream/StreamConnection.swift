internal import Glibc
internal import NIOCore
internal import NIOHTTPTypes
internal import Synchronization

/// Takes the connections of streams out of the server's hands. A channel with what HTTP needs holds 34 KB for as long as
/// it is open; a stream that has begun needs only its socket. The server's limits go on counting these connections.
final class ConnectionHandover: Sendable {
    private let perAddress: ConnectionsPerAddress
    private let open = Atomic(0)
    private let listener = Mutex<(any Channel)?>(nil)

    init(perAddress: ConnectionsPerAddress) { self.perAddress = perAddress }

    /// Connections that were taken and are open.
    var count: Int { open.load(ordering: .acquiring) }

    /// The channel that accepts connections: it may have stopped for want of room, which a stream's end makes.
    func accepts(by channel: any Channel) { listener.withLock { $0 = channel } }

    /// Writes the text as a part of the answer's body and takes the connection as soon as that has left. The channel is
    /// closed then: of what the client has sent meanwhile nothing is answered, as the answer's `Connection: close` says
    /// (RFC 9112 9.6).
    ///
    /// - Throws: `ChannelError` or `IOError` when the connection is gone or cannot be taken.
    func take(_ channel: any Channel, after text: String) async throws -> StreamConnection {
        let left = channel.eventLoop.makePromise(of: Void.self)
        channel.writeAndFlush(HTTPResponsePart.body(ByteBuffer(string: text)), promise: left)
        return try await left.futureResult.flatMapThrowing { try self.take(channel) }.get()
    }

    /// On the channel's event loop. Nothing waits to be written.
    private func take(_ channel: any Channel) throws -> StreamConnection {
        guard channel.isActive else { throw ChannelError.ioOnClosedChannel }
        let pipeline = channel.pipeline.syncOperations
        let copy = try pipeline.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { descriptor in
            let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
            guard copy >= 0 else { throw IOError(errnoCode: errno, reason: "a stream's socket") }
            return copy
        }
        guard let copy else { throw ChannelError.operationUnsupported }
        open.add(1, ordering: .acquiringAndReleasing)
        let connection = StreamConnection(copy, place: perAddress.takePlace(of: channel), handover: self)
        // NIO closes its descriptor and does not shut the socket down, which lives on in the copy.
        channel.close(mode: .all, promise: nil)
        // Two must never write to one socket.
        guard !channel.isActive else { throw ChannelError.inappropriateOperationForState }
        return connection
    }

    fileprivate func leave() {
        open.subtract(1, ordering: .acquiringAndReleasing)
        listener.withLock { $0 }?.read()
    }
}

/// A socket that belongs to one stream. It is closed by `close()`, or with the last reference.
final class StreamConnection: Sendable {
    let descriptor: Int32
    private let place: ConnectionsPerAddress.Place?
    private let handover: ConnectionHandover?
    private let isClosed = Atomic(false)

    /// - Parameter handover: by which it counts.
    init(_ descriptor: Int32, place: ConnectionsPerAddress.Place? = nil, handover: ConnectionHandover? = nil) {
        self.descriptor = descriptor
        self.place = place
        self.handover = handover
    }

    deinit { close() }

    func close() {
        guard !isClosed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        discardInput()
        _ = Glibc.close(descriptor)
        place?.leave()
        handover?.leave()
    }

    /// Input that was not read would have the kernel reset the connection, and the client lose the end of its answer.
    private func discardInput() {
        withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 1) { buffer in
            for _ in 0..<16 where recv(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT)) <= 0 {
                return
            }
        }
    }

    /// What a socket did with bytes.
    enum Sent {
        /// How many it took; fewer than there were when it has no room for more.
        case bytes(Int)
        case broken
    }

    /// Sends as much as there is room for; never waits.
    func send(_ bytes: ArraySlice<UInt8>) -> Sent {
        bytes.withUnsafeBytes { buffer in
            var sent = 0
            while sent < buffer.count {
                let count = Glibc.send(
                    descriptor, buffer.baseAddress?.advanced(by: sent), buffer.count - sent,
                    Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
                if count < 0, errno == EINTR { continue }
                if count < 0, errno == EAGAIN || errno == EWOULDBLOCK { break }
                guard count > 0 else { return .broken }
                sent += count
            }
            return .bytes(sent)
        }
    }
}
