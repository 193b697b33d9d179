import Testing

@testable import ChangeFeedDelivery

@Suite("Signals to one task", .timeLimit(.minutes(1)))
struct MailboxTests {
    @Test("are taken together, in their order")
    func order() async {
        let mailbox = Mailbox<Int>()
        for number in 0..<100 { mailbox.send(number) }
        #expect(await mailbox.take() == Array(0..<100))
    }

    @Test("of many tasks all arrive")
    func many() async {
        let mailbox = Mailbox<Int>()
        let senders = Task {
            await withDiscardingTaskGroup { group in
                for number in 0..<1_000 { group.addTask { mailbox.send(number) } }
            }
        }
        var found: Set<Int> = []
        while found.count < 1_000 { found.formUnion(await mailbox.take()) }
        await senders.value
        #expect(found == Set(0..<1_000))
    }

    @Test("are not waited for by a task that is cancelled")
    func cancelled() async {
        let mailbox = Mailbox<Int>()
        let waiting = Task { await mailbox.take() }
        waiting.cancel()
        #expect(await waiting.value.isEmpty)
    }
}
