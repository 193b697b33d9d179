public import Postgres

/// Version 2 in the database: every call is one statement that checks the caller again and does the work in
/// `sql/sync/cursor.sql` to `sync/device.sql`.
///
/// Each call returns nil when the proof is not, or is no longer, valid, and throws `SyncRefusal`, `PostgresError`
/// or `ChangeFeedError`.
public struct DeviceSync: Sendable {
    private let pool: ConnectionPool
    /// Portal users are allowed.
    private let allowPortal: Bool
    /// Devices that one user may have.
    private let maximumDevices: Int
    private let rules: RecordRules
    private let memory: IdleAnswers?
    private let filters: RowFilters

    /// - Parameters:
    ///   - rules: shared with other parts of the service; nil creates one.
    ///   - memory: where answers without news are cached; nil caches none.
    public init(
        pool: ConnectionPool, allowPortal: Bool = false, maximumDevices: Int = 100, rules: RecordRules? = nil, memory: IdleAnswers? = nil
    ) {
        self.memory = memory
        self.pool = pool
        self.allowPortal = allowPortal
        self.maximumDevices = maximumDevices
        self.rules = rules ?? RecordRules(pool: pool)
        filters = RowFilters(pool: pool, rules: self.rules, allowPortal: allowPortal)
    }

    /// The one row of a statement that begins with the caller, once its rules are compiled.
    private func row(
        of query: Query, for caller: CallerProof, _ companies: EnabledCompanies
    ) async throws -> Row? {
        try await rules.withCompiledRules(for: caller, allowPortal: allowPortal, companies: companies) {
            guard let row = try await pool.query(query).first else { return nil }
            try await SyncRefusal.check(row, appTypes: appTypeNames)
            return row
        }
    }

    // MARK: pull and acknowledge

    /// The parameters of a pull.
    public struct PullRequest: Sendable {
        /// How many events one answer may have.
        public static let limits: ClosedRange<Int> = 1...500

        public var device: DeviceName
        public var scope = SyncScope()
        public var token: String?
        public var limit = 100
        /// Bytes of events; the first event is sent whatever its size.
        public var maximumBytes: Int?
        public var withData = true
        /// Fields by model; models that are not named send their usual fields.
        public var fields: [ModelName: [String]] = [:]
        /// Adds a hash to each record's data.
        public var withHash = false
        /// For clients that never acknowledge: the events of the previous pull count as settled.
        public var settlesHanded = false
        public var companies = EnabledCompanies()
        public var start = FirstPull.earliest

        public init(device: DeviceName) { self.device = device }
    }

    /// Where a device starts with its first pull.
    public enum FirstPull: String, Sendable, CaseIterable {
        /// The existing records, then changes.
        case all
        /// Changes from now on.
        case now
        /// The oldest event in the log.
        case earliest
    }

    /// Progress of a first copy.
    public struct FirstCopy: Sendable {
        /// Models that are not complete.
        public let due: [String]
        /// Records sent so far.
        public let records: Int64
        /// Estimated total number; record rules may show fewer.
        public let estimate: Int64
    }

    /// The answer to a pull.
    public struct Pull: Sendable {
        /// A JSON array as PostgreSQL built it; nil for an empty one.
        public let events: Cell?
        public let count: Int
        public let token: String
        /// False: with this the device has everything up to one point in time.
        public let hasMore: Bool
        /// Models with a gap in capture that has not ended: changes may still be missing.
        public let incomplete: [String]
        /// All models that the device follows.
        public let models: [String]
        /// Nil when no first copy is in progress.
        public let firstCopy: FirstCopy?
        /// Devices that see the same.
        public let audience: Audience
    }

