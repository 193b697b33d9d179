-- Pull and acknowledge.

CREATE OR REPLACE FUNCTION changefeed.sync_page(
    user_id int, ids bigint[], models text[], record_ids bigint[], events text[], times timestamptz[],
    with_data boolean, fields jsonb, max_bytes bigint, time_name text, OUT json text, OUT entries int, OUT last_id bigint)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    only_fields jsonb := coalesce(fields, '{}');
BEGIN
    WITH entry AS (
        SELECT e.* FROM unnest(ids, models, record_ids, events, times) AS e (id, model, record_id, event, occurred_at)
    ), data AS MATERIALIZED (
        SELECT m.model, r.record_id, r.data::text AS data
        FROM (SELECT e.model, array_agg(DISTINCT e.record_id) AS record_ids FROM entry e
              WHERE with_data AND e.event <> 'unlink' GROUP BY e.model) m
        CROSS JOIN LATERAL changefeed.odoo_record_data(sync_page.user_id, m.model, m.record_ids,
            CASE WHEN only_fields ? m.model THEN ARRAY(SELECT jsonb_array_elements_text(only_fields -> m.model)) END) r
    ), gone AS MATERIALIZED (
        -- A record that went in the meantime is told as gone; its unlink comes later, too. One whose data cannot be read is not.
        SELECT m.model, r.record_id
        FROM (SELECT e.model, array_agg(e.record_id) AS record_ids FROM entry e
              WHERE with_data AND e.event <> 'unlink'
                AND NOT EXISTS (SELECT FROM data d WHERE d.model = e.model AND d.record_id = e.record_id) GROUP BY e.model) m
        CROSS JOIN LATERAL changefeed.odoo_missing_records(m.model, m.record_ids) r (record_id)
    ), line AS (
        SELECT e.id, concat('{"id":', e.id, ',"model":', to_json(e.model), ',"record_id":', e.record_id, ',"event":"',
                   CASE WHEN g.record_id IS NOT NULL THEN 'unlink' ELSE e.event END,
                   '","', time_name, '":"', changefeed.json_time(e.occurred_at), '"',
                   CASE WHEN with_data THEN ',"data":' || coalesce(d.data, 'null') END, '}') AS text
        FROM entry e LEFT JOIN data d ON d.model = e.model AND d.record_id = e.record_id AND e.event <> 'unlink'
        LEFT JOIN gone g ON g.model = e.model AND g.record_id = e.record_id
    ), sized AS (
        SELECT l.id, l.text, sum(octet_length(l.text) + 1) OVER (ORDER BY l.id) AS bytes, row_number() OVER (ORDER BY l.id) AS number
        FROM line l
    )
    SELECT '[' || coalesce(string_agg(s.text, ',' ORDER BY s.id), '') || ']', count(*)::int, max(s.id)
    INTO json, entries, last_id
    FROM sized s
    -- At least one, or nobody would ever get past a record that is larger.
    WHERE max_bytes IS NULL OR s.bytes <= max_bytes OR s.number = 1;
END $$;
COMMENT ON FUNCTION changefeed.sync_page(int, bigint[], text[], bigint[], text[], timestamptz[], boolean, jsonb, bigint, text) IS
    'Entries as a JSON array, with the records'' present data if wanted (fields: {model: [names]}), cut at max_bytes.';

CREATE OR REPLACE FUNCTION changefeed.unknown_fields(user_id int, models text[], fields jsonb) RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT array_agg(DISTINCT f.key || '.' || n.name)
    FROM jsonb_each(fields) f CROSS JOIN LATERAL jsonb_array_elements_text(f.value) n (name)
    WHERE f.key <> ALL (models)
       OR NOT EXISTS (SELECT FROM changefeed.odoo_data_fields(user_id, f.key) o WHERE o.name = n.name)
$$;
COMMENT ON FUNCTION changefeed.unknown_fields(int, text[], jsonb) IS
    'Of the fields asked for ({model: [names]}) those that the models do not have, or that this user may not see; null: none.';

