internal import Postgres

/// Reads the log by snapshot through `changefeed.tail(…)`: committed rows only, each exactly once.
struct LogReader {
    /// Rows of one window. A row holds at most 4,096 ids, most hold one.
    static let windowRows = 1_000

    private(set) var cursor: LogCursor

    /// Starts at "now": everything visible to this statement counts as seen.
    init(startingNowOn connection: Connection) async throws {
        let rows = try await connection.query(
            Query("SELECT changefeed.tail_start()::text AS snapshot", name: "cf_tail_start"))
        guard let row = rows.first else { throw ChangeFeedError(.unexpectedAnswer, "No snapshot.") }
        cursor = LogCursor(seen: try row["snapshot"].string())
    }

    /// Everything that committed after this snapshot.
    init(since snapshot: String) {
        cursor = LogCursor(seen: snapshot)
    }

    /// The next window, or nil when nothing is new. One round trip.
    mutating func next(on connection: Connection) async throws -> ChangeBatch? {
        let rows = try await connection.query(
            Query(
                "SELECT target, id, epoch, model, event, occurred_at, ids FROM changefeed.tail($1, $2, $3, $4)",
                [
                    .text(cursor.seen), .optional(cursor.target), .int(cursor.position),
                    .int(Self.windowRows),
                ], name: "cf_tail", binary: true))
        var entries: [LogEntry] = []
        entries.reserveCapacity(rows.count)
        for row in rows { entries.append(try LogEntry(row)) }
        let target = try rows.first.map { try $0["target"].string() }
        let drained = cursor.advance(
            past: entries.last?.id, target: target, isFull: entries.count == Self.windowRows)
        return entries.isEmpty ? nil : ChangeBatch(entries: entries, isConsistentCut: drained)
    }
}
