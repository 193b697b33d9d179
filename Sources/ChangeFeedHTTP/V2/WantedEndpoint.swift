internal import ChangeFeed
internal import ChangeFeedDelivery

/// The body of `POST /api/v2/endpoints`.
struct WantedEndpoint: Decodable {
    let name: String
    let url: String
    let userID: Int64?
    let appType: String?
    let models: [String]?
    let filters: [String: String]?
    let events: [String]?
    let data: Bool?
    let fields: [String: [String]]?
    let companies: [Int64]?
    let batch: Int?
    let concurrency: Int?
    let inOrder: Bool?
    let start: String?

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case name
        case url
        case userID = "user_id"
        case appType = "app_type"
        case models
        case filters
        case events
        case data
        case fields
        case companies
        case batch
        case concurrency
        case inOrder = "in_order"
        case start
    }

    static let expected = """
        an object with name, url and, optionally, user_id, app_type, models (a list), filters (an object of domains by model), \
        events (a list), data (true or false), fields (an object of lists by model), companies (a list), batch, concurrency, \
        in_order (true or false) and start, and nothing else
        """

    init(from decoder: any Decoder) throws {
        let members = try decoder.members(CodingKeys.self)
        name = try members.decode(String.self, forKey: .name)
        url = try members.decode(String.self, forKey: .url)
        userID = try members.looseInteger(forKey: .userID)
        appType = try members.decodeIfPresent(String.self, forKey: .appType)
        models = try members.decodeIfPresent([String].self, forKey: .models)
        filters = try members.decodeIfPresent([String: String].self, forKey: .filters)
        events = try members.decodeIfPresent([String].self, forKey: .events)
        data = try members.decodeIfPresent(Bool.self, forKey: .data)
        fields = try members.decodeIfPresent([String: [String]].self, forKey: .fields)
        companies = try members.decodeIfPresent([Int64].self, forKey: .companies)
        batch = try members.decodeIfPresent(Int.self, forKey: .batch)
        concurrency = try members.decodeIfPresent(Int.self, forKey: .concurrency)
        inOrder = try members.decodeIfPresent(Bool.self, forKey: .inOrder)
        start = try members.decodeIfPresent(String.self, forKey: .start)
    }

    /// The values, each checked.
    /// - Throws: `Problem` that names the member.
    func draft(urls: WebhookURL.Rules) throws(Problem) -> EndpointDesk.Draft {
        guard EndpointDesk.isName(name) else {
            throw QueryParameters.invalid("name", expected: "1 to 63 of a-z, 0-9, - and _, the first a letter or digit")
        }
        var draft = EndpointDesk.Draft(name: name, url: try address(urls), userID: userID)
        if let userID, !Self.ids.contains(userID) {
            throw QueryParameters.invalid("user_id", expected: "a whole number from \(Self.ids.lowerBound)")
        }
        if let appType {
            guard let name = AppTypeName.accept(appType) else {
                throw QueryParameters.invalid("app_type", expected: "the name of an app type")
            }
            draft.scope.appType = name
        }
        if let models { draft.scope.models = try QueryParameters.models(models) }
        draft.scope.filters = try wantedFilters(of: draft.scope.models)
        if let events {
            guard !events.isEmpty, Set(events).isSubset(of: ["create", "write", "unlink"]) else {
                throw QueryParameters.invalid("events", expected: "a list out of create, write and unlink")
            }
            draft.kinds = Set(events).sorted()
        }
        draft.fields = try wantedFields()
        if let companies {
            guard (1...EnabledCompanies.maximum).contains(companies.count),
                companies.allSatisfy({ Self.ids.contains($0) })
            else {
                throw QueryParameters.invalid(
                    "companies", expected: "ids of companies, 1 to \(EnabledCompanies.maximum) of them")
            }
            draft.companies = EnabledCompanies(companies)
        }
        if let start {
            guard let start = DeviceSync.Start(start) else {
                throw QueryParameters.invalid("start", expected: QueryParameters.startExpected)
            }
            draft.start = start
        }
        draft.withData = data ?? draft.withData
        draft.inOrder = inOrder ?? draft.inOrder
        draft.batchSize = try Self.number("batch", batch, in: 1...100) ?? draft.batchSize
        draft.concurrency = try Self.number("concurrency", concurrency, in: 1...64) ?? draft.concurrency
        return draft
    }

    private static let ids: ClosedRange<Int64> = 1...Int64(Int32.max)

    private func address(_ rules: WebhookURL.Rules) throws(Problem) -> WebhookURL {
        do throws(WebhookError) {
            return try WebhookURL(url, rules: rules)
        } catch {
            if (try? StreamURL(url)) != nil {
                var problem = Problem(EndpointRefusal.kindForOperators, path: "")
                problem.parameter = "url"
                throw problem
            }
            throw Problem(.parameterInvalid, "Parameter url cannot be used: \(error.message).", parameter: "url")
        }
    }

    private func wantedFilters(of models: [ModelName]?) throws(Problem) -> [ModelName: String] {
        var wanted: [ModelName: String] = [:]
        for (key, domain) in filters ?? [:] {
            guard let model = ModelName(key), models?.contains(model) != false, !domain.utf8.contains(0) else {
                throw QueryParameters.invalid(
                    "filters", expected: "an object of domains by model, out of models if given")
            }
            wanted[model] = domain
        }
        guard wanted.count <= SyncScope.maximumFilters else {
            throw QueryParameters.invalid("filters", expected: "for \(SyncScope.maximumFilters) models at most")
        }
        return wanted
    }

    private func wantedFields() throws(Problem) -> [ModelName: [String]] {
        var wanted: [ModelName: [String]] = [:]
        for (key, names) in fields ?? [:] {
            guard let model = ModelName(key), (1...500).contains(names.count), names.allSatisfy(FieldName.accept) else {
                throw QueryParameters.invalid(
                    "fields", expected: "an object of lists of fields by model, 1 to 500 of a model")
            }
            wanted[model] = Set(names).sorted()
        }
        return wanted
    }

    private static func number(_ name: String, _ value: Int?, in range: ClosedRange<Int>) throws(Problem) -> Int? {
        if let value, !range.contains(value) {
            throw QueryParameters.invalid(
                name, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }
}

/// The body of `POST /api/v2/endpoints/{name}/pause`.
struct PauseBody: Decodable {
    let reason: String?

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case reason
    }

    init(from decoder: any Decoder) throws {
        reason = try decoder.members(CodingKeys.self).decodeIfPresent(String.self, forKey: .reason)
    }
}

