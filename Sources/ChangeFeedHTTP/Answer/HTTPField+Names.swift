internal import HTTPTypes

extension HTTPField.Name {
    static let rateLimit = HTTPField.Name(literal: "RateLimit")
    static let rateLimitPolicy = HTTPField.Name(literal: "RateLimit-Policy")
    static let serverTiming = HTTPField.Name(literal: "Server-Timing")
    static let xForwardedFor = HTTPField.Name(literal: "X-Forwarded-For")
    static let xAccelBuffering = HTTPField.Name(literal: "X-Accel-Buffering")

    /// A name that stands in the source; one that is not valid ends the process when it is first used.
    init(literal: StaticString) {
        guard let name = HTTPField.Name(literal.description) else {
            preconditionFailure("\(literal) is not a field's name")
        }
        self = name
    }
}
