import ChangeFeed
import ChangeFeedTesting
import Postgres
import Testing

@Suite("Roles that several share", .serialized, .timeLimit(.minutes(10)))
struct ManagedRolesTests {
    static let five = [
        "changefeed_definer", "changefeed_monitor", "changefeed_owner", "changefeed_reader", "changefeed_service",
    ]

    /// A role that may create a schema here and act as Odoo's, and nothing else.
    private func plainInstaller(_ here: ManagedDatabase) async throws {
        try await here.run("CREATE ROLE plain LOGIN; GRANT CREATE ON DATABASE \(here.database.name) TO plain")
        try await here.letIn("plain", "odoo")
    }

    @Test(
        "roles.sql creates them for a role without CREATEROLE, which does the rest itself",
        arguments: ManagedDatabase.Way.allCases)
    func rolesScript(_ way: ManagedDatabase.Way) async throws {
        let here = try await ManagedDatabase.make()
        try await plainInstaller(here)
        let before = try await here.dump()
        for _ in 0..<2 {
            switch way {
            case .psql:
                try await here.database.run(
                    script: Fixture.sqlFolder + "/roles.sql", user: "administrator", variables: ["installer": "plain"])
            case .binary:
                let connection = try await here.database.connect(user: "administrator")
                try await Installer().makeRoles(for: "plain", on: connection) { _ in }
                await connection.close()
            }
        }
        try await here.install(as: "plain", by: way)
        try await here.install(as: "plain", by: way)
        #expect(try await here.findings() == [])
        try await here.uninstall(as: "plain", by: way)
        #expect(try await here.dump() == before)
        // Who made them drops them, and nothing else is left that could keep them.
        #expect(try await here.roles() == Self.five)
        try await here.database.psql("DROP ROLE \(Self.five.joined(separator: ", "))", user: "administrator")
        try await here.expectNothing(before)
        await here.remove()
    }

