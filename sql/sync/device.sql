-- Starting a device over, removing it, and its state.

CREATE OR REPLACE FUNCTION changefeed.reset_device(
    user_id int, device_id text, start text DEFAULT 'now', since timestamptz DEFAULT NULL, max_devices int DEFAULT 100,
    OUT problem text, OUT device bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    here record;
BEGIN
    PERFORM changefeed.require_read_committed();
    IF (start IN ('all', 'now', 'earliest') AND since IS NULL OR start = 'time' AND since IS NOT NULL) IS NOT TRUE THEN
        RAISE EXCEPTION 'start must be all, now, earliest, or time together with since'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- Whoever registers a device waits for the user's other transactions that do.
    IF NOT EXISTS (SELECT FROM changefeed.device v
                   WHERE v.user_id = reset_device.user_id AND v.device_id = reset_device.device_id
                     AND v.retired_at IS NULL)
       AND NOT changefeed.register_device(user_id, device_id, max_devices) THEN
        problem := 'too_many_devices';
        RETURN;
    END IF;
    PERFORM changefeed.durable();
    SELECT * INTO here FROM changefeed.log_position();
    UPDATE changefeed.device v
    SET epoch = (SELECT c.epoch FROM changefeed.control c), base = here.snapshot, bases = '{}', resync = '{}',
        began = b.seen, seen = b.seen, seen_log_id = CASE WHEN start IN ('all', 'now') THEN here.low_id ELSE 0 END,
        seen_next = CASE WHEN start IN ('all', 'now') AND here.comes_first THEN pg_current_xact_id() END,
        target_next = CASE WHEN here.comes_first THEN pg_current_xact_id() END,
        -- A time: the batch up to now, settled up to there.
        target = CASE start WHEN 'time' THEN here.snapshot END, target_low_id = here.low_id,
        target_high_id = here.high_id,
        window_from = CASE start WHEN 'time' THEN changefeed.first_id_since(since) - 1 ELSE 0 END,
        batch = v.batch + 1, window_to = NULL, handed = 0, position = 0, acked = '{}', hidden = '{}',
        is_copying = false, last_pull_at = clock_timestamp(), last_resync_at = clock_timestamp(),
        last_resync_reason = 'reset'
    FROM (SELECT CASE WHEN start IN ('all', 'now') THEN here.snapshot ELSE '3:3:' END AS seen) b
    WHERE v.user_id = reset_device.user_id AND v.device_id = reset_device.device_id
    RETURNING v.id INTO device;
    IF start = 'all' THEN
        PERFORM changefeed.start_copy(device);
    ELSE
        DELETE FROM changefeed.first_copy c WHERE c.device = reset_device.device;
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.reset_device(int, text, text, timestamptz, int) IS
    'Starts a device over, or creates it: with a first copy (all), with changes from now on (now), at the oldest event '
    'of the log (earliest), or with changes since a time (some minutes more). Drops any pending resync.';

CREATE OR REPLACE FUNCTION changefeed.forget_device(user_id int, device_id text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM changefeed.device d WHERE d.user_id = forget_device.user_id AND d.device_id = forget_device.device_id;
    RETURN FOUND;
END $$;
COMMENT ON FUNCTION changefeed.forget_device(int, text) IS 'Removes a device. False if there is none with that name.';

CREATE OR REPLACE FUNCTION changefeed.device_list(user_id int, after text DEFAULT NULL, max_rows int DEFAULT 100,
                                                  OUT devices json, OUT next_after text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    WITH found AS MATERIALIZED (
        SELECT d.* FROM changefeed.device d
        WHERE d.user_id = device_list.user_id AND d.retired_at IS NULL AND d.device_id !~ '^endpoint:'
          AND (after IS NULL OR d.device_id > after)
        ORDER BY d.device_id LIMIT max_rows + 1
    ), page AS (
        SELECT f.* FROM found f ORDER BY f.device_id LIMIT max_rows
    )
    SELECT coalesce(json_agg(json_build_object(
               'device_id', p.device_id, 'app_type', p.app_type, 'models', p.models,
               'registered_at', changefeed.json_time(p.registered_at), 'last_pull_at',
               changefeed.json_time(p.last_pull_at),
               'last_acknowledgement_at', changefeed.json_time(p.last_acknowledgement_at),
               'resync', CASE WHEN p.resync <> '{}' THEN changefeed.resync_answer(p.resync) END) ORDER BY p.device_id),
                    '[]'),
           CASE WHEN (SELECT count(*) FROM found) > max_rows THEN max(p.device_id) END
    INTO devices, next_after FROM page p;
END $$;
COMMENT ON FUNCTION changefeed.device_list(int, text, int) IS
    'A user''s devices by name, as a JSON array: max_rows after a name. next_after: '
    'the name with which it continues; null when that was all.';

CREATE OR REPLACE FUNCTION changefeed.device_state(
    user_id int, device_id text, companies int[] DEFAULT NULL, OUT problem text, OUT state json)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    d changefeed.device;
    waiting record;
    access record;
    copy json;
BEGIN
    SELECT * INTO d FROM changefeed.device v
    WHERE v.user_id = device_state.user_id AND v.device_id = device_state.device_id;
    IF NOT FOUND THEN
        problem := 'device_unknown';
        RETURN;
    END IF;
    SELECT * INTO access
    FROM changefeed.known_access('models', user_id, d.models, NULL, companies, changefeed.access_stamp(user_id));
    problem := access.problem;
    IF problem IS NOT NULL THEN
        RETURN;
    END IF;
    IF d.epoch = (SELECT c.epoch FROM changefeed.control c) THEN
        SELECT cardinality(s.places) AS pending, NOT w.is_last AS more,
               (SELECT min(w.times[p]) FROM unnest(s.places) p) AS oldest
        INTO waiting
        FROM changefeed.sync_window(changefeed.looking_now(d), 4096) w
        CROSS JOIN LATERAL changefeed.shown_entries(
            access.scopes, w.ids, w.models, w.record_ids, w.events, w.olds, d.acked || d.hidden, 4096,
            greatest(d.window_from, d.seen_log_id)) s;
    END IF;
    copy := changefeed.copy_progress(d);
    state := json_build_object(
        'device_id', d.device_id, 'user_id', d.user_id, 'app_type', d.app_type, 'models', d.models,
        'lists_due', coalesce(copy -> 'lists_due', '[]'), 'progress', copy -> 'progress',
        'pending', coalesce(waiting.pending, 0), 'pending_more', coalesce(waiting.more, false),
        'lag_seconds', coalesce(round(extract(epoch FROM clock_timestamp() - waiting.oldest)::numeric, 3), 0),
        'registered_at', changefeed.json_time(d.registered_at), 'last_pull_at', changefeed.json_time(d.last_pull_at),
        'last_acknowledgement_at', changefeed.json_time(d.last_acknowledgement_at),
        'acknowledgements', d.acknowledgements,
        'last_resync_at', changefeed.json_time(d.last_resync_at), 'last_resync_reason', d.last_resync_reason,
        'resync', CASE WHEN d.resync <> '{}' THEN changefeed.resync_answer(d.resync) END);
END $$;
COMMENT ON FUNCTION changefeed.device_state(int, text, int[]) IS
    'A device as one JSON object: the missing part of its first copy (lists_due, progress: from copy_progress()), its '
    'waiting events (pending: entries of its window; pending_more: more follow), their age, and its last pull, '
    'acknowledgement and resync. problem: device_unknown, or as in access_scopes().';
