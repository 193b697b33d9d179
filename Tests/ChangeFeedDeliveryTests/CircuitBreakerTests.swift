import Testing

@testable import ChangeFeedDelivery

@Suite("A circuit breaker")
struct CircuitBreakerTests {
    private let start = ContinuousClock.now

    private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

    private func opened() -> CircuitBreaker {
        var breaker = CircuitBreaker()
        for _ in 0..<10 { breaker.fail(start) }
        return breaker
    }

    @Test("opens after 10 failures in a row, not after 9, and not when one success lies between")
    func opens() {
        var breaker = CircuitBreaker()
        for _ in 0..<9 { breaker.fail(start) }
        #expect(breaker.verdict(start) == .go)
        breaker.succeed(start)
        #expect(breaker.failures == 0)
        for _ in 0..<9 { breaker.fail(start) }
        #expect(breaker.verdict(start) == .go)
        #expect(!breaker.isOpen)
        breaker.fail(start)
        #expect(breaker.isOpen)
        #expect(breaker.verdict(start) == .wait(until: at(60)))
    }

    @Test("allows one trial a minute while it is open")
    func trials() {
        var breaker = opened()
        #expect(breaker.admit(at(59.9)) == .wait(until: at(60)))
        #expect(breaker.verdict(at(60)) == .trial)
        #expect(breaker.verdict(at(60)) == .trial, "asking takes nothing")
        #expect(breaker.admit(at(70)) == .trial)
        #expect(breaker.admit(at(70)) == .wait(until: at(130)))
        breaker.fail(at(85))
        #expect(breaker.admit(at(129)) == .wait(until: at(130)))
        // The result of this trial never comes.
        #expect(breaker.admit(at(500)) == .trial)
        #expect(breaker.admit(at(559)) == .wait(until: at(560)))
        #expect(breaker.admit(at(560)) == .trial)
    }

    @Test("is not kept open by failures of requests that were under way when it opened")
    func late() {
        var breaker = opened()
        for second in 1...15 { breaker.fail(at(Double(second))) }
        #expect(breaker.verdict(at(60)) == .trial)
        #expect(breaker.failures == 25)
    }

    @Test("closes on a success, and needs 10 failures again")
    func closes() {
        var breaker = opened()
        #expect(breaker.admit(at(60)) == .trial)
        breaker.succeed(at(61))
        #expect(breaker.verdict(at(61)) == .go)
        for _ in 0..<9 { breaker.fail(at(62)) }
        #expect(breaker.verdict(at(62)) == .go)
        breaker.fail(at(63))
        #expect(breaker.verdict(at(63)) == .wait(until: at(123)))
    }

    @Test("waits 5 s, then twice as long each time, at most 5 min, where the receiver gives no time")
    func doubles() {
        var breaker = CircuitBreaker()
        var now = 0.0
        for pause in [5.0, 10, 20, 40, 80, 160, 300, 300] {
            breaker.throttle(at(now), retryAfter: nil)
            #expect(breaker.verdict(at(now)) == .wait(until: at(now + pause)))
            now += pause
            #expect(breaker.verdict(at(now)) == .go)
        }
        breaker.succeed(at(now))
        breaker.throttle(at(now), retryAfter: nil)
        #expect(breaker.verdict(at(now)) == .wait(until: at(now + 5)))
        #expect(breaker.failures == 0)
    }

    @Test("doubles once for the requests that are under way at the same time")
    func once() {
        var breaker = CircuitBreaker()
        for _ in 0..<8 { breaker.throttle(start, retryAfter: nil) }
        #expect(breaker.verdict(start) == .wait(until: at(5)))
        breaker.throttle(at(5), retryAfter: nil)
        #expect(breaker.verdict(at(5)) == .wait(until: at(15)))
    }

    @Test(
        "waits for as long as the receiver asks, at most 24 hours",
        arguments: [(1, 1), (3_600, 3_600), (86_400, 86_400), (1_000_000, 86_400)])
    func retryAfter(asked: Int, granted: Double) {
        var breaker = CircuitBreaker()
        breaker.throttle(start, retryAfter: .seconds(asked))
        #expect(breaker.verdict(start) == .wait(until: at(granted)))
        #expect(breaker.verdict(at(granted)) == .go)
    }

    @Test("never shortens a pause, and a success does not end it")
    func keeps() {
        var breaker = CircuitBreaker()
        breaker.throttle(start, retryAfter: .seconds(100))
        breaker.throttle(start, retryAfter: .seconds(10))
        breaker.throttle(start, retryAfter: nil)
        breaker.throttle(until: at(20))
        breaker.succeed(at(1))
        #expect(breaker.verdict(at(1)) == .wait(until: at(100)))
        breaker.throttle(start, retryAfter: .seconds(-10))
        #expect(breaker.verdict(at(100)) == .go)
    }

    @Test("waits for both, an open circuit and a pause, and then allows a trial")
    func both() {
        var breaker = opened()
        breaker.throttle(start, retryAfter: .seconds(90))
        #expect(breaker.admit(at(60)) == .wait(until: at(90)))
        #expect(breaker.admit(at(90)) == .trial)
        breaker.throttle(at(91), retryAfter: .seconds(1))
        #expect(breaker.admit(at(92)) == .wait(until: at(150)))
    }
}
