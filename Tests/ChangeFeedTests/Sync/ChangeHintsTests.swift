import ChangeFeed
import ChangeFeedTesting
import Foundation
import Synchronization
import Testing

@Suite("Hints for waiting devices", .timeLimit(.minutes(10)))
struct ChangeHintsTests {
    private func batch(_ entries: (id: Int64, model: String, records: Int)...) -> ChangeBatch {
        ChangeBatch(
            entries: entries.map {
                LogEntry(
                    id: $0.id, epoch: 1, model: $0.model, kind: .write, occurredAt: 0,
                    recordIDs: (0..<$0.records).map { Int64($0) + 1 })
            }, isConsistentCut: true)
    }

    @Test("what is not taken collapses to a count per model, of the models that are followed")
    func collapses() async {
        let hints = ChangeHints()
        await hints.withSubscription(of: Audience(scope: "all", models: ["sale.order"])) { subscription in
            #expect(subscription.take() == nil)
            hints.publish(batch((1, "sale.order", 3), (2, "res.partner", 5)))
            hints.publish(batch((7, "sale.order", 1)))
            #expect(subscription.take() == HintSubscription.Hint(models: ["sale.order": 4], newestID: 7 * 4_096))
            #expect(subscription.take() == nil)
        }
        #expect(hints.count == 0)
    }

    @Test("a hint wakes who waits; other models do not")
    func wakes() async {
        let hints = ChangeHints()
        await hints.withSubscription(of: Audience(scope: "all", models: ["sale.order"])) { subscription in
            async let waiting: Void = subscription.wait(atMost: .seconds(60))
            hints.publish(batch((1, "res.partner", 1)))
            #expect(subscription.take() == nil)
            hints.publish(batch((2, "sale.order", 1)))
            await waiting
            #expect(subscription.take() != nil)
        }
    }

    /// Each call once went through two functions more than the one before, until the stack was too small.
    @Test("the observer is called in the same depth however often that was done")
    func depth() async {
        let hints = ChangeHints()
        let audience = Audience(scope: "all", models: ["sale.order"])
        let depths = Mutex<[Int]>([])
        hints.observe { _, _ in depths.withLock { $0.append(Thread.callStackReturnAddresses.count) } }
        hints.listen(for: audience, 1)
        for id in 1...40 { hints.publish(batch((Int64(id), "sale.order", 1))) }
        let measured = depths.withLock { $0 }
        #expect(measured.count == 40 && measured.last == measured.first)
        hints.listen(for: audience, -1)
    }

    @Test("waiting ends with the time, with the task, and when the service shuts down")
    func ends() async throws {
        let hints = ChangeHints()
        await hints.withSubscription(of: Audience(scope: "all", models: ["sale.order"])) {
            await $0.wait(atMost: .milliseconds(10))
        }
        let task = Task {
            await hints.withSubscription(of: Audience(scope: "all", models: ["sale.order"])) {
                await $0.wait(atMost: .seconds(600))
            }
        }
        try await eventually("it waits") { hints.count == 1 }
        task.cancel()
        await task.value
        let home = Task {
            await hints.withSubscription(of: Audience(scope: "all", models: ["sale.order"])) { subscription in
                await subscription.wait(atMost: .seconds(600))
                return subscription.isEnded
            }
        }
        try await eventually("it waits") { hints.count == 1 }
        hints.end()
        #expect(await home.value)
        #expect(await hints.withSubscription(of: Audience(scope: "all", models: ["x"])) { $0.isEnded })
    }
}
