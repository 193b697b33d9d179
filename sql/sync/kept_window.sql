-- Large windows are grouped once, and not again for each page and each acknowledgement.

CREATE OR REPLACE FUNCTION changefeed.window_question(d changefeed.device) RETURNS bytea
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN sha256(convert_to(ROW(d.epoch, d.models, d.bases, d.seen, d.seen_log_id, d.seen_next, d.target,
                                 d.target_high_id, d.window_from, d.window_to, d.window_is_last)::text, 'UTF8'));
END $$;
COMMENT ON FUNCTION changefeed.window_question(changefeed.device) IS
    'Digest of all of a device''s row on which the entries of its open window depend, but for its position.';

CREATE OR REPLACE FUNCTION changefeed.device_window(
    d changefeed.device, max_events int, OUT log_rows int, OUT last_log_id bigint, OUT is_last boolean,
    OUT truncated text[], OUT ids bigint[], OUT models text[], OUT record_ids bigint[], OUT events text[],
    OUT times timestamptz[], OUT olds jsonb[])
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    IF d.window_to IS NOT NULL AND d.window_is_kept THEN
        SELECT k.log_rows, k.last_log_id, k.is_last, k.ids[p.place:], k.record_ids[p.place:], k.times[p.place:],
               k.olds[p.place:],
               CASE WHEN cardinality(k.models) > 1 THEN k.models[p.place:]
                    ELSE array_fill(k.models[1], ARRAY[cardinality(k.ids) + 1 - p.place]) END,
               CASE WHEN cardinality(k.events) > 1 THEN k.events[p.place:]
                    ELSE array_fill(k.events[1], ARRAY[cardinality(k.ids) + 1 - p.place]) END
        INTO log_rows, last_log_id, is_last, ids, record_ids, times, olds, models, events
        FROM changefeed.kept_window k, LATERAL (SELECT 1 + width_bucket(d.position, k.ids) OFFSET 0) p (place)
        WHERE k.device = d.id AND k.question = changefeed.window_question(d) AND k.until > clock_timestamp()
        LIMIT 1;
        IF FOUND THEN
            RETURN;
        END IF;
    END IF;
    SELECT * INTO log_rows, last_log_id, is_last, truncated, ids, models, record_ids, events, times, olds
    FROM changefeed.sync_window(d, max_events);
END $$;
COMMENT ON FUNCTION changefeed.device_window(changefeed.device, int) IS
    'As sync_window(), from kept_window where the open window of the device is there.';

CREATE OR REPLACE FUNCTION changefeed.keeps_window() RETURNS boolean
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- After a mass update all devices are behind.
    IF pg_total_relation_size('changefeed.kept_window') < 134217728 THEN
        RETURN true;
    END IF;
    -- For VACUUM to make the table smaller.
    PERFORM changefeed.forget_windows(NULL);
    RETURN false;
END $$;
COMMENT ON FUNCTION changefeed.keeps_window() IS
    'Whether another window may be kept: not while all of them take 128 MB. Then it drops those that are over.';

CREATE OR REPLACE FUNCTION changefeed.keep_window(
    d changefeed.device, log_rows int, last_log_id bigint, is_last boolean, ids bigint[], models text[],
    record_ids bigint[], events text[], times timestamptz[], olds jsonb[]) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM changefeed.forget_windows(d.id);
    INSERT INTO changefeed.kept_window
    VALUES (d.id, changefeed.window_question(d), clock_timestamp() + interval '10 minutes', log_rows, last_log_id,
            is_last, ids,
            CASE WHEN models = array_fill(models[1], ARRAY[cardinality(ids)]) THEN models[1:1] ELSE models END,
            record_ids,
            CASE WHEN events = array_fill(events[1], ARRAY[cardinality(ids)]) THEN events[1:1] ELSE events END,
            times, olds);
END $$;
COMMENT ON FUNCTION changefeed.keep_window(changefeed.device, int, bigint, boolean, bigint[], text[], bigint[], text[],
                                           timestamptz[], jsonb[]) IS
    'Keeps the window that was just opened for the device, for ten minutes.';

CREATE OR REPLACE FUNCTION changefeed.forget_windows(of_device bigint) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- No session waits for another one that does the same.
    DELETE FROM changefeed.kept_window k WHERE k.ctid = ANY (ARRAY(
        SELECT o.ctid FROM changefeed.kept_window o
        WHERE o.until < clock_timestamp() OR o.device = of_device FOR UPDATE SKIP LOCKED));
END $$;
COMMENT ON FUNCTION changefeed.forget_windows(bigint) IS
    'Drops the kept windows of the device, if one is given, and all that are no longer valid.';
