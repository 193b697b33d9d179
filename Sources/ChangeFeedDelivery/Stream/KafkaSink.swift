internal import CStreamEngines
internal import Postgres
internal import Synchronization

/// Produces messages to a topic of Kafka, many at a time: an idempotent producer, acknowledged by all replicas in sync.
final class KafkaSink: MessageSink {
    /// Limits of time and number.
    struct Limits: Sendable {
        /// From producing to the acknowledgement; the library retries within it.
        var answer: Duration = .seconds(15)
        var underWay = 4_096
        /// Settings of librdkafka, for tests.
        var settings: [(name: String, value: String)] = []
    }

    /// The library's producer: its functions may be called from any thread.
    private struct Handle: @unchecked Sendable {
        let pointer: OpaquePointer
        let underWay: UnderWay
    }

    private struct State {
        var producer: Handle?
        var isShut = false
    }

    private let url: StreamURL
    private let origin: StreamOrigin
    private let limits: Limits
    private let settings: [(name: String, value: String)]
    private let state = Mutex(State())

    /// - Parameters:
    ///   - name: of this client, for the servers' logs.
    /// - Throws: `WebhookError`: `engine_missing` if librdkafka is not installed, `secret_invalid` for a token.
    init(
        _ url: StreamURL, credentials: StreamCredentials?, origin: StreamOrigin, name: String, limits: Limits = Limits()
    ) throws(WebhookError) {
        if let missing = cse_kafka_missing() { throw WebhookError(.engineMissing, String(cString: missing)) }
        self.url = url
        self.origin = origin
        self.limits = limits
        settings = try Self.settings(url, url.credentials ?? credentials, name, limits)
    }

    private static func settings(
        _ url: StreamURL, _ credentials: StreamCredentials?, _ name: String, _ limits: Limits
    ) throws(WebhookError) -> [(name: String, value: String)] {
        var settings = [
            ("bootstrap.servers", url.servers.joined(separator: ",")), ("client.id", name),
            ("enable.idempotence", "true"), ("acks", "all"), ("linger.ms", "1"),
            ("message.timeout.ms", "\(Int64(limits.answer / .milliseconds(1)))"),
            // A topic that does not exist is reported before the message's own time limit.
            ("topic.metadata.propagation.max.ms", "5000"),
            // A record's partition is the same as with clients in Java.
            ("partitioner", "murmur2_random"), ("socket.keepalive.enable", "true"),
            ("security.protocol", (credentials == nil ? "" : "sasl_") + (url.usesTLS ? "ssl" : "plaintext")),
        ]
        if let credentials {
            guard let user = credentials.user else {
                throw WebhookError(.secretInvalid, "Kafka needs credentials of the form `user:password`")
            }
            settings += [
                ("sasl.mechanism", url.mechanism), ("sasl.username", user.name), ("sasl.password", user.password),
            ]
        }
        for (file, setting) in [
            ("ca", "ssl.ca.location"), ("cert", "ssl.certificate.location"), ("key", "ssl.key.location"),
        ] {
            if let path = url.files[file] { settings.append((setting, path)) }
        }
        return settings.map { (name: $0.0, value: $0.1) } + limits.settings
    }

    func send(_ message: DeliveryMessage) async -> DeliveryAttempt {
        let began = ContinuousClock.now
        let producer: Handle
        switch self.producer() {
        case .success(let open): producer = open
        case .failure(let failure): return DeliveryAttempt(failure: failure.reason, duration: .now - began)
        }
        let event = CloudEvent(message, source: origin.source)
        // The library's own time limit usually comes first. What it still sends afterwards comes before later messages.
        let outcome = await producer.underWay.outcome(within: limits.answer * 2) { write($0, event, producer) }
        return Self.attempt(outcome, since: began)
    }

    func begin(_ message: DeliveryMessage, _ done: @escaping @Sendable (DeliveryAttempt) -> Void) -> Bool {
        let began = ContinuousClock.now
        guard case .success(let producer) = self.producer() else { return false }
        let event = CloudEvent(message, source: origin.source)
        producer.underWay.begin(within: limits.answer * 2, { write($0, event, producer) }) {
            done(Self.attempt($0, since: began))
        }
        return true
    }

    private static func attempt(
        _ outcome: UnderWay.Outcome, since began: ContinuousClock.Instant
    ) -> DeliveryAttempt {
        if case .failed(let reason) = outcome { return DeliveryAttempt(failure: reason, duration: .now - began) }
        return DeliveryAttempt(acceptedAfter: .now - began)
    }

    private func write(_ number: UInt64, _ event: CloudEvent, _ producer: Handle) -> String? {
        // The lock keeps it from being freed meanwhile.
        state.withLock { state in
            guard let here = state.producer, here.underWay === producer.underWay else {
                return "the producer was closed"
            }
            return produce(event, number, here)
        }
    }

    /// - Returns: why it was not taken; nil: it was.
    private func produce(_ event: CloudEvent, _ number: UInt64, _ producer: Handle) -> String? {
        let key = Array((event.record ?? event.type).utf8)
        let isTombstone = url.isCompacted && event.isUnlink
        let (isTaken, reason) = CText.reason { reason in
            CText.withPairs(event.headers(prefix: "ce_")) { pairs, count in
                event.body.withUnsafeBytes { value in
                    cse_kafka_produce(
                        producer.pointer, number, url.name, key, key.count, isTombstone ? nil : value.baseAddress,
                        isTombstone ? 0 : value.count, pairs, count, reason)
                }
            }
        }
        return isTaken ? nil : reason
    }

    func shutdown() async {
        let producer = state.withLock { state in
            defer { (state.producer, state.isShut) = (nil, true) }
            return state.producer
        }
        guard let producer else { return }
        await withCheckedContinuation { continuation in
            BlockingThread.run {
                Self.end(producer)
                continuation.resume()
            }
        }
    }

    private struct Failure: Error {
        let reason: String
    }

    private func producer() -> Result<Handle, Failure> {
        state.withLock { state in
            if state.isShut { return .failure(Failure(reason: "the service stopped")) }
            if let producer = state.producer {
                guard cse_kafka_is_broken(producer.pointer) else { return .success(producer) }
                state.producer = nil
                BlockingThread.run { Self.end(producer) }
            }
            let underWay = UnderWay.open(limit: limits.underWay)
            let (pointer, reason) = CText.reason { reason in
                CText.withPairs(settings) { pairs, count in
                    cse_kafka_new(
                        pairs, count, underWay.number,
                        { owner, number, reason, _, _ in
                            UnderWay.numbered(owner)?.end(
                                number, reason.map { .failed(String(cString: $0)) } ?? .answered([]))
                        }, reason)
                }
            }
            guard let pointer else {
                underWay.close(reason)
                return .failure(Failure(reason: reason))
            }
            underWay.watch(every: .milliseconds(250)) { "no report in time" }
            let producer = Handle(pointer: pointer, underWay: underWay)
            state.producer = producer
            return .success(producer)
        }
    }

    /// Gives up what is under way, so that nothing is sent behind another replica's messages.
    private static func end(_ producer: Handle) {
        cse_kafka_free(producer.pointer)
        producer.underWay.close("the service stopped")
    }
}
