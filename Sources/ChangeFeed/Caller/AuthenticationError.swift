/// Why a credential did not open anything. Says the same for a wrong, an expired and a revoked one and for a user who
/// is not active, so that nobody learns which it was.
public enum AuthenticationError: Error, Sendable, Equatable {
    /// No valid key.
    case apiKeyInvalid
    /// No valid session.
    case sessionInvalid
    /// A session id came, and no way to check one is configured.
    case sessionsNotConfigured
    /// Too many wrong keys from this client, or with this prefix: ask again later.
    case tooManyFailures(retryAfter: Duration)
    /// Too many credentials are being verified at once: ask again soon.
    case busy
    /// Odoo, or the place where it keeps its sessions, does not answer.
    case odooUnreachable
}
