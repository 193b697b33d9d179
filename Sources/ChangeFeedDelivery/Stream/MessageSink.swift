/// Where the messages of one endpoint go.
protocol MessageSink: Sendable {
    /// Sends a message once. Never throws: what fails is an attempt that failed.
    func send(_ message: DeliveryMessage) async -> DeliveryAttempt
    /// Sends a message without a task of its own, if that is possible now.
    /// - Parameter done: called once, from any thread, perhaps before this returns.
    /// - Returns: false: nothing was sent, and `send` is to be called.
    func begin(_ message: DeliveryMessage, _ done: @escaping @Sendable (DeliveryAttempt) -> Void) -> Bool
    /// Ends connections; what is under way fails.
    func shutdown() async
}

extension MessageSink {
    func begin(_ message: DeliveryMessage, _ done: @escaping @Sendable (DeliveryAttempt) -> Void) -> Bool { false }
}
