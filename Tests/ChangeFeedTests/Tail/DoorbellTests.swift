import ChangeFeed
import Testing

@Suite("The doorbell's rules")
struct DoorbellTests {
    private func idle(_ doorbell: inout Doorbell) -> Doorbell.Action {
        doorbell.polled(foundChanges: false, more: false)
    }

    @Test("an idle tailer waits, and asks for the lock before it sleeps")
    func asksForLock() {
        let timing = Doorbell.Timing()
        var doorbell = Doorbell(timing: timing)
        #expect(idle(&doorbell) == .tryLock(after: timing.idleBeforeSleep))
        #expect(!doorbell.holdsLock)
    }

    @Test("a single change is three readings: with the bell, soon after it, and under the lock")
    func singleChange() {
        let timing = Doorbell.Timing()
        var doorbell = Doorbell(timing: timing)
        _ = idle(&doorbell)
        _ = doorbell.lockTried(granted: true)
        _ = idle(&doorbell)
        #expect(doorbell.woke(.bell) == .pollAndUnlock)
        #expect(doorbell.polled(foundChanges: true, more: false) == .poll(after: timing.shortestPoll))
        #expect(doorbell.polled(foundChanges: false, more: false) == .tryLock(after: timing.idleBeforeSleep))
        #expect(doorbell.lockTried(granted: true) == .poll(after: .zero))
        #expect(doorbell.polled(foundChanges: false, more: false) == .sleep(atMost: timing.slowPoll))
    }

    @Test("a final poll precedes sleep after the lock was granted")
    func finalPoll() {
        var doorbell = Doorbell()
        _ = idle(&doorbell)
        #expect(doorbell.lockTried(granted: true) == .poll(after: .zero))
        #expect(doorbell.holdsLock)
        guard case .sleep = doorbell.polled(foundChanges: false, more: false) else {
            Issue.record("an empty final poll allows sleep")
            return
        }
    }

    @Test("a final poll that finds something wakes the tailer and gives the lock back")
    func finalPollFinds() {
        var doorbell = Doorbell()
        _ = idle(&doorbell)
        _ = doorbell.lockTried(granted: true)
        #expect(doorbell.polled(foundChanges: true, more: false) == .unlock)
        #expect(doorbell.holdsLock)
        #expect(doorbell.unlocked() == .poll(after: Doorbell.Timing().shortestPoll))
        #expect(!doorbell.holdsLock)
    }

    @Test("a long transaction keeps the tailer awake, polling slower up to the limit")
    func longTransaction() {
        let timing = Doorbell.Timing()
        var doorbell = Doorbell(timing: timing)
        _ = idle(&doorbell)
        var pauses: [Duration] = []
        for _ in 0..<10 {
            guard case .poll(let pause) = doorbell.lockTried(granted: false) else {
                Issue.record("no sleep without the lock")
                return
            }
            pauses.append(pause)
            #expect(doorbell.polled(foundChanges: false, more: false) == .tryLock(after: .zero))
        }
        #expect(pauses == pauses.sorted())
        #expect(pauses.last == timing.longestPoll)
        #expect(!doorbell.holdsLock)
    }

    @Test("a bell ends the sleep and gives the lock back before the log is read")
    func bell() {
        var doorbell = Doorbell()
        _ = idle(&doorbell)
        _ = doorbell.lockTried(granted: true)
        _ = doorbell.polled(foundChanges: false, more: false)
        #expect(doorbell.woke(.bell) == .pollAndUnlock)
        #expect(!doorbell.holdsLock)
    }

    @Test("the slow poll keeps the lock and goes back to sleep when it finds nothing")
    func slowPoll() {
        var doorbell = Doorbell()
        _ = idle(&doorbell)
        _ = doorbell.lockTried(granted: true)
        let sleep = doorbell.polled(foundChanges: false, more: false)
        #expect(doorbell.woke(.timeout) == .poll(after: .zero))
        #expect(doorbell.holdsLock)
        #expect(doorbell.polled(foundChanges: false, more: false) == sleep)
    }

