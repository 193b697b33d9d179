import ChangeFeed
import ChangeFeedTesting
import Postgres
import Testing

@Suite("Without a superuser", .serialized, .timeLimit(.minutes(10)))
struct ManagedTests {
    @Test(
        "an administrator installs, serves, tracks, upgrades and removes the feed, and nothing is left",
        arguments: ManagedDatabase.Way.allCases)
    func wholeLife(_ way: ManagedDatabase.Way) async throws {
        let here = try await ManagedDatabase.make()
        let before = try await here.dump()
        try await here.install(by: way)
        #expect(try await here.findings() == [])
        #expect(try await here.observer.lines(InstallTests.tracked) == InstallTests.eleven)
        let installed = try await here.dump()
        try await here.install(by: way)
        #expect(try await here.dump() == installed)

        let administrator = try await here.database.connect(user: "administrator")
        try await administrator.execute(
            script: "CREATE ROLE feed LOGIN IN ROLE changefeed_service; SELECT changefeed.track('sale.order.line')")
        try await here.database.psql(
            "UPDATE res_partner SET phone = '1' WHERE id = 1; DELETE FROM sale_order_line WHERE id = 1", user: "odoo")
        let feed = try await here.database.connect(user: "feed")
        #expect(
            try await feed.lines("SELECT model, event FROM changefeed.event ORDER BY id") == [
                "res.partner|write", "sale.order.line|unlink",
            ])
        #expect(try await administrator.value("SELECT changefeed.untrack('sale.order.line')") == "t")
        for connection in [administrator, feed] { await connection.close() }

