-- The ring of log tables: moving on to the next slot, and emptying a retired one.

CREATE OR REPLACE FUNCTION changefeed.slot_table(slot int) RETURNS regclass
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT to_regclass('changefeed.event_' || to_char(slot, 'FM00'))
$$;
COMMENT ON FUNCTION changefeed.slot_table(int) IS 'Child table of a slot.';

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
    'Sends writers to the next slot of the ring. Returns it, or null when it is not empty yet; then nothing changes and the present slot goes on.';

CREATE OR REPLACE FUNCTION changefeed.empty_slot(slot smallint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    target regclass := changefeed.slot_table(empty_slot.slot);
    previous text := current_setting('lock_timeout');
    quiet pg_snapshot;
    used boolean;
BEGIN
    PERFORM changefeed.require_read_committed();
    IF target IS NULL THEN
        RAISE EXCEPTION 'slots are 0 to 15' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF EXISTS (SELECT FROM changefeed.control c WHERE c.slot = empty_slot.slot) THEN
        RAISE EXCEPTION 'slot % is being written to', empty_slot.slot
            USING ERRCODE = 'object_in_use', HINT = 'SELECT changefeed.rotate() first.';
    END IF;
    -- A transaction whose snapshot is older than the last change of slots may still write to it.
    IF NOT changefeed.control_is_seen() THEN
        RETURN false;
    END IF;
    -- Nobody writes here any more, which settle() may not have noted yet.
    SELECT coalesce(s.quiet_snapshot, pg_current_snapshot()) INTO quiet FROM changefeed.slot s WHERE s.slot = empty_slot.slot;
    FOR attempt IN 1..10 LOOP
        BEGIN
            PERFORM set_config('lock_timeout', '50ms', true);
            EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', target);
            -- rotate() looks into the slot before it opens it, so it has either been here before or waits for this lock.
            IF EXISTS (SELECT FROM changefeed.control c WHERE c.slot = empty_slot.slot) THEN
                RAISE EXCEPTION 'slot % is being written to', empty_slot.slot USING ERRCODE = 'object_in_use';
            END IF;
            EXECUTE format('SELECT EXISTS (SELECT FROM %s)', target) INTO used;
            IF used THEN
                EXECUTE format('TRUNCATE %s', target);
            END IF;
            PERFORM set_config('lock_timeout', previous, true);
            -- The lock is held: whoever wrote here has ended, and is seen by this snapshot.
            UPDATE changefeed.slot s
            SET emptied_at = clock_timestamp(),
                emptied_below = CASE WHEN used THEN pg_snapshot_xmax(quiet) ELSE s.emptied_below END,
                emptied_snapshot = CASE WHEN used THEN pg_current_snapshot() ELSE s.emptied_snapshot END
            WHERE s.slot = empty_slot.slot;
            RETURN true;
        EXCEPTION WHEN lock_not_available THEN
            PERFORM set_config('lock_timeout', previous, true);
        END;
        PERFORM pg_sleep(0.05 * attempt);
    END LOOP;
    RETURN false;
END $$;
COMMENT ON FUNCTION changefeed.empty_slot(smallint) IS
    'Empties a retired slot by TRUNCATE, waiting at most 50 ms per try for its lock, in ten tries. False: it is in use (pg_dump, an old transaction), try later.';

CREATE OR REPLACE FUNCTION changefeed.snapshot_contains(larger pg_snapshot, smaller pg_snapshot) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT pg_snapshot_xmax(larger) >= pg_snapshot_xmax(smaller)
       AND NOT EXISTS (SELECT FROM pg_snapshot_xip(larger) x WHERE pg_visible_in_snapshot(x, smaller))
$$;
COMMENT ON FUNCTION changefeed.snapshot_contains(pg_snapshot, pg_snapshot) IS 'True when all that is visible in the second is visible in the first.';

CREATE OR REPLACE FUNCTION changefeed.lacks_emptied(seen pg_snapshot, base pg_snapshot) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM changefeed.slot s
        WHERE s.emptied_below > pg_snapshot_xmin(seen)
          AND NOT changefeed.snapshot_contains(seen, s.emptied_snapshot)
          AND NOT changefeed.snapshot_contains(base, s.emptied_snapshot))
$$;
COMMENT ON FUNCTION changefeed.lacks_emptied(pg_snapshot, pg_snapshot) IS
    'True when retention has emptied events that a reader may have missed who stands at snapshot seen and began at snapshot base: what was emptied before it began is no loss.';
