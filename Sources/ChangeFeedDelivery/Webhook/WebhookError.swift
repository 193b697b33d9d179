/// What is wrong with a secret, a key, a URL, a network or a library of an endpoint. Never contains a secret or a key.
public struct WebhookError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: String, Sendable, CaseIterable {
        /// The text is not a signing secret or a public key.
        case secretInvalid = "secret_invalid"
        /// The text is not a key for sealing.
        case sealingKeyInvalid = "sealing_key_invalid"
        /// Sealed bytes that this key, or this name, does not open.
        case sealBroken = "seal_broken"
        /// A URL to which nothing may be delivered.
        case urlInvalid = "url_invalid"
        /// The text is not a network in CIDR notation.
        case networkInvalid = "network_invalid"
        /// An event that the database gave without what every event has.
        case eventInvalid = "event_invalid"
        /// The library of a stream's kind is not installed.
        case engineMissing = "engine_missing"
    }

    public let code: Code
    /// The reason, as part of a sentence: "the host name has an empty part".
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