    @Test("a full window is followed by the next immediately")
    func fullWindow() {
        var doorbell = Doorbell()
        #expect(doorbell.polled(foundChanges: true, more: true) == .poll(after: .zero))
    }

    /// A model of the server: transactions take the lock shared or ring; commits make rows visible and deliver bells.
    /// The tailer's steps and the transactions' steps are interleaved at random; a row must never be visible while
    /// the tailer sleeps without a bell on its way.
    @Test("no wake-up is lost in thousands of random interleavings", arguments: 0..<64)
    func interleavings(seed: Int) {
        var random = SplitMix(state: UInt64(seed) &+ 1)
        var model = DoorbellModel(skipFinalPoll: false)
        for _ in 0..<200 { model.run(&random, steps: 120) }
        #expect(model.lostWakeUps == 0)
        // The model would find nothing if the tailer never slept or never woke.
        #expect(model.sleeps > 400)
        #expect(model.wakeUps > 200)
    }

    @Test("the model notices when the final poll is taken out")
    func interleavingsWithoutFinalPoll() {
        var random = SplitMix(state: 7)
        var model = DoorbellModel(skipFinalPoll: true)
        for _ in 0..<200 { model.run(&random, steps: 120) }
        #expect(model.lostWakeUps > 0)
    }
}

/// A small reproducible generator (SplitMix64, Steele, Lea and Flood 2014).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// The server's side of the doorbell in a few lines: one exclusive lock, transactions, bells at commit.
private struct DoorbellModel {
    private enum Transaction { case idle, sawAwake, rang }

    let skipFinalPoll: Bool
    private(set) var sleeps = 0
    private(set) var wakeUps = 0
    private(set) var lostWakeUps = 0

    init(skipFinalPoll: Bool) { self.skipFinalPoll = skipFinalPoll }

    /// One tailer and two transactions take turns at random; ends early when the tailer sleeps on a visible row that no
    /// bell announces.
    mutating func run(_ random: inout SplitMix, steps: Int) {
        var doorbell = Doorbell()
        var action = Doorbell.Action.poll(after: .zero)
        var transactions = Array(repeating: Transaction.idle, count: 2)
        var exclusive = false
        var unread = false
        var bell = false
        var foundBeforeUnlock: Bool?
        for _ in 0..<steps {
            if Int.random(in: 0..<4, using: &random) == 0 {
                let index = Int.random(in: transactions.indices, using: &random)
                switch transactions[index] {
                case .idle:
                    transactions[index] = exclusive ? .rang : .sawAwake
                case .sawAwake:
                    unread = true
                    transactions[index] = .idle
                case .rang:
                    unread = true
                    bell = true
                    transactions[index] = .idle
                }
                continue
            }
            switch action {
            case .poll:
                let found = unread
                unread = false
                action = doorbell.polled(foundChanges: found, more: false)
                if case .sleep = action { sleeps += 1 }
            case .tryLock:
                let granted = !transactions.contains(.sawAwake)
                exclusive = granted
                action = doorbell.lockTried(granted: granted)
                if granted, skipFinalPoll { action = doorbell.polled(foundChanges: false, more: false) }
            case .unlock:
                exclusive = false
                action = doorbell.unlocked()
            case .pollAndUnlock:
                // Two steps: others may come between the reading and the release.
                if let found = foundBeforeUnlock {
                    exclusive = false
                    foundBeforeUnlock = nil
                    action = doorbell.polled(foundChanges: found, more: false)
                } else {
                    foundBeforeUnlock = unread
                    unread = false
                }
            case .sleep:
                if bell {
                    bell = false
                    wakeUps += 1
                    action = doorbell.woke(.bell)
                } else if unread {
                    lostWakeUps += 1
                    return
                }
            }
        }
    }
}
