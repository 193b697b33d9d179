/// The feed's state as probes and the front page report it.
public struct FeedHealthReport: Sendable, Equatable {
    public enum Role: String, Sendable { case leader, follower, starting }

    public var databaseReachable: Bool
    /// Requests can be served. Never false because of lag.
    public var ready: Bool
    /// Why not, in plain English, without secrets; it may name hosts and roles, so it is for operators.
    public var reason: String?
    /// The same for the public.
    public var publicReason: String?
    public var role: Role
    /// Time since the tailer last confirmed that it had read everything.
    public var lag: Duration?
    public var epoch: Int?
    /// Whether the database may push; nil while unknown.
    public var delivery: DeliveryState?

    public init(
        databaseReachable: Bool, ready: Bool, reason: String? = nil, publicReason: String? = nil, role: Role,
        lag: Duration? = nil,
        epoch: Int? = nil, delivery: DeliveryState? = nil
    ) {
        self.databaseReachable = databaseReachable
        self.ready = ready
        self.reason = reason
        self.publicReason = publicReason
        self.role = role
        self.lag = lag
        self.epoch = epoch
        self.delivery = delivery
    }
}

/// A type that knows the state of the feed.
public protocol FeedHealth: Sendable {
    func health() async -> FeedHealthReport
}
