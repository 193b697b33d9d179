internal import ChangeFeed
internal import Hummingbird
internal import NIOCore

/// `GET /api/v2/sync/pull`, and the `POST` for clients written for the webhook mixin's server.
struct PullEndpoint: Sendable {
    let sync: DeviceSync
    let door: SyncDoor
    let hints: ChangeHints
    let maximumBodyBytes: Int

    static let names = [
        "device_id", "user_id", "app_type", "limit", "max_bytes", "data", "hashes", "wait", "start", "sync_token",
        QueryParameters.filter,
    ]
    static let repeatable = ["models", "fields", "fields[", QueryParameters.companies]
    /// Seconds that a client may wait for new events.
    static let waits: ClosedRange<Int> = 0...60
    private static let byteLimits: ClosedRange<Int> = 1...100_000_000

    func pull(_ request: Request, _ context: FeedRequestContext) async throws -> Response {
        let credentials = try await door.credentials(request, context)
        let parameters = try QueryParameters(request, known: Self.names, repeatable: Self.repeatable)
        var pull = DeviceSync.PullRequest(device: try parameters.readDevice())
        let user = try parameters.readUser()
        pull.scope = try parameters.readScope()
        pull.limit = try parameters.readInteger("limit", in: DeviceSync.PullRequest.limits) ?? pull.limit
        pull.maximumBytes = try parameters.readInteger("max_bytes", in: Self.byteLimits)
        pull.withData = try parameters.readBool("data") ?? true
        pull.withHash = try parameters.readBool("hashes") ?? false
        pull.fields = try parameters.readFields()
        pull.token = try parameters.read("sync_token", expected: "a token of a pull", TokenText.accept)
        pull.companies = try parameters.readCompanies(request)
        // The plain loop ends with a complete copy.
        pull.start =
            try parameters.read("start", expected: "all, now or earliest") { DeviceSync.FirstPull(rawValue: $0) }
            ?? .all
        // A HEAD request sends no events.
        if request.method == .head {
            let question = pull
            let known = door.newsQuestion(question.device, question.scope, question.companies, credentials)
            let held = try await door.remembered(known, credentials, context, userID: user)
            if held == nil {
                _ = try await door.admit(
                    credentials, context, Self.asks(question), device: question.device, userID: user
                ) { caller in
                    try await sync.news(
                        for: question.device, scope: question.scope, companies: question.companies, as: known,
                        of: caller)
                }
            }
            return Response(status: .ok, headers: [.contentType: "application/json"])
        }
        let wait = try parameters.readInteger("wait", in: Self.waits) ?? 0
        let question = pull
        let known = IdleQuestion(question, by: credentials.credential, database: credentials.database)
        let held = try await door.remembered(known, credentials, context, userID: user)
        let answer: DeviceSync.Pull
        if case .pull(let kept) = held {
            answer = kept
        } else {
            answer = try await door.admit(
                credentials, context, Self.asks(question), device: question.device, userID: user
            ) { caller in
                try await ask(question, known, credentials, context, caller)
            }
        }
        guard wait > 0, answer.count == 0, !answer.hasMore else {
            return Response(answer, user: try context.caller.admittedUser)
        }
        let later = try await waitAndPull(question, known, first: answer, seconds: wait, credentials, context)
        return Response(later, user: try context.caller.admittedUser)
    }

    private static func asks(_ pull: DeviceSync.PullRequest) -> Question {
        Question(.pull, pull.scope, device: pull.device)
    }

    /// Pulls again when something of these models changed, until there is an answer or the time is over, and then once
    /// more: the source of the hints may have been cut off from the database meanwhile.
    private func waitAndPull(
        _ question: DeviceSync.PullRequest, _ known: IdleQuestion?, first: DeviceSync.Pull, seconds: Int,
        _ credentials: Credentials,
        _ context: FeedRequestContext
    ) async throws -> DeviceSync.Pull {
        let deadline = ContinuousClock.now + .seconds(seconds)
        return try await hints.withSubscription(of: first.audience) { subscription in
            context.channel.closeFuture.whenComplete { _ in subscription.end() }
            var answer = first
            var isFirst = true
            var isLast = false
            while answer.count == 0, !answer.hasMore, !isLast {
                if !isFirst {
                    let left = deadline - .now
                    if left > .zero { await subscription.wait(atMost: left) }
                    if subscription.isEnded || Task.isCancelled { break }
                    isLast = deadline <= .now
                    if !isLast, subscription.take() == nil { continue }
                }
                // This pull finds changes between the first one and the subscription: the memory was notified
                // before the subscription could have been.
                isFirst = false
                answer = try await pullAgain(question, known, credentials, context)
            }
            return answer
        }
    }

