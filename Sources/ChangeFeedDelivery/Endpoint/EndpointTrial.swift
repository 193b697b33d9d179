internal import ChangeFeed
internal import Postgres

/// A test event of an endpoint: sent once, from this process, and recorded nowhere.
public struct EndpointTrial: Sendable {
    private let number: Int64
    private let url: WebhookURL
    private let secret: WebhookSecret
    private let addresses: AddressPolicy
    private let userAgent: String

    /// What came of it.
    public struct Outcome: Sendable {
        /// HTTP status; nil: no answer.
        public let status: Int?
        /// Why it was not accepted; nil: it was.
        public let failure: String?
        public let milliseconds: Int
    }

    /// - Parameter row: columns `id`, `url`, `secret` in hexadecimal and `secret_key`.
    /// - Returns: nil when the endpoint has no secret, or another key encrypts it.
    /// - Throws: `WebhookError` for a damaged secret, and for a URL that the settings no longer allow.
    init?(of name: String, _ row: Row, _ configuration: DeliveryService.Configuration) throws {
        guard let box = configuration.box, box.keyID == row["secret_key"].text, let sealed = row["secret"].text else {
            return nil
        }
        number = try row["id"].int()
        url = try WebhookURL(try row["url"].string(), rules: configuration.urls)
        secret = try WebhookSecret(
            String(decoding: try box.open(Endpoint.bytes(sealed), for: name), as: UTF8.self))
        addresses = configuration.addresses
        userAgent = configuration.userAgent
    }

    public func send() async throws -> Outcome {
        let now = Timestamp.now
        let id = "msg_test_\(number)_\(now.microseconds)"
        let timestamp = now.microseconds / 1_000_000
        let body = WebhookMessage.test(endpoint: number, timestamp: now.iso8601).body
        let signature = try WebhookSignature.value(id: id, timestamp: timestamp, body: body, secrets: [secret])
        let client = WebhookClient(url, policy: addresses, userAgent: userAgent, connections: 1)
        let attempt = await client.send(
            WebhookClient.Message(id: id, timestamp: timestamp, signature: signature, body: body))
        await client.shutdown()
        return Outcome(
            status: attempt.status, failure: attempt.failure,
            milliseconds: Int(attempt.duration / .milliseconds(1)))
    }
}
