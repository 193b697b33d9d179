@testable import ChangeFeedDelivery
import ChangeFeedTesting
import CStreamEngines
import Synchronization

/// What tests of both kinds of streams share.
enum StreamRig {
    static let origin = StreamOrigin(database: "shop", source: "6e1a3c1e-0000-4000-8000-000000000000")

    /// A server, or nil after saying what is not installed.
    static func natsServer(_ arguments: [String] = [], hasStreams: Bool = true) async throws -> NATSServer? {
        guard NATSServer.program != nil else {
            print("JetStream is skipped: nats-server is not installed")
            return nil
        }
        if let missing = cse_nats_missing() {
            print("JetStream is skipped: \(String(cString: missing))")
            return nil
        }
        return try await NATSServer(arguments, hasStreams: hasStreams)
    }

    static func event(_ record: Int64, _ id: Int64, kind: String = "write", reason: String? = nil) -> DeliveredEvent {
        DeliveredEvent(
            id: id, model: "sale.order", recordID: record, kind: kind, occurredAt: "2026-11-29T10:00:00.123456Z",
            reason: reason)
    }

    static func message(_ event: DeliveredEvent) -> DeliveryMessage {
        DeliveryMessage(
            id: WebhookMessage.id(feed: "1f2e3d4c", endpoint: 1, event: event.id), events: [event], attempts: 0,
            body: WebhookMessage.thin(event).body)
    }

    private final class Counts: Sendable {
        let accepted = Mutex(0)
        let failed = Mutex(0)
    }

    /// Sends each record's events one after another, each until it is accepted, and all records at the same time.
    /// - Parameter progress: gets the number of events that were accepted.
    /// - Returns: how many attempts failed.
    static func deliver(
        records: Int64, events: Int64, by sink: any MessageSink,
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async -> Int {
        let counts = Counts()
        await withDiscardingTaskGroup { group in
            for record in 1...records {
                group.addTask {
                    for event in 1...events {
                        let message = Self.message(Self.event(record, event * 100_000 + record))
                        while true {
                            if await sink.send(message).failure == nil { break }
                            counts.failed.withLock { $0 += 1 }
                            try? await Task.sleep(for: .milliseconds(50))
                        }
                        progress(
                            counts.accepted.withLock { count in
                                count += 1
                                return count
                            })
                    }
                }
            }
        }
        return counts.failed.withLock { $0 }
    }

    /// The events of each record in the order in which they were stored.
    static func byRecord(_ stored: [(record: String, id: String)]) -> [String: [String]] {
        Dictionary(grouping: stored, by: \.record).mapValues { $0.map(\.id) }
    }

    static func ids(ofRecord record: Int64, events: Int64) -> [String] {
        (1...events).map { WebhookMessage.id(feed: "1f2e3d4c", endpoint: 1, event: $0 * 100_000 + record) }
    }
}
