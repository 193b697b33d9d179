-- Where in the log a moment lies, and moments as texts.

CREATE OR REPLACE FUNCTION changefeed.first_id_since(since timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    low bigint;
    high bigint;
    middle bigint;
    at_middle timestamptz;
    -- Ids and times are taken at slightly different moments, from clocks that are corrected.
    margin CONSTANT interval := '5 minutes';
BEGIN
    SELECT min(e.id), max(e.id) + 1 INTO low, high FROM changefeed.event e;
    WHILE low < high LOOP
        middle := low + (high - low) / 2;
        SELECT e.occurred_at INTO at_middle FROM changefeed.event e WHERE e.id >= middle ORDER BY e.id LIMIT 1;
        IF at_middle IS NULL OR at_middle >= since - margin THEN
            high := middle;
        ELSE
            low := middle + 1;
        END IF;
    END LOOP;
    RETURN coalesce(low, 1);
END $$;
COMMENT ON FUNCTION changefeed.first_id_since(timestamptz) IS
    'A log id below which nothing is as recent as that time (with a margin of five minutes), found by bisection.';

-- In plpgsql: an SQL function is planned at each call.
CREATE OR REPLACE FUNCTION changefeed.json_time(moment timestamptz) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
END $$;
COMMENT ON FUNCTION changefeed.json_time(timestamptz) IS 'A time as RFC 3339 text, in UTC, with microseconds.';
