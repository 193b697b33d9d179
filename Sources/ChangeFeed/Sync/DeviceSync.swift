public import Postgres

/// Version 2 in the database: every call is one statement that checks the caller again and does the work in
/// `sql/sync/cursor.sql` to `sync/device.sql`.
///
/// Each call returns nil when the proof is not, or is no longer, valid, and throws `SyncRefusal`, `AccessRefusal`,
/// `PostgresError` or `ChangeFeedError`.
public struct DeviceSync: Sendable {
    let pool: ConnectionPool
    /// Portal users are allowed.
    package let allowPortal: Bool
    /// Devices that one user may have.
    let maximumDevices: Int
    let rules: RecordRules
    let memory: IdleAnswers?
    let filters: RowFilters

    /// - Parameters:
    ///   - rules: shared with other parts of the service; nil creates one.
    ///   - memory: where answers without news are cached; nil caches none.
    public init(
        pool: ConnectionPool, allowPortal: Bool = false, maximumDevices: Int = 100, rules: RecordRules? = nil,
        memory: IdleAnswers? = nil
    ) {
        self.memory = memory
        self.pool = pool
        self.allowPortal = allowPortal
        self.maximumDevices = maximumDevices
        self.rules = rules ?? RecordRules(pool: pool)
        filters = RowFilters(pool: pool, rules: self.rules, allowPortal: allowPortal)
    }

    /// The one row of a statement that begins with the caller, once its rules are compiled.
    func row(
        of query: Query, for caller: CallerProof, _ companies: EnabledCompanies
    ) async throws -> Row? {
        try await rules.withCompiledRules(for: caller, allowPortal: allowPortal, companies: companies) {
            guard let row = try await pool.query(query).first else { return nil }
            try await SyncRefusal.check(row, appTypes: appTypeNames)
            return row
        }
    }

    static func words(_ cell: Cell) -> [String] {
        cell.text?.split(separator: " ").map(String.init) ?? []
    }

    static func fields(_ fields: [ModelName: [String]]) throws -> Parameter {
        fields.isEmpty
            ? .null : .text(try JSONParameter.text(Dictionary(uniqueKeysWithValues: fields.map { ($0.rawValue, $1) })))
    }

    func appTypeNames() async throws -> [String] {
        try await pool.query(Query("SELECT name FROM changefeed.app_type ORDER BY name", name: "sync_app_type_names"))
            .map { try $0["name"].string() }
    }
}
