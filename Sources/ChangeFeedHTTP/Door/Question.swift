internal import ChangeFeed
internal import Postgres

/// What a request asks of the database, as far as that decides which tables are read: whoever asks one question must not
/// keep those waiting who ask another.
struct Question: Sendable {
    /// The same for all who ask it.
    let name: String
    /// Whose copy it is about, where that matters.
    let device: String

    init(_ route: Route, _ details: [String] = [], device: DeviceName? = nil) {
        name = ([route.rawValue] + details).joined(separator: " ")
        self.device = device?.text ?? ""
    }

    /// Of a device about what it follows.
    init(_ route: Route, _ scope: SyncScope, device: DeviceName) {
        self.init(route, [scope.appType] + (scope.models ?? []).map(\.rawValue).sorted(), device: device)
    }

    /// Asks on behalf of a user: a quarter of the pool stays for other questions, an eighth for other users.
    /// - Throws: `TableLocked`, and what the body throws.
    func ask<R>(_ locks: TableLocks, user: Int64, _ body: () async throws -> R) async throws -> R {
        try await locks.ask("\(user) \(device) \(name)") {
            let holders = [PoolShares.Holder(name, leavesOneOf: 4), PoolShares.Holder("user \(user)", leavesOneOf: 8)]
            return try await PoolShares.$holders.withValue(holders) { try await body() }
        }
    }
}
