@testable import ChangeFeed
import Testing

@Suite("The wake-up", .timeLimit(.minutes(10)))
struct WakeUpTests {
    @Test("a wait without time ends immediately, however often, and an earlier ring is kept")
    func zero() async {
        let wakeUp = WakeUp()
        for _ in 0..<2_000 { #expect(await wakeUp.wait(atMost: .zero) == .timeout) }
        wakeUp.ring()
        #expect(await wakeUp.wait(atMost: .zero) == .rung)
        #expect(await wakeUp.wait(atMost: .microseconds(50)) == .timeout)
    }

    @Test("a ring ends a long wait, and so does cancelling")
    func rung() async {
        let wakeUp = WakeUp()
        async let reason = wakeUp.wait(atMost: .seconds(600))
        wakeUp.ring()
        #expect(await reason == .rung)
        let cancelled = Task { await wakeUp.wait(atMost: .seconds(600)) }
        cancelled.cancel()
        #expect(await cancelled.value == .timeout)
    }
}
