internal import ChangeFeed
internal import ChangeFeedDelivery
internal import HTTPTypes
internal import Hummingbird

/// Webhooks: `GET` and `POST /api/v2/endpoints`, `GET` and `DELETE /api/v2/endpoints/{name}`, and what is below that.
struct WebhookEndpoints: Sendable {
    let calls: EndpointCalls
    let door: SyncDoor
    let maximumBodyBytes: Int
    /// Test events of a user: each is a request to another server, which takes up to 15 seconds.
    private static let tests = RateLimit(name: "endpoint-test", quota: 12)

    // MARK: lists

    /// The endpoints that the user manages, ordered by name.
    func list(_ request: Request, _ context: FeedRequestContext) async throws -> Response {
        let credentials = try await door.credentials(request, context)
        let parameters = try QueryParameters(request, known: ["limit", "after"])
        let limit = try parameters.readInteger("limit", in: EndpointCalls.Page.limits) ?? 100
        let after = try parameters.read("after", expected: Self.nameExpected, Self.accept)
        let page = try await door.admit(credentials, context, Question(.endpoints), device: nil) { caller in
            try await calls.list(after: after, limit: limit, for: caller)
        }
        return Response(
            before: [], member: "endpoints", json: page.endpoints,
            after: [("next_after", page.nextAfter.map { .string($0) } ?? .null)])
    }

    func show(_ request: Request, _ context: FeedRequestContext) async throws -> Response {
        let credentials = try await door.credentials(request, context)
        _ = try QueryParameters(request, known: [])
        let name = Self.name(context)
        return Response(
            json: try await door.admit(credentials, context, Question(.endpoint), device: nil) { caller in
                try await calls.endpoint(name, for: caller)
            })
    }

    func attempts(_ request: Request, _ context: FeedRequestContext) async throws -> Response {
        let credentials = try await door.credentials(request, context)
        let limit = try QueryParameters(request, known: ["limit"]).readInteger("limit", in: EndpointCalls.limits)
        let name = Self.name(context)
        let attempts = try await door.admit(credentials, context, Question(.endpointAttempts), device: nil) { caller in
            try await calls.attempts(of: name, limit: limit ?? 100, for: caller)
        }
        return Response(before: [], member: "attempts", json: attempts, after: [])
    }

    func waiting(_ request: Request, _ context: FeedRequestContext) async throws -> Response {
        let credentials = try await door.credentials(request, context)
        let limit = try QueryParameters(request, known: ["limit"]).readInteger("limit", in: EndpointCalls.limits)
        let name = Self.name(context)
        let records = try await door.admit(credentials, context, Question(.endpointWaiting), device: nil) { caller in
            try await calls.waiting(of: name, limit: limit ?? 100, for: caller)
        }
        return Response(before: [], member: "records", json: records, after: [])
    }

    /// The name in the path; the empty text, which no endpoint has, for what cannot be a name.
    private static func name(_ context: FeedRequestContext) -> String {
        context.parameters.get("name").flatMap(accept) ?? ""
    }

    private static func accept(_ name: String) -> String? { EndpointDesk.isName(name) ? name : nil }

    private static let nameExpected = "1 to 63 of a-z, 0-9, - and _, the first a letter or digit"

    // MARK: create and remove

    /// Answers 201 with the endpoint, and with its secret, which no other answer has.
    func create(_ request: Request, _ context: FeedRequestContext) async throws -> Response {
        let credentials = try await door.credentials(request, context)
        _ = try QueryParameters(request, known: [])
        let wanted = try await JSONBody.read(
            WantedEndpoint.self, from: request, context, upTo: maximumBodyBytes, expected: WantedEndpoint.expected)
        let draft = try wanted.draft(urls: calls.urls)
        let created = try await door.admit(credentials, context, Question(.endpoints, ["create"]), device: nil) {
            caller in
            try await Self.ofBody { try await calls.create(draft, for: caller) }
        }
        var response = Response(
            before: [("secret", .string(created.secret.text))], member: "endpoint", json: created.endpoint, after: [])
        response.status = .created
        response.headers[.location] = Route.endpoints.rawValue + "/" + draft.name
        return response
    }

    /// This path takes companies and filters in other members than pulls do.
    private static func ofBody<R>(_ body: () async throws -> R) async throws -> R {
        do {
            return try await body()
        } catch let refusal as AccessRefusal {
            var problem = Problem(refusal, path: "")
            if problem.parameter == QueryParameters.companies { problem.parameter = "companies" }
            if problem.parameter == "filter" { problem.parameter = "filters" }
            throw problem
        }
    }

    func remove(_ request: Request, _ context: FeedRequestContext) async throws -> Response {
        let credentials = try await door.credentials(request, context)
        _ = try QueryParameters(request, known: [])
        let name = Self.name(context)
        _ = try await door.admit(credentials, context, Question(.endpoint, ["remove"]), device: nil) { caller in
            try await calls.remove(name, for: caller)
        }
        return Self.done("The endpoint is removed.")
    }

    private static func done(_ message: String) -> Response {
        Response(json: .object([("status", .string("success")), ("message", .string(message))]))
    }

    // MARK: change

    func pause(_ request: Request, _ context: FeedRequestContext) async throws -> Response {
        let credentials = try await door.credentials(request, context)
        _ = try QueryParameters(request, known: [])
        let body = try await optional(
            PauseBody.self, request, context, expected: "an object with, optionally, reason (a text)")
        let reason = body?.reason
        if let reason, !(1...500).contains(reason.utf8.count) || reason.utf8.contains(0) {
            throw QueryParameters.invalid("reason", expected: "1 to 500 bytes without NUL")
        }
        let name = Self.name(context)
        let changed = try await door.admit(credentials, context, Question(.endpointPause), device: nil) { caller in
            try await calls.set(name, active: false, reason: reason, for: caller)
        }
        return Self.changed(changed, changed ? "The endpoint is paused." : "The endpoint was paused already.")
    }

