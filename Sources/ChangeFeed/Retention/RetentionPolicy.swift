/// How long events are shown, kept and waited for, and how large the log may become.
public struct RetentionPolicy: Sendable, Equatable {
    /// What happens when the log has reached its budget.
    public enum BudgetAction: String, Sendable, CaseIterable {
        /// The oldest events are deleted; devices that are behind take their models anew.
        case oldest
        /// Capture is paused until somebody resumes it.
        case pause
    }

    /// Days after which the first API stops showing what every active device has settled (7).
    public var archiveAfter = 7
    /// Days after which it stops showing the rest (30).
    public var forceAfter = 30
    /// Days after which the log is emptied (90).
    public var deleteAfter = 90
    /// Days after which a device that did not pull holds nothing back (30).
    public var inactiveAfter = 30
    /// How often a run is due; zero: never (a day).
    public var every: Duration = .seconds(86_400)
    /// Bytes that the log may have with its indexes; 0: no limit (8 GB).
    public var logBudget: Int64 = 8 << 30
    public var budgetAction: BudgetAction = .oldest

    public init() {}
}
