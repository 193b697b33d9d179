-- The ring of log tables: rotating to the next slot, and emptying a retired one.

CREATE OR REPLACE FUNCTION changefeed.slot_table(slot int) RETURNS regclass
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT to_regclass('changefeed.event_' || to_char(slot, 'FM00'))
$$;
COMMENT ON FUNCTION changefeed.slot_table(int) IS 'Child table of a slot.';

CREATE OR REPLACE FUNCTION changefeed.log_bytes() RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT sum(pg_total_relation_size(changefeed.slot_table(s.slot)))::bigint FROM changefeed.slot s
$$;
COMMENT ON FUNCTION changefeed.log_bytes() IS 'Size of the event log with its indexes, in bytes.';

CREATE OR REPLACE FUNCTION changefeed.rotate() RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    present smallint;
    following smallint;
    used boolean;
BEGIN
    PERFORM changefeed.require_read_committed();
    SELECT c.slot INTO present FROM changefeed.control c FOR UPDATE;
    following := (present + 1) % 16;
    EXECUTE format('SELECT EXISTS (SELECT FROM %s)', changefeed.slot_table(following)) INTO used;
    IF used THEN
        RETURN NULL;
    END IF;
    UPDATE changefeed.slot s SET closed_at = clock_timestamp()
    WHERE s.slot = present;
    UPDATE changefeed.slot s SET opened_at = clock_timestamp(), closed_at = NULL, quiet_snapshot = NULL
    WHERE s.slot = following;
    UPDATE changefeed.control c SET slot = following, slot_opened_at = clock_timestamp();
    RETURN following;
END $$;
COMMENT ON FUNCTION changefeed.rotate() IS
    'Sends writers to the next slot of the ring. Returns it, or null when it is not empty yet; then nothing changes '
    'and the present slot stays in use.';

CREATE OR REPLACE FUNCTION changefeed.empty_slot(slot smallint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    target regclass := changefeed.slot_table(empty_slot.slot);
    previous text := current_setting('lock_timeout');
    newest xid8;
BEGIN
    PERFORM changefeed.require_read_committed();
    IF target IS NULL THEN
        RAISE EXCEPTION 'slots are 0 to 15' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF EXISTS (SELECT FROM changefeed.control c WHERE c.slot = empty_slot.slot) THEN
        RAISE EXCEPTION 'slot % is being written to', empty_slot.slot
            USING ERRCODE = 'object_in_use', HINT = 'SELECT changefeed.rotate() first.';
    END IF;
    -- A transaction whose snapshot is older than the rotation may still write to it.
    PERFORM changefeed.settle();
    IF EXISTS (SELECT FROM changefeed.slot s WHERE s.slot = empty_slot.slot AND s.quiet_snapshot IS NULL) THEN
        RETURN false;
    END IF;
    FOR attempt IN 1..10 LOOP
        BEGIN
            PERFORM set_config('lock_timeout', '50ms', true);
            EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', target);
            -- rotate() checks the slot before it opens it, so it either has finished or waits for this lock.
            IF EXISTS (SELECT FROM changefeed.control c WHERE c.slot = empty_slot.slot) THEN
                RAISE EXCEPTION 'slot % is being written to', empty_slot.slot USING ERRCODE = 'object_in_use';
            END IF;
            IF EXISTS (SELECT FROM changefeed.slot s WHERE s.slot = empty_slot.slot AND s.quiet_snapshot IS NULL) THEN
                RAISE EXCEPTION 'slot % was written to a moment ago', empty_slot.slot USING ERRCODE = 'object_in_use';
            END IF;
            -- In the same transaction as TRUNCATE, and while readers cannot read the slot: devices that have not
            -- settled all of its transactions must resync. There are no writers any more and the lock is held: earlier
            -- writers have ended.
            EXECUTE format('SELECT e.xid FROM %s e ORDER BY e.xid DESC LIMIT 1', target) INTO newest;
            IF newest IS NOT NULL THEN
                EXECUTE format('TRUNCATE %s', target);
            END IF;
            UPDATE changefeed.slot s
            SET emptied_at = clock_timestamp(),
                emptied_below = CASE WHEN newest IS NULL THEN s.emptied_below
                                     ELSE (newest::text::bigint + 1)::text::xid8 END,
                emptied_snapshot = CASE WHEN newest IS NULL THEN s.emptied_snapshot ELSE pg_current_snapshot() END
            WHERE s.slot = empty_slot.slot;
            PERFORM set_config('lock_timeout', previous, true);
            RETURN true;
        EXCEPTION WHEN lock_not_available THEN
            PERFORM set_config('lock_timeout', previous, true);
        END;
        PERFORM pg_sleep(0.05 * attempt);
    END LOOP;
    RETURN false;
END $$;
COMMENT ON FUNCTION changefeed.empty_slot(smallint) IS
    'Empties a retired slot by TRUNCATE, waiting at most 50 ms per try for its lock, in ten tries. Devices that have '
    'not settled everything in it must resync their models (emptied_below, emptied_snapshot). False: it is in use '
    '(pg_dump, an old transaction), try later.';

CREATE OR REPLACE FUNCTION changefeed.snapshot_contains(larger pg_snapshot, smaller pg_snapshot) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT pg_snapshot_xmax(larger) >= pg_snapshot_xmax(smaller)
       AND NOT EXISTS (SELECT FROM pg_snapshot_xip(larger) x WHERE pg_visible_in_snapshot(x, smaller))
$$;
COMMENT ON FUNCTION changefeed.snapshot_contains(pg_snapshot, pg_snapshot) IS
    'True when everything visible in the second is visible in the first.';

CREATE OR REPLACE FUNCTION changefeed.lacks_emptied(seen pg_snapshot, base pg_snapshot) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM changefeed.slot s
        WHERE s.emptied_below > pg_snapshot_xmin(seen)
          AND NOT changefeed.snapshot_contains(seen, s.emptied_snapshot)
          AND NOT changefeed.snapshot_contains(base, s.emptied_snapshot));
END $$;
COMMENT ON FUNCTION changefeed.lacks_emptied(pg_snapshot, pg_snapshot) IS
    'True when retention has emptied events that a reader with snapshot seen may have missed, if it began at snapshot '
    'base: events emptied before that are no loss.';
