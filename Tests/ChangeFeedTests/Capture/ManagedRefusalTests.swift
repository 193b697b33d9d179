import ChangeFeed
import ChangeFeedTesting
import Foundation
import Postgres
import Testing

@Suite("An installer that lacks a right", .serialized, .timeLimit(.minutes(10)))
struct ManagedRefusalTests {
    /// One right that is missing.
    struct Lack: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// Run by the superuser.
        let scene: String
        /// A part of the line that names it.
        let names: String
        var installer = "administrator"
        var releases = 13...99
    }

    static let missing = [
        Lack(
            testDescription: "no member of the role that owns Odoo's tables", scene: "REVOKE odoo FROM administrator",
            names: "the owner of account_journal and"),
        Lack(
            testDescription: "a member of that role whose rights it does not inherit",
            scene: "GRANT odoo TO administrator WITH INHERIT FALSE",
            names: "does not have the rights of odoo", releases: 16...99),
        Lack(
            testDescription: "NOINHERIT", scene: "ALTER ROLE administrator NOINHERIT",
            names: "ALTER ROLE administrator INHERIT;", releases: 13...15),
        Lack(
            testDescription: "a table of another role",
            scene: "CREATE ROLE other; ALTER TABLE res_partner OWNER TO other", names: "the owner of res_partner."),
        Lack(
            testDescription: "a database of somebody else", scene: "ALTER DATABASE %d OWNER TO postgres",
            names: "may not create a schema in this database"),
        Lack(
            testDescription: "a schema public that is closed to PUBLIC and somebody else's",
            scene:
                "REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT USAGE, CREATE ON SCHEMA public TO odoo; ALTER SCHEMA public OWNER TO postgres",
            names: "closed to PUBLIC"),
        Lack(
            testDescription: "roles of another administrator's",
            scene:
                "CREATE ROLE first LOGIN CREATEROLE; SET ROLE first; CREATE ROLE changefeed_owner; CREATE ROLE changefeed_monitor; RESET ROLE",
            names: "first or a superuser runs: GRANT changefeed_owner TO administrator", releases: 16...99),
        Lack(
            testDescription: "roles of another administrator's, and no CREATEROLE",
            scene: """
                CREATE ROLE changefeed_owner; CREATE ROLE changefeed_definer; CREATE ROLE changefeed_reader; CREATE ROLE changefeed_service;
                CREATE ROLE changefeed_monitor; ALTER ROLE administrator NOCREATEROLE
                """, names: "GRANT changefeed_owner, changefeed_definer, changefeed_reader TO administrator"),
    ]

    @Test(
        "is told which, leaves nothing behind, and installs once the statement that it was shown has run",
        arguments: missing)
    func named(_ lack: Lack) async throws {
        let here = try await ManagedDatabase.make()
        let release = try await here.observer.value("SELECT current_setting('server_version_num')::int / 10000")
        if lack.releases.contains(try #require(Int(release))) {
            try await here.run(lack.scene.replacing("%d", with: here.database.name))
            let roles = try await here.roles()
            let before = try await here.dump()
            let refusal = try await here.refusal(.install, as: lack.installer)
            #expect(refusal.contains("\(lack.installer) may not install the feed yet; nothing was changed"))
            #expect(refusal.contains(lack.names), "\(refusal)")
            #expect(try await here.roles() == roles)
            #expect(try await here.dump() == before)
            let remedies = ManagedDatabase.remedies(in: refusal)
            #expect(remedies.count == 1)
            for remedy in remedies { try await here.run(remedy) }
            try await here.install(as: lack.installer)
            #expect(try await here.findings() == [])
        }
        await here.remove()
    }

    @Test("a role without any right gets one error that names all of them")
    func nothingAtAll() async throws {
        let here = try await ManagedDatabase.make()
        try await here.run(
            "CREATE ROLE plain LOGIN; REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT USAGE, CREATE ON SCHEMA public TO odoo"
        )
        let refusal = try await here.refusal(.install, as: "plain")
        for part in [
            "-v installer=plain -f sql/roles.sql", "GRANT CREATE ON DATABASE",
            "GRANT USAGE ON SCHEMA public TO plain WITH GRANT OPTION;", "GRANT odoo TO plain",
        ] {
            #expect(refusal.contains(part), "\(part)")
        }
        try await here.expectNothing()
        await here.remove()
    }

    @Test("a table that only the data of a tracked model needs, of another role, is named, and nothing stays")
    func lateFailure() async throws {
        let here = try await ManagedDatabase.make()
        try await here.run("CREATE ROLE other; ALTER TABLE res_lang OWNER TO other")
        let refusal = try await here.refusal(.install, as: "administrator")
        #expect(refusal.contains("administrator may not grant on table public.res_lang, which belongs to other"))
        #expect(refusal.contains("GRANT other TO administrator"))
        try await here.expectNothing()
        try await here.letIn("administrator", "other")
        try await here.install()
        #expect(try await here.findings() == [])
        await here.remove()
    }

    @Test("a table of the superuser's is not to be had by a grant: the refusal says who installs or what changes")
    func superusersTable() async throws {
        let here = try await ManagedDatabase.make()
        try await here.run("ALTER TABLE res_partner OWNER TO postgres")
        let refusal = try await here.refusal(.install, as: "administrator")
        #expect(
            refusal.contains(
                "postgres, a superuser, installs, or gives each of them to Odoo's role: ALTER TABLE res_partner OWNER TO"
            ))
        #expect(!refusal.contains("GRANT postgres"))
        try await here.expectNothing()
        await here.remove()
    }

    @Test("removing without the rights of the tables' owner changes nothing and says what is missing")
    func uninstalling() async throws {
        let here = try await ManagedDatabase.make()
        try await here.install()
        try await here.run("REVOKE odoo FROM administrator; CREATE ROLE stranger LOGIN")
        for user in ["administrator", "stranger"] {
            let refusal = try await here.refusal(.uninstall, as: user)
            #expect(refusal.contains("\(user) may not remove the feed; nothing was changed"))
            #expect(refusal.contains("GRANT odoo TO \(user)"))
            #expect(try await here.observer.lines(InstallTests.tracked) == InstallTests.eleven)
        }
        await here.remove()
    }

    @Test("the tables that are asked about are those of the default models and of the grants")
    func sameTables() throws {
        let asked = try EmbeddedSQL.text(of: "install/installer_rights.sql")
        let granted = try EmbeddedSQL.text(of: "install/odoo_grants.sql").matches(of: /\('([a-z_]+)', 'SELECT/).map {
            String($0.output.1)
        }
        let models = try EmbeddedSQL.text(of: "migrations/0002_tracked_models.sql").matches(
            of: /\('([a-z]+\.[a-z.]+)'\)/
        ).map { String($0.output.1.replacing(".", with: "_")) }
        #expect(granted.count > 15 && models.count == 11)
        for table in granted + models {
            #expect(asked.firstMatch(of: try Regex("[{, ']\(table)[,}]")) != nil, "\(table)")
        }
    }
}
