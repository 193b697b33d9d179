/// Evaluates the content of a domain: literals, and the names that Odoo provides to its rules
/// (`ir_rule._eval_context`). Values that only the database knows become SQL.
struct DomainEvaluator {
    let catalog: Catalog
    var sql = SQLBuilder()

    mutating func evaluate(_ expression: PythonExpression) throws(DomainError) -> DomainValue {
        switch expression {
        case .none, .bool(false): return .empty
        case .bool(true): return .yes
        case .integer(let value): return .number(value)
        case .float(let text): return .decimal(text)
        case .string(let text): return .text(text)
        case .name(let name): return try value(of: name)
        case .list(let items), .tuple(let items):
            var elements: [DomainValue.Element] = []
            for item in items {
                let value = try evaluate(item)
                switch value {
                case .empty, .yes, .number, .decimal, .text, .dynamic: elements.append(.value(value))
                default: throw DomainError(.valueInvalid, "a list contains \(value.typeName)")
                }
            }
            return .list(elements)
        case .attribute(let base, let name): return try attribute(name, of: try evaluate(base))
        case .call(let function, let arguments, let named):
            let called = try evaluate(function)
            if case .function(let name, .record(let record)?) = called {
                guard named.isEmpty, arguments.count == 1, case .string(let path) = arguments[0] else {
                    throw DomainError(.nameUnknown, "'\(name)' is supported only on a plain path")
                }
                return try UserPath.call(name, path, of: record, in: &self)
            }
            return try DateFunctions.call(called, arguments, named, in: &self)
        case .binary(let left, let op, let right): return try combine(try evaluate(left), op, try evaluate(right))
        case .negative: throw DomainError(.valueInvalid, "'-' is applied to a value that is not a number")
        case .not, .and, .or, .comparison: return try truth(expression) ? .yes : .empty
        case .conditional(let condition, let then, let otherwise):
            return try evaluate(try truth(condition) ? then : otherwise)
        }
    }

    private mutating func value(of name: String) throws(DomainError) -> DomainValue {
        guard catalog.dialect.knows(name: name) else {
            throw DomainError(
                .nameUnknown, "the name '\(name)' is not known in rules of Odoo \(catalog.dialect.release)")
        }
        switch name {
        case "uid":
            sql.note(use: "uid")
            return .dynamic(DynamicValue(sql: "$1", kind: .number, isNullable: false))
        case "company_id":
            sql.note(use: "company_id")
            return .dynamic(DynamicValue(sql: "$2", kind: .number))
        case "company_ids":
            sql.note(use: "company_ids")
            return .list([.spread("$3")])
        case "user": return .record(RecordPath(model: "res.users", sql: "$1", isMany: false, path: "user"))
        case "time", "datetime": return .module(name)
        case "context_today", "relativedelta", "timedelta": return .function(name, nil)
        default: throw DomainError(.nameUnknown, "the name '\(name)' is not known in rules")
        }
    }

    private mutating func attribute(_ name: String, of base: DomainValue) throws(DomainError) -> DomainValue {
        switch base {
        case .record(let record):
            if name == "mapped" || name == "filtered" { return .function(name, base) }
            return try UserPath.step(from: record, to: name, in: &self)
        case .environment:
            switch name {
            case "user": return try value(of: "user")
            case "uid": return try UserPath.step(from: UserPath.user, to: "id", in: &self)
            // Without a context these are the user's own, whatever is enabled.
            case "company": return try UserPath.step(from: UserPath.user, to: "company_id", in: &self)
            case "companies": return try UserPath.step(from: UserPath.user, to: "company_ids", in: &self)
            default: throw DomainError(.nameUnknown, "env.\(name) is not known in rules")
            }
        case .module, .function, .dynamic: return try DateFunctions.member(name, of: base)
        default: throw DomainError(.nameUnknown, "\(base.typeName) has no attribute '\(name)'")
        }
    }

    private mutating func combine(
        _ left: DomainValue, _ op: PythonExpression.Operator, _ right: DomainValue
    ) throws(DomainError) -> DomainValue {
        switch (left, op, right) {
        case (.list(let first), .plus, .list(let second)): return .list(first + second)
        case (.text(let first), .plus, .text(let second)): return .text(first + second)
        case (.number(let first), _, .number(let second)):
            let (sum, isOver) =
                op == .plus ? first.addingReportingOverflow(second) : first.subtractingReportingOverflow(second)
            guard !isOver else { throw DomainError(.valueInvalid, "a sum is too large") }
            return .number(sum)
        case (.dynamic(let moment), _, .interval(let interval)) where moment.kind == .timestamp || moment.kind == .date:
            let sum = "(\(moment.sql) \(op == .plus ? "+" : "-") \(interval))"
            return .dynamic(
                DynamicValue(
                    sql: moment.kind == .date ? "\(sum)::date" : sum, kind: moment.kind, isNullable: moment.isNullable))
        case (.record(let first), .plus, .record(let second)) where first.model == second.model:
            return .record(
                RecordPath(
                    model: first.model, sql: "\(first.query) UNION \(second.query)", isMany: true,
                    path: "\(first.path) + \(second.path)"))
        default:
            throw DomainError(.valueInvalid, "\(left.typeName) and \(right.typeName) cannot be added or subtracted")
        }
    }

    /// Python's truth value, for values known without the database.
    mutating func truth(_ expression: PythonExpression) throws(DomainError) -> Bool {
        switch expression {
        case .not(let inner): return !(try truth(inner))
        case .and(let left, let right): return try truth(left) ? try truth(right) : false
        case .or(let left, let right): return try truth(left) ? true : try truth(right)
        case .comparison(let left, let kind, let right):
            return try compare(try evaluate(left), kind, try evaluate(right))
        default:
            switch try evaluate(expression) {
            case .empty: return false
            case .yes: return true
            case .number(let value): return value != 0
            case .decimal(let text): return Double(text) != 0
            case .text(let text): return !text.isEmpty
            case .list(let elements) where elements.allSatisfy({ if case .value = $0 { true } else { false } }):
                return !elements.isEmpty
            case let other:
                throw DomainError(.valueInvalid, "only the database knows whether \(other.typeName) is true")
            }
        }
    }

    private func compare(
        _ left: DomainValue, _ kind: PythonExpression.Comparison, _ right: DomainValue
    ) throws(DomainError) -> Bool {
        switch (left, kind, right) {
        case (.number(let a), .less, .number(let b)): return a < b
        case (.number(let a), .greater, .number(let b)): return a > b
        case (.number(let a), .lessOrEqual, .number(let b)): return a <= b
        case (.number(let a), .greaterOrEqual, .number(let b)): return a >= b
        case (_, .equal, _) where left.isLiteral && right.isLiteral: return left == right
        case (_, .notEqual, _) where left.isLiteral && right.isLiteral: return left != right
        case (_, .isIn, .list(let elements)) where left.isLiteral && right.isLiteral:
            return elements.contains(.value(left))
        case (_, .isNotIn, .list(let elements)) where left.isLiteral && right.isLiteral:
            return !elements.contains(.value(left))
        default: throw DomainError(.valueInvalid, "a comparison needs values that only the database knows")
        }
    }
}

extension DomainValue {
    fileprivate var isLiteral: Bool {
        switch self {
        case .empty, .yes, .number, .text: true
        case .list(let elements):
            elements.allSatisfy {
                if case .value(let value) = $0 { value.isLiteral } else { false }
            }
        default: false
        }
    }
}
