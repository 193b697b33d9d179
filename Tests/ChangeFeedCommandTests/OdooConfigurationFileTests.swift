@testable import ChangeFeedCommand
@testable import ChangeFeedSettings
import ChangeFeed
import Postgres
import Testing

@Suite("Odoo's configuration file")
struct OdooConfigurationFileTests {
    @Test(
        "is read as Python's RawConfigParser reads it",
        arguments: [
            ("key = value", "value"), ("key: value", "value"), ("KEY=value", "value"), ("  key   =   value  ", "value"),
            ("key = a;b#c%d%(e)s", "a;b#c%d%(e)s"), ("key = 'quoted'", "'quoted'"), ("key = a = b : c", "a = b : c"),
            ("key = False", nil), ("key = None", nil), ("key =", nil), ("other = 1", nil), ("key = none", "none"),
            ("key = a,\n  b", "a,\nb"), ("key = a\n# comment\n  b", "a\nb"), ("key =\n  a", "a"),
            ("key = a\n\n\n", "a"),
            ("# key = no\n; key = no\nkey = yes", "yes"), ("key = a\r\nother = b\r\n", "a"), ("  ; key = no", nil),
            ("key = a\n[other]\nkey = b", "a"), ("key = é\u{1F511}", "é\u{1F511}"),
            ("key = a\n  other = b", "a\nother = b"),
        ] as [(String, String?)])
    func dialect(text: String, value: String?) throws {
        let file = try OdooConfigurationFile("[options]\n" + text, path: "odoo.conf")
        #expect(file.value("key", in: "options")?.value == value)
    }

    @Test(
        "that is malformed is refused with file and line, and the line itself is not repeated",
        arguments: [
            ("hunter2 = before\n", 1), ("[options]\nhunter2\n", 2), ("[options]\n\n= hunter2\n", 3),
            ("[options]\nkey = a\nkey = hunter2\n", 3),
        ])
    func malformed(text: String, line: Int) throws {
        let error = #expect(throws: ChangeFeedError.self) { try OdooConfigurationFile(text, path: "odoo.conf") }
        #expect(error?.message.hasPrefix("odoo.conf:\(line): ") == true)
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test(
        "gives the database connection, whatever the password holds",
        arguments: ["a;b#c%d", "it's", #"back\slash"#, "with blank"])
    func database(password: String) throws {
        let text =
            "[options]\ndb_host = db\ndb_port = False\ndb_user = odoo\ndb_password = \(password)\ndb_name = prod\n"
        let entry = try #require(try OdooDatabase.connection(OdooConfigurationFile(text, path: "odoo.conf")))
        var reading = SettingReading(
            SettingLayers(flags: ["DATABASE_URL": entry.value], environment: [:], environmentFile: "/nonexistent"))
        let read = reading.connection(.databaseURL, purpose: "test")
        let connection = try #require(read)
        #expect(connection.description == "host=db dbname=prod user=odoo")
        #expect(connection.environment["PGPASSWORD"] == password)
        #expect(entry.line == 2)
    }

    @Test("with several databases wants DATABASE_URL")
    func severalDatabases() throws {
        let file = try OdooConfigurationFile("[options]\ndb_name = a,b", path: "odoo.conf")
        let error = #expect(throws: ChangeFeedError.self) { try OdooDatabase.connection(file) }
        #expect(error?.hint?.contains("DATABASE_URL") == true)
    }

    @Test("without db_ settings gives no connection")
    func noDatabase() throws {
        #expect(
            try OdooDatabase.connection(OdooConfigurationFile("[options]\ndb_host = False", path: "odoo.conf")) == nil)
    }
}
