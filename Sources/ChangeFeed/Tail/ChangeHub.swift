internal import Synchronization

/// Hands each batch to every subscriber of this process. A slow subscriber never holds up the others: its bounded
/// queue collapses to `missed`, which says "read the log yourself".
public final class ChangeHub: Sendable {
    /// What a subscriber receives.
    public enum Message: Sendable, Equatable {
        case batch(ChangeBatch)
        /// Changes arrived faster than this subscriber took them; some batches were not queued.
        case missed
    }

    private struct State {
        var nextID = 0
        var subscribers: [Int: AsyncStream<Message>.Continuation] = [:]
        var lagging: Set<Int> = []
    }

    private let state = Mutex(State())
    private let capacity: Int

    /// - Parameter capacity: batches queued per subscriber.
    public init(capacity: Int = 256) {
        self.capacity = capacity
    }

    public var subscriberCount: Int { state.withLock { $0.subscribers.count } }

    /// Subscribes until the stream is dropped or its task is cancelled.
    public func subscribe() -> AsyncStream<Message> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Message.self, bufferingPolicy: .bufferingOldest(capacity))
        let id = state.withLock { state in
            state.nextID += 1
            state.subscribers[state.nextID] = continuation
            return state.nextID
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { state in
                state.subscribers[id] = nil
                state.lagging.remove(id)
            }
        }
        return stream
    }

    /// Hands a batch to everybody.
    public func publish(_ batch: ChangeBatch) {
        let (subscribers, lagging) = state.withLock { ($0.subscribers, $0.lagging) }
        for (id, continuation) in subscribers {
            // The note that something is missing comes before anything newer.
            if lagging.contains(id) {
                guard case .enqueued = continuation.yield(.missed) else { continue }
                state.withLock { _ = $0.lagging.remove(id) }
            }
            if case .dropped = continuation.yield(.batch(batch)) {
                state.withLock { state in
                    if state.subscribers[id] != nil { state.lagging.insert(id) }
                }
            }
        }
    }
}
