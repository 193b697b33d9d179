-- Acknowledge: events that a device has applied are settled, and its cursor moves as far as everything is.

CREATE OR REPLACE FUNCTION changefeed.settle_entries(d changefeed.device, window_ids bigint[], newly bigint[])
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    settled bigint[] := d.acked || d.hidden || newly;
    first_open bigint := (SELECT min(o.id) FROM (SELECT unnest(window_ids) AS id EXCEPT SELECT unnest(settled)) o);
    -- Settled by the client itself: an older token shows that its copy was restored from a backup.
    newest bigint := greatest((SELECT max(n) FROM unnest(newly) n),
                              CASE WHEN d.settled_batch = d.batch THEN d.settled_id END);
BEGIN
    PERFORM changefeed.durable();
    IF first_open IS NOT NULL THEN
        UPDATE changefeed.device v
        SET position = coalesce((SELECT max(s) FROM unnest(settled) s WHERE s < first_open), v.position),
            acked = ARRAY(SELECT s FROM unnest(d.acked || newly) s WHERE s > first_open ORDER BY s),
            hidden = ARRAY(SELECT s FROM unnest(v.hidden) s WHERE s > first_open ORDER BY s),
            settled_batch = v.batch, settled_id = newest, told_batch = NULL, told_id = NULL,
            acknowledgements = v.acknowledgements + 1, last_acknowledgement_at = clock_timestamp()
        WHERE v.id = d.id;
    ELSIF d.window_is_last THEN
        UPDATE changefeed.device v
        SET seen = v.target, seen_log_id = v.target_low_id, seen_next = v.target_next, target = NULL, window_from = 0,
            window_to = NULL, handed = 0, position = 0, acked = '{}', hidden = '{}',
            settled_batch = v.batch, settled_id = newest, told_batch = NULL, told_id = NULL,
            acknowledgements = v.acknowledgements + 1, last_acknowledgement_at = clock_timestamp()
        WHERE v.id = d.id;
    ELSE
        UPDATE changefeed.device v
        SET window_from = v.window_to, window_to = NULL, handed = 0, position = 0, acked = '{}', hidden = '{}',
            settled_batch = v.batch, settled_id = newest, told_batch = NULL, told_id = NULL,
            acknowledgements = v.acknowledgements + 1, last_acknowledgement_at = clock_timestamp()
        WHERE v.id = d.id;
    END IF;
    IF first_open IS NULL AND d.window_is_kept THEN
        PERFORM changefeed.forget_windows(d.id);
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.settle_entries(changefeed.device, bigint[], bigint[]) IS
    'Settles entries of a device''s window and moves the device as far as everything is settled. '
    'The device''s row is locked by the caller.';

CREATE OR REPLACE FUNCTION changefeed.acknowledge_handed(device bigint, batch bigint, upto bigint) RETURNS int
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    d changefeed.device;
    w record;
    newly bigint[];
BEGIN
    SELECT * INTO d FROM changefeed.device v
    WHERE v.id = acknowledge_handed.device AND v.batch = acknowledge_handed.batch
      AND (v.window_to IS NOT NULL OR v.is_copying) FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    IF d.is_copying THEN
        newly := ARRAY(SELECT i FROM unnest(changefeed.open_copy(d.id)) i WHERE i <= upto);
        PERFORM changefeed.settle_copy(d, newly);
        RETURN cardinality(newly);
    END IF;
    SELECT * INTO w FROM changefeed.device_window(d, 0);
    newly := ARRAY(SELECT i FROM unnest(w.ids) i WHERE i <= least(upto, d.handed)
                   EXCEPT SELECT unnest(d.acked || d.hidden));
    IF newly <> '{}' THEN
        PERFORM changefeed.settle_entries(d, w.ids, newly);
    END IF;
    RETURN cardinality(newly);
END $$;
COMMENT ON FUNCTION changefeed.acknowledge_handed(bigint, bigint, bigint) IS
    'Settles the sent entries of this window, or of this page of a first copy, up to an event id. '
    'Returns how many entries that settled.';

CREATE OR REPLACE FUNCTION changefeed.was_handed(d changefeed.device, event_id bigint) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE
        WHEN e.id IS NULL THEN
            -- Retention has emptied that part of the log; or it was an entry of a first copy.
            event_id / 4096 < coalesce((SELECT min(o.id) FROM changefeed.event o), 0)
            OR EXISTS (SELECT FROM changefeed.first_copy c
                       WHERE c.device = d.id AND event_id BETWEEN c.first_log_id * 4096 AND c.handed)
        ELSE e.model = ANY (d.models) AND event_id % 4096 < cardinality(e.ids)
             AND NOT pg_visible_in_snapshot(e.xid, d.began)
             AND (pg_visible_in_snapshot(e.xid, d.seen)
                  OR coalesce(pg_visible_in_snapshot(e.xid, d.target)
                              AND (e.id <= d.window_from OR event_id <= d.position), false)
                  -- The later list of all records includes this.
                  OR coalesce(d.bases -> e.model ->> 'until' IS NOT NULL
                              AND pg_visible_in_snapshot(e.xid, (d.bases -> e.model ->> 'since')::pg_snapshot), false))
        END
    FROM (SELECT) here LEFT JOIN changefeed.event e ON e.id = event_id / 4096
