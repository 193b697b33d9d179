internal import ChangeFeed
internal import Synchronization

/// The part of the configuration that may change while the server runs. Each request reads it once or more; a change
/// counts for those that begin after it.
final class LiveConfiguration: Sendable {
    private struct Values: Sendable {
        var rates: HTTPConfiguration.RateLimits
        var origins: Set<String>
    }

    private let values: Mutex<Values>

    init(_ configuration: HTTPConfiguration) {
        values = Mutex(
            Values(
                rates: configuration.rateLimits, origins: CORSMiddleware.named(configuration.allowedOrigins)))
    }

    func adopt(_ configuration: HTTPConfiguration) {
        let origins = CORSMiddleware.named(configuration.allowedOrigins)
        values.withLock { $0 = Values(rates: configuration.rateLimits, origins: origins) }
    }

    /// Origins of pages that may ask from a browser.
    var origins: Set<String> { values.withLock { $0.origins } }

    /// The present quota of a limit.
    func limit(_ name: String, _ quota: KeyPath<HTTPConfiguration.RateLimits, Int>) -> RateLimit {
        RateLimit(name: name, quota: values.withLock { $0.rates[keyPath: quota] })
    }
}
