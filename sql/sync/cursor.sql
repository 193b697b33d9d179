-- The cursor of a device: its window of the log, the window's entries, and how they are settled.
--
-- A batch is everything visible in target and not in seen: a set that never changes. It is drained in windows of some
-- thousand events, in id order, each coalesced to one entry per record. Pulls read the window; acknowledgements settle
-- its entries; when all are settled the next window opens, and after the last one seen becomes target.

CREATE OR REPLACE FUNCTION changefeed.log_position(
    OUT low_id bigint, OUT snapshot pg_snapshot, OUT high_id bigint, OUT comes_first boolean)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- Statements in this order. A transaction that begins after the snapshot draws higher ids than low_id; one visible
    -- in it has drawn none above high_id. In between are the transactions running at this moment: their numbers are in
    -- the snapshot's list, or between its xmax (the highest number that has ended,
    -- plus one) and the next number to be assigned.
    comes_first := pg_current_xact_id_if_assigned() IS NULL;
    SELECT s.last_value - CASE WHEN s.is_called THEN 0 ELSE 1 END INTO low_id FROM changefeed.event_id s;
    SELECT pg_current_snapshot() INTO snapshot;
    SELECT s.last_value INTO high_id FROM changefeed.event_id s;
END $$;
COMMENT ON FUNCTION changefeed.log_position() IS
    'A snapshot of now, and log ids around it. comes_first: this transaction has no number yet, so the one that it '
    'draws is above all that run now.';

CREATE OR REPLACE FUNCTION changefeed.looking_now(d changefeed.device) RETURNS changefeed.device
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF d.target IS NULL THEN
        SELECT p.snapshot, p.high_id, 0 INTO d.target, d.target_high_id, d.window_from FROM changefeed.log_position() p;
    END IF;
    RETURN d;
END $$;
COMMENT ON FUNCTION changefeed.looking_now(changefeed.device) IS
    'The device with a target for sync_window(): that of its batch, or else of now, for reading only.';

CREATE OR REPLACE FUNCTION changefeed.sync_window(
    d changefeed.device, max_events int, OUT log_rows int, OUT last_log_id bigint, OUT is_last boolean,
    OUT truncated text[], OUT ids bigint[], OUT models text[], OUT record_ids bigint[], OUT events text[],
    OUT times timestamptz[], OUT olds jsonb[])
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    running xid8[] := ARRAY(SELECT x FROM pg_snapshot_xip(d.seen) x WHERE pg_visible_in_snapshot(x, d.target));
    open_slots smallint[] := ARRAY(
        SELECT s.slot FROM changefeed.slot s
        WHERE s.quiet_snapshot IS NULL OR pg_snapshot_xmax(s.quiet_snapshot) > pg_snapshot_xmin(d.seen)
        ORDER BY s.slot);
    -- Usually one slot. By these bounds the other partitions are not even opened; by the array they are.
    first_slot smallint := open_slots[1];
    last_slot smallint := open_slots[cardinality(open_slots)];
    -- An open window keeps its end, whatever the present size of windows.
    -- Statements that wrote many records fill a new one with a few rows: then no more are read.
    max_rows bigint := CASE WHEN d.window_to IS NULL THEN greatest(max_events / 16, 1) END;
    last_id bigint := least(d.target_high_id, d.window_to);
    single record;
    size int;
