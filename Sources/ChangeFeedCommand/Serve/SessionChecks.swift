import ChangeFeed
import ChangeFeedSettings
import Foundation
import Postgres
import ServiceLifecycle

/// The configured session checks, in their order, and the connections that they hold open until the service ends.
struct SessionChecks: Service {
    let checks: [any SessionCheck]
    /// To the database of session_db, if there is one.
    let pool: ConnectionPool?
    /// Odoo's data folder, with the session files.
    private let dataFolder: String?
    private let fileTroubles: Troubles

    init(_ settings: Settings, observe: @escaping @Sendable (FeedObservation) -> Void = { _ in }) {
        pool = settings.sessionDatabase.map { configuration in
            var configuration = configuration
            configuration.connectTimeout = .seconds(5)
            configuration.statementTimeout = .seconds(5)
            configuration.lockTimeout = settings.lockTimeout
            return ConnectionPool(configuration, maximumConnections: 2)
        }
        let table = pool.map { SessionTable(pool: $0, troubles: Troubles("sessions in session_db", observe)) }
        let troubles = Troubles("session files", observe)
        fileTroubles = troubles
        dataFolder = settings.sessionChecks.contains(.files) ? settings.odooDataFolder : nil
        checks = settings.sessionChecks.compactMap { name -> (any SessionCheck)? in
            switch name {
            case .files: settings.odooDataFolder.map { SessionFiles(dataDirectory: $0, troubles: troubles) }
            case .sessionDatabase: table
            case .http:
                settings.odooURL.map {
                    OdooSessions(
                        OdooSessions.Configuration(url: $0), troubles: Troubles("session checks by Odoo", observe))
                }
            }
        }
    }

    /// Reports at the start why session files cannot be read, before a client asks.
    private func lookOnce() {
        guard let dataFolder else { return }
        let troubles = fileTroubles
        // A hanging network share blocks only this thread.
        Thread.detachNewThread {
            if let trouble = SessionStoreStep.trouble(withFilesIn: dataFolder) { troubles.note(trouble) }
        }
    }

    func run() async throws {
        lookOnce()
        if let pool {
            try await cancelWhenGracefulShutdown { try await pool.run() }
        } else {
            try? await gracefulShutdown()
        }
        for check in checks { await check.shutdown() }
    }
}
