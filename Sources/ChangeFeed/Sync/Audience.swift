internal import Postgres

/// Devices that see the same records of the same models: a change is evaluated once for all of them.
public struct Audience: Sendable, Hashable {
    /// Digest of their visibility.
    public let scope: String
    /// Sorted.
    public let models: [String]
    /// Record rules narrow what they see.
    public let isFiltered: Bool
    /// One of them, on whose behalf to query.
    let userID: Int64
    let companies: EnabledCompanies

    public init(
        scope: String, models: [String], isFiltered: Bool = false, userID: Int64 = 0,
        companies: EnabledCompanies = EnabledCompanies()
    ) {
        self.scope = scope
        self.models = models.sorted()
        self.isFiltered = isFiltered
        self.userID = userID
        self.companies = companies
    }

    /// Reads columns `scope`, `is_filtered` and `user_id`.
    init(_ row: Row, models: [String], companies: EnabledCompanies) throws {
        self.init(
            scope: row["scope"].text ?? "", models: models, isFiltered: try row["is_filtered"].bool(),
            userID: try row["user_id"].int(), companies: companies)
    }

    public static func == (left: Audience, right: Audience) -> Bool {
        left.scope == right.scope && left.models == right.models
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(scope)
        hasher.combine(models)
    }
}
