/// One way to find the user of a session.
public protocol SessionCheck: Sendable {
    /// - Returns: the evidence for the database, or nil when this store does not know the session.
    /// - Throws: `AuthenticationError` (`busy`, `odooUnreachable`) when it could not be queried.
    func find(_ session: SessionID) async throws -> CallerProof?
    /// How long an answer may be trusted.
    var lifetime: Duration { get }
    /// Closes its connections.
    func shutdown() async
}

extension SessionCheck {
    public func shutdown() async {}
}
