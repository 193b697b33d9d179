@testable import ChangeFeedCommand
@testable import ChangeFeedSettings
import ChangeFeedHTTP
import Foundation
import Postgres
import Testing

@Suite("Settings")
struct SettingsTests {
    /// A file of its own, removed with the test's value.
    final class TemporaryFile {
        let path = NSTemporaryDirectory() + "changefeed-\(UUID().uuidString)"

        init(_ text: String) throws { try text.write(toFile: path, atomically: true, encoding: .utf8) }

        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private func layers(
        flags: [String: String] = [:], _ environment: [String: String] = [:], dotEnv: String = "/nonexistent"
    ) -> SettingLayers {
        SettingLayers(flags: flags, environment: environment, environmentFile: dotEnv)
    }

    private func problems(_ environment: [String: String]) -> [String] {
        ConfigReport(layers(environment)).problems
    }

    @Test("flags win over environment, .env, odoo.conf and default, in this order")
    func precedence() throws {
        let odoo = try TemporaryFile("[options]\ndb_name = x\n[changefeed]\nchangefeed_port = 9001\nhost = ::1\n")
        let dotEnv = try TemporaryFile("# comment\nexport CHANGEFEED_PORT='9002'\nODOO_RC=\(odoo.path)\n")
        let environment = ["CHANGEFEED_PORT": "9003"]
        let conf = SettingSource.odooConfiguration(path: odoo.path, line: 4)
        let cases: [(SettingLayers, Int, SettingSource)] = [
            (layers(flags: ["CHANGEFEED_PORT": "9004"], environment, dotEnv: dotEnv.path), 9004, .flag),
            (layers(environment, dotEnv: dotEnv.path), 9003, .environment),
            (layers(dotEnv: dotEnv.path), 9002, .environmentFile(dotEnv.path)),
            (layers(["CHANGEFEED_PORT": "", "ODOO_RC": odoo.path]), 9001, conf),
            (layers(), 8000, .default),
        ]
        for (layers, port, source) in cases {
            #expect(try Settings(layers).port == port)
            #expect(layers.given(.port)?.source == source)
        }
        #expect(try Settings(layers(["ODOO_RC": odoo.path])).host == "::1")
    }

    @Test("DATABASE_URL is Odoo's connection only where it is not given")
    func databaseFromOdoo() throws {
        let odoo = try TemporaryFile("[options]\ndb_host = odoohost\ndb_name = odoo_a\ndata_dir = /data\n")
        let settings = try Settings(layers(["ODOO_RC": odoo.path]))
        #expect(settings.database.description == "host=odoohost dbname=odoo_a")
        #expect(settings.listen.description == "host=odoohost dbname=odoo_a")
        #expect(settings.odooDataFolder == "/data")
        let given = try Settings(layers(["ODOO_RC": odoo.path, "DATABASE_URL": "dbname=mine"]))
        #expect(given.database.description == "dbname=mine")
    }

    @Test("the defaults are those that docs/settings.md promises")
    func defaults() throws {
        let settings = try Settings(layers())
        #expect(settings.corsOrigins == ["http://localhost:3000", "http://localhost:5173"])
        #expect(settings.sessionChecks.isEmpty)
        #expect(settings.requestTimeout == .seconds(30))
        #expect(settings.cleanupGroup == "base.group_system" && settings.endpointGroup == "base.group_system")
        #expect(!settings.allowUserEndpoints)
        #expect(settings.odooURL == nil && settings.sessionDatabase == nil && settings.trustedProxies.isEmpty)
    }

    @Test("idle connections outlast those of usual load balancers (60 s), as long as the operator says")
    func idle() throws {
        let server = HTTPConfiguration(try Settings(layers()))
        #expect(
            server.idleTimeout >= .seconds(75)
                && server.idleTimeout == HTTPConfiguration(version: Version.text).idleTimeout)
        let long = HTTPConfiguration(try Settings(layers(["CHANGEFEED_IDLE_TIMEOUT": "620"])))
        #expect(long.idleTimeout == .seconds(620) && long.requestTimeout == .seconds(30))
    }