/// The body of `POST /api/v2/endpoints/{name}/rotate`.
struct RotateBody: Decodable {
    /// The former secret ends now.
    let now: Bool?

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case now
    }

    init(from decoder: any Decoder) throws {
        now = try decoder.members(CodingKeys.self).decodeIfPresent(Bool.self, forKey: .now)
    }
}

/// The body of `POST /api/v2/endpoints/{name}/replay`.
struct ReplayBody: Decodable {
    let from: String

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case from
    }

    init(from decoder: any Decoder) throws {
        from = try decoder.members(CodingKeys.self).decode(String.self, forKey: .from)
    }
}

/// The body of `POST /api/v2/endpoints/{name}/retry` and `/drop`.
struct RecordsBody: Decodable {
    let model: String?
    let recordID: Int64?

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case model
        case recordID = "record_id"
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.members(CodingKeys.self)
        model = try members.decodeIfPresent(String.self, forKey: .model)
        recordID = try members.decodeIfPresent(Int64.self, forKey: .recordID)
    }
}

extension Decoder {
    /// The members of an object that has no others: a misspelled one might have narrowed what is sent.
    fileprivate func members<Key: CodingKey & CaseIterable>(_ keys: Key.Type) throws -> KeyedDecodingContainer<Key> {
        let known = Set(keys.allCases.map(\.stringValue))
        let given = try container(keyedBy: AnyMember.self).allKeys
        guard given.allSatisfy({ known.contains($0.stringValue) }) else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(codingPath: codingPath, debugDescription: "a member that is not known"))
        }
        return try container(keyedBy: keys)
    }
}

/// The name of any member.
private struct AnyMember: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { return nil }
}
