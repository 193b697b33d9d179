-- Pull: what is new for a device.

CREATE OR REPLACE FUNCTION changefeed.pull(
    user_id int, device_id text, app_type text DEFAULT 'all', only_models text[] DEFAULT NULL,
    sync_token text DEFAULT NULL, max_entries int DEFAULT 100, with_data boolean DEFAULT true,
    fields jsonb DEFAULT NULL, max_bytes bigint DEFAULT NULL, is_older_client boolean DEFAULT false,
    max_devices int DEFAULT 100, companies int[] DEFAULT NULL, with_hash boolean DEFAULT false,
    start text DEFAULT 'earliest', filters jsonb DEFAULT NULL, OUT problem text, OUT resync json, OUT events text,
    OUT entries int, OUT next_sync_token text, OUT has_more boolean,
    OUT incomplete text[], OUT models text[], OUT scope text, OUT is_filtered boolean, OUT copy json)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    -- How many events make a window.
    window_events CONSTANT int := 4096;
    -- A window of as many entries is kept for its other pages.
    kept_entries CONSTANT int := 500;
    -- How many windows with nothing for this device one call passes.
    most_windows CONSTANT int := 25;
    filter CONSTANT text := changefeed.sync_filter(app_type, only_models);
    time_name CONSTANT text := CASE WHEN is_older_client THEN 'timestamp' ELSE 'occurred_at' END;
    followed record;
    token record;
    d changefeed.device;
    stored changefeed.device;
    feed_epoch int;
    -- The feed's part of tokens.
    feed_mark CONSTANT text := (SELECT left(i.feed::text, 8) FROM changefeed.identity i);
    added text[];
    gone text[];
    -- Models with a gap that has ended.
    due text[];
    comes_first boolean := false;
    w record;
    page record;
    -- The entries of w that are the user's and not settled: their places, and as what they are sent.
    places int[] := '{}';
    kinds text[] := '{}';
    first_place int;
    last_place int;
    page_ids bigint[];
    page_models text[];
    page_record_ids bigint[];
    page_times timestamptz[];
    -- Those of w that are passed over.
    passed bigint[] := '{}';
    -- Whether w is kept for its other pages.
    keeps boolean;
    new_scopes jsonb;
    looked boolean := false;
    looked_back boolean := false;
    log_rows int := 0;
    is_settled boolean := false;
    rounds int := 0;
    windows int := 0;
