-- Where in the log a moment lies, and moments as texts.

CREATE OR REPLACE FUNCTION changefeed.used_slots(OUT first_slot smallint, OUT last_slot smallint)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- Not by times, since clocks are set back. A slot that was emptied is quiet until it is opened again.
    SELECT min(s.slot), max(s.slot) INTO first_slot, last_slot FROM changefeed.slot s
    WHERE s.opened_at IS NOT NULL
      AND (s.quiet_snapshot IS NULL OR s.emptied_snapshot IS NULL
           OR pg_snapshot_xmax(s.emptied_snapshot) < pg_snapshot_xmax(s.quiet_snapshot));
END $$;
COMMENT ON FUNCTION changefeed.used_slots() IS
    'The first and last slot that may have rows: a condition on this range keeps a statement from opening the others.';

CREATE OR REPLACE FUNCTION changefeed.first_id_since(since timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    slots CONSTANT record := changefeed.used_slots();
    -- Ids and times are taken at slightly different moments, from clocks that are corrected.
    moment CONSTANT timestamptz := since - interval '5 minutes';
    low bigint;
    high bigint;
    middle bigint;
    at_middle timestamptz;
    -- From the newest rows backwards in growing steps, because most moments that clients ask about are recent.
    step bigint := 32;
BEGIN
    SELECT min(e.id), max(e.id) + 1 INTO low, high FROM changefeed.event e
    WHERE e.slot BETWEEN slots.first_slot AND slots.last_slot;
    WHILE low < high LOOP
        middle := CASE WHEN step < high - low THEN high - step ELSE low + (high - low) / 2 END;
        SELECT e.occurred_at INTO at_middle FROM changefeed.event e
        WHERE e.slot BETWEEN slots.first_slot AND slots.last_slot AND e.id >= middle ORDER BY e.id LIMIT 1;
        IF at_middle IS NULL OR at_middle >= moment THEN
            high := middle;
            step := least(step * 8, high - low);
        ELSE
            low := middle + 1;
            step := high - low;
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
