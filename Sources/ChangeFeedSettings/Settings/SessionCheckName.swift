/// A way to find out whose Odoo session a cookie stands for.
package enum SessionCheckName: String, Sendable, CaseIterable {
    /// Odoo's session files, below `ODOO_DATA_DIR`.
    case files
    /// The table of the OCA module session_db, at `SESSION_DB_URI`.
    case sessionDatabase = "session_db"
    /// Odoo itself, at `ODOO_URL`.
    case http

    /// The setting that it cannot do without.
    package var needs: Setting {
        switch self {
        case .files: .odooDataFolder
        case .sessionDatabase: .sessionDatabase
        case .http: .odooURL
        }
    }
}
