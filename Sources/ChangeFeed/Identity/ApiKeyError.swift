/// Why a key did not open anything. Says the same for a wrong, an expired and a revoked key and for a user who is not
/// active, so that nobody learns which it was.
public enum ApiKeyError: Error, Sendable, Equatable {
    /// No valid key.
    case invalid
    /// Too many wrong keys from this client, or with this prefix: ask again later.
    case tooManyFailures(retryAfter: Duration)
    /// Too many keys are being verified at once: ask again soon.
    case busy
}
