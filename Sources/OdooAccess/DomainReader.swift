/// Turns an evaluated list into a `Domain`: prefix operators, terms, and an implicit `&` between what stands side by side.
struct DomainReader {
    var evaluator: DomainEvaluator

    mutating func read(_ expression: PythonExpression, depth: Int = 0) throws(DomainError) -> Domain {
        guard depth <= 16 else { throw DomainError(.tooDeep, "subdomains are deeper than 16") }
        switch expression {
        case .list(let items), .tuple(let items): return try read(items, depth)
        case .conditional(let condition, let then, let otherwise):
            return try read(try evaluator.truth(condition) ? then : otherwise, depth: depth)
        case .binary(let left, .plus, let right):
            guard case .list(let first) = left, case .list(let second) = right else {
                return .all([try read(left, depth: depth + 1), try read(right, depth: depth + 1)])
            }
            return try read(first + second, depth)
        default: throw DomainError(.notADomain, "a domain is a list of terms")
        }
    }

    private mutating func read(_ items: [PythonExpression], _ depth: Int) throws(DomainError) -> Domain {
        guard items.count <= SQLBuilder.maximumTerms else {
            throw DomainError(.tooLong, "a list holds more than \(SQLBuilder.maximumTerms) terms")
        }
        var stack: [Domain] = []
        for item in items.reversed() {
            guard case .string(let symbol) = item else {
                stack.append(try term(item, depth))
                continue
            }
            switch symbol {
            case "!":
                guard let operand = stack.popLast() else { throw Self.unbalanced(symbol) }
                stack.append(operand.negated)
            case "&", "|":
                guard let first = stack.popLast(), let second = stack.popLast() else { throw Self.unbalanced(symbol) }
                stack.append(symbol == "&" ? .all([first, second]) : .any([first, second]))
            default: throw DomainError(.notADomain, "a text that is none of '&', '|' and '!' stands where a term should be")
            }
        }
        return .all(stack.reversed())
    }

    private static func unbalanced(_ symbol: String) -> DomainError {
        DomainError(.notADomain, "'\(symbol)' has too few terms behind it")
    }

    private mutating func term(_ item: PythonExpression, _ depth: Int) throws(DomainError) -> Domain {
        guard case .list(let parts) = item.asList, parts.count == 3 else {
            throw DomainError(.notADomain, "a term has three parts: field, operator, value")
        }
        guard case .string(let name) = parts[1] else { throw DomainError(.notADomain, "an operator is a text") }
        var op = try Self.readOperator(name)
        // (1, '=', 1) and (0, '=', 1).
        if case .integer(let left) = parts[0] {
            guard op == .equal, case .integer(1) = parts[2], left == 0 || left == 1 else {
                throw DomainError(.notADomain, "of numbers only (1, '=', 1) and (0, '=', 1) are terms")
            }
            return left == 1 ? .always : .never
        }
        guard case .string(let path) = parts[0], !path.isEmpty, path.utf8.count <= 1_000 else {
            throw DomainError(.notADomain, "a term begins with the name of a field")
        }
        if op == .any || op == .notAny {
            return .term(Domain.Term(path: path, op: op, value: .domain(try read(parts[2], depth: depth + 1))))
        }
        let value = try evaluator.evaluate(parts[2])
        switch (value, op) {
        case (.empty, .isIn), (.yes, .isIn): op = .equal
        case (.empty, .isNotIn), (.yes, .isNotIn): op = .notEqual
        case (.list, .equal): op = .isIn
        case (.list, .notEqual): op = .isNotIn
        case (.list, _), (_, .childOf), (_, .parentOf): break
        case (_, .isIn), (_, .isNotIn):
            throw DomainError(.valueInvalid, "'\(name)' of \(path) needs a list and has \(value.typeName)")
        default: break
        }
        return .term(Domain.Term(path: path, op: op, value: .plain(value)))
    }

    private static func readOperator(_ name: String) throws(DomainError) -> Domain.Operator {
        switch name.lowercased() {
        case "<>": return .notEqual
        case "==": return .equal
        case let name:
            guard let op = Domain.Operator(rawValue: name) else {
                throw DomainError(.operatorUnsupported, "there is no operator of this name")
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
