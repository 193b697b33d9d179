internal import ChangeFeed
internal import Postgres

/// A test event of an endpoint of any kind: sent once, from this process, and recorded nowhere.
public struct EndpointTrial: Sendable {
    private enum Target: Sendable {
        case webhook(WebhookURL, WebhookSecret)
        case stream(String, EndpointKind, StreamCredentials?, StreamOrigin)
    }

    private let number: Int64
    private let target: Target
    private let configuration: DeliveryService.Configuration

    /// What came of it.
    public struct Outcome: Sendable {
        /// HTTP status; nil: no answer, or a stream.
        public let status: Int?
        /// Why it was not accepted; nil: it was.
        public let failure: String?
        public let milliseconds: Int
    }

    /// - Parameter row: columns `id`, `kind`, `url`, `secret` in hexadecimal, `secret_key`, `database` and `source`.
    /// - Returns: nil when another key encrypts the secret or the credentials, or a webhook has no secret.
    /// - Throws: `WebhookError` for a damaged secret, and for a URL that the settings no longer allow.
    init?(of name: String, _ row: Row, _ configuration: DeliveryService.Configuration) throws {
        guard let kind = EndpointKind(rawValue: try row["kind"].string()) else {
            throw WebhookError(.urlInvalid, "this release knows no endpoints of its kind")
        }
        number = try row["id"].int()
        self.configuration = configuration
        let url = try row["url"].string()
        var secret: String?
        if let sealed = row["secret"].text {
            do throws(WebhookError) {
                secret = try configuration.open(
                    Endpoint.bytes(sealed), of: name, key: row["secret_key"].text ?? "")
            } catch {
                if error.code == .sealingKeyInvalid { return nil }
                throw error
            }
        }
        guard kind == .webhook else {
            let origin = StreamOrigin(database: try row["database"].string(), source: try row["source"].string())
            target = .stream(url, kind, try secret.map { try StreamCredentials($0) }, origin)
            return
        }
        guard let secret else { return nil }
        target = .webhook(try WebhookURL(url, rules: configuration.urls), try WebhookSecret(secret))
    }

    public func send() async -> Outcome {
        let sink: any MessageSink
        do throws(WebhookError) {
            sink = try self.sink()
        } catch {
            return Outcome(status: nil, failure: error.message, milliseconds: 0)
        }
        let now = Timestamp.now
        let attempt = await sink.send(
            DeliveryMessage(
                id: "msg_test_\(number)_\(now.microseconds)", events: [], attempts: 0,
                body: WebhookMessage.test(endpoint: number, timestamp: now.iso8601).body))
        await sink.shutdown()
        return Outcome(
            status: attempt.status, failure: attempt.failure,
            milliseconds: Int(attempt.duration / .milliseconds(1)))
    }

    private func sink() throws(WebhookError) -> any MessageSink {
        switch target {
        case .webhook(let url, let secret):
            return WebhookSink(
                client: WebhookClient(
                    url, policy: configuration.addresses, userAgent: configuration.userAgent, connections: 1),
                secrets: [secret])
        case .stream(let url, let kind, let credentials, let origin):
            return try DeliveryService.streamSink(
                to: url, kind: kind, credentials: credentials, origin: origin, configuration)
        }
    }
}