    /// - Parameter question: the same in the memory's form, to cache an answer without news there.
    public func pull(_ request: PullRequest, as question: IdleQuestion? = nil, for caller: CallerProof) async throws -> Pull? {
        memory?.changes(request.device, to: IdleQuestion.scope(request.scope, request.companies))
        let ticket = question == nil ? nil : memory?.ticket()
        var isIdle = false
        defer { if !isIdle { memory?.changes(request.device) } }
        guard let filters = try await filters.parameter(request.scope.filters, for: caller, request.companies) else { return nil }
        let row = try await row(
            of: Query(
                ticket == nil ? Self.pullSQL : Self.keptPullSQL,
                caller.parameters(allowPortal: allowPortal) + [.text(request.device.text)] + request.scope.parameters + [
                    .optional(request.token), .int(request.limit), .bool(request.withData),
                    try Self.fields(request.fields),
                    request.maximumBytes.map { .int($0) } ?? .null, .bool(request.settlesHanded), .int(maximumDevices),
                    request.companies.parameter, .bool(request.withHash), .text(request.start.rawValue), filters,
                ], name: ticket == nil ? "sync_pull" : "sync_pull_kept"), for: caller, request.companies)
        guard let row else { return nil }
        let pull = Pull(
            events: row["events"], count: Int(try row["entries"].int()), token: try row["next_sync_token"].string(),
            hasMore: try row["has_more"].bool(), incomplete: Self.words(row["incomplete"]), models: Self.words(row["models"]),
            firstCopy: try Self.firstCopy(row),
            audience: try Audience(row, models: Self.words(row["models"]), companies: request.companies))
        isIdle = pull.count == 0 && !pull.hasMore
        if isIdle, let ticket, let question, let known = try Self.known(row, caller) {
            memory?.keep(pull, for: question, of: known, since: ticket)
        }
        return pull
    }

    package static let pullSQL = pullSQL(columns: "", joined: "")

    /// The facts about the caller that the memory needs are of the statement's own time, which is before everything
    /// that `pull` reads.
    private static let keptPullSQL = pullSQL(columns: ", \(knownColumns)", joined: knownJoin)

    private static func pullSQL(columns: String, joined: String) -> String {
        """
        SELECT p.problem, \(resyncColumns), p.events, p.entries, p.next_sync_token, p.has_more,
               array_to_string(p.incomplete, ' ') AS incomplete, array_to_string(p.models, ' ') AS models,
               p.scope, p.is_filtered, \(copyColumns), caller.user_id\(columns)
        FROM \(CallerProof.sql) caller
        CROSS JOIN LATERAL changefeed.pull(caller.user_id, $8::text, $9::text, $10::text[], $11::text, $12::int, $13::boolean,
            $14::jsonb, $15::bigint, $16::boolean, $17::int, $18::int[], $19::boolean, $20::text, $21::jsonb) p
        \(joined)
        WHERE NOT caller.refused
        """
    }

    private static let copyColumns = """
        p.copy -> 'progress' ->> 'records' AS copied, p.copy -> 'progress' ->> 'estimate' AS copy_estimate,
               (SELECT string_agg(m, ' ') FROM json_array_elements_text(p.copy -> 'lists_due') m) AS lists_due
        """

    private static func firstCopy(_ row: Row) throws -> FirstCopy? {
        guard row["copied"].text != nil else { return nil }
        return FirstCopy(due: words(row["lists_due"]), records: try row["copied"].int(), estimate: try row["copy_estimate"].int())
    }

    private static let knownColumns = "k.server, array_to_string(k.partners, ' ') AS partners, k.seconds"
    private static let knownJoin = "CROSS JOIN LATERAL changefeed.odoo_idle_caller($1, $2, caller.user_id, $5) k"

    private static func known(_ row: Row, _ caller: CallerProof) throws -> IdleAnswers.Caller? {
        guard let server = row["server"].text, let seconds = row["seconds"].text.flatMap({ Double($0) }), seconds > 0 else { return nil }
        return IdleAnswers.Caller(
            userID: try row["user_id"].int(), proof: caller, server: server, partners: words(row["partners"]).compactMap { Int64($0) },
            lifetime: .seconds(seconds))
    }

    private static let resyncColumns = """
        p.resync ->> 'code' AS resync_code, p.resync ->> 'mode' AS resync_mode,
               (SELECT string_agg(m, ' ' ORDER BY m) FROM json_array_elements_text(p.resync -> 'models') m) AS resync_models
        """

    /// The events that a device has applied.
    public enum Settled: Sendable {
        case events([Int64])
        /// Everything up to the pull that gave this token.
        case token(String)
    }

