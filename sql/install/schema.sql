-- The schema, owned by changefeed_owner; PUBLIC has no right on it.
DO $$
BEGIN
    -- IF NOT EXISTS would require the right to create one even if it exists.
    IF to_regnamespace('changefeed') IS NULL THEN
        CREATE SCHEMA changefeed AUTHORIZATION changefeed_owner;
    END IF;
END $$;

-- A restore without owners (Odoo's own, pg_restore --no-owner) leaves everything to the restoring role: change it back.
DO $$
DECLARE
    object text;
BEGIN
    FOR object IN
        SELECT 'SCHEMA changefeed' FROM pg_namespace n
        WHERE n.nspname = 'changefeed' AND n.nspowner <> 'changefeed_owner'::regrole
        UNION ALL
        SELECT format('%s %s', CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'S' THEN 'SEQUENCE' WHEN 'c' THEN 'TYPE'
                                    ELSE 'TABLE' END, c.oid::regclass)
        FROM pg_class c
        WHERE c.relnamespace = 'changefeed'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'S', 'c')
          AND c.relowner <> 'changefeed_owner'::regrole
          -- A sequence of a column goes with its table.
          AND NOT EXISTS (SELECT FROM pg_depend d
                          WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND c.relkind = 'S'
                            AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('i', 'a'))
        UNION ALL
        SELECT format('ROUTINE %s', p.oid::regprocedure) FROM pg_proc p
        WHERE p.pronamespace = 'changefeed'::regnamespace
          AND p.proowner NOT IN ('changefeed_owner'::regrole, 'changefeed_definer'::regrole,
                                 'changefeed_reader'::regrole)
    LOOP
        EXECUTE format('ALTER %s OWNER TO changefeed_owner', object);
    END LOOP;
    -- The next files replace these as changefeed_definer and as changefeed_reader,
    -- which may own only what they may create.
    GRANT CREATE ON SCHEMA changefeed TO changefeed_definer, changefeed_reader;
    FOR object IN
        SELECT format('%s OWNER TO %s', p.oid::regprocedure,
                      CASE WHEN starts_with(p.proname::text, 'rules_') THEN 'changefeed_reader'
                           ELSE 'changefeed_definer' END)
        FROM pg_proc p
        WHERE p.pronamespace = 'changefeed'::regnamespace AND p.proowner = 'changefeed_owner'::regrole
          AND (starts_with(p.proname::text, 'capture_') OR starts_with(p.proname::text, 'odoo_')
               OR starts_with(p.proname::text, 'rules_'))
    LOOP
        EXECUTE format('ALTER FUNCTION %s', object);
    END LOOP;
    REVOKE CREATE ON SCHEMA changefeed FROM changefeed_definer, changefeed_reader;
END $$;
COMMENT ON SCHEMA changefeed IS
    'odoo-changefeed: change capture, event log and the functions of the feed. sql/uninstall.sql removes all of it.';