    func resume(_ request: Request, _ context: FeedRequestContext) async throws -> Response {
        let credentials = try await door.credentials(request, context)
        _ = try QueryParameters(request, known: [])
        let name = Self.name(context)
        let changed = try await door.admit(credentials, context, Question(.endpointResume), device: nil) { caller in
            try await calls.set(name, active: true, for: caller)
        }
        return Self.changed(changed, changed ? "The endpoint is active." : "The endpoint was active already.")
    }

    private static func changed(_ changed: Bool, _ message: String) -> Response {
        Response(json: .object([("changed", .bool(changed)), ("message", .string(message))]))
    }

    func rotate(_ request: Request, _ context: FeedRequestContext) async throws -> Response {
        let credentials = try await door.credentials(request, context)
        _ = try QueryParameters(request, known: [])
        let body = try await optional(
            RotateBody.self, request, context, expected: "an object with, optionally, now (true or false)")
        let overlap: Duration = body?.now == true ? .zero : .seconds(86_400)
        let name = Self.name(context)
        let secret = try await door.admit(credentials, context, Question(.endpointRotate), device: nil) { caller in
            try await calls.rotate(name, overlap: overlap, for: caller)
        }
        // Receivers of a key pair's messages need its public key alone.
        return Response(
            json: .object([secret.publicKey.map { ("public_key", .string($0)) } ?? ("secret", .string(secret.text))]))
    }

    func replay(_ request: Request, _ context: FeedRequestContext) async throws -> Response {
        let credentials = try await door.credentials(request, context)
        _ = try QueryParameters(request, known: [])
        let body = try await JSONBody.read(
            ReplayBody.self, from: request, context, upTo: maximumBodyBytes,
            expected: "an object with from (all, now, earliest or a date and time)")
        guard let start = DeviceSync.Start(body.from) else {
            throw QueryParameters.invalid("from", expected: QueryParameters.startExpected)
        }
        let name = Self.name(context)
        _ = try await door.admit(credentials, context, Question(.endpointReplay), device: nil) { caller in
            try await calls.replay(name, from: start, for: caller)
        }
        return Self.done("The service delivers again within seconds.")
    }

    func retry(_ request: Request, _ context: FeedRequestContext) async throws -> Response {
        let credentials = try await door.credentials(request, context)
        let records = try await records(request, context)
        let name = Self.name(context)
        let count = try await door.admit(credentials, context, Question(.endpointRetry), device: nil) { caller in
            try await calls.retry(name, model: records.model, record: records.id, for: caller)
        }
        return Self.counted(count, count == 1 ? "1 record is tried again." : "\(count) records are tried again.")
    }

    func drop(_ request: Request, _ context: FeedRequestContext) async throws -> Response {
        let credentials = try await door.credentials(request, context)
        let records = try await records(request, context)
        let name = Self.name(context)
        let count = try await door.admit(credentials, context, Question(.endpointDrop), device: nil) { caller in
            try await calls.drop(name, model: records.model, record: records.id, for: caller)
        }
        return Self.counted(count, count == 1 ? "1 dead letter was dropped." : "\(count) dead letters were dropped.")
    }

    private static func counted(_ count: Int, _ message: String) -> Response {
        Response(json: .object([("records", .int(count)), ("message", .string(message))]))
    }

    /// The records that a request names: all, of a model, or one.
    private func records(
        _ request: Request, _ context: FeedRequestContext
    ) async throws -> (model: ModelName?, id: Int64?) {
        _ = try QueryParameters(request, known: [])
        let body = try await optional(
            RecordsBody.self, request, context, expected: "an object with, optionally, model and record_id")
        guard let body else { return (nil, nil) }
        var model: ModelName?
        if let text = body.model {
            guard let name = ModelName(text) else {
                throw QueryParameters.invalid("model", expected: "a model's technical name")
            }
            model = name
        }
        if let id = body.recordID {
            guard id >= 1 else { throw QueryParameters.invalid("record_id", expected: "a whole number from 1") }
            guard model != nil else {
                throw Problem(.parameterMissing, "A record_id needs the model.", parameter: "model")
            }
        }
        return (model, body.recordID)
    }

    /// The body, if there is one.
    private func optional<T: Decodable>(
        _ type: T.Type, _ request: Request, _ context: FeedRequestContext, expected: String
    ) async throws -> T? {
        guard request.headers.announceBody else { return nil }
        return try await JSONBody.read(type, from: request, context, upTo: maximumBodyBytes, expected: expected)
    }

    // MARK: test

    /// Sends a test event, and answers what came of it.
    func test(_ request: Request, _ context: FeedRequestContext) async throws -> Response {
        let credentials = try await door.credentials(request, context)
        _ = try QueryParameters(request, known: [])
        let name = Self.name(context)
        let trial = try await door.admit(credentials, context, Question(.endpointTest), device: nil) { caller in
            try await calls.trial(name, for: caller)
        }
        if let decision = door.counts.count(Self.tests, key: "user:\(context.caller.userID ?? 0)"), !decision.isAllowed
        {
            throw Problem(
                .rateLimited, "Too many test events within a minute.",
                retryAfter: Int(max(1, decision.retryAfter.wholeSeconds)))
        }
        let outcome = await trial.send()
        return Response(
            json: .object([
                ("accepted", .bool(outcome.failure == nil)), ("status", outcome.status.map { .int($0) } ?? .null),
                ("milliseconds", .int(outcome.milliseconds)), ("error", outcome.failure.map { .string($0) } ?? .null),
            ]))
    }
}
