internal import ChangeFeed
internal import HTTPTypes

/// The header fields with the caller's quota (draft-ietf-httpapi-ratelimit-headers-10).
enum RateLimitFields {
    static func add(_ decision: RateLimitDecision, to headers: inout HTTPFields) {
        let name = decision.limit.name
        headers[.rateLimit] = "\"\(name)\";r=\(decision.remaining);t=\(decision.reset.wholeSeconds)"
        headers[.rateLimitPolicy] =
            "\"\(name)\";q=\(decision.limit.quota);w=\(decision.limit.period.components.seconds)"
    }
}

extension Duration {
    /// Rounded up.
    var wholeSeconds: Int64 { components.seconds + (components.attoseconds > 0 ? 1 : 0) }
}
