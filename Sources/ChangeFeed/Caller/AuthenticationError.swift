/// Why a credential was refused. The same for a wrong, an expired and a revoked one and for an
/// inactive user, so that a client cannot distinguish them.
public enum AuthenticationError: Error, Sendable, Equatable {
    /// No valid key.
    case apiKeyInvalid
    /// No valid session.
    case sessionInvalid
    /// The request has a session id, but no check is configured.
    case sessionsNotConfigured
    /// Too many wrong keys from this client, or with this prefix: retry later.
    case tooManyFailures(retryAfter: Duration)
    /// Too many credentials are being verified: retry soon.
    case busy
    /// Odoo, or its session store, does not answer.
    case odooUnreachable
}
