import ChangeFeedTesting
import Postgres
import Testing

@Suite("The functions behind API keys and access")
struct ApiKeyFunctionTests {
    @Test("candidates are found by the first eight characters and come without the hash")
    func candidates() async throws {
        let service = try await PrivateCluster.shared().createDatabase(.installed).connect(user: "changefeed_login")
        let rows = try await service.query(
            "SELECT * FROM changefeed.odoo_api_key_candidates($1)", [.text(String(TestKeys.admin.prefix(8)))])
        #expect(rows.columns == ["key_id", "rounds", "salt", "expires_at"])
        #expect(rows.count == 1)
        #expect(try rows[0]["rounds"].int() == 6_000)
        #expect(rows[0]["salt"].text?.count == 22)
    }

    @Test(
        "a prefix that is nobody's, or hostile, finds nothing",
        arguments: ["ffffffff", "", "%", "' OR true --", "d033e22", "d033e22a4dae"])
    func noCandidate(_ prefix: String) async throws {
        let service = try await PrivateCluster.shared().createDatabase(.installed).connect(user: "changefeed_login")
        #expect(
            try await service.query("SELECT * FROM changefeed.odoo_api_key_candidates($1)", [.text(prefix)]).isEmpty)
    }

    static let users = [
        (TestKeys.admin, ["2|admin"]), (TestKeys.sales, ["6|sales"]), (TestKeys.inactive, []), (TestKeys.expired, []),
    ]

    @Test("the right hash gives its user, unless the key has expired or the user is inactive", arguments: users)
    func user(_ key: String, _ expected: [String]) async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let stored = try await database.connect().query(
            "SELECT id, key FROM res_users_apikeys WHERE index = $1", [.text(String(key.prefix(8)))])
        let service = try await database.connect(user: "changefeed_login")
        let superuser = try await database.connect()
        let id = Parameter.int(try stored[0]["id"].int())
        let hash = try stored[0]["key"].string()
        let lookUp = "SELECT user_id, login FROM changefeed.odoo_api_key_user($1, $2)"
        #expect(try await superuser.lines(lookUp, [id, .text(hash)]) == expected)
        let caller = "SELECT user_id FROM changefeed.odoo_caller('api_key', $1::int, $2, NULL, NULL, NULL, false)"
        #expect(try await service.lines(caller, [id, .text(hash)]) == expected.map { String($0.prefix(1)) })
        for wrong in [String(hash.dropLast()), key, "%"] {
            #expect(try await superuser.lines(lookUp, [id, .text(wrong)]) == [])
            #expect(try await service.lines(caller, [id, .text(wrong)]) == [])
        }
    }

    @Test(
        "a key of another scope, a key of the superuser and a key of a user who is deactivated later are refused",
        arguments: [
            "UPDATE res_users_apikeys SET scope = 'odoo.plugin.outlook'",
            "UPDATE res_users SET active = true WHERE id = 1; UPDATE res_users_apikeys SET user_id = 1",
            "UPDATE res_users SET active = false",
            "UPDATE res_users_apikeys SET expiration_date = (now() AT TIME ZONE 'utc') - interval '1 second'",
        ])
    func refused(_ change: String) async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let superuser = try await database.connect()
        let lookUp = "SELECT login FROM res_users_apikeys k, changefeed.odoo_api_key_user(k.id, k.key) ORDER BY 1"
        #expect(try await superuser.lines(lookUp) == ["admin", "portal", "sales"])
        try await superuser.execute(script: change)
        #expect(try await superuser.lines(lookUp) == [])
    }

    @Test(
        "a stored key that is no PBKDF2 hash is no candidate and raises nothing",
        arguments: [
            "", "plain", "$pbkdf2-sha512$", "$pbkdf2-sha512$x$a$b", "$pbkdf2-sha512$99999999999$a$b",
            "$pbkdf2-sha512$-1$a$b", "$2b$12$abc",
        ])
    func oddHash(_ stored: String) async throws {
        let superuser = try await PrivateCluster.shared().createDatabase(.installed).connect()
        _ = try await superuser.query("UPDATE res_users_apikeys SET key = $1", [.text(stored)])
        #expect(try await superuser.query("SELECT * FROM changefeed.odoo_api_key_candidates('d033e22a')").isEmpty)
    }

    @Test("the models that a user may read come through their groups, implied ones included")
    func readable() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let service = try await database.connect(user: "changefeed_login")
        let readable = "SELECT changefeed.odoo_readable_models($1)"
        #expect(try await service.lines(readable, [2]) == InstallTests.eleven)
        #expect(try await service.lines(readable, [6]) == InstallTests.eleven.filter { !$0.hasPrefix("account.") })
        #expect(try await service.lines(readable, [7]) == [])
        #expect(try await service.lines(readable, [4711]) == [])
        #expect(try await service.lines(readable, [-1]) == [])
    }

    @Test(
        "an access row that is archived, or without the right to read, opens nothing",
        arguments: [
            "UPDATE ir_model_access SET active = false", "UPDATE ir_model_access SET perm_read = false",
            "UPDATE ir_model_access SET perm_read = NULL",
            "DELETE FROM ir_model_access", "DELETE FROM res_groups_users_rel",
        ])
    func closed(_ change: String) async throws {
        let superuser = try await PrivateCluster.shared().createDatabase(.installed).connect()
        try await superuser.execute(script: change)
        #expect(try await superuser.lines("SELECT changefeed.odoo_readable_models(2)") == [])
    }

    @Test("an access row without a group is everyone's, and an untracked model is nobody's")
    func everyone() async throws {
        let superuser = try await PrivateCluster.shared().createDatabase(.installed).connect()
        try await superuser.execute(
            script: """
                UPDATE ir_model_access SET group_id = NULL;
                DELETE FROM res_groups_users_rel;
                SELECT changefeed.untrack('account.move');
                """)
        #expect(
            try await superuser.lines("SELECT changefeed.odoo_readable_models(6)")
                == InstallTests.eleven.filter { $0 != "account.move" })
    }
}
