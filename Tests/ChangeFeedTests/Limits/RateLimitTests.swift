@testable import ChangeFeed
import ChangeFeedTesting
import Postgres
import Testing

@Suite("A rate limit", .timeLimit(.minutes(10)))
struct RateLimitTests {
    private let limit = RateLimit(name: "events", quota: 30)

    @Test("lets a burst of the whole quota through, then one per step, and tells what is left")
    func burst() {
        var limits = LocalRateLimits(capacity: 100)
        let start = ContinuousClock.now
        for number in 1...30 {
            let decision = limits.count(limit, key: "a", now: start)
            #expect(decision.isAllowed && decision.remaining == 30 - number)
        }
        let refused = limits.count(limit, key: "a", now: start)
        #expect(!refused.isAllowed && refused.remaining == 0)
        #expect(refused.retryAfter == .seconds(2) && refused.reset == .seconds(60))
        #expect(limits.count(limit, key: "b", now: start).isAllowed)
        let early = limits.count(limit, key: "a", now: start + .milliseconds(1_999))
        let inTime = limits.count(limit, key: "a", now: start + .seconds(2))
        let tooMany = limits.count(limit, key: "a", now: start + .seconds(2))
        #expect([early, inTime, tooMany].map(\.isAllowed) == [false, true, false])
        let later = limits.count(limit, key: "a", now: start + .seconds(3_600))
        #expect(later.isAllowed && later.remaining == 29)
    }

    @Test("a million clients do not make the memory grow, and one that is in use is not forgotten")
    func bounded() {
        var limits = LocalRateLimits(capacity: 1_000)
        let start = ContinuousClock.now
        let tight = RateLimit(name: "cleanup", quota: 1, period: .seconds(1_000_000))
        for number in 0..<1_000_000 {
            _ = limits.count(limit, key: "flood \(number)", now: start)
            if number % 100 == 0 {
                _ = limits.count(tight, key: "used", now: start + .seconds(1_000_000) * (number / 100))
            }
        }
        #expect(limits.count <= 1_002)
    }

    @Test("is counted in the database: exactly the quota, from many concurrent connections")
    func shared() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let counts = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<6 {
                group.addTask {
                    let connection = try await database.connect(user: "changefeed_login")
                    var allowed = 0
                    for _ in 0..<10
                    where try await connection.value(
                        "SELECT allowed FROM changefeed.rate_limit('events user:2', 25, 600)") == "t"
                    {
                        allowed += 1
                    }
                    await connection.close()
                    return allowed
                }
            }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        // On a slow machine a step of 24 s may pass meanwhile.
        #expect((25...28).contains(counts.reduce(0, +)))
        #expect(try await database.psql("SELECT count(*) FROM changefeed.rate_limit") == "1")
    }

    @Test("is the same for all replicas, and a refusal is remembered")
    func replicas() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let configuration = try database.configuration(user: "changefeed_login")
        let limit = RateLimit(name: "events", quota: 3, period: .seconds(600))
        let limiters = (0..<2).map { _ in RateLimiter(pool: ConnectionPool(configuration, maximumConnections: 2)) }
        var allowed: [Bool?] = []
        for number in 0..<4 { allowed.append(await limiters[number % 2].count(limit, key: "user:2")?.isAllowed) }
        #expect(allowed == [true, true, true, false])
        let refused = try #require(await limiters[0].count(limit, key: "user:2"))
        #expect(!refused.isAllowed && refused.retryAfter > .zero && refused.retryAfter <= .seconds(200))
        #expect(limiters[0].refusal(limit, key: "user:2") != nil)
        #expect(await limiters[0].count(limit, key: "user:6")?.isAllowed == true)
        #expect(await limiters[0].count(RateLimit(name: "x", quota: 0), key: "user:2") == nil)
    }

    @Test("falls back to memory while the shared counts are unavailable, and returns to them")
    func away() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let limiter = RateLimiter(
            pool: ConnectionPool(try database.configuration(user: "changefeed_login"), maximumConnections: 2))
        let limit = RateLimit(name: "events", quota: 3)
        try await database.psql("ALTER TABLE changefeed.rate_limit RENAME TO away")
        var allowed = 0
        for _ in 0..<10 where await limiter.count(limit, key: "user:2")?.isAllowed == true { allowed += 1 }
        #expect(allowed == 3)
        try await database.psql("ALTER TABLE changefeed.away RENAME TO rate_limit")
        try await eventually("it counts in the database again") {
            _ = await limiter.count(limit, key: "user:6")
            return try await database.psql("SELECT count(*) > 0 FROM changefeed.rate_limit") == "t"
        }
    }

    @Test("arguments that make no limit are refused, and a limit that had a longer window before locks out no client")
    func arguments() async throws {
        let service = try await PrivateCluster.shared().createDatabase(.installed).connect(user: "changefeed_login")
        for bad in [
            "'k', 0, 60", "'k', 1, 0", "'k', -1, 60", "NULL, 1, 60", "'k', NULL, 60", "'k', 2147483647, 1",
            "repeat('k', 201), 1, 60",
        ] {
            await #expect { try await service.query("SELECT changefeed.rate_limit(\(bad))") } throws: {
                ($0 as? PostgresError)?.sqlState == "22023"
            }
        }
        #expect(try await service.value("SELECT allowed FROM changefeed.rate_limit('k', 1, 3600)") == "t")
        #expect(try await service.value("SELECT spent_seconds <= 60 FROM changefeed.rate_limit('k', 100, 60)") == "t")
    }

    @Test("what has run out is cleared away")
    func cleared() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql(
            """
            INSERT INTO changefeed.rate_limit SELECT 'old ' || n, now() - interval '1 hour' FROM generate_series(1, 100) n;
            SELECT setseed(0.5);
            SELECT count(changefeed.rate_limit('x', 1000000, 60)) FROM generate_series(1, 10000);
            """)
        #expect(try await database.psql("SELECT count(*) FROM changefeed.rate_limit") == "1")
    }
}
