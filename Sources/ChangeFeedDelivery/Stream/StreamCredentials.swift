/// With what the service is known to a server of streams: a user and a password, or a token. Stored encrypted, as a
/// webhook's secret is.
public struct StreamCredentials: Sendable, Hashable {
    /// `user:password`, or a token, which has no colon.
    public let text: String

    /// - Throws: `WebhookError` (`secret_invalid`), without any part of the text.
    public init(_ text: some StringProtocol) throws(WebhookError) {
        let isPlain = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }
        guard (1...4_096).contains(text.utf8.count), isPlain, text.utf8.first != UInt8(ascii: ":") else {
            throw WebhookError(
                .secretInvalid,
                "credentials are `user:password` or a token, in one line of up to 4,096 bytes without control characters"
            )
        }
        self.text = String(text)
    }

    /// Nil: a token.
    var user: (name: String, password: String)? {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        return (String(text[..<colon]), String(text[text.index(after: colon)...]))
    }
}

extension StreamCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "credentials" }
    public var debugDescription: String { description }
    /// Nothing, so that `dump` and failed expectations do not print them.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
