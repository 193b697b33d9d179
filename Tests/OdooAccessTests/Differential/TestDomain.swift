/// A value as it stands in a domain.
indirect enum Literal: Equatable {
    case no
    case none
    case yes
    case integer(Int)
    case decimal(String)
    case text(String)
    case list([Literal])
    /// A name that Odoo knows where rules are evaluated, and what it stands for.
    case expression(String, value: Literal)
    /// Records that a search found; never in a text.
    case found(Set<Int>)

    /// Without expressions.
    var resolved: Literal {
        switch self {
        case .expression(_, let value): value.resolved
        case .list(let items): .list(items.map(\.resolved))
        default: self
        }
    }

    var isFalse: Bool { self == .no || self == .none }

    /// Python's truth.
    var isTruthy: Bool {
        switch self {
        case .no, .none: false
        case .yes, .expression, .found: true
        case .integer(let value): value != 0
        case .decimal(let text): Double(text) != 0
        case .text(let text): !text.isEmpty
        case .list(let items): !items.isEmpty
        }
    }

    /// Python text.
    var python: String {
        switch self {
        case .no: "False"
        case .none: "None"
        case .yes: "True"
        case .integer(let value): String(value)
        case .decimal(let text): text
        case .text(let text): "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
        case .list(let items): "[" + items.map(\.python).joined(separator: ", ") + "]"
        case .expression(let text, _): text
        case .found: "?"
        }
    }
}

/// A domain as a tree.
indirect enum Node: Equatable {
    case truth(Bool)
    case and([Node])
    case or([Node])
    case not(Node)
    case term(String, String, Literal)
    /// `any` and `not any`.
    case sub(String, isNegative: Bool, Node)

    /// Python text of the list. `&` between what stands side by side at the top may be left out.
    var python: String {
        if case .and(let parts) = self { return "[" + parts.map(\.prefix).joined(separator: ", ") + "]" }
        return "[" + prefix + "]"
    }

    private var prefix: String {
        switch self {
        case .truth(let value): return value ? "(1, '=', 1)" : "(0, '=', 1)"
        case .and(let parts), .or(let parts):
            guard !parts.isEmpty else { return "(1, '=', 1)" }
            let symbol = if case .and = self { "'&', " } else { "'|', " }
            return String(repeating: symbol, count: parts.count - 1) + parts.map(\.prefix).joined(separator: ", ")
        case .not(let inner): return "'!', " + inner.prefix
        case .term(let path, let op, let value): return "('\(path)', '\(op)', \(value.python))"
        case .sub(let path, let isNegative, let inner):
            return "('\(path)', '\(isNegative ? "not any" : "any")', \(inner.python))"
        }
    }
}
