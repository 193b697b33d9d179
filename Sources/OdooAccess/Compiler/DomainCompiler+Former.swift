/// Conditions on rows as they were, judged by what the log kept of them and of the rows on which they hang
/// (`CompiledDomain.formerly`).
///
/// Where the row is gone, what hangs on a row of which nothing is known any more counts as true, and behind a `NOT` as false: so
/// the whole is true for every row that could have been let pass, and what the row itself says still narrows it.
extension DomainCompiler {
    /// True where the row in question is gone.
    static let isGone = "$11"

    /// A table whose rows are reached from the row in question.
    mutating func other(_ table: String) -> String { isFormer ? "former_\(sql.former(table))" : table }

    /// - Parameter isUnknown: a condition on the row, made by the functions below.
    func possible(_ found: String, where isUnknown: String) -> String {
        guard isFormer else { return found }
        return isNegated ? "(\(found) AND NOT \(isUnknown))" : "(\(found) OR \(isUnknown))"
    }

    /// Rows that hang on the record alone, and of which nothing is known once it is gone.
    mutating func lost() -> String {
        if isFormer { sql.noteFormer() }
        return Self.isGone
    }

    /// Whether rows of a table may have changed without a trace.
    mutating func changed(_ table: String) -> String { isFormer ? "(\(Self.isGone) AND ($12)[\(sql.former(table))])" : "" }

    /// The row that a column led to is not there any more, or may have changed.
    mutating func unknown(_ key: String, in table: String) -> String {
        guard isFormer else { return "" }
        let number = sql.former(table)
        return "(\(Self.isGone) AND \(key) IS NOT NULL AND (($12)[\(number)] OR \(Self.without(key, number))))"
    }

    /// The row that a column led to is not there any more.
    mutating func missing(_ key: String, in table: String) -> String {
        guard isFormer else { return "" }
        return "(\(Self.isGone) AND \(key) IS NOT NULL AND \(Self.without(key, sql.former(table))))"
    }

    private static func without(_ key: String, _ number: Int) -> String {
        "NOT EXISTS (SELECT FROM former_\(number) gone WHERE gone.id = \(key))"
    }

    /// The opposite of what is compiled.
    mutating func not(_ compile: (inout DomainCompiler) throws(DomainError) -> String) throws(DomainError) -> String {
        "(NOT \(try behindNot(compile)))"
    }
}
