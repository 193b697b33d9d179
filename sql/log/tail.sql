-- Reading the log by snapshot: what is visible in one snapshot and was not in another, in id order.
--
-- The set between two snapshots never changes, so it can be drained in windows of any size. A small set is
-- found by xid, as PgQ finds its batches: everything from xmax(seen) on, and the transactions that were running in
-- seen. For a large one, the first window finds its lowest id, and the windows walk the index of id from there.
-- Slots that were closed for good before seen are skipped: opening sixteen tables and their indexes is most of
-- the cost of reading an unchanged log.
CREATE OR REPLACE FUNCTION changefeed.snapshot_up_to(snapshot pg_snapshot, last_xid xid8) RETURNS pg_snapshot
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
        SELECT format('%s:%s:%s', coalesce(min(x::text::bigint), last_xid::text::bigint + 1),
                      last_xid::text::bigint + 1, string_agg(x::text, ',' ORDER BY x))::pg_snapshot
        FROM pg_snapshot_xip(snapshot) x WHERE x <= last_xid);
END $$;
COMMENT ON FUNCTION changefeed.snapshot_up_to(pg_snapshot, xid8) IS
    'The snapshot restricted to transactions up to this number; later ones count as not ended.';

CREATE OR REPLACE FUNCTION changefeed.tail(
    seen text, until text DEFAULT NULL, after_id bigint DEFAULT 0, max_rows int DEFAULT 1000)
RETURNS TABLE (
    target text, id bigint, epoch int, xid text, model text, event text, occurred_at timestamptz, ids bigint[])
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    old pg_snapshot := seen::pg_snapshot;
    new pg_snapshot := coalesce(until::pg_snapshot, pg_current_snapshot());
    running xid8[];
    open_slots smallint[];
    -- Usually one slot. By these bounds the other partitions are not even opened; by the array they are.
    first_slot smallint;
    last_slot smallint;
    first_id bigint := after_id;
    found_rows bigint;
    last_xid xid8;
    small boolean := false;
BEGIN
    IF seen IS NULL OR after_id IS NULL OR max_rows IS NULL OR max_rows < 1 THEN
        RAISE EXCEPTION 'seen, after_id and max_rows are required, and max_rows must be at least 1'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF pg_is_in_recovery() THEN
        RAISE EXCEPTION 'this server is a standby: its snapshots leave out running transactions'
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Connect to the primary.';
    END IF;
    IF old::text = new::text THEN
        RETURN;
    END IF;
    running := ARRAY(SELECT x FROM pg_snapshot_xip(old) x);
    open_slots := ARRAY(
        SELECT s.slot FROM changefeed.slot s
        WHERE s.quiet_snapshot IS NULL OR pg_snapshot_xmax(s.quiet_snapshot) > pg_snapshot_xmin(old)
        ORDER BY s.slot);
    first_slot := open_slots[1];
    last_slot := open_slots[cardinality(open_slots)];
    IF after_id = 0 THEN
        SELECT count(*), max(counted.xid::text::bigint)::text::xid8 INTO found_rows, last_xid
        FROM (SELECT e.xid FROM changefeed.event e
              WHERE e.slot = ANY (open_slots) AND e.slot BETWEEN first_slot AND last_slot
                AND e.xid >= pg_snapshot_xmax(old) AND e.xid < pg_snapshot_xmax(new)
                AND pg_visible_in_snapshot(e.xid, new)
              UNION ALL
              SELECT e.xid FROM changefeed.event e
              WHERE e.slot = ANY (open_slots) AND e.slot BETWEEN first_slot AND last_slot
                AND e.xid = ANY (running) AND pg_visible_in_snapshot(e.xid, new)
              LIMIT 4::bigint * max_rows + 1) counted;
        IF found_rows = 0 THEN
            RETURN;
        END IF;
        -- After a crash, transactions whose end was not on disk lose their numbers, which are assigned again. So
        -- none counts as seen above the last one that left events here.
        small := found_rows <= 4::bigint * max_rows;
        IF until IS NULL THEN
            IF NOT small THEN
                last_xid := (SELECT e.xid FROM changefeed.event e
                             WHERE e.slot = ANY (open_slots) AND e.slot BETWEEN first_slot AND last_slot
                               AND e.xid >= pg_snapshot_xmax(old)
                               AND e.xid < pg_snapshot_xmax(new)
                               AND pg_visible_in_snapshot(e.xid, new)
                             ORDER BY e.xid DESC LIMIT 1);
            END IF;
            -- Those that ran in the old snapshot have lower numbers.
            new := changefeed.snapshot_up_to(new,
                                             greatest(last_xid, (pg_snapshot_xmax(old)::text::bigint - 1)::text::xid8));
        END IF;
        IF NOT small THEN
            SELECT min(part.id) - 1 INTO first_id
            FROM (SELECT min(e.id) AS id FROM changefeed.event e
                  WHERE e.slot = ANY (open_slots) AND e.slot BETWEEN first_slot AND last_slot
                    AND e.xid >= pg_snapshot_xmax(old) AND e.xid < pg_snapshot_xmax(new)
                    AND pg_visible_in_snapshot(e.xid, new)
                  UNION ALL
                  SELECT min(e.id) FROM changefeed.event e
                  WHERE e.slot = ANY (open_slots) AND e.slot BETWEEN first_slot AND last_slot
                    AND e.xid = ANY (running)
                    AND pg_visible_in_snapshot(e.xid, new)) part;
        END IF;
    END IF;
    IF small THEN
        RETURN QUERY
        SELECT new::text, e.id, e.epoch, e.xid::text, e.model, e.event, e.occurred_at, e.ids
        FROM (SELECT w.* FROM changefeed.event w
              WHERE w.slot = ANY (open_slots) AND w.slot BETWEEN first_slot AND last_slot
                AND w.xid >= pg_snapshot_xmax(old) AND w.xid < pg_snapshot_xmax(new)
                AND pg_visible_in_snapshot(w.xid, new)
              UNION ALL
              SELECT w.* FROM changefeed.event w
              WHERE w.slot = ANY (open_slots) AND w.slot BETWEEN first_slot AND last_slot
                AND w.xid = ANY (running) AND pg_visible_in_snapshot(w.xid, new)) e
        ORDER BY e.id
        LIMIT max_rows;
    ELSE
        RETURN QUERY
        SELECT new::text, e.id, e.epoch, e.xid::text, e.model, e.event, e.occurred_at, e.ids
        FROM changefeed.event e
        WHERE e.slot = ANY (open_slots) AND e.slot BETWEEN first_slot AND last_slot
          AND e.id > first_id
          AND pg_visible_in_snapshot(e.xid, new) AND NOT pg_visible_in_snapshot(e.xid, old)
        ORDER BY e.id
        LIMIT max_rows;
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.tail(text, text, bigint, int) IS
    'Log rows visible in snapshot until (null: now) and not in snapshot seen, after log id after_id, in id order. '
    'Column target is the snapshot that bounds the set: pass it as until for the next window.';

CREATE OR REPLACE FUNCTION changefeed.tail_start() RETURNS pg_snapshot
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT changefeed.snapshot_up_to(pg_current_snapshot(), coalesce(
        (SELECT e.xid FROM changefeed.event e WHERE e.xid < pg_snapshot_xmax(pg_current_snapshot())
         ORDER BY e.xid DESC LIMIT 1), '2'::xid8))
$$;
COMMENT ON FUNCTION changefeed.tail_start() IS
    'For tail(), a snapshot in which everything visible now is seen. Unlike pg_current_snapshot() it is valid also '
    'after a crash, which assigns transaction numbers again.';
