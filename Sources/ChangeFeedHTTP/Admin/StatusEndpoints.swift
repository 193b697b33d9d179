internal import ChangeFeed
internal import HTTPTypes
internal import Hummingbird
internal import Synchronization

/// The front page and the probes. They require no key and do not use the database.
final class StatusEndpoints: Sendable {
    private let version: String
    private let feed: any FeedHealth
    private let isPublic: Bool
    private let stopping = Atomic(false)

    /// - Parameter isPublic: Reasons are given in words for the public.
    init(version: String, feed: any FeedHealth, isPublic: Bool = true) {
        self.version = version
        self.isPublic = isPublic
        self.feed = feed
    }

    /// From now on `/readyz` answers 503, so that a load balancer sends no new requests.
    func stopBeingReady() { stopping.store(true, ordering: .relaxed) }

    /// `GET /`: 200 also while the database is unreachable; `status` shows which.
    func root() async -> Response {
        let report = await feed.health()
        let ready = report.ready && !isStopping
        return Response(
            json: .object([
                ("name", .string("odoo-changefeed")),
                ("status", .string(ready ? "running" : "degraded")),
                ("version", .string(version)),
                (
                    "services",
                    .object([
                        ("database", .string(report.databaseReachable ? "running" : "unreachable")),
                        ("tailer", .string(report.ready ? "running" : "not_ready")),
                    ])
                ),
                ("feed", feedStatus(report)),
                ("delivery", delivery(report)),
                (
                    "endpoints",
                    .array(
                        Route.allCases.flatMap { route in
                            route.methods.map { .string($0.rawValue + " " + route.rawValue) }
                        })
                ),
            ]))
    }

    /// `GET /openapi.json`: this API for programs.
    func openAPI() -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: OpenAPIDocument.bytes)))
    }

    /// `GET /healthz`: the process answers.
    func health() -> Response {
        Response(json: .object([("status", .string("ok"))]))
    }

    /// `GET /readyz`: requests can be served, whatever the lag.
    func ready() async throws -> Response {
        if isStopping { throw Problem(.notReady, "The service is stopping.", retryAfter: 5) }
        let report = await feed.health()
        guard report.ready else {
            throw Problem(.notReady, reason(report) ?? "The feed is starting.", retryAfter: 2)
        }
        return Response(json: .object([("status", .string("ready"))]))
    }

    private func reason(_ report: FeedHealthReport) -> String? {
        guard isPublic, report.reason != nil else { return report.reason }
        return report.publicReason ?? "The feed does not run."
    }

    private var isStopping: Bool { stopping.load(ordering: .relaxed) }

    /// Only codes: who forbade it and where the original is must not be public.
    private func delivery(_ report: FeedHealthReport) -> JSONText {
        guard let state = report.delivery else { return .null }
        return .object([("allowed", .bool(state.allowed)), ("reasons", .array(state.reasons.map { .string($0) }))])
    }

    private func feedStatus(_ report: FeedHealthReport) -> JSONText {
        .object([
            ("reason", reason(report).map { .string($0) } ?? .null),
            ("role", .string(report.role.rawValue)),
            ("lag_seconds", report.lag.map { .double($0 / .seconds(1)) } ?? .null),
            ("epoch", report.epoch.map { .int($0) } ?? .null),
        ])
    }
}
