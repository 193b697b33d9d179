@testable import ChangeFeedDelivery
import ChangeFeedTesting
import Foundation
import Synchronization
import Testing

@Suite("Delivery to Kafka", .serialized, .timeLimit(.minutes(10)))
struct KafkaTests {
    private func cluster(brokers: Int = 1, partitions: Int = 4, replicas: Int = 1) throws -> MockKafka? {
        guard let cluster = MockKafka(brokers: brokers) else {
            print("Kafka is skipped: librdkafka is not installed")
            return nil
        }
        try cluster.create("odoo", partitions: partitions, replicas: replicas)
        return cluster
    }

    private func sink(
        _ cluster: MockKafka, _ parameters: String = "", answer: Duration = .seconds(15),
        settings: [(name: String, value: String)] = []
    ) throws -> KafkaSink {
        var limits = KafkaSink.Limits()
        limits.answer = answer
        limits.settings = settings
        return try KafkaSink(
            try StreamURL("kafka://\(cluster.servers)/odoo\(parameters)"), credentials: nil, origin: StreamRig.origin,
            name: "test", limits: limits)
    }

    @Test("a message is stored with its key and headers, and an unlink is a message like others")
    func stored() async throws {
        guard let cluster = try cluster() else { return }
        let sink = try sink(cluster)
        let event = StreamRig.event(7, 331_776, kind: "unlink", reason: "access")
        #expect(await sink.send(StreamRig.message(event)).failure == nil)
        let found = try await cluster.records("odoo", partitions: 4)
        try #require(found.count == 1)
        #expect(found[0].key == "sale.order/7")
        #expect(found[0].value == String(decoding: WebhookMessage.thin(event).body, as: UTF8.self))
        #expect(
            found[0].headers == [
                "ce_specversion": "1.0", "ce_id": "msg_1f2e3d4c_1_331776", "ce_source": StreamRig.origin.source,
                "ce_type": "sale.order.unlink", "ce_subject": "sale.order/7", "ce_partitionkey": "sale.order/7",
                "ce_time": "2026-11-29T10:00:00.123456Z", "ce_reason": "access", "content-type": "application/json",
            ])
        await sink.shutdown()
        #expect(await sink.send(StreamRig.message(event)).failure == "the service stopped")
    }

    @Test("in a compacted topic an unlink is a tombstone, and a notice has a key")
    func tombstone() async throws {
        guard let cluster = try cluster(partitions: 1) else { return }
        let sink = try sink(cluster, "?compacted=true")
        #expect(await sink.send(StreamRig.message(StreamRig.event(7, 1))).failure == nil)
        #expect(await sink.send(StreamRig.message(StreamRig.event(7, 2, kind: "unlink"))).failure == nil)
        let notice = WebhookMessage.resync(
            models: ["sale.order"], code: "scope_changed", mode: "replace", timestamp: "2026-11-29T10:00:00Z")
        let message = DeliveryMessage(id: "msg_resync", events: [], attempts: 0, body: notice.body)
        #expect(await sink.send(message).failure == nil)
        let found = try await cluster.records("odoo", partitions: 1)
        #expect(found.map(\.key) == ["sale.order/7", "sale.order/7", "changefeed.resync"])
        #expect(found.map { $0.value == nil } == [false, true, false])
        #expect(found.dropFirst().first?.headers["ce_type"] == "sale.order.unlink")
        #expect(found.last?.headers["ce_type"] == "changefeed.resync")
        await sink.shutdown()
    }

    @Test("requests that fail are repeated: nothing is lost, nothing is stored twice, and each key stays in order")
    func errors() async throws {
        guard let cluster = try cluster(brokers: 3, replicas: 3) else { return }
        // These brokers do not compare the numbers of messages as real ones do: with several requests under way they
        // would store a later one before an earlier one that was refused.
        let sink = try sink(cluster, settings: [("max.in.flight.requests.per.connection", "1")])
        let (records, events): (Int64, Int64) = (100, 20)
        // Not the leader, timed out, not enough replicas, disconnected by the broker, and some right answers between.
        cluster.failProduce([6, 0, 7, 0, 19, -195, 0, 20, 6, 6, 0, -195, 7])
        let failed = await StreamRig.deliver(records: records, events: events, by: sink)
        print("Kafka: 13 requests failed or were disturbed, \(failed) attempts failed and were repeated")
        let found = try await cluster.records("odoo", partitions: 4)
        let byRecord = StreamRig.byRecord(found.map { ($0.key, $0.headers["ce_id"] ?? "") })
        for record in 1...records {
            #expect(byRecord["sale.order/\(record)"] == StreamRig.ids(ofRecord: record, events: events))
        }
        #expect(Set(found.map { "\($0.key) \($0.partition)" }).count == Int(records))
        await sink.shutdown()
    }

    @Test("brokers that are away fail a message after the time limit with a reason, and a later message finds them")
    func away() async throws {
        guard let cluster = try cluster() else { return }
        let sink = try sink(cluster, answer: .seconds(8))
        #expect(await sink.send(StreamRig.message(StreamRig.event(1, 1))).failure == nil)
        cluster.set(broker: 1, isDown: true)
        let attempt = await sink.send(StreamRig.message(StreamRig.event(1, 2)))
        print("Kafka: away: \(attempt.failure ?? "-")")
        #expect(attempt.failure != nil && attempt.duration < .seconds(60))
        cluster.set(broker: 1, isDown: false)
        try await eventually(within: .seconds(120), "the broker is found again") {
            await sink.send(StreamRig.message(StreamRig.event(1, 2))).failure == nil
        }
        await sink.shutdown()
    }

    @Test("cancelling ends a message, and what was under way when the service stops is not sent later")
    func cancelled() async throws {
        guard let cluster = try cluster() else { return }
        let sink = try sink(cluster)
        #expect(await sink.send(StreamRig.message(StreamRig.event(1, 1))).failure == nil)
        cluster.set(broker: 1, isDown: true)
        let cancelled = Task { await sink.send(StreamRig.message(StreamRig.event(1, 2))) }
        let stopped = Task { await sink.send(StreamRig.message(StreamRig.event(1, 3))) }
        try await Task.sleep(for: .milliseconds(200))
        cancelled.cancel()
        #expect(await cancelled.value.failure == "the service stopped")
        await sink.shutdown()
        #expect(await stopped.value.failure == "the service stopped")
        cluster.set(broker: 1, isDown: false)
        #expect(try await cluster.records("odoo", partitions: 4).count == 1)
    }

    @Test("a producer that can do no more is replaced")
    func broken() async throws {
        guard let cluster = try cluster() else { return }
        let sink = try sink(cluster, answer: .seconds(15))
        #expect(await sink.send(StreamRig.message(StreamRig.event(1, 1))).failure == nil)
        // An unknown error of the sequence of messages: the library cannot go on.
        cluster.failProduce([47])
        let failure = await sink.send(StreamRig.message(StreamRig.event(1, 2))).failure
        print("Kafka: broken: \(failure ?? "recovered by itself")")
        try await eventually(within: .seconds(120), "another producer goes on") {
            await sink.send(StreamRig.message(StreamRig.event(1, 3))).failure == nil
        }
        await sink.shutdown()
    }

    @Test("a token is refused, and so is a setting that the library does not know")
    func refused() async throws {
        guard let cluster = try cluster() else { return }
        let url = try StreamURL("kafka://token@\(cluster.servers)/odoo")
        #expect(throws: WebhookError.self) {
            try KafkaSink(url, credentials: nil, origin: StreamRig.origin, name: "test")
        }
        let sink = try sink(cluster, settings: [("no.such.setting", "secret")])
        let failure = await sink.send(StreamRig.message(StreamRig.event(1, 1))).failure
        #expect(failure == "librdkafka does not take its setting no.such.setting")
    }
}
