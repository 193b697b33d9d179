internal import Postgres

/// The models that a device requests.
public struct SyncScope: Sendable, Equatable {
    /// Models that one request may name.
    public static let maximumModels = 100
    /// Filters that one request may have.
    public static let maximumFilters = 20

    /// A name in `changefeed.app_type`, optionally with the suffix `_app`.
    public var appType: String
    /// Narrows the app type; nil leaves it as it is.
    public var models: [ModelName]?
    /// Only records of a model for which a domain holds. It narrows what the user sees.
    public var filters: [ModelName: String] = [:]

    public init(appType: String = "all", models: [ModelName]? = nil) {
        self.appType = appType
        self.models = models
    }

    var parameters: [Parameter] {
        [.text(appType), models.map { .textArray($0.map(\.rawValue)) } ?? .null]
    }
}
