internal import Crypto

/// Encrypts secrets for the database with a key that is only in the service's environment or in a file:
/// AES-256-GCM (NIST SP 800-38D) with a random nonce for each.
public struct SecretBox: Sendable {
    private let key: SymmetricKey
    /// The first 8 hexadecimal digits of the key's SHA-256. Stored with what is sealed, so that a wrong key is
    /// recognised; tells nothing about a random key.
    public let keyID: String

    /// - Parameter text: 32 bytes as 64 hexadecimal digits, or in base64 (44 characters); white space around it, such
    ///   as a file's last line break, is ignored.
    /// - Throws: `WebhookError` (`sealing_key_invalid`), without any part of the text.
    public init(key text: some StringProtocol) throws(WebhookError) {
        var plain = Substring(text).drop(while: \.isWhitespace)
        while let last = plain.last, last.isWhitespace { plain.removeLast() }
        let bytes = try Self.bytes(String(plain))
        key = SymmetricKey(data: bytes)
        keyID = SHA256.hash(data: bytes).prefix(4).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Nonce (12 bytes), ciphertext and tag (16 bytes).
    /// - Parameter name: What the secret belongs to. It is not stored, but opening demands the same, so that a sealed
    ///   secret cannot be moved to another row.
    /// - Throws: What the library throws; it does not for secrets of less than 64 GB.
    public func seal(_ bytes: [UInt8], for name: String) throws -> [UInt8] {
        let sealed = try AES.GCM.seal(bytes, using: key, authenticating: Array(name.utf8))
        return Array(sealed.nonce) + Array(sealed.ciphertext) + Array(sealed.tag)
    }

    /// - Throws: `WebhookError` (`seal_broken`) for another key, another name, and bytes that were changed.
    public func open(_ sealed: [UInt8], for name: String) throws(WebhookError) -> [UInt8] {
        guard let box = try? AES.GCM.SealedBox(combined: sealed),
            let opened = try? AES.GCM.open(box, using: key, authenticating: Array(name.utf8))
        else {
            throw WebhookError(
                .sealBroken,
                "the stored secret of \(name) does not open with key \(keyID): it was sealed with another key or for "
                    + "another name, or was changed")
        }
        return Array(opened)
    }

    private static func bytes(_ text: String) throws(WebhookError) -> [UInt8] {
        if text.isEmpty { throw WebhookError(.sealingKeyInvalid, "the key for sealing secrets is empty") }
        // 64 hexadecimal digits are also valid base64, of 48 bytes.
        if text.utf8.count == 64, let bytes = hexadecimal(text) { return bytes }
        guard let bytes = Base64.bytes(text) else {
            throw WebhookError(
                .sealingKeyInvalid, "the key for sealing secrets is neither 64 hexadecimal digits nor valid base64")
        }
        guard bytes.count == 32 else {
            throw WebhookError(
                .sealingKeyInvalid, "the key for sealing secrets has \(bytes.count) bytes; it must have 32")
        }
        return bytes
    }

    private static func hexadecimal(_ text: String) -> [UInt8]? {
        let digits = text.unicodeScalars.compactMap {
            $0.properties.isASCIIHexDigit ? UInt8(String($0), radix: 16) : nil
        }
        guard digits.count == text.unicodeScalars.count else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}

extension SecretBox: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "key \(keyID)" }
    public var debugDescription: String { description }
    /// Nothing, so that `dump` and failed expectations do not print the key.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
