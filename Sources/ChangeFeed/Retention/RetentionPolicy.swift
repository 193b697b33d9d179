/// How long events are shown, kept and waited for, and how large the log may become.
public struct RetentionPolicy: Sendable, Equatable {
    /// The action when the log has reached its budget.
    public enum BudgetAction: String, Sendable, CaseIterable {
        /// The oldest events are deleted; devices that are behind resync their models.
        case oldest
        /// Capture is paused until an operator resumes it.
        case pause
    }

    /// Days after which version 1 stops showing events that every active device has settled (7).
    public var archiveAfter = 7
    /// Days after which it stops showing the rest (30).
    public var forceAfter = 30
    /// Days after which events are deleted from the log (90).
    public var deleteAfter = 90
    /// Days without a pull after which a device no longer holds anything back (30).
    public var inactiveAfter = 30
    /// How often a run is due; zero: never (a day).
    public var every: Duration = .seconds(86_400)
    /// Maximum size of the log with its indexes in bytes; 0: no limit (8 GB).
    public var logBudget: Int64 = 8 << 30
    public var budgetAction: BudgetAction = .oldest

    public init() {}
}
