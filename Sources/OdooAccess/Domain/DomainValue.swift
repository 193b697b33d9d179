/// A value that is known only when the SQL runs.
struct DynamicValue: Equatable {
    enum Kind: Equatable {
        case number, text, boolean, date, timestamp
        /// A text that is a day, optionally with a time.
        case dateText
    }

    var sql: String
    var kind: Kind
    var isNullable = true
}

/// The value of an expression in rules (`ir_rule._eval_context`).
indirect enum DomainValue: Equatable {
    /// `False` and `None`, which are the same in a domain.
    case empty
    case yes
    case number(Int64)
    case decimal(String)
    case text(String)
    case dynamic(DynamicValue)
    case list([Element])
    case record(RecordPath)
    case environment
    case module(String)
    case function(String, DomainValue?)
    /// `relativedelta(…)` or `timedelta(…)` as an SQL interval.
    case interval(String)

    enum Element: Equatable {
        case value(DomainValue)
        /// All elements of an SQL array of ids, without null.
        case spread(String)
        /// All texts of an SQL query of one column; null stands for `False`.
        case texts(String)
    }

    var typeName: String {
        switch self {
        case .empty, .yes: "a boolean"
        case .number, .decimal: "a number"
        case .text: "a text"
        case .dynamic: "a value"
        case .list: "a list"
        case .record, .environment: "a record"
        case .module, .function: "a function"
        case .interval: "an interval"
        }
    }
}

/// Records reached from the user.
struct RecordPath: Equatable {
    var model: String
    /// One id, perhaps null, as an SQL expression; or ids without null, as an SQL query of one column.
    var sql: String
    var isMany: Bool
    /// As written in the rule.
    var path: String
}

extension DomainValue {
    /// Python's `not value`, for known values.
    var isFalsy: Bool {
        switch self {
        case .empty, .number(0), .text(""): true
        case .decimal(let text): Double(text) == 0
        case .list(let elements): elements.isEmpty
        default: false
        }
    }
}
