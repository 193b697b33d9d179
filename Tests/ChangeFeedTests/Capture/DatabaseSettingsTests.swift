import ChangeFeed
import ChangeFeedTesting
import Foundation
import Postgres
import Testing

/// What databases and roles set for everybody must not reach the installation, the triggers or the answers.
@Suite("Databases with settings and a language of their own", .serialized, .timeLimit(.minutes(10)))
struct DatabaseSettingsTests {
    /// Settings that went wrong, or could: each case is set together.
    enum Settings: String, CaseIterable {
        case serializable, repeatableRead, readOnly, names, strings, literals, styles, plpgsql, replica

        var assignments: [String] {
            switch self {
            case .serializable:
                ["default_transaction_isolation = 'serializable'", "default_transaction_deferrable = on"]
            case .repeatableRead: ["default_transaction_isolation = 'repeatable read'"]
            case .readOnly: ["default_transaction_read_only = on"]
            case .names: ["quote_all_identifiers = on", "search_path = public, pg_catalog"]
            case .strings:
                ["standard_conforming_strings = off", "escape_string_warning = off", "backslash_quote = off"]
            case .literals:
                [
                    "array_nulls = off", "transform_null_equals = on", "check_function_bodies = off",
                    "row_security = off",
                ]
            case .styles:
                [
                    "datestyle = 'German, DMY'", "intervalstyle = 'sql_standard'", "timezone = 'Asia/Kathmandu'",
                    "bytea_output = 'escape'",
                    "xmlbinary = 'hex'", "extra_float_digits = -15",
                ]
            case .plpgsql:
                [
                    "plpgsql.variable_conflict = 'use_variable'", "plpgsql.extra_errors = 'all'",
                    "plpgsql.extra_warnings = 'all'",
                    "plpgsql.check_asserts = off",
                ]
            case .replica:
                ["session_replication_role = 'replica'", "exit_on_error = on", "client_min_messages = 'error'"]
            }
        }
    }

    /// Who has the setting.
    enum Place: CaseIterable {
        case database, roles
    }

    private static let cluster = Task { try await PrivateCluster.make() }
    private static let plain = Task { try await answers(of: await cluster.value.createDatabase(.odoo)) }

    @Test(
        "installed, captured, pulled and removed as in any other database", arguments: Settings.allCases, Place.allCases
    )
    func settings(_ settings: Settings, _ place: Place) async throws {
        let expected = try await Self.plain.value
        let database = try await Self.cluster.value.createDatabase(.odoo)
        // Roles of this name are the cluster's: the plain database has made them, and uninstall.sql has left this one.
        try await database.psql(
            settings.assignments.map { assignment in
                place == .database
                    ? "ALTER DATABASE \(database.name) SET \(assignment);"
                    : ["postgres", "odoo", "changefeed_login"].map {
                        "ALTER ROLE \($0) IN DATABASE \(database.name) SET \(assignment);"
                    }
                    .joined(separator: "\n")
            }.joined(separator: "\n"), in: "postgres")
        let answers = try await Self.answers(of: database)
        #expect(answers == expected)
    }

    /// Everything that SQL answers about one short history, from the installation to the removal.
    private static func answers(of database: TestDatabase) async throws -> [String] {
        try await database.psql(own + "UPDATE res_partner SET create_date = '2026-01-01', write_date = '2026-01-01'")
        let before = try await database.dump("-s")
        try await database.run(script: InstallTests.install)
        let installer = try await database.connect()
        try await Installer().run(.install, on: installer) { _ in }
        await installer.close()
        try await database.psql(
            own + """
                DO $$ BEGIN CREATE ROLE changefeed_login LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
                GRANT changefeed_service TO changefeed_login
                """)
        try await database.psql(changes, user: "odoo")
        // How a transaction begins is a matter of the service's connections; all else is as the database has it.
        var answers = try await database.psql(begin + questions, user: "changefeed_login").split(separator: "\n").map(
            String.init)
        answers += try await database.psql(begin + administration).split(separator: "\n").map(String.init)
        try await database.run(script: InstallTests.uninstall)
        #expect(try await database.dump("-s") == before)
        return answers.map { line in
            line.replacing(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\.\d+(Z|[+-][\d:]+)?/, with: "NOW").replacing(
                /^\|[0-9a-f]{12}\|/, with: "SNAPSHOT")
        }
    }

