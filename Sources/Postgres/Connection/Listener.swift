/// LISTEN on a separate connection that is replaced, after jittered and growing pauses, whenever it breaks.
///
/// PostgreSQL keeps no notifications for disconnected listeners, so `.listening` means each time that some may have
/// been missed. The sequence ends when the task is cancelled, and with the sequence's iterator its connection.
public struct Listener: AsyncSequence, Sendable {
    public enum Element: Sendable {
        /// Connected, and the channels are subscribed; earlier notifications were missed.
        case listening(backendPID: Int32)
        case notification(Notification)
        /// The connection failed, or was lost; the next attempt is made after the pause.
        case waiting(PostgresError, retryAfter: Duration)
    }

    private let configuration: ConnectionConfiguration
    private let channels: [String]
    private let backoff: Backoff
    private let loop: EventLoop

    public init(
        _ configuration: ConnectionConfiguration, channels: [String], backoff: Backoff = Backoff(),
        on loop: EventLoop = .shared
    ) {
        self.configuration = configuration
        self.channels = channels
        self.backoff = backoff
        self.loop = loop
    }

    public func makeAsyncIterator() -> Iterator {
        Iterator(listener: self, backoff: backoff)
    }

    public struct Iterator: AsyncIteratorProtocol {
        private enum State {
            case disconnected(pause: Duration)
            case listening(Connection, AsyncStream<Notification>.Iterator, since: ContinuousClock.Instant)
        }

        fileprivate let listener: Listener
        fileprivate var backoff: Backoff
        private var state = State.disconnected(pause: .zero)

        fileprivate init(listener: Listener, backoff: Backoff) {
            self.listener = listener
            self.backoff = backoff
        }

        /// - Returns: nil when the task is cancelled.
        public mutating func next() async -> Element? {
            switch state {
            case .listening(let connection, var notifications, let since):
                let notification = await notifications.next()
                state = .listening(connection, notifications, since: since)
                if let notification { return .notification(notification) }
                await connection.close()
                if Task.isCancelled { return nil }
                backoff.lasted(.now - since)
                return wait(PostgresError(.connectionLost, "the listener's connection was lost"))
            case .disconnected(let pause):
                if pause > .zero { try? await Task.sleep(for: pause) }
                if Task.isCancelled { return nil }
                do {
                    let connection = try await Connection.connect(listener.configuration, on: listener.loop)
                    for channel in listener.channels { try await connection.listen(channel) }
                    state = .listening(connection, connection.notifications.makeAsyncIterator(), since: .now)
                    return .listening(backendPID: connection.backendPID)
                } catch {
                    if Task.isCancelled { return nil }
                    return wait(
                        error as? PostgresError ?? PostgresError(.connectionFailed, "the listener cannot connect"))
                }
            }
        }

        private mutating func wait(_ error: PostgresError) -> Element {
            let pause = backoff.next()
            state = .disconnected(pause: pause)
            return .waiting(error, retryAfter: pause)
        }
    }
}
