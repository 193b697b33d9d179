/// Turns an evaluated list into a `Domain`: prefix operators, terms, and an implicit `&` between adjacent terms.
struct DomainReader {
    var evaluator: DomainEvaluator
    private var dialect: DomainDialect { evaluator.catalog.dialect }

    init(evaluator: DomainEvaluator) { self.evaluator = evaluator }

    /// Nested operators, subdomains and steps of paths: the depth of reading and compiling.
    static let maximumHeight = 80

    mutating func read(_ expression: PythonExpression) throws(DomainError) -> Domain {
        try build(expression, depth: 0).domain
    }

    /// A domain and its height.
    private struct Built {
        var domain: Domain
        var height = 1

        /// Joined: nested operators of the same kind become one level.
        static func joined(_ parts: [Built], isAnd: Bool) throws(DomainError) -> Built {
            let height = parts.map { part in
                switch part.domain {
                case .and: isAnd ? part.height : part.height + 1
                case .or: isAnd ? part.height + 1 : part.height
                default: part.height + 1
                }
            }
            return try Built(
                domain: isAnd ? .all(parts.map(\.domain)) : .any(parts.map(\.domain)),
                height: parts.count == 1 ? parts[0].height : height.max() ?? 1
            ).checked()
        }

        func checked() throws(DomainError) -> Built {
            guard height <= DomainReader.maximumHeight else {
                throw DomainError(
                    .tooDeep, "operators, subdomains and paths are deeper than \(DomainReader.maximumHeight)")
            }
            return self
        }
    }

    private mutating func build(_ expression: PythonExpression, depth: Int) throws(DomainError) -> Built {
        guard depth <= 16 else { throw DomainError(.tooDeep, "subdomains are deeper than 16") }
        switch expression {
        case .list(let items), .tuple(let items): return try build(items, depth)
        case .conditional(let condition, let then, let otherwise):
            return try build(try evaluator.truth(condition) ? then : otherwise, depth: depth)
        case .binary(let left, .plus, let right):
            guard case .list(let first) = left, case .list(let second) = right else {
                return try .joined(
                    [try build(left, depth: depth + 1), try build(right, depth: depth + 1)], isAnd: true)
            }
            return try build(first + second, depth)
        default: throw DomainError(.notADomain, "a domain must be a list of terms")
        }
    }

    private mutating func build(_ items: [PythonExpression], _ depth: Int) throws(DomainError) -> Built {
        guard items.count <= SQLBuilder.maximumTerms else {
            throw DomainError(.tooLong, "a list has more than \(SQLBuilder.maximumTerms) terms")
        }
        var stack: [Built] = []
        for item in items.reversed() {
            guard case .string(let symbol) = item else {
                stack.append(try term(item, depth))
                continue
            }
            switch symbol {
            case "!":
                guard var operand = stack.popLast() else { throw Self.unbalanced(symbol) }
                operand.domain = operand.domain.negated(dialect)
                stack.append(operand)
            case "&", "|":
                guard let first = stack.popLast(), let second = stack.popLast() else { throw Self.unbalanced(symbol) }
                stack.append(try .joined([first, second], isAnd: symbol == "&"))
            default: throw DomainError(.notADomain, "a text other than '&', '|' and '!' is in the place of a term")
            }
        }
        return try .joined(stack.reversed(), isAnd: true)
    }

    private static func unbalanced(_ symbol: String) -> DomainError {
        DomainError(.notADomain, "'\(symbol)' is followed by too few terms")
    }

    private mutating func term(_ item: PythonExpression, _ depth: Int) throws(DomainError) -> Built {
        guard case .list(let parts) = item.asList, parts.count == 3 else {
            throw DomainError(.notADomain, "a term has three parts: field, operator, value")
        }
        guard case .string(let name) = parts[1] else { throw DomainError(.notADomain, "an operator must be a text") }
        let op = try readOperator(name)
        // (1, '=', 1) and (0, '=', 1).
        if case .integer(let left) = parts[0] {
            guard op == .equal, case .integer(1) = parts[2], left == 0 || left == 1 else {
                throw DomainError(.notADomain, "only (1, '=', 1) and (0, '=', 1) may start with a number")
            }
            return Built(domain: left == 1 ? .always : .never)
        }
        guard case .string(let path) = parts[0], !path.isEmpty, path.utf8.count <= 1_000 else {
            throw DomainError(.notADomain, "a term must begin with the name of a field")
        }
        let steps = path.utf8.count { $0 == UInt8(ascii: ".") } + 1
        if op == .any || op == .notAny {
            let inner = try build(parts[2], depth: depth + 1)
            let term = Domain.Term(path: path, op: op, value: .domain(inner.domain))
            return try Built(domain: .term(term), height: inner.height + steps).checked()
        }
        let (value, meant) = try meaning(of: op, before: try evaluator.evaluate(parts[2]), name, path)
        return try Built(domain: .term(Domain.Term(path: path, op: meant, value: .plain(value))), height: steps)
            .checked()
    }

    /// An operator combined with a value that it does not take.
    private func meaning(
        of op: Domain.Operator, before value: DomainValue, _ name: String, _ path: String
    ) throws(DomainError) -> (DomainValue, Domain.Operator) {
        if dialect.takesRecords, case .record(let record) = value {
            // Its ids; of one record, that id or False.
            if !record.isMany, op == .equal || op == .notEqual {
                return (.dynamic(DynamicValue(sql: record.sql, kind: .number)), op)
            }
            return try meaning(of: op, before: .list([.spread("ARRAY(\(record.query))")]), name, path)
        }
        switch (value, op) {
        case (.list(let elements), .equal), (.list(let elements), .notEqual):
            if dialect.takesAnyValueForList {
                // None is False.
                if elements.isEmpty { return (.empty, op) }
                if !elements.contains(where: { if case .value = $0 { true } else { false } }) {
                    throw DomainError(
                        .valueInvalid,
                        "only the database knows whether the list compared by '\(name)' with \(path) is empty")
                }
            }
            return (value, op == .equal ? .isIn : .isNotIn)
        case (.list, _), (_, .childOf), (_, .parentOf): return (value, op)
        case (.empty, .isIn), (.yes, .isIn): return (value, .equal)
        case (.empty, .isNotIn), (.yes, .isNotIn): return (value, .notEqual)
        case (_, .isIn) where dialect.takesAnyValueForList: return (.list([.value(value)]), op)
        case (_, .isNotIn) where dialect.takesAnyValueForList: return (.list([.value(value)]), op)
        default: return (value, op)
        }
    }

    private func readOperator(_ name: String) throws(DomainError) -> Domain.Operator {
        switch name.lowercased() {
        case "<>": return .notEqual
        case "==": return .equal
        case let name:
            guard let op = Domain.Operator(rawValue: name) else {
                throw DomainError(.operatorUnsupported, "there is no operator with this name")
            }
            let isKnown =
                switch op {
                case .any, .notAny: dialect.hasAny
                case .notLikePattern, .notIlikePattern: dialect.hasPatternNegations
                default: true
                }
            guard isKnown else {
                throw DomainError(.operatorUnsupported, "Odoo \(dialect.release) has no operator '\(op.rawValue)'")
            }
            return op
        }
    }
}

extension PythonExpression {
    fileprivate var asList: PythonExpression {
        if case .tuple(let items) = self { return .list(items) }
        return self
    }
}
