import ChangeFeed
import ChangeFeedSettings
import Postgres

extension Examination.Plan {
    /// What a service with these settings needs.
    init(_ settings: Settings) {
        self.init(
            database: settings.database, listen: settings.listen,
            sessions: settings.sessionChecks.map { check in
                switch check {
                case .files: .files(dataFolder: settings.odooDataFolder ?? "")
                case .sessionDatabase: .sessionDatabase(settings.sessionDatabase)
                case .http: .http(url: settings.odooURL ?? "")
                }
            })
    }
}