$$;
COMMENT ON FUNCTION changefeed.was_handed(changefeed.device, bigint) IS
    'True for an event that is settled for this device, as far as that is still known.';

CREATE OR REPLACE FUNCTION changefeed.acknowledge(
    user_id int, device_id text, event_ids bigint[] DEFAULT NULL, sync_token text DEFAULT NULL,
    OUT problem text, OUT resync json, OUT acknowledged int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    d changefeed.device;
    feed changefeed.control;
    token record;
    w record;
    newly bigint[];
BEGIN
    PERFORM changefeed.require_read_committed();
    IF (event_ids IS NULL) = (sync_token IS NULL) THEN
        RAISE EXCEPTION 'either event_ids or sync_token is required' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT * INTO token FROM changefeed.read_sync_token(sync_token);
    IF sync_token IS NOT NULL AND token.epoch IS NULL THEN
        problem := 'cursor_malformed';
        RETURN;
    END IF;
    SELECT * INTO d FROM changefeed.device v
    WHERE v.user_id = acknowledge.user_id AND v.device_id = acknowledge.device_id AND v.retired_at IS NULL FOR UPDATE;
    IF NOT FOUND THEN
        problem := 'device_unknown';
        RETURN;
    END IF;
    SELECT * INTO feed FROM changefeed.control;
    IF sync_token IS NOT NULL AND (token.device <> d.id
        OR NOT EXISTS (SELECT FROM changefeed.identity i WHERE left(i.feed::text, 8) = token.feed)) THEN
        problem := changefeed.token_problem(token.feed, token.device, user_id);
        RETURN;
    END IF;
    IF d.epoch <> feed.epoch OR token.epoch > greatest(feed.epoch, d.token_epoch)
       OR token.epoch = d.epoch AND (token.acknowledgements > d.acknowledgements OR token.batch > d.batch
                                     OR token.batch = d.batch AND d.window_to IS NOT NULL
                                     AND token.last_id > d.handed) THEN
        PERFORM changefeed.mark_resync(d.id, d.models, 'epoch_changed', 'replace', true);
        UPDATE changefeed.device v
        SET acknowledgements = greatest(v.acknowledgements, token.acknowledgements),
            token_epoch = greatest(v.token_epoch, token.epoch)
        WHERE v.id = d.id;
    ELSIF changefeed.lacks_emptied(d.seen, d.base) THEN
        PERFORM changefeed.mark_resync(d.id, d.models, 'cursor_expired', 'apply_differences', true);
    ELSE
        IF sync_token IS NOT NULL THEN
            -- Of an older window, or of this one when it is settled already: nothing is left to do.
            acknowledged := CASE WHEN token.epoch = d.epoch
                                 THEN changefeed.acknowledge_handed(d.id, token.batch, token.last_id) ELSE 0 END;
            RETURN;
        END IF;
        newly := '{}';
        IF d.is_copying THEN
            newly := ARRAY(SELECT unnest(changefeed.open_copy(d.id)) INTERSECT SELECT unnest(event_ids));
        ELSIF d.window_to IS NOT NULL THEN
            SELECT * INTO w FROM changefeed.device_window(d, 0);
            newly := ARRAY(SELECT i FROM unnest(w.ids) i WHERE i <= d.handed
                           INTERSECT SELECT unnest(event_ids) EXCEPT SELECT unnest(d.acked || d.hidden));
        END IF;
        IF EXISTS (SELECT FROM (SELECT unnest(event_ids) AS id EXCEPT SELECT unnest(newly)
                                EXCEPT SELECT unnest(d.acked)) o
                   WHERE o.id IS NULL OR o.id < 4096 OR NOT changefeed.was_handed(d, o.id)) THEN
            problem := 'events_not_handed';
            RETURN;
        END IF;
        IF d.is_copying THEN
            PERFORM changefeed.settle_copy(d, newly);
        ELSIF newly <> '{}' THEN
            PERFORM changefeed.settle_entries(d, w.ids, newly);
        END IF;
        acknowledged := cardinality(newly);
        RETURN;
    END IF;
    problem := 'resync';
    resync := (SELECT changefeed.resync_answer(v.resync) FROM changefeed.device v WHERE v.id = d.id);
END $$;
COMMENT ON FUNCTION changefeed.acknowledge(int, text, bigint[], text) IS
    'Settles events that pull() sent to the device: by their ids, or all up to the pull of the token. Earlier events '
    'of the same records are settled with them. acknowledged: how many were settled by this call; 0 if repeated. '
    'problem: device_unknown, events_not_handed, cursor_malformed, cursor_mismatch, user_changed or resync; '
    'then nothing was changed.';
