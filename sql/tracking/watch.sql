-- The triggers that notice changes of access: attached by the installation, one table at a time.

CREATE OR REPLACE FUNCTION changefeed.unwatched_tables() RETURNS TABLE (source regclass)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT c.oid::regclass
    FROM pg_namespace n
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = ANY (changefeed.odoo_watched_tables(n.nspname))
      AND c.relkind = 'r'
    LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND t.tgname = 'changefeed_access'
    WHERE NOT coalesce(t.tgenabled = 'A' AND t.tgtype = 60 AND t.tgfoid = to_regprocedure('changefeed.capture_access()')
                       AND t.tgqual IS NULL AND t.tgattr = ''::int2vector, false)
    ORDER BY c.oid
$$;
COMMENT ON FUNCTION changefeed.unwatched_tables() IS
    'The tables of odoo_watched_tables() whose trigger is missing or altered. While there is one, '
    'nothing about access is cached.';

CREATE OR REPLACE FUNCTION changefeed.watch_table(target regclass) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    previous CONSTANT text := current_setting('lock_timeout');
BEGIN
    FOR attempt IN 1..20 LOOP
        -- Leaving this block by the exception releases the lock: no session sleeps while holding it.
        BEGIN
            PERFORM set_config('lock_timeout', '100ms', true);
            EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', target);
            -- Another installation may have done it: dropping the trigger again would require more.
            IF target NOT IN (SELECT w.source FROM changefeed.unwatched_tables() w) THEN
                PERFORM set_config('lock_timeout', previous, true);
                RETURN true;
            END IF;
            IF EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = target AND t.tgname = 'changefeed_access') THEN
                EXECUTE format('DROP TRIGGER changefeed_access ON %s', target);
            END IF;
            EXECUTE format('CREATE TRIGGER changefeed_access AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON %s FOR '
                           'EACH STATEMENT EXECUTE FUNCTION changefeed.capture_access()', target);
            EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER changefeed_access', target);
            PERFORM set_config('lock_timeout', previous, true);
            RETURN true;
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
            PERFORM pg_sleep(least(0.05 * attempt, 0.5));
        END;
    END LOOP;
    RETURN false;
END $$;
COMMENT ON FUNCTION changefeed.watch_table(regclass) IS
    'Attaches the trigger that notices changes of access, in up to 20 tries. False when the table stayed in use.';

-- No SET clause here: a procedure with one may not COMMIT. Every name is written in full instead.
CREATE OR REPLACE PROCEDURE changefeed.watch_access()
LANGUAGE plpgsql AS $$
DECLARE
    target pg_catalog.regclass;
    remaining text[] := '{}';
BEGIN
    FOR target IN SELECT w.source FROM changefeed.unwatched_tables() w LOOP
        IF NOT changefeed.watch_table(target) THEN
            remaining := pg_catalog.array_append(remaining, target::text);
        END IF;
        COMMIT;
    END LOOP;
    IF pg_catalog.cardinality(remaining) OPERATOR(pg_catalog.>) 0 THEN
        RAISE NOTICE 'these tables stayed in use: %; until CALL changefeed.watch_access() has been run again, every '
                     'request evaluates access from scratch',
            pg_catalog.array_to_string(remaining, ', ');
    END IF;
END $$;
COMMENT ON PROCEDURE changefeed.watch_access() IS
    'Attaches missing triggers to the tables of odoo_watched_tables(), '
    'with a commit after each table. May be run again.';
