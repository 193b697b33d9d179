-- Which ids to check if a table is too large to check all. As changefeed_reader, which may read the ids.

CREATE OR REPLACE FUNCTION changefeed.rules_windows(model text, windows int, max_rows int)
RETURNS TABLE (from_id bigint, to_id bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off
SET jit = off AS $$
DECLARE
    target regclass := changefeed.rules_table(model);
    lowest bigint;
    highest bigint;
    newest bigint;
    start bigint;
    seen bigint;
BEGIN
    IF target IS NULL THEN
        RETURN;
    END IF;
    EXECUTE format('SELECT min(t.id), max(t.id) FROM %s t', target) INTO lowest, highest;
    EXECUTE format('SELECT min(x.id) FROM (SELECT t.id FROM %s t ORDER BY t.id DESC LIMIT $1) x', target)
    INTO newest USING max_rows;
    seen := lowest - 1;
    FOR i IN 0..windows - 1 LOOP
        start := greatest(seen + 1,
                          CASE WHEN i = windows - 1 THEN newest ELSE lowest + (highest - lowest) / windows * i END);
        EXECUTE format('SELECT min(x.id), max(x.id) FROM (SELECT t.id FROM %s t WHERE t.id >= $1 ORDER BY t.id '
                       'LIMIT $2) x', target)
        INTO from_id, to_id USING start, max_rows;
        CONTINUE WHEN from_id IS NULL;
        seen := to_id;
        RETURN NEXT;
    END LOOP;
END $$;
COMMENT ON FUNCTION changefeed.rules_windows(text, int, int) IS
    'Up to this many ranges of ids, spread over a table, the last one at its end, of at most max_rows records each.';

REVOKE ALL ON FUNCTION changefeed.rules_windows(text, int, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION changefeed.rules_windows(text, int, int) TO changefeed_owner;
