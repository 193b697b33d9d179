internal import FoundationEssentials

/// Base64 with padding (RFC 4648, 4), strictly: the only text for its bytes.
enum Base64 {
    static func text(_ bytes: some Sequence<UInt8>) -> String { Data(bytes).base64EncodedString() }

    /// Nil for anything else, also for texts that Foundation reads, such as those with too much padding.
    static func bytes(_ text: some StringProtocol) -> [UInt8]? {
        let text = String(text)
        guard let data = Data(base64Encoded: text), data.base64EncodedString() == text else { return nil }
        return Array(data)
    }
}