    /// For what the test itself asks.
    private static let own = """
        SET standard_conforming_strings = on; SET search_path = public; SET quote_all_identifiers = off;
        SET plpgsql.extra_errors = 'none'; SET default_transaction_read_only = off; SET exit_on_error = off;

        """
    private static let begin =
        "SET default_transaction_isolation = 'read committed'; SET default_transaction_read_only = off;\n"
    private static let changes = """
        SET default_transaction_read_only = off;
        UPDATE res_partner SET phone = '1', write_date = '2026-01-02 03:04:05.678' WHERE id = 1;
        UPDATE sale_order SET state = 'sale', amount_total = 10.25 WHERE id <= 2;
        INSERT INTO res_partner (name, email, write_date) VALUES (E'B\\\\a"ck''s', 'x@y.z', '2026-01-01');
        DELETE FROM sale_order WHERE id = 3;
        UPDATE product_product SET standard_price = '{"1": 12.5}' WHERE id = 1;
        """
    private static let questions = """
        SELECT s -> 'models', s -> 'schema_version', s -> 'open_gaps' FROM changefeed.status() s;
        SELECT * FROM changefeed.verify();
        SELECT key_id, rounds, salt FROM changefeed.odoo_api_key_candidates('d033e22a');
        SELECT * FROM changefeed.odoo_catalog('{res.partner,sale.order}');
        SELECT * FROM changefeed.unreadable_columns('{"public.res_partner": ["name", "nothing"]}');
        SELECT * FROM changefeed.v1_list(2, NULL, NULL, NULL, NULL, 100, 0);
        SELECT * FROM changefeed.v1_counts(2, NULL);
        SELECT problem, events, entries, has_more, models FROM changefeed.pull(2, 'phone');
        SELECT next_sync_token AS token FROM changefeed.pull(2, 'phone') \\gset
        SELECT acknowledged FROM changefeed.acknowledge(2, 'phone', NULL, :'token');
        SELECT entries FROM changefeed.pull(2, 'phone', sync_token => :'token');
        SELECT problem, records, entries, complete, next_cursor IS NULL FROM changefeed.snapshot_page(2, 'phone', 'res.partner', NULL, 3);
        SELECT * FROM changefeed.digest(2, 'phone', 'res.partner', 4);
        SELECT count(*) FROM changefeed.tail('1:1:');
        SELECT step, object, events, state FROM changefeed.archive(false);
        SELECT changed FROM changefeed.check_identity();

        """
    private static let administration = """
        SELECT changefeed.track('sale.order.line');
        SELECT * FROM changefeed.tracked;
        SELECT model, rule_columns FROM changefeed.tracked_model ORDER BY 1;
        SELECT changefeed.untrack('sale.order.line');
        SELECT proname, proconfig, md5(prosrc) FROM pg_proc WHERE pronamespace = 'changefeed'::regnamespace ORDER BY 1, 3;
        SELECT changefeed.pause('a test'), changefeed.resume();
        SELECT changefeed.odoo_python_text(E'a\\nb\\x07''\\\\'), changefeed.plain_line(E'a \\n b\\u200b');
        SELECT model, place, field, descending FROM changefeed.odoo_orders('{res.partner,sale.order}', 'en_US');

        """

    @Test("limits of time that the database sets end no installation, however long a table is held")
    func limits() async throws {
        let cluster = try await PrivateCluster.make()
        let database = try await cluster.createDatabase(.odoo)
        let observer = try await database.connect()
        let holder = try await database.connect(user: "odoo")
        var limits = ["statement_timeout = '1s'", "lock_timeout = '1ms'", "idle_in_transaction_session_timeout = '1s'"]
        if try await cluster.server.release() >= 14 { limits.append("idle_session_timeout = '1s'") }
        if try await cluster.server.release() >= 17 { limits.append("transaction_timeout = '1s'") }
        for limit in limits { try await database.psql("ALTER DATABASE \(database.name) SET \(limit)") }
        try await holder.execute(script: "BEGIN; UPDATE stock_picking SET state = 'done'")
        let installation = Task { try await database.run(script: InstallTests.install) }
        try await eventually(within: .seconds(90), "the installation has waited for a table for longer than the limit")
        {
            try await observer.value(
                "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'CALL %' AND clock_timestamp() - query_start > interval '1500 ms'"
            ) == "1"
        }
        try await holder.execute(script: "COMMIT")
        _ = try await installation.value
        #expect(try await observer.lines(InstallTests.tracked) == InstallTests.eleven)
        for connection in [observer, holder] { await connection.close() }
        await cluster.remove()
    }

