extension DomainCompiler {
    /// Odoo's BaseModel._condition_to_sql: a column compared with a value. `False` is null; for a boolean it is also
    /// false, and from Odoo 18 on also 0 for a number and the empty text for a text.
    mutating func comparison(
        _ column: String, _ field: CatalogField, _ op: Domain.Operator, _ value: DomainValue, _ path: String
    ) throws(DomainError) -> String {
        if op == .equalIfSet, value == .empty || dialect.negatesUnknown && value.isFalsy {
            return CompiledDomain.always
        }
        if field.type == "datetime", dialect.hasRelativeDates, let found = try moments(column, op, value, path) {
            return found
        }
        switch op {
        case .isIn, .isNotIn: return try membership(column, field, op == .isNotIn, value, path)
        case .equalIfSet: return try equalIfSet(column, field, value, path)
        case .equal, .notEqual:
            if field.type == "boolean" { return try boolean(column, op == .notEqual, value, path) }
            return try equality(column, field, op, value, path)
        case .less, .greater, .lessOrEqual, .greaterOrEqual: return try inequality(column, field, op, value, path)
        case .like, .notLike, .ilike, .notIlike, .likePattern, .ilikePattern, .notLikePattern, .notIlikePattern:
            return try pattern(column, field, op, value, path)
        case .childOf, .parentOf, .any, .notAny:
            throw DomainError(.operatorUnsupported, "'\(op.rawValue)' of \(path) needs a relation")
        }
    }

    private mutating func equality(
        _ column: String, _ field: CatalogField, _ op: Domain.Operator, _ value: DomainValue, _ path: String
    ) throws(DomainError) -> String {
        let isEqual = op == .equal
        if value == .empty || isBlank(value, field) {
            guard let blank = blank(field) else { return "(\(column) IS \(isEqual ? "" : "NOT ")NULL)" }
            return isEqual ? "(\(column) = \(blank) OR \(column) IS NULL)" : "(\(column) <> \(blank))"
        }
        // Odoo tests for null if a record's id is 0, which is unknown, and for a text without letters only.
        if field.type == "many2one", value == .number(0) {
            return isEqual || !dialect.negatesUnknown ? CompiledDomain.never : "(\(column) IS NULL)"
        }
        let right = try scalar(value, field, op, path)
        if !isEqual, value == .text("") || !dialect.takesBlankForFalse && value.isFalsy {
            return "(\(column) <> \(right.sql))"
        }
        if case .dynamic = value, let blank = blank(field) {
            return "(coalesce(\(column), \(blank)) \(isEqual ? "=" : "<>") coalesce(\(right.sql), \(blank)))"
        }
        switch (isEqual, right.isNullable) {
        case (true, false): return "(\(column) = \(right.sql))"
        case (true, true): return "(\(column) IS NOT DISTINCT FROM \(right.sql))"
        case (false, false): return "(\(column) <> \(right.sql) OR \(column) IS NULL)"
        case (false, true): return "(\(column) IS DISTINCT FROM \(right.sql))"
        }
    }

    /// The only one of these used behind a `!`, so it must be unknown where Odoo's is.
    private mutating func equalIfSet(
        _ column: String, _ field: CatalogField, _ value: DomainValue, _ path: String
    ) throws(DomainError) -> String {
        if field.type == "boolean" {
            switch value {
            case .yes, .number(1): return "(\(column) = true)"
            case .number(0): return "(\(column) = false)"
            case .dynamic(let dynamic) where dynamic.kind == .boolean:
                return "(\(dynamic.sql) IS NOT TRUE OR \(column) = true)"
            default: return try boolean(column, false, value, path)
            }
        }
        if isBlank(value, field) { return try equality(column, field, .equal, value, path) }
        let right = try scalar(value, field, .equal, path)
        var conditions =
            right.isNullable ? ["\(right.sql) IS NULL", "\(column) = \(right.sql)"] : ["\(column) = \(right.sql)"]
        if case .dynamic = value, let blank = blank(field) {
            conditions.append("(\(right.sql) = \(blank) AND \(column) IS NULL)")
        }
        return "(\(conditions.joined(separator: " OR ")))"
    }

