public import ChangeFeed
internal import FoundationEssentials
internal import Postgres

/// An endpoint that this replica delivers to, as `changefeed.endpoint_lease()` describes it.
public struct Endpoint: Sendable, Equatable {
    public let id: Int64
    /// Rises with each change of its settings.
    public let revision: Int64
    public let name: String
    public let kind: EndpointKind
    public let url: String
    public let scope: SyncScope
    public let companies: EnabledCompanies
    /// Kinds of events that it gets.
    public let kinds: Set<String>
    public let withData: Bool
    public let fields: [ModelName: [String]]
    /// A message that fails holds up all later ones.
    public let inOrder: Bool
    public let concurrency: Int
    public let batchSize: Int
    /// Part of message ids: messages that are sent again by a replay have others.
    public let generation: Int
    /// The first eight digits of the feed's identity.
    public let feed: String
    /// Of its messages, for streams.
    let origin: StreamOrigin
    /// Encrypted; the present one first. Of a stream: its server's credentials, if it needs any.
    private(set) var secrets: [[UInt8]]
    /// Names the key that encrypts them.
    let secretKey: String

    /// The one before the last rotation does not sign any more.
    mutating func dropFormerSecret() { secrets = Array(secrets.prefix(1)) }

    /// The name of its device.
    var device: DeviceName { DeviceName("endpoint:\(id)")! }

    private struct Settings: Decodable {
        let name: String
        let kind: String
        let url: String
        let app_type: String
        let models: [String]?
        let companies: [Int64]?
        let filters: [String: String]?
        let events: [String]
        let with_data: Bool
        let fields: [String: [String]]?
        let in_order: Bool
        let concurrency: Int
        let batch_size: Int
        let generation: Int
        let feed: String?
        let database: String
        let source: String?
    }

    init(_ row: Row) throws {
        let settings = try JSONDecoder().decode(Settings.self, from: Data(try row["settings"].string().utf8))
        id = try row["id"].int()
        revision = try row["revision"].int()
        name = settings.name
        guard let kind = EndpointKind(rawValue: settings.kind) else {
            throw WebhookError(.urlInvalid, "this release knows no endpoints of its kind")
        }
        self.kind = kind
        url = settings.url
        var scope = SyncScope(appType: settings.app_type, models: settings.models?.compactMap { ModelName($0) })
        scope.filters = Self.byModel(settings.filters)
        self.scope = scope
        companies = EnabledCompanies(settings.companies)
        kinds = Set(settings.events)
        withData = settings.with_data
        fields = Self.byModel(settings.fields)
        inOrder = settings.in_order
        concurrency = settings.in_order ? 1 : settings.concurrency
        batchSize = settings.batch_size
        generation = settings.generation
        feed = settings.feed ?? ""
        origin = StreamOrigin(database: settings.database, source: settings.source ?? feed)
        secretKey = row["secret_key"].text ?? ""
        secrets = [row["secret"], row["former_secret"]].compactMap { $0.text.map(Self.bytes) }
    }

    static func bytes(_ hexadecimal: String) -> [UInt8] {
        let digits = Array(hexadecimal.utf8)
        return stride(from: 0, to: digits.count - 1, by: 2).compactMap {
            UInt8(String(decoding: digits[$0...$0 + 1], as: UTF8.self), radix: 16)
        }
    }

    private static func byModel<Value>(_ values: [String: Value]?) -> [ModelName: Value] {
        Dictionary(
            (values ?? [:]).compactMap { key, value in ModelName(key).map { ($0, value) } }, uniquingKeysWith: { $1 })
    }
}
