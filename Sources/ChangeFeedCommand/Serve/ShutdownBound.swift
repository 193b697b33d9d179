import ChangeFeedSettings
import Dispatch
import Foundation
import Logging
import ServiceLifecycle
import Synchronization

/// Ends the process when something hangs: a name look-up, a host that accepts connections but does not answer. No
/// statement of the service leaves partial work, so nothing is lost.
final class ShutdownBound: Service {
    /// After a signal requests have this long to be answered; then their work is cancelled.
    static let graceful: Duration = .seconds(12)
    /// After a signal, and the time in which streams end, the process ends in any case. systemd waits for 90 s, Kubernetes
    /// for 30, docker for 10.
    private static let last = 17.0

    private let logger: Logger
    private let isLifted = Atomic(false)

    private let drain: Duration

    /// - Parameter drain: in which streams end, before requests do.
    init(_ logger: Logger, drain: Duration) {
        self.logger = logger
        self.drain = drain
    }

    func run() async throws {
        try? await gracefulShutdown()
        begin()
    }

    /// A Dispatch timer: the threads that run tasks may be the ones that hang.
    private func begin() {
        DispatchQueue.global(qos: .userInitiated).asyncAfter(deadline: .now() + Self.last + drain / .seconds(1)) {
            [self] in
            guard !isLifted.load(ordering: .acquiring) else { return }
            logger.warning("stopped, although a task did not end in time")
            _exit(0)
        }
    }

    /// Everything has ended in time.
    func lift() { isLifted.store(true, ordering: .releasing) }
}
