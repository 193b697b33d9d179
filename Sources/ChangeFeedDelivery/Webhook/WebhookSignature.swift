internal import Crypto

/// The header `webhook-signature` (Standard Webhooks 1.0, "Webhook headers").
public enum WebhookSignature {
    /// One signature per secret, separated by spaces: `v1,` and an HMAC-SHA256, or `v1a,` and an ed25519 signature, in
    /// base64, over `id.timestamp.body`. Two secrets sign while one replaces the other.
    /// - Parameters:
    ///   - id: The header `webhook-id`, without full stops, so that no other split of the signed text is valid.
    ///   - timestamp: The header `webhook-timestamp`: when this attempt is made, in seconds since 1970-01-01 UTC.
    ///   - body: The bytes as they are sent.
    /// - Throws: What the library of ed25519 throws; HMAC-SHA256 does not fail.
    public static func value(id: String, timestamp: Int64, body: [UInt8], secrets: [WebhookSecret]) throws -> String {
        precondition(!id.utf8.contains(UInt8(ascii: ".")), "a message's id has no full stop")
        let head = head(id: id, timestamp: String(timestamp))
        return try secrets.map { try signature(head, body, $0) }.joined(separator: " ")
    }

    /// How a webhook's messages are signed.
    public enum Method: String, Sendable, CaseIterable {
        /// HMAC-SHA256: the receiver verifies with the secret itself.
        case hmac
        /// ed25519: the receiver verifies with a public key, with which nobody can sign.
        case ed25519

        /// A new secret.
        public func secret() -> WebhookSecret { self == .hmac ? .random() : .randomKeyPair() }
    }

    static let hmacVersion = "v1"
    static let ed25519Version = "v1a"

    /// What is signed before the body.
    static func head(id: String, timestamp: String) -> [UInt8] { Array("\(id).\(timestamp).".utf8) }

    private static func signature(_ head: [UInt8], _ body: [UInt8], _ secret: WebhookSecret) throws -> String {
        switch secret.key {
        case .hmac(let key):
            var code = HMAC<SHA256>(key: key)
            code.update(data: head)
            code.update(data: body)
            return hmacVersion + "," + Base64.text(code.finalize())
        case .ed25519(let key):
            return ed25519Version + "," + Base64.text(try key.signature(for: head + body))
        }
    }
}
