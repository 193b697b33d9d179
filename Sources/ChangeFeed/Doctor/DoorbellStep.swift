internal import Postgres

/// Rings the bell through the path of triggers, and measures until the listener hears it.
enum DoorbellStep {
    static func examine(_ configuration: ConnectionConfiguration) async throws -> DoctorFinding {
        try await DoctorConnections.withTwo(configuration) { listener, ringer in
            try await FeedProbe.listen(on: listener)
            // The bell rings only while a tailer sleeps: the service, or this listener for a moment.
            var rang: ContinuousClock.Instant?
            for _ in 0..<50 where rang == nil {
                let held = try await FeedProbe.fallAsleep(on: listener)
                let start = ContinuousClock.now
                if try await FeedProbe.ring(on: ringer) { rang = start }
                if held { try await FeedProbe.wakeUp(on: listener) }
                if rang == nil { try await Task.sleep(for: .milliseconds(20)) }
            }
            guard let rang else {
                return .warning(
                    "the bell did not ring: the feed is too busy to sleep, or the NOTIFY queue is half full",
                    fix: "Run it again; if it persists, check pg_notification_queue_usage().")
            }
            guard await heard(listener) else {
                return .failed(
                    "the bell rang but was not heard within 2 s",
                    fix: "Look for a pooler, and set CHANGEFEED_LISTEN_DATABASE_URL to a direct connection.")
            }
            let microseconds = Int((ContinuousClock.now - rang) / .microseconds(1))
            return .ok("heard \(microseconds / 1_000).\(microseconds % 1_000 / 100) ms after it was rung")
        }
    }

    private static func heard(_ listener: Connection) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await _ in listener.notifications { return true }
                return false
            }
            group.addTask {
                try? await Task.sleep(for: .seconds(2))
                return false
            }
            let first = await group.next() ?? false
            group.cancelAll()
            return first
        }
    }
}
