@testable import ChangeFeedCommand
@testable import ChangeFeedSettings
import ChangeFeed
import ChangeFeedTesting
import Foundation
import Postgres
import Testing

@Suite("changefeed archive", .timeLimit(.minutes(10)))
struct ArchiveCommandTests {
    /// Two partners' events, one of them 31 days old.
    private func database(_ fixture: Fixture = .installed, in cluster: PrivateCluster) async throws -> TestDatabase {
        let database = try await cluster.createDatabase(fixture)
        try await database.psql(
            """
            UPDATE res_partner SET phone = '1' WHERE id = 1;
            UPDATE changefeed.event SET occurred_at = occurred_at - interval '31 days';
            UPDATE res_partner SET phone = '1' WHERE id = 2;
            """)
        return database
    }

    @Test("says what is due, does it, and finds nothing more to do", arguments: [true, false])
    func runs(json: Bool) async throws {
        let cluster = try await PrivateCluster.make()
        let database = try await database(in: cluster)
        let arguments =
            ["archive", "--database", database.conninfo(user: "changefeed_login")] + (json ? ["--json"] : [])
        for (extra, state) in [(["--dry-run"], "due"), ([], "done")] {
            let result = try await BuiltBinary.run(arguments + extra)
            #expect(result.status == 0 && result.errors == "", "\(result.errors)")
            if json {
                let steps = try #require(
                    try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [[String: Any]])
                #expect(steps.count == 1 && steps[0]["step"] as? String == "force" && steps[0]["events"] as? Int == 1)
                #expect(
                    Set(steps[0].keys) == ["step", "object", "events", "state", "detail"]
                        && steps[0]["state"] as? String == state)
            } else {
                let lines = result.output.split(separator: "\n")
                #expect(lines.count == 2 && lines[0].hasPrefix("step   object     events  state  detail"))
                #expect(lines[1].hasPrefix("force  first API  1       \(state)"))
            }
        }
        let nothing = try await BuiltBinary.run(arguments)
        #expect(nothing.output == (json ? "[]\n" : "Nothing is due.\n"))
        #expect(try await database.psql("SELECT ran_at IS NOT NULL FROM changefeed.retention") == "t")
        await cluster.remove()
    }

    @Test("one model and a time: what is younger than every rule goes, too")
    func model() async throws {
        let cluster = try await PrivateCluster.make()
        let database = try await database(in: cluster)
        let arguments = [
            "archive", "--database", database.conninfo(user: "changefeed_login"), "--model", "res.partner", "--before",
            "2999-01-01",
        ]
        for (extra, live) in [(["--dry-run"], "2"), ([], "0")] {
            let result = try await BuiltBinary.run(arguments + extra)
            #expect(result.status == 0 && result.output.contains("res.partner  2"), "\(result.errors)")
            #expect(try await database.psql("SELECT count(*) FROM changefeed.v1_event WHERE NOT archived") == live)
        }
        await cluster.remove()
    }

    @Test("exit codes: 2 when something was held back, 1 when a step failed, 64 for half a question")
    func exitCodes() async throws {
        let cluster = try await PrivateCluster.make()
        let database = try await database(in: cluster)
        let arguments = ["archive", "--database", database.conninfo(user: "changefeed_login")]
        #expect(try await BuiltBinary.run(arguments + ["--model", "res.partner"]).status == 64)
        #expect(
            try await BuiltBinary.run(arguments + ["--model", "res.partner", "--before", "yesterday"]).status == 64)
        let connection = try await database.connect()
        _ = try await connection.query("SELECT changefeed.rotate()")
        try await connection.execute(
            script: """
                UPDATE changefeed.event SET occurred_at = occurred_at - interval '91 days';
                UPDATE changefeed.slot SET closed_at = closed_at - interval '91 days';
                """)
        try await connection.execute(script: "BEGIN; LOCK TABLE changefeed.event IN ACCESS SHARE MODE")
        let held = try await BuiltBinary.run(arguments)
        #expect(held.status == 2 && held.output.contains("held"), "\(held.output)")
        try await connection.execute(script: "COMMIT; ALTER FUNCTION changefeed.hide_orphans(boolean) RENAME TO hidden")
        let failed = try await BuiltBinary.run(arguments)
        #expect(
            failed.status == 1 && failed.output.contains("orphans") && failed.output.contains("failed"),
            "\(failed.output)")
        #expect(try await database.psql("SELECT count(*) FROM changefeed.event") == "0")
        await cluster.remove()
    }

    @Test("the progress bar fills and vanishes")
    func bar() {
        #expect(ProgressBar.text(0, of: 7, "force") == "\r\u{1B}[K[------------------------] force")
        #expect(ProgressBar.text(6, of: 7, "budget") == "\r\u{1B}[K[####################----] budget")
        #expect(ProgressBar.text(7, of: 7, "") == "\r\u{1B}[K")
    }

    @Test(
        "a size is bytes, or MB and GB as powers of 1024",
        arguments: [
            ("0", 0), ("16777216", 16_777_216), ("16MB", 16_777_216), ("2 gb", 2_147_483_648), ("-1", nil),
            ("1.5GB", nil), ("10TB", nil), ("9999999999GB", nil),
        ] as [(String, Int64?)])
    func bytes(text: String, bytes: Int64?) {
        #expect(SettingText.bytes(text) == bytes)
    }

    @Test("the settings of retention, their defaults, and what does not fit together")
    func settings() throws {
        func layers(_ environment: [String: String]) -> SettingLayers {
            SettingLayers(flags: [:], environment: environment, environmentFile: "/nonexistent")
        }
        #expect(try Settings(layers([:])).retention == RetentionPolicy())
        let given = try Settings(
            layers([
                "CHANGEFEED_ARCHIVE_AFTER_DAYS": "1", "CHANGEFEED_ARCHIVE_FORCE_AFTER_DAYS": "2",
                "CHANGEFEED_DELETE_AFTER_DAYS": "3",
                "CHANGEFEED_DEVICE_INACTIVE_AFTER_DAYS": "4", "CHANGEFEED_ARCHIVE_EVERY": "0",
                "CHANGEFEED_LOG_BUDGET": "2GB",
                "CHANGEFEED_LOG_BUDGET_ACTION": "pause",
            ])
        ).retention
        var expected = RetentionPolicy()
        (expected.archiveAfter, expected.forceAfter, expected.deleteAfter, expected.inactiveAfter) = (1, 2, 3, 4)
        (expected.every, expected.logBudget, expected.budgetAction) = (.zero, 2_147_483_648, .pause)
        #expect(given == expected)
        for (variable, value) in [
            ("CHANGEFEED_ARCHIVE_AFTER_DAYS", "0"), ("CHANGEFEED_ARCHIVE_EVERY", "59"),
            ("CHANGEFEED_LOG_BUDGET", "1MB"),
            ("CHANGEFEED_LOG_BUDGET_ACTION", "drop"), ("CHANGEFEED_DELETE_AFTER_DAYS", "29"),
        ] {
            #expect(ConfigReport(layers([variable: value])).problems.count == 1, "\(variable)")
        }
    }
}
