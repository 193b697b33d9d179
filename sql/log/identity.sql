-- A sequence logs its numbers to the WAL in advance, 32 at a time. CREATE DATABASE copies it with the rest of these
-- (strategy wal_log, from PostgreSQL 15 on), but without a WAL record: after a crash before the next checkpoint it
-- would assign the same numbers again. Drawing as many forces a record here.
CREATE OR REPLACE FUNCTION changefeed.secure_sequences() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    sequence regclass;
BEGIN
    FOR sequence IN
        SELECT s.schemaname || '.' || quote_ident(s.sequencename) FROM pg_sequences s
        -- An unused one is logged with its first number.
        WHERE s.schemaname = 'changefeed' AND s.last_value IS NOT NULL
    LOOP
        PERFORM nextval(sequence) FROM generate_series(1, 33);
    END LOOP;
END $$;
COMMENT ON FUNCTION changefeed.secure_sequences() IS
    'Writes the feed''s sequences to the WAL of this database, '
    'so that a crash soon after it was copied assigns no number twice.';

-- The identity of the feed: the condition for comparing transaction ids and log ids.
CREATE OR REPLACE FUNCTION changefeed.check_identity(OUT epoch int, OUT changed boolean, OUT reason text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    known changefeed.identity;
    present changefeed.identity;
    reasons text[] := '{}';
BEGIN
    IF pg_is_in_recovery() THEN
        RAISE EXCEPTION 'this server is a standby: a feed can only be read from the primary'
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'Connect to the primary (target_session_attrs=read-write): '
                         'snapshots of a standby leave out running transactions.';
    END IF;
    PERFORM changefeed.require_read_committed();
    PERFORM changefeed.keep_home();
    SELECT c.epoch INTO check_identity.epoch FROM changefeed.control c;

    SELECT s.system_identifier INTO present.system_identifier FROM pg_control_system() s;
    -- From the segment being written: the control file knows a new timeline only after the next checkpoint.
    present.timeline := ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int;
    SELECT d.oid INTO present.database_oid FROM pg_database d WHERE d.datname = current_database();
    present.database_uuid := changefeed.odoo_database_uuid();

    changed := false;
    SELECT * INTO known FROM changefeed.identity;
    IF FOUND AND (known.system_identifier, known.timeline, known.database_oid) =
                 (present.system_identifier, present.timeline, present.database_oid)
       AND known.database_uuid IS NOT DISTINCT FROM present.database_uuid THEN
        RETURN;
    END IF;
    -- There is a difference. One at a time: the second session sees what the first wrote.
    SELECT c.epoch INTO check_identity.epoch FROM changefeed.control c FOR UPDATE;
    SELECT * INTO known FROM changefeed.identity;
    IF NOT FOUND THEN
        INSERT INTO changefeed.identity (system_identifier, timeline, database_oid, database_uuid)
        VALUES (present.system_identifier, present.timeline, present.database_oid, present.database_uuid);
        PERFORM changefeed.secure_sequences();
        RETURN;
    END IF;
    IF known.system_identifier <> present.system_identifier THEN reasons := reasons || 'another cluster'::text; END IF;
    IF known.timeline <> present.timeline THEN
        reasons := reasons || format('timeline %s after %s', present.timeline, known.timeline);
    END IF;
    IF known.database_oid <> present.database_oid THEN reasons := reasons || 'another database'::text; END IF;
    IF known.database_uuid IS DISTINCT FROM present.database_uuid THEN
        reasons := reasons || 'another database.uuid'::text;
    END IF;
    IF cardinality(reasons) = 0 THEN
        RETURN;
    END IF;
    changed := true;
    PERFORM changefeed.secure_sequences();
    reason := array_to_string(reasons, ', ');
    UPDATE changefeed.identity i
    SET system_identifier = present.system_identifier, timeline = present.timeline,
        database_oid = present.database_oid, database_uuid = present.database_uuid, recorded_at = clock_timestamp();
    UPDATE changefeed.control c SET epoch = c.epoch + 1 RETURNING c.epoch INTO check_identity.epoch;
    -- A lasting gap continues here: one that has not ended, and, if transaction numbers continue, one in which a
    -- transaction ran that has not ended yet.
    UPDATE changefeed.gap g SET epoch = check_identity.epoch, from_snapshot = pg_current_snapshot()
    WHERE g.to_snapshot IS NULL
       OR pg_snapshot_xmin(pg_current_snapshot()) < pg_snapshot_xmax(g.to_snapshot)
          AND known.system_identifier = present.system_identifier AND known.database_oid = present.database_oid;
    -- Existing rows whose transaction the snapshot does not know came from elsewhere; this cluster will
    -- use their number again, and they would appear once more then. 3 is FrozenTransactionId + 1: visible to all.
    -- 4 is as old, and watermarks are built not to know it: events not archived before are not archived by this.
    UPDATE changefeed.event e
    SET xid = CASE WHEN EXISTS (SELECT FROM changefeed.archived a
                                WHERE e.occurred_at < a.before
                                  AND (NOT pg_visible_in_snapshot(e.xid, a.seen) OR e.xid >= a.settled))
                   THEN '4'::xid8 ELSE '3'::xid8 END
    WHERE NOT pg_visible_in_snapshot(e.xid, pg_current_snapshot());
    UPDATE changefeed.archived a
    SET seen = concat('4:', pg_snapshot_xmax(a.seen), ':', (
        SELECT string_agg(x::text, ',' ORDER BY x)
        FROM (SELECT '4'::xid8 AS x UNION SELECT pg_snapshot_xip(a.seen)) running))::pg_snapshot
    WHERE pg_snapshot_xmax(a.seen) > '4'::xid8;
    UPDATE changefeed.slot s SET quiet_snapshot = NULL, emptied_below = NULL, emptied_snapshot = NULL
    WHERE s.opened_at IS NOT NULL;
END $$;
COMMENT ON FUNCTION changefeed.check_identity() IS
    'Compares cluster, timeline, database and database.uuid with the recorded ones; raises the epoch when they differ '
    'and returns the reason, and settles rows with another cluster''s transaction ids. Fails on a standby.';
