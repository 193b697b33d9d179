/// Counts wrong keys per client and per prefix, in windows of a minute, and reports when there are too many.
/// A plain value: the caller supplies the time.
struct ApiKeyFailureLimit {
    struct Limits: Sendable {
        /// Wrong keys per window from one client address. Behind a proxy all clients share one.
        var perClient = 60
        /// Wrong keys per window with one prefix, from any address.
        var perPrefix = 10
        var window: Duration = .seconds(60)
        /// Maximum number of addresses and prefixes remembered.
        var capacity = 4_096
    }

    private struct Window {
        var start: ContinuousClock.Instant
        var failures: Int
    }

    private let limits: Limits
    private var windows: [String: Window] = [:]

    init(_ limits: Limits = Limits()) { self.limits = limits }

    /// - Returns: how long to wait; nil when an attempt is allowed.
    func delay(client: String, prefix: String, now: ContinuousClock.Instant) -> Duration? {
        let delays = [("c" + client, limits.perClient), ("p" + prefix, limits.perPrefix)].compactMap { name, limit in
            windows[name].flatMap { window -> Duration? in
                let left = limits.window - (now - window.start)
                return window.failures >= limit && left > .zero ? left : nil
            }
        }
        return delays.max()
    }

    mutating func record(client: String, prefix: String, now: ContinuousClock.Instant) {
        for name in ["c" + client, "p" + prefix] {
            if let window = windows[name], now - window.start < limits.window {
                windows[name] = Window(start: window.start, failures: window.failures + 1)
            } else {
                makeRoom(now)
                windows[name] = Window(start: now, failures: 1)
            }
        }
    }

    private mutating func makeRoom(_ now: ContinuousClock.Instant) {
        guard windows.count >= limits.capacity else { return }
        windows = windows.filter { now - $0.value.start < limits.window }
        if windows.count >= limits.capacity, let oldest = windows.min(by: { $0.value.start < $1.value.start }) {
            windows[oldest.key] = nil
        }
    }
}
