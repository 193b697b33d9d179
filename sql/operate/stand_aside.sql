-- Copying, renaming and dropping a database require it without sessions, and wait five seconds for the last to end.
-- Every role can see the lock on the database that they hold meanwhile.
CREATE OR REPLACE FUNCTION changefeed.is_wanted() RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.objid
        WHERE l.locktype = 'object' AND l.database = 0 AND l.classid = 'pg_database'::regclass
          AND d.datname = current_database()
          -- A connecting session holds RowExclusiveLock for a moment.
          -- CREATE DATABASE … TEMPLATE holds the first, the others the second.
          AND l.mode IN ('ShareLock', 'AccessExclusiveLock') AND l.pid <> pg_backend_pid())
$$;
COMMENT ON FUNCTION changefeed.is_wanted() IS
    'True while this database is being copied, renamed, moved or dropped, '
    'or a command waits for its sessions to end in order to do so.';
