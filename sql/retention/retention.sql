-- Retention: old events leave version 1, then the log. No row is rewritten or deleted for it: watermarks hide, and
-- whole slots of the ring are emptied.
--
-- The service calls archive() step by step, one transaction each, with its settings; psql can call it, too.

CREATE OR REPLACE FUNCTION changefeed.slot_length(delete_after interval DEFAULT '90 days') RETURNS interval
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    -- The retained events take 13 closed slots, one more that has begun to be too old, the one that is written to, and
    -- an empty one to rotate to: the ring has 16.
    SELECT make_interval(secs => floor(extract(epoch FROM delete_after) / 13)::int)
$$;
COMMENT ON FUNCTION changefeed.slot_length(interval) IS
    'How long a slot of the log is written to, so that the retained events fit into the ring: '
    'a thirteenth, in whole seconds.';

CREATE OR REPLACE FUNCTION changefeed.active_devices(inactive_after interval DEFAULT '30 days')
RETURNS TABLE (device bigint, seen pg_snapshot, takes_snapshot boolean)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT a.id, a.seen, a.takes_snapshot
    FROM (SELECT d.id, d.seen, d.last_pull_at, EXISTS (
                     SELECT FROM jsonb_each(d.bases) b
                     WHERE b.value ->> 'until' IS NULL
                       AND (b.value ->> 'at')::timestamptz > clock_timestamp() - interval '1 day') AS takes_snapshot
          FROM changefeed.device d JOIN changefeed.control c ON c.epoch = d.epoch) a
    WHERE a.takes_snapshot OR a.last_pull_at > clock_timestamp() - inactive_after
$$;
COMMENT ON FUNCTION changefeed.active_devices(interval) IS
    'Devices that hold retention back: those of this epoch that pulled recently or are resyncing a model '
    '(takes_snapshot, begun within a day).';

CREATE OR REPLACE FUNCTION changefeed.settled_below(inactive_after interval DEFAULT '30 days') RETURNS xid8
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT pg_snapshot_xmin(d.seen) FROM changefeed.active_devices(inactive_after) d
    ORDER BY pg_snapshot_xmin(d.seen) LIMIT 1
$$;
COMMENT ON FUNCTION changefeed.settled_below(interval) IS
    'Every active device has settled all transactions below this number; null: there is no active device.';

CREATE OR REPLACE FUNCTION changefeed.due_slots(delete_after interval DEFAULT '90 days')
RETURNS TABLE (slot smallint, events bigint, newest_at timestamptz, held_by bigint)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    moment timestamptz := clock_timestamp() - delete_after;
    retired record;
BEGIN
    FOR retired IN
        SELECT s.slot, s.quiet_snapshot FROM changefeed.slot s
        WHERE s.closed_at < moment AND s.slot <> (SELECT c.slot FROM changefeed.control c)
        ORDER BY s.closed_at
    LOOP
        slot := retired.slot;
        EXECUTE format('SELECT sum(cardinality(e.ids)), max(e.occurred_at) FROM %s e', changefeed.slot_table(slot))
        INTO events, newest_at;
        CONTINUE WHEN newest_at IS NULL OR newest_at >= moment;
        -- A list in progress would have to start again: it gets a day to complete.
        held_by := CASE WHEN newest_at >= moment - interval '1 day' THEN (
            SELECT min(d.device) FROM changefeed.active_devices() d
            WHERE d.takes_snapshot
              AND (pg_snapshot_xmin(d.seen) >= pg_snapshot_xmax(retired.quiet_snapshot)) IS NOT TRUE) END;
        RETURN NEXT;
    END LOOP;
END $$;
COMMENT ON FUNCTION changefeed.due_slots(interval) IS
    'Retired slots whose events are all older than that, oldest first; held_by: a device that is resyncing a model and '
    'has not passed it, for at most a day.';

CREATE OR REPLACE FUNCTION changefeed.count_archive() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE changefeed.retention r
    SET counted_at = clock_timestamp(), active_events = w.active, archived_events = w.archived
    FROM (SELECT count(*) FILTER (WHERE NOT e.archived) AS active, count(*) FILTER (WHERE e.archived) AS archived
          FROM changefeed.v1_event e) w;
END $$;
COMMENT ON FUNCTION changefeed.count_archive() IS
    'Counts the events of version 1 for archive_stats. It unfolds the whole log, '
    'which takes seconds for a million events.';

CREATE OR REPLACE FUNCTION changefeed.archive(
    dry_run boolean DEFAULT true, only_step text DEFAULT NULL, archive_after interval DEFAULT '7 days',
    force_after interval DEFAULT '30 days', delete_after interval DEFAULT '90 days',
    inactive_after interval DEFAULT '30 days')