    /// From Odoo 18 on a missing number is 0; for any other type the result is unknown.
    private mutating func inequality(
        _ column: String, _ field: CatalogField, _ op: Domain.Operator, _ value: DomainValue, _ path: String
    ) throws(DomainError) -> String {
        guard field.isNumeric else {
            if value == .empty { return CompiledDomain.never }
            return "(\(column) \(op.rawValue) \(try scalar(value, field, op, path).sql))"
        }
        let right = try scalar(value == .empty ? .number(0) : value, field, op, path)
        guard let blank = blank(field) else { return "(\(column) \(op.rawValue) \(right.sql))" }
        return "(coalesce(\(column), \(blank)) \(op.rawValue) \(right.sql))"
    }

    private func boolean(_ column: String, _ isNegative: Bool, _ value: DomainValue, _ path: String) throws(DomainError)
        -> String
    {
        switch value {
        case .yes: return "(\(column) IS \(isNegative ? "NOT " : "")TRUE)"
        case .number(1) where !dialect.negatesUnknown: return "(\(column) IS \(isNegative ? "NOT " : "")TRUE)"
        case .empty: return "(\(column) IS \(isNegative ? "" : "NOT ")TRUE)"
        // Odoo 19 tests for truth in Python's sense.
        case .number where dialect.negatesUnknown:
            return "(\(column) IS \(isNegative == value.isFalsy ? "" : "NOT ")TRUE)"
        // Odoo also treats False as null, but not 0.
        case .number(0): return "(\(column) IS \(isNegative ? "TRUE" : "FALSE"))"
        case .dynamic(let dynamic) where dynamic.kind == .boolean:
            return "(coalesce(\(column), false) \(isNegative ? "<>" : "=") coalesce(\(dynamic.sql), false))"
        default: throw DomainError(.valueInvalid, "\(path) is compared with \(value.typeName), not with True or False")
        }
    }

    private mutating func pattern(
        _ column: String, _ field: CatalogField, _ op: Domain.Operator, _ value: DomainValue, _ path: String
    ) throws(DomainError) -> String {
        let isWild = [.like, .notLike, .ilike, .notIlike].contains(op)
        let isNegative = op.isNegative
        let word = [.like, .notLike, .likePattern, .notLikePattern].contains(op) ? "LIKE" : "ILIKE"
        if !isWild, dialect.negatesUnknown {
            if value.isFalsy { return try equality(column, field, isNegative ? .notEqual : .equal, .empty, path) }
            if case .number = value {
                throw DomainError(.valueInvalid, "\(path) is matched against a number, which is not a pattern")
            }
        }
        // Every text contains the empty one; before Odoo 18 only existing texts do.
        let ofNothing =
            !isNegative
            ? CompiledDomain.always : dialect.takesBlankForFalse ? CompiledDomain.never : "(\(column) IS NULL)"
        var text: String?
        switch value {
        case .text(let value): text = value
        case .number(0) where !dialect.takesBlankForFalse:
            throw DomainError(.valueInvalid, "\(path) is matched against 0, which Odoo reads as a text and as no value")
        case .number(let number): text = number == 0 ? "" : String(number)
        case .empty where isWild: text = ""
        case .dynamic(let dynamic) where dynamic.kind != .boolean:
            let right = "(\(dynamic.sql))::text"
            guard isWild else {
                // PostgreSQL refuses a pattern that ends in an escape; so does Odoo, for this one user.
                let isBroken = "length(\(right)) % 2 <> length(rtrim(\(right), chr(92))) % 2"
                let right = "(CASE WHEN NOT (\(isBroken)) THEN \(right) END)"
                return isNegative
                    ? "(\(column)::text NOT \(word) \(right) OR \(column) IS NULL)"
                    : "(\(column)::text \(word) \(right))"
            }
            let isNothing = "coalesce(\(right), '') = ''"
            let found = "\(column)::text \(word) '%' || \(right) || '%'"
            if isNegative, !dialect.takesBlankForFalse {
                return "(NOT (\(isNothing) OR \(found)) OR \(column) IS NULL)"
            }
            return isNegative
                ? "(NOT (\(isNothing)) AND (NOT (\(found)) OR \(column) IS NULL))" : "(\(isNothing) OR \(found))"
        default: break
        }
        guard let text else {
            throw DomainError(.valueInvalid, "\(path) is matched against \(value.typeName), which is not a text")
        }
        if isWild, text.isEmpty { return ofNothing }
        guard isWild || !Self.endsInEscape(text) else {
            throw DomainError(.valueInvalid, "\(path) is matched against a pattern that ends in '\\'")
        }
        let found = "\(column)::text \(isNegative ? "NOT " : "")\(word) \(sql.text(isWild ? "%\(text)%" : text))"
        return isNegative ? "(\(found) OR \(column) IS NULL)" : "(\(found))"
    }

