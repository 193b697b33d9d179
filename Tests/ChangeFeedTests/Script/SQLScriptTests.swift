import ChangeFeed
import Foundation
import Testing

@Suite("A script of sql/ is read as psql reads it")
struct SQLScriptTests {
    private func steps(_ text: String, files: [String: String] = [:]) throws -> [SQLScript.Step] {
        try SQLScript(name: "test.sql") { $0 == "test.sql" ? text : files[$0] ?? "" }.steps
    }

    @Test("statements may span lines and end with a semicolon at the end of a line")
    func statements() throws {
        #expect(
            try steps("-- note\nBEGIN;\nSELECT 1\n  AS one;\n") == [
                .statement("BEGIN;"), .statement("SELECT 1\n  AS one;"),
            ])
    }

    @Test("an included file is one step")
    func include() throws {
        #expect(
            try steps("\\ir log/a.sql\n", files: ["log/a.sql": "SELECT 2;"])
                == [.file(path: "log/a.sql", text: "SELECT 2;")])
    }

    @Test("a variable decides whether a part runs")
    func conditional() throws {
        #expect(
            try steps("SELECT true AS pending \\gset\n\\if :pending\nSELECT 3;\n\\endif\n")
                == [
                    .variable(query: "SELECT true AS pending"),
                    .conditional(variable: "pending", steps: [.statement("SELECT 3;")]),
                ])
    }

    @Test("what only psql understands is refused", arguments: ["\\copy a from b", "\\endif", "\\if true", "SELECT 1"])
    func refused(line: String) {
        #expect(throws: ChangeFeedError.self) { try steps(line + "\n") }
    }

    @Test("the binary contains every file of sql/ unchanged, and no other")
    func whole() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("sql")
        // Not to be run: what pg_dump says of an installation.
        let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter {
            $0.hasSuffix(".sql") && $0 != "schema.sql"
        }
        #expect(paths.count > 50 && Set(paths) == Set(EmbeddedSQL.files.keys), "run scripts/embed-sql.sh")
        for path in paths {
            let text = try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
            #expect(EmbeddedSQL.files[path] == text, "\(path) is another one in the binary")
        }
    }

    @Test("the binary carries the scripts and everything that they include")
    func embedded() throws {
        for name in ["install.sql", "uninstall.sql"] {
            let script = try SQLScript(name: name, read: EmbeddedSQL.text(of:))
            #expect(!script.steps.isEmpty)
        }
    }

    @Test("each migration runs where it is missing itself, and the last one makes the version that the program needs")
    func migrations() throws {
        let names = EmbeddedSQL.files.keys.filter { $0.hasPrefix("migrations/") }.sorted()
        let install = try EmbeddedSQL.text(of: "install.sql")
        for (index, name) in names.enumerated() {
            let number = index + 1
            let guarded = """
                SELECT NOT changefeed.migrated(\(number)) AS migration_\(number) \\gset
                \\if :migration_\(number)
                \\ir \(name)
                \\endif

                """
            #expect(install.contains(guarded), "\(name)")
            #expect(
                EmbeddedSQL.files[name]?.contains("INSERT INTO changefeed.migration (version) VALUES (\(number));")
                    == true, "\(name)")
        }
        #expect(Int(FeedIdentity.schemaVersion) == names.count)
    }

    @Test("no line is longer than 120 characters, except in migrations, which never change")
    func lines() {
        for (path, text) in EmbeddedSQL.files where !path.hasPrefix("migrations/") {
            for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                #expect(line.count <= 120, "sql/\(path), line \(number + 1)")
            }
        }
    }

    @Test("where a file writes the number of an advisory lock, it is the one of log/doorbell.sql")
    func lockKeys() throws {
        let functions = #/changefeed\.(\w+_key)\(\) RETURNS bigint\nLANGUAGE [^\n]*?(\d{19})/#
        var keys: [String: String] = [:]
        for match in try EmbeddedSQL.text(of: "log/doorbell.sql").matches(of: functions) {
            keys[String(match.output.1)] = String(match.output.2)
        }
        #expect(keys.count == 5 && Set(keys.values).count == 5)
        // Before the functions exist, and where a call would cost too much.
        let written = [
            "install.sql": "installation_key", "capture/capture.sql": "bell_key", "odoo/access_version.sql": "bell_key",
        ]
        for (path, text) in EmbeddedSQL.files where path != "log/doorbell.sql" {
            let found = Set(text.matches(of: #/48467915\d{11}/#).map { String($0.output) })
            let expected = Set([written[path].flatMap { keys[$0] }].compactMap { $0 })
            #expect(found == expected, "\(path)")
        }
    }

    @Test("an event's id is its row's times 4,096 plus its place: all files count alike")
    func eventIDs() throws {
        var count = 0
        for (path, text) in EmbeddedSQL.files {
            for match in text.matches(of: #/[ .(](?:event_|log_)?id\)?(?:, 0\))? ([*/%&]) (\d+)/#) {
                let expected = match.output.1 == "&" ? LogEntry.eventsPerRow - 1 : LogEntry.eventsPerRow
                #expect(Int64(match.output.2) == expected, "\(path): \(match.output.0)")
                count += 1
            }
            guard path.hasPrefix("capture/") else { continue }
            // A row holds no more ids than that; one more tells that there are more.
            for match in text.matches(of: #/[^0-9](4[0-9]{3})(?![0-9])/#) {
                let number = Int64(match.output.1) ?? 0
                #expect(number == LogEntry.eventsPerRow || number == LogEntry.eventsPerRow + 1, "\(path): \(number)")
                count += 1
            }
        }
        #expect(count > 35)
    }

    @Test("all files of a folder are run as one role, which owns what they make")
    func owners() throws {
        var role = "installer"
        var roles: [String: Set<String>] = [:]
        for line in try EmbeddedSQL.text(of: "install.sql").split(separator: "\n") {
            if line.hasPrefix("SET LOCAL ROLE ") {
                role = String(line.dropFirst("SET LOCAL ROLE ".count).dropLast())
            } else if line.hasPrefix("\\ir "), let slash = line.firstIndex(of: "/") {
                roles[String(line[..<slash].dropFirst("\\ir ".count)), default: []].insert(role)
            }
        }
        #expect(roles.removeValue(forKey: "install") != nil && roles["migrations"] == ["changefeed_owner"])
        let definer = ["capture", "odoo", "data"]
        for (folder, roles) in roles {
            let owner =
                definer.contains(folder)
                ? "changefeed_definer" : folder == "rules" ? "changefeed_reader" : "changefeed_owner"
            #expect(roles == [owner], "sql/\(folder)")
        }
        #expect(roles.count > 10 && definer.allSatisfy { roles[$0] != nil })
    }
}