BEGIN
    -- Mostly one statement, or none, is new: then there is nothing to sort, to group or to hold against a list.
    IF running = '{}' AND d.window_from = 0 AND d.target_high_id - d.seen_log_id <= 256
       AND (d.window_to IS NOT NULL OR max_events > 1) THEN
        SELECT w.id, w.model, w.event, w.occurred_at, w.ids, w.olds, count(*) OVER () AS statements INTO single
        FROM changefeed.event w
        WHERE w.slot = ANY (open_slots) AND w.slot BETWEEN first_slot AND last_slot
          AND w.xid >= pg_snapshot_xmax(d.seen) AND w.xid < pg_snapshot_xmax(d.target) AND w.id + 0 <= last_id
          AND w.model = ANY (d.models) AND pg_visible_in_snapshot(w.xid, d.target)
        LIMIT 1;
        log_rows := CASE WHEN FOUND THEN single.statements ELSE 0 END;
        size := coalesce(cardinality(single.ids), 0);
        IF log_rows = 0 OR log_rows = 1 AND size > 0 AND single.event IN ('create', 'write', 'unlink')
           AND d.position < single.id * 4096 AND NOT d.bases ? single.model
           AND (size = 1 OR size = cardinality(ARRAY(SELECT DISTINCT unnest(single.ids)))) THEN
            is_last := d.window_to IS NULL OR d.window_is_last;
            last_log_id := single.id;
            models := array_fill(single.model, ARRAY[size]);
            record_ids := coalesce(single.ids, '{}');
            events := array_fill(single.event, ARRAY[size]);
            times := array_fill(single.occurred_at, ARRAY[size]);
            IF size = 1 THEN
                ids := ARRAY[single.id * 4096];
                olds := ARRAY[CASE WHEN single.olds[1] IS NOT NULL THEN jsonb_build_array(single.olds[1]) END];
            ELSE
                ids := ARRAY(SELECT single.id * 4096 + n FROM generate_series(0, size - 1) n);
                olds := ARRAY(SELECT CASE WHEN o.old IS NOT NULL THEN jsonb_build_array(o.old) END
                              FROM unnest(single.ids, single.olds) WITH ORDINALITY o (id, old, place)
                              ORDER BY o.place);
            END IF;
            RETURN;
        END IF;
    END IF;
    LOOP
        WITH candidate AS MATERIALIZED (
            SELECT c.* FROM (
                -- Transactions that ran when seen was taken: by their numbers, since their ids may be old.
                SELECT e.* FROM unnest(running) r (xid)
                CROSS JOIN LATERAL (
                    SELECT w.id, w.xid, w.model, w.event, w.occurred_at, w.ids, w.olds FROM changefeed.event w
                    WHERE w.slot = ANY (open_slots) AND w.slot BETWEEN first_slot AND last_slot
                      AND w.xid = r.xid AND w.id > d.window_from AND w.id <= least(d.seen_log_id, last_id)
                      AND w.model = ANY (d.models)
                    ORDER BY w.id LIMIT max_rows) e
                UNION ALL
                (SELECT w.id, w.xid, w.model, w.event, w.occurred_at, w.ids, w.olds FROM changefeed.event w
                 WHERE d.seen_log_id > d.window_from AND w.slot = ANY (open_slots)
                   AND w.slot BETWEEN first_slot AND last_slot
                   AND w.xid >= pg_snapshot_xmax(d.seen) AND w.xid < coalesce(d.seen_next, pg_snapshot_xmax(d.target))
                   -- These numbers are few. By the index of ids it would read everything before.
                   AND w.id + 0 > d.window_from AND w.id + 0 <= least(d.seen_log_id, last_id)
                   AND w.model = ANY (d.models)
                   AND pg_visible_in_snapshot(w.xid, d.target)
                 ORDER BY w.id + 0 LIMIT max_rows)
                UNION ALL
                SELECT e.* FROM unnest(d.models) m (name)
                CROSS JOIN LATERAL (
                    SELECT w.id, w.xid, w.model, w.event, w.occurred_at, w.ids, w.olds FROM changefeed.event w
                    WHERE w.slot = ANY (open_slots) AND w.slot BETWEEN first_slot AND last_slot AND w.model = m.name
                      AND -w.id < -greatest(d.window_from, d.seen_log_id) AND -w.id >= -last_id
                      AND pg_visible_in_snapshot(w.xid, d.target) AND NOT pg_visible_in_snapshot(w.xid, d.seen)
                    ORDER BY -w.id DESC LIMIT max_rows) e
            ) c
            ORDER BY c.id LIMIT max_rows
        ), log AS MATERIALIZED (
            SELECT c.* FROM (
                SELECT a.*,
                       sum(greatest(cardinality(a.ids), 1)) OVER (ORDER BY a.id)
                           - greatest(cardinality(a.ids), 1) AS before
                FROM candidate a) c
            WHERE d.window_to IS NOT NULL OR c.before < max_events
        ), base AS MATERIALIZED (
            SELECT b.key AS model, (b.value ->> 'since')::pg_snapshot AS since,
                   (b.value ->> 'until')::pg_snapshot AS until
            FROM jsonb_each(d.bases) b
        ), wanted AS MATERIALIZED (
            -- Kinds as numbers: 0 create, 1 write, 2 unlink. The device may have a record that was created while it
            -- took its list of the model: then the create does not mean that it lacks the record.
            SELECT l.id, l.model, l.occurred_at, l.ids, l.olds, l.event,
                   CASE l.event WHEN 'unlink' THEN 2 WHEN 'create' THEN 0 ELSE 1 END AS kind,
                   b.model IS NOT NULL AND (b.until IS NULL OR pg_visible_in_snapshot(l.xid, b.until)) AS is_doubtful
            FROM log l LEFT JOIN base b ON b.model = l.model
            WHERE (b.until IS NULL OR NOT pg_visible_in_snapshot(l.xid, b.since))
        ), record AS (
            SELECT w.model, r.record_id,
                   min((w.id * 4096 + r.ordinal - 1) * 4
                       + CASE WHEN w.is_doubtful THEN greatest(w.kind, 1) ELSE w.kind END) AS first,
                   max((w.id * 4096 + r.ordinal - 1) * 4 + w.kind) AS last,
                   -- The row before each change that mattered to a rule.
                   jsonb_agg(DISTINCT r.old) FILTER (WHERE r.old IS NOT NULL) AS old
            FROM wanted w CROSS JOIN LATERAL unnest(w.ids, w.olds) WITH ORDINALITY r (record_id, old, ordinal)
            GROUP BY w.model, r.record_id
        ), entry AS (
            SELECT r.last / 4 AS id, r.model, r.record_id, w.occurred_at, r.old,
                   CASE WHEN r.last % 4 = 2 THEN 'unlink' WHEN r.first % 4 = 0 THEN 'create' ELSE 'write' END AS event
            FROM record r JOIN wanted w ON w.id = r.last / 16384
            WHERE r.last / 4 > d.position AND NOT (r.first % 4 = 0 AND r.last % 4 = 2)
        )
        SELECT l.log_rows, l.last_log_id, l.is_all AND (d.window_to IS NULL OR d.window_is_last), t.truncated,
               e.ids, e.models, e.record_ids, e.events, e.times, e.olds
        INTO log_rows, last_log_id, is_last, truncated, ids, models, record_ids, events, times, olds
        FROM (SELECT count(*)::int AS log_rows, max(l.id) AS last_log_id,
                     count(*) = (SELECT count(*) FROM candidate) AND (max_rows IS NULL OR count(*) < max_rows) AS is_all
              FROM log l) l,
             (SELECT array_agg(DISTINCT w.model) AS truncated FROM wanted w WHERE w.event = 'truncate') t,
             (SELECT coalesce(array_agg(e.id ORDER BY e.id), '{}') AS ids,
                     coalesce(array_agg(e.model ORDER BY e.id), '{}') AS models,
                     coalesce(array_agg(e.record_id ORDER BY e.id), '{}') AS record_ids,
                     coalesce(array_agg(e.event ORDER BY e.id), '{}') AS events,
                     coalesce(array_agg(e.occurred_at ORDER BY e.id), '{}') AS times,
                     coalesce(array_agg(e.old ORDER BY e.id), '{}') AS olds
              FROM entry e) e;
        EXIT WHEN max_rows IS NULL OR max_rows >= max_events OR log_rows < max_rows;
        max_rows := max_events;
    END LOOP;
