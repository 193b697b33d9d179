/// A domain as an SQL condition on a row `t` of its model's table.
///
/// Parameters: `$1` int user, `$2` int current company, `$3` int[] enabled companies, `$4` bigint[] and `$5` text[]: the
/// numbers and texts out of the domain, of which none stands in the SQL. Null counts as false.
public struct CompiledDomain: Sendable, Equatable {
    public let sql: String
    /// The same about a row that is gone, where rows of other tables may have gone with it: true, too, for a row that could have
    /// been let pass. Nil where nothing but the row and the user decides.
    ///
    /// `@public.some_table` stands for the rows of that table as they were, and `@?public.some_table?` for a condition: true where
    /// it is not known how they were. Neither is SQL: whoever runs it puts these in.
    public let formerly: String?
    public let numbers: [Int64]
    public let texts: [String]
    /// Columns of `t` that it reads, but for id; sorted, not quoted.
    public let ownColumns: [String]
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
