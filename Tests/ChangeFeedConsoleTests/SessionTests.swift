@testable import ChangeFeedConsole
import ChangeFeed
import Testing

@Suite("Sessions of the console")
struct SessionTests {
    private let evidence = ConsoleSessions.Evidence.odoo(
        SessionID(String(repeating: "s", count: 84))!)

    @Test("a session ends with its time")
    func lifetime() {
        let sessions = ConsoleSessions(limits: .init(lifetime: .seconds(60)))
        let now = ContinuousClock.now
        let token = sessions.begin(evidence, userID: 2, now: now)
        #expect(sessions.find(token, now: now + .seconds(59))?.userID == 2)
        #expect(sessions.find(token, now: now + .seconds(60)) == nil)
        #expect(sessions.count == 0)
    }

    @Test("a user has only so many, and there are only so many in all; the oldest goes")
    func bounded() {
        let sessions = ConsoleSessions(limits: .init(maximum: 5, perUser: 2))
        let now = ContinuousClock.now
        let first = sessions.begin(evidence, userID: 2, now: now)
        let second = sessions.begin(evidence, userID: 2, now: now + .seconds(1))
        let third = sessions.begin(evidence, userID: 2, now: now + .seconds(2))
        #expect(sessions.find(first) == nil && sessions.find(second) != nil && sessions.find(third) != nil)
        for user in 3...9 { _ = sessions.begin(evidence, userID: Int64(user), now: now + .seconds(3)) }
        #expect(sessions.count == 5 && sessions.find(second) == nil)
    }

    @Test("tokens differ, and only the whole one counts")
    func tokens() {
        let sessions = ConsoleSessions()
        let tokens = Set((0..<50).map { sessions.begin(evidence, userID: Int64($0)) })
        #expect(tokens.count == 50 && tokens.allSatisfy { $0.utf8.count == 64 })
        for token in tokens {
            #expect(sessions.find(String(token.dropLast())) == nil && sessions.find(token + "0") == nil)
            #expect(sessions.find(token.uppercased()) == nil || token.uppercased() == token)
        }
    }
}
