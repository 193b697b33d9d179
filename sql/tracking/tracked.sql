-- Tracked models, and the kill switch.
CREATE OR REPLACE VIEW changefeed.tracked AS
SELECT m.model, m.table_name::text AS table_name,
       changefeed.trigger_state(c.oid::regclass, m.model) AS trigger_state
FROM changefeed.tracked_model m
LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = m.table_schema
LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = m.table_name AND c.relkind = 'r'
ORDER BY m.model;
COMMENT ON VIEW changefeed.tracked IS
    'The tracked models, their tables and the state of their triggers (enabled is the normal state).';
COMMENT ON COLUMN changefeed.tracked.model IS 'Odoo model.';
COMMENT ON COLUMN changefeed.tracked.table_name IS 'Its table.';
COMMENT ON COLUMN changefeed.tracked.trigger_state IS
    'enabled, missing, incomplete, disabled, not always, foreign, stale or no table.';

CREATE OR REPLACE FUNCTION changefeed.pause(reason text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM changefeed.require_read_committed();
    IF coalesce(trim(reason), '') = '' THEN
        RAISE EXCEPTION 'pause() needs a reason' USING ERRCODE = 'invalid_parameter_value',
            HINT = 'SELECT changefeed.pause(''disk is full''): status shows the reason to later readers.';
    END IF;
    UPDATE changefeed.control c
    SET paused = true, pause_reason = reason, paused_by = session_user, paused_at = clock_timestamp()
    WHERE NOT c.paused;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO changefeed.gap (epoch, reason, from_log_id)
    SELECT c.epoch, pause.reason, s.last_value FROM changefeed.control c, changefeed.event_id s;
    RETURN true;
END $$;
COMMENT ON FUNCTION changefeed.pause(text) IS
    'Kill switch: stops all capture immediately, without a lock on any of Odoo''s tables, and records the gap. '
    'False when it was paused already.';

CREATE OR REPLACE FUNCTION changefeed.resume() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM changefeed.require_read_committed();
    UPDATE changefeed.control c
    SET paused = false, pause_reason = NULL, paused_by = NULL, paused_at = NULL
    WHERE c.paused;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE changefeed.gap g
    SET ended_at = clock_timestamp(), ended_by = session_user
    WHERE g.model IS NULL AND g.ended_at IS NULL;
    RETURN true;
END $$;
COMMENT ON FUNCTION changefeed.resume() IS 'Ends a pause. False when capture was not paused.';

-- A session that reads the control row with a snapshot from before its last change still acts on the old one. An
-- hour-long REPEATABLE READ transaction, Odoo's level, keeps writing to a closed slot,
-- or nothing at all after resume().
CREATE OR REPLACE FUNCTION changefeed.control_is_seen() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_stat_clear_snapshot();
    RETURN NOT EXISTS (
        SELECT FROM pg_stat_activity a, changefeed.control c
        WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND age(a.backend_xmin) >= age(c.xmin));
END $$;
COMMENT ON FUNCTION changefeed.control_is_seen() IS
    'True when every snapshot that is in use in this database, and so every later one, '
    'sees the last change of changefeed.control.';

CREATE OR REPLACE FUNCTION changefeed.settle() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    here pg_snapshot;
BEGIN
    PERFORM changefeed.require_read_committed();
    PERFORM changefeed.prune_access_changes(), changefeed.prune_device_changes();
    IF NOT EXISTS (SELECT FROM changefeed.gap g WHERE g.ended_at IS NOT NULL AND g.to_snapshot IS NULL)
       AND NOT EXISTS (SELECT FROM changefeed.slot s WHERE s.closed_at IS NOT NULL AND s.quiet_snapshot IS NULL)
       OR NOT changefeed.control_is_seen() THEN
        RETURN;
    END IF;
    -- A transaction that used the older control row has a lower number than this one. pg_current_snapshot() would not
    -- be sufficient: its xmax may be below the number of one that is still running.
    here := concat(pg_current_xact_id(), ':', pg_current_xact_id(), ':')::pg_snapshot;
    UPDATE changefeed.gap g
    SET to_snapshot = here, to_log_id = (SELECT s.last_value FROM changefeed.event_id s)
    WHERE g.ended_at IS NOT NULL AND g.to_snapshot IS NULL;
    UPDATE changefeed.slot s SET quiet_snapshot = here
    WHERE s.closed_at IS NOT NULL AND s.quiet_snapshot IS NULL;
END $$;
COMMENT ON FUNCTION changefeed.settle() IS
    'Determines where ended gaps really end and which closed slots have no more writers, once no transaction is left '
    'that uses an older control row. Also prunes access_change and device_change. The service calls it every '
    '20 seconds.';
