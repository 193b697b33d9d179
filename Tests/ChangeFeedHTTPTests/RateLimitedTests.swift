@testable import ChangeFeedHTTP
import ChangeFeed
import ChangeFeedTesting
import HTTPTypes
import Testing

@Suite("Asking too often")
struct RateLimitedTests {
    private static let events = "/api/v1/webhook/events"
    private static let forwarded = HTTPField.Name("X-Forwarded-For")!

    private func service(quota: Int) async throws -> Service {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        return try Service(database) { $0.rateLimits.events = quota }
    }

    @Test("is 429 with the words and headers that clients know, for that user and path alone")
    func limited() async throws {
        let service = try await service(quota: 3)
        for left in [2, 1, 0] {
            let answer = try await service.send(Self.events, key: TestKeys.admin)
            #expect(answer.status == 200)
            #expect(answer.headers[.rateLimit]?.hasPrefix("\"events\";r=\(left);t=") == true)
            #expect(answer.headers[.rateLimitPolicy] == "\"events\";q=3;w=60")
        }
        let refused = try await service.send(Self.events, key: TestKeys.admin)
        #expect(refused.status == 429 && refused.code == "rate_limited")
        #expect(refused.object["error"] as? String == "Rate limit exceeded. Please try again later.")
        let wait = try #require(refused.headers[.retryAfter].flatMap { Int($0) })
        #expect((1...20).contains(wait))
        #expect(refused.headers[.rateLimit]?.hasPrefix("\"events\";r=0;") == true)
        #expect(try await service.send(Self.events, key: TestKeys.sales).status == 200)
        #expect(try await service.send("/api/v1/check-updates", key: TestKeys.admin).status == 200)
        #expect(try await service.send("/healthz").status == 200)
    }

    @Test("another credential of the same user does not help")
    func sameUser() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let folder = try SessionFolder()
        try folder.write(.admin, database: database.name)
        let service = try Service(
            database, authentication: .init(sessionChecks: [SessionFiles(dataDirectory: folder.path)])
        ) { $0.rateLimits.events = 2 }
        #expect(try await service.send(Self.events, key: TestKeys.admin).status == 200)
        #expect(try await service.send(Self.events, session: .admin).status == 200)
        #expect(try await service.send(Self.events, session: .admin).status == 429)
        #expect(try await service.send(Self.events, key: TestKeys.admin).status == 429)
    }

    @Test("unknown clients are counted by address, and known users at the same address are still served")
    func strangers() async throws {
        let service = try await service(quota: 5)
        #expect(try await service.send(Self.events, key: TestKeys.admin).status == 200)
        for _ in 0..<5 { #expect(try await service.send(Self.events).status == 401) }
        #expect(try await service.send(Self.events).status == 429)
        #expect(try await service.send(Self.events, key: TestKeys.unknown).status == 429)
        #expect(try await service.send(Self.events, headers: [.authorization: "Bearer x"]).status == 429)
        #expect(try await service.send(Self.events, key: TestKeys.admin).status == 200)
    }

    @Test("unknown clients do not lock out a session user of the same address whose session is looked up again")
    func neighbours() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let folder = try SessionFolder()
        try folder.write(.sales, database: database.name)
        let files = SessionFiles(dataDirectory: folder.path, lifetime: .zero)
        let service = try Service(database, authentication: .init(sessionChecks: [files])) { $0.rateLimits.events = 5 }
        #expect(try await service.send(Self.events, session: .sales).status == 200)
        for _ in 0..<5 { #expect(try await service.send(Self.events).status == 401) }
        #expect(try await service.send(Self.events).status == 429)
        #expect(try await service.send(Self.events, session: .admin).status == 429)
        #expect(try await service.send(Self.events, session: .sales).status == 200)
    }

    @Test("wrong keys and unknown sessions are counted by address too")
    func wrongCredentials() async throws {
        let service = try await service(quota: 4)
        for number in 10...13 {
            #expect(try await service.send(Self.events, key: String(repeating: "\(number)", count: 20)).status == 401)
        }
        let refused = try await service.send(Self.events, key: String(repeating: "14", count: 20))
        #expect(refused.status == 429 && refused.code == "rate_limited")
        #expect(try await service.send(Self.events, session: .admin).status == 429)
    }

    @Test("a forwarded address is not accepted from an untrusted client")
    func spoofed() async throws {
        let service = try await service(quota: 3)
        for number in 1...3 {
            #expect(try await service.send(Self.events, headers: [Self.forwarded: "1.2.3.\(number)"]).status == 401)
        }
        #expect(try await service.send(Self.events, headers: [Self.forwarded: "1.2.3.9"]).status == 429)
    }

    @Test("without a limit nothing is counted and no header is sent")
    func unlimited() async throws {
        let service = try await service(quota: 0)
        for _ in 0..<50 { #expect(try await service.send(Self.events, key: TestKeys.admin).status == 200) }
        #expect(try await service.send(Self.events, key: TestKeys.admin).headers[.rateLimit] == nil)
    }

    @Test(
        "a loop of pulls and acknowledgements is held up at a pull, never at the acknowledgement after it; acknowledgements alone are, too"
    )
    func loopRates() async throws {
        let (_, service) = try await SyncTests.installed("UPDATE res_partner SET phone = '1' WHERE id <= 4") {
            $0.rateLimits.syncPerDevice = 3
            $0.rateLimits.syncPerUser = 5
        }
        func acknowledge(_ ids: [Int], _ device: String = "a") async throws -> Answer {
            try await service.send(
                SyncTests.acknowledge, key: TestKeys.admin, method: .post,
                body: #"{"device_id":"\#(device)","event_ids":\#(ids)}"#)
        }
        for left in [2, 1, 0] {
            let pull = try await service.send(SyncTests.pull + "?device_id=a&limit=1", key: TestKeys.admin)
            #expect(pull.status == 200 && pull.headers[.rateLimit]?.hasPrefix("\"sync\";r=\(left);") == true)
            let settled = try await acknowledge(
                (pull.object["events"] as? [[String: Any]])?.compactMap { $0["id"] as? Int } ?? [])
            #expect(settled.status == 200 && settled.object["acknowledged"] as? Int == 1, "\(settled.text)")
            #expect(settled.headers[.rateLimit]?.hasPrefix("\"sync-acknowledge\";r=\(left);") == true)
        }
        #expect(try await service.send(SyncTests.pull + "?device_id=a", key: TestKeys.admin).status == 429)
        let refused = try await acknowledge([4096])
        #expect(refused.status == 429 && refused.code == "rate_limited" && refused.headers[.retryAfter] != nil)
        // That one counted for the user, as a refused pull does: 5 in all.
        #expect(try await acknowledge([4096], "b").status == 404)
        let user = try await acknowledge([4096], "c")
        #expect(user.status == 429 && user.headers[.rateLimitPolicy] == "\"sync-acknowledge-user\";q=5;w=60")
    }
}
