import ChangeFeed
import Postgres
import ServiceLifecycle

/// The ways to check a session that the settings name, in their order, and what these hold open until the service ends.
struct SessionChecks: Service {
    let checks: [any SessionCheck]
    /// To the database of session_db, if there is one.
    let pool: ConnectionPool?

    init(_ settings: Settings, observe: @escaping @Sendable (FeedObservation) -> Void = { _ in }) {
        pool = settings.sessionDatabase.map { configuration in
            var configuration = configuration
            configuration.connectTimeout = .seconds(5)
            configuration.statementTimeout = .seconds(5)
            configuration.lockTimeout = settings.lockTimeout
            return ConnectionPool(configuration, maximumConnections: 2)
        }
        let table = pool.map { SessionTable(pool: $0, troubles: Troubles("sessions in session_db", observe)) }
        checks = settings.sessionChecks.compactMap { name -> (any SessionCheck)? in
            switch name {
            case .files: settings.odooDataFolder.map { SessionFiles(dataDirectory: $0, troubles: Troubles("session files", observe)) }
            case .sessionDatabase: table
            case .http:
                settings.odooURL.map { OdooSessions(OdooSessions.Configuration(url: $0), troubles: Troubles("sessions asked of Odoo", observe)) }
            }
        }
    }

    func run() async throws {
        if let pool {
            try await cancelWhenGracefulShutdown { try await pool.run() }
        } else {
            try? await gracefulShutdown()
        }
        for check in checks { await check.shutdown() }
    }
}
