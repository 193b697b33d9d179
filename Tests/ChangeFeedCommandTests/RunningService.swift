import ChangeFeedTesting
import Foundation
import Testing

/// `changefeed serve` on a database, and where it answers.
struct RunningService {
    let process: BuiltBinary
    let port: Int
    let url: String

    init(_ conninfo: String, port: Int? = nil, environment: [String: String] = [:]) throws {
        let port = try port ?? FreePort.find()
        self.port = port
        url = "http://127.0.0.1:\(port)"
        let own = [
            "DATABASE_URL": conninfo, "CHANGEFEED_PORT": "\(port)", "CHANGEFEED_ADMIN_PORT": "0", "LOG_LEVEL": "info",
            // A test that waits for an answer asks until it comes.
            "CHANGEFEED_RATE_LIMIT_EVENTS": "0", "CHANGEFEED_RATE_LIMIT_CHECK_UPDATES": "0",
            "CHANGEFEED_RATE_LIMIT_SYNC_DEVICE": "0", "CHANGEFEED_RATE_LIMIT_SYNC_USER": "0",
        ]
        process = try BuiltBinary.start(["serve"], environment: own.merging(environment) { $1 })
    }

    func ready() async throws {
        try await eventually("the service is ready: \(process.errors)") {
            try await Curl.get(url + "/readyz").status == 200
        }
    }

    func get(_ path: String, key: String = TestKeys.admin) async throws -> (status: Int, body: String) {
        try await Curl.get(url + path, headers: ["Authorization: Bearer \(key)"])
    }

    func events(_ key: String) async throws -> (status: Int, body: String) {
        try await get("/api/v1/webhook/events", key: key)
    }

    /// The front page.
    func status() async throws -> [String: Any] {
        let answer = try await Curl.get(url + "/")
        return try #require(try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any])
    }
}
