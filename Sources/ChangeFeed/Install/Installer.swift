public import Postgres

/// Runs `install.sql` and `uninstall.sql` over one connection, in the same steps as psql.
///
/// Needs a superuser, or a role with the rights that docs/managed.md lists. If one is missing, `PostgresError.detail`
/// of the failure names it and the statement that grants it.
public struct Installer: Sendable {
    /// Receives each line that psql would have shown: echoes and the server's notices.
    public typealias Report = @Sendable (String) -> Void

    public init() {}

    /// The top-level scripts.
    public enum Script: String, Sendable {
        case install = "install.sql"
        case uninstall = "uninstall.sql"
    }

    /// Runs a script.
    /// - Throws: `PostgresError` of the step that failed; finished steps stay (installation resumes when run again).
    public func run(_ script: Script, on connection: Connection, report: @escaping Report) async throws {
        let parsed = try SQLScript(name: script.rawValue, read: EmbeddedSQL.text(of:))
        var variables: [String: String] = [:]
        try await run(parsed.steps, on: connection, variables: &variables, report: report)
    }

    /// Creates only the roles and lets `installer` install, as `sql/roles.sql` does: for a role that may create roles.
    /// - Throws: `PostgresError`; then nothing was created.
    public func makeRoles(for installer: String, on connection: Connection, report: @escaping Report) async throws {
        let script = try EmbeddedSQL.text(of: "install/roles.sql")
        try await connection.execute(script: EmbeddedSQL.text(of: "settings.sql"))
        try await connection.execute(script: "BEGIN")
        do {
            _ = try await connection.query(
                "SELECT pg_catalog.set_config('changefeed.installer', $1, true)", [.text(installer)])
            try await connection.execute(script: script) { notice in report(notice) }
            try await connection.execute(script: "COMMIT")
        } catch {
            try? await connection.execute(script: "ROLLBACK")
            throw error
        }
    }

    /// The effect of a script, without a database: its text in order, after a summary of the locks it takes.
    public func plan(_ script: Script) throws -> String {
        let parsed = try SQLScript(name: script.rawValue, read: EmbeddedSQL.text(of:))
        var lines = Self.locks(of: script).map { "-- \($0)" }
        lines.append("")
        Self.describe(parsed.steps, into: &lines)
        return lines.joined(separator: "\n") + "\n"
    }

    /// The name of a database that has no Odoo; nil if it has one.
    /// - Throws: `PostgresError`.
    package static nonisolated(nonsending) func databaseWithoutOdoo(on connection: Connection) async throws -> String? {
        let rows = try await connection.query(
            "SELECT pg_catalog.to_regclass('public.ir_model') IS NULL AS missing, pg_catalog.current_database() AS name"
        )
        guard let row = rows.first, try row["missing"].bool() else { return nil }
        return try row["name"].string()
    }

    private func run(
        _ steps: [SQLScript.Step], on connection: Connection, variables: inout [String: String],
        report: @escaping Report
    ) async throws {
        for step in steps {
            switch step {
            case .statement(let text), .file(_, let text):
                try await connection.execute(script: text) { notice in report(notice) }
            case .variable(let query):
                let rows = try await connection.query(query)
                guard let row = rows.first else {
                    throw ChangeFeedError(.unexpectedAnswer, "A query of the script returned no row.")
                }
                for (index, column) in rows.columns.enumerated() {
                    variables[column] = row[index].text ?? ""
                }
            case .conditional(let variable, let steps):
                if ["t", "true", "on", "1"].contains(variables[variable] ?? "") {
                    try await run(steps, on: connection, variables: &variables, report: report)
                }
            case .echo(let line):
                report(line)
            }
        }
    }

    private static func describe(_ steps: [SQLScript.Step], into lines: inout [String]) {
        for step in steps {
            switch step {
            case .statement(let text): lines.append(text)
            case .file(let path, let text):
                lines.append("-- sql/\(path)")
                lines.append(text)
            case .variable(let query): lines.append("\(query);")
            case .conditional(let variable, let steps):
                lines.append("-- only if \(variable):")
                describe(steps, into: &lines)
                lines.append("-- end of: only if \(variable)")
            case .echo: break
            }
        }
    }

    private static func locks(of script: Script) -> [String] {
        switch script {
        case .install:
            [
                "Locks: an advisory lock of this database, so that installations queue behind each other;",
                "SHARE ROW EXCLUSIVE on each tracked table, and on the tables that decide access (res_users, ir_rule and others),",
                "one table at a time, for the moment of CREATE TRIGGER,",
                "with a short lock_timeout and retries, so that no Odoo statement queues behind it.",
                "Odoo's rows are not read or rewritten, and no table of Odoo gets a column, index or constraint.",
                "`changefeed estimate` reads this database and says what capture would cost, and who would see what.",
            ]
        case .uninstall:
            [
                "Locks: ACCESS EXCLUSIVE on each table with a trigger of the feed, one table at a time, for the moment of DROP TRIGGER,",
                "with a short lock_timeout and retries; then ACCESS EXCLUSIVE on the tables of schema changefeed.",
            ]
        }
    }
}
