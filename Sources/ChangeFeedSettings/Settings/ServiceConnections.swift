package import Postgres

/// The service's connections to the database, by purpose. Commands have none of these limits.
package struct ServiceConnections {
    /// For requests: no statement may take for ever.
    package let requests: ConnectionConfiguration
    /// For record rules, which requests may wait for: compiling many takes longer.
    package let rules: ConnectionConfiguration
    /// For retention, whose steps are one statement each.
    package let background: ConnectionConfiguration
    /// For the listener. Its silence must be detected within half a minute.
    package let listener: ConnectionConfiguration

    private static let rulesTimeout: Duration = .seconds(60)
    private static let rulesLockTimeout: Duration = .seconds(5)
    private static let backgroundTimeout: Duration = .seconds(1_800)
    private static let listenerTimeout: Duration = .seconds(15)
    /// An attempt to connect to a silent host must not delay the next one for long.
    private static let connectTimeout: Duration = .seconds(5)
    /// Rules and background work have one connection each, and only while they work: behind a pooler in session mode, which
    /// has few sessions, requests need them.
    package static let idleTimeout: Duration = .seconds(1)

    package init(_ settings: Settings) {
        var requests = settings.database
        requests.refusesStandby = true
        requests.connectTimeout = Self.connectTimeout
        var background = requests
        requests.statementTimeout = settings.statementTimeout
        requests.lockTimeout = settings.lockTimeout
        background.statementTimeout = Self.backgroundTimeout
        background.applicationName = "changefeed background"
        var rules = background
        (rules.statementTimeout, rules.lockTimeout) = (Self.rulesTimeout, Self.rulesLockTimeout)
        rules.applicationName = "changefeed rules"
        var listener = settings.listen
        listener.connectTimeout = Self.connectTimeout
        listener.statementTimeout = Self.listenerTimeout
        listener.silenceMargin = .seconds(3)
        (self.requests, self.rules, self.background, self.listener) = (requests, rules, background, listener)
    }
}