    /// PostgreSQL refuses such a pattern at run time.
    private static func endsInEscape(_ pattern: String) -> Bool {
        pattern.utf8.reversed().prefix { $0 == UInt8(ascii: "\\") }.count % 2 == 1
    }

    // MARK: values

    /// The value that the release treats as null, as SQL (`Field.falsy_value`).
    private func blank(_ field: CatalogField) -> String? { dialect.takesBlankForFalse ? field.blank : nil }

    private func isBlank(_ value: DomainValue, _ field: CatalogField) -> Bool {
        dialect.takesBlankForFalse && field.isBlank(value)
    }

    /// A value as SQL of the column's type.
    private mutating func scalar(
        _ value: DomainValue, _ field: CatalogField, _ op: Domain.Operator, _ path: String
    ) throws(DomainError) -> (sql: String, isNullable: Bool) {
        switch (field.type, value) {
        case ("integer", .number(let number)), ("many2one", .number(let number)),
            ("many2one_reference", .number(let number)),
            ("float", .number(let number)), ("monetary", .number(let number)):
            return (sql.number(number), false)
        case ("float", .decimal(let text)), ("monetary", .decimal(let text)):
            return ("\(sql.text(text))::numeric", false)
        case ("integer", .dynamic(let dynamic)) where dynamic.kind == .number,
            ("many2one", .dynamic(let dynamic)) where dynamic.kind == .number,
            ("many2one_reference", .dynamic(let dynamic)) where dynamic.kind == .number,
            ("float", .dynamic(let dynamic)) where dynamic.kind == .number:
            return (dynamic.sql, dynamic.isNullable)
        case ("many2one", .record(let record)) where !record.isMany: return (record.sql, true)
        case ("date", .text(let text)) where Self.isDate(text): return ("\(sql.text(text))::date", false)
        case ("datetime", .text(let text)) where Self.isDate(text):
            // A day without a time stands for its beginning or its end.
            let time = text.utf8.count > 10 ? "" : op == .greater || op == .lessOrEqual ? " 23:59:59" : " 00:00:00"
            return ("\(sql.text(text + time))::timestamp", false)
        case ("date", .text(let text)), ("datetime", .text(let text)):
            guard let moment = relativeMoment(text) else { break }
            return ("(\(moment.sql))::\(field.type == "date" ? "date" : "timestamp")", false)
        case ("date", .dynamic(let dynamic)) where dynamic.isDate:
            return ("(\(dynamic.sql))::date", dynamic.isNullable)
        case ("datetime", .dynamic(let dynamic)) where dynamic.kind == .date:
            let isEnd = op == .greater || op == .lessOrEqual
            return (
                "((\(dynamic.sql))::timestamp\(isEnd ? " + interval '1 day' - interval '1 microsecond'" : ""))",
                dynamic.isNullable
            )
        case ("datetime", .dynamic(let dynamic))
        where dynamic.kind == .dateText && (op == .greater || op == .lessOrEqual):
            return (
                "(CASE WHEN length(\(dynamic.sql)) = 10 THEN \(dynamic.sql) || ' 23:59:59' ELSE \(dynamic.sql) END)::timestamp",
                dynamic.isNullable
            )
        case ("datetime", .dynamic(let dynamic)) where dynamic.isDate:
            return ("(\(dynamic.sql))::timestamp", dynamic.isNullable)
        case (_, _) where field.isText:
            switch value {
            case .text(let text): return (sql.text(text), false)
            case .number(let number): return (sql.text(String(number)), false)
            case .dynamic(let dynamic) where dynamic.kind != .boolean:
                return ("(\(dynamic.sql))::text", dynamic.isNullable)
            default: break
            }
        default: break
        }
        throw DomainError(.valueInvalid, "\(path) (\(field.type)) is compared with \(value.typeName)")
    }

