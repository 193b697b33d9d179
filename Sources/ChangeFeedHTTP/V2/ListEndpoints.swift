internal import ChangeFeed
internal import Hummingbird

/// Lists of a model, `GET /api/v2/sync/snapshot`, and verification of a copy, `GET /api/v2/sync/digest`.
struct ListEndpoints: Sendable {
    let sync: DeviceSync
    let door: SyncDoor

    static let snapshotNames = [
        "device_id", "user_id", "model", "cursor", "limit", "from_id", "to_id", "hashes", QueryParameters.filter,
    ]
    static let digestNames = [
        "device_id", "user_id", "model", "buckets", "of", "from_id", "to_id", QueryParameters.filter,
    ]

    func snapshot(_ request: Request, _ context: FeedRequestContext) async throws -> Response {
        let credentials = try await door.credentials(request, context)
        let parameters = try QueryParameters(
            request, known: Self.snapshotNames, repeatable: ["fields", QueryParameters.companies])
        var list = DeviceSync.ListRequest(device: try parameters.readDevice(), model: try Self.model(parameters))
        list.cursor = try parameters.read("cursor", expected: "the next_cursor of a page", TokenText.accept)
        list.limit = try parameters.readInteger("limit", in: DeviceSync.ListRequest.limits) ?? list.limit
        list.fromID = try parameters.readInteger("from_id", in: DeviceSync.ListRequest.ids)
        list.toID = try parameters.readInteger("to_id", in: DeviceSync.ListRequest.ids)
        list.fields = try Self.fields(parameters)
        list.filters = try parameters.readFilters()
        list.withHash = try parameters.readBool("hashes") ?? false
        list.companies = try parameters.readCompanies(request)
        let question = list
        let page = try await door.admit(
            credentials, context, Question(.snapshot, [question.model.rawValue], device: question.device),
            device: question.device,
            userID: try parameters.readUser()
        ) { caller in
            await door.prepare(SyncScope(models: [question.model]), credentials, context, caller)
            return try await Self.ofModel { try await sync.list(question, for: caller) }
        }
        return Response(
            before: [
                ("snapshot_id", .string(page.snapshotID)), ("model", .string(question.model.rawValue)),
                ("user_id", try context.caller.admittedUser),
            ],
            member: "records", json: page.records,
            after: [
                ("next_cursor", page.nextCursor.map { .string($0) } ?? .null), ("complete", .bool(page.isComplete)),
            ])
    }

    func digest(_ request: Request, _ context: FeedRequestContext) async throws -> Response {
        let credentials = try await door.credentials(request, context)
        let parameters = try QueryParameters(
            request, known: Self.digestNames, repeatable: ["fields", QueryParameters.companies])
        var digest = DeviceSync.DigestRequest(device: try parameters.readDevice(), model: try Self.model(parameters))
        digest.buckets =
            try parameters.readInteger("buckets", in: DeviceSync.DigestRequest.bucketLimits) ?? digest.buckets
        digest.content = try Self.content(parameters)
        digest.filters = try parameters.readFilters()
        digest.companies = try parameters.readCompanies(request)
        let question = digest
        return Response(
            json: try await door.admit(
                credentials, context, Question(.digest, [question.model.rawValue], device: question.device),
                device: question.device,
                userID: try parameters.readUser()
            ) { caller in
                if question.content != .writeDate || !question.filters.isEmpty {
                    await door.prepare(SyncScope(models: [question.model]), credentials, context, caller)
                }
                return try await Self.ofModel { try await sync.digest(question, for: caller) }
            })
    }

    /// `of=data` with its parameters, or `of=write_date`.
    private static func content(_ parameters: QueryParameters) throws(Problem) -> DeviceSync.DigestRequest.Content {
        let isOfData =
            try parameters.read("of", expected: "data or write_date") { ["data": true, "write_date": false][$0] }
            ?? false
        let fields = try fields(parameters)
        let fromID = try parameters.readInteger("from_id", in: DeviceSync.ListRequest.ids)
        let toID = try parameters.readInteger("to_id", in: DeviceSync.ListRequest.ids)
        if isOfData { return .data(fields: fields, fromID: fromID, toID: toID) }
        for (name, isGiven) in [("fields", fields != nil), ("from_id", fromID != nil), ("to_id", toID != nil)]
        where isGiven {
            throw Problem(.parameterInvalid, "Parameter \(name) is for a digest of data: add of=data.", parameter: name)
        }
        return .writeDate
    }

    private static func fields(_ parameters: QueryParameters) throws(Problem) -> [String]? {
        guard let names = parameters.list("fields") else { return nil }
        guard names.count <= 500, names.allSatisfy(FieldName.accept) else {
            throw QueryParameters.invalid("fields", expected: "technical names of fields")
        }
        return names
    }

    /// These paths take one model, in another parameter than pulls do.
    static func ofModel<R>(_ body: () async throws -> R) async throws -> R {
        do {
            return try await body()
        } catch AccessRefusal.modelNotReadable {
            throw Problem(
                .modelNotReadable, "The model is not tracked, or this user may not read it.", parameter: "model")
        }
    }

    private static func model(_ parameters: QueryParameters) throws(Problem) -> ModelName {
        let expected = "a model's technical name: 1 to 128 characters of a-z, 0-9, _ and ."
        guard let model = try parameters.read("model", expected: expected, { ModelName($0) }) else {
            throw Problem(.parameterMissing, "Parameter model is required.", parameter: "model")
        }
        return model
    }
}
