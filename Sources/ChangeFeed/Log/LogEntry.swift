internal import Postgres

/// One row of the event log: the effect of one statement on one model (at most 4,096 of its records).
public struct LogEntry: Sendable, Equatable {
    /// The kind of a statement. `truncate` makes devices resync the model and has no record ids.
    public enum Kind: String, Sendable {
        case create, write, unlink, truncate
    }

    /// Events of one log row are numbered from `id * 4096`.
    public static let eventsPerRow: Int64 = 4_096

    public let id: Int64
    public let epoch: Int
    public let model: String
    public let kind: Kind
    /// Microseconds since 1970-01-01 00:00:00 UTC.
    public let occurredAt: Int64
    public let recordIDs: [Int64]

    public init(id: Int64, epoch: Int, model: String, kind: Kind, occurredAt: Int64, recordIDs: [Int64]) {
        self.id = id
        self.epoch = epoch
        self.model = model
        self.kind = kind
        self.occurredAt = occurredAt
        self.recordIDs = recordIDs
    }

    /// The id of the event of the record at a place in the row.
    public func eventID(at place: Int) -> Int64 { id * Self.eventsPerRow + Int64(place) }

    /// The highest id that an event of a log row may have.
    static func lastEventID(ofRow id: Int64) -> Int64 { (id + 1) * eventsPerRow - 1 }

    /// Reads a row of `changefeed.tail(…)`.
    init(_ row: Row) throws {
        let name = try row["event"].string()
        guard let kind = Kind(rawValue: name) else {
            throw ChangeFeedError(
                .unexpectedAnswer, "The log contains an event kind that this version does not know.",
                hint: "Run `changefeed verify`; the schema may be newer than this binary.")
        }
        self.init(
            id: try row["id"].int(), epoch: Int(try row["epoch"].int()), model: try row["model"].string(),
            kind: kind, occurredAt: try row["occurred_at"].timestamp(), recordIDs: try row["ids"].intArray())
    }
}

/// Log rows that became visible together or later than the previous ones, in id order.
public struct ChangeBatch: Sendable, Equatable {
    public let entries: [LogEntry]
    /// True when everything visible in the batch's snapshot has been delivered with it.
    public let isConsistentCut: Bool

    public init(entries: [LogEntry], isConsistentCut: Bool) {
        self.entries = entries
        self.isConsistentCut = isConsistentCut
    }
}
