/// A domain as an SQL condition on a row `t` of its model's table.
///
/// Parameters: `$1` int user, `$2` int current company, `$3` int[] enabled companies, `$4` bigint[] and `$5` text[]: the
/// numbers and texts out of the domain, of which none stands in the SQL. Null counts as false.
public struct CompiledDomain: Sendable, Equatable {
    public let sql: String
    /// The same about a row as it was, judged by what was kept of other rows: where the row is gone, true, too, for one that could
    /// have been let pass. Nil where nothing but the row and the user decides.
    ///
    /// It reads `former_1`, `former_2` and so on, which whoever runs it defines (`WITH`): the rows of `formerTables` as they were,
    /// with the columns that `reads` has of them. Two more parameters: `$11` boolean: the row is gone; `$12` boolean[]: for each
    /// of `formerTables` whether it is not known how its rows were.
    public let formerly: String?
    public let numbers: [Int64]
    public let texts: [String]
    /// Columns of `t` that it reads, but for id; sorted, not quoted.
    public let ownColumns: [String]
    /// Tables, quoted, of whose former rows `formerly` asks, in the order of their numbers.
    public let formerTables: [String]
    /// Columns by table, quoted.
    public let reads: [String: [String]]
    /// Fields of other models on which it hangs, such as `mail.followers.partner_id`; sorted.
    public let crossings: [String]
    /// What it depends on beside the record: `uid`, `company_id`, `company_ids`, `groups`, `user`, `time`; sorted.
    public let uses: [String]

    public var isAlwaysTrue: Bool { sql == Self.always }
    public var isAlwaysFalse: Bool { sql == Self.never }

    static let always = "true"
    static let never = "false"
}
