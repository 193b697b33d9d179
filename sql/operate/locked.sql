-- Which tables somebody has for himself: an upgrade's ALTER TABLE, VACUUM FULL, LOCK TABLE. Who waits for such a lock keeps
-- others out just as well, since PostgreSQL lets nobody overtake.
CREATE OR REPLACE FUNCTION changefeed.locked_tables() RETURNS TABLE (source text, model text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT DISTINCT format('%I.%I', n.nspname, c.relname), t.model
    FROM pg_locks l
    JOIN pg_class c ON c.oid = l.relation AND c.relkind IN ('r', 'p')
    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname !~ '^pg_'
    LEFT JOIN changefeed.tracked_model t ON t.table_schema = n.nspname AND t.table_name = c.relname
    WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.pid <> pg_backend_pid()
      AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
$$;
COMMENT ON FUNCTION changefeed.locked_tables() IS
    'The tables that somebody holds, or waits for, so that nobody else may read them, with the tracked models whose records they hold. It waits for no lock itself.';