    private func pullAgain(
        _ question: DeviceSync.PullRequest, _ known: IdleQuestion?, _ credentials: Credentials,
        _ context: FeedRequestContext
    ) async throws -> DeviceSync.Pull {
        let held = try await door.remembered(known, credentials)
        if case .pull(let kept) = held { return kept }
        return try await door.door.again(credentials, client: context.client, Self.asks(question)) { caller in
            try await ask(question, known, credentials, context, caller)
        }
    }

    private func ask(
        _ question: DeviceSync.PullRequest, _ known: IdleQuestion?, _ credentials: Credentials,
        _ context: FeedRequestContext, _ caller: CallerProof
    ) async throws -> DeviceSync.Pull? {
        // The user's visible fields must be known for data, and for filters, which compare them.
        if question.withData || !question.scope.filters.isEmpty {
            await door.prepare(question.scope, credentials, context, caller)
        }
        return try await sync.pull(question, as: known, for: caller)
    }

    // MARK: the older dialect

    /// `{"user_id", "device_id", "app_type", "models_filter", "limit"}`.
    private struct OlderRequest: Decodable {
        let userID: Int64?
        let device: String
        let appType: String?
        let models: [String]?
        let limit: Int64?

        private enum CodingKeys: String, CodingKey {
            case userID = "user_id"
            case device = "device_id"
            case appType = "app_type"
            case models = "models_filter"
            case limit
        }

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: CodingKeys.self)
            userID = try members.looseInteger(forKey: .userID)
            device = try members.decode(String.self, forKey: .device)
            appType = try members.decodeIfPresent(String.self, forKey: .appType)
            models = try members.decodeIfPresent([String].self, forKey: .models)
            limit = try members.looseInteger(forKey: .limit)
        }
    }

    /// These clients never acknowledge: each pull settles the events of the previous one.
    func olderPull(_ request: Request, _ context: FeedRequestContext) async throws -> Response {
        let credentials = try await door.credentials(request, context)
        let body = try await JSONBody.read(
            OlderRequest.self, from: request, context, upTo: maximumBodyBytes,
            expected: "an object with device_id and, optionally, user_id, app_type, models_filter (a list) and limit")
        guard let device = DeviceName(ofClient: body.device) else {
            throw QueryParameters.invalid("device_id", expected: QueryParameters.deviceExpected)
        }
        var pull = DeviceSync.PullRequest(device: device)
        if let name = body.appType {
            guard let name = AppTypeName.accept(name) else {
                throw QueryParameters.invalid("app_type", expected: "the name of an app type")
            }
            pull.scope.appType = name
        }
        if let names = body.models, !names.isEmpty { pull.scope.models = try QueryParameters.models(names) }
        if let limit = body.limit {
            guard limit >= 1 else { throw QueryParameters.invalid("limit", expected: "a whole number from 1") }
            pull.limit = Int(min(limit, Int64(DeviceSync.PullRequest.limits.upperBound)))
        }
        pull.withData = false
        pull.settlesHanded = true
        pull.companies = try QueryParameters.readCompanies(request.headers)
        let question = pull
        let answer = try await door.admit(
            credentials, context, Self.asks(question), device: device, userID: body.userID
        ) { caller in
            try await sync.pull(question, for: caller)
        }
        guard let events = answer.events else {
            throw ChangeFeedError(.unexpectedAnswer, "A pull without a list of events.")
        }
        return Response(
            before: [
                ("status", .string("success")), ("has_updates", .bool(answer.count > 0)),
                ("new_events_count", .int(answer.count)),
            ],
            member: "events", json: events,
            after: [
                ("next_sync_token", .string(answer.token)), ("last_sync_time", .string(Timestamp.now.iso8601)),
                ("has_more", .bool(answer.hasMore)),
            ])
    }
}

extension Response {
    /// - Parameter user: with whose access rights the answer was made.
    fileprivate init(_ pull: DeviceSync.Pull, user: JSONText) {
        var after: [(String, JSONText)] = [
            ("next_sync_token", .string(pull.token)), ("has_more", .bool(pull.hasMore)), ("user_id", user),
            ("models", .array(pull.models.map { .string($0) })),
        ]
        if let copy = pull.firstCopy {
            after.append(("lists_due", .array(copy.due.map { .string($0) })))
            after.append(
                ("progress", .object([("records", .int(Int(copy.records))), ("estimate", .int(Int(copy.estimate)))])))
        }
        if !pull.incomplete.isEmpty { after.append(("incomplete_models", .array(pull.incomplete.map { .string($0) }))) }
        let before: [(String, JSONText)] = [("has_update", .bool(pull.count > 0))]
        if let events = pull.events {
            self.init(before: before, member: "events", json: events, after: after)
        } else {
            self.init(json: .object(before + [("events", .array([]))] + after))
        }
    }
}
