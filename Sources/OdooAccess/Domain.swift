/// A domain in Odoo's prefix notation, as a tree.
indirect enum Domain: Equatable {
    case always
    case never
    case and([Domain])
    case or([Domain])
    case not(Domain)
    case term(Term)

    struct Term: Equatable {
        /// `field`, or `field.field`, ….
        var path: String
        var op: Operator
        var value: Value
    }

    indirect enum Value: Equatable {
        case plain(DomainValue)
        case domain(Domain)
    }

    enum Operator: String, CaseIterable {
        case equal = "="
        case notEqual = "!="
        case less = "<"
        case greater = ">"
        case lessOrEqual = "<="
        case greaterOrEqual = ">="
        case equalIfSet = "=?"
        case isIn = "in"
        case isNotIn = "not in"
        case like
        case notLike = "not like"
        case ilike
        case notIlike = "not ilike"
        case likePattern = "=like"
        case ilikePattern = "=ilike"
        case childOf = "child_of"
        case parentOf = "parent_of"
        case any
        case notAny = "not any"

        /// Odoo's TERM_OPERATORS_NEGATION.
        var negated: Operator? {
            switch self {
            case .equal: .notEqual
            case .notEqual: .equal
            case .less: .greaterOrEqual
            case .greater: .lessOrEqual
            case .lessOrEqual: .greater
            case .greaterOrEqual: .less
            case .isIn: .isNotIn
            case .isNotIn: .isIn
            case .like: .notLike
            case .notLike: .like
            case .ilike: .notIlike
            case .notIlike: .ilike
            case .any: .notAny
            case .notAny: .any
            case .equalIfSet, .likePattern, .ilikePattern, .childOf, .parentOf: nil
            }
        }

        /// Odoo's NEGATIVE_TERM_OPERATORS.
        var isNegative: Bool {
            switch self {
            case .notEqual, .isNotIn, .notLike, .notIlike, .notAny: true
            default: false
            }
        }
    }

    static func all(_ parts: [Domain]) -> Domain {
        var flat: [Domain] = []
        for part in parts {
            switch part {
            case .always: continue
            case .never: return .never
            case .and(let inner): flat.append(contentsOf: inner)
            default: flat.append(part)
            }
        }
        return flat.isEmpty ? .always : flat.count == 1 ? flat[0] : .and(flat)
    }

    static func any(_ parts: [Domain]) -> Domain {
        var flat: [Domain] = []
        for part in parts {
            switch part {
            case .never: continue
            case .always: return .always
            case .or(let inner): flat.append(contentsOf: inner)
            default: flat.append(part)
            }
        }
        return flat.isEmpty ? .never : flat.count == 1 ? flat[0] : .or(flat)
    }

    /// Odoo's distribute_not: a `!` goes down to the terms and turns their operators round, as far as these have an opposite.
    var negated: Domain {
        switch self {
        case .always: .never
        case .never: .always
        case .and(let parts): .any(parts.map(\.negated))
        case .or(let parts): .all(parts.map(\.negated))
        case .not(let inner): inner
        case .term(var term):
            if let op = term.op.negated {
                { term.op = op; return .term(term) }()
            } else {
                .not(self)
            }
        }
    }
}
