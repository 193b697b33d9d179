internal import ChangeFeed
internal import ChangeFeedMetrics
internal import HTTPTypes
internal import Hummingbird

/// The front door of version 2: requests are counted by user and by device, in this process, because a pull with
/// nothing new is one query of the database and no write.
struct SyncDoor: Sendable {
    let door: FrontDoor
    let live: LiveConfiguration
    var perDevice: RateLimit { live.limit("sync", \.syncPerDevice) }
    var perUser: RateLimit { live.limit("sync-user", \.syncPerUser) }
    /// Acknowledgements have the same limits again: an acknowledgement after a pull is never refused before the pulls
    /// are, at whichever replica they arrive, and a loop of acknowledgements alone ends where a loop of pulls does.
    var acknowledgements: (perDevice: RateLimit, perUser: RateLimit) {
        (
            live.limit("sync-acknowledge", \.syncPerDevice), live.limit("sync-acknowledge-user", \.syncPerUser)
        )
    }
    /// How often a device may pull while it has to resync.
    let resync = RateLimit(name: "resync", quota: 12)
    let counts = LocalRateLimiter()
    /// Asks Odoo which fields users may see, if Odoo is configured.
    let fields: FieldKnowledge?
    /// Cached answers of the database that are still valid; nil caches nothing.
    let memory: IdleAnswers?

    init(door: FrontDoor, live: LiveConfiguration, fields: FieldKnowledge? = nil, memory: IdleAnswers? = nil) {
        self.door = door
        self.live = live
        self.fields = fields
        self.memory = memory
    }

    func credentials(_ request: Request, _ context: FeedRequestContext) async throws -> Credentials {
        try await door.credentials(request, context, perUser)
    }

    /// Runs a statement for the user of the credentials.
    /// - Parameters:
    ///   - userID: The user that the client names; must be the authenticated one.
    ///   - isAcknowledgement: Counts against the limits of acknowledgements.
    ///   - body: As in `FrontDoor.admit`.
    func admit<R>(
        _ credentials: Credentials, _ context: FeedRequestContext, _ question: Question, device: DeviceName?,
        userID: Int64? = nil,
        isAcknowledgement: Bool = false, _ body: (CallerProof) async throws -> R?
    ) async throws -> R {
        do {
            return try await door.admit(
                credentials, context, perUser, question,
                counting: { try count($0, device, userID: userID, isAcknowledgement: isAcknowledgement) }, body)
        } catch let refusal as SyncRefusal {
            if case .resync = refusal, let device, let caller = context.caller.userID {
                try slowDown(device, caller)
            }
            throw refusal
        }
    }

    /// Counts a request of a user.
    private func count(
        _ caller: Int64, _ device: DeviceName?, userID: Int64?, isAcknowledgement: Bool = false
    ) throws(Problem) -> RateLimitDecision? {
        if let userID, userID != caller {
            throw Problem(
                .userMismatch, "The user_id is not that of the authenticated user.",
                hint: "Leave user_id out: the session or key identifies the user.", parameter: "user_id")
        }
        let limits = isAcknowledgement ? acknowledgements : (perDevice: perDevice, perUser: perUser)
        let all = counts.count(limits.perUser, key: "user:\(caller)")
        guard let device, all?.isAllowed != false else { return all }
        return counts.count(limits.perDevice, key: "device:\(caller):\(device.text)") ?? all
    }

    /// A cached answer without news, for a caller who would be admitted and is counted likewise; nil: query the
    /// database.
    /// - Throws: as `admit` does.
    func remembered(
        _ question: IdleQuestion?, _ credentials: Credentials, _ context: FeedRequestContext, userID: Int64?
    ) async throws -> IdleAnswers.Held.Answer? {
        guard let memory, let question, let held = try await find(question, in: memory, credentials) else { return nil }
        context.caller.note(
            Authenticator.Caller(userID: held.userID, proof: held.proof, isRefused: false, isNew: false))
        FeedMetrics.authentication(method: .init(rawValue: held.proof.method.rawValue) ?? .session, result: .accepted)
        try door.pass(try count(held.userID, question.device, userID: userID), context)
        return given(held, by: memory)
    }