BEGIN
    PERFORM changefeed.require_read_committed();
    IF (length(device_id) BETWEEN 1 AND 255 AND max_entries BETWEEN 1 AND 4096 AND app_type IS NOT NULL
        AND user_id IS NOT NULL AND with_data IS NOT NULL AND coalesce(max_bytes, 1) >= 1
        AND start IN ('all', 'now', 'earliest')) IS NOT TRUE THEN
        RAISE EXCEPTION 'user_id, device_id (1 to 255 characters), app_type, max_entries (1 to 4096), with_data and '
                        'start (all, now or earliest) must be given'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    entries := 0;
    has_more := false;
    events := '[]';
    SELECT * INTO followed FROM changefeed.followed_models(user_id, app_type, only_models, companies);
    IF followed.problem IS NULL AND fields IS NOT NULL THEN
        SELECT a.problem INTO followed.problem
        FROM changefeed.known_access('fields', user_id, followed.models, fields, companies, followed.stamp) a;
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
    scope := changefeed.shared_scope(followed.scopes);
    SELECT coalesce(bool_or(s.predicate IS NOT NULL), false), coalesce(jsonb_object_agg(s.model, s.digest), '{}')
    INTO is_filtered, new_scopes FROM unnest(followed.scopes) s;
    IF filters IS NOT NULL THEN
        -- Hints are for all who see the same, so that they know of no filter.
        SELECT f.problem, f.filtered INTO problem, followed.scopes
        FROM changefeed.filtered_scopes(user_id, followed.scopes, filters, followed.asked, companies, followed.stamp) f;
        IF problem IS NOT NULL THEN
            RETURN;
        END IF;
        new_scopes := (SELECT coalesce(jsonb_object_agg(s.model, s.digest), '{}') FROM unnest(followed.scopes) s);
    END IF;
    -- Each round either ends, or has passed a window with nothing in it for this device, or has lost a race.
    LOOP
        rounds := rounds + 1;
        IF rounds > 100 THEN
            RAISE EXCEPTION 'device % of user % does not come to rest', stored.id, user_id
                USING ERRCODE = 'program_limit_exceeded';
        END IF;
        SELECT * INTO stored FROM changefeed.device v WHERE v.user_id = pull.user_id AND v.device_id = pull.device_id;
        IF NOT FOUND THEN
            -- A token of a device that is no more: this one has data, and nobody knows how old.
            IF sync_token IS NOT NULL AND (
                token.feed IS DISTINCT FROM feed_mark
                OR EXISTS (SELECT FROM changefeed.device o WHERE o.id = token.device) OR token.filter <> filter) THEN
                problem := changefeed.token_problem(token.feed, token.device, user_id);
                RETURN;
            END IF;
            IF NOT changefeed.register_device(user_id, device_id, max_devices,
                                              CASE WHEN sync_token IS NULL THEN start ELSE 'now' END) THEN
                problem := 'too_many_devices';
                RETURN;
            END IF;
            IF sync_token IS NOT NULL THEN
                PERFORM changefeed.mark_resync(v.id, followed.models, 'cursor_expired', 'apply_differences', true)
                FROM changefeed.device v WHERE v.user_id = pull.user_id AND v.device_id = pull.device_id;
                UPDATE changefeed.device v SET app_type = pull.app_type, models = followed.models, scopes = new_scopes
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
        feed_epoch := (SELECT c.epoch FROM changefeed.control c);

        IF sync_token IS NOT NULL THEN
            IF token.device <> stored.id OR token.filter <> filter OR token.feed IS DISTINCT FROM feed_mark THEN
                problem := changefeed.token_problem(token.feed, token.device, user_id);
                RETURN;
            END IF;
            -- The client has been where this database has not: it went back in time.
            IF token.epoch > greatest(feed_epoch, stored.token_epoch)
               OR token.epoch = stored.epoch AND token.acknowledgements > stored.acknowledgements THEN
                looked_back := true;
                PERFORM changefeed.mark_resync(stored.id, followed.models, 'epoch_changed', 'replace', true);
                UPDATE changefeed.device v
                SET acknowledgements = greatest(v.acknowledgements, token.acknowledgements),
                    token_epoch = greatest(v.token_epoch, token.epoch)
                WHERE v.id = stored.id;
                CONTINUE;
            END IF;
        END IF;
        IF stored.epoch <> feed_epoch THEN
            looked_back := true;
            PERFORM changefeed.mark_resync(stored.id, followed.models, 'epoch_changed', 'replace', true);
            CONTINUE;
        END IF;
        IF sync_token IS NOT NULL AND NOT looked_back
           AND changefeed.is_set_back(stored, token.batch, token.last_id, token.settled_id) THEN
            PERFORM changefeed.mark_resync(stored.id, followed.models, 'copy_set_back', 'apply_differences', true);
            -- What was to be dropped is still to be dropped.
            UPDATE changefeed.device v
            SET resync = v.resync || coalesce((SELECT jsonb_object_agg(r.key, r.value) FROM jsonb_each(stored.resync) r
                                               WHERE r.value ->> 'mode' = 'replace'), '{}')
            WHERE v.id = stored.id;
            looked_back := true;
            CONTINUE;
        END IF;
        -- What this call itself notes below makes its token an old one.
        looked_back := true;
        IF changefeed.lacks_emptied(stored.seen, stored.base) THEN
            PERFORM changefeed.mark_resync(stored.id, followed.models, 'cursor_expired', 'apply_differences', true);
            CONTINUE;
        END IF;
        IF stored.app_type IS DISTINCT FROM app_type OR stored.models <> followed.models
           OR stored.scopes <> new_scopes THEN
            -- Models that it has no records of, or those that its user could see before by other rules.
            added := ARRAY(SELECT m FROM unnest(followed.models) m
                           WHERE stored.app_type IS NOT NULL AND m <> ALL (stored.models)
                             OR stored.scopes ? m AND stored.scopes -> m <> new_scopes -> m);
            -- Asked for, and not to be read any more: the list of it will be empty. Also those of which the device has
            -- only a list, which it took while they could be read in between.
            gone := ARRAY(SELECT m FROM unnest(followed.asked) m
                          WHERE m <> ALL (followed.models)
                            AND (m = ANY (stored.models) OR stored.scopes ? m OR stored.bases ? m));
            -- Before bases are forgotten: what the device has a list of is taken anew.
            IF stored.app_type IS NOT NULL THEN
                IF added || gone <> '{}' THEN
                    PERFORM changefeed.mark_resync(stored.id, added || gone, 'scope_changed', 'replace', false);
                END IF;
                PERFORM changefeed.narrow_copy(stored.id, followed.models, NULL);
            END IF;
            PERFORM changefeed.durable();
            IF stored.app_type IS NULL AND added || gone <> '{}' THEN
                -- Lists that it took before it pulled, of other records.
                PERFORM changefeed.mark_resync(stored.id, added || gone, 'scope_changed', 'replace', false);
            END IF;
            IF start = 'all' AND stored.app_type IS NULL AND stored.last_resync_at IS NULL
               AND NOT stored.is_copying THEN
                -- It took a list before it pulled: what else there is it has not.
                PERFORM changefeed.start_copy(stored.id);
            END IF;
            UPDATE changefeed.device v
            SET app_type = pull.app_type, models = followed.models, scopes = new_scopes, data_stamp = NULL,
                -- What it was told to take anew stays due, even where its user may not read that any more.
                resync = coalesce((SELECT jsonb_object_agg(r.key, r.value) FROM jsonb_each(v.resync) r
                                   WHERE r.key = ANY (followed.models || followed.asked)), '{}'),
                -- While a model is not followed its events pass by: a list of it from before says nothing, even one
                -- that is being taken. Before the first pull nothing has passed.
                bases = CASE WHEN stored.app_type IS NULL THEN v.bases ELSE coalesce((
                    SELECT jsonb_object_agg(b.key, b.value) FROM jsonb_each(v.bases) b
                    WHERE b.key = ANY (followed.models) AND b.key <> ALL (added)), '{}') END
            WHERE v.id = stored.id;
            CONTINUE;
        END IF;
        IF changefeed.may_show_otherwise(stored, followed.data_stamp) THEN
            PERFORM changefeed.note_data(stored, followed.models, companies, followed.data_stamp);
            CONTINUE;
        END IF;
        incomplete := NULL;
        IF EXISTS (SELECT FROM changefeed.gap) THEN
            SELECT g.due, g.lasting INTO due, incomplete FROM changefeed.gap_models(stored) g;
            IF EXISTS (SELECT FROM unnest(due) m
                       WHERE NOT stored.resync ? m AND m <> ALL (changefeed.waits_for_copy(stored, due))) THEN
                PERFORM changefeed.mark_resync(stored.id, due, 'model_reset', 'apply_differences', false);
                CONTINUE;
            END IF;
        END IF;
        IF stored.resync <> '{}' THEN
            -- A client that does not drop this token, as it should, is not sent round and round.
            UPDATE changefeed.device v SET told_batch = token.batch, told_id = token.last_id
            WHERE v.id = stored.id AND sync_token IS NOT NULL
              AND (v.told_batch, v.told_id) IS DISTINCT FROM (token.batch, token.last_id);
            problem := 'resync';
            resync := changefeed.resync_answer(stored.resync);
            RETURN;
        END IF;
        IF stored.told_batch IS NOT NULL
           AND (sync_token IS NULL OR (token.batch, token.last_id) <> (stored.told_batch, stored.told_id)) THEN
            UPDATE changefeed.device v SET told_batch = NULL, told_id = NULL WHERE v.id = stored.id;
        END IF;
        -- A client that never acknowledges has applied what the pull before gave it; its token says which that was.
        IF is_older_client AND NOT is_settled
           AND (stored.handed > stored.position AND stored.window_to IS NOT NULL OR stored.is_copying) THEN
            PERFORM changefeed.acknowledge_handed(stored.id, stored.batch, CASE
                WHEN sync_token IS NOT NULL AND token.batch <> stored.batch THEN 0
                WHEN sync_token IS NOT NULL THEN token.last_id
                WHEN stored.is_copying THEN 9223372036854775807 ELSE stored.handed END);
            is_settled := true;
            CONTINUE;
        END IF;

        IF stored.is_copying THEN
            SELECT * INTO w FROM changefeed.copy_page(stored, followed.scopes, max_entries);
            CONTINUE WHEN NOT w.is_current;
            SELECT * INTO d FROM changefeed.device v WHERE v.id = stored.id;
            places := ARRAY(SELECT generate_subscripts(w.ids, 1));
            kinds := w.events;
            looked := true;
            EXIT;
        END IF;

        d := stored;
        IF d.target IS NULL THEN
            SELECT p.snapshot, p.low_id, p.high_id, p.comes_first
            INTO d.target, d.target_low_id, d.target_high_id, comes_first FROM changefeed.log_position() p;
            d.target_next := NULL;
            d.window_from := 0;
        END IF;
        -- Where sync_window() would not go its short way, it costs less to ask first whether there is anything.
        IF d.models = '{}' OR d.target::text = d.seen::text
           OR stored.target IS NULL AND d.target_high_id - d.seen_log_id > 256 AND NOT changefeed.has_new_events(d) THEN
            looked := false;
            -- Nothing is between seen and target for this device, unless retention took it in this moment.
            CONTINUE WHEN changefeed.lacks_emptied(d.seen, d.base);
            EXIT;
        END IF;
        SELECT * INTO w FROM changefeed.device_window(d, window_events);
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
        SELECT e.places, e.kinds, e.hidden INTO places, kinds, passed FROM changefeed.shown_entries(
            followed.scopes, w.ids, w.models, w.record_ids, w.events, w.olds, d.acked || d.hidden, max_entries + 1,
            greatest(d.window_from, d.seen_log_id)) e;
        EXIT WHEN places <> '{}' OR w.is_last AND stored.target IS NULL;
        -- A window, or the rest of one, that holds nothing for this device.
        rounds := 0;
        windows := windows + 1;
        UPDATE changefeed.device v
        SET batch = v.batch + 1, window_to = NULL, handed = 0, position = 0, acked = '{}', hidden = '{}',
            seen = CASE WHEN w.is_last THEN d.target ELSE v.seen END,
            seen_log_id = CASE WHEN w.is_last THEN d.target_low_id ELSE v.seen_log_id END,
            seen_next = CASE WHEN NOT w.is_last THEN v.seen_next WHEN stored.target IS NOT NULL THEN d.target_next
                             WHEN comes_first THEN pg_current_xact_id() END,
            target = CASE WHEN w.is_last THEN NULL ELSE d.target END,
            target_low_id = d.target_low_id, target_high_id = d.target_high_id,
            target_next = CASE WHEN stored.target IS NOT NULL THEN d.target_next
                               WHEN comes_first THEN pg_current_xact_id() END,
            window_from = CASE WHEN w.is_last THEN 0 ELSE coalesce(d.window_to, w.last_log_id) END
        WHERE v.id = d.id AND v.batch = d.batch;
        IF windows >= most_windows AND NOT w.is_last THEN
            -- Enough for one call. The cursor is where it came to, and the next call goes on there.
            SELECT * INTO stored FROM changefeed.device v WHERE v.id = d.id;
            has_more := true;
            next_sync_token := changefeed.make_sync_token(stored, filter, stored.position);
            RETURN;
        END IF;
    END LOOP;

    IF NOT looked OR places = '{}' THEN
        -- Nothing new. Now and then the cursor follows, past events that are not for this device:
        -- they settle themselves.
        IF d.last_pull_at < clock_timestamp() - interval '1 minute' OR d.data_checked_at < now() - interval '1 minute'
           OR log_rows >= 500 THEN
            UPDATE changefeed.device v
            SET seen = d.target, seen_log_id = d.target_low_id,
                seen_next = CASE WHEN comes_first THEN pg_current_xact_id() END, last_pull_at = clock_timestamp(),
                data_checked_at = CASE WHEN v.data_checked_at < now() - interval '1 minute' THEN clock_timestamp()
                                       ELSE v.data_checked_at END
            WHERE v.id = d.id AND v.batch = d.batch AND v.target IS NULL AND v.models = d.models AND v.resync = '{}';
        END IF;
        next_sync_token := changefeed.make_sync_token(stored, filter, stored.position);
        RETURN;
    END IF;

    first_place := places[1];
    last_place := places[least(cardinality(places), max_entries)];
    IF last_place - first_place < least(cardinality(places), max_entries) THEN
        -- Side by side, as they mostly are.
        page_ids := w.ids[first_place:last_place];
        page_models := w.models[first_place:last_place];
        page_record_ids := w.record_ids[first_place:last_place];
        page_times := w.times[first_place:last_place];
    ELSE
        SELECT array_agg(e.id ORDER BY o.n), array_agg(e.model ORDER BY o.n), array_agg(e.record_id ORDER BY o.n),
               array_agg(e.at ORDER BY o.n)
        INTO page_ids, page_models, page_record_ids, page_times
        FROM unnest(places[1:max_entries]) WITH ORDINALITY o (place, n)
        JOIN unnest(w.ids, w.models, w.record_ids, w.times) WITH ORDINALITY e (id, model, record_id, at, place)
          ON e.place = o.place;
    END IF;
    page := changefeed.sync_page(user_id, followed.scopes, page_ids, page_models, page_record_ids, kinds[1:max_entries],
                                 page_times, with_data, fields, companies, max_bytes, time_name, with_hash,
                                 followed.stamp);
    problem := page.problem;
    IF problem IS NOT NULL THEN
        RETURN;
    END IF;
    events := page.events_json;
    entries := page.entries;
    IF d.is_copying THEN
        UPDATE changefeed.first_copy c SET handed = page.last_id WHERE c.device = d.id AND c.handed < page.last_id;
        -- What changed meanwhile comes when the copy is complete.
        has_more := true;
        copy := changefeed.copy_progress(d);
        next_sync_token := changefeed.make_sync_token(d, filter, page.last_id);
        RETURN;
    END IF;
    has_more := NOT w.is_last OR cardinality(places) > entries;
    -- What is passed over is settled with what is handed out.
    IF passed <> '{}' THEN
        passed := ARRAY(SELECT h FROM unnest(passed) h WHERE h < page.last_id ORDER BY h);
    END IF;
    -- What is handed out is noted before it leaves, so that nothing else can be acknowledged.
    IF d.window_to IS NULL OR page.last_id > d.handed OR passed <> '{}'
       OR d.last_pull_at < clock_timestamp() - interval '1 minute'
       OR d.data_checked_at < now() - interval '1 minute' THEN
        PERFORM changefeed.durable();
        keeps := d.window_to IS NULL AND cardinality(w.ids) >= kept_entries
            AND page.last_id < w.ids[cardinality(w.ids)] AND changefeed.keeps_window();
        UPDATE changefeed.device v
        SET batch = CASE WHEN d.window_to IS NULL THEN v.batch + 1 ELSE v.batch END,
            target = d.target, target_low_id = d.target_low_id, target_high_id = d.target_high_id,
            target_next = CASE WHEN stored.target IS NOT NULL THEN d.target_next
                               WHEN comes_first THEN pg_current_xact_id() END, window_from = d.window_from,
            window_to = coalesce(d.window_to, w.last_log_id), window_is_last = w.is_last,
            window_is_kept = CASE WHEN d.window_to IS NULL THEN keeps ELSE v.window_is_kept END,
            handed = greatest(v.handed, page.last_id), hidden = v.hidden || passed,
            last_pull_at = clock_timestamp(),
            data_checked_at = CASE WHEN v.data_checked_at < now() - interval '1 minute' THEN clock_timestamp()
                                   ELSE v.data_checked_at END
        WHERE v.id = d.id AND v.batch = d.batch AND v.acknowledgements = d.acknowledgements
          -- The window depends on these: another session may have begun a list, or pulled for other models.
          AND v.bases = d.bases AND v.models = d.models
        RETURNING v.* INTO d;
        IF NOT FOUND THEN
            -- Somebody else pulled or acknowledged for this device in between.
            SELECT p.* INTO problem, resync, events, entries, next_sync_token, has_more, incomplete, models, scope,
                            is_filtered, copy
            FROM changefeed.pull(user_id, device_id, app_type, only_models, sync_token, max_entries, with_data, fields,
                                 max_bytes, is_older_client, max_devices, companies, with_hash, start, filters) p;
            RETURN;
        END IF;
        IF d.window_is_kept AND stored.window_to IS NULL THEN
            PERFORM changefeed.keep_window(d, w.log_rows, w.last_log_id, w.is_last, w.ids, w.models, w.record_ids,
                                           w.events, w.times, w.olds);
        END IF;
    END IF;
    next_sync_token := changefeed.make_sync_token(d, filter, page.last_id);
END $$;
COMMENT ON FUNCTION changefeed.pull(int, text, text, text[], text, int, boolean, jsonb, bigint, boolean, int, int[],
                                    boolean, text, jsonb) IS
    'What is new for a device, oldest first, without moving its cursor: the same again until acknowledge() settles it; '
    'for an older client, which never acknowledges, a pull settles what the one before gave. problem: null, or why '
    'nothing is given; resync: what must be taken anew; has_more false: with this the device has everything up to one '
    'moment (true with no events: 100,000 that are not for this device were passed; pull again); incomplete: models '
    'with a gap that has not ended; models: all that the device follows; companies: those that are enabled (null: all '
    'of the user''s); with_hash: each record''s data with their data_hash(); start: what a device begins with that '
    'never pulled: all (first the records that exist, as create with the reason copy, then what changes; copy tells '
    'how far that is, as copy_progress() has it), now (what changes from now on) or earliest (the oldest event of the '
    'log); filters: as filtered_scopes() takes them. scope, is_filtered: as news() has them. '
    'No write when nothing is new.';
