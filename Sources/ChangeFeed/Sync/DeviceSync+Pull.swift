public import Postgres

/// Pull and acknowledge.
extension DeviceSync {
    /// The parameters of a pull.
    public struct PullRequest: Sendable {
        /// How many events one answer may have.
        public static let limits: ClosedRange<Int> = 1...500
        /// How many events the database gives an endpoint at a time: a window of the log.
        package static let largestPage = 4_096

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
        /// The scope's filters, compiled; nil: they are compiled for this pull.
        package var prepared: PreparedFilters?

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
    public func pull(_ request: PullRequest, as question: IdleQuestion? = nil, for caller: CallerProof) async throws
        -> Pull?
    {
        memory?.changes(request.device, to: IdleQuestion.scope(request.scope, request.companies))
        let ticket = question == nil ? nil : memory?.ticket()
        var isIdle = false
        defer { if !isIdle { memory?.changes(request.device) } }
        guard let filters = try await parameter(request.prepared, request.scope, for: caller, request.companies) else {
            return nil
        }
        let row = try await row(
            of: Query(
                ticket == nil ? Self.pullSQL : Self.keptPullSQL,
                caller.parameters(allowPortal: allowPortal) + [.text(request.device.text)] + request.scope.parameters
                    + [
                        .optional(request.token), .int(request.limit), .bool(request.withData),
                        try Self.fields(request.fields),
                        request.maximumBytes.map { .int($0) } ?? .null, .bool(request.settlesHanded),
                        .int(maximumDevices),
                        request.companies.parameter, .bool(request.withHash), .text(request.start.rawValue), filters,
                    ], name: ticket == nil ? "sync_pull" : "sync_pull_kept"), for: caller, request.companies)
        guard let row else { return nil }
        let pull = Pull(
            events: row["events"], count: Int(try row["entries"].int()), token: try row["next_sync_token"].string(),
            hasMore: try row["has_more"].bool(), incomplete: Self.words(row["incomplete"]),
            models: Self.words(row["models"]),
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
        return FirstCopy(
            due: words(row["lists_due"]), records: try row["copied"].int(), estimate: try row["copy_estimate"].int())
    }

    static let knownColumns = "k.server, array_to_string(k.partners, ' ') AS partners, k.seconds"
    static let knownJoin = "CROSS JOIN LATERAL changefeed.odoo_idle_caller($1, $2, caller.user_id, $5) k"

    static func known(_ row: Row, _ caller: CallerProof) throws -> IdleAnswers.Caller? {
        guard let server = row["server"].text, let seconds = row["seconds"].text.flatMap({ Double($0) }), seconds > 0
        else { return nil }
        return IdleAnswers.Caller(
            userID: try row["user_id"].int(), proof: caller, server: server,
            partners: words(row["partners"]).compactMap { Int64($0) },
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
                """, caller.parameters(allowPortal: allowPortal) + [.text(device.text), events, token],
                name: "sync_acknowledge"))
        guard let row = rows.first else { return nil }
        try await SyncRefusal.check(row, appTypes: appTypeNames)
        return Int(try row["acknowledged"].int())
    }
}
