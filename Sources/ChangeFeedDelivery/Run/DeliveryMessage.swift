internal import ChangeFeed

/// One message to a receiver: one event, or several of an endpoint with batches.
struct DeliveryMessage: Sendable {
    let id: String
    let events: [DeliveredEvent]
    /// How often its events were tried before, at most.
    let attempts: Int
    let body: [UInt8]
    /// It tries whether a receiver that failed works again, and does not count as an attempt.
    var isTrial = false

    var keys: [RecordKey] { events.map { RecordKey(model: $0.model, recordID: $0.recordID) } }
}

extension DeliveryMessage {
    /// Messages of a page, in its order.
    static func messages(_ events: [(event: DeliveredEvent, attempts: Int)], to endpoint: Endpoint) throws
        -> [DeliveryMessage]
    {
        var messages: [DeliveryMessage] = []
        var start = 0
        while start < events.count {
            let part = events[start..<min(start + endpoint.batchSize, events.count)]
            start += part.count
            let first = part[part.startIndex].event
            let body =
                endpoint.batchSize > 1
                ? WebhookMessage.batch(
                    part.map(\.event), withData: endpoint.withData, timestamp: Timestamp.now.iso8601)
                : endpoint.withData ? WebhookMessage.full(first) : WebhookMessage.thin(first)
            messages.append(
                DeliveryMessage(
                    id: WebhookMessage.id(
                        feed: endpoint.feed, endpoint: endpoint.id, event: (part.last?.event ?? first).id,
                        batch: part.map(\.event.id), generation: endpoint.generation > 0 ? endpoint.generation : nil),
                    events: part.map(\.event), attempts: part.map(\.attempts).max() ?? 0, body: body.body))
        }
        return messages
    }
}
