import ChangeFeedTesting
import Postgres
import Testing

@Suite("The listener", .timeLimit(.minutes(10)))
struct ListenerTests {
    private static let quick = Backoff(initial: .milliseconds(20), maximum: .milliseconds(200))

    @Test("hears its channels and, when its backend is killed, says so and listens again")
    func reconnects() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.empty)
        let sender = try await database.connect()
        var elements = Listener(try database.configuration(), channels: ["one", "two \"2\""], backoff: Self.quick)
            .makeAsyncIterator()
        guard case .listening(let first) = await elements.next() else {
            Issue.record("it must connect")
            return
        }
        _ = try await sender.query("SELECT pg_notify('two \"2\"', 'hello')")
        guard case .notification(let message) = await elements.next() else {
            Issue.record("it must hear")
            return
        }
        #expect(message.payload == "hello")
        #expect(message.backendPID == sender.backendPID)
        _ = try await sender.query("SELECT pg_terminate_backend($1)", [.int(first)])
        guard case .waiting(let error, let pause) = await elements.next() else {
            Issue.record("it must say so")
            return
        }
        #expect(error.code == .connectionLost)
        #expect(pause > .zero && pause <= .milliseconds(20))
        guard case .listening(let second) = await elements.next() else {
            Issue.record("it must come back")
            return
        }
        #expect(second != first)
        _ = try await sender.query("NOTIFY one")
        guard case .notification(let again) = await elements.next() else {
            Issue.record("it must hear again")
            return
        }
        #expect(again.channel == "one")
    }

    @Test("pauses grow while the server does not answer, and cancelling ends the sequence")
    func backsOff() async throws {
        let nowhere = try ConnectionConfiguration("host=/nonexistent dbname=none")
        let growing = Backoff(initial: .milliseconds(1), maximum: .milliseconds(8), jitter: 0)
        var pauses: [Duration] = []
        for await element in Listener(nowhere, channels: ["x"], backoff: growing) {
            if case .waiting(_, let pause) = element { pauses.append(pause) }
            if pauses.count == 5 { break }
        }
        #expect(pauses == [1, 2, 4, 8, 8].map { .milliseconds($0) })
        let endless = Task {
            for await _ in Listener(nowhere, channels: ["x"], backoff: Backoff(initial: .seconds(600), jitter: 0)) {}
            return true
        }
        endless.cancel()
        #expect(await endless.value)
    }
}
