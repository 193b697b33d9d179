/// Collects the parts of a domain's SQL: parameters, columns that it reads, dependencies.
struct SQLBuilder {
    private(set) var numbers: [Int64] = []
    private(set) var texts: [String] = []
    private(set) var reads: [String: Set<String>] = [:]
    private(set) var ownColumns: Set<String> = []
    private(set) var crossings: Set<String> = []
    private(set) var uses: Set<String> = []
    /// Tables whose former rows are read.
    private(set) var formerTables: [String] = []
    /// Whether any former state is read.
    private(set) var asksFormer = false
    /// SQL of the user's time zone; nil looks it up.
    let zone: String?
    private var aliases = 0
    private var terms = 0

    /// Terms that one set of rules may have.
    static let maximumTerms = 2_000
    /// Maximum number of subqueries: PostgreSQL's planning time grows faster than their number.
    static let maximumSubqueries = 100

    init(zone: String? = nil) { self.zone = zone }

    mutating func number(_ value: Int64) -> String {
        numbers.append(value)
        return "($4)[\(numbers.count)]"
    }

    mutating func numberList(_ values: [Int64]) -> String {
        let first = numbers.count + 1
        numbers.append(contentsOf: values)
        return "($4)[\(first):\(numbers.count)]"
    }

    mutating func text(_ value: String) -> String {
        texts.append(value)
        return "($5)[\(texts.count)]"
    }

    mutating func textList(_ values: [String]) -> String {
        let first = texts.count + 1
        texts.append(contentsOf: values)
        return "($5)[\(first):\(texts.count)]"
    }

    mutating func alias() throws(DomainError) -> String {
        aliases += 1
        guard aliases <= Self.maximumSubqueries else {
            throw DomainError(.tooLong, "more than \(Self.maximumSubqueries) subqueries")
        }
        return "a\(aliases)"
    }

    mutating func countTerm() throws(DomainError) {
        terms += 1
        guard terms <= Self.maximumTerms else { throw DomainError(.tooLong, "more than \(Self.maximumTerms) terms") }
    }

    mutating func note(table: String, columns: String...) {
        reads[table, default: []].formUnion(columns)
    }

    /// The number of a table's former rows, from 1 on.
    mutating func former(_ table: String) -> Int {
        asksFormer = true
        if let index = formerTables.firstIndex(of: table) { return index + 1 }
        formerTables.append(table)
        return formerTables.count
    }

    mutating func noteFormer() { asksFormer = true }

    mutating func noteOwn(_ column: String) { ownColumns.insert(column) }

    mutating func note(crossing model: String, _ field: String) { crossings.insert("\(model).\(field)") }

    mutating func note(use: String) { uses.insert(use) }

    /// Continues with the parameters and notes of another builder, whose subqueries and terms do not count here.
    mutating func adopt(_ other: SQLBuilder) {
        let (aliases, terms) = (aliases, terms)
        self = other
        (self.aliases, self.terms) = (aliases, terms)
    }

    func domain(_ sql: String, formerly: String?) -> CompiledDomain {
        CompiledDomain(
            sql: sql, formerly: formerly, numbers: numbers, texts: texts, ownColumns: ownColumns.sorted(),
            formerTables: formerTables, reads: reads.mapValues { $0.sorted() }, crossings: crossings.sorted(),
            uses: uses.sorted())
    }
}
