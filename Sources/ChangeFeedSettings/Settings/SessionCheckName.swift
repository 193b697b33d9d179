/// A way to find the user of an Odoo session.
package enum SessionCheckName: String, Sendable, CaseIterable {
    /// Odoo's session files, below `ODOO_DATA_DIR`.
    case files
    /// The table of the OCA module session_db, at `SESSION_DB_URI`.
    case sessionDatabase = "session_db"
    /// Odoo itself, at `ODOO_URL`.
    case http

    /// The setting that it requires.
    package var needs: Setting {
        switch self {
        case .files: .odooDataFolder
        case .sessionDatabase: .sessionDatabase
        case .http: .odooURL
        }
    }
}
