import ChangeFeedTesting
import Foundation
import Testing

@Suite("changefeed doctor", .timeLimit(.minutes(10)))
struct DoctorTests {
    private struct Step: Decodable {
        let step: String
        let outcome: String
        let detail: String
        let fix: String?
    }

    private func examine(_ environment: [String: String]) async throws -> (
        status: Int32, steps: [String: Step], output: String
    ) {
        let result = try await BuiltBinary.run(["doctor", "--json"], environment: environment)
        let steps = try JSONDecoder().decode([Step].self, from: Data(result.output.utf8))
        return (
            result.status, Dictionary(uniqueKeysWithValues: steps.map { ($0.step, $0) }), result.output + result.errors
        )
    }

    @Test("finds nothing wrong where everything is in order, and tells Odoo's version and the bell's time")
    func healthy() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let found = try await examine(["DATABASE_URL": database.conninfo(user: "changefeed_login")])
        #expect(found.status == 0, "\(found.output)")
        #expect(
            Set(found.steps.keys) == [
                "connect", "primary", "schema", "privileges", "pooler", "listener", "clock", "odoo", "triggers", "pull",
                "event", "doorbell",
            ])
        #expect(found.steps["odoo"]?.detail.contains("18.0.1.3") == true, "\(found.output)")
        #expect(found.steps["event"]?.detail.contains("written, committed and read") == true, "\(found.output)")
        #expect(found.steps["doorbell"]?.detail.contains("heard") == true, "\(found.output)")
        let lines = try await BuiltBinary.run(["doctor", "--database", database.conninfo(user: "changefeed_login")])
        #expect(lines.status == 0 && lines.output.contains("ok  doorbell"))
    }

    @Test("writes nothing but what its help says")
    func writes() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        // Every table's contents; not the log, the scratch table and the compiled rules.
        let contents = """
            SELECT string_agg(c.oid::regclass || ' ' || query_to_xml(format('SELECT md5(string_agg(t::text, '','' ORDER BY t::text)) FROM %s t', c.oid::regclass), true, true, '')::text, E'\n' ORDER BY c.oid::regclass::text)
            FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace IN ('public'::regnamespace, 'changefeed'::regnamespace)
              AND c.relname !~ '^(event_[0-9]+|event|probe|compiled_rules)$'
            """
        let before = try await database.psql(contents)
        let log = "SELECT count(*) FROM changefeed.event"
        let events = try await database.psql(log)
        #expect(before.split(separator: "\n").count > 20)
        let found = try await examine(["DATABASE_URL": database.conninfo(user: "changefeed_login")])
        #expect(found.status == 0, "\(found.output)")
        #expect(try await database.psql(contents) == before)
        #expect(try await database.psql(log) == "\((Int(events) ?? 0) + 1)")
    }

    @Test("ends with 69 where the database cannot be reached, and shows no password")
    func unreachable() async throws {
        let found = try await examine(["DATABASE_URL": "host=/nonexistent dbname=none password=canary"])
        #expect(found.status == 69)
        #expect(found.steps["connect"]?.outcome == "failed")
        #expect(found.steps["connect"]?.fix != nil)
        #expect(!found.output.contains("canary"))
    }

    @Test("ends with 2 where the schema is not installed, and says how to install it")
    func uninstalled() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.odoo)
        let found = try await examine(["DATABASE_URL": database.conninfo()])
        #expect(found.status == 2)
        #expect(found.steps["schema"]?.fix?.contains("changefeed install") == true)
        #expect(found.steps["doorbell"]?.outcome == "skipped")
    }

    @Test("names the grant that a user of no role lacks", arguments: ["odoo", "doctor_stranger"])
    func notPermitted(user: String) async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        if user != "odoo" { try await database.psql("CREATE ROLE \(user) LOGIN") }
        let found = try await examine(["DATABASE_URL": database.conninfo(user: user)])
        #expect(found.status == 2, "\(found.output)")
        #expect(found.output.contains("GRANT changefeed_service TO"))
    }

    @Test("tells the first finding of verify and its remedy")
    func triggerMissing() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql("ALTER TABLE res_partner DISABLE TRIGGER changefeed_update")
        let found = try await examine(["DATABASE_URL": database.conninfo(user: "changefeed_login")])
        #expect(found.status == 2)
        #expect(found.steps["triggers"]?.detail.contains("CF102") == true)
        #expect(found.steps["triggers"]?.fix?.contains("changefeed.track") == true)
    }

    @Test("tries each session store that is named")
    func sessionStores() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let conninfo = database.conninfo(user: "changefeed_login")
        let found = try await examine([
            "DATABASE_URL": conninfo, "ODOO_DATA_DIR": "/nonexistent", "SESSION_DB_URI": conninfo,
            "ODOO_URL": "http://127.0.0.1:1",
            "CHANGEFEED_SESSION_CHECKS": "files,session_db,http",
        ])
        #expect(found.steps["session store files"]?.outcome == "failed")
        // The database is there, the table is not.
        #expect(found.steps["session store session_db"]?.outcome == "failed")
        #expect(found.steps["session store session_db"]?.detail.contains("http_sessions") == true)
        #expect(found.steps["session store http"]?.outcome == "failed")
        #expect(found.steps["session store http"]?.detail.contains("(connection)") == true)
    }

    @Test("names the cause that keeps a session store from being read, and what to do")
    func sessionStoreCauses() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let conninfo = database.conninfo(user: "changefeed_login")
        try await database.psql(
            "CREATE TABLE http_sessions (sid varchar PRIMARY KEY, write_date timestamp NOT NULL, payload text NOT NULL)",
            user: "odoo")
        let odoo = try await StubOdoo()
        odoo.behave(.says(status: 404, body: "not Odoo"))
        let settings = [
            "DATABASE_URL": conninfo, "SESSION_DB_URI": conninfo, "ODOO_URL": odoo.url,
            "CHANGEFEED_SESSION_CHECKS": "session_db,http",
        ]
        let found = try await examine(settings)
        #expect(found.steps["session store session_db"]?.detail.contains("42501") == true)
        #expect(found.steps["session store session_db"]?.fix?.contains("GRANT SELECT ON http_sessions") == true)
        #expect(found.steps["session store http"]?.detail.contains("not one of Odoo") == true)
        try await database.psql("GRANT SELECT ON http_sessions TO changefeed_login", user: "odoo")
        odoo.behave(.answers)
        let mended = try await examine(settings)
        #expect(mended.steps["session store session_db"]?.outcome == "ok")
        #expect(mended.steps["session store http"]?.outcome == "ok")
        await odoo.stop()
    }
}
