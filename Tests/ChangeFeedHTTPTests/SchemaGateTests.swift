@testable import ChangeFeedHTTP
import ChangeFeed
import ChangeFeedTesting
import HTTPTypes
import Testing

@Suite("A service whose binary and schema are of different versions", .timeLimit(.minutes(10)))
struct SchemaGateTests {
    private static let calls: [(HTTPRequest.Method, String)] = [
        (.get, "/api/v1/webhook/events"), (.get, "/api/v1/check-updates"),
        (.delete, "/api/v1/cleanup?before=2000-01-01"),
        (.get, SyncTests.pull + "?device_id=phone"), (.post, SyncTests.acknowledge), (.post, SyncTests.pull),
        (.get, SyncTests.state + "?device_id=phone"),
        (.post, SyncTests.reset + "?device_id=phone"),
        (.get, SyncTests.snapshot + "?device_id=phone&model=res.partner"),
        (.get, SyncTests.digest + "?device_id=phone&model=res.partner"), (.head, "/api/v2/sync/stream?device_id=phone"),
        (.get, "/api/v2/app-types"),
        (.get, "/api/v2/endpoints"), (.get, "/api/v2/endpoints/shop"), (.delete, "/api/v2/endpoints/shop"),
        (.post, "/api/v2/endpoints/shop/pause"), (.post, "/api/v2/endpoints/shop/resume"),
        (.post, "/api/v2/endpoints/shop/rotate"), (.post, "/api/v2/endpoints/shop/replay"),
        (.post, "/api/v2/endpoints/shop/test"), (.post, "/api/v2/endpoints/shop/retry"),
        (.post, "/api/v2/endpoints/shop/drop"), (.get, "/api/v2/endpoints/shop/attempts"),
        (.get, "/api/v2/endpoints/shop/waiting"),
    ]
    /// As the tailer reports what keeps it from following.
    private static let waiting = SteadyFeed(
        report: FeedHealthReport(databaseReachable: true, ready: false, reason: "another version", role: .starting))

    private func answers(_ service: Service) async throws -> [(String, Answer)] {
        var answers: [(String, Answer)] = []
        for (method, path) in Self.calls {
            let body =
                path == SyncTests.acknowledge || (method == .post && path == SyncTests.pull)
                ? #"{"device_id":"phone","event_ids":[]}"#
                : path.hasSuffix("/replay") ? #"{"from":"all"}"# : nil
            answers.append((path, try await service.send(path, key: TestKeys.admin, method: method, body: body)))
        }
        return answers
    }

    @Test(
        "refuses all requests, says why, and changes nothing",
        arguments: [
            "INSERT INTO changefeed.migration (version) SELECT max(version) + 1 FROM changefeed.migration",
            "DELETE FROM changefeed.migration WHERE version = (SELECT max(version) FROM changefeed.migration)",
        ])
    func refuses(change: String) async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql(change)
        let service = try Service(database, feed: Self.waiting)
        for (path, answer) in try await answers(service) {
            #expect(
                answer.status == 503 && (answer.text.isEmpty || answer.code == "schema_version_mismatch"),
                "\(path): \(answer.text)")
            #expect(answer.headers[.retryAfter] == "30")
        }
        #expect(try await database.psql("SELECT count(*) FROM changefeed.device") == "0")
        #expect(try await service.send("/healthz").status == 200)
        #expect(try await service.send("/readyz").code == "not_ready")
        // Whoever shows nothing does not learn it, and costs nothing.
        #expect(try await service.send("/api/v2/app-types").code == "credentials_missing")
    }

    @Test("and one that fits answers, also while it does not follow the log")
    func fits() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        for (path, answer) in try await answers(try Service(database, feed: Self.waiting)) {
            #expect([200, 404].contains(answer.status), "\(path): \(answer.text)")
        }
    }

    @Test("while the database is away that is what is said")
    func away() async throws {
        let answer = try await Service(feed: Self.waiting).send("/api/v2/app-types", key: TestKeys.admin)
        #expect(answer.status == 503 && answer.code == "database_unavailable")
    }
}
