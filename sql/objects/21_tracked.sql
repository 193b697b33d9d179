-- What is tracked, and the kill switch.
CREATE OR REPLACE VIEW changefeed.tracked AS
SELECT m.model, m.table_name::text AS table_name,
       changefeed.trigger_state(c.oid::regclass, m.model) AS trigger_state
FROM changefeed.tracked_model m
LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = m.table_schema
LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = m.table_name AND c.relkind = 'r'
ORDER BY m.model;
COMMENT ON VIEW changefeed.tracked IS 'The tracked models, their tables and the state of their triggers (enabled is what it should be).';
COMMENT ON COLUMN changefeed.tracked.model IS 'Odoo model.';
COMMENT ON COLUMN changefeed.tracked.table_name IS 'Its table.';
COMMENT ON COLUMN changefeed.tracked.trigger_state IS 'enabled, missing, incomplete, disabled, not always, foreign or no table.';

CREATE OR REPLACE FUNCTION changefeed.pause(reason text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF coalesce(trim(reason), '') = '' THEN
        RAISE EXCEPTION 'pause() wants a reason' USING ERRCODE = 'invalid_parameter_value',
            HINT = 'SELECT changefeed.pause(''disk is full''): whoever reads status later wants to know.';
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
    'Kill switch: stops all capture at once, without a lock on any of Odoo''s tables, and records the gap. False when it was paused already.';

CREATE OR REPLACE FUNCTION changefeed.resume() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE changefeed.control c
    SET paused = false, pause_reason = NULL, paused_by = NULL, paused_at = NULL
    WHERE c.paused;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE changefeed.gap g
    SET ended_at = clock_timestamp(), ended_by = session_user, to_snapshot = pg_current_snapshot(),
        to_log_id = (SELECT s.last_value FROM changefeed.event_id s)
    WHERE g.model IS NULL AND g.ended_at IS NULL;
    RETURN true;
END $$;
COMMENT ON FUNCTION changefeed.resume() IS 'Ends a pause. False when capture was not paused.';
