/// Conditions on rows that are gone, with which rows of other tables may have gone or changed (`CompiledDomain.formerly`).
///
/// What hangs on a row of which nothing is known any more counts as true, and behind a `NOT` as false: so the whole is true for
/// every row that could have been let pass, and what the row itself says still narrows it.
extension DomainCompiler {
    /// A table whose rows are reached from the row in question.
    func other(_ table: String) -> String { isFormer ? "@\(table)" : table }

    /// - Parameter isUnknown: a condition on the row; nil: nothing of it can be unknown.
    func possible(_ found: String, where isUnknown: String) -> String {
        guard isFormer else { return found }
        return isNegated ? "(\(found) AND NOT \(isUnknown))" : "(\(found) OR \(isUnknown))"
    }

    /// Whether rows of a table may have changed without a trace.
    func changed(_ table: String) -> String { "@?\(table)?" }

    /// The row that a column led to is not there any more, or may have changed.
    func unknown(_ key: String, in table: String) -> String {
        "(\(key) IS NOT NULL AND (\(changed(table)) OR NOT EXISTS (SELECT FROM @\(table) gone WHERE gone.id = \(key))))"
    }

    /// The row that a column led to is not there any more.
    func missing(_ key: String, in table: String) -> String {
        "(\(key) IS NOT NULL AND NOT EXISTS (SELECT FROM @\(table) gone WHERE gone.id = \(key)))"
    }

    /// The opposite of what is compiled.
    mutating func not(_ compile: (inout DomainCompiler) throws(DomainError) -> String) throws(DomainError) -> String {
        "(NOT \(try behindNot(compile)))"
    }
}
