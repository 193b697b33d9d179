/// Reads the Python text of a domain (`ir_rule.domain_force`).
public struct DomainParser {
    /// Nested brackets.
    public static let maximumDepth = 64
    /// Bytes of a text.
    public static let maximumLength = 65_536

    private var lexer: PythonLexer
    private var token = PythonLexer.Token.end
    private var depth = 0

    /// - Throws: `DomainError` (`syntax`, `tooDeep`, `tooLong`).
    public static func parse(_ text: String) throws(DomainError) -> PythonExpression {
        guard text.utf8.count <= maximumLength else {
            throw DomainError(.tooLong, "the text is longer than \(maximumLength) bytes")
        }
        var parser = DomainParser(lexer: PythonLexer(text))
        try parser.advance()
        let expression = try parser.expression()
        guard parser.token == .end else { throw parser.fail("the text continues after the expression") }
        return expression
    }

    private init(lexer: PythonLexer) { self.lexer = lexer }

    private func fail(_ what: String) -> DomainError {
        DomainError(.syntax, "\(what) before character \(lexer.position + 1)")
    }

    private mutating func advance() throws(DomainError) { token = try lexer.next() }

    private mutating func take(_ symbol: String) throws(DomainError) -> Bool {
        guard token == .symbol(symbol) else { return false }
        try advance()
        return true
    }

    private mutating func takeWord(_ word: String) throws(DomainError) -> Bool {
        guard token == .name(word) else { return false }
        try advance()
        return true
    }

    private mutating func expect(_ symbol: String) throws(DomainError) {
        guard try take(symbol) else { throw fail("'\(symbol)' is missing") }
    }

    private mutating func deeper<R>(_ body: (inout DomainParser) throws(DomainError) -> R) throws(DomainError) -> R {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else {
            throw DomainError(.tooDeep, "brackets are deeper than \(Self.maximumDepth)")
        }
        return try body(&self)
    }

    // MARK: from the weakest binding to the strongest

    private mutating func expression() throws(DomainError) -> PythonExpression {
        try deeper { parser throws(DomainError) in
            let value = try parser.disjunction()
            guard try parser.takeWord("if") else { return value }
            let condition = try parser.disjunction()
            guard try parser.takeWord("else") else { throw parser.fail("'else' is missing") }
            return .conditional(condition: condition, then: value, otherwise: try parser.expression())
        }
    }

    /// A chain is a tree as deep as it is long: bounded, like brackets.
    private mutating func chain(
        _ operand: (inout DomainParser) throws(DomainError) -> PythonExpression,
        _ step: (inout DomainParser, PythonExpression) throws(DomainError) -> PythonExpression?
    ) throws(DomainError) -> PythonExpression {
        var value = try operand(&self)
        var length = 0
        while let next = try step(&self, value) {
            value = next
            length += 1
            guard length <= Self.maximumDepth else {
                throw DomainError(.tooDeep, "a chain of operators is longer than \(Self.maximumDepth)")
            }
        }
        return value
    }

    private mutating func disjunction() throws(DomainError) -> PythonExpression {
        try chain({ parser throws(DomainError) in try parser.conjunction() }) { parser, left throws(DomainError) in
            try parser.takeWord("or") ? .or(left, try parser.conjunction()) : nil
        }
    }

    private mutating func conjunction() throws(DomainError) -> PythonExpression {
        try chain({ parser throws(DomainError) in try parser.negation() }) { parser, left throws(DomainError) in
            try parser.takeWord("and") ? .and(left, try parser.negation()) : nil
        }
    }

    private mutating func negation() throws(DomainError) -> PythonExpression {
        guard try takeWord("not") else { return try comparison() }
        return try deeper { parser throws(DomainError) in .not(try parser.negation()) }
    }

