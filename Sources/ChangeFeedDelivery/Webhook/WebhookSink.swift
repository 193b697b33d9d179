internal import ChangeFeed

/// Signs messages and sends them to one URL.
struct WebhookSink: MessageSink {
    let client: WebhookClient
    /// Each signs.
    let secrets: [WebhookSecret]

    func send(_ message: DeliveryMessage) async -> DeliveryAttempt {
        let timestamp = Timestamp.now.microseconds / 1_000_000
        do {
            let signature = try WebhookSignature.value(
                id: message.id, timestamp: timestamp, body: message.body, secrets: secrets)
            return await client.send(
                WebhookClient.Message(id: message.id, timestamp: timestamp, signature: signature, body: message.body))
        } catch {
            return DeliveryAttempt(failure: "it cannot be signed", duration: .zero)
        }
    }

    func shutdown() async { await client.shutdown() }
}
