/// Conditions on rows in their former state, evaluated with the log's old values of them and of the rows on which they
/// depend (`CompiledDomain.formerly`).
///
/// If the row was deleted, a condition that depends on an unknown row counts as true, and inside a `NOT` as false: so
/// the whole is true for every row that could have matched, and the row's own columns still narrow it.
extension DomainCompiler {
    /// True if the row in question was deleted.
    static let isGone = "$11"

    /// A table whose rows are reached from the row in question.
    mutating func other(_ table: String) -> String { isFormer ? "former_\(sql.former(table))" : table }

    /// - Parameter isUnknown: a condition on the row, built by the functions below.
    func possible(_ found: String, where isUnknown: String) -> String {
        guard isFormer else { return found }
        return isNegated ? "(\(found) AND NOT \(isUnknown))" : "(\(found) OR \(isUnknown))"
    }

    /// Rows that depend on the record only, and are unknown once it is deleted.
    mutating func lost() -> String {
        if isFormer { sql.noteFormer() }
        return Self.isGone
    }

    /// Whether rows of a table may have changed without a trace.
    mutating func changed(_ table: String) -> String {
        isFormer ? "(\(Self.isGone) AND ($12)[\(sql.former(table))])" : ""
    }

    /// The row that a column referred to no longer exists, or may have changed.
    mutating func unknown(_ key: String, in table: String) -> String {
        guard isFormer else { return "" }
        let number = sql.former(table)
        return "(\(Self.isGone) AND \(key) IS NOT NULL AND (($12)[\(number)] OR \(Self.without(key, number))))"
    }

    /// The row that a column referred to no longer exists.
    mutating func missing(_ key: String, in table: String) -> String {
        guard isFormer else { return "" }
        return "(\(Self.isGone) AND \(key) IS NOT NULL AND \(Self.without(key, sql.former(table))))"
    }

    private static func without(_ key: String, _ number: Int) -> String {
        "NOT EXISTS (SELECT FROM former_\(number) gone WHERE gone.id = \(key))"
    }

    /// The negation of the compiled condition.
    mutating func not(_ compile: (inout DomainCompiler) throws(DomainError) -> String) throws(DomainError) -> String {
        "(NOT \(try behindNot(compile)))"
    }
}
