/// A client's evidence of its identity.
public enum Credential: Sendable {
    case apiKey(ApiKey)
    case session(SessionID)
}

/// The id of an Odoo session as a client sends it: 40 to 128 characters of `A-Z a-z 0-9 _ -` (Odoo 16 and 17: 40 hexadecimal
/// ones; 18 and 19: 84, http.py `generate_key`; other stores: anything in between). Its description never shows it.
public struct SessionID: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The id itself.
    let text: String

    var bytes: [UInt8] { Array(text.utf8) }

    /// Nil for text that cannot be a session id; it is not looked up.
    public init?(_ text: some StringProtocol) {
        guard (40...128).contains(text.utf8.count), text.utf8.allSatisfy(Self.isAllowed) else { return nil }
        self.text = String(text)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    public var description: String { "SessionID(…)" }
    public var debugDescription: String { description }
}
