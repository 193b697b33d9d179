internal import ChangeFeed

/// The database connection that Odoo's own configuration names.
package enum OdooDatabase {
    private static let keywords = [
        ("db_host", "host"), ("db_port", "port"), ("db_user", "user"), ("db_password", "password"),
        ("db_name", "dbname"),
        ("db_sslmode", "sslmode"),
    ]

    /// A libpq connection string from `db_host`, `db_port`, `db_user`, `db_password`, `db_name` and `db_sslmode`, and
    /// the line of the first of them; nil if none of them is set.
    /// - Throws: `ChangeFeedError.invalidSetting` when `db_name` lists more than one database.
    package static func connection(_ file: OdooConfigurationFile) throws -> OdooConfigurationFile.Entry? {
        var parts: [String] = []
        var line: Int?
        for (key, keyword) in keywords {
            guard let entry = file.value(key, in: "options") else { continue }
            guard key != "db_name" || !entry.value.contains(",") else {
                throw ChangeFeedError(
                    .invalidSetting, "\(file.path):\(entry.line): db_name lists more than one database.",
                    hint: "Set DATABASE_URL to choose one.")
            }
            parts.append("\(keyword)=\(quoted(entry.value))")
            line = min(line ?? entry.line, entry.line)
        }
        return line.map { .init(value: parts.joined(separator: " "), line: $0) }
    }

    /// A value of a keyword/value connection string (PostgreSQL manual, "Connection Strings").
    private static func quoted(_ value: String) -> String {
        var text = "'"
        for scalar in value.unicodeScalars {
            if scalar == "'" || scalar == "\\" { text.unicodeScalars.append("\\") }
            text.unicodeScalars.append(scalar)
        }
        return text + "'"
    }
}
