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
        let continuation: CheckedContinuation<Outcome, Never>
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

    /// Sends a message and waits for its outcome.
    /// - Parameter send: gets the message's number; returns why it could not be sent, or nil.
    func outcome(within limit: Duration, _ send: (UInt64) -> String?) async -> Outcome {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let waiting = Waiting(continuation: continuation, deadline: .now + limit)
                let refusal: String? = state.withLock { state in
                    if let end = state.end { return end }
                    guard state.waiting.count < self.limit else { return "too many messages are under way" }
                    state.waiting[number] = waiting
                    return nil
                }
                if let refusal { return continuation.resume(returning: .failed(refusal)) }
                // Cancellation before it waited did not find it.
                if Task.isCancelled { return end(number, .failed(Self.stopped)) }
                if let reason = send(number) { end(number, .failed(reason)) }
            }
        } onCancel: {
            end(number, .failed(Self.stopped))
        }
    }

    private static let stopped = "the service stopped"

    func end(_ number: UInt64, _ outcome: Outcome) {
        state.withLock { $0.waiting.removeValue(forKey: number) }?.continuation.resume(returning: outcome)
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
        for waiting in late.values { waiting.continuation.resume(returning: outcome) }
    }

    /// Ends all that waits; nothing is sent any more.
    func close(_ reason: String) {
        let rest = state.withLock { state in
            defer { state.waiting = [:] }
            state.end = state.end ?? reason
            return state.waiting
        }
        Self.all.withLock { $0.byNumber[number] = nil }
        for waiting in rest.values { waiting.continuation.resume(returning: .failed(reason)) }
    }
}