    private mutating func comparison() throws(DomainError) -> PythonExpression {
        let left = try sum()
        let kind: PythonExpression.Comparison
        switch token {
        case .symbol("=="): kind = .equal
        case .symbol("!="), .symbol("<>"): kind = .notEqual
        case .symbol("<"): kind = .less
        case .symbol(">"): kind = .greater
        case .symbol("<="): kind = .lessOrEqual
        case .symbol(">="): kind = .greaterOrEqual
        case .name("in"): kind = .isIn
        case .name("not"):
            try advance()
            guard token == .name("in") else { throw fail("'in' is missing") }
            kind = .isNotIn
        case .name("is"): throw fail("'is' is not supported")
        default: return left
        }
        try advance()
        return .comparison(left, kind, try sum())
    }

    private mutating func sum() throws(DomainError) -> PythonExpression {
        try chain({ parser throws(DomainError) in try parser.unary() }) { parser, left throws(DomainError) in
            if try parser.take("+") { return .binary(left, .plus, try parser.unary()) }
            if try parser.take("-") { return .binary(left, .minus, try parser.unary()) }
            return nil
        }
    }

    private mutating func unary() throws(DomainError) -> PythonExpression {
        guard try take("-") else { return try primary() }
        return try deeper { parser throws(DomainError) in
            switch try parser.unary() {
            case .integer(let value): .integer(-value)
            case .float(let text): .float(text.hasPrefix("-") ? String(text.dropFirst()) : "-" + text)
            case let other: .negative(other)
            }
        }
    }

    private mutating func primary() throws(DomainError) -> PythonExpression {
        try chain({ parser throws(DomainError) in try parser.atom() }) { parser, value throws(DomainError) in
            if try parser.take(".") {
                guard case .name(let attribute) = parser.token else { throw parser.fail("a name is missing") }
                try parser.advance()
                return .attribute(value, attribute)
            }
            if try parser.take("(") { return try parser.call(value) }
            guard parser.token != .symbol("[") else { throw parser.fail("subscripts are not supported") }
            return nil
        }
    }

    private mutating func call(_ function: PythonExpression) throws(DomainError) -> PythonExpression {
        var arguments: [PythonExpression] = []
        var named: [String: PythonExpression] = [:]
        while !(try take(")")) {
            let value = try expression()
            if try take("=") {
                guard case .name(let name) = value, named[name] == nil else {
                    throw fail("an argument's name is not valid")
                }
                named[name] = try expression()
            } else {
                guard named.isEmpty else { throw fail("a positional argument follows a named one") }
                arguments.append(value)
            }
            guard token == .symbol(")") else {
                try expect(",")
                continue
            }
        }
        return .call(function, arguments, named)
    }

    private mutating func atom() throws(DomainError) -> PythonExpression {
        switch token {
        case .integer(let value):
            try advance()
            return .integer(value)
        case .float(let text):
            try advance()
            return .float(text)
        case .string(var text):
            try advance()
            // Adjacent strings are one.
            while case .string(let more) = token {
                text += more
                try advance()
            }
            return .string(text)
        case .name(let name):
            guard !["and", "or", "not", "in", "is", "if", "else", "for", "lambda", "await", "yield"].contains(name)
            else {
                throw fail("'\(name)' is in the wrong place")
            }
            try advance()
            switch name {
            case "True": return .bool(true)
            case "False": return .bool(false)
            case "None": return .none
            default: return .name(name)
            }
        case .symbol("["):
            try advance()
            return .list(try items(until: "]").items)
        case .symbol("("):
            try advance()
            let (items, hasComma) = try items(until: ")")
            return items.count == 1 && !hasComma ? items[0] : .tuple(items)
        case .symbol(let symbol): throw fail("'\(symbol)' is in the wrong place")
        case .end: throw fail("the expression ends too early")
        }
    }

    private mutating func items(until end: String) throws(DomainError) -> (items: [PythonExpression], hasComma: Bool) {
        var items: [PythonExpression] = []
        var hasComma = false
        while !(try take(end)) {
            items.append(try expression())
            guard token != .symbol(end) else { continue }
            guard token != .name("for") else { throw fail("comprehensions are not supported") }
            try expect(",")
            hasComma = true
        }
        return (items, hasComma)
    }
}
