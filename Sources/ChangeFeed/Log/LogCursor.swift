/// A reader's position in the log: everything visible in `seen` has been delivered, and of the rows visible in
/// `target` but not in `seen`, everything up to log id `position`.
///
/// A pure value. Ids commit out of order, so "id greater than the last" would lose rows; the set between two
/// snapshots never changes, so it can be drained in id order in windows of any size. Snapshots are the text of
/// PostgreSQL's `pg_snapshot`.
public struct LogCursor: Sendable, Equatable {
    public private(set) var seen: String
    public private(set) var target: String?
    public private(set) var position: Int64

    /// A cursor that has seen everything visible in `seen`.
    public init(seen: String) {
        self.seen = seen
        self.target = nil
        self.position = 0
    }

    /// Moves past a window of rows that ended at log id `lastID` (nil: it was empty) and was bounded by `target`.
    ///
    /// A window shorter than requested has drained the set.
    /// - Returns: true when everything visible in `target` has now been delivered.
    public mutating func advance(past lastID: Int64?, target: String?, isFull: Bool) -> Bool {
        guard isFull, let lastID, let target else {
            if let target = target ?? self.target { seen = target }
            self.target = nil
            position = 0
            return true
        }
        self.target = target
        position = lastID
        return false
    }
}
