/// The part of Python's expressions that occurs in domains (The Python Language Reference, 6).
public indirect enum PythonExpression: Sendable, Equatable {
    case none
    case bool(Bool)
    case integer(Int64)
    /// As written.
    case float(String)
    case string(String)
    case name(String)
    case list([PythonExpression])
    case tuple([PythonExpression])
    case attribute(PythonExpression, String)
    case call(PythonExpression, [PythonExpression], [String: PythonExpression])
    case negative(PythonExpression)
    case not(PythonExpression)
    case binary(PythonExpression, Operator, PythonExpression)
    case comparison(PythonExpression, Comparison, PythonExpression)
    case and(PythonExpression, PythonExpression)
    case or(PythonExpression, PythonExpression)
    /// `then if condition else otherwise`.
    case conditional(condition: PythonExpression, then: PythonExpression, otherwise: PythonExpression)

    public enum Operator: Sendable, Equatable { case plus, minus }

    public enum Comparison: Sendable, Equatable {
        case equal, notEqual, less, greater, lessOrEqual, greaterOrEqual, isIn, isNotIn
    }
}
