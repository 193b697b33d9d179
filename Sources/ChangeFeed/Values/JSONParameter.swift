internal import FoundationEssentials

/// A value as a parameter of type jsonb.
package enum JSONParameter {
    package static func text(_ value: some Encodable) throws -> String {
        String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    }
}
