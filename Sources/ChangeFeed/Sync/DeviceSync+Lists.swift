public import Postgres

/// Lists of a model's records, and digests.
extension DeviceSync {
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
        guard let filters = try await filters.parameter(request.filters, for: caller, request.companies) else {
            return nil
        }
        let row = try await row(
            of: Query(
                """
                SELECT p.* FROM \(CallerProof.sql) caller
                CROSS JOIN LATERAL changefeed.snapshot_page(caller.user_id, $8::text, $9::text, $10::text, $11::int, $12::bigint,
                    $13::bigint, $14::text[], $15::int, $16::int[], $17::boolean, $18::jsonb) p
                WHERE NOT caller.refused
                """,
                caller.parameters(allowPortal: allowPortal) + [
                    .text(request.device.text), .text(request.model.rawValue), .optional(request.cursor),
                    .int(request.limit),
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
        guard let filters = try await filters.parameter(request.filters, for: caller, request.companies) else {
            return nil
        }
        let content: [Parameter] =
            switch request.content {
            case .writeDate: [false, .null, .null, .null]
            case .data(let fields, let fromID, let toID):
                [
                    true, fields.map { .textArray($0) } ?? .null, fromID.map { .int($0) } ?? .null,
                    toID.map { .int($0) } ?? .null,
                ]
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
                    .text(request.device.text), .text(request.model.rawValue), .int(request.buckets),
                    request.companies.parameter,
                ] + content + [filters], name: "sync_digest"), for: caller, request.companies)?["digest"]
    }
}
