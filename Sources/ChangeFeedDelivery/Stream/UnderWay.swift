internal import Synchronization

/// Messages of one connection that wait for the server's answer. Each ends once: by the answer, its time limit, the end of
/// the connection, or cancellation.
final class UnderWay: Sendable {
    enum Outcome: Sendable, Equatable {
        /// With the server's answer.
        case answered([UInt8])
        case failed(String)
    }

    private struct Waiting {
        let end: @Sendable (Outcome) -> Void
        let deadline: ContinuousClock.Instant
    }

    private struct State {
        var next: UInt64 = 0
        var waiting: [UInt64: Waiting] = [:]
        /// Why nothing is sent any more.
        var end: String?
    }

    private static let all = Mutex<(next: UInt, byNumber: [UInt: UnderWay])>((1, [:]))

    /// What the C libraries know it by.
    let number: UInt
    private let state = Mutex(State())
    private let limit: Int

    /// Is found by its number until `close`.
    /// - Parameter limit: how many messages may wait.
    static func open(limit: Int) -> UnderWay {
        all.withLock { all in
            let new = UnderWay(number: all.next, limit: limit)
            all.byNumber[all.next] = new
            all.next += 1
            return new
        }
    }

    private init(number: UInt, limit: Int) {
        self.number = number
        self.limit = limit
    }

    static func numbered(_ number: UInt) -> UnderWay? { all.withLock { $0.byNumber[number] } }

    var isOpen: Bool { state.withLock { $0.end == nil } }
    var count: Int { state.withLock { $0.waiting.count } }

    /// Sends a message; `end` gets its outcome, once, from any thread.
    /// - Parameter send: gets the message's number; returns why it could not be sent, or nil.
    /// - Returns: the message's number.
    @discardableResult
    func begin(
        within limit: Duration, _ send: (UInt64) -> String?, _ end: @escaping @Sendable (Outcome) -> Void
    ) -> UInt64 {
        let waiting = Waiting(end: end, deadline: .now + limit)
        let (number, refusal): (UInt64, String?) = state.withLock { state in
            state.next += 1
            if let end = state.end { return (state.next, end) }
            guard state.waiting.count < self.limit else { return (state.next, "too many messages are under way") }
            state.waiting[state.next] = waiting
            return (state.next, nil)
        }
        if let refusal {
            end(.failed(refusal))
        } else if let reason = send(number) {
            self.end(number, .failed(reason))
        }
        return number
    }

    /// Sends a message and waits for its outcome.
    /// - Parameter send: gets the message's number; returns why it could not be sent, or nil.
    func outcome(within limit: Duration, _ send: (UInt64) -> String?) async -> Outcome {
        let known = Mutex<UInt64?>(nil)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let number = begin(within: limit, send) { continuation.resume(returning: $0) }
                known.withLock { $0 = number }
                // Cancellation before it was known did not find it.
                if Task.isCancelled { end(number, .failed(Self.stopped)) }
            }
        } onCancel: {
            if let number = known.withLock({ $0 }) { end(number, .failed(Self.stopped)) }
        }
    }

    private static let stopped = "the service stopped"

    func end(_ number: UInt64, _ outcome: Outcome) {
        state.withLock { $0.waiting.removeValue(forKey: number) }?.end(outcome)
    }

    /// Ends what waits for too long, until `close`.
    /// - Parameters:
    ///   - pause: between two looks.
    ///   - reason: asked when something is late.
    func watch(every pause: Duration, _ reason: @escaping @Sendable () -> String) {
        Task { [self] in
            while isOpen {
                try? await Task.sleep(for: pause)
                expire(reason)
            }
        }
    }

    private func expire(_ reason: () -> String) {
        let now = ContinuousClock.now
        let late = state.withLock { state in
            let late = state.waiting.filter { $0.value.deadline <= now }
            for number in late.keys { state.waiting[number] = nil }
            return late
        }
        if late.isEmpty { return }
        let outcome = Outcome.failed(reason())
        for waiting in late.values { waiting.end(outcome) }
    }

    /// Ends all that waits; nothing is sent any more.
    func close(_ reason: String) {
        let rest = state.withLock { state in
            defer { state.waiting = [:] }
            state.end = state.end ?? reason
            return state.waiting
        }
        Self.all.withLock { $0.byNumber[number] = nil }
        for waiting in rest.values { waiting.end(.failed(reason)) }
    }
}
