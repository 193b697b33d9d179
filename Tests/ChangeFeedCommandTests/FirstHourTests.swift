import ChangeFeedTesting
import Foundation
import Testing

/// What goes wrong in the first hour is said at once, in words that name the way out, with an exit code that fits.
@Suite("The first hour", .timeLimit(.minutes(10)))
struct FirstHourTests {
    @Test(
        "tail ends where waiting does not help",
        arguments: [
            ("odoo", "", Int32(77), "GRANT changefeed_service"), ("nobody_at_all", "", 77, "nobody_at_all"),
            ("postgres", "dbname=not_there", 69, "not_there"),
            ("postgres", "dbname=template1", 1, "changefeed install"),
        ])
    func tail(user: String, more: String, status: Int32, words: String) async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let result = try await BuiltBinary.run(["tail", "--database", database.conninfo(user: user) + " " + more])
        #expect(result.status == status && result.errors.contains(words), "\(result)")
        #expect(result.errors.split(separator: "\n").count <= 2, "\(result.errors)")
    }

    @Test("a login that the server refuses ends in one line with two ways to give another")
    func refusedLogin() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let result = try await BuiltBinary.run(["status", "--database", database.conninfo(user: "nobody_at_all")])
        #expect(result.status == 77 && result.errors.split(separator: "\n").count == 1, "\(result)")
        #expect(result.errors.contains("--database") && result.errors.contains("sudo -u changefeed"), "\(result)")
    }

    @Test("tail still waits for a server that is away")
    func tailWaits() async throws {
        let command = try BuiltBinary.start(["tail", "--database", "host=/nonexistent dbname=none"])
        try await eventually("it says that it waits") { command.errors.contains("waiting for the database") }
        try await eventually("it tries again") { command.errors.split(separator: "\n").count >= 2 }
        command.destroy()
    }

    @Test(
        "a port in use ends the start with 78, which systemd does not try again, and one line that names port and setting"
    )
    func portInUse() async throws {
        let first = try RunningService("host=/nonexistent dbname=none")
        try await eventually("it lives") { try await Curl.get(first.url + "/healthz").status == 200 }
        let second = try RunningService("host=/nonexistent dbname=none", port: first.port)
        #expect(try await second.process.waitForExit() == 78)
        let last = second.process.errors.split(separator: "\n").last ?? ""
        let words = "changefeed: The service cannot use 127.0.0.1:\(first.port): another process listens there."
        #expect(last.hasPrefix(words), "\(second.process.errors)")
        #expect(last.contains("CHANGEFEED_PORT"))
        #expect(!second.process.errors.contains(" error "), "\(second.process.errors)")
    }

    @Test(
        "a command says that the schema is missing and what installs it",
        arguments: [
            ["status"], ["verify"], ["archive"], ["field", "list"], ["rule", "list"], ["delivery"],
            ["endpoint", "list"], ["explain", "--user", "admin", "--model", "res.partner", "--id", "1"],
        ])
    func notInstalled(command: [String]) async throws {
        let database = try await PrivateCluster.shared().createDatabase(.odoo)
        let result = try await BuiltBinary.run(command + ["--database", database.conninfo()])
        #expect(result.status == 1 && result.errors.contains("changefeed install"), "\(result)")
        #expect(!result.errors.contains("does not exist"), "\(result)")
    }

    @Test(
        "a command of a role without rights ends with 77 and names the grant",
        arguments: [
            ["status"], ["verify"], ["archive"], ["field", "list"], ["delivery"], ["endpoint", "pause", "hook"],
        ])
    func withoutRights(command: [String]) async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let result = try await BuiltBinary.run(command + ["--database", database.conninfo(user: "odoo")])
        #expect(result.status == 77 && result.errors.contains("GRANT changefeed_service TO \"odoo\""), "\(result)")
    }

    @Test("a command on a schema of another version says which program or script is missing")
    func otherVersion() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql(
            """
            INSERT INTO changefeed.migration (version) SELECT max(version) + 1 FROM changefeed.migration;
            DROP FUNCTION changefeed.status()
            """)
        let result = try await BuiltBinary.run([
            "status", "--database", database.conninfo(user: "changefeed_login"),
        ])
        #expect(result.status == 1 && result.errors.contains("Use the binary that installed it"), "\(result)")
    }

    @Test("an address that this machine does not have ends it with 1: it may come, and systemd tries again")
    func foreignAddress() async throws {
        let service = try RunningService("host=/nonexistent dbname=none", environment: ["CHANGEFEED_HOST": "192.0.2.1"])
        #expect(try await service.process.waitForExit() == 1)
        #expect(service.process.errors.contains("this machine does not have that address"), "\(service.process.errors)")
    }

    @Test("installing into a database without Odoo ends with 2 and says which database it was")
    func withoutOdoo() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.empty)
        let result = try await BuiltBinary.run(["install", "--database", database.conninfo()])
        #expect(
            result.status == 2 && result.errors.contains("database \(database.name), which has no Odoo"), "\(result)")
        #expect(result.errors.contains("changefeed uninstall"))
        // Everything is in place for when Odoo comes.
        #expect(try await database.psql("SELECT to_regclass('changefeed.event') IS NOT NULL") == "t")
    }

    @Test("unreadable session files are reported at the start, before the first request; readable ones are not")
    func sessionFiles() async throws {
        let blind = try RunningService(
            "host=/nonexistent dbname=none", environment: ["ODOO_DATA_DIR": "/nonexistent/odoo"])
        try await eventually("it is said") {
            blind.process.errors.contains("session files: the folder /nonexistent/odoo/sessions cannot be read")
        }
        let folder = try SessionFolder()
        let seeing = try RunningService("host=/nonexistent dbname=none", environment: ["ODOO_DATA_DIR": folder.path])
        try await eventually("it lives") { try await Curl.get(seeing.url + "/healthz").status == 200 }
        try await eventually("it has tried the database") { seeing.process.errors.contains("waiting for the database") }
        #expect(!seeing.process.errors.contains("session files"))
    }

    @Test("the public state endpoint reveals no host, port or role; the admin listener and the log show them")
    func reasons() async throws {
        let admin = try FreePort.find()
        let conninfo = "host=127.0.0.1 port=1 user=secret_role dbname=secret_base"
        let service = try RunningService(conninfo, environment: ["CHANGEFEED_ADMIN_PORT": "\(admin)"])
        try await eventually("it has tried: \(service.process.errors)") {
            service.process.errors.contains("waiting for the database")
        }
        // On a busy machine the listeners may come later.
        for url in [service.url + "/healthz", "http://127.0.0.1:\(admin)/live"] {
            try await eventually("it listens") { try await Curl.get(url).status == 200 }
        }
        for path in ["/", "/readyz"] {
            let answer = try await Curl.get(service.url + path).body
            #expect(answer.contains("The database cannot be reached."), "\(answer)")
            #expect(
                !answer.contains("127.0.0.1") && !answer.contains("secret") && !answer.contains("port"), "\(answer)")
        }
        #expect(try await Curl.get("http://127.0.0.1:\(admin)/ready").body.contains("127.0.0.1"))
    }
}
