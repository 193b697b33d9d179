/// What may be said of SQL without a parser for it.
enum SQLShape {
    /// What is wrong with a predicate: quotes or brackets that do not close, more than one statement, a comment. Nil: nothing.
    static func fault(_ sql: String) -> String? {
        var depth = 0
        var quote: UInt8?
        var previous: UInt8 = 0
        for byte in sql.utf8 {
            defer { previous = byte }
            if let open = quote {
                if byte == open { quote = nil }
                continue
            }
            switch byte {
            case UInt8(ascii: "'"), UInt8(ascii: "\""): quote = byte
            case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"):
                depth -= 1
                if depth < 0 { return "a bracket closes that none opened" }
            case UInt8(ascii: ";"): return "a semicolon"
            case UInt8(ascii: "-") where previous == byte: return "a comment"
            case UInt8(ascii: "*") where previous == UInt8(ascii: "/"): return "a comment"
            default: break
            }
        }
        if quote != nil { return "a quote stays open" }
        return depth == 0 ? nil : "a bracket stays open"
    }

    /// Whether nothing of a row `t` is asked for but its columns.
    static func refersToColumnsOfRowAlone(_ sql: String) -> Bool {
        let scalars = Array(sql.unicodeScalars)
        func isWord(_ index: Int) -> Bool {
            scalars.indices.contains(index)
                && (scalars[index] == "_" || scalars[index].properties.isAlphabetic
                    || ("0"..."9").contains(scalars[index]))
        }
        return scalars.indices.allSatisfy { index in
            guard scalars[index] == "t", !isWord(index - 1), !isWord(index + 1), index == 0 || scalars[index - 1] != "."
            else { return true }
            return index + 2 < scalars.count && scalars[index + 1] == "."
                && (isWord(index + 2) || scalars[index + 2] == "\"")
        }
    }

    /// The names that stand behind `t.`.
    static func columnsOfRow(_ sql: String) -> Set<String> {
        let words = sql.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == ".") }
        return Set(words.filter { $0.hasPrefix("t.") }.map { String($0.dropFirst(2)) })
    }
}
