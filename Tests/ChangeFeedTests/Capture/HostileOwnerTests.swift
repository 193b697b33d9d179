import ChangeFeedTesting
import Postgres
import Testing

/// Odoo's role owns schema public and the tables there. Who runs the installation as a superuser must not hand it that.
@Suite("An owner of Odoo's tables who is up to something", .serialized, .timeLimit(.minutes(10)))
struct HostileOwnerTests {
    /// Becomes superuser as soon as a superuser runs it, and says under whom it ran.
    private static let evil = """
        CREATE TABLE public.ran_as (name text); GRANT ALL ON public.ran_as TO PUBLIC;
        CREATE FUNCTION public.evil() RETURNS text LANGUAGE plpgsql AS $$ BEGIN
            BEGIN
                INSERT INTO public.ran_as VALUES (current_user);
            EXCEPTION WHEN OTHERS THEN NULL; END;
            IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
                EXECUTE 'ALTER ROLE odoo SUPERUSER';
            END IF;
            RETURN 'res.partner';
        END $$;
        """

    static let traps = [
        (
            "an operator in schema public",
            """
            CREATE FUNCTION public.same(oid, regrole) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
                PERFORM public.evil(); RETURN $1 OPERATOR(pg_catalog.=) $2::oid; END $$;
            CREATE OPERATOR public.= (LEFTARG = oid, RIGHTARG = regrole, FUNCTION = public.same);
            """
        ),
        (
            "a view in the place of ir_model",
            "ALTER TABLE ir_model RENAME TO ir_model_was; CREATE VIEW ir_model AS SELECT 1 AS id, public.evil() AS model;"
        ),
        (
            "a row policy on ir_model",
            """
            ALTER TABLE ir_model ENABLE ROW LEVEL SECURITY;
            CREATE POLICY spy ON ir_model USING (public.evil() IS NOT NULL);
            """
        ),
        (
            "a type with a cast of its own",
            """
            CREATE TYPE public.name_of_model AS (value text);
            CREATE FUNCTION public.to_text(public.name_of_model) RETURNS text LANGUAGE plpgsql AS $$ BEGIN
                RETURN public.evil(); END $$;
            CREATE CAST (public.name_of_model AS text) WITH FUNCTION public.to_text(public.name_of_model) AS IMPLICIT;
            ALTER TABLE ir_model ALTER COLUMN model TYPE public.name_of_model USING ROW(model)::public.name_of_model;
            """
        ),
    ]

    @Test("gains nothing from an installation by a superuser", arguments: traps)
    func installation(_ name: String, _ trap: String) async throws {
        let cluster = try await PrivateCluster.make()
        let database = try await cluster.createDatabase(.odoo)
        try await database.psql(Self.evil + trap, user: "odoo")
        // It may fail where the trap makes Odoo's tables unreadable.
        _ = try? await database.run(script: Fixture.sqlFolder + "/install.sql")
        _ = try? await database.psql("SELECT changefeed.track('res.partner')")
        _ = try? await database.psql("SELECT * FROM changefeed.check_identity(); SELECT * FROM changefeed.verify()")
        #expect(try await database.psql("SELECT rolsuper FROM pg_roles WHERE rolname = 'odoo'") == "f")
        let others =
            "SELECT DISTINCT name FROM ran_as WHERE name NOT IN ('changefeed_definer', 'changefeed_reader', 'odoo')"
        #expect(try await database.psql(others) == "")
        await cluster.remove()
    }

    @Test("code that runs as changefeed_definer can do nothing that Odoo's role cannot")
    func definer() async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect()
        #expect(
            try await connection.value("SELECT has_schema_privilege('changefeed_definer', 'changefeed', 'CREATE')")
                == "f")
        #expect(
            try await connection.lines(
                "SELECT roleid::regrole FROM pg_auth_members WHERE member = 'changefeed_definer'::regrole") == [])
        let rights = """
            SELECT c.relname, string_agg(DISTINCT a.privilege_type, ',') FROM pg_class c, aclexplode(c.relacl) a
            WHERE c.relnamespace = 'changefeed'::regnamespace AND a.grantee = 'changefeed_definer'::regrole GROUP BY 1 ORDER BY 1
            """
        // What is kept of statements is run with its own rights alone.
        let expected = [
            "access_change|INSERT,SELECT", "control|SELECT", "event|INSERT", "event_id|USAGE", "field_decision|SELECT",
            "kept_statement|DELETE,INSERT,SELECT,UPDATE", "model_decision|SELECT", "odoo_fields|SELECT",
            "rule_decision|SELECT", "tracked_model|SELECT",
        ]
        #expect(try await connection.lines(rights) == expected)
    }

    @Test("Odoo's role dumps its database as before")
    func dump() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        #expect(try await database.dump("-U", "odoo").contains("CREATE TABLE changefeed.event"))
    }
}
