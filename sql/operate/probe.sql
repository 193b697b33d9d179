-- One event through the whole path, for doctor.
CREATE OR REPLACE FUNCTION changefeed.probe() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE changefeed.probe SET at = clock_timestamp() WHERE id = 1
$$;
COMMENT ON FUNCTION changefeed.probe() IS
    'Changes the scratch table: one write of model changefeed.probe in the log, '
    'as soon as it is committed and unless capture is paused.';

DO $$ BEGIN PERFORM changefeed.change_triggers('changefeed.probe', 'changefeed.probe'::regclass, true); END $$;
