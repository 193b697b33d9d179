import ChangeFeedSettings
import Dispatch
import Foundation
import Logging
import ServiceLifecycle
import Synchronization

/// Ends the process when something does not let go: a look-up of a name, a host that takes connections and says nothing. No
/// statement of the service's is a half of anything, so nothing is lost by it.
final class ShutdownBound: Service {
    /// After a signal requests have so long to be answered; then their work is cancelled.
    static let graceful: Duration = .seconds(12)
    /// After a signal the process is gone, whatever hangs. systemd waits for 90 s, Kubernetes for 30, docker for 10.
    private static let last = DispatchTimeInterval.seconds(17)

    private let logger: Logger
    private let isLifted = Atomic(false)

    init(_ logger: Logger) { self.logger = logger }

    func run() async throws {
        try? await gracefulShutdown()
        begin()
    }

    /// A timer of Dispatch's: the threads that run tasks may be what hangs.
    private func begin() {
        DispatchQueue.global(qos: .userInitiated).asyncAfter(deadline: .now() + Self.last) { [self] in
            guard !isLifted.load(ordering: .acquiring) else { return }
            logger.warning("stopped, although a task did not end in time")
            _exit(0)
        }
    }

    /// Everything has ended in time.
    func lift() { isLifted.store(true, ordering: .releasing) }
}