END $$;
COMMENT ON FUNCTION changefeed.sync_window(changefeed.device, int) IS
    'The window of a device that has a target: its entries above the device''s position, one per record, in id order, '
    'each with the row''s values before each change that rules may read (olds: an array); how many log rows it has and '
    'which is the last, whether the batch ends with it, and models that were truncated in it.';

CREATE OR REPLACE FUNCTION changefeed.has_new_events(d changefeed.device) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    open_slots smallint[] := ARRAY(
        SELECT s.slot FROM changefeed.slot s
        WHERE s.quiet_snapshot IS NULL OR pg_snapshot_xmax(s.quiet_snapshot) > pg_snapshot_xmin(d.seen)
        ORDER BY s.slot);
    first_slot smallint := open_slots[1];
    last_slot smallint := open_slots[cardinality(open_slots)];
    running xid8[] := ARRAY(SELECT x FROM pg_snapshot_xip(d.seen) x WHERE pg_visible_in_snapshot(x, d.target));
BEGIN
    -- By transaction, as PgQ finds its batches: those that began after seen, and those that were running then.
    RETURN EXISTS (
        SELECT FROM changefeed.event e
        WHERE e.slot = ANY (open_slots) AND e.slot BETWEEN first_slot AND last_slot
          AND e.xid >= pg_snapshot_xmax(d.seen) AND e.xid < pg_snapshot_xmax(d.target)
          AND e.model = ANY (d.models) AND pg_visible_in_snapshot(e.xid, d.target))
      OR running <> '{}' AND EXISTS (
        SELECT FROM changefeed.event e
        WHERE e.slot = ANY (open_slots) AND e.slot BETWEEN first_slot AND last_slot
          AND e.xid = ANY (running) AND e.model = ANY (d.models));
