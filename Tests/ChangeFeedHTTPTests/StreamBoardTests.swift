@testable import ChangeFeedHTTP
import ChangeFeed
import ChangeFeedTesting
import Foundation
import Testing

/// The board on sockets with little room, without a server.
@Suite("Streams whose clients read slowly", .timeLimit(.minutes(10)))
struct StreamBoardTests {
    private static let audience = Audience(scope: "all", models: ["res.partner"])
    private let places = StreamsPerUser(maximum: 10)

    private func board(patience: Duration = .seconds(60)) -> StreamBoard {
        StreamBoard(timing: StreamTiming(ping: 500...500, end: 500...500), patience: patience, hints: ChangeHints())
    }

    private func join(_ board: StreamBoard) async throws -> RawSocket {
        let (client, descriptor) = try RawSocket.pair()
        await board.join(
            StreamConnection(descriptor), audience: Self.audience, place: try places.enter(1), mayFollow: { true })
        return client
    }

    private func change(_ id: Int64) -> ChangeHints.Told {
        .change(["res.partner": ChangeHints.ModelChange(count: 1, newestID: id)])
    }

    private static func receive(_ client: RawSocket, until id: Int64) async throws -> String {
        try await onThread { client.receive { $0.contains("\"newest_id\":\(id)}") && $0.hasSuffix("\n\n\r\n") } }
    }

    /// How many changes the hints say.
    private static func changes(_ text: String) -> Int {
        text.components(separatedBy: "\"res.partner\":").dropFirst()
            .reduce(0) { $0 + (Int($1.prefix { $0.isNumber }) ?? 0) }
    }

    @Test("one that takes nothing holds up no other, and hears of all at once when it reads again")
    func slow() async throws {
        let board = board()
        let (slow, quick) = (try await join(board), try await join(board))
        async let all = Self.receive(quick, until: 1_000)
        for id in 1...1_000 { board.publish(change(Int64(id)), to: Self.audience) }
        #expect(Self.changes(try await all) == 1_000)
        let late = try await Self.receive(slow, until: 1_000)
        #expect(Self.changes(late) == 1_000)
        #expect(late.components(separatedBy: "event: change").count < 500)
        // Whole chunks, nothing cut into another.
        #expect(late.components(separatedBy: "event: change").dropFirst().allSatisfy { $0.contains("}\n\n\r\n") })
        #expect(board.count == 2)
    }

    @Test("it hears then that something waits, if it was not told what")
    func owed() async throws {
        let board = board()
        let slow = try await join(board)
        for id in 1...1_000 { board.publish(.something(newestID: Int64(id)), to: Self.audience) }
        let late = try await Self.receive(slow, until: 1_000)
        #expect(late.contains("\"newest_id\":1000}") && late.components(separatedBy: "event: change").count < 500)
    }

    @Test("one that takes nothing for too long is closed, and its place is free; others stay")
    func stuck() async throws {
        let board = board(patience: .milliseconds(500))
        let (slow, quick) = (try await join(board), try await join(board))
        async let all = Self.receive(quick, until: 2_000)
        for id in 1...1_000 { board.publish(change(Int64(id)), to: Self.audience) }
        try await eventually("it is closed") { board.count == 1 }
        board.publish(change(2_000), to: Self.audience)
        #expect(Self.changes(try await all) == 1_001)
        for _ in 0..<9 { _ = try places.enter(2) }
        #expect(try await onThread { slow.receive() }.hasSuffix("0\r\n\r\n") == false)
    }

    @Test("a stream that comes when all are over ends at once, in form")
    func late() async throws {
        let board = board()
        let before = try await join(board)
        await board.endAll()
        #expect(try await onThread { before.receive() } == "0\r\n\r\n")
        let after = try await join(board)
        #expect(try await onThread { after.receive() } == "0\r\n\r\n")
        #expect(board.count == 0)
    }

    @Test("a drain ends streams one after another over its time, and one that comes meanwhile at once")
    func drain() async throws {
        let board = board()
        var clients: [RawSocket] = []
        for _ in 0..<10 { clients.append(try await join(board)) }
        let start = ContinuousClock.now
        async let drained: Void = board.drain(over: .seconds(2))
        try await eventually("the first ends") { board.count < 10 }
        #expect(board.count > 0)
        let late = try await join(board)
        #expect(try await onThread { late.receive() } == "0\r\n\r\n")
        await drained
        #expect(board.count == 0 && ContinuousClock.now - start >= .seconds(1))
        for client in clients { #expect(try await onThread { client.receive() } == "0\r\n\r\n") }
    }

    @Test("a drain without streams, or without time, does not wait")
    func drainAtOnce() async throws {
        let board = board()
        let start = ContinuousClock.now
        await board.drain(over: .seconds(600))
        let other = self.board()
        let client = try await join(other)
        await other.drain(over: .zero)
        #expect(other.count == 0 && ContinuousClock.now - start < .seconds(300))
        #expect(try await onThread { client.receive() } == "0\r\n\r\n")
    }

    @Test("one that may not follow any more is sent home when its audience's sight has changed")
    func otherSight() async throws {
        let board = board()
        let (client, descriptor) = try RawSocket.pair()
        await board.join(
            StreamConnection(descriptor), audience: Self.audience, place: try places.enter(1), mayFollow: { false })
        let other = try await join(board)
        board.publish(.otherSight, to: Self.audience)
        #expect(try await onThread { client.receive() } == "0\r\n\r\n")
        #expect(board.count == 1)
        withExtendedLifetime(other) {}
    }
}