    /// The same for a repeated check in a request that was counted.
    func remembered(_ question: IdleQuestion?, _ credentials: Credentials) async throws -> IdleAnswers.Held.Answer? {
        guard let memory, let question, let held = try await find(question, in: memory, credentials) else { return nil }
        return given(held, by: memory)
    }

    private func given(_ held: IdleAnswers.Held, by memory: IdleAnswers) -> IdleAnswers.Held.Answer {
        memory.noteAnswer()
        FeedMetrics.idleAnswer()
        return held.answer
    }

    /// Whether events are waiting for a device, as the memory's question.
    func newsQuestion(
        _ device: DeviceName, _ scope: SyncScope, _ companies: EnabledCompanies, _ credentials: Credentials
    ) -> IdleQuestion {
        IdleQuestion(
            newsFor: device, scope: scope, companies: companies, by: credentials.credential,
            database: credentials.database)
    }

    private func find(_ question: IdleQuestion, in memory: IdleAnswers, _ credentials: Credentials) async throws
        -> IdleAnswers.Held?
    {
        try await door.gate.pass()
        guard let held = memory.find(question) else { return nil }
        if held.isConfirmed { return held }
        guard case .session(let session) = credentials.credential,
            let proof = await door.authenticator.find(session, naming: credentials.database, as: held.proof)
        else {
            memory.forget(question)
            return nil
        }
        memory.confirm(question, proof)
        // Anything may have changed meanwhile.
        guard var again = memory.find(question), again.isConfirmed else { return nil }
        again.proof.cookies = proof.cookies
        return again
    }

    /// Must be called before data of these models is read.
    func prepare(_ scope: SyncScope, _ credentials: Credentials, _ context: FeedRequestContext, _ caller: CallerProof)
        async
    {
        guard let fields else { return }
        context.caller.note(cookies: await fields.prepare(scope, credentials.credential, caller))
    }

    /// A device that keeps asking, whatever the answer, is limited; others are not.
    private func slowDown(_ device: DeviceName, _ caller: Int64) throws {
        guard let decision = counts.count(resync, key: "\(caller):\(device.text)"), !decision.isAllowed else { return }
        throw Problem(
            .rateLimited, "This device has to resync and keeps asking for events.",
            hint: "Do what the earlier 410 says: /api/v2/sync/snapshot or /api/v2/sync/reset.",
            retryAfter: Int(max(1, decision.retryAfter.wholeSeconds)))
    }
}

extension QueryParameters {
    static let deviceExpected = "1 to 255 characters without NUL that do not begin with endpoint:"
    static let startExpected = "all, now, earliest, or an ISO 8601 date and time"

    /// Reads `device_id`, which must be there.
    func readDevice() throws(Problem) -> DeviceName {
        guard let device = try read("device_id", expected: Self.deviceExpected, { DeviceName(ofClient: $0) }) else {
            throw Problem(
                .parameterMissing, "Parameter device_id is required.",
                hint: "It names the app's installation, the same each time.", parameter: "device_id")
        }
        return device
    }

    /// Reads `user_id`.
    func readUser() throws(Problem) -> Int64? { try readInteger("user_id", in: 1...Int64(Int32.max)) }

    /// Reads `app_type` and `models`.
    func readScope() throws(Problem) -> SyncScope {
        var scope = SyncScope()
        if let name = try read("app_type", expected: "the name of an app type", { AppTypeName.accept($0) }) {
            scope.appType = name
        }
        if let names = list("models") { scope.models = try Self.models(names) }
        scope.filters = try readFilters()
        return scope
    }

    static func models(_ names: [String]) throws(Problem) -> [ModelName] {
        let models = names.compactMap { ModelName($0) }
        guard models.count == names.count, (1...SyncScope.maximumModels).contains(models.count) else {
            throw invalid("models", expected: "technical names of models, 1 to \(SyncScope.maximumModels) of them")
        }
        return Array(Set(models)).sorted()
    }

    /// The parameter, and the header, that enables companies.
    static let companies = "allowed_company_ids"