END $$;
COMMENT ON FUNCTION changefeed.has_new_events(changefeed.device) IS
    'Whether anything of its models is visible in the device''s target and not in seen.';

CREATE OR REPLACE FUNCTION changefeed.sync_filter(app_type text, only_models text[]) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    models text := only_models[1];
BEGIN
    IF cardinality(only_models) > 1 THEN
        models := (SELECT string_agg(DISTINCT m COLLATE "C", ',' ORDER BY m COLLATE "C") FROM unnest(only_models) m);
    END IF;
    RETURN left(md5(concat(changefeed.short_app_type(app_type), ':', models)), 8);
END $$;
COMMENT ON FUNCTION changefeed.sync_filter(text, text[]) IS
    'Digest of a pull''s parameters: a token is valid only for the same ones.';

CREATE OR REPLACE FUNCTION changefeed.make_sync_token(d changefeed.device, filter text, last_id bigint) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
        SELECT 'cf1_' || translate(encode(convert_to(t.text || '.' || left(md5(t.text), 8), 'UTF8'), 'base64'),
                                   E'+/=\n', '-_')
        FROM (SELECT concat_ws('.', left(i.feed::text, 8), d.epoch, d.id, d.acknowledgements, d.batch, last_id, filter,
                               CASE WHEN d.settled_batch = d.batch AND d.settled_id > last_id
                                    THEN d.settled_id END) AS text
              FROM changefeed.identity i) t);
END $$;
COMMENT ON FUNCTION changefeed.make_sync_token(changefeed.device, text, bigint) IS
    'A token for clients: feed, epoch, device, acknowledgements, window, last event sent, filter, the last settled '
    'event if that is later, and a checksum against damage.';

CREATE OR REPLACE FUNCTION changefeed.read_sync_token(
    token text, OUT feed text, OUT epoch int, OUT device bigint, OUT acknowledgements bigint, OUT batch bigint,
    OUT last_id bigint, OUT filter text, OUT settled_id bigint)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    coded CONSTANT text := substr(token, 5);
    raw bytea;
    plain text;
    parts text[];
BEGIN
    -- Each pull and each acknowledgement reads one: one regular expression for all of it took a tenth of their time.
    -- What passes can be decoded.
    IF (left(token, 4) = 'cf1_' AND length(coded) BETWEEN 20 AND 200 AND length(coded) % 4 <> 1
        AND coded ~ '^[-_0-9A-Za-z]+$') IS NOT TRUE THEN
        RETURN;
    END IF;
    raw := decode(rpad(translate(coded, '-_', '+/'), (length(coded) + 3) / 4 * 4, '='), 'base64');
    plain := encode(raw, 'escape');
    parts := string_to_array(left(plain, -9), '.');
    IF translate(encode(raw, 'base64'), E'+/=\n', '-_') <> coded OR cardinality(parts) NOT IN (7, 8)
       OR right(plain, 9) <> '.' || left(md5(left(plain, -9)), 8)
       OR length(parts[1]) <> 8 OR length(parts[7]) <> 8 OR parts[1] || parts[7] !~ '^[0-9a-f]+$'
       OR array_to_string(parts[2:6] || parts[8:], '') !~ '^[0-9]+$'
       OR length(parts[2]) NOT BETWEEN 1 AND 9 OR length(parts[3]) NOT BETWEEN 1 AND 18
       OR length(parts[4]) NOT BETWEEN 1 AND 18 OR length(parts[5]) NOT BETWEEN 1 AND 18
       OR length(parts[6]) NOT BETWEEN 1 AND 18 OR length(parts[8]) NOT BETWEEN 1 AND 18 THEN
        RETURN;
    END IF;
    feed := parts[1];
    epoch := parts[2];
    device := parts[3];
    acknowledgements := parts[4];
    batch := parts[5];
    last_id := parts[6];
    filter := parts[7];
    settled_id := greatest(parts[8]::bigint, last_id);
END $$;
COMMENT ON FUNCTION changefeed.read_sync_token(text) IS 'The parts of a token; all null if it is malformed.';