    @Test("roles.sql asks for the installer's name, and leaves nothing when that is no role")
    func rolesScriptRefuses() async throws {
        let here = try await ManagedDatabase.make()
        for (variables, message) in [
            ([:], "name the role that will install"), (["installer": "nobody"], "role \"nobody\" does not exist"),
        ] {
            do {
                try await here.database.run(
                    script: Fixture.sqlFolder + "/roles.sql", user: "administrator", variables: variables)
                Issue.record("it ran")
            } catch let failure as PrivateCluster.Failure {
                #expect(failure.description.contains(message))
            }
        }
        let connection = try await here.database.connect(user: "administrator")
        await #expect(throws: PostgresError.self) {
            try await Installer().makeRoles(for: "nobody", on: connection) { _ in }
        }
        // The connection is good for more.
        #expect(try await connection.value("SELECT 1") == "1")
        await connection.close()
        try await here.expectNothing()
        await here.remove()
    }

    @Test("two administrators have a database each; the roles go with the last one")
    func twoAdministrators() async throws {
        let one = try await ManagedDatabase.make()
        let other = try await one.sibling()
        try await one.run("CREATE ROLE second LOGIN CREATEROLE")
        try await other.run("ALTER DATABASE \(other.database.name) OWNER TO second")
        try await one.letIn("second", "odoo")
        let before = try await other.dump()
        try await one.install()
        if one.is16 {
            let refusal = try await other.refusal(.install, as: "second")
            #expect(
                refusal.contains(
                    "administrator or a superuser runs: GRANT changefeed_owner, changefeed_definer, changefeed_reader TO second"
                ))
            // The one who made them runs what the refusal says.
            for remedy in ManagedDatabase.remedies(in: refusal) {
                try await one.database.psql(remedy, user: "administrator")
            }
        }
        try await other.install(as: "second")
        #expect(try await other.findings() == [])
        try await other.uninstall(as: "second")
        #expect(try await other.dump() == before)
        #expect(try await one.roles() == Self.five)
        #expect(try await one.findings() == [])
        try await one.uninstall()
        try await one.expectNothing()
        await other.observer.close()
        await one.remove()
    }

    @Test("another administrator than the one who installed upgrades and removes", arguments: [true, false])
    func anotherAdministrator(installsFirst: Bool) async throws {
        let here = try await ManagedDatabase.make()
        try await here.run("CREATE ROLE second LOGIN CREATEROLE")
        try await here.letIn("second", "odoo")
        let before = try await here.dump()
        try await here.install()
        if here.is16 {
            try await here.database.psql(
                "GRANT changefeed_owner, changefeed_definer, changefeed_reader TO second WITH INHERIT TRUE, SET TRUE",
                user: "administrator")
        }
        // It may not create a schema here, and need not, since there is one.
        if installsFirst { try await here.install(as: "second") }
        // Half of it by one, the other half by the other.
        let holder = try await here.database.connect(user: "odoo")
        try await holder.execute(script: "BEGIN; UPDATE stock_picking SET state = 'done'")
        #expect(try await here.refusal(.uninstall, as: "administrator").contains("stock_picking"))
        try await holder.execute(script: "COMMIT")
        await holder.close()
        try await here.uninstall(as: "second")
        #expect(try await here.observer.value("SELECT to_regnamespace('changefeed')") == "")
        // What is left is the database owner's: its word about schema public, from 15 on, and from 16 on the roles that it made.
        try await here.uninstall()
        try await here.expectNothing(before)
        await here.remove()
    }

    @Test("concurrent installations in ten databases of one cluster all succeed")
    func manyDatabases() async throws {
        let here = try await ManagedDatabase.make()
        var all = [here]
        for _ in 0..<9 { all.append(try await here.sibling()) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for one in all { group.addTask { try await one.install() } }
            try await group.waitForAll()
        }
        for one in all {
            #expect(try await one.findings() == [])
            await one.observer.close()
        }
        await here.cluster.remove()
    }

    @Test("a person who becomes the administrator by SET ROLE installs and removes as the administrator")
    func setRole() async throws {
        let here = try await ManagedDatabase.make()
        try await here.run("CREATE ROLE person LOGIN NOINHERIT; GRANT administrator TO person")
        let before = try await here.dump()
        for script in ["install.sql", "install.sql", "uninstall.sql"] {
            try await here.database.run(
                script: Fixture.sqlFolder + "/" + script, user: "person", first: "SET ROLE administrator")
            if script == "install.sql" { #expect(try await here.findings() == []) }
        }
        try await here.expectNothing(before)
        await here.remove()
    }

    @Test("uninstalling revokes other roles' grants to the feed's roles, and names those that it cannot revoke")
    func otherGrantors() async throws {
        let here = try await ManagedDatabase.make()
        try await here.install()
        let before = try await here.dump()
        // Given on by somebody who has it with the option to do so.
        try await here.run(
            """
            CREATE ROLE keeper; GRANT SELECT ON hr_employee TO keeper WITH GRANT OPTION;
            SET ROLE keeper; GRANT SELECT ON hr_employee TO changefeed_monitor; RESET ROLE
            """)
        try await here.run("GRANT CONNECT ON DATABASE \(here.database.name) TO changefeed_service")
        #expect(try await here.dump() != before)
        let output = try await here.database.psql("\\i \(Fixture.sqlFolder)/uninstall.sql", user: "administrator")
        #expect(output.contains("changefeed: removed"))
        // The administrator may not act as keeper, and CONNECT is no right on a table.
        #expect(try await here.roles() == ["changefeed_monitor", "changefeed_service"])
        try await here.letIn("administrator", "keeper")
        try await here.uninstall()
        #expect(try await here.roles() == ["changefeed_service"])
        try await here.run("REVOKE CONNECT ON DATABASE \(here.database.name) FROM changefeed_service")
        try await here.uninstall()
        try await here.expectNothing()
        await here.remove()
    }
}
