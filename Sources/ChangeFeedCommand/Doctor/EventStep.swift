import ChangeFeed
import ChangeFeedSettings
import Postgres

/// One change through the whole path: the scratch table, its triggers, the log, and the snapshot with which the tailer
/// reads it.
enum EventStep {
    private static let patience: Duration = .seconds(5)

    static func examine(_ settings: Settings) async throws -> DoctorFinding {
        try await DoctorConnections.withTwo(settings.listen) { reader, writer in
            let seen = try await reader.query("SELECT pg_current_snapshot()::text").first?[0].text ?? ""
            let start = ContinuousClock.now
            _ = try await writer.query("SELECT changefeed.probe()")
            while ContinuousClock.now - start < patience {
                let rows = try await reader.query(
                    "SELECT EXISTS (SELECT FROM changefeed.tail($1::text) WHERE model = 'changefeed.probe')",
                    [.text(seen)])
                if try rows.first?[0].bool() ?? false {
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