CREATE OR REPLACE FUNCTION changefeed.token_problem(feed text, device bigint, user_id int) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN CASE WHEN EXISTS (SELECT FROM changefeed.identity i WHERE left(i.feed::text, 8) = token_problem.feed)
                 AND EXISTS (SELECT FROM changefeed.device d
                             WHERE d.id = token_problem.device AND d.user_id <> token_problem.user_id)
                THEN 'user_changed' ELSE 'cursor_mismatch' END;
END $$;
COMMENT ON FUNCTION changefeed.token_problem(text, bigint, int) IS
    'The error for a token (its feed and device) that does not belong to the device: user_changed, if it is of another '
    'user''s device, and so is the copy beside it; otherwise cursor_mismatch.';

CREATE OR REPLACE FUNCTION changefeed.is_set_back(d changefeed.device, batch bigint, last_id bigint, settled_id bigint)
RETURNS boolean
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (batch, settled_id) < (d.settled_batch, d.settled_id)
        -- A client that keeps its token over a 410 has resynced.
        AND (batch, last_id) IS DISTINCT FROM (d.told_batch, d.told_id);
END $$;
COMMENT ON FUNCTION changefeed.is_set_back(changefeed.device, bigint, bigint, bigint) IS
    'Whether the device has settled more than the pull of this token (its window, last_id and settled_id) had sent: '
    'the copy was restored from a backup, or another installation uses the same device_id.';

-- Starting, and starting over.
CREATE OR REPLACE FUNCTION changefeed.durable() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- What a device is sent, and what it settles, must survive a crash, with everything visible then.
    IF current_setting('synchronous_commit') IN ('off', 'local') THEN
        PERFORM set_config('synchronous_commit', 'on', true);
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.durable() IS 'Makes the commit of this transaction wait for the disk.';

CREATE OR REPLACE FUNCTION changefeed.register_device(
    user_id int, device_id text, max_devices int, start text DEFAULT 'earliest') RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    known changefeed.device;
    here record;
    made bigint;
BEGIN
    -- One at a time for each user, so that the bound holds.
    PERFORM pg_advisory_xact_lock(484679158, register_device.user_id);
    SELECT * INTO known FROM changefeed.device d
    WHERE d.user_id = register_device.user_id AND d.device_id = register_device.device_id;
    IF FOUND AND known.retired_at IS NULL THEN
        RETURN true;
    END IF;
    IF (SELECT count(*) FROM changefeed.device d
        WHERE d.user_id = register_device.user_id AND d.retired_at IS NULL) >= max_devices THEN
        UPDATE changefeed.device d SET retired_at = clock_timestamp()
        WHERE d.user_id = register_device.user_id AND d.retired_at IS NULL
          AND d.last_pull_at < clock_timestamp() - interval '30 days';
        IF NOT FOUND THEN
            RETURN false;
        END IF;
        DELETE FROM changefeed.device d
        WHERE d.user_id = register_device.user_id AND d.retired_at < clock_timestamp() - interval '1 year';
    END IF;
    PERFORM changefeed.durable();
    -- It has data of unknown age.
    IF known.retired_at IS NOT NULL THEN
        UPDATE changefeed.device d SET retired_at = NULL WHERE d.id = known.id;
        PERFORM changefeed.mark_resync(known.id, known.models, 'cursor_expired', 'apply_differences', true);
        RETURN true;
    END IF;
    IF start = 'earliest' THEN
        -- 3 is the lowest number of a transaction: this snapshot has seen nothing.
        INSERT INTO changefeed.device (user_id, device_id, epoch, began, seen, seen_log_id)
        SELECT register_device.user_id, register_device.device_id, c.epoch, '3:3:', '3:3:', 0 FROM changefeed.control c;
        RETURN true;
    END IF;
    SELECT * INTO here FROM changefeed.log_position();
    INSERT INTO changefeed.device (user_id, device_id, epoch, base, began, seen, seen_log_id, seen_next)
    SELECT register_device.user_id, register_device.device_id, c.epoch, here.snapshot, here.snapshot,
           here.snapshot, here.low_id,
           CASE WHEN here.comes_first THEN pg_current_xact_id() END
    FROM changefeed.control c
    RETURNING id INTO made;
    IF start = 'all' THEN
        PERFORM changefeed.start_copy(made);
    END IF;
    RETURN true;
