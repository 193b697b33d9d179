internal import Postgres

/// One change through the whole path: the scratch table, its triggers, the log, and the snapshot with which the tailer
/// reads it.
enum EventStep {
    private static let patience: Duration = .seconds(5)

    static func examine(_ configuration: ConnectionConfiguration) async throws -> DoctorFinding {
        try await DoctorConnections.withTwo(configuration) { reader, writer in
            let seen = try await FeedProbe.snapshot(on: reader)
            let start = ContinuousClock.now
            try await FeedProbe.change(on: writer)
            while ContinuousClock.now - start < patience {
                if try await FeedProbe.isLogged(since: seen, on: reader) {
                    let microseconds = Int((ContinuousClock.now - start) / .microseconds(1))
                    return .ok(
                        "written, committed and read in \(microseconds / 1_000).\(microseconds % 1_000 / 100) ms")
                }
                try await Task.sleep(for: .milliseconds(20))
            }
            return .failed(
                "a change to the scratch table was not in the log after 5 s",
                fix:
                    "Is capture paused (`changefeed status`)? SELECT changefeed.resume(); otherwise run sql/install.sql again."
            )
        }
    }
}
