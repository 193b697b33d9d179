import ChangeFeedTesting
import Postgres
import Testing

@Suite("changefeed.odoo_caller()")
struct CallerFunctionTests {
    private func lookUp(
        _ session: TestSession, idle: Double = 0, database: String? = nil, allowPortal: Bool = false,
        on connection: Connection
    ) async throws -> [String] {
        try await connection.lines(
            "SELECT user_id, refused FROM changefeed.odoo_caller('session', $1::int, $2, $3, $4::double precision, $5, $6::boolean)",
            [
                .int(session.user), .text(session.token), .text(session.id), .double(idle), .optional(database),
                .bool(allowPortal),
            ])
    }

    @Test("knows a session by its token, as Odoo's releases compute it")
    func sessions() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let service = try await database.connect(user: "changefeed_login")
        #expect(try await lookUp(.admin, database: database.name, on: service) == ["2|f"])
        #expect(try await lookUp(.newerAdmin, on: service) == ["2|f"])
        #expect(try await lookUp(.olderAdmin, on: service) == ["2|f"])
        #expect(try await lookUp(.sales, on: service) == ["6|f"])
        #expect(try await lookUp(.portal, on: service) == ["8|t"])
        #expect(try await lookUp(.portal, allowPortal: true, on: service) == ["8|f"])
    }

    @Test("refuses a foreign token, an inactive user, the superuser, another database and an old session")
    func refused() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let service = try await database.connect(user: "changefeed_login")
        let mixed = TestSession(id: TestSession.sales.id, user: 2, token: TestSession.admin.token)
        #expect(try await lookUp(mixed, on: service) == [])
        #expect(
            try await lookUp(
                TestSession(id: TestSession.admin.id, user: 6, token: TestSession.admin.token), on: service) == [])
        #expect(try await lookUp(.inactive, on: service) == [])
        try await database.psql("UPDATE res_users SET active = true WHERE id = 1", user: "odoo")
        #expect(try await lookUp(.superuser, on: service) == [])
        #expect(try await lookUp(.admin, database: "another", on: service) == [])
        #expect(try await lookUp(.admin, idle: 604_799, on: service) == ["2|f"])
        #expect(try await lookUp(.admin, idle: 604_801, on: service) == [])
        try await database.psql(
            "INSERT INTO ir_config_parameter (key, value) VALUES ('sessions.max_inactivity_seconds', '60')",
            user: "odoo")
        #expect(try await lookUp(.admin, idle: 61, on: service) == [])
        try await database.psql(
            "UPDATE ir_config_parameter SET value = E' 90\\n' WHERE key = 'sessions.max_inactivity_seconds'",
            user: "odoo")
        #expect(try await lookUp(.admin, idle: 89, on: service) == ["2|f"])
        #expect(try await lookUp(.admin, idle: 91, on: service) == [])
    }

    @Test(
        "a changed password, login or secret ends the session",
        arguments: [
            "UPDATE res_users SET password = 'x' WHERE id = 2", "UPDATE res_users SET login = 'x' WHERE id = 2",
            "UPDATE res_users SET active = false WHERE id = 2",
            "UPDATE ir_config_parameter SET value = 'x' WHERE key = 'database.secret'",
            "DELETE FROM ir_config_parameter WHERE key = 'database.secret'",
            "UPDATE ir_config_parameter SET value = '' WHERE key = 'database.secret'",
        ])
    func ended(_ change: String) async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let service = try await database.connect(user: "changefeed_login")
        #expect(try await lookUp(.admin, on: service) == ["2|f"])
        try await database.psql(change, user: "odoo")
        #expect(try await lookUp(.admin, on: service) == [])
    }

    @Test("auth_totp and auth_oauth are part of the key, and quotes are Python's")
    func modules() async throws {
        // The first makes the role that the service logs in with.
        _ = try await PrivateCluster.shared().createDatabase(.installed)
        let database = try await PrivateCluster.shared().createDatabase(.odoo)
        try await database.psql(
            """
            ALTER TABLE res_users ADD totp_secret varchar, ADD oauth_access_token varchar;
            UPDATE res_users SET totp_secret = E'totp\\n', login = $$\(TestSession.quotedLogin)$$ WHERE id = 2;
            """, user: "odoo")
        try await database.run(script: Fixture.sqlFolder + "/install.sql")
        let service = try await database.connect(user: "changefeed_login")
        #expect(try await lookUp(.quoted, on: service) == ["2|f"])
        #expect(try await lookUp(.admin, on: service) == [])
    }

    @Test("a module that came after the feed closes sessions, and verify says so, until the feed is installed again")
    func laterModule() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let service = try await database.connect(user: "changefeed_login")
        try await database.psql("ALTER TABLE res_users ADD totp_secret varchar", user: "odoo")
        #expect(try await lookUp(.admin, on: service) == [])
        #expect(try await database.psql("SELECT code FROM changefeed.verify()") == "CF117")
        try await database.run(script: Fixture.sqlFolder + "/install.sql")
        #expect(try await database.psql("SELECT code FROM changefeed.verify()") == "")
    }

    @Test("a view in the place of Odoo's tables is not asked")
    func views() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql(
            """
            ALTER TABLE res_users_apikeys RENAME TO hidden;
            CREATE VIEW res_users_apikeys AS SELECT * FROM hidden;
            GRANT SELECT ON res_users_apikeys TO changefeed_definer;
            """, user: "odoo")
        let service = try await database.connect(user: "changefeed_login")
        #expect(try await service.query("SELECT * FROM changefeed.odoo_api_key_candidates('d033e22a')").isEmpty)
    }

    @Test(
        "the service can neither make nor read what a token is made of",
        arguments: [
            "SELECT changefeed.odoo_session_keys(2)", "SELECT changefeed.odoo_session_user(2, 'a', 'b', 0)",
            "SELECT password FROM res_users", "SELECT value FROM ir_config_parameter",
            "SELECT changefeed.odoo_api_key_user(1, 'x')",
        ])
    func withheld(_ sql: String) async throws {
        let service = try await PrivateCluster.shared().createDatabase(.installed).connect(user: "changefeed_login")
        await #expect { try await service.query(sql) } throws: { ($0 as? PostgresError)?.sqlState == "42501" }
    }

    @Test("membership in a group goes through implied groups")
    func groups() async throws {
        let service = try await PrivateCluster.shared().createDatabase(.installed).connect(user: "changefeed_login")
        let isMember = "SELECT changefeed.odoo_in_group($1, $2)"
        #expect(try await service.value(isMember, [2, "base.group_system"]) == "t")
        #expect(try await service.value(isMember, [2, "base.group_user"]) == "t")
        #expect(try await service.value(isMember, [6, "base.group_user"]) == "t")
        #expect(try await service.value(isMember, [6, "base.group_system"]) == "f")
        #expect(try await service.value(isMember, [7, "base.group_system"]) == "f")
        #expect(try await service.value(isMember, [2, "base"]) == "f")
        #expect(try await service.value(isMember, [2, "x' OR true --"]) == "f")
    }
}