END $$;
COMMENT ON FUNCTION changefeed.register_device(int, text, int, text) IS
    'Creates a device that starts at the oldest event of the log (start: earliest), with changes from now on (now), or '
    'with a first copy (all). False when the user has max_devices. Devices not seen for 30 days are retired to make '
    'room; one that returns must resync everything.';

CREATE OR REPLACE FUNCTION changefeed.mark_resync(device bigint, models text[], code text, mode text, restart boolean)
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    now_at record;
    due jsonb := (
        -- Models that a first copy has not reached are not resynced: the device has nothing of them.
        SELECT coalesce(jsonb_object_agg(m, jsonb_build_object('code', mark_resync.code, 'mode', mark_resync.mode)),
                        '{}')
        FROM (SELECT unnest(mark_resync.models)
              EXCEPT SELECT unnest(changefeed.waits_for_copy(d, mark_resync.models)) FROM changefeed.device d
              WHERE d.id = mark_resync.device) o (m));
BEGIN
    PERFORM changefeed.durable();
    -- And resynced models are not sent in the first copy as well.
    PERFORM changefeed.narrow_copy(device, NULL, ARRAY(SELECT jsonb_object_keys(due)));
    IF restart THEN
        SELECT * INTO now_at FROM changefeed.log_position();
        UPDATE changefeed.device d
        SET epoch = (SELECT c.epoch FROM changefeed.control c), base = now_at.snapshot, bases = '{}', resync = due,
            settled_batch = d.batch + 1, settled_id = 0, began = now_at.snapshot, seen = now_at.snapshot,
            seen_log_id = now_at.low_id, seen_next = CASE WHEN now_at.comes_first THEN pg_current_xact_id() END,
            target = NULL, batch = d.batch + 1, window_from = 0, window_to = NULL, handed = 0, position = 0,
            acked = '{}', hidden = '{}', last_resync_at = clock_timestamp(), last_resync_reason = mark_resync.code
        WHERE d.id = device;
    ELSE
        UPDATE changefeed.device d
        -- The window continues under another number, so that earlier tokens can be distinguished.
        SET resync = due || d.resync, batch = d.batch + 1, settled_batch = d.batch + 1, settled_id = 0,
            last_resync_at = clock_timestamp(), last_resync_reason = mark_resync.code
        WHERE d.id = device;
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.mark_resync(bigint, text[], text, text, boolean) IS
    'Records that a device must resync these models. restart: its cursor is no longer valid and is moved to now.';

CREATE OR REPLACE FUNCTION changefeed.gap_models(d changefeed.device, OUT due text[], OUT lasting text[])
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT array_agg(DISTINCT m.name) FILTER (WHERE g.ended), array_agg(DISTINCT m.name) FILTER (WHERE NOT g.ended)
    FROM (SELECT g.model, g.to_snapshot,
                 -- Until the transactions that ran in the gap have ended,
                 -- a list taken now could lack what they will commit.
                 coalesce(pg_snapshot_xmin(pg_current_snapshot()) >= pg_snapshot_xmax(g.to_snapshot), false) AS ended
          FROM changefeed.gap g WHERE g.epoch = d.epoch) g
    JOIN unnest(d.models) m (name) ON g.model IS NULL OR g.model = m.name
    WHERE g.to_snapshot IS NULL
       OR pg_snapshot_xmin(coalesce(CASE WHEN d.bases -> m.name ->> 'until' IS NOT NULL
                                         THEN (d.bases -> m.name ->> 'since')::pg_snapshot END, d.base))
          < pg_snapshot_xmax(g.to_snapshot)
$$;
COMMENT ON FUNCTION changefeed.gap_models(changefeed.device) IS
    'Models of which the device lacks changes that were not captured. due: it can resync them now. lasting: '
    'transactions of the gap are still running.';

CREATE OR REPLACE FUNCTION changefeed.resync_answer(resync jsonb) RETURNS json
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT json_build_object(
        'code', (array_agg(r.value ->> 'code' ORDER BY array_position(
            ARRAY['epoch_changed', 'cursor_expired', 'copy_set_back', 'model_reset', 'scope_changed'],
            r.value ->> 'code')))[1],
        'mode', CASE WHEN bool_or(r.value ->> 'mode' = 'replace') THEN 'replace' ELSE 'apply_differences' END,
        'models', json_agg(r.key ORDER BY r.key))
    FROM jsonb_each(resync) r
$$;
COMMENT ON FUNCTION changefeed.resync_answer(jsonb) IS
    'The answer to a device that must resync: code, mode and models.';
