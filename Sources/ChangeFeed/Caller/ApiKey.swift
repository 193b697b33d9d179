/// An Odoo API key as a client sends it: 40 lowercase hexadecimal characters (Odoo, res_users.py `API_KEY_SIZE`).
/// Its description never shows it.
public struct ApiKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    let bytes: [UInt8]

    /// Nil for text that cannot be a key; it is neither looked up nor hashed.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == 40, bytes.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else {
            return nil
        }
        self.bytes = bytes
    }

    /// The part that Odoo stores in clear to find the row.
    var prefix: String { String(decoding: bytes.prefix(8), as: UTF8.self) }

    public var description: String { "ApiKey(…)" }
    public var debugDescription: String { description }
}
