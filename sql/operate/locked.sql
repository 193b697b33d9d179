-- Exclusively locked tables: an upgrade's ALTER TABLE, VACUUM FULL, LOCK TABLE. A session that waits for such a lock
-- blocks others as well, because PostgreSQL does not let them overtake.
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
    'The tables that a session has locked, or waits to lock, against readers, with their tracked models. '
    'It waits for no lock itself.';