    /// - Returns: how many events this call settled; 0 for events settled before.
    public func acknowledge(_ settled: Settled, device: DeviceName, for caller: CallerProof) async throws -> Int? {
        defer { memory?.changes(device) }
        let (events, token): (Parameter, Parameter) =
            switch settled {
            case .events(let ids): (.intArray(ids), .null)
            case .token(let token): (.null, .text(token))
            }
        let rows = try await pool.query(
            Query(
                """
                SELECT p.problem, \(Self.resyncColumns), p.acknowledged
                FROM \(CallerProof.sql) caller
                CROSS JOIN LATERAL changefeed.acknowledge(caller.user_id, $8::text, $9::bigint[], $10::text) p
                WHERE NOT caller.refused
                """, caller.parameters(allowPortal: allowPortal) + [.text(device.text), events, token], name: "sync_acknowledge"))
        guard let row = rows.first else { return nil }
        try await SyncRefusal.check(row, appTypes: appTypeNames)
        return Int(try row["acknowledged"].int())
    }

    // MARK: state and reset

    /// The device as a JSON object; throws `deviceUnknown` if there is none.
    public func state(
        of device: DeviceName, companies: EnabledCompanies = EnabledCompanies(), for caller: CallerProof
    ) async throws -> Cell? {
        try await row(
            of: Query(
                """
                SELECT p.problem, p.state FROM \(CallerProof.sql) caller
                CROSS JOIN LATERAL changefeed.device_state(caller.user_id, $8::text, $9::int[]) p
                WHERE NOT caller.refused
                """, caller.parameters(allowPortal: allowPortal) + [.text(device.text), companies.parameter], name: "sync_state"),
            for: caller, companies)?["state"]
    }

    /// Where a device starts over.
    public enum Start: Sendable, Equatable {
        /// The existing records, then changes.
        case all
        /// Changes from now on.
        case now
        /// The oldest event in the log.
        case earliest
        /// Changes since then, and some minutes more.
        case time(Timestamp)
    }

    /// - Returns: true, or nil like all calls.
    public func reset(_ device: DeviceName, to start: Start, for caller: CallerProof) async throws -> Bool? {
        defer { memory?.changes(device) }
        let (word, time): (String, Parameter) =
            switch start {
            case .all: ("all", .null)
            case .now: ("now", .null)
            case .earliest: ("earliest", .null)
            case .time(let time): ("time", .text(time.iso8601))
            }
        let rows = try await pool.query(
            Query(
                """
                SELECT p.problem FROM \(CallerProof.sql) caller
                CROSS JOIN LATERAL changefeed.reset_device(caller.user_id, $8::text, $9::text, $10::timestamptz, $11::int) p
                WHERE NOT caller.refused
                """,
                caller.parameters(allowPortal: allowPortal) + [.text(device.text), .text(word), time, .int(maximumDevices)],
                name: "sync_reset"))
        guard let row = rows.first else { return nil }
        try await SyncRefusal.check(row, appTypes: appTypeNames)
        return true
    }

    /// A page of the caller's devices.
    public struct DevicePage: Sendable {
        /// How many devices a page may have.
        public static let limits: ClosedRange<Int> = 1...500

        /// A JSON array, ordered by name.
        public let devices: Cell
        /// The name after which the next page begins; nil on the last page.
        public let nextAfter: String?
    }

    /// The devices of the caller, after a name.
    public func devices(after: DeviceName?, limit: Int, for caller: CallerProof) async throws -> DevicePage? {
        let rows = try await pool.query(
            Query(
                """
                SELECT p.devices, p.next_after FROM \(CallerProof.sql) caller
                CROSS JOIN LATERAL changefeed.device_list(caller.user_id, $8::text, $9::int) p
                WHERE NOT caller.refused
                """, caller.parameters(allowPortal: allowPortal) + [.optional(after?.text), .int(limit)], name: "sync_devices"))
        return rows.first.map { DevicePage(devices: $0["devices"], nextAfter: $0["next_after"].text) }
    }

