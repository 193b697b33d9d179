internal import Synchronization

/// Keeps one holder (a user, or all requests of one kind) from using up a pool. The holder of the current task leaves a
/// part of the connections to others, so that statements that wait for a lock do not keep all others waiting.
public final class PoolShares: Sendable {
    /// The holder for whom connections are borrowed.
    public struct Holder: Sendable, Equatable {
        /// Such as `user 7`.
        public let name: String
        /// The part left to others: one of this many connections, at least one.
        public let spare: Int

        public init(_ name: String, leavesOneOf spare: Int) {
            self.name = name
            self.spare = max(1, spare)
        }

        /// How many connections of a pool it may hold.
        public func share(of connections: Int) -> Int { max(1, connections - max(1, connections / spare)) }
    }

    /// The holders for whom this task borrows; empty: none in particular. Places are taken in this order, so it must be
    /// the same kinds in the same order everywhere, and a task that waits for the second holds one of the first.
    @TaskLocal public static var holders: [Holder] = []

    private struct Share {
        let turnstile: Turnstile
        /// Tasks that hold or wait for a place.
        var users = 0
    }

    private let connections: Int
    private let shares = Mutex<[String: Share]>([:])

    init(of connections: Int) { self.connections = connections }

    /// Takes a place in each share, in the given order.
    /// - Returns: the argument for `leave`.
    /// - Throws: `poolExhausted` after the deadline, or `cancelled`; nothing is held then.
    func enter(_ holders: [Holder], until deadline: ContinuousClock.Instant) async throws(PostgresError) -> [String] {
        var entered: [String] = []
        for holder in holders {
            let turnstile = shares.withLock { shares in
                var share = shares[holder.name] ?? Share(turnstile: Turnstile(permits: holder.share(of: connections)))
                share.users += 1
                shares[holder.name] = share
                return share.turnstile
            }
            do {
                if !turnstile.tryEnter() { try await turnstile.enter(atMost: max(.zero, deadline - .now)) }
            } catch {
                forget(holder.name)
                leave(entered)
                throw error
            }
            entered.append(holder.name)
        }
        return entered
    }

    func leave(_ holders: [String]) {
        for holder in holders {
            shares.withLock { $0[holder]?.turnstile }?.leave()
            forget(holder)
        }
    }

    /// How many tasks hold or wait for a place in all shares together.
    var count: Int { shares.withLock { $0.values.reduce(0) { $0 + $1.users } } }

    private func forget(_ holder: String) {
        shares.withLock { shares in
            shares[holder]?.users -= 1
            if shares[holder]?.users == 0 { shares[holder] = nil }
        }
    }
}
