public import Postgres

extension Connection {
    /// The result as text, one string per row, columns separated by `|`, NULL as the empty string, for comparison in
    /// tests.
    public nonisolated func lines(_ sql: String, _ parameters: [Parameter] = []) async throws -> [String] {
        let rows = try await query(sql, parameters)
        return rows.map { row in rows.columns.indices.map { row[$0].text ?? "" }.joined(separator: "|") }
    }

    /// The first column of the first row as text; the empty string if there is none.
    public nonisolated func value(_ sql: String, _ parameters: [Parameter] = []) async throws -> String {
        try await query(sql, parameters).first?[0].text ?? ""
    }

    /// The result of `SELECT pg_current_snapshot()`.
    public nonisolated func snapshot() async throws -> String {
        try await value("SELECT pg_current_snapshot()")
    }
}
