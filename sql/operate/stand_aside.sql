-- Copying, renaming and dropping a database want it without sessions, and wait five seconds for the last to go. The lock on
-- the database that they hold meanwhile is one that everybody sees, whoever they are.
CREATE OR REPLACE FUNCTION changefeed.is_wanted() RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.objid
        WHERE l.locktype = 'object' AND l.database = 0 AND l.classid = 'pg_database'::regclass AND d.datname = current_database()
          -- Who connects holds RowExclusiveLock for a moment. CREATE DATABASE … TEMPLATE holds the first, the others the second.
          AND l.mode IN ('ShareLock', 'AccessExclusiveLock') AND l.pid <> pg_backend_pid())
$$;
COMMENT ON FUNCTION changefeed.is_wanted() IS
    'True while somebody copies, renames, moves or drops this database, or waits for its sessions to end in order to do so.';
