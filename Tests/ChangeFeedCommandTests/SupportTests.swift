import ChangeFeedTesting
import Foundation
import Testing

@testable import ChangeFeedCommand
@testable import ChangeFeedSettings

@Suite("changefeed support", .timeLimit(.minutes(10)))
struct SupportTests {
    @Test("holds none of the secrets, logins, names and texts that were planted")
    func planted() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql(
            "UPDATE res_partner SET name = 'plantedperson', phone = 'plantedphone' WHERE id = 1", user: "odoo")
        try await database.psql(
            """
            SELECT changefeed.pause('planted reason of plantedlogin');
            SELECT changefeed.note_error('retention', 'plantedmessage of plantedlogin SQLSTATE 55P03');
            SELECT changefeed.decide_rule(r.rule_id, 'deny', NULL, 'planteddecision') FROM changefeed.rule_states() r LIMIT 1
            """)
        let key = Data(repeating: 7, count: 32).base64EncodedString()
        let result = try await BuiltBinary.run(
            ["support"],
            environment: [
                "DATABASE_URL": database.conninfo(user: "changefeed_login") + " password=plantedpassword",
                "CHANGEFEED_SECRET_KEY": key, "CHANGEFEED_AUDIT_KEY": "plantedauditkey",
                "ODOO_URL": "https://plantedhost.example.com", "ODOO_DATA_DIR": "/planted/folder",
                "CHANGEFEED_CORS_ORIGINS": "https://plantedpage.example.com", "CHANGEFEED_HOST": "plantedlistener",
            ])
        #expect(result.status == 0, "\(result.errors)")
        let text = result.output + result.errors
        for secret in [
            "planted", key, "changefeed_login", database.name, database.conninfo(user: "changefeed_login"),
        ] {
            #expect(!text.contains(secret), "\(secret) in\n\(text)")
        }
        for words in [
            "## Program", "## Settings", "## Doctor", "## Status", "## Findings of verify", "schema version",
            "retention  SQLSTATE 55P03", "Plan of the log from a position", "Index", "CHANGEFEED_POOL_SIZE",
        ] {
            #expect(text.contains(words), "\(words) in\n\(text)")
        }
    }

    @Test("is written without a database, too, and never over a file")
    func unreachable() async throws {
        let path = NSTemporaryDirectory() + "changefeed-support-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        let arguments = ["support", "--database", "host=/nonexistent dbname=plantedname", "--output", path]
        let first = try await BuiltBinary.run(arguments)
        #expect(first.status == 0, "\(first.errors)")
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.contains("connect  failed") && !text.contains("plantedname"), "\(text)")
        #expect(try await BuiltBinary.run(arguments).status == 64)
    }

    @Test(
        "a setting's value is shown only if it is a number, a size or a word that settings know",
        arguments: [
            ("8", true), ("8GB", true), ("true", true), ("files, http", true), ("hunter2", false), ("a@b", false),
            ("127.0.0.1", false), ("/etc/x", false), ("1234567890123", false),
        ])
    func values(text: String, isShown: Bool) {
        #expect(SupportReport.isHarmless(text, .poolSize) == isShown)
        #expect(!SupportReport.isHarmless(text, .databaseURL))
    }

    @Test("the version names the commit, or says that it is unknown")
    func version() async throws {
        let result = try await BuiltBinary.run(["--version"])
        #expect(result.output == Version.full + "\n")
        #expect(Version.full.hasPrefix(Version.text + " ("))
        #expect(
            result.output.contains("(unknown commit)")
                || result.output.contains(#/\(commit [0-9a-f]{7,40}(-dirty)?\)/#), "\(result.output)")
    }
}