    /// Reads `allowed_company_ids`, or the header; without either, all of the user's are enabled.
    func readCompanies(_ request: Request) throws(Problem) -> EnabledCompanies {
        guard let ids = list(Self.companies) else { return try Self.readCompanies(request.headers) }
        return try Self.companies(ids)
    }

    static func readCompanies(_ headers: HTTPFields) throws(Problem) -> EnabledCompanies {
        guard let text = headers[client: .companies] else { return EnabledCompanies() }
        guard let ids = CommaList.elements(of: text) else { throw emptyElement(companies) }
        return try companies(ids)
    }

    private static func companies(_ texts: [String]) throws(Problem) -> EnabledCompanies {
        let ids = texts.compactMap { text in
            text.utf8.allSatisfy { (48...57).contains($0) }
                ? Int64(text).flatMap { (1...Int64(Int32.max)).contains($0) ? $0 : nil } : nil
        }
        guard ids.count == texts.count, (1...EnabledCompanies.maximum).contains(ids.count) else {
            throw invalid(companies, expected: "ids of companies, 1 to \(EnabledCompanies.maximum) of them")
        }
        return EnabledCompanies(ids)
    }

    /// The names in `known` for filters.
    static let filter = "filter["

    /// Reads `filter=MODEL:DOMAIN`, repeated for each model, and `filter[MODEL]=DOMAIN`.
    func readFilters() throws(Problem) -> [ModelName: String] {
        var filters: [ModelName: String] = [:]
        for (key, text) in texts(of: "filter") {
            guard let model = ModelName(key) else {
                throw Self.invalid("filter", expected: "MODEL:DOMAIN, with a model's technical name")
            }
            filters[model] = text
        }
        guard filters.count <= SyncScope.maximumFilters else {
            throw Self.invalid("filter", expected: "for \(SyncScope.maximumFilters) models at most")
        }
        return filters
    }

    /// Reads `fields=MODEL:NAME,NAME`, repeated for each model, and `fields[MODEL]=NAME,NAME`.
    func readFields() throws(Problem) -> [ModelName: [String]] {
        var fields: [ModelName: Set<String>] = [:]
        func add(_ names: [String], of model: ModelName?) throws(Problem) {
            guard let model, names.allSatisfy(FieldName.accept) else { throw Self.fieldsInvalid }
            fields[model, default: []].formUnion(names)
        }
        for (key, names) in lists(of: "fields") { try add(names, of: ModelName(key)) }
        // A colon begins the next model: clients also write all of them as one comma-separated list.
        var model: ModelName?
        for element in list("fields") ?? [] {
            let parts = element.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { model = ModelName(String(parts[0].trimmingSpaces)) }
            try add([String((parts.last ?? "").trimmingSpaces)], of: model)
        }
        guard fields.values.allSatisfy({ $0.count <= 500 }) else { throw Self.fieldsInvalid }
        return fields.mapValues { $0.sorted() }
    }

    private static var fieldsInvalid: Problem {
        invalid(
            "fields",
            expected:
                "MODEL:NAME,NAME (repeated for each model) with technical names of models and fields, 500 of a model at most"
        )
    }
}

extension DeviceName {
    /// A name that a client may use: those of endpoints are the service's own.
    init?(ofClient text: String) {
        guard !text.utf8.starts(with: "endpoint:".utf8) else { return nil }
        self.init(text)
    }
}

/// The possible names of an app type: the name is looked up, not parsed.
enum AppTypeName {
    static func accept(_ text: String) -> String? {
        (1...64).contains(text.utf8.count) && !text.utf8.contains(0) ? text : nil
    }
}

/// The possible texts of a token, of a pull or of a list. Only the database reads them.
enum TokenText {
    static func accept(_ text: String) -> String? {
        text.utf8.count <= 1_024 && !text.utf8.contains(0) ? text : nil
    }
}

/// Technical names of fields: 1 to 63 bytes without control characters. The database knows which fields exist.
enum FieldName {
    static func accept(_ text: String) -> Bool {
        (1...63).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 31 && $0 != 127 }
    }
}
