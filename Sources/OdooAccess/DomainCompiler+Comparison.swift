extension DomainCompiler {
    /// Odoo's __leaf_to_sql: a column compared with a value. `False` is null, and of a boolean false, too.
    mutating func comparison(
        _ column: String, _ field: CatalogField, _ op: Domain.Operator, _ value: DomainValue, _ path: String
    ) throws(DomainError) -> String {
        switch op {
        case .isIn, .isNotIn: return try membership(column, field, op == .isNotIn, value, path)
        case .equalIfSet:
            switch value {
            case .empty: return CompiledDomain.always
            case .dynamic(let dynamic) where dynamic.isNullable:
                return "(\(dynamic.sql) IS NULL OR \(try comparison(column, field, .equal, value, path)))"
            default: return try comparison(column, field, .equal, value, path)
            }
        case .equal, .notEqual:
            if field.type == "boolean" { return try boolean(column, op == .notEqual, value, path) }
            if value == .empty { return "(\(column) IS \(op == .equal ? "" : "NOT ")NULL)" }
            let right = try scalar(value, field, op, path)
            switch (op, right.isNullable) {
            case (.equal, false): return "(\(column) = \(right.sql))"
            case (.equal, true): return "(\(column) IS NOT DISTINCT FROM \(right.sql))"
            case (_, false): return "(\(column) <> \(right.sql) OR \(column) IS NULL)"
            case (_, true): return "(\(column) IS DISTINCT FROM \(right.sql))"
            }
        case .less, .greater, .lessOrEqual, .greaterOrEqual:
            guard value != .empty || field.isNumeric else { return CompiledDomain.never }
            return "(\(column) \(op.rawValue) \(try scalar(value == .empty ? .number(0) : value, field, op, path).sql))"
        case .like, .notLike, .ilike, .notIlike, .likePattern, .ilikePattern: return try pattern(column, op, value, path)
        case .childOf, .parentOf, .any, .notAny:
            throw DomainError(.operatorUnsupported, "'\(op.rawValue)' of \(path) needs a relation")
        }
    }

    private func boolean(_ column: String, _ isNegative: Bool, _ value: DomainValue, _ path: String) throws(DomainError) -> String {
        switch value {
        case .yes, .number(1): return "(\(column) IS \(isNegative ? "NOT " : "")TRUE)"
        case .empty, .number(0): return "(\(column) IS \(isNegative ? "" : "NOT ")TRUE)"
        case .dynamic(let dynamic) where dynamic.kind == .boolean:
            return "(coalesce(\(column), false) \(isNegative ? "<>" : "=") coalesce(\(dynamic.sql), false))"
        default: throw DomainError(.valueInvalid, "\(path) is compared with \(value.typeName), not with True or False")
        }
    }

    private mutating func pattern(
        _ column: String, _ op: Domain.Operator, _ value: DomainValue, _ path: String
    ) throws(DomainError) -> String {
        let isWild = op != .likePattern && op != .ilikePattern
        let isNegative = op == .notLike || op == .notIlike
        let word = op == .like || op == .notLike || op == .likePattern ? "LIKE" : "ILIKE"
        var isEmpty = false
        let right: String
        switch value {
        case .text(let text):
            isEmpty = text.isEmpty
            right = sql.text(isWild ? "%\(text)%" : text)
        case .number(let number): right = sql.text(isWild ? "%\(number)%" : "\(number)")
        case .empty where isWild:
            isEmpty = true
            right = sql.text("%%")
        case .dynamic(let dynamic): right = isWild ? "'%' || coalesce(\(dynamic.sql)::text, '') || '%'" : "\(dynamic.sql)::text"
        default: throw DomainError(.valueInvalid, "\(path) is searched by \(value.typeName), which is no text")
        }
        let found = "\(column)::text \(isNegative ? "NOT " : "")\(word) \(right)"
        return isWild && isEmpty || isNegative && !isEmpty ? "(\(found) OR \(column) IS NULL)" : "(\(found))"
    }

    // MARK: values

    /// A value as SQL of the column's kind.
    private mutating func scalar(
        _ value: DomainValue, _ field: CatalogField, _ op: Domain.Operator, _ path: String
    ) throws(DomainError) -> (sql: String, isNullable: Bool) {
        switch (field.type, value) {
        case ("integer", .number(let number)), ("many2one", .number(let number)), ("many2one_reference", .number(let number)),
            ("float", .number(let number)), ("monetary", .number(let number)):
            return (sql.number(number), false)
        case ("float", .decimal(let text)), ("monetary", .decimal(let text)): return ("\(sql.text(text))::numeric", false)
        case ("integer", .dynamic(let dynamic)) where dynamic.kind == .number,
            ("many2one", .dynamic(let dynamic)) where dynamic.kind == .number,
            ("many2one_reference", .dynamic(let dynamic)) where dynamic.kind == .number,
            ("float", .dynamic(let dynamic)) where dynamic.kind == .number:
            return (dynamic.sql, dynamic.isNullable)
        case ("many2one", .record(let record)) where !record.isMany: return (record.sql, true)
        case ("date", .text(let text)) where Self.isDate(text): return ("\(sql.text(text))::date", false)
        case ("datetime", .text(let text)) where Self.isDate(text):
            // A day alone stands for its beginning or its end.
            let time = text.utf8.count > 10 ? "" : op == .greater || op == .lessOrEqual ? " 23:59:59" : " 00:00:00"
            return ("\(sql.text(text + time))::timestamp", false)
        case ("date", .dynamic(let dynamic)) where dynamic.kind != .boolean && dynamic.kind != .number:
            return ("(\(dynamic.sql))::date", dynamic.isNullable)
        case ("datetime", .dynamic(let dynamic)) where dynamic.kind == .date:
            let isEnd = op == .greater || op == .lessOrEqual
            return ("((\(dynamic.sql))::timestamp\(isEnd ? " + interval '1 day' - interval '1 microsecond'" : ""))", dynamic.isNullable)
        case ("datetime", .dynamic(let dynamic)) where dynamic.kind != .boolean && dynamic.kind != .number:
            return ("(\(dynamic.sql))::timestamp", dynamic.isNullable)
        case (_, _) where field.isText:
            switch value {
            case .text(let text): return (sql.text(text), false)
            case .number(let number): return (sql.text(String(number)), false)
            case .dynamic(let dynamic): return ("(\(dynamic.sql))::text", dynamic.isNullable)
            default: break
            }
        default: break
        }
        throw DomainError(.valueInvalid, "\(path) (\(field.type)) is compared with \(value.typeName)")
    }

    /// YYYY-MM-DD, perhaps with a time, so that the cast cannot fail on the shape.
    private static func isDate(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        let shape = Array("dddd-dd-dd dd:dd:dd".utf8)
        guard bytes.count == 10 || bytes.count == 19 else { return false }
        guard zip(bytes, shape).allSatisfy({ $1 == UInt8(ascii: "d") ? (48...57).contains($0) : $0 == $1 }) else { return false }
        func number(_ range: Range<Int>) -> Int { bytes[range].reduce(0) { $0 * 10 + Int($1) - 48 } }
        let (year, month, day) = (number(0..<4), number(5..<7), number(8..<10))
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard year >= 1, (1...12).contains(month), (1...days[month - 1]).contains(day) else { return false }
        return bytes.count == 10 || number(11..<13) < 24 && number(14..<16) < 60 && number(17..<19) < 60
    }

    // MARK: in

    private mutating func membership(
        _ column: String, _ field: CatalogField, _ isNegative: Bool, _ value: DomainValue, _ path: String
    ) throws(DomainError) -> String {
        guard case .list(let elements) = value else {
            throw DomainError(.valueInvalid, "\(path) needs a list and has \(value.typeName)")
        }
        if field.type == "boolean" {
            let hasTrue = elements.contains(.value(.yes))
            let hasFalse = elements.contains(.value(.empty))
            guard elements.allSatisfy({ $0 == .value(.yes) || $0 == .value(.empty) }) else {
                throw DomainError(.valueInvalid, "\(path) is compared with something other than True and False")
            }
            switch (hasTrue != isNegative, hasFalse != isNegative) {
            case (true, true): return CompiledDomain.always
            case (true, false): return "(\(column) IS TRUE)"
            case (false, true): return "(\(column) IS NOT TRUE)"
            case (false, false): return CompiledDomain.never
            }
        }
        var numbers: [Int64] = []
        var texts: [String] = []
        var arrays: [String] = []
        var nullable: [String] = []
        var hasEmpty = false
        for element in elements {
            switch element {
            case .value(.empty): hasEmpty = true
            case .spread(let array):
                guard field.isIdentifier else { throw DomainError(.valueInvalid, "\(path) is compared with ids") }
                arrays.append(array)
            case .value(.dynamic(let dynamic)):
                let right = try scalar(.dynamic(dynamic), field, .equal, path)
                if right.isNullable { nullable.append(right.sql) } else { arrays.append("ARRAY[\(right.sql)]") }
            case .value(.number(let number)) where field.isIdentifier || field.isNumeric: numbers.append(number)
            case .value(.text(let text)) where field.isText: texts.append(text)
            case .value(.number(let number)) where field.isText: texts.append(String(number))
            case .value(let other): arrays.append("ARRAY[\(try scalar(other, field, .equal, path).sql)]")
            }
        }
        if !numbers.isEmpty { arrays.append(sql.numberList(numbers)) }
        if !texts.isEmpty { arrays.append(sql.textList(texts)) }
        if isNegative {
            let conditions = arrays.map { "\(column) <> ALL (\($0))" } + nullable.map { "(\($0) IS NULL OR \(column) <> \($0))" }
            let all = conditions.isEmpty ? CompiledDomain.always : conditions.joined(separator: " AND ")
            if hasEmpty { return "(\(all) AND \(column) IS NOT NULL)" }
            let isKept = nullable.map { " AND \($0) IS NOT NULL" }.joined()
            return "((\(column) IS NOT NULL AND \(all)) OR (\(column) IS NULL\(isKept)))"
        }
        var conditions = arrays.map { "\(column) = ANY (\($0))" } + nullable.map { "\(column) IS NOT DISTINCT FROM \($0)" }
        if hasEmpty { conditions.append("\(column) IS NULL") }
        return conditions.isEmpty ? CompiledDomain.never : "(\(conditions.joined(separator: " OR ")))"
    }
}

extension CatalogField {
    fileprivate var isNumeric: Bool { ["integer", "float", "monetary"].contains(type) }
    fileprivate var isIdentifier: Bool { ["integer", "many2one", "many2one_reference"].contains(type) }
    fileprivate var isText: Bool { ["char", "text", "html", "selection", "reference"].contains(type) }
}
