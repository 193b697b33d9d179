internal import ChangeFeed
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Postgres

/// `GET /api/v1/webhook/events`: events by the webhook mixin's rules, newest first.
struct EventsEndpoint: Sendable {
    let pool: ConnectionPool
    let verifier: ApiKeyVerifier

    func list(_ request: Request, _ context: FeedRequestContext) async throws -> Response {
        let key = try BearerToken.apiKey(request.headers)
        let filter = try EventFilter(query: request.uri.query)
        let page = try await verifier.withProof(of: key, client: context.client) { proof in
            try await EventPage.read(filter, proof: proof, from: pool)
        }
        context.caller.userID = page.userID
        guard let json = page.json else {
            throw Problem(
                .modelNotReadable, "This model is not tracked, or the key's user may not read it.",
                parameter: "model")
        }
        return Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: json.withBytes { ByteBuffer(bytes: $0) }))
    }
}

extension EventFilter {
    private static let names = ["model", "record_id", "event", "since", "limit", "offset"]

    /// - Throws: `Problem`.
    init(query: String?) throws(Problem) {
        let parameters = try QueryParameters(query, known: Self.names)
        self.init(
            model: try parameters.read(
                "model", expected: "a model's technical name: 1 to 128 characters of a-z, 0-9, _ and ."
            ) { ModelName($0) },
            recordID: try parameters.readInteger("record_id", in: 1...Int64.max),
            kind: try parameters.read("event", expected: "one of create, write, unlink") { EventKind(rawValue: $0) },
            since: try parameters.read(
                "since", expected: "an ISO 8601 date and time, such as 2026-11-24T02:43:08Z (no zone means UTC)"
            ) { Timestamp(iso8601: $0) },
            limit: try parameters.readInteger("limit", in: Self.limits) ?? Self.defaultLimit,
            offset: try parameters.readInteger("offset", in: Self.offsets) ?? 0)
    }
}
