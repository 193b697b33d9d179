/// Where the messages of one endpoint go.
protocol MessageSink: Sendable {
    /// Sends a message once. Never throws: what fails is an attempt that failed.
    func send(_ message: DeliveryMessage) async -> DeliveryAttempt
    /// Ends connections; what is under way fails.
    func shutdown() async
}
