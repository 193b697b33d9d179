-- Errors of the service, for operators who look into the database and not into the service's log.

CREATE OR REPLACE FUNCTION changefeed.note_error(source text, message text, context jsonb DEFAULT '{}') RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    number bigint;
BEGIN
    INSERT INTO changefeed.error AS e (source, message, context)
    VALUES (left(note_error.source, 100), left(note_error.message, 2000),
            CASE WHEN octet_length(note_error.context::text) <= 8000 THEN note_error.context ELSE '{}' END)
    RETURNING e.id INTO number;
    DELETE FROM changefeed.error e WHERE e.id <= number - 1000;
    RETURN number;
END $$;
COMMENT ON FUNCTION changefeed.note_error(text, text, jsonb) IS
    'Records an error and keeps the newest 1,000. Returns its number.';
