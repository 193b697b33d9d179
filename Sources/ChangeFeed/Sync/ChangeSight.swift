public import Postgres

/// Queries the database for the part of a change that an audience may see.
public struct ChangeSight: Sendable {
    private let pool: ConnectionPool
    private let rules: RecordRules
    private let locks: TableLocks
    /// Requests, whose clients wait, come first: however many audiences there are, half of the pool is theirs.
    private static let holders = [PoolShares.Holder("hints", leavesOneOf: 2)]

    /// - Parameter locks: those of the requests, so that neither waits for what the other found locked.
    public init(pool: ConnectionPool, rules: RecordRules, locks: TableLocks? = nil) {
        self.pool = pool
        self.rules = rules
        self.locks = locks ?? TableLocks(pool: pool)
    }

    /// How much of these rows of the log is visible to an audience.
    /// - Returns: nil when the audience has changed: its members must be evaluated again.
    /// - Throws: `PostgresError`, `AccessRefusal`, `TableLocked`.
    func change(of logIDs: [Int64], for audience: Audience) async throws -> ChangeHints.Change? {
        // With the rows: others may be of models whose tables are free, and would say that these are.
        let question = "hints \(audience.userID) \(audience.scope) \(logIDs)"
        return try await locks.ask(question) {
            try await PoolShares.$holders.withValue(Self.holders) { try await judged(logIDs, audience) }
        }
    }

    private func judged(_ logIDs: [Int64], _ audience: Audience) async throws -> ChangeHints.Change? {
        let row = try await rules.withCompiledRules(for: audience.userID, companies: audience.companies) {
            let rows = try await pool.query(
                Query(
                    """
                    SELECT problem, scope, array_to_string(changed, ' ') AS changed, counts::bigint[] AS counts, newest
                    FROM changefeed.hinted($1::int, $2::int[], $3::text[], $4::bigint[])
                    """,
                    [
                        .int(audience.userID), audience.companies.parameter, .textArray(audience.models),
                        .intArray(logIDs),
                    ],
                    name: "hinted"))
            if let row = rows.first { try AccessRefusal.check(row) }
            return rows.first
        }
        guard let row, row["scope"].text ?? "" == audience.scope else { return nil }
        let counts = try row["counts"].intArray()
        let newest = try row["newest"].intArray()
        var change = ChangeHints.Change()
        for (place, model) in (row["changed"].text ?? "").split(separator: " ").enumerated() {
            change[String(model)] = ChangeHints.ModelChange(count: Int(counts[place]), newestID: newest[place])
        }
        return change
    }
}
