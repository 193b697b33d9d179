internal import DequeModule
internal import Synchronization

/// Lets a fixed number of tasks through at a time, first come, first served. A task that gives up leaves the queue
/// without taking a turn.
package final class Turnstile: Sendable {
    private struct Waiter {
        let id: UInt64
        let continuation: CheckedContinuation<Outcome, Never>
    }

    private enum Outcome: Sendable { case entered, cancelled, late, full }

    private struct State {
        var free: Int
        var nextID: UInt64 = 0
        var waiters: Deque<Waiter> = []
    }

    private let state: Mutex<State>

    private let queueLimit: Int

    /// - Parameters:
    ///   - permits: tasks at a time.
    ///   - queueLimit: tasks that may wait.
    package init(permits: Int, queueLimit: Int = .max) {
        state = Mutex(State(free: permits))
        self.queueLimit = queueLimit
    }

    var waiting: Int { state.withLock { $0.waiters.count } }

    /// Takes a turn if no task is waiting. Every success is followed by one `leave()`.
    func tryEnter() -> Bool {
        state.withLock { state in
            guard state.free > 0, state.waiters.isEmpty else { return false }
            state.free -= 1
            return true
        }
    }

    /// Waits for a turn. Every successful call is followed by one `leave()`.
    /// - Parameter limit: nil waits without a limit.
    /// - Throws: `cancelled`, or `poolExhausted` after the limit and when the queue is full.
    package func enter(atMost limit: Duration? = nil) async throws(PostgresError) {
        if tryEnter() { return }
        let id = nextID()
        let outcome: Outcome
        if let limit {
            let deadline = ContinuousClock.now + limit
            outcome = await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    // Cancelled when the turn has come.
                    guard (try? await Task.sleep(until: deadline)) != nil else { return }
                    self.remove(id, .late)
                }
                let outcome = await self.wait(id, until: deadline)
                group.cancelAll()
                return outcome
            }
        } else {
            outcome = await wait(id, until: nil)
        }
        switch outcome {
        case .entered: return
        case .cancelled: throw PostgresError(.cancelled, "the task was cancelled while it was waiting for its turn")
        case .late: throw PostgresError(.poolExhausted, "no connection became free in time")
        case .full: throw PostgresError(.poolExhausted, "too many tasks wait for their turn")
        }
    }

    /// Waits without a limit and ignores cancellation: for statements that must run, such as ROLLBACK. The queue must
    /// have no limit.
    func enterShielded() async {
        let id = nextID()
        _ = await withCheckedContinuation { continuation in join(Waiter(id: id, continuation: continuation)) }
    }

    /// Passes the turn to the next in the queue.
    package func leave() {
        let next: Waiter? = state.withLock { state in
            let next = state.waiters.popFirst()
            if next == nil { state.free += 1 }
            return next
        }
        next?.continuation.resume(returning: .entered)
    }

    private func nextID() -> UInt64 {
        state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
    }

    private func wait(_ id: UInt64, until deadline: ContinuousClock.Instant?) async -> Outcome {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                join(Waiter(id: id, continuation: continuation))
                // An attempt to remove this waiter before it had joined did not find it.
                if Task.isCancelled { remove(id, .cancelled) }
                if let deadline, deadline <= .now { remove(id, .late) }
            }
        } onCancel: {
            remove(id, .cancelled)
        }
    }

    private func join(_ waiter: Waiter) {
        let outcome: Outcome? = state.withLock { state in
            if state.free > 0, state.waiters.isEmpty {
                state.free -= 1
                return .entered
            }
            guard state.waiters.count < queueLimit else { return .full }
            state.waiters.append(waiter)
            return nil
        }
        if let outcome { waiter.continuation.resume(returning: outcome) }
    }

    private func remove(_ id: UInt64, _ outcome: Outcome) {
        let waiter: Waiter? = state.withLock { state in
            guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
            return state.waiters.remove(at: index)
        }
        waiter?.continuation.resume(returning: outcome)
    }
}
