/// Why a client's request about an endpoint is refused. Then nothing was changed.
public enum EndpointRefusal: Error, Sendable, Equatable {
    /// There is no endpoint with this name, or the caller may not manage it.
    case unknown
    /// There is an endpoint with this name.
    case nameTaken
    /// The caller may not create endpoints.
    case notAllowed
    /// There are as many endpoints as there may be, in all or of this user.
    case tooMany
    /// An endpoint of another user, by a caller who may not manage those.
    case userMismatch
    /// Odoo has no active user with this id.
    case userUnknown
    /// The service has no key that encrypts secrets.
    case notConfigured
    /// Nothing may be pushed from this database.
    case deliveryForbidden
    /// The endpoint has no secret, or a secret or credentials that this service cannot decrypt.
    case secretUnusable
    /// A stream or topic: only operators add one, or replace the credentials for its server.
    case kindForOperators
}
