import ChangeFeed
import Testing

@Suite("The change hub")
struct ChangeHubTests {
    private func batch(_ id: Int64) -> ChangeBatch {
        ChangeBatch(
            entries: [
                LogEntry(id: id, epoch: 1, model: "res.partner", kind: .write, occurredAt: 0, recordIDs: [1])
            ], isConsistentCut: true)
    }

    @Test("every subscriber receives every batch in order")
    func everybody() async {
        let hub = ChangeHub()
        var first = hub.subscribe().makeAsyncIterator()
        var second = hub.subscribe().makeAsyncIterator()
        hub.publish(batch(1))
        hub.publish(batch(2))
        #expect(await first.next() == .batch(batch(1)))
        #expect(await first.next() == .batch(batch(2)))
        #expect(await second.next() == .batch(batch(1)))
    }

    @Test("a slow subscriber is told that it missed something, before anything newer")
    func slow() async {
        let hub = ChangeHub(capacity: 2)
        var slow = hub.subscribe().makeAsyncIterator()
        for id in 1...3 { hub.publish(batch(Int64(id))) }
        #expect(await slow.next() == .batch(batch(1)))
        #expect(await slow.next() == .batch(batch(2)))
        hub.publish(batch(4))
        #expect(await slow.next() == .missed)
        #expect(await slow.next() == .batch(batch(4)))
    }

    @Test("a subscriber that leaves is forgotten")
    func leaves() async {
        let hub = ChangeHub()
        do {
            let stream = hub.subscribe()
            #expect(hub.subscriberCount == 1)
            _ = stream
        }
        #expect(hub.subscriberCount == 0)
    }
}
