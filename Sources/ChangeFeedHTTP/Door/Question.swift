internal import ChangeFeed
internal import Postgres

/// A request's use of the database, as far as it decides which tables are read: requests of one kind must not
/// keep those of another kind waiting.
struct Question: Sendable {
    /// The same for all requests of one kind.
    let name: String
    /// The device, if it matters.
    let device: String

    init(_ route: Route, _ details: [String] = [], device: DeviceName? = nil) {
        name = ([route.rawValue] + details).joined(separator: " ")
        self.device = device?.text ?? ""
    }

    /// A device's question about the models that it follows.
    init(_ route: Route, _ scope: SyncScope, device: DeviceName) {
        self.init(route, [scope.appType] + (scope.models ?? []).map(\.rawValue).sorted(), device: device)
    }

    /// A quarter of the pool stays free for other questions, an eighth for other users. Of one user's questions of one
    /// kind no more are in line before others' than run at the same time.
    func holders(_ user: Int64) -> [PoolShares.Holder] {
        [
            PoolShares.Holder("user \(user) \(name)", leavesOneOf: 4), PoolShares.Holder(name, leavesOneOf: 4),
            PoolShares.Holder("user \(user)", leavesOneOf: 8),
        ]
    }

    /// Runs the body on behalf of a caller, within the shares of `holders`.
    /// - Throws: `TableLocked`, and what the body throws.
    func ask<R>(
        _ locks: TableLocks, of caller: Authenticator.Caller, _ body: (CallerProof) async throws -> R
    ) async throws -> R {
        try await locks.ask("\(caller.userID) \(device) \(name)") {
            try await PoolShares.$holders.withValue(holders(caller.userID)) { try await body(caller.proof) }
        }
    }
}
