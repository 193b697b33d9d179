/// `time`, `datetime` and related functions, in UTC, as SQL.
enum DateFunctions {
    private static let now = "(now() AT TIME ZONE 'UTC')"

    static func member(_ name: String, of base: DomainValue) throws(DomainError) -> DomainValue {
        switch (base, name) {
        case (.module("time"), "strftime"): return .function("time.strftime", nil)
        case (.module("datetime"), "datetime"), (.module("datetime"), "date"): return .module("datetime.\(name)")
        case (.module("datetime"), "timedelta"): return .function("timedelta", nil)
        case (.module("datetime.datetime"), "now"), (.module("datetime.datetime"), "utcnow"),
            (.module("datetime.datetime"), "today"),
            (.module("datetime"), "now"), (.module("datetime"), "utcnow"):
            return .function("now", nil)
        case (.module("datetime.date"), "today"): return .function("context_today", nil)
        case (.dynamic(let value), "strftime") where value.kind == .date || value.kind == .timestamp:
            return .function("strftime", base)
        case (.dynamic(let value), "date") where value.kind == .timestamp: return .function("date", base)
        default: throw DomainError(.nameUnknown, "the attribute '\(name)' is not known here")
        }
    }

    static func call(
        _ function: DomainValue, _ arguments: [PythonExpression], _ named: [String: PythonExpression],
        in evaluator: inout DomainEvaluator
    ) throws(DomainError) -> DomainValue {
        guard case .function(let name, let base) = function else {
            throw DomainError(.nameUnknown, "this call is not supported in rules")
        }
        evaluator.sql.note(use: "time")
        switch name {
        case "now" where arguments.isEmpty && named.isEmpty:
            return .dynamic(DynamicValue(sql: now, kind: .timestamp, isNullable: false))
        case "context_today" where arguments.isEmpty && named.isEmpty:
            return .dynamic(DynamicValue(sql: "\(now)::date", kind: .date, isNullable: false))
        case "date":
            guard case .dynamic(let moment)? = base, arguments.isEmpty, named.isEmpty else { break }
            return .dynamic(DynamicValue(sql: "\(moment.sql)::date", kind: .date, isNullable: moment.isNullable))
        case "time.strftime", "strftime":
            guard arguments.count == 1, named.isEmpty, case .string(let format) = arguments[0] else { break }
            let moment = if case .dynamic(let value)? = base { value.sql } else { now }
            return .dynamic(
                DynamicValue(
                    sql: "to_char(\(moment), \(try pattern(format)))", kind: format == "%Y" ? .text : .dateText,
                    isNullable: false))
        case "relativedelta", "timedelta":
            guard arguments.isEmpty, !named.isEmpty else { break }
            var parts: [String] = []
            var days = 0.0
            for (unit, expression) in named.sorted(by: { $0.key < $1.key }) {
                guard ["years", "months", "weeks", "days", "hours", "minutes", "seconds"].contains(unit),
                    case .number(let count) = try evaluator.evaluate(expression), count.magnitude <= 1_000_000
                else {
                    throw DomainError(
                        .nameUnknown, "an interval has an unsupported part: only whole years to seconds are supported")
                }
                // make_interval's names are those of the parts, except for the last letters.
                let argument = ["minutes": "mins", "seconds": "secs"][unit] ?? unit
                parts.append("\(argument) => \(count)")
                days += Double(count.magnitude) * (Self.days[unit] ?? 0)
            }
            // Python refuses a year outside its calendar, and PostgreSQL would, too, for every record.
            guard days <= Self.mostDays else {
                throw DomainError(.nameUnknown, "an interval leaves the calendar's range")
            }
            return .interval("make_interval(\(parts.joined(separator: ", ")))")
        default: break
        }
        throw DomainError(.nameUnknown, "this call of '\(name)' is not supported")
    }

    /// Units of an interval, in days.
    private static let days = [
        "years": 366.0, "months": 31, "weeks": 7, "days": 1, "hours": 1 / 24.0, "minutes": 1 / 1_440.0,
        "seconds": 1 / 86_400.0,
    ]
    /// About 2,000 years, the range of Python's calendar.
    static let mostDays = 730_000.0

    /// to_char()'s pattern for the few formats that rules use.
    private static func pattern(_ format: String) throws(DomainError) -> String {
        switch format {
        case "%Y-%m-%d": return "'YYYY-MM-DD'"
        case "%Y-%m-%d %H:%M:%S": return "'YYYY-MM-DD HH24:MI:SS'"
        case "%Y-%m-%d 00:00:00": return "'YYYY-MM-DD 00:00:00'"
        case "%Y-%m-%d 23:59:59": return "'YYYY-MM-DD 23:59:59'"
        case "%Y-%m-01": return "'YYYY-MM-01'"
        case "%Y-01-01": return "'YYYY-01-01'"
        case "%Y-12-31": return "'YYYY-12-31'"
        case "%Y": return "'YYYY'"
        default: throw DomainError(.nameUnknown, "this date format is not supported")
        }
    }
}
