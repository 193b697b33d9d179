/// Splits a text into Python's tokens. Line breaks and comments are dropped: a domain is one expression.
struct PythonLexer {
    enum Token: Equatable {
        case name(String)
        case integer(Int64)
        case float(String)
        case string(String)
        /// A bracket, a comma, an operator.
        case symbol(String)
        case end
    }

    private let scalars: [Unicode.Scalar]
    private(set) var position = 0

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    private func peek(_ ahead: Int = 0) -> Unicode.Scalar? {
        let index = position + ahead
        return index < scalars.count ? scalars[index] : nil
    }

    private func fail(_ what: String) -> DomainError { DomainError(.syntax, "\(what) at character \(position + 1)") }

    mutating func next() throws(DomainError) -> Token {
        skipBlanks()
        guard let first = peek() else { return .end }
        if Self.beginsName(first) { return try nameOrString() }
        if Self.isDigit(first) || first == "." && peek(1).map(Self.isDigit) == true { return try number() }
        if first == "'" || first == "\"" { return .string(try string(isRaw: false)) }
        for symbol in ["==", "!=", "<=", ">=", "<>"] where matches(symbol) {
            position += 2
            return .symbol(symbol)
        }
        guard "[](){},.+-<>=:".unicodeScalars.contains(first) else { throw fail("unexpected character") }
        position += 1
        return .symbol(String(first))
    }

    private func matches(_ symbol: String) -> Bool {
        symbol.unicodeScalars.enumerated().allSatisfy { peek($0.offset) == $0.element }
    }

    private mutating func skipBlanks() {
        while let here = peek() {
            if here == "#" {
                while let rest = peek(), rest != "\n", rest != "\r" { position += 1 }
            } else if here == "\\", peek(1) == "\n" {
                position += 2
            } else if here.properties.isWhitespace || here == "\u{FEFF}" {
                position += 1
            } else {
                return
            }
        }
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    private static func beginsName(_ scalar: Unicode.Scalar) -> Bool { scalar == "_" || scalar.properties.isXIDStart }

    private mutating func nameOrString() throws(DomainError) -> Token {
        let start = position
        while let here = peek(), here.properties.isXIDContinue { position += 1 }
        let word = text(start, position)
        guard let quote = peek(), quote == "'" || quote == "\"" else { return .name(word) }
        switch word {
        case "u", "U": return .string(try string(isRaw: false))
        case "r", "R": return .string(try string(isRaw: true))
        default: throw fail("strings of this kind are not supported")
        }
    }

    private func text(_ from: Int, _ to: Int) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars[from..<to])
        return String(text)
    }

    private mutating func number() throws(DomainError) -> Token {
        let start = position
        var isFloat = false
        while let here = peek() {
            if Self.isDigit(here) || here == "_" && peek(1).map(Self.isDigit) == true && position > start {
                position += 1
            } else if here == ".", !isFloat {
                isFloat = true
                position += 1
            } else if here == "e" || here == "E", position > start {
                isFloat = true
                position += 1
                if peek() == "+" || peek() == "-" { position += 1 }
                guard peek().map(Self.isDigit) == true else { throw fail("not a number") }
            } else {
                break
            }
        }
        if let here = peek(), here.properties.isXIDContinue { throw fail("not a number") }
        let digits = text(start, position).filter { $0 != "_" }
        if isFloat {
            guard let value = Double(digits), value.isFinite else { throw fail("number too large") }
            return .float(digits)
        }
        guard digits == "0" || !digits.hasPrefix("0") else { throw fail("not a number") }
        guard let value = Int64(digits) else { throw fail("number too large") }
        return .integer(value)
    }

    private mutating func string(isRaw: Bool) throws(DomainError) -> String {
        guard let quote = peek() else { throw fail("a string does not end") }
        let isLong = peek(1) == quote && peek(2) == quote
        position += isLong ? 3 : 1
        var value = String.UnicodeScalarView()
        while let here = peek() {
            if here == quote, !isLong || peek(1) == quote && peek(2) == quote {
                position += isLong ? 3 : 1
                return String(value)
            }
            if here == "\n", !isLong { break }
            guard here != "\0" else { throw fail("a string holds NUL") }
            position += 1
            if here == "\\", !isRaw {
                try escape(into: &value)
            } else {
                value.append(here)
                if here == "\\", let next = peek() {
                    guard next != "\0" else { throw fail("a string holds NUL") }
                    value.append(next)
                    position += 1
                }
            }
        }
        throw fail("a string does not end")
    }

    /// The Python Language Reference, 2.4.1.1.
    private mutating func escape(into value: inout String.UnicodeScalarView) throws(DomainError) {
        guard let here = peek() else { throw fail("a string does not end") }
        position += 1
        switch here {
        case "\n": break
        case "\\", "'", "\"": value.append(here)
        case "n": value.append("\n")
        case "r": value.append("\r")
        case "t": value.append("\t")
        case "a": value.append("\u{7}")
        case "b": value.append("\u{8}")
        case "f": value.append("\u{c}")
        case "v": value.append("\u{b}")
        case "x": value.append(try hexadecimal(2))
        case "u": value.append(try hexadecimal(4))
        case "U": value.append(try hexadecimal(8))
        case "\0": throw fail("a string holds NUL")
        case "0"..."7", "N": throw fail("escapes of this kind are not supported")
        default:
            value.append("\\")
            value.append(here)
        }
    }

    private mutating func hexadecimal(_ count: Int) throws(DomainError) -> Unicode.Scalar {
        guard position + count <= scalars.count, let code = UInt32(text(position, position + count), radix: 16),
            let scalar = Unicode.Scalar(code), code != 0
        else { throw fail("not an escape") }
        position += count
        return scalar
    }
}
