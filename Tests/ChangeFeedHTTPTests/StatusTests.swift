import ChangeFeed
import HTTPTypes
import Testing

@Suite("The front page and the probes")
struct StatusTests {
    @Test("GET / answers 200 and says that the database is away")
    func degraded() async throws {
        let feed = SteadyFeed(
            report: FeedHealthReport(
                databaseReachable: false, ready: false,
                reason: "connection to server at \"10.0.0.9\", port 5432 failed", publicReason: "no database",
                role: .starting))
        let answer = try await Service(feed: feed).send("/")
        #expect(answer.status == 200)
        #expect(answer.object["status"] as? String == "degraded")
        #expect(answer.object["version"] as? String == "9.9.9")
        #expect(answer.object["services"] as? [String: String] == ["database": "unreachable", "tailer": "not_ready"])
        #expect((answer.object["feed"] as? [String: Any])?["reason"] as? String == "no database")
        #expect(answer.text.contains("/api/v1/webhook/events") && !answer.text.contains("10.0.0.9"))
    }

    @Test("GET / says whether anything may be pushed, by codes alone")
    func delivery() async throws {
        let state = DeliveryState(
            allowed: false, reasons: ["copy", "forbidden"], details: ["of database odoo", "by admin: secret plans"])
        let feed = SteadyFeed(
            report: FeedHealthReport(databaseReachable: true, ready: true, role: .leader, delivery: state))
        let answer = try await Service(feed: feed).send("/")
        let delivery = try #require(answer.object["delivery"] as? [String: Any])
        #expect(delivery["allowed"] as? Bool == false)
        #expect(delivery["reasons"] as? [String] == ["copy", "forbidden"])
        #expect(!answer.text.contains("secret"))
        #expect(answer.object["status"] as? String == "running")
    }

    @Test("GET / says that it is running, its version and what its services do, where all is well")
    func running() async throws {
        let answer = try await Service().send("/")
        #expect(answer.object["status"] as? String == "running")
        #expect(answer.object["version"] as? String == "9.9.9")
        #expect(answer.object["services"] as? [String: String] == ["database": "running", "tailer": "running"])
        #expect((answer.object["feed"] as? [String: Any])?["role"] as? String == "leader")
    }

    @Test("the probes answer 200 when all is well", arguments: ["/", "/healthz", "/readyz"])
    func well(path: String) async throws {
        let answer = try await Service().send(path)
        #expect(answer.status == 200)
        #expect(answer.headers[.contentType] == "application/json")
    }

    @Test("/readyz gives the reason with a 503, and /healthz does not mind")
    func notReady() async throws {
        let feed = SteadyFeed(
            report: FeedHealthReport(
                databaseReachable: true, ready: false, reason: "no pg_hba.conf entry for host 10.0.0.9",
                publicReason: "not installed", role: .starting))
        let service = try Service(feed: feed)
        let answer = try await service.send("/readyz")
        #expect(answer.status == 503)
        #expect(answer.code == "not_ready")
        #expect(answer.object["detail"] as? String == "not installed")
        #expect(!answer.text.contains("10.0.0.9"))
        #expect(answer.headers[.retryAfter] != nil)
        #expect(try await service.send("/healthz").status == 200)
    }

    @Test("HEAD answers as GET without a body")
    func head() async throws {
        let answer = try await Service().send("/healthz", method: .head)
        #expect(answer.status == 200)
        #expect(answer.text == "")
    }
}
