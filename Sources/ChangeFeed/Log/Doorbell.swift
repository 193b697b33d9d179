/// When the leading tailer polls, when it may sleep, and what it must do first: the doorbell's rules.
///
/// NOTIFY serialises commits, so triggers ring only while the tailer sleeps. An advisory lock K shows them whether it
/// does: the sleeper holds it exclusively, a trigger tries it shared. The rules guarantee that the tailer never sleeps
/// without a **poll after K was granted** (K is granted only when every transaction that saw the tailer awake has
/// ended, so that poll sees them all), and never waits for a bell without holding K.
///
/// A pure value: each method returns the action to take next.
public struct Doorbell: Sendable, Equatable {
    /// Times of the doorbell.
    public struct Timing: Sendable, Equatable {
        /// Between two polls while changes arrive.
        public var shortestPoll: Duration = .milliseconds(1)
        /// Between two polls while a long transaction keeps the lock from us.
        public var longestPoll: Duration = .milliseconds(20)
        /// After a poll without a change, the tailer waits this long and tries to sleep. Short: at a few hundred commits a
        /// second a bell for each costs nothing noticeable and is faster than a poll; at thousands every poll finds
        /// something. There is no poll in between: the one under the lock is the next.
        public var idleBeforeSleep: Duration = .milliseconds(2)
        /// The fallback poll, for a LISTEN that went deaf.
        public var slowPoll: Duration = .seconds(5)

        public init() {}
    }

    /// What to do next.
    public enum Action: Sendable, Equatable {
        /// Read the log after a pause.
        case poll(after: Duration)
        /// Try to take K after a pause.
        case tryLock(after: Duration)
        /// Read the log, then release K: clients that wait for the change are served first.
        case pollAndUnlock
        /// Release K: the log was read under it, and held changes.
        case unlock
        /// Holding K, with nothing new since it was granted: wait for the bell, at most this long.
        case sleep(atMost: Duration)
    }

    /// The reason for waking up.
    public enum Wake: Sendable, Equatable {
        case bell
        case timeout
    }

    private enum State: Sendable, Equatable {
        /// `waited`: the last poll found nothing, and the pause before sleep is over.
        case awake(waited: Bool, pause: Duration)
        /// K is held, the final poll has not been done yet.
        case dozing
        case asleep
    }

    private let timing: Timing
    private var state: State

    public init(timing: Timing = Timing()) {
        self.timing = timing
        self.state = .awake(waited: false, pause: timing.shortestPoll)
    }

    /// True while K is held: transactions ring.
    public var holdsLock: Bool {
        if case .awake = state { false } else { true }
    }

    /// The log was read. `more` means that the window was full.
    public mutating func polled(foundChanges: Bool, more: Bool) -> Action {
        switch state {
        case .awake(let waited, let pause):
            if foundChanges {
                state = .awake(waited: false, pause: timing.shortestPoll)
                return .poll(after: more ? .zero : timing.shortestPoll)
            }
            state = .awake(waited: true, pause: pause)
            return .tryLock(after: waited ? .zero : timing.idleBeforeSleep)
        case .dozing, .asleep:
            if foundChanges { return .unlock }
            state = .asleep
            return .sleep(atMost: timing.slowPoll)
        }
    }

    /// K was released after a poll that found changes.
    public mutating func unlocked() -> Action {
        state = .awake(waited: false, pause: timing.shortestPoll)
        return .poll(after: timing.shortestPoll)
    }

    /// The answer to `tryLock`.
    public mutating func lockTried(granted: Bool) -> Action {
        if granted {
            state = .dozing
            return .poll(after: .zero)
        }
        // A transaction that saw the tailer awake is still running: keep polling, slower and slower.
        let pause: Duration =
            if case .awake(_, let pause) = state { min(pause * 2, timing.longestPoll) } else { timing.shortestPoll }
        state = .awake(waited: true, pause: pause)
        return .poll(after: pause)
    }

    /// The sleep ended.
    public mutating func woke(_ wake: Wake) -> Action {
        switch wake {
        case .bell:
            state = .awake(waited: false, pause: timing.shortestPoll)
            return .pollAndUnlock
        case .timeout:
            return .poll(after: .zero)
        }
    }
}
