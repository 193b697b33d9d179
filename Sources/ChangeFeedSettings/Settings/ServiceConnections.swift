package import Postgres

/// How the service reaches the database, by what for. Commands are limited by nothing of this.
package struct ServiceConnections {
    /// For requests: nobody's statement may take for ever.
    package let requests: ConnectionConfiguration
    /// For record rules, which requests may wait for: compiling many takes longer.
    package let rules: ConnectionConfiguration
    /// For retention, of which each step is one statement.
    package let background: ConnectionConfiguration
    /// For the one that listens. It must be noticed within half a minute that this one says nothing any more.
    package let listener: ConnectionConfiguration

    private static let rulesTimeout: Duration = .seconds(60)
    private static let rulesLockTimeout: Duration = .seconds(5)
    private static let backgroundTimeout: Duration = .seconds(1_800)
    private static let listenerTimeout: Duration = .seconds(15)
    /// An attempt to connect to what does not answer must not hold up the next one for long.
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
