internal import Crypto

/// Verifies messages as a receiver does, with several secrets at the same time while one replaces another.
public struct WebhookVerifier: Sendable {
    private enum Key: Sendable {
        case hmac(SymmetricKey)
        case ed25519(Curve25519.Signing.PublicKey)
    }

    /// Why a message is refused.
    public enum Refusal: Error, Sendable, Equatable, CustomStringConvertible {
        /// `webhook-timestamp` is not a number of seconds.
        case timestampInvalid
        /// `webhook-timestamp` is further in the past than the tolerance: a repeated message, or a wrong clock.
        case timestampPast
        /// `webhook-timestamp` is further in the future than the tolerance.
        case timestampFuture
        /// None of the signatures belongs to one of the secrets and this message.
        case signatureWrong

        public var description: String {
            switch self {
            case .timestampInvalid: "`webhook-timestamp` is not a whole number of seconds"
            case .timestampPast: "`webhook-timestamp` is more than 5 minutes in the past"
            case .timestampFuture: "`webhook-timestamp` is more than 5 minutes in the future"
            case .signatureWrong: "no signature in `webhook-signature` fits the message and the secret"
            }
        }
    }

    private let keys: [Key]

    public init(_ secrets: [WebhookSecret]) {
        keys = secrets.map { secret in
            switch secret.key {
            case .hmac(let key): .hmac(key)
            case .ed25519(let key): .ed25519(key.publicKey)
            }
        }
    }

    /// - Parameter text: A secret of either kind, or a public key: `whpk_` and 32 bytes in base64.
    /// - Throws: `WebhookError` (`secret_invalid`), without any part of the text.
    public init(_ text: some StringProtocol) throws(WebhookError) {
        guard text.hasPrefix(WebhookSecret.publicPrefix) else {
            self.init([try WebhookSecret(text)])
            return
        }
        let bytes = try WebhookSecret.bytes(text.dropFirst(WebhookSecret.publicPrefix.count), "the public key")
        guard bytes.count == 32, let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes) else {
            throw WebhookError(.secretInvalid, "the public key has \(bytes.count) bytes; it must have 32")
        }
        self.init([.ed25519(key)])
    }

    private init(_ keys: [Key]) { self.keys = keys }

    /// How far a message's timestamp may be from the receiver's clock.
    public static let tolerance: Duration = .seconds(300)

    /// Takes as long for a wrong HMAC as for a right one.
    /// - Parameters:
    ///   - signatures: The header `webhook-signature`. Its first 16 entries count; unknown versions are skipped.
    ///   - id: The header `webhook-id`.
    ///   - timestamp: The header `webhook-timestamp`.
    ///   - body: The bytes as they were received.
    ///   - now: The receiver's clock, in seconds since 1970-01-01 UTC.
    public func verify(
        signatures: String, id: String, timestamp: String, body: [UInt8], now: Int64
    ) throws(Refusal) {
        guard (1...18).contains(timestamp.utf8.count),
            timestamp.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let sent = Int64(timestamp)
        else { throw .timestampInvalid }
        let tolerance = Self.tolerance.components.seconds
        if sent < now - tolerance { throw .timestampPast }
        if sent > now + tolerance { throw .timestampFuture }
        let message = WebhookSignature.head(id: id, timestamp: timestamp) + body
        // Every entry is compared with every key, whatever was found before.
        var isRight = false
        for entry in signatures.split(separator: " ").prefix(16) {
            let parts = entry.split(separator: ",", maxSplits: 1)
            guard parts.count == 2, let signature = Base64.bytes(parts[1]) else { continue }
            for key in keys where Self.isValid(signature, version: parts[0], of: message, key) { isRight = true }
        }
        if !isRight { throw .signatureWrong }
    }

    private static func isValid(
        _ signature: [UInt8], version: Substring, of message: [UInt8], _ key: Key
    ) -> Bool {
        switch key {
        case .hmac(let key):
            version == WebhookSignature.hmacVersion
                && HMAC<SHA256>.isValidAuthenticationCode(signature, authenticating: message, using: key)
        case .ed25519(let key):
            version == WebhookSignature.ed25519Version && key.isValidSignature(signature, for: message)
        }
    }
}
