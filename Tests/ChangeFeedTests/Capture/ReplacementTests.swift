import ChangeFeedTesting
import Postgres
import Synchronization
import Testing

/// What `install/replaced_objects.sql`, `install/grants.sql` and `install/kept_grants.sql` do with what is in the schema when they come.
@Suite("Installing over what is there", .serialized, .timeLimit(.minutes(10)))
struct ReplacementTests {
    @Test("routines and views that the files no longer make go, with other parameters, results and columns too")
    func stale() async throws {
        let cluster = try await PrivateCluster.make()
        let database = try await cluster.createDatabase(.installed)
        let before = try await database.dump("-s")
        try await database.psql(
            """
            SET ROLE changefeed_owner;
            CREATE FUNCTION changefeed.left_behind() RETURNS int LANGUAGE sql AS 'SELECT 1';
            CREATE FUNCTION changefeed.bell_key(text) RETURNS int LANGUAGE sql AS 'SELECT 1';
            CREATE PROCEDURE changefeed.left_behind_too() LANGUAGE sql AS 'SELECT 1';
            CREATE VIEW changefeed.older AS SELECT * FROM changefeed.tracked;
            CREATE FUNCTION changefeed.of_older() RETURNS SETOF changefeed.older LANGUAGE sql AS 'SELECT * FROM changefeed.older';
            DROP VIEW changefeed.archive_stats;
            CREATE VIEW changefeed.archive_stats AS SELECT 1 AS a, 2 AS b, 3 AS c, 4 AS d, 5 AS e, 6 AS f, 7 AS g, 8 AS h, 9 AS i;
            DROP FUNCTION changefeed.log_bytes() CASCADE;
            CREATE FUNCTION changefeed.log_bytes(OUT bytes int, OUT more text) LANGUAGE sql AS $$ SELECT 1, 'x' $$;
            """)
        try await database.run(script: InstallTests.install)
        #expect(try await database.dump("-s") == before)
        await cluster.remove()
    }

    @Test("rights of the feed's roles that the files no longer give are taken back; those of an operator's roles stay")
    func rights() async throws {
        let cluster = try await PrivateCluster.make()
        let database = try await cluster.createDatabase(.installed)
        try await database.psql(
            """
            CREATE ROLE dashboard; CREATE ROLE "Odd; name";
            GRANT USAGE ON SCHEMA changefeed TO dashboard;
            GRANT SELECT ON changefeed.control, changefeed.event_record TO dashboard WITH GRANT OPTION;
            GRANT SELECT (model) ON changefeed.v1_event TO "Odd; name";
            GRANT EXECUTE ON FUNCTION changefeed.status(), changefeed.track(text) TO dashboard;
            """)
        let before = try await database.dump("-s")
        try await database.psql(
            """
            GRANT INSERT, SELECT ON changefeed.control, changefeed.identity TO changefeed_service, changefeed_monitor;
            GRANT SELECT (id) ON changefeed.rule_decision TO changefeed_service;
            GRANT ALL ON FUNCTION changefeed.pause(text), changefeed.capture_insert() TO changefeed_service;
            GRANT ALL ON SEQUENCE changefeed.event_id TO changefeed_monitor;
            GRANT CREATE ON SCHEMA changefeed TO changefeed_service;
            GRANT SELECT ON changefeed.event TO PUBLIC;
            """)
        try await database.run(script: InstallTests.install)
        let after = try await database.dump("-s")
        #expect(after.split(separator: "\n").sorted() == before.split(separator: "\n").sorted())
        await cluster.remove()
    }

    @Test("a view of the operator's that reads the feed stays, and the installation says what it could not make anew")
    func dependents() async throws {
        let cluster = try await PrivateCluster.make()
        let database = try await cluster.createDatabase(.installed)
        try await database.psql(
            """
            CREATE SCHEMA reports;
            CREATE VIEW reports.changes AS SELECT model, record_id FROM changefeed.event_record WHERE changefeed.schema_version() > 0;
            CREATE TABLE reports.kept (model text DEFAULT changefeed.status() ->> 'leader');
            """)
        let before = try await database.dump("-s")
        let said = try await database.messages(of: InstallTests.install)
        #expect(said.contains("changefeed.event_record, because of view reports.changes"), "\(said)")
        #expect(
            said.contains("changefeed.status(), because of default value for column model of table reports.kept"),
            "\(said)")
        #expect(try await database.dump("-s") == before)
        #expect(try await database.psql("SELECT count(*) FROM reports.changes") == "0")
        await cluster.remove()
    }

    @Test("clients that pull while it is installed again get their answers, by the statements that they had prepared")
    func underway() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        // The clone of a template is another database: devices would be told so by the installation.
        try await database.psql("SELECT changefeed.check_identity()")
        let service = try await database.connect(user: "changefeed_login")
        let pull =
            "SELECT problem, entries FROM changefeed.pull(2, $1::text, 'all', '{res.partner}', with_data => true)"
        #expect(try await service.lines(pull, ["a"]) == ["|0"])
        // Again and again until clients came in between, however slow the machine is.
        let enough = Mutex(false)
        let installation = Task {
            repeat { _ = try await database.run(script: InstallTests.install) } while !enough.withLock { $0 }
        }
        var pulls = 0
        while pulls < 3 {
            #expect(try await service.lines(pull, ["a"]) == ["|0"])
            try await database.psql("UPDATE res_partner SET phone = '1' WHERE id = 0", user: "odoo")
            pulls += 1
        }
        enough.withLock { $0 = true }
        try await installation.value
        #expect(try await service.lines(pull, ["a"]) == ["|0"])
        await service.close()
    }
}
