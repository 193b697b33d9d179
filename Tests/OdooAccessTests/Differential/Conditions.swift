/// Odoo 18's `BaseModel._condition_to_sql` for one cell. Nil is SQL's unknown. Of numbers and texts, null is 0 and ''.
enum Conditions {
    static func test(_ kind: TestField.Kind, _ cell: Cell, _ op: String, _ value: Literal, isID: Bool = false) -> Bool?
    {
        if op == "=?" { return value.isFalse ? true : test(kind, cell, "=", value, isID: isID) }
        if case .found(let ids) = value {
            // Nothing is in a search that found nothing, not even null.
            guard case .integer(let id) = cell else { return ids.isEmpty ? op == "not in" : nil }
            return ids.contains(id) == (op == "in")
        }
        let empty: Literal? =
            switch kind {
            case .integer, .float, .perCompanyInteger: isID ? nil : .integer(0)
            case .char, .translated, .perCompanyChar: .text("")
            default: nil
            }
        if op == "in" || op == "not in" {
            guard case .list(let items) = value else { return nil }
            return membership(kind, cell, items, empty, op == "not in")
        }
        if kind == .boolean, op == "=" || op == "!=", value == .yes || value == .no {
            let wantsTrue = (value == .yes) == (op == "=")
            if cell == .null { return wantsTrue ? nil : true }
            return (cell == .bool(true)) == wantsTrue
        }
        if op.hasSuffix("like") { return pattern(cell, op, value) }
        if op == "=" || op == "!=" {
            // False, and what the field takes for it.
            let isEmpty = value.isFalse || empty.map { equals($0, value) } ?? false
            if isEmpty {
                let has = cell != .null && !(empty.map { equals($0, cell) } ?? false)
                return has == (op == "!=")
            }
            if cell == .null { return op == "!=" && value.isTruthy ? true : nil }
            return equals(value, cell) == (op == "=")
        }
        // An inequality.
        let right: Literal = value.isFalse && empty == .integer(0) ? .integer(0) : value
        if right.isFalse { return nil }
        if cell == .null {
            guard let number = number(right), empty == .integer(0) else { return nil }
            let isIn =
                switch op {
                case "<": number > 0
                case ">": number < 0
                case "<=": number >= 0
                default: number <= 0
                }
            return isIn ? true : nil
        }
        let order: Int
        if let left = self.number(cell), let right = number(right) {
            order = left < right ? -1 : left > right ? 1 : 0
        } else if case .text(let left) = cell, case .text(var right) = right {
            if kind == .datetime, right.utf8.count == 10 {
                right += op == ">" || op == "<=" ? " 23:59:59" : " 00:00:00"
            }
            let (a, b) = (Array(left.utf8), Array(right.utf8))
            order = a.lexicographicallyPrecedes(b) ? -1 : a == b ? 0 : 1
        } else {
            return nil
        }
        switch op {
        case "<": return order < 0
        case ">": return order > 0
        case "<=": return order <= 0
        default: return order >= 0
        }
    }

    private static func membership(
        _ kind: TestField.Kind, _ cell: Cell, _ items: [Literal], _ empty: Literal?, _ isNegative: Bool
    ) -> Bool? {
        var values = items.filter { !$0.isFalse }
        var hasNull = values.count < items.count
        if kind == .boolean {
            let hasFalse = hasNull
            values = (values.contains(.yes) ? [.yes] : []) + (hasFalse ? [.no] : [])
        }
        if let empty {
            if hasNull, !values.contains(where: { equals(empty, $0) }) { values.append(empty) }
            hasNull = hasNull || values.contains { equals(empty, $0) }
        }
        let isIn: Bool? =
            values.isEmpty ? false : cell == .null ? nil : values.contains { equals($0, cell) }
        let found = isNegative ? isIn.map { !$0 } : isIn
        if isNegative != hasNull { return cell == .null ? true : found }
        if isNegative && hasNull { return cell == .null ? false : found }
        return found
    }

    private static func number(_ value: Literal) -> Double? {
        switch value {
        case .integer(let number): Double(number)
        case .decimal(let text): Double(text)
        default: nil
        }
    }

    private static func number(_ cell: Cell) -> Double? {
        switch cell {
        case .integer(let number): Double(number)
        case .decimal(let number): number
        default: nil
        }
    }

    private static func equals(_ value: Literal, _ other: Literal) -> Bool {
        if let a = number(value), let b = number(other) { return a == b }
        return value == other
    }

    private static func equals(_ value: Literal, _ cell: Cell) -> Bool {
        if let a = number(value), let b = number(cell) { return a == b }
        switch (value, cell) {
        case (.text(let a), .text(let b)):
            return a == b || (b.utf8.count == 19 && a.utf8.count == 10 && b == a + " 00:00:00")
        case (.yes, .bool(let b)): return b
        case (.no, .bool(let b)): return !b
        default: return false
        }
    }

    // MARK: like

    private static func pattern(_ cell: Cell, _ op: String, _ value: Literal) -> Bool? {
        let isWild = !op.hasPrefix("=")
        let isNegative = op.hasPrefix("not")
        if isWild, !value.isTruthy { return !isNegative }
        guard cell != .null else { return isNegative ? true : nil }
        let word: String =
            switch value {
            case .text(let text): text
            case .integer(let number): String(number)
            case .decimal(let text): text
            default: ""
            }
        let text: String =
            switch cell {
            case .text(let text): text
            case .integer(let number): String(number)
            case .bool(let value): String(value)
            case .decimal(let number): String(number)
            case .null, .json: ""
            }
        let isLoose = op.hasSuffix("ilike")
        func fold(_ text: String) -> [Unicode.Scalar] { Array((isLoose ? text.lowercased() : text).unicodeScalars) }
        return matches(fold(text), fold(isWild ? "%\(word)%" : word)) != isNegative
    }

    /// LIKE of PostgreSQL, with `\` as the escape.
    private static func matches(_ text: [Unicode.Scalar], _ pattern: [Unicode.Scalar]) -> Bool {
        var possible: Set<Int> = [0]
        var index = 0
        while index < pattern.count {
            let symbol = pattern[index]
            index += 1
            if symbol == "%" {
                let least = possible.min() ?? text.count + 1
                possible = least > text.count ? [] : Set(least...text.count)
                continue
            }
            var literal: Unicode.Scalar? = symbol == "_" ? nil : symbol
            if symbol == "\\", index < pattern.count {
                literal = pattern[index]
                index += 1
            }
            possible = Set(
                possible.filter { $0 < text.count && (literal == nil || text[$0] == literal) }.map { $0 + 1 })
        }
        return possible.contains(text.count)
    }
}
