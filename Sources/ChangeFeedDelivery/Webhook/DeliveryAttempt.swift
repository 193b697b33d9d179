internal import ChangeFeed

/// What came of sending a message once.
struct DeliveryAttempt: Sendable, Equatable {
    enum Outcome: Sendable, Equatable {
        case accepted
        /// - Parameters:
        ///   - reason: for people: a status, or why there was no answer.
        ///   - throttles: the receiver wants fewer messages (429, 502, 504, or `Retry-After`).
        case failed(reason: String, throttles: Bool)
        /// 410: the receiver wants no message any more.
        case gone
    }

    let outcome: Outcome
    /// HTTP status; nil: no answer, or a stream.
    let status: Int?
    /// What the receiver asked for, 24 hours at most.
    let retryAfter: Duration?
    /// The beginning of the answer's body.
    let answer: String?
    let duration: Duration

    /// Why it failed; nil: it succeeded.
    var failure: String? {
        switch outcome {
        case .accepted: nil
        case .failed(let reason, _): reason
        case .gone: "status 410"
        }
    }
}

extension DeliveryAttempt {
    /// An answer: only 2xx accepts. A redirect is a failure and is never followed.
    init(status: Int, retryAfter: String?, answer: String?, duration: Duration) {
        self.status = status
        self.answer = answer
        self.duration = duration
        self.retryAfter = retryAfter.flatMap { RetryAfter.parse($0, now: .now) }
        switch status {
        case 200..<300: outcome = .accepted
        case 410: outcome = .gone
        default:
            outcome = .failed(
                reason: (300..<400).contains(status)
                    ? "status \(status): redirects are not followed" : "status \(status)",
                throttles: [429, 502, 504].contains(status) || self.retryAfter != nil)
        }
    }

    /// A server of streams has stored the message.
    init(acceptedAfter duration: Duration) {
        outcome = .accepted
        (status, retryAfter, answer) = (nil, nil, nil)
        self.duration = duration
    }

    /// No answer.
    init(failure reason: String, duration: Duration) {
        outcome = .failed(reason: reason, throttles: false)
        (status, retryAfter, answer) = (nil, nil, nil)
        self.duration = duration
    }
}