    @Test("an interactive session has its own settings back after the scripts")
    func givenBack() async throws {
        let cluster = try await PrivateCluster.make()
        let database = try await cluster.createDatabase(.odoo)
        let show = """
            SELECT current_setting('search_path'), current_setting('default_transaction_isolation'), current_setting('statement_timeout'),
                   current_setting('quote_all_identifiers'), current_setting('standard_conforming_strings'), current_setting('client_min_messages');

            """
        for script in [InstallTests.install, InstallTests.uninstall] {
            let shown = try await database.psql(
                """
                SET search_path = public, "$user"; SET default_transaction_isolation = 'serializable'; SET statement_timeout = '20min';
                SET quote_all_identifiers = on; SET standard_conforming_strings = off; SET client_min_messages = 'warning';
                \(show)\\o /dev/null
                \\i \(script)
                \\o
                \(show)
                """
            ).split(separator: "\n").filter { !$0.hasPrefix("changefeed: ") }
            #expect(shown.count == 2 && shown.first == shown.last, "\(shown)")
        }
        await cluster.remove()
    }

    @Test("what needs READ COMMITTED says how to begin such a transaction, where another level is the default")
    func refused() async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect()
        try await connection.execute(script: "SET default_transaction_isolation = 'serializable'")
        for call in ["changefeed.track('res.partner')", "changefeed.pause('a test')", "changefeed.check_identity()"] {
            let error = await #expect(throws: PostgresError.self) {
                _ = try await connection.query(Query("SELECT \(call)"))
            }
            #expect("\(try #require(error))".contains("READ COMMITTED"))
            try await connection.execute(script: "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT \(call); COMMIT")
        }
    }

    @Test("no text of a routine reads otherwise where standard_conforming_strings is off")
    func backslashes() async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect()
        // A backslash stands in E'…' only.
        let plain = #"regexp_replace(p.prosrc, 'E''([^''\\]|\\.|'''')*''', '', 'g')"#
        let found = try await connection.lines(
            "SELECT p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace = 'changefeed'::regnamespace AND strpos(\(plain), E'\\\\') > 0"
        )
        #expect(found == [])
    }

    @Test("floats among the old values are kept in full, whatever extra_float_digits the session has")
    func floats() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql(
            """
            ALTER TABLE sale_order ADD x_weight float8;
            INSERT INTO ir_rule (model_id, name, domain_force, global) SELECT id, 'light', $$[('x_weight', '<', 1)]$$, true FROM ir_model WHERE model = 'sale.order';
            """, user: "odoo")
        try await database.psql("SELECT changefeed.track('sale.order')")
        try await database.psql(
            """
            UPDATE sale_order SET x_weight = 0.1::float8 + 0.2::float8 WHERE id <= 2;
            SET extra_float_digits = -5;
            UPDATE sale_order SET x_weight = 1 WHERE id = 1; DELETE FROM sale_order WHERE id = 2;
            """, user: "odoo")
        #expect(
            try await database.psql("SELECT event, olds[1] ->> 'x_weight' FROM changefeed.event ORDER BY id")
                == "write|\nwrite|0.30000000000000004\nunlink|0.30000000000000004")
        #expect(try await database.psql("SELECT code, detail FROM changefeed.verify()") == "")
        // One that keeps no float has no clause for it.
        #expect(
            try await database.psql("SELECT proconfig FROM pg_proc WHERE proname = 'capture_update_res_partner'")
                == #"{"search_path=pg_catalog, pg_temp"}"#)
    }

    @Test(
        "in a Turkish cluster, where I is not the capital of i, all is as elsewhere, and a secret is one in capitals, too",
        .enabled(
            if: PrivateCluster.hasLocale("tr_TR.utf8"),
            "this machine lacks tr_TR.UTF-8 (localedef -i tr_TR -f UTF-8 tr_TR.UTF-8)"))
    func turkish() async throws {
        let cluster = try await PrivateCluster.make(locale: "tr_TR.UTF-8")
        #expect(try await cluster.createDatabase(.empty).psql("SELECT upper('insert')") == "İNSERT")
        #expect(try await Self.answers(of: cluster.createDatabase(.odoo)) == Self.plain.value)
        let database = try await cluster.createDatabase(.odoo)
        try await database.run(script: InstallTests.install)
        let connection = try await database.connect()
        #expect(try await connection.value("SELECT changefeed.odoo_secret_field('res.partner', 'x_API_KEY')") == "t")
        try await connection.execute(
            script: #"UPDATE ir_model SET "order" = 'name DESC NULLS FIRST, id ASC' WHERE model = 'res.partner'"#)
        #expect(
            try await connection.lines(
                "SELECT field, descending FROM changefeed.odoo_orders('{res.partner}', 'en_US') ORDER BY place") == [
                    "name|t", "id|f",
                ])
        await connection.close()
        await cluster.remove()
    }
}