    /// YYYY-MM-DD, optionally with a time, so that the cast cannot fail because of the form.
    static func isDate(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        let shape = Array("dddd-dd-dd dd:dd:dd".utf8)
        guard bytes.count == 10 || bytes.count == 19 else { return false }
        guard zip(bytes, shape).allSatisfy({ $1 == UInt8(ascii: "d") ? (48...57).contains($0) : $0 == $1 }) else {
            return false
        }
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
            throw DomainError(.valueInvalid, "\(path) needs a list, not \(value.typeName)")
        }
        if field.type == "boolean" { return try Self.membership(ofBoolean: column, elements, isNegative, path) }
        let members = try members(elements, field, path)
        if let blank = blank(field), members.hasEmpty || members.isDynamic {
            return Self.membership(of: column, members, blank: blank, isNegative)
        }
        return Self.membership(of: column, members, isNegative)
    }

    private static func membership(
        ofBoolean column: String, _ elements: [DomainValue.Element], _ isNegative: Bool, _ path: String
    ) throws(DomainError) -> String {
        let hasTrue = elements.contains(.value(.yes))
        let hasFalse = elements.contains(.value(.empty))
        guard elements.allSatisfy({ $0 == .value(.yes) || $0 == .value(.empty) }) else {
            throw DomainError(.valueInvalid, "\(path) is compared with a value other than True and False")
        }
        switch (hasTrue != isNegative, hasFalse != isNegative) {
        case (true, true): return CompiledDomain.always
        case (true, false): return "(\(column) IS TRUE)"
        case (false, true): return "(\(column) IS NOT TRUE)"
        case (false, false): return CompiledDomain.never
        }
    }

    /// The elements of a list, as SQL.
    private struct Members {
        var arrays: [String] = []
        /// Single values that may be null.
        var nullable: [String] = []
        /// Conditions: a null is among the values of a query.
        var nullsAmong: [String] = []
        var isDynamic = false
        /// With False, and for numbers and texts with 0 and the empty one: null is in the list.
        var hasEmpty = false
        /// Odoo turns it into a null that makes the list unknown.
        var hasZero = false
    }

    private mutating func members(
        _ elements: [DomainValue.Element], _ field: CatalogField, _ path: String
    ) throws(DomainError) -> Members {
        var members = Members()
        var numbers: [Int64] = []
        var texts: [String] = []
        for element in elements {
            switch element {
            case .value(.empty): members.hasEmpty = true
            case .spread(let array):
                guard field.isIdentifier else { throw DomainError(.valueInvalid, "\(path) is compared with ids") }
                members.arrays.append(array)
            case .texts(let query):
                guard field.isText else { throw DomainError(.valueInvalid, "\(path) is compared with texts") }
                if let blank = blank(field) {
                    members.isDynamic = true
                    members.arrays.append("ARRAY(SELECT coalesce(o.v, \(blank)) FROM (\(query)) o (v))")
                } else {
                    members.arrays.append("ARRAY(SELECT o.v FROM (\(query)) o (v) WHERE o.v IS NOT NULL)")
                    members.nullsAmong.append("EXISTS (SELECT FROM (\(query)) o (v) WHERE o.v IS NULL)")
                }
            case .value(.dynamic(let dynamic)):
                let right = try scalar(.dynamic(dynamic), field, .equal, path)
                members.isDynamic = true
                if let blank = blank(field) {
                    members.arrays.append("ARRAY[coalesce(\(right.sql), \(blank))]")
                } else if right.isNullable {
                    members.nullable.append(right.sql)
                } else {
                    members.arrays.append("ARRAY[\(right.sql)]")
                }
            case .value(let value) where isBlank(value, field): members.hasEmpty = true
            case .value(.number(0)) where field.type == "many2one": members.hasZero = true
            case .value(.number(let number)) where field.isIdentifier || field.isNumeric: numbers.append(number)
            case .value(.text(let text)) where field.isText: texts.append(text)
            case .value(.number(let number)) where field.isText: texts.append(String(number))
            case .value(let other): members.arrays.append("ARRAY[\(try scalar(other, field, .equal, path).sql)]")
            }
        }
        if !numbers.isEmpty { members.arrays.append(sql.numberList(numbers)) }
        if !texts.isEmpty { members.arrays.append(sql.textList(texts)) }
        return members
    }

    /// Where a null counts as the blank value.
    private static func membership(
        of column: String, _ members: Members, blank: String, _ isNegative: Bool
    ) -> String {
        let value = "coalesce(\(column), \(blank))"
        let arrays = members.arrays + (members.hasEmpty ? ["ARRAY[\(blank)]"] : [])
        let conditions = arrays.map { isNegative ? "\(value) <> ALL (\($0))" : "\(value) = ANY (\($0))" }
        return "(\(conditions.joined(separator: isNegative ? " AND " : " OR ")))"
    }

    private static func membership(of column: String, _ members: Members, _ isNegative: Bool) -> String {
        if isNegative, members.hasZero { return members.hasEmpty ? CompiledDomain.never : "(\(column) IS NULL)" }
        if isNegative {
            let conditions =
                members.arrays.map { "\(column) <> ALL (\($0))" }
                + members.nullable.map { "(\($0) IS NULL OR \(column) <> \($0))" }
            let all = conditions.isEmpty ? CompiledDomain.always : conditions.joined(separator: " AND ")
            if members.hasEmpty { return "(\(all) AND \(column) IS NOT NULL)" }
            let isKept =
                (members.nullable.map { " AND \($0) IS NOT NULL" } + members.nullsAmong.map { " AND NOT \($0)" })
                .joined()
            return "((\(column) IS NOT NULL AND \(all)) OR (\(column) IS NULL\(isKept)))"
        }
        var conditions =
            members.arrays.map { "\(column) = ANY (\($0))" }
            + members.nullable.map { "\(column) IS NOT DISTINCT FROM \($0)" }
        conditions += members.nullsAmong.map { "(\(column) IS NULL AND \($0))" }
        if members.hasEmpty { conditions.append("\(column) IS NULL") }
        return conditions.isEmpty ? CompiledDomain.never : "(\(conditions.joined(separator: " OR ")))"
    }
}

extension DynamicValue {
    fileprivate var isDate: Bool { kind == .date || kind == .timestamp || kind == .dateText }
}

extension CatalogField {
    fileprivate var isNumeric: Bool { ["integer", "float", "monetary"].contains(type) && name != "id" }
    fileprivate var isIdentifier: Bool { ["integer", "many2one", "many2one_reference"].contains(type) }
    fileprivate var isText: Bool { ["char", "text", "html", "selection", "reference"].contains(type) }

    /// The value that Odoo treats as null, as SQL (`Field.falsy_value`).
    fileprivate var blank: String? {
        if isNumeric { return "0" }
        return ["char", "text", "html"].contains(type) ? "''" : nil
    }

    fileprivate func isBlank(_ value: DomainValue) -> Bool {
        switch value {
        case .number(0): isNumeric
        case .decimal(let text): isNumeric && Double(text) == 0
        case .text(""): blank == "''"
        default: false
        }
    }
}