RETURNS TABLE (step text, object text, events bigint, state text, detail text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '5s' AS $$
DECLARE
    steps CONSTANT text[] := '{force,settled,orphans,delete,rotate,count}';
    forced timestamptz := clock_timestamp() - force_after;
    moment timestamptz := clock_timestamp() - archive_after;
    below xid8;
    present record;
    due record;
BEGIN
    PERFORM changefeed.require_read_committed();
    IF (interval '0' < archive_after AND archive_after <= force_after AND force_after <= delete_after
        AND inactive_after > interval '0' AND dry_run IS NOT NULL) IS NOT TRUE THEN
        RAISE EXCEPTION
            'archive_after, force_after and delete_after must be positive, each at least as long as the one before'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF only_step <> ALL (steps) THEN
        RAISE EXCEPTION 'step must be one of %', array_to_string(steps, ', ') USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF NOT dry_run THEN
        IF pg_current_xact_id_if_assigned() IS NOT NULL THEN
            RAISE EXCEPTION 'archiving needs its own transaction' USING ERRCODE = 'active_sql_transaction';
        END IF;
        IF NOT pg_try_advisory_xact_lock(changefeed.archiver_key()) THEN
            RETURN QUERY SELECT coalesce(only_step, 'force'), 'log', NULL::bigint, 'held', 'another session runs it';
            RETURN;
        END IF;
        PERFORM changefeed.check_identity();
    END IF;

    IF coalesce(only_step, 'force') = 'force' THEN
        step := 'force';
        object := 'first API';
        events := CASE WHEN dry_run THEN changefeed.archivable(NULL, forced, NULL)
                       ELSE changefeed.add_watermark(NULL, forced, NULL, 'retention') END;
        state := CASE WHEN dry_run THEN 'due' ELSE 'done' END;
        detail := format('events before %s', changefeed.json_time(forced));
        IF events > 0 THEN RETURN NEXT; END IF;
    END IF;
    IF coalesce(only_step, 'settled') = 'settled' THEN
        step := 'settled';
        object := 'first API';
        below := changefeed.settled_below(inactive_after);
        -- A dry run does not count the events of the previous step twice.
        events := CASE WHEN dry_run THEN changefeed.archivable(
                           NULL, moment, below, CASE WHEN only_step IS NULL THEN forced ELSE '-infinity' END)
                       ELSE changefeed.add_watermark(NULL, moment, below, 'retention') END;
        state := CASE WHEN dry_run THEN 'due' ELSE 'done' END;
        detail := format('events before %s that every active device has settled', changefeed.json_time(moment));
        IF events > 0 THEN RETURN NEXT; END IF;
    END IF;
    IF coalesce(only_step, 'orphans') = 'orphans' THEN
        step := 'orphans';
        object := 'first API';
        events := changefeed.hide_orphans(dry_run);
        state := CASE WHEN dry_run THEN 'due' ELSE 'done' END;
        detail := 'creates and writes of deleted records';
        IF events > 0 THEN RETURN NEXT; END IF;
    END IF;
    IF coalesce(only_step, 'delete') = 'delete' THEN
        FOR due IN SELECT * FROM changefeed.due_slots(delete_after) LOOP
            step := 'delete';
            object := format('slot %s', due.slot);
            events := due.events;
            detail := format('nothing newer than %s', changefeed.json_time(due.newest_at));
            IF due.held_by IS NOT NULL THEN
                state := 'held';
                detail := format('device %s is resyncing a model', due.held_by);
            ELSIF dry_run THEN
                state := 'due';
            ELSIF changefeed.empty_slot(due.slot) THEN
                state := 'done';
            ELSE
                state := 'held';
                detail := 'in use: a running pg_dump or an old transaction';
            END IF;
            RETURN NEXT;
            -- One a call: readers of an emptied slot wait for the end of the transaction.
            EXIT WHEN state = 'done';
        END LOOP;
    END IF;
    IF coalesce(only_step, 'rotate') = 'rotate' THEN
        SELECT c.slot, c.slot_opened_at INTO present FROM changefeed.control c;
        IF present.slot_opened_at < clock_timestamp() - changefeed.slot_length(delete_after)
           AND EXISTS (SELECT FROM changefeed.event e WHERE e.slot = present.slot) THEN
            step := 'rotate';
            object := format('slot %s', (present.slot + 1) % 16);
            events := NULL;
            detail := format('writers move on to it; slot %s was opened at %s', present.slot,
                             changefeed.json_time(present.slot_opened_at));
            IF dry_run THEN
                state := 'due';
            ELSIF changefeed.rotate() IS NOT NULL THEN
                state := 'done';
            ELSE
                state := 'held';
                detail := 'it is not empty yet';
            END IF;
            RETURN NEXT;
        END IF;
    END IF;
    IF NOT dry_run AND coalesce(only_step, 'count') = 'count' THEN
        PERFORM changefeed.forget_access(), changefeed.odoo_forget_statements(NULL), changefeed.forget_windows(NULL);
        PERFORM changefeed.count_archive();
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.archive(boolean, text, interval, interval, interval, interval) IS
    'One run of retention, or one step of it (force, settled, orphans, delete, rotate, count), as rows of what was '
    'done, is due (dry_run) or is held back. force: archives after force_after; settled: archives, after '
    'archive_after, events that every active device has settled; orphans: hides events of deleted records; delete: '
    'empties one slot whose events are older than delete_after (call again until it reports nothing new); rotate: '
    'sends writers on; count: for archive_stats.';

CREATE OR REPLACE VIEW changefeed.archive_stats AS
SELECT r.active_events + r.archived_events AS total, r.active_events AS active, r.archived_events AS archived,
       (SELECT e.occurred_at FROM changefeed.event e ORDER BY e.id LIMIT 1) AS oldest_event_at,
       round(100.0 * r.archived_events / nullif(r.active_events + r.archived_events, 0), 1) AS archived_percentage,
       r.counted_at
FROM changefeed.retention r;
COMMENT ON VIEW changefeed.archive_stats IS
    'How many events of version 1 are archived, as counted by the last run of retention (counting unfolds the whole '
    'log). SELECT changefeed.count_archive() counts again.';
COMMENT ON COLUMN changefeed.archive_stats.total IS 'Events by version 1''s rules; null before the first count.';
COMMENT ON COLUMN changefeed.archive_stats.active IS 'Events that version 1 shows.';
COMMENT ON COLUMN changefeed.archive_stats.archived IS 'Events that it no longer shows but the log still has.';
COMMENT ON COLUMN changefeed.archive_stats.oldest_event_at IS 'Time of the oldest event of the log, now.';
COMMENT ON COLUMN changefeed.archive_stats.archived_percentage IS 'archived of total, in percent.';
COMMENT ON COLUMN changefeed.archive_stats.counted_at IS 'When that was counted.';

-- The service's own bookkeeping: which replica runs it, and the result.
CREATE OR REPLACE FUNCTION changefeed.note_retention_settings(
    archive_every interval, delete_after interval, log_budget bigint, log_budget_action text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE changefeed.retention r
    SET noted_at = clock_timestamp(), archive_every = note_retention_settings.archive_every,
        slot_length = changefeed.slot_length(delete_after), log_budget = note_retention_settings.log_budget,
        log_budget_action = note_retention_settings.log_budget_action
    WHERE (r.archive_every, r.slot_length, r.log_budget, r.log_budget_action)
          IS DISTINCT FROM (note_retention_settings.archive_every, changefeed.slot_length(delete_after),
                            note_retention_settings.log_budget, note_retention_settings.log_budget_action);
END $$;
COMMENT ON FUNCTION changefeed.note_retention_settings(interval, interval, bigint, text) IS
    'Records the service''s settings, for status() and verify().';

CREATE OR REPLACE FUNCTION changefeed.begin_retention(archive_every interval) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE changefeed.retention r SET started_at = clock_timestamp()
    WHERE coalesce(r.ran_at + begin_retention.archive_every <= clock_timestamp(), true)
      AND coalesce(r.started_at + least(begin_retention.archive_every, interval '1 hour') <= clock_timestamp(), true);
    RETURN FOUND;
END $$;
COMMENT ON FUNCTION changefeed.begin_retention(interval) IS
    'True for the one replica that should run retention now: it is due, and no run has begun within the hour.';

CREATE OR REPLACE FUNCTION changefeed.end_retention(report jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- Steps held back are retried within the hour.
    UPDATE changefeed.retention r
    SET report = end_retention.report,
        ran_at = CASE WHEN EXISTS (SELECT FROM jsonb_array_elements(end_retention.report) s
                                   WHERE s ->> 'state' IN ('held', 'failed'))
                      THEN r.ran_at ELSE clock_timestamp() END;
END $$;
COMMENT ON FUNCTION changefeed.end_retention(jsonb) IS
    'Records the steps of a run, and that it completed unless a step was held back.';
