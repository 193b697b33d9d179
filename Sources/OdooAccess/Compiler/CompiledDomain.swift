/// A domain as an SQL condition on a row `t` of its model's table.
///
/// Parameters: `$1` int user, `$2` int current company, `$3` int[] enabled companies, `$4` bigint[] and `$5` text[]: the
/// numbers and texts of the domain, which are never part of the SQL. Null counts as false.
public struct CompiledDomain: Sendable, Equatable {
    public let sql: String
    /// The same for a row's former state, evaluated with the kept values of other rows: if the row was deleted, true
    /// also if it could have matched. Nil if only the row and the user decide.
    ///
    /// It reads `former_1`, `former_2` and so on, which the caller defines (`WITH`): the rows of `formerTables` in
    /// their former state, with the columns that `reads` lists for them. Two more parameters: `$11` boolean: the row
    /// was deleted; `$12` boolean[]: for each of `formerTables` whether the former state of its rows is unknown.
    public let formerly: String?
    public let numbers: [Int64]
    public let texts: [String]
    /// Columns of `t` that it reads, except id; sorted, not quoted.
    public let ownColumns: [String]
    /// Tables, quoted, whose former rows `formerly` reads, in the order of their numbers.
    public let formerTables: [String]
    /// Columns by table, quoted.
    public let reads: [String: [String]]
    /// Fields of other models on which it depends, such as `mail.followers.partner_id`; sorted.
    public let crossings: [String]
    /// Its dependencies other than the record: `uid`, `company_id`, `company_ids`, `groups`, `user`, `time`; sorted.
    public let uses: [String]

    public var isAlwaysTrue: Bool { sql == Self.always }
    public var isAlwaysFalse: Bool { sql == Self.never }

    static let always = "true"
    static let never = "false"
}
