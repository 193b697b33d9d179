/// One way to find out whose a session is.
public protocol SessionCheck: Sendable {
    /// - Returns: what is there to show the database, or nil when this place does not know the session.
    /// - Throws: `AuthenticationError` (`busy`, `odooUnreachable`) when it could not be asked.
    func find(_ session: SessionID) async throws -> CallerProof?
    /// How long an answer may be believed.
    var lifetime: Duration { get }
    /// Ends what it holds open.
    func shutdown() async
}

extension SessionCheck {
    public func shutdown() async {}
}
