import ChangeFeedTesting
import Foundation
import Testing

/// PostgreSQL's own isolationtester runs one falling asleep against two writers in every order of their steps.
@Suite("The doorbell on a real server, in every interleaving")
struct DoorbellIsolationTests {
    static let isolationTester: String? = {
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        return versions.map { "/usr/lib/postgresql/\($0)/lib/pgxs/src/test/isolation/isolationtester" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    private static let sessions = [["lock", "poll"], ["begin1", "commit1"], ["begin2", "commit2"]]

    /// Every order of the steps in which each session keeps its own.
    private static func interleavings(_ sessions: [[String]]) -> [[String]] {
        if sessions.allSatisfy(\.isEmpty) { return [[]] }
        return sessions.indices.filter { !sessions[$0].isEmpty }.flatMap { index in
            var rest = sessions
            let step = rest[index].removeFirst()
            return interleavings(rest).map { [step] + $0 }
        }
    }

    @Test(
        "whoever got the lock either reads a change in the poll after it or hears a bell",
        .enabled(if: DoorbellIsolationTests.isolationTester != nil, "isolationtester (postgresql-client) is not here"))
    func everyOrder() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let permutations = Self.interleavings(Self.sessions)
        #expect(permutations.count == 90)
        func writer(_ number: Int) -> String {
            """
            session writer\(number)
            step begin\(number) { BEGIN; UPDATE res_partner SET phone = '1' WHERE id = \(number); }
            step commit\(number) { COMMIT; }
            """
        }
        let specification = """
            setup { TRUNCATE changefeed.event; }
            teardown { SELECT 1; }
            session tailer
            setup { LISTEN changefeed_bell; }
            step lock { SELECT CASE WHEN pg_try_advisory_lock(changefeed.bell_key()) THEN 'granted' ELSE 'refused' END AS answer; }
            step poll { SELECT 'unread=' || count(*) AS answer FROM changefeed.event; }
            step hear { SELECT 'end' AS answer; }
            teardown { SELECT pg_advisory_unlock_all(); UNLISTEN *; }
            \(writer(1))
            \(writer(2))

            """ + permutations.map { "permutation " + ($0 + ["hear"]).joined(separator: " ") }.joined(separator: "\n")
            + "\n"
        let output = try await database.isolationTest(specification, by: #require(Self.isolationTester))
        let runs = output.components(separatedBy: "starting permutation:").dropFirst()
        #expect(runs.count == permutations.count)
        var granted = 0
        var savedByPoll = 0
        for run in runs where run.contains("\ngranted") {
            granted += 1
            let heard = run.contains("NOTIFY \"changefeed_bell\"")
            let readBoth = run.contains("unread=2")
            #expect(heard || readBoth, "\(run)")
            if !heard { savedByPoll += 1 }
        }
        #expect(granted > 20)
        // Without the poll after the lock these would sleep on a change.
        #expect(savedByPoll > 5)
    }
}