CREATE OR REPLACE FUNCTION changefeed.pull(
    user_id int, device_id text, app_type text DEFAULT 'all', only_models text[] DEFAULT NULL,
    sync_token text DEFAULT NULL, max_entries int DEFAULT 100, with_data boolean DEFAULT true, fields jsonb DEFAULT NULL,
    max_bytes bigint DEFAULT NULL, is_older_client boolean DEFAULT false, max_devices int DEFAULT 100,
    OUT problem text, OUT resync json, OUT events text, OUT entries int, OUT next_sync_token text, OUT has_more boolean,
    OUT incomplete text[], OUT models text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    -- How many events make a window.
    window_events CONSTANT int := 4096;
    filter CONSTANT text := changefeed.sync_filter(app_type, only_models);
    followed record;
    token record;
    d changefeed.device;
    stored changefeed.device;
    feed changefeed.control;
    added text[];
    gaps record;
    here record;
    w record;
    page record;
    -- Places of the entries that are not settled, in w.
    open_ids int[] := '{}';
    looked boolean := false;
    log_rows int := 0;
    is_settled boolean := false;
    rounds int := 0;
BEGIN
    PERFORM changefeed.require_read_committed();
    IF (length(device_id) BETWEEN 1 AND 255 AND max_entries BETWEEN 1 AND 500 AND app_type IS NOT NULL
        AND user_id IS NOT NULL AND with_data IS NOT NULL AND coalesce(max_bytes, 1) >= 1) IS NOT TRUE THEN
        RAISE EXCEPTION 'user_id, device_id (1 to 255 characters), app_type, max_entries (1 to 500) and with_data must be given'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    entries := 0;
    has_more := false;
    events := '[]';
    SELECT * INTO followed FROM changefeed.followed_models(user_id, app_type, only_models);
    IF followed.problem IS NULL AND fields IS NOT NULL AND changefeed.unknown_fields(user_id, followed.models, fields) IS NOT NULL THEN
        followed.problem := 'field_unknown';
    END IF;
    IF followed.problem IS NOT NULL THEN
        problem := followed.problem;
        RETURN;
    END IF;
    SELECT * INTO token FROM changefeed.read_sync_token(sync_token);
    IF sync_token IS NOT NULL AND token.epoch IS NULL THEN
        problem := 'cursor_malformed';
        RETURN;
    END IF;
    models := followed.models;
    SELECT false AS comes_first INTO here;
    -- Each round either ends, or has passed a window with nothing in it for this device, or has lost a race.
    LOOP
        rounds := rounds + 1;
        IF rounds > 100 THEN
            RAISE EXCEPTION 'device % of user % does not come to rest', stored.id, user_id USING ERRCODE = 'program_limit_exceeded';
        END IF;
        SELECT * INTO stored FROM changefeed.device v WHERE v.user_id = pull.user_id AND v.device_id = pull.device_id;
        IF NOT FOUND THEN
            -- A token of a device that is no more: this one has data, and nobody knows how old.
            IF sync_token IS NOT NULL AND (
                NOT EXISTS (SELECT FROM changefeed.identity i WHERE left(i.feed::text, 8) = token.feed)
                OR EXISTS (SELECT FROM changefeed.device o WHERE o.id = token.device) OR token.filter <> filter) THEN
                problem := 'cursor_mismatch';
                RETURN;
            END IF;
            IF NOT changefeed.register_device(user_id, device_id, max_devices) THEN
                problem := 'too_many_devices';
                RETURN;
            END IF;
            IF sync_token IS NOT NULL THEN
                PERFORM changefeed.mark_resync(v.id, followed.models, 'cursor_expired', 'apply_differences', true)
                FROM changefeed.device v WHERE v.user_id = pull.user_id AND v.device_id = pull.device_id;
                UPDATE changefeed.device v SET app_type = pull.app_type, models = followed.models
                WHERE v.user_id = pull.user_id AND v.device_id = pull.device_id;
                sync_token := NULL;
            END IF;
            CONTINUE;
        END IF;
        IF stored.retired_at IS NOT NULL THEN
            IF NOT changefeed.register_device(user_id, device_id, max_devices) THEN
                problem := 'too_many_devices';
                RETURN;
            END IF;
            sync_token := NULL;
            CONTINUE;
        END IF;
        SELECT * INTO feed FROM changefeed.control;

        IF sync_token IS NOT NULL THEN
            IF token.device <> stored.id OR token.filter <> filter
               OR NOT EXISTS (SELECT FROM changefeed.identity i WHERE left(i.feed::text, 8) = token.feed) THEN
                problem := 'cursor_mismatch';
                RETURN;
            END IF;
            -- The client has been where this database has not: it went back in time.
            IF token.epoch > greatest(feed.epoch, stored.token_epoch)
               OR token.epoch = stored.epoch AND token.acknowledgements > stored.acknowledgements THEN
                PERFORM changefeed.mark_resync(stored.id, followed.models, 'epoch_changed', 'replace', true);
                UPDATE changefeed.device v
                SET acknowledgements = greatest(v.acknowledgements, token.acknowledgements),
                    token_epoch = greatest(v.token_epoch, token.epoch)
                WHERE v.id = stored.id;
                CONTINUE;
            END IF;
        END IF;
        IF stored.epoch <> feed.epoch THEN
            PERFORM changefeed.mark_resync(stored.id, followed.models, 'epoch_changed', 'replace', true);
            CONTINUE;
        END IF;
        IF changefeed.lacks_emptied(stored.seen, stored.base) THEN
            PERFORM changefeed.mark_resync(stored.id, followed.models, 'cursor_expired', 'apply_differences', true);
            CONTINUE;
        END IF;
        IF stored.app_type IS DISTINCT FROM app_type OR stored.models <> followed.models THEN
            added := ARRAY(SELECT m FROM unnest(followed.models) m WHERE m <> ALL (stored.models));
            PERFORM changefeed.durable();
            UPDATE changefeed.device v
            SET app_type = pull.app_type, models = followed.models,
                resync = coalesce((SELECT jsonb_object_agg(r.key, r.value) FROM jsonb_each(v.resync) r
                                   WHERE r.key = ANY (followed.models)), '{}'),
                -- While a model is not followed its events pass by: a list of it from before says nothing, even one that
                -- is being taken. Before the first pull nothing has passed.
                bases = CASE WHEN stored.app_type IS NULL THEN v.bases ELSE coalesce((
                    SELECT jsonb_object_agg(b.key, b.value) FROM jsonb_each(v.bases) b
                    WHERE b.key = ANY (stored.models) AND b.key = ANY (followed.models)), '{}') END
            WHERE v.id = stored.id;
            IF stored.app_type IS NOT NULL AND added <> '{}' THEN
                PERFORM changefeed.mark_resync(stored.id, added, 'scope_changed', 'replace', false);
            END IF;
            CONTINUE;
        END IF;
        SELECT NULL::text[] AS due, NULL::text[] AS lasting INTO gaps;
        IF EXISTS (SELECT FROM changefeed.gap) THEN
            SELECT * INTO gaps FROM changefeed.gap_models(stored);
        END IF;
        incomplete := gaps.lasting;
        IF EXISTS (SELECT FROM unnest(gaps.due) m WHERE NOT stored.resync ? m) THEN
            PERFORM changefeed.mark_resync(stored.id, gaps.due, 'model_reset', 'apply_differences', false);
            CONTINUE;
        END IF;
        IF stored.resync <> '{}' THEN
            problem := 'resync';
            resync := changefeed.resync_answer(stored.resync);
            RETURN;
        END IF;
        -- A client that never acknowledges has applied what the pull before gave it.
        IF is_older_client AND NOT is_settled AND stored.handed > stored.position AND stored.window_to IS NOT NULL THEN
            PERFORM changefeed.acknowledge_handed(stored.id, stored.batch, stored.handed);
            is_settled := true;
            CONTINUE;
        END IF;

        d := stored;
        IF d.target IS NULL THEN
            SELECT * INTO here FROM changefeed.log_position();
            d.target := here.snapshot;
            d.target_low_id := here.low_id;
            d.target_high_id := here.high_id;
            d.target_next := NULL;
            d.window_from := 0;
        END IF;
        IF d.models = '{}' OR d.target::text = d.seen::text OR stored.target IS NULL AND NOT changefeed.has_new_events(d) THEN
            looked := false;
            -- Nothing is between seen and target for this device, unless retention took it in this moment.
            CONTINUE WHEN changefeed.lacks_emptied(d.seen, d.base);
            EXIT;
        END IF;
        SELECT * INTO w FROM changefeed.sync_window(d, window_events);
        looked := true;
        log_rows := w.log_rows;
        -- Asked after the log was read, which a reader and TRUNCATE cannot do at the same time.
        IF changefeed.lacks_emptied(d.seen, d.base) OR (SELECT c.epoch <> d.epoch FROM changefeed.control c) THEN
            CONTINUE;
        END IF;
        IF w.truncated IS NOT NULL THEN
            PERFORM changefeed.mark_resync(d.id, w.truncated, 'model_reset', 'replace', false);
            CONTINUE;
        END IF;
        open_ids := ARRAY(SELECT i.place::int FROM unnest(w.ids) WITH ORDINALITY i (id, place)
                          WHERE d.acked = '{}' OR i.id <> ALL (d.acked) ORDER BY i.place LIMIT max_entries + 1);
        EXIT WHEN open_ids <> '{}' OR w.is_last AND stored.target IS NULL;
        -- A window, or the rest of one, that holds nothing for this device.
        rounds := 0;
        UPDATE changefeed.device v
        SET batch = v.batch + 1, window_to = NULL, handed = 0, position = 0, acked = '{}',
            seen = CASE WHEN w.is_last THEN d.target ELSE v.seen END,
            seen_log_id = CASE WHEN w.is_last THEN d.target_low_id ELSE v.seen_log_id END,
            seen_next = CASE WHEN NOT w.is_last THEN v.seen_next WHEN stored.target IS NOT NULL THEN d.target_next
                             WHEN here.comes_first THEN pg_current_xact_id() END,
            target = CASE WHEN w.is_last THEN NULL ELSE d.target END,
            target_low_id = d.target_low_id, target_high_id = d.target_high_id,
            target_next = CASE WHEN stored.target IS NOT NULL THEN d.target_next
                               WHEN here.comes_first THEN pg_current_xact_id() END,
            window_from = CASE WHEN w.is_last THEN 0 ELSE coalesce(d.window_to, w.last_log_id) END
        WHERE v.id = d.id AND v.batch = d.batch;
    END LOOP;

    IF NOT looked OR open_ids = '{}' THEN
        -- Nothing new. Now and then the cursor follows, past events that are not for this device: they settle themselves.
        IF d.last_pull_at < clock_timestamp() - interval '1 minute' OR log_rows >= 500 THEN
            UPDATE changefeed.device v
            SET seen = d.target, seen_log_id = d.target_low_id,
                seen_next = CASE WHEN here.comes_first THEN pg_current_xact_id() END, last_pull_at = clock_timestamp()
            WHERE v.id = d.id AND v.batch = d.batch AND v.target IS NULL AND v.models = d.models AND v.resync = '{}';
        END IF;
        next_sync_token := changefeed.make_sync_token(stored, filter, stored.position);
        RETURN;
    END IF;

    SELECT * INTO page FROM changefeed.sync_page(user_id,
        ARRAY(SELECT w.ids[i] FROM unnest(open_ids[1:max_entries]) WITH ORDINALITY o (i, n) ORDER BY o.n),
        ARRAY(SELECT w.models[i] FROM unnest(open_ids[1:max_entries]) WITH ORDINALITY o (i, n) ORDER BY o.n),
        ARRAY(SELECT w.record_ids[i] FROM unnest(open_ids[1:max_entries]) WITH ORDINALITY o (i, n) ORDER BY o.n),
        ARRAY(SELECT w.events[i] FROM unnest(open_ids[1:max_entries]) WITH ORDINALITY o (i, n) ORDER BY o.n),
        ARRAY(SELECT w.times[i] FROM unnest(open_ids[1:max_entries]) WITH ORDINALITY o (i, n) ORDER BY o.n),
        with_data, fields, max_bytes, CASE WHEN is_older_client THEN 'timestamp' ELSE 'occurred_at' END);
    events := page.json;
    entries := page.entries;
    has_more := NOT w.is_last OR cardinality(open_ids) > entries;
    -- What is handed out is noted before it leaves, so that nothing else can be acknowledged.
    IF d.window_to IS NULL OR page.last_id > d.handed OR d.last_pull_at < clock_timestamp() - interval '1 minute' THEN
        PERFORM changefeed.durable();
        UPDATE changefeed.device v
        SET batch = CASE WHEN d.window_to IS NULL THEN v.batch + 1 ELSE v.batch END,
            target = d.target, target_low_id = d.target_low_id, target_high_id = d.target_high_id,
            target_next = CASE WHEN stored.target IS NOT NULL THEN d.target_next
                               WHEN here.comes_first THEN pg_current_xact_id() END, window_from = d.window_from,
            window_to = coalesce(d.window_to, w.last_log_id), window_is_last = w.is_last,
            handed = greatest(v.handed, page.last_id), last_pull_at = clock_timestamp()
        WHERE v.id = d.id AND v.batch = d.batch AND v.acknowledgements = d.acknowledgements
        RETURNING v.* INTO d;
        IF NOT FOUND THEN
            -- Somebody else pulled or acknowledged for this device in between.
            SELECT p.* INTO problem, resync, events, entries, next_sync_token, has_more, incomplete, models
            FROM changefeed.pull(user_id, device_id, app_type, only_models, sync_token, max_entries, with_data, fields,
                                 max_bytes, is_older_client, max_devices) p;
            RETURN;
        END IF;
    END IF;
    next_sync_token := changefeed.make_sync_token(d, filter, page.last_id);
END $$;
COMMENT ON FUNCTION changefeed.pull(int, text, text, text[], text, int, boolean, jsonb, bigint, boolean, int) IS
    'What is new for a device, oldest first, without moving its cursor: the same again until acknowledge() settles it; for an older client, which never acknowledges, a pull settles what the one before gave. problem: null, or why nothing is given; resync: what must be taken anew; has_more false: with this the device has everything up to one moment; incomplete: models with a gap that has not ended; models: all that the device follows. No write when nothing is new.';

CREATE OR REPLACE FUNCTION changefeed.settle_entries(d changefeed.device, window_ids bigint[], newly bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    settled bigint[] := d.acked || newly;
    first_open bigint := (SELECT min(o.id) FROM (SELECT unnest(window_ids) AS id EXCEPT SELECT unnest(settled)) o);
BEGIN
    PERFORM changefeed.durable();
    IF first_open IS NOT NULL THEN
        UPDATE changefeed.device v
        SET position = coalesce((SELECT max(s) FROM unnest(settled) s WHERE s < first_open), v.position),
            acked = ARRAY(SELECT s FROM unnest(settled) s WHERE s > first_open ORDER BY s),
            acknowledgements = v.acknowledgements + 1, last_acknowledgement_at = clock_timestamp()
        WHERE v.id = d.id;
    ELSIF d.window_is_last THEN
        UPDATE changefeed.device v
        SET seen = v.target, seen_log_id = v.target_low_id, seen_next = v.target_next, target = NULL, window_from = 0, window_to = NULL,
            handed = 0, position = 0, acked = '{}',
            acknowledgements = v.acknowledgements + 1, last_acknowledgement_at = clock_timestamp()
        WHERE v.id = d.id;
    ELSE
        UPDATE changefeed.device v
        SET window_from = v.window_to, window_to = NULL, handed = 0, position = 0, acked = '{}',
            acknowledgements = v.acknowledgements + 1, last_acknowledgement_at = clock_timestamp()
        WHERE v.id = d.id;
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.settle_entries(changefeed.device, bigint[], bigint[]) IS
    'Settles entries of a device''s window and moves the device as far as everything is settled. The device''s row is locked by the caller.';

CREATE OR REPLACE FUNCTION changefeed.acknowledge_handed(device bigint, batch bigint, upto bigint) RETURNS int
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    d changefeed.device;
    w record;
    newly bigint[];
BEGIN
    SELECT * INTO d FROM changefeed.device v
    WHERE v.id = acknowledge_handed.device AND v.batch = acknowledge_handed.batch AND v.window_to IS NOT NULL FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    SELECT * INTO w FROM changefeed.sync_window(d, 0);
    newly := ARRAY(SELECT i FROM unnest(w.ids) i WHERE i <= least(upto, d.handed) EXCEPT SELECT unnest(d.acked));
    IF newly <> '{}' THEN
        PERFORM changefeed.settle_entries(d, w.ids, newly);
    END IF;
    RETURN cardinality(newly);
END $$;
COMMENT ON FUNCTION changefeed.acknowledge_handed(bigint, bigint, bigint) IS
    'Settles what was handed out of this window up to an event id. Returns how many entries that settled.';

CREATE OR REPLACE FUNCTION changefeed.was_handed(d changefeed.device, event_id bigint) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE
        WHEN e.id IS NULL THEN
            -- Retention has emptied that part of the log.
            event_id / 4096 < coalesce((SELECT min(o.id) FROM changefeed.event o), 0)
        ELSE e.model = ANY (d.models) AND event_id % 4096 < cardinality(e.ids) AND NOT pg_visible_in_snapshot(e.xid, d.began)
             AND (pg_visible_in_snapshot(e.xid, d.seen)
                  OR coalesce(pg_visible_in_snapshot(e.xid, d.target) AND (e.id <= d.window_from OR event_id <= d.position), false)
                  -- The list of all records that it took since holds this.
                  OR coalesce(d.bases -> e.model ->> 'until' IS NOT NULL
                              AND pg_visible_in_snapshot(e.xid, (d.bases -> e.model ->> 'since')::pg_snapshot), false))
        END
    FROM (SELECT) here LEFT JOIN changefeed.event e ON e.id = event_id / 4096
$$;
COMMENT ON FUNCTION changefeed.was_handed(changefeed.device, bigint) IS
    'True for an event that is settled for this device, as far as that can still be told.';

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
        RAISE EXCEPTION 'either event_ids or sync_token must be given' USING ERRCODE = 'invalid_parameter_value';
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
        problem := 'cursor_mismatch';
        RETURN;
    END IF;
    IF d.epoch <> feed.epoch OR token.epoch > greatest(feed.epoch, d.token_epoch)
       OR token.epoch = d.epoch AND (token.acknowledgements > d.acknowledgements OR token.batch > d.batch
                                     OR token.batch = d.batch AND d.window_to IS NOT NULL AND token.last_id > d.handed) THEN
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
            acknowledged := CASE WHEN token.epoch = d.epoch THEN changefeed.acknowledge_handed(d.id, token.batch, token.last_id) ELSE 0 END;
            RETURN;
        END IF;
        newly := '{}';
        IF d.window_to IS NOT NULL THEN
            SELECT * INTO w FROM changefeed.sync_window(d, 0);
            newly := ARRAY(SELECT i FROM unnest(w.ids) i WHERE i <= d.handed
                           INTERSECT SELECT unnest(event_ids) EXCEPT SELECT unnest(d.acked));
        END IF;
        IF EXISTS (SELECT FROM (SELECT unnest(event_ids) AS id EXCEPT SELECT unnest(newly) EXCEPT SELECT unnest(d.acked)) o
                   WHERE o.id IS NULL OR o.id < 4096 OR NOT changefeed.was_handed(d, o.id)) THEN
            problem := 'events_not_handed';
            RETURN;
        END IF;
        IF newly <> '{}' THEN
            PERFORM changefeed.settle_entries(d, w.ids, newly);
        END IF;
        acknowledged := cardinality(newly);
        RETURN;
    END IF;
    problem := 'resync';
    resync := (SELECT changefeed.resync_answer(v.resync) FROM changefeed.device v WHERE v.id = d.id);
END $$;
COMMENT ON FUNCTION changefeed.acknowledge(int, text, bigint[], text) IS
    'Settles events that pull() handed to the device: by their ids, or all up to the pull that gave the token. Earlier events of the same records are settled with them. acknowledged: how many were settled by this call; again is 0. problem: device_unknown, events_not_handed, cursor_malformed, cursor_mismatch or resync; then nothing moved.';

CREATE OR REPLACE FUNCTION changefeed.reset_device(
    user_id int, device_id text, start text DEFAULT 'now', since timestamptz DEFAULT NULL, max_devices int DEFAULT 100,
    OUT problem text, OUT device bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    here record;
BEGIN
    PERFORM changefeed.require_read_committed();
    IF (start IN ('now', 'earliest') AND since IS NULL OR start = 'time' AND since IS NOT NULL) IS NOT TRUE THEN
        RAISE EXCEPTION 'start is now, earliest, or time with since' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF NOT changefeed.register_device(user_id, device_id, max_devices) THEN
        problem := 'too_many_devices';
        RETURN;
    END IF;
    PERFORM changefeed.durable();
    SELECT * INTO here FROM changefeed.log_position();
    UPDATE changefeed.device v
    SET epoch = (SELECT c.epoch FROM changefeed.control c), base = here.snapshot, bases = '{}', resync = '{}',
        began = b.seen, seen = b.seen, seen_log_id = CASE start WHEN 'now' THEN here.low_id ELSE 0 END,
        seen_next = CASE WHEN start = 'now' AND here.comes_first THEN pg_current_xact_id() END,
        target_next = CASE WHEN here.comes_first THEN pg_current_xact_id() END,
        -- A time: the batch up to now, settled up to there.
        target = CASE start WHEN 'time' THEN here.snapshot END, target_low_id = here.low_id, target_high_id = here.high_id,
        window_from = CASE start WHEN 'time' THEN changefeed.first_id_since(since) - 1 ELSE 0 END,
        batch = v.batch + 1, window_to = NULL, handed = 0, position = 0, acked = '{}',
        last_pull_at = clock_timestamp(), last_resync_at = clock_timestamp(), last_resync_reason = 'reset'
    FROM (SELECT CASE start WHEN 'now' THEN here.snapshot ELSE '3:3:' END AS seen) b
    WHERE v.user_id = reset_device.user_id AND v.device_id = reset_device.device_id
    RETURNING v.id INTO device;
END $$;
COMMENT ON FUNCTION changefeed.reset_device(int, text, text, timestamptz, int) IS
    'Starts a device over, or makes it: with what comes from now on, with the oldest event of the log (earliest), or with what occurred since a time (some minutes more). Whatever it had to take anew is forgotten.';

CREATE OR REPLACE FUNCTION changefeed.forget_device(user_id int, device_id text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM changefeed.device d WHERE d.user_id = forget_device.user_id AND d.device_id = forget_device.device_id;
    RETURN FOUND;
END $$;
COMMENT ON FUNCTION changefeed.forget_device(int, text) IS 'Removes a device. False when there is none of that name.';

CREATE OR REPLACE FUNCTION changefeed.device_state(user_id int, device_id text) RETURNS json
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    d changefeed.device;
    at_hand changefeed.device;
    here record;
    waiting record;
BEGIN
    SELECT * INTO d FROM changefeed.device v WHERE v.user_id = device_state.user_id AND v.device_id = device_state.device_id;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    at_hand := d;
    IF d.target IS NULL THEN
        SELECT * INTO here FROM changefeed.log_position();
        at_hand.target := here.snapshot;
        at_hand.target_high_id := here.high_id;
        at_hand.window_from := 0;
    END IF;
    IF d.epoch = (SELECT c.epoch FROM changefeed.control c) THEN
        SELECT cardinality(w.ids) - cardinality(d.acked) AS pending, NOT w.is_last AS more,
               (SELECT min(o.at) FROM unnest(w.ids, w.times) o (id, at) WHERE o.id <> ALL (d.acked)) AS oldest
        INTO waiting
        FROM changefeed.sync_window(at_hand, 4096) w;
    END IF;
    RETURN json_build_object(
        'device_id', d.device_id, 'user_id', d.user_id, 'app_type', d.app_type, 'models', d.models,
        'pending', coalesce(waiting.pending, 0), 'pending_more', coalesce(waiting.more, false),
        'lag_seconds', coalesce(round(extract(epoch FROM clock_timestamp() - waiting.oldest)::numeric, 3), 0),
        'registered_at', changefeed.json_time(d.registered_at), 'last_pull_at', changefeed.json_time(d.last_pull_at),
        'last_acknowledgement_at', changefeed.json_time(d.last_acknowledgement_at),
        'acknowledgements', d.acknowledgements,
        'last_resync_at', changefeed.json_time(d.last_resync_at), 'last_resync_reason', d.last_resync_reason,
        'resync', CASE WHEN d.resync <> '{}' THEN changefeed.resync_answer(d.resync) END);
END $$;
COMMENT ON FUNCTION changefeed.device_state(int, text) IS
    'A device as one JSON object: what waits for it (pending: entries of its window; pending_more: and others behind), how old that is, and its last pull, acknowledgement and resync. Null when there is no such device.';

CREATE OR REPLACE FUNCTION changefeed.news(
    user_id int, device_id text, app_type text DEFAULT 'all', only_models text[] DEFAULT NULL,
    OUT problem text, OUT models text[], OUT is_waiting boolean, OUT newest_id bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    followed record;
    d changefeed.device;
    here record;
BEGIN
    SELECT * INTO followed FROM changefeed.followed_models(user_id, app_type, only_models);
    problem := followed.problem;
    models := followed.models;
    SELECT coalesce(max(n.id), 0) * 4096 + 4095 INTO newest_id
    FROM unnest(models) m (name)
    CROSS JOIN LATERAL (SELECT e.id FROM changefeed.event e WHERE e.model = m.name ORDER BY -e.id LIMIT 1) n;
    SELECT * INTO d FROM changefeed.device v WHERE v.user_id = news.user_id AND v.device_id = news.device_id;
    -- Whoever never pulled, or has to be told something else than events, is to pull.
    is_waiting := true;
    IF FOUND AND d.epoch = (SELECT c.epoch FROM changefeed.control c) AND d.resync = '{}' AND d.models = models THEN
        IF d.target IS NULL THEN
            SELECT * INTO here FROM changefeed.log_position();
            d.target := here.snapshot;
            d.target_high_id := here.high_id;
            d.window_from := 0;
        END IF;
        is_waiting := d.target::text <> d.seen::text AND EXISTS (
            SELECT FROM changefeed.sync_window(d, 64) w
            WHERE w.truncated IS NOT NULL OR NOT w.is_last OR cardinality(w.ids) > cardinality(d.acked));
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.news(int, text, text, text[]) IS
    'Whether a pull by this device would give it something, without a write: which models it follows, and the highest event id there is of them.';
