-- Reading the log by snapshot: what is visible in one snapshot and was not in another, in id order.
--
-- The set between two snapshots never changes, so it can be drained in windows of any size. Where it is small it is
-- found by xid, as PgQ finds its batches: everything from xmax(seen) on, and the transactions that were running in
-- seen. Where it is large, the first window finds its lowest id, and the windows walk the index of id from there.
CREATE OR REPLACE FUNCTION changefeed.tail(
    seen text, target text DEFAULT NULL, after_id bigint DEFAULT 0, max_rows int DEFAULT 1000)
RETURNS TABLE (target_snapshot text, id bigint, epoch int, xid text, model text, event text, occurred_at timestamptz, ids bigint[])
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN;
END $$;
DROP FUNCTION changefeed.tail(text, text, bigint, int);