        try await here.uninstall(by: way)
        try await here.expectNothing(before)
        // A second time there is nothing to do.
        try await here.uninstall(by: way)
        await here.remove()
    }

    @Test("Odoo's own role installs, where it may create roles and schemas")
    func tablesOwner() async throws {
        let here = try await ManagedDatabase.make(inOdoo: false)
        try await here.run("ALTER ROLE odoo CREATEROLE; GRANT CREATE ON DATABASE \(here.database.name) TO odoo")
        let before = try await here.dump()
        try await here.install(as: "odoo")
        #expect(try await here.findings() == [])
        try await here.install(as: "odoo")
        try await here.uninstall(as: "odoo")
        try await here.expectNothing(before)
        await here.remove()
    }

    @Test(
        "the real Odoo 18 database: the feed comes, serves its models and goes",
        .enabled(if: Fixture.real("demo.sql.gz") != nil, "the real Odoo database is not beside this checkout"))
    func realDatabase() async throws {
        let here = try await ManagedDatabase.make(.real)
        let before = try await here.dump()
        try await here.install()
        #expect(try await here.findings() == [])
        #expect(try await here.observer.lines(InstallTests.tracked) == InstallTests.eleven)
        try await here.uninstall()
        try await here.expectNothing(before)
        await here.remove()
    }

    @Test("without pg_read_all_stats everything works, and status() leaves out what it cannot see")
    func withoutStatistics() async throws {
        let here = try await ManagedDatabase.make()
        try await here.install()
        // Before 16 an administrator may grant it; there it is taken away to see the same.
        try await here.run(
            "REVOKE pg_read_all_stats FROM changefeed_owner; CREATE ROLE feed LOGIN IN ROLE changefeed_service")
        let holder = try await here.database.connect(user: "odoo")
        try await holder.execute(script: "BEGIN; UPDATE res_users SET login = login")
        let feed = try await here.database.connect(user: "feed")
        #expect(try await feed.value("SELECT changefeed.status() ->> 'database'") == here.database.name)
        #expect(
            try await here.observer.value("SELECT changefeed.lock_holders('res_users')").hasPrefix(
                "pid \(holder.backendPID) (user odoo"))
        try await holder.execute(script: "ROLLBACK")
        // Another installation says so and goes on.
        try await here.install()
        #expect(try await here.findings() == [])
        for connection in [holder, feed] { await connection.close() }
        try await here.uninstall()
        try await here.expectNothing()
        await here.remove()
    }

    @Test(
        "schema public closed to PUBLIC: the feed's roles are let in, data is served, and uninstalling takes that back")
    func closedSchema() async throws {
        let here = try await ManagedDatabase.make()
        try await here.run(
            "REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT USAGE, CREATE ON SCHEMA public TO odoo; GRANT USAGE ON SCHEMA public TO administrator WITH GRANT OPTION"
        )
        let before = try await here.dump()
        try await here.install()
        #expect(try await here.findings() == [])
        try await here.run("CREATE ROLE feed LOGIN IN ROLE changefeed_service")
        try await here.database.psql(
            "UPDATE res_partner SET phone = '1' WHERE id = 1; DELETE FROM hr_expense", user: "odoo")
        let feed = try await here.database.connect(user: "feed")
        #expect(
            try await feed.value(
                "SELECT entries FROM changefeed.pull(2, 'phone', 'sales', only_models => '{res.partner}')") != "")
        #expect(try await feed.lines("SELECT changefeed.odoo_readable_models(6)").contains("sale.order"))
        #expect(
            try await feed.value(
                "SELECT problem FROM changefeed.snapshot_page(2, 'phone', 'res.partner', max_rows => 10)") == "")
        #expect(try await feed.lines("SELECT code FROM changefeed.verify()") == [])
        await feed.close()
        try await here.uninstall()
        try await here.expectNothing(before)
        await here.remove()
    }

    @Test(
        "schema public closed later: writes continue, and verify() reports the missing right and nothing else",
        arguments: ["changefeed_owner", "changefeed_definer", "changefeed_reader"])
    func closedLater(role: String) async throws {
        let here = try await ManagedDatabase.make()
        try await here.install()
        try await here.run(
            "GRANT USAGE, CREATE ON SCHEMA public TO odoo; GRANT USAGE ON SCHEMA public TO changefeed_owner, changefeed_definer, changefeed_reader"
        )
        try await here.run("REVOKE ALL ON SCHEMA public FROM PUBLIC, \(role)")
        try await here.database.psql(
            "UPDATE res_partner SET phone = '1' WHERE id = 1; DELETE FROM hr_expense", user: "odoo")
        #expect(try await here.observer.value("SELECT count(*) FROM changefeed.event") == "2")
        let rows = try await here.observer.lines("SELECT code, level, object, remediation FROM changefeed.verify()")
        #expect(rows == ["CF130|error|\(role)|GRANT USAGE ON SCHEMA public TO \(role);"])
        try await here.run("GRANT USAGE ON SCHEMA public TO \(role)")
        #expect(try await here.findings() == [])
        await here.remove()
    }

    @Test("a copy restored without owners is repaired by the administrator who restored it")
    func restored() async throws {
        let here = try await ManagedDatabase.make()
        try await here.install()
        let copy = try await ManagedDatabase(cluster: here.cluster, database: here.cluster.createDatabase(.empty))
        try await copy.run(
            "ALTER DATABASE \(copy.database.name) OWNER TO administrator; GRANT CREATE ON SCHEMA public TO administrator"
        )
        try await copy.database.psql(
            here.database.dump("--no-owner", "--no-privileges", "--no-comments"), user: "administrator")
        try await copy.install()
        #expect(try await copy.observer.value("SELECT code FROM changefeed.verify()") == "CF140")
        try await copy.run("SELECT changefeed.adopt('a test')")
        #expect(try await copy.findings() == [])
        let foreign =
            "SELECT DISTINCT proowner::regrole FROM pg_proc WHERE pronamespace = 'changefeed'::regnamespace ORDER BY 1"
        #expect(
            try await Set(copy.observer.lines(foreign)) == [
                "changefeed_owner", "changefeed_definer", "changefeed_reader",
            ])
        await copy.observer.close()
        await here.remove()
    }

    @Test("privileges that the administrator gives by default reach nothing of the feed, and do not keep it from going")
    func defaultPrivileges() async throws {
        let here = try await ManagedDatabase.make()
        try await here.run("CREATE ROLE reports")
        try await here.database.psql(
            "ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO reports; ALTER DEFAULT PRIVILEGES GRANT ALL ON FUNCTIONS TO reports; ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO reports",
            user: "administrator")
        let before = try await here.dump()
        try await here.install()
        #expect(try await here.observer.value("SELECT has_schema_privilege('reports', 'changefeed', 'USAGE')") == "f")
        let tables =
            "SELECT count(*) FROM pg_class c, aclexplode(c.relacl) a WHERE c.relnamespace = 'changefeed'::regnamespace AND a.grantee = 'reports'::regrole"
        #expect(try await here.observer.value(tables) == "0")
        try await here.uninstall()
        try await here.expectNothing(before)
        await here.remove()
    }
}
