public import Postgres

extension Connection {
    /// The answer as text, one string a row, columns separated by `|`, NULL as the empty string: what a test compares.
    public nonisolated func lines(_ sql: String, _ parameters: [Parameter] = []) async throws -> [String] {
        let rows = try await query(sql, parameters)
        return rows.map { row in rows.columns.indices.map { row[$0].text ?? "" }.joined(separator: "|") }
    }

    /// The first column of the first row as text; the empty string where there is none.
    public nonisolated func value(_ sql: String, _ parameters: [Parameter] = []) async throws -> String {
        try await query(sql, parameters).first?[0].text ?? ""
    }

    /// What `SELECT pg_current_snapshot()` says.
    public nonisolated func snapshot() async throws -> String {
        try await value("SELECT pg_current_snapshot()")
    }
}
