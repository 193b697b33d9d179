/// A domain in Odoo's prefix notation, as a tree.
indirect enum Domain: Equatable {
    case always
    case never
    case and([Domain])
    case or([Domain])
    case not(Domain)
    case term(Term)
    /// A condition that does not depend on the row, as SQL that is never null.
    case fact(String)
    /// A search that applies the test of `active` of the place where it was written, wherever it is moved.
    case searched(Domain, isActiveTested: Bool)

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
        case notLikePattern = "not =like"
        case notIlikePattern = "not =ilike"
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
            case .notLikePattern: .likePattern
            case .notIlikePattern: .ilikePattern
            case .equalIfSet, .likePattern, .ilikePattern, .childOf, .parentOf: nil
            }
        }

        /// Odoo's NEGATIVE_TERM_OPERATORS.
        var isNegative: Bool {
            switch self {
            case .notEqual, .isNotIn, .notLike, .notIlike, .notLikePattern, .notIlikePattern, .notAny: true
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

    /// Odoo's _tree_not: a `!` moves down to the terms and negates their operators, if they have an opposite. A path
    /// keeps its own, except in Odoo 16: no record matches, rather than one for which the opposite holds.
    func negated(_ dialect: DomainDialect) -> Domain {
        switch self {
        case .always: return .never
        case .never: return .always
        case .and(let parts): return .any(parts.map { $0.negated(dialect) })
        case .or(let parts): return .all(parts.map { $0.negated(dialect) })
        case .not(let inner): return inner
        case .fact, .searched: return .not(self)
        case .term(var term):
            guard dialect.negatesPaths || !term.path.contains("."), let op = term.op.negated else { return .not(self) }
            // The opposite of less is more or null: the compiler keeps null.
            if dialect.negatesUnknown, [.less, .greater, .lessOrEqual, .greaterOrEqual].contains(term.op) {
                return .not(self)
            }
            term.op = op
            return .term(term)
        }
    }
}
