@testable import ChangeFeed
import ChangeFeedTesting
import Testing

@Suite("An API key")
struct ApiKeyTests {
    @Test("is hashed as Odoo's passlib does")
    func hash() throws {
        let key = try #require(ApiKey(TestKeys.admin))
        let hash =
            "$pbkdf2-sha512$6000$ISMvKXpXpadDiUoOSoAfww$.JYi7II7iJOIRrwus5lJcdEa9bMS3BiJGPPHqosUNp7FFDbP8p69rivKBELGxIC91dd0log8am8IUQ8mU7Z8Hg"
        #expect(ApiKeyHash.derive(key, rounds: 6_000, salt: "ISMvKXpXpadDiUoOSoAfww") == hash)
        #expect(ApiKeyHash.derive(key, rounds: 0, salt: "ISMvKXpXpadDiUoOSoAfww") == nil)
        #expect(ApiKeyHash.derive(key, rounds: 1_000_001, salt: "ISMvKXpXpadDiUoOSoAfww") == nil)
        #expect(ApiKeyHash.derive(key, rounds: 6_000, salt: "+++=") == nil)
    }

    @Test("has its shape or is none", arguments: ["", "d033e22a", TestKeys.admin.uppercased(), TestKeys.admin + "0"])
    func shape(text: String) {
        #expect(ApiKey(text) == nil)
    }

    @Test("is never shown")
    func description() throws {
        let key = try #require(ApiKey(TestKeys.admin))
        #expect(!"\(key) \(String(reflecting: key))".contains("d033"))
        let proof = CallerProof(method: .apiKey, subject: 1, proof: "$pbkdf2-sha512$secret", session: nil, usedAt: nil)
        #expect(!"\(proof) \(String(reflecting: proof))".contains("pbkdf2"))
    }

    @Test("ab64 is read as it is written")
    func ab64() {
        for length in 0..<70 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255) }
            #expect(ApiKeyHash.decode(ApiKeyHash.encode(bytes)) == bytes)
        }
        #expect(ApiKeyHash.decode("A") == nil)
    }

    @Test("wrong keys are counted by client and by prefix, for a window")
    func failures() {
        var limit = ApiKeyFailureLimit(.init(perClient: 3, perPrefix: 2, window: .seconds(60), capacity: 8))
        let start = ContinuousClock.now
        limit.record(client: "a", prefix: "p", now: start)
        #expect(limit.delay(client: "a", prefix: "p", now: start) == nil)
        limit.record(client: "a", prefix: "p", now: start)
        #expect(limit.delay(client: "b", prefix: "p", now: start) == .seconds(60))
        #expect(limit.delay(client: "a", prefix: "q", now: start) == nil)
        limit.record(client: "a", prefix: "q", now: start)
        #expect(limit.delay(client: "a", prefix: "r", now: start + .seconds(59)) == .seconds(1))
        #expect(limit.delay(client: "a", prefix: "p", now: start + .seconds(60)) == nil)
    }

    @Test("the hashing queue refuses what it cannot hold, and works on afterwards")
    func queue() async throws {
        let hashing = ApiKeyHashing(atOnce: 1, queueLimit: 2)
        let key = try #require(ApiKey(TestKeys.admin))
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 {
                group.addTask { (try? await hashing.derive(key, rounds: 100_000, salt: "AAAA")) != nil }
            }
            return await group.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(outcomes.contains(true) && outcomes.contains(false))
        #expect(try await hashing.derive(key, rounds: 1, salt: "AAAA") != nil)
    }
}
