internal import CTestingShims
internal import Foundation

/// Kafka brokers within the process: librdkafka's own, for tests.
public final class MockKafka: Sendable {
    /// Thread-safe in the library.
    private struct Handle: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    /// A record of a topic.
    public struct Record: Sendable {
        public let partition: Int
        public let offset: Int64
        public let key: String
        /// Nil: a tombstone.
        public let value: String?
        public let headers: [String: String]
    }

    private let handle: Handle

    /// - Returns: nil where librdkafka is not installed.
    public init?(brokers: Int = 1) {
        guard let pointer = cts_kafka_new(Int32(brokers)) else { return nil }
        handle = Handle(pointer: pointer)
    }

    deinit { cts_kafka_free(handle.pointer) }

    /// `host:port`, separated by commas.
    public var servers: String { String(cString: cts_kafka_servers(handle.pointer)) }

    public func create(_ topic: String, partitions: Int, replicas: Int = 1) throws {
        let error = cts_kafka_create(handle.pointer, topic, Int32(partitions), Int32(replicas))
        if error != 0 { throw PrivateCluster.Failure(description: "the topic cannot be created: error \(error)") }
    }

    /// Answers the next requests to produce with errors, one each; 0 answers rightly.
    public func failProduce(_ errors: [Int]) {
        let numbers = errors.map { Int32($0) }
        cts_kafka_fail(handle.pointer, 0, numbers, numbers.count)
    }

    /// Stops a broker, or starts it again. Brokers are numbered from 1.
    public func set(broker: Int, isDown: Bool) {
        _ = cts_kafka_set_down(handle.pointer, Int32(broker), isDown ? 1 : 0)
    }

    /// Delays a broker's answers.
    public func set(broker: Int, roundTrip: Duration) {
        _ = cts_kafka_set_round_trip(handle.pointer, Int32(broker), Int32(roundTrip / .milliseconds(1)))
    }

    private final class Found {
        var records: [Record] = []
    }

    /// All records of a topic, in order per partition.
    public func records(_ topic: String, partitions: Int, silence: Duration = .seconds(2)) async throws -> [Record] {
        try await withCheckedThrowingContinuation { continuation in
            // A thread of its own: it blocks.
            Thread.detachNewThread { [self] in
                continuation.resume(with: Result { try read(topic, partitions, silence) })
            }
        }
    }

    private func read(_ topic: String, _ partitions: Int, _ silence: Duration) throws -> [Record] {
        let found = Found()
        let result = cts_kafka_read(
            handle.pointer, topic, Int32(partitions), Int32(silence / .milliseconds(1)),
            { context, partition, offset, key, keyLength, value, valueLength, names, values, count in
                guard let context, let names, let values else { return }
                let text = { (bytes: UnsafeRawPointer?, length: Int) in
                    String(decoding: UnsafeRawBufferPointer(start: bytes, count: length), as: UTF8.self)
                }
                var headers: [String: String] = [:]
                for index in 0..<Int(count) {
                    if let name = names[index], let value = values[index] {
                        headers[String(cString: name)] = String(cString: value)
                    }
                }
                Unmanaged<Found>.fromOpaque(context).takeUnretainedValue().records.append(
                    Record(
                        partition: Int(partition), offset: offset, key: text(key, keyLength),
                        value: value.map { text($0, valueLength) }, headers: headers))
            }, Unmanaged.passUnretained(found).toOpaque())
        if result != 0 { throw PrivateCluster.Failure(description: "the topic cannot be read") }
        return found.records
    }
}
