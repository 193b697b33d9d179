/// Which events a caller of version 1 requests, newest first.
public struct EventFilter: Sendable, Equatable {
    /// How many events one answer may have.
    public static let limits: ClosedRange<Int> = 1...1_000
    public static let defaultLimit = 100
    /// How many events may be skipped. Each skipped event is read, so this is limited; narrow by `since` instead.
    public static let offsets: ClosedRange<Int> = 0...100_000

    /// Nil: every model that the caller may read.
    public var model: ModelName?
    public var recordID: Int64?
    public var kind: EventKind?
    /// Events that occurred at this time or later.
    public var since: Timestamp?
    public var limit: Int
    public var offset: Int

    public init(
        model: ModelName? = nil, recordID: Int64? = nil, kind: EventKind? = nil, since: Timestamp? = nil,
        limit: Int = EventFilter.defaultLimit, offset: Int = 0
    ) {
        self.model = model
        self.recordID = recordID
        self.kind = kind
        self.since = since
        self.limit = limit
        self.offset = offset
    }
}
