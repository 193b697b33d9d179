internal import Crypto

/// The secret with which an endpoint's messages are signed (Standard Webhooks 1.0, "Signature scheme"): `whsec_` and
/// 24 to 64 bytes in base64 for HMAC-SHA256, or `whsk_` and the 32 bytes of a private key in base64 for ed25519.
public struct WebhookSecret: Sendable {
    enum Key: Sendable {
        case hmac(SymmetricKey)
        case ed25519(Curve25519.Signing.PrivateKey)
    }

    let key: Key

    /// - Throws: `WebhookError` (`secret_invalid`), without any part of the text.
    public init(_ text: some StringProtocol) throws(WebhookError) {
        if text.hasPrefix(Self.hmacPrefix) {
            let bytes = try Self.bytes(text.dropFirst(Self.hmacPrefix.count), "the signing secret")
            guard Self.hmacLengths.contains(bytes.count) else {
                throw WebhookError(
                    .secretInvalid,
                    "the signing secret has \(bytes.count) bytes; it must have \(Self.hmacLengths.lowerBound) to "
                        + "\(Self.hmacLengths.upperBound)")
            }
            key = .hmac(SymmetricKey(data: bytes))
        } else if text.hasPrefix(Self.privatePrefix) {
            let bytes = try Self.bytes(text.dropFirst(Self.privatePrefix.count), "the private key")
            guard bytes.count == 32, let privateKey = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes)
            else { throw WebhookError(.secretInvalid, "the private key has \(bytes.count) bytes; it must have 32") }
            key = .ed25519(privateKey)
        } else {
            throw WebhookError(
                .secretInvalid,
                "a signing secret begins with `\(Self.hmacPrefix)` (HMAC-SHA256) or `\(Self.privatePrefix)` (ed25519)")
        }
    }

    private init(_ key: Key) { self.key = key }

    /// As the database holds it; nil if another key encrypts it.
    init?(sealed: [UInt8], of name: String, _ box: SecretBox) {
        guard let opened = try? box.open(sealed, for: name),
            let secret = try? WebhookSecret(String(decoding: opened, as: UTF8.self))
        else { return nil }
        self = secret
    }

    /// A new secret for HMAC-SHA256, 32 bytes.
    public static func random() -> WebhookSecret { WebhookSecret(.hmac(SymmetricKey(size: .bits256))) }

    /// A new key pair for ed25519.
    public static func randomKeyPair() -> WebhookSecret { WebhookSecret(.ed25519(Curve25519.Signing.PrivateKey())) }

    public var method: WebhookSignature.Method {
        switch key {
        case .hmac: .hmac
        case .ed25519: .ed25519
        }
    }

    /// The secret itself, to be shown once and never logged.
    public var text: String {
        switch key {
        case .hmac(let key): Self.hmacPrefix + key.withUnsafeBytes { Base64.text($0) }
        case .ed25519(let key): Self.privatePrefix + Base64.text(key.rawRepresentation)
        }
    }

    /// What a receiver needs to verify ed25519 signatures: `whpk_` and 32 bytes in base64; nil for HMAC-SHA256, whose
    /// receivers need the secret. It is not a secret.
    public var publicKey: String? {
        guard case .ed25519(let key) = key else { return nil }
        return Self.publicPrefix + Base64.text(key.publicKey.rawRepresentation)
    }

    static let hmacPrefix = "whsec_"
    static let privatePrefix = "whsk_"
    static let publicPrefix = "whpk_"
    private static let hmacLengths = 24...64

    /// - Parameter subject: The thing, for the error.
    static func bytes(_ text: some StringProtocol, _ subject: String) throws(WebhookError) -> [UInt8] {
        guard let bytes = Base64.bytes(text) else {
            throw WebhookError(.secretInvalid, "\(subject) is not valid base64 (RFC 4648, section 4, with padding)")
        }
        return bytes
    }
}

extension WebhookSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The kind alone: `whsec_…`.
    public var description: String {
        switch key {
        case .hmac: Self.hmacPrefix + "…"
        case .ed25519: Self.privatePrefix + "…"
        }
    }

    public var debugDescription: String { description }

    /// Nothing, so that `dump` and failed expectations do not print the key.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
