-- The size budget of the log: a full disk would stop Odoo's writes.

CREATE OR REPLACE FUNCTION changefeed.keep_log_budget(
    log_budget bigint, log_budget_action text DEFAULT 'oldest', dry_run boolean DEFAULT true)
RETURNS TABLE (step text, object text, events bigint, state text, detail text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '5s' AS $$
DECLARE
    bytes bigint := changefeed.log_bytes();
    present smallint := (SELECT c.slot FROM changefeed.control c);
    oldest smallint;
    used boolean;
    slots smallint[];
BEGIN
    PERFORM changefeed.require_read_committed();
    IF log_budget IS NULL OR log_budget < 0 OR (log_budget_action IN ('oldest', 'pause')) IS NOT TRUE
       OR dry_run IS NULL THEN
        RAISE EXCEPTION 'log_budget must be a number of bytes (0: no limit), log_budget_action must be oldest or pause'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF log_budget = 0 THEN
        RETURN;
    END IF;
    IF NOT dry_run AND NOT pg_try_advisory_xact_lock(changefeed.archiver_key()) THEN
        RETURN;
    END IF;
    -- No slot may become so large that emptying it would take most of the log.
    IF log_budget_action = 'oldest' AND NOT dry_run AND bytes < log_budget
       AND pg_total_relation_size(changefeed.slot_table(present)) > log_budget / 8
       AND changefeed.rotate() IS NOT NULL THEN
        RETURN QUERY SELECT 'rotate', format('slot %s', (present + 1) % 16), NULL::bigint, 'done',
                            format('slot %s has reached an eighth of the budget', present);
        RETURN;
    END IF;
    IF bytes < log_budget / 10 * 8 THEN
        RETURN;
    END IF;
    step := 'budget';
    object := 'log';
    detail := format('%s of %s', pg_size_pretty(bytes), pg_size_pretty(log_budget));
    IF bytes < log_budget THEN
        state := 'near';
        RETURN NEXT;
        RETURN;
    END IF;
    state := CASE WHEN dry_run THEN 'due' ELSE 'held' END;
    IF log_budget_action = 'pause' THEN
        IF (SELECT c.paused FROM changefeed.control c) THEN
            state := 'held';
            detail := detail || '; capture is paused';
        ELSIF NOT dry_run
              AND changefeed.pause(format('log is over its size budget of %s', pg_size_pretty(log_budget))) THEN
            state := 'done';
            detail := detail || ': capture was paused';
        END IF;
        RETURN NEXT;
        RETURN;
    END IF;
    slots := ARRAY(SELECT s.slot FROM changefeed.slot s WHERE s.slot <> present ORDER BY s.closed_at);
    FOREACH oldest IN ARRAY slots LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', changefeed.slot_table(oldest)) INTO used;
        CONTINUE WHEN NOT used;
        object := format('slot %s', oldest);
        EXECUTE format('SELECT sum(cardinality(e.ids)) FROM %s e', changefeed.slot_table(oldest)) INTO events;
        IF NOT dry_run AND changefeed.empty_slot(oldest) THEN
            state := 'done';
            detail := detail || ': the oldest events were deleted';
        ELSIF NOT dry_run THEN
            detail := detail || '; in use: a running pg_dump or an old transaction';
        END IF;
        RETURN NEXT;
        RETURN;
    END LOOP;
    -- Everything is in the slot that is written to.
    IF EXISTS (SELECT FROM changefeed.event e WHERE e.slot = present) THEN
        object := format('slot %s', present);
        IF NOT dry_run AND changefeed.rotate() IS NOT NULL THEN
            step := 'rotate';
            object := format('slot %s', (present + 1) % 16);
            state := 'done';
            detail := detail || format(': writers move on to it, and slot %s is deleted next', present);
        END IF;
        RETURN NEXT;
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.keep_log_budget(bigint, text, boolean) IS
    'Checks the size of the log. From 80 % of the budget on it reports that (near); at 100 % it empties the oldest '
    'slot (oldest; devices that are behind resync their models) or pauses capture (pause). One step per call: '
    'repeat while it reports done.';
