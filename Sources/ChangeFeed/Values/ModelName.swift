/// The technical name of an Odoo model, such as `sale.order`.
public struct ModelName: RawRepresentable, Hashable, Sendable, Comparable {
    public let rawValue: String

    /// Lower-case letters, digits, `_` and `.`, 1 to 128 of them; nil for anything else.
    public init?(rawValue: String) {
        guard (1...128).contains(rawValue.utf8.count),
            rawValue.utf8.allSatisfy({ byte in
                (97...122).contains(byte) || (48...57).contains(byte) || byte == 95 || byte == 46
            })
        else { return nil }
        self.rawValue = rawValue
    }

    public init?(_ text: String) { self.init(rawValue: text) }

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
