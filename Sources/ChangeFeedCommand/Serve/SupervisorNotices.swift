import ChangeFeed
import ChangeFeedSettings
import Foundation
import ServiceLifecycle

/// Notifies the supervisor (systemd) when the service is first ready, when it stops, and, if a watchdog is set, that it
/// is alive.
///
/// Without `NOTIFY_SOCKET` it does nothing. The keep-alives come from the loop that serves requests, so they stop when
/// it hangs.
struct SupervisorNotices: Service {
    private let socket: SupervisorSocket?
    private let watchdog: Duration?
    private let feed: any FeedHealth

    init(feed: any FeedHealth, environment: [String: String] = ProcessInfo.processInfo.environment) {
        self.feed = feed
        socket = SupervisorSocket(environment: environment)
        watchdog = Self.watchdog(environment, process: ProcessInfo.processInfo.processIdentifier)
    }

    /// Half of the supervisor's timeout (sd_watchdog_enabled(3)); nil if it has none, or means another process.
    static func watchdog(_ environment: [String: String], process: Int32) -> Duration? {
        if let meant = environment["WATCHDOG_PID"], Int32(meant) != process { return nil }
        guard let limit = environment["WATCHDOG_USEC"].flatMap({ Int64($0) }), limit > 0 else { return nil }
        return .microseconds(limit / 2)
    }

    func run() async throws {
        await withGracefulShutdownHandler {
            await cancelWhenGracefulShutdown { await self.tell() }
        } onGracefulShutdown: {
            socket?.send("STOPPING=1")
        }
    }

    private func tell() async {
        guard let socket else { return await Self.pause(.seconds(1 << 30)) }
        var announced = false
        var alive = ContinuousClock.now
        while !Task.isCancelled {
            if !announced, await feed.health().ready { announced = socket.send("READY=1\nSTATUS=Following the log.") }
            if let watchdog, alive <= .now {
                socket.send("WATCHDOG=1")
                alive = .now + watchdog
            }
            // Frequently until ready: units that wait for this one wait for that.
            let pause = min(announced ? .seconds(3_600) : .milliseconds(100), watchdog ?? .seconds(3_600))
            await Self.pause(pause)
        }
    }

    private static func pause(_ time: Duration) async {
        try? await Task.sleep(for: time)
    }
}
