-- Only for uninstall.sql: drops every trigger of the feed, on any table, with a commit after each table. A statement,
-- not a procedure: if it stops half-way, it leaves no object that belongs to one administrator alone.
-- Names are written in full.
DO $$
DECLARE
    target pg_catalog.regclass;
    remaining text[] := '{}';
BEGIN
    FOR target IN
        SELECT DISTINCT g.tgrelid::pg_catalog.regclass
        FROM pg_catalog.pg_trigger g JOIN pg_catalog.pg_proc p ON p.oid OPERATOR(pg_catalog.=) g.tgfoid
        WHERE NOT g.tgisinternal AND p.pronamespace OPERATOR(pg_catalog.=) 'changefeed'::pg_catalog.regnamespace
    LOOP
        IF NOT changefeed.change_triggers('', target, false) THEN
            remaining := pg_catalog.array_append(remaining, target::text);
        END IF;
        COMMIT;
    END LOOP;
    IF pg_catalog.cardinality(remaining) OPERATOR(pg_catalog.>) 0 THEN
        RAISE EXCEPTION 'these tables stayed in use and still have triggers: %',
            pg_catalog.array_to_string(remaining, ', ')
            USING ERRCODE = 'lock_not_available', HINT = 'Run it again; it continues from here.';
    END IF;
END $$;