    @Test("the first session check that is configured is taken unless others are named")
    func sessionChecks() throws {
        #expect(
            try Settings(layers(["ODOO_URL": "https://odoo/", "SESSION_DB_URI": "dbname=s"])).sessionChecks == [
                .sessionDatabase
            ])
        let named = ["ODOO_URL": "https://odoo/", "ODOO_DATA_DIR": "/d", "CHANGEFEED_SESSION_CHECKS": "http, files"]
        #expect(try Settings(layers(named)).sessionChecks == [.http, .files])
        #expect(problems(["CHANGEFEED_SESSION_CHECKS": "http"]).first?.contains("ODOO_URL") == true)
    }

    @Test(
        "what fits is taken",
        arguments: [
            ("ODOO_URL", "http://odoo:8069"), ("CHANGEFEED_ALLOW_PORTAL_USERS", "True"),
            ("CHANGEFEED_ENDPOINT_USERS", "true"), ("CHANGEFEED_ENDPOINT_GROUP", "base.group_erp_manager"),
            ("CHANGEFEED_CONSOLE_PUBLIC", "true"), ("CHANGEFEED_CONSOLE_READERS", "base.group_user"),
            ("CHANGEFEED_RATE_LIMIT_EVENTS", "0"),
            ("CHANGEFEED_TRUSTED_PROXIES", "10.0.0.0/8, ::1,fd00::/8"), ("CHANGEFEED_CORS_ORIGINS", "none"),
            ("CHANGEFEED_CORS_ORIGINS", "https://a.example,http://[::1]:3000"), ("CHANGEFEED_ADMIN_PORT", "0"),
        ])
    func right(variable: String, value: String) {
        #expect(problems([variable: value]) == [])
    }

    @Test(
        "what does not fit is named with its source, its value and what was expected",
        arguments: [
            ("ODOO_URL", "ftp://odoo"), ("ODOO_URL", "odoo:8069"), ("CHANGEFEED_SESSION_CHECKS", "files,cookies"),
            ("CHANGEFEED_ALLOW_SESSION_IN_QUERY", "yes"), ("CHANGEFEED_CLEANUP_GROUP", "group_system"),
            ("CHANGEFEED_ENDPOINT_GROUP", "group_system"), ("CHANGEFEED_ENDPOINT_USERS", "yes"),
            ("CHANGEFEED_CONSOLE_PUBLIC", "yes"), ("CHANGEFEED_CONSOLE_GROUP", "group_system"),
            ("CHANGEFEED_CONSOLE_READERS", "everybody"),
            ("CHANGEFEED_RATE_LIMIT_EVENTS", "-1"), ("CHANGEFEED_TRUSTED_PROXIES", "10.0.0.0/33"),
            ("CHANGEFEED_TRUSTED_PROXIES", "proxy.example"), ("CHANGEFEED_CORS_ORIGINS", "*"),
            ("CHANGEFEED_CORS_ORIGINS", "null"),
            ("CHANGEFEED_CORS_ORIGINS", "https://a.example/"), ("CHANGEFEED_REQUEST_TIMEOUT", "601"),
            ("CHANGEFEED_IDLE_TIMEOUT", "4"), ("CHANGEFEED_IDLE_TIMEOUT", "3601"),
            ("CHANGEFEED_MAX_CONNECTIONS", "many"), ("CHANGEFEED_ADMIN_PORT", "65536"),
        ])
    func wrong(variable: String, value: String) throws {
        let problem = try #require(problems([variable: value]).first)
        let setting = try #require(Setting.all.first { $0.variable == variable })
        for part in [variable, "environment", "\"\(value)\"", setting.expected] { #expect(problem.contains(part)) }
    }

    @Test("a URL with credentials is refused and not repeated")
    func credentials() {
        let problem = problems(["ODOO_URL": "https://admin:hunter2@odoo"]).first ?? ""
        #expect(problem.contains("ODOO_URL") && !problem.contains("hunter2"))
    }

    @Test("all errors are reported together")
    func allAtOnce() {
        #expect(
            problems(["CHANGEFEED_PORT": "x", "LOG_LEVEL": "loud", "CHANGEFEED_HOTS": "h", "ODOO_RC": "/nonexistent"])
                .count == 4)
    }

    @Test("an unknown name is an error that suggests the nearest one, in every source")
    func unknownNames() throws {
        let odoo = try TemporaryFile("[changefeed]\npotr = 1\n")
        let dotEnv = try TemporaryFile("CHANGEFEED_POOLSIZE=3\n")
        let report = ConfigReport(
            layers(["CHANGEFEED_HOTS": "h", "OTHER": "1", "ODOO_RC": odoo.path], dotEnv: dotEnv.path))
        #expect(report.problems.count == 3)
        #expect(report.problems[0].contains("CHANGEFEED_HOTS (environment). Did you mean CHANGEFEED_HOST?"))
        #expect(report.problems[1].contains("Did you mean CHANGEFEED_POOL_SIZE?"))
        #expect(report.problems[2].contains("potr (odoo.conf \(odoo.path):2). Did you mean port?"))
    }

    @Test(
        "a name that is nearly that of a setting which is not given is an error, also where it does not begin with CHANGEFEED_",
        arguments: [
            ("DATABASE_ULR", "DATABASE_URL"), ("DATABASE_URI", "DATABASE_URL"), ("database_url", "DATABASE_URL"),
            ("ODOO_ULR", "ODOO_URL"),
            ("ODOO_DATADIR", "ODOO_DATA_DIR"), ("SESSION_DB_URL", "SESSION_DB_URI"), ("LOGLEVEL", "LOG_LEVEL"),
            ("ODOO_CR", "ODOO_RC"), ("CHANGEFEEDPORT", "CHANGEFEED_PORT"),
            ("changefeed_port", "CHANGEFEED_PORT"),
        ])
    func nearMisses(name: String, meant: String) throws {
        #expect(problems([name: "x"]) == ["There is no setting \(name) (environment). Did you mean \(meant)?"])
        let dotEnv = try TemporaryFile("\(name)=x\n")
        #expect(ConfigReport(layers(dotEnv: dotEnv.path)).problems.first?.contains(name) == true)
    }

    @Test("a name that resembles a setting's but may belong to another program is reported, without an error")
    func doubts() {
        let names = ["DATABASE_HOST", "ODOO_VERSION", "ODOO_DB", "SESSION_DB_POOL", "CHANGEFEEDER"]
        let report = ConfigReport(
            layers(Dictionary(uniqueKeysWithValues: (names + ["PATH", "HOME", "LOGNAME"]).map { ($0, "x") })))
        #expect(report.problems == [] && report.doubts.count == names.count)
        for name in names { #expect(report.doubts.contains("\(name) (environment) is not a setting of this service.")) }
        // What was meant is given: this one can only be left over, or somebody else's.
        let both = ConfigReport(layers(["DATABASE_URL": "dbname=a", "DATABASE_URI": "sqlite://secret"]))
        #expect(both.problems == [] && both.doubts.first?.contains("DATABASE_URL is, and is also set") == true)
        #expect(both.doubts.joined().contains("secret") == false)
    }

    @Test(
        "the distance between names is Levenshtein's",
        arguments: [("", "", 0), ("kitten", "sitting", 3), ("a", "", 1), ("", "ab", 2)])
    func distance(left: String, right: String, distance: Int) {
        #expect(NearestName.distance(left, right) == distance)
    }

    @Test("config names every setting and shows no secret, as a table and as JSON")
    func secrets() throws {
        let odoo = try TemporaryFile(
            "[options]\ndb_password = canary-1\ndb_user = odoo\n[changefeed]\nsession_db_uri = password=canary-2\n")
        let report = ConfigReport(
            layers([
                "ODOO_RC": odoo.path, "CHANGEFEED_LISTEN_DATABASE_URL": "postgresql://u:canary-3@h/d",
                "ODOO_URL": "http://u:canary-4@h",
            ]))
        let text = report.table.joined(separator: "\n") + (try report.json()) + report.problems.joined()
        #expect(!text.contains("canary"))
        #expect(text.contains("(set, not shown)"))
        #expect(text.contains("odoo.conf \(odoo.path):2"))
        for setting in Setting.all { #expect(text.contains(setting.variable)) }
    }
}
