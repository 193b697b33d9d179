/// The content of a pickle, limited to the kinds of Python values in a session.
enum PickledValue: Sendable, Equatable {
    case none
    case bool(Bool)
    case int(Int64)
    /// A whole number that does not fit 64 bits: two's complement, lowest byte first, of minimal length.
    case longInt([UInt8])
    case float(Double)
    case text(String)
    case list([PickledValue])
    case tuple([PickledValue])
    /// In the order of the pickle; of two equal keys the later one counts.
    case dict([Entry])

    struct Entry: Sendable, Equatable {
        let key: PickledValue
        let value: PickledValue
    }

    /// The value under a key of a dict; nil if it is not a dict or has no such key.
    subscript(key: String) -> PickledValue? {
        guard case .dict(let entries) = self else { return nil }
        return entries.last { $0.key == .text(key) }?.value
    }

    var int: Int64? {
        guard case .int(let number) = self else { return nil }
        return number
    }

    var text: String? {
        guard case .text(let text) = self else { return nil }
        return text
    }

    /// A number, whole or not.
    var number: Double? {
        switch self {
        case .int(let number): Double(number)
        case .float(let number): number
        default: nil
        }
    }
}
