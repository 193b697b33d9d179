/// What is at the address of an endpoint.
public enum EndpointKind: String, Sendable, CaseIterable {
    /// A web server that takes signed messages.
    case webhook
    /// A stream of NATS JetStream.
    case jetstream
    /// A topic of Kafka.
    case kafka

    /// How many messages may be under way unless the endpoint says otherwise.
    public var concurrency: Int { self == .webhook ? 8 : 1_024 }
    public var concurrencyLimits: ClosedRange<Int> { self == .webhook ? 1...64 : 1...1_024 }
}