    /// Removes a device of the caller.
    /// - Throws: `SyncRefusal.deviceUnknown` if there is none with that name.
    public func forget(_ device: DeviceName, for caller: CallerProof) async throws -> Bool? {
        defer { memory?.changes(device) }
        let rows = try await pool.query(
            Query(
                """
                SELECT changefeed.forget_device(caller.user_id, $8::text) AS found FROM \(CallerProof.sql) caller
                WHERE NOT caller.refused
                """, caller.parameters(allowPortal: allowPortal) + [.text(device.text)], name: "sync_forget"))
        guard let row = rows.first else { return nil }
        guard try row["found"].bool() else { throw SyncRefusal.deviceUnknown }
        return true
    }

    /// The caller, as a JSON object.
    public func profile(of caller: CallerProof) async throws -> Cell? {
        try await pool.query(
            Query(
                """
                SELECT changefeed.odoo_profile(caller.user_id) AS profile FROM \(CallerProof.sql) caller
                WHERE NOT caller.refused
                """, caller.parameters(allowPortal: allowPortal), name: "sync_profile")
        ).first?["profile"]
    }

    // MARK: lists and digests

    /// The parameters of a list of a model, or of a range of its records.
    public struct ListRequest: Sendable {
        public static let limits: ClosedRange<Int> = 1...500
        /// Odoo's own ids begin at 1; rows written by SQL may have others.
        public static let ids: ClosedRange<Int64> = .min ... .max

        public var device: DeviceName
        public var model: ModelName
        /// Nil starts a new list.
        public var cursor: String?
        public var limit = 100
        public var fromID: Int64?
        public var toID: Int64?
        public var fields: [String]?
        /// As in `SyncScope`; of this model.
        public var filters: [ModelName: String] = [:]
        /// Adds a hash to each record's data.
        public var withHash = false
        public var companies = EnabledCompanies()

        public init(device: DeviceName, model: ModelName) {
            self.device = device
            self.model = model
        }
    }

    /// A page of records.
    public struct RecordPage: Sendable {
        public let snapshotID: String
        /// A JSON array as PostgreSQL built it.
        public let records: Cell
        public let nextCursor: String?
        public let isComplete: Bool
    }

    public func list(_ request: ListRequest, for caller: CallerProof) async throws -> RecordPage? {
        defer { memory?.changes(request.device) }
        guard let filters = try await filters.parameter(request.filters, for: caller, request.companies) else { return nil }
        let row = try await row(
            of: Query(
                """
                SELECT p.* FROM \(CallerProof.sql) caller
                CROSS JOIN LATERAL changefeed.snapshot_page(caller.user_id, $8::text, $9::text, $10::text, $11::int, $12::bigint,
                    $13::bigint, $14::text[], $15::int, $16::int[], $17::boolean, $18::jsonb) p
                WHERE NOT caller.refused
                """,
                caller.parameters(allowPortal: allowPortal) + [
                    .text(request.device.text), .text(request.model.rawValue), .optional(request.cursor), .int(request.limit),
                    request.fromID.map { .int($0) } ?? .null, request.toID.map { .int($0) } ?? .null,
                    request.fields.map { .textArray($0) } ?? .null, .int(maximumDevices), request.companies.parameter,
                    .bool(request.withHash), filters,
                ], name: "sync_snapshot"), for: caller, request.companies)
        guard let row else { return nil }
        return RecordPage(
            snapshotID: try row["snapshot_id"].string(), records: row["records"], nextCursor: row["next_cursor"].text,
            isComplete: try row["complete"].bool())
    }

    /// The parameters of a digest.
    public struct DigestRequest: Sendable {
        /// How many ranges a digest may have.
        public static let bucketLimits: ClosedRange<Int> = 1...1_000

        /// What to hash of each record.
        public enum Content: Sendable, Equatable {
            /// The write date of all records.
            case writeDate
            /// All data that the user sees of it, of at most 2,000 records from `fromID` on; `fields` nil: the usual
            /// ones.
            case data(fields: [String]?, fromID: Int64?, toID: Int64?)
        }

        public var device: DeviceName
        public var model: ModelName
        public var content = Content.writeDate
        public var buckets = 16
        /// As in `SyncScope`; of this model.
        public var filters: [ModelName: String] = [:]
        public var companies = EnabledCompanies()

        public init(device: DeviceName, model: ModelName) {
            self.device = device
            self.model = model
        }
    }

