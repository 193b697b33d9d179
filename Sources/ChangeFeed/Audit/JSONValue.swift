internal import FoundationEssentials

/// Any JSON, for values that are compared but not interpreted.
package enum JSONValue: Sendable, Equatable, Codable {
    case null
    case bool(Bool)
    case int(Int64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .int(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .int(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }

    package var int: Int64? { if case .int(let value) = self { value } else { nil } }
    package var string: String? { if case .string(let value) = self { value } else { nil } }
    package var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
    package subscript(_ name: String) -> JSONValue? {
        if case .object(let members) = self { members[name] } else { nil }
    }

    /// Equal to a client: 1 and 1.0 are, and so are sums with different floating-point rounding. Lists of ids are sets,
    /// because records with the same sort key come in any order.
    package func isSame(as other: JSONValue) -> Bool {
        switch (self, other) {
        case (.array(let mine), .array(let others)):
            if mine.count != others.count { return false }
            let ids = mine.compactMap(\.int)
            if ids.count == mine.count, !ids.isEmpty { return ids.sorted() == others.compactMap(\.int).sorted() }
            return zip(mine, others).allSatisfy { $0.isSame(as: $1) }
        case (.object(let mine), .object(let others)):
            return mine.count == others.count
                && mine.allSatisfy { name, value in others[name].map { value.isSame(as: $0) } ?? false }
        default:
            guard let mine = double, let others = other.double else { return self == other }
            return mine == others || abs(mine - others) <= 1e-9 * max(abs(mine), abs(others))
        }
    }

    private var double: Double? {
        switch self {
        case .int(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }
}