    /// Counts and hashes by ranges of ids, as a JSON object.
    public func digest(_ request: DigestRequest, for caller: CallerProof) async throws -> Cell? {
        defer { memory?.changes(request.device) }
        guard let filters = try await filters.parameter(request.filters, for: caller, request.companies) else { return nil }
        let content: [Parameter] =
            switch request.content {
            case .writeDate: [false, .null, .null, .null]
            case .data(let fields, let fromID, let toID):
                [true, fields.map { .textArray($0) } ?? .null, fromID.map { .int($0) } ?? .null, toID.map { .int($0) } ?? .null]
            }
        return try await row(
            of: Query(
                """
                SELECT p.problem, p.digest FROM \(CallerProof.sql) caller
                CROSS JOIN LATERAL changefeed.digest(caller.user_id, $8::text, $9::text, $10::int, $11::int[], $12::boolean,
                    $13::text[], $14::bigint, $15::bigint, $16::jsonb) p
                WHERE NOT caller.refused
                """,
                caller.parameters(allowPortal: allowPortal) + [
                    .text(request.device.text), .text(request.model.rawValue), .int(request.buckets), request.companies.parameter,
                ] + content + [filters], name: "sync_digest"), for: caller, request.companies)?["digest"]
    }

    // MARK: hints

    /// Whether events are waiting for a device.
    public struct News: Sendable, Equatable {
        /// The models that it follows.
        public let models: [String]
        public let isWaiting: Bool
        /// No event of these models has a higher id.
        public let newestID: Int64
        /// Devices that see the same.
        public let audience: Audience
    }

    /// - Parameter question: the same in the memory's form, to cache there that nothing is waiting.
    public func news(
        for device: DeviceName, scope: SyncScope, companies: EnabledCompanies = EnabledCompanies(), as question: IdleQuestion? = nil,
        of caller: CallerProof
    ) async throws -> News? {
        let ticket = question == nil ? nil : memory?.ticket()
        guard let filters = try await filters.parameter(scope.filters, for: caller, companies) else { return nil }
        let row = try await row(
            of: Query(
                """
                SELECT p.problem, array_to_string(p.models, ' ') AS models, p.is_waiting, p.newest_id, p.scope, p.is_filtered, caller.user_id,
                       \(Self.knownColumns)
                FROM \(CallerProof.sql) caller
                CROSS JOIN LATERAL changefeed.news(caller.user_id, $8::text, $9::text, $10::text[], $11::int[], $12::jsonb) p
                \(Self.knownJoin)
                WHERE NOT caller.refused
                """,
                caller.parameters(allowPortal: allowPortal) + [.text(device.text)] + scope.parameters + [companies.parameter, filters],
                name: "sync_news"), for: caller, companies)
        guard let row else { return nil }
        let news = News(
            models: Self.words(row["models"]), isWaiting: try row["is_waiting"].bool(), newestID: try row["newest_id"].int(),
            audience: try Audience(row, models: Self.words(row["models"]), companies: companies))
        if let ticket, let question, let known = try Self.known(row, caller) { memory?.keep(news, for: question, of: known, since: ticket) }
        return news
    }

    // MARK: app types

    /// The app types and their tracked models, as a JSON object.
    public func appTypes(for caller: CallerProof) async throws -> Cell? {
        try await row(
            of: Query(
                """
                SELECT p.problem, p.app_types FROM \(CallerProof.sql) caller
                CROSS JOIN LATERAL changefeed.app_types_of(caller.user_id) p
                WHERE NOT caller.refused
                """, caller.parameters(allowPortal: allowPortal), name: "sync_app_types"),
            for: caller, EnabledCompanies())?["app_types"]
    }

    private static func words(_ cell: Cell) -> [String] {
        cell.text?.split(separator: " ").map(String.init) ?? []
    }

    private static func fields(_ fields: [ModelName: [String]]) throws -> Parameter {
        fields.isEmpty ? .null : .text(try JSONParameter.text(Dictionary(uniqueKeysWithValues: fields.map { ($0.rawValue, $1) })))
    }

    private func appTypeNames() async throws -> [String] {
        try await pool.query(Query("SELECT name FROM changefeed.app_type ORDER BY name", name: "sync_app_type_names"))
            .map { try $0["name"].string() }
    }
}
