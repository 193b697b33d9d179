-- News: whether a pull would give a device something, without a write.

CREATE OR REPLACE FUNCTION changefeed.news(
    user_id int, device_id text, app_type text DEFAULT 'all', only_models text[] DEFAULT NULL,
    companies int[] DEFAULT NULL, filters jsonb DEFAULT NULL, OUT problem text, OUT models text[],
    OUT is_waiting boolean, OUT newest_id bigint, OUT scope text, OUT is_filtered boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    followed record;
    d changefeed.device;
    w record;
    rounds int := 0;
BEGIN
    SELECT * INTO followed FROM changefeed.followed_models(user_id, app_type, only_models, companies);
    problem := followed.problem;
    models := followed.models;
    IF problem IS NOT NULL THEN
        RETURN;
    END IF;
    SELECT coalesce(max(n.id), 0) * 4096 + 4095 INTO newest_id
    FROM unnest(models) m (name)
    CROSS JOIN LATERAL (SELECT e.id FROM changefeed.event e WHERE e.model = m.name ORDER BY -e.id LIMIT 1) n;
    scope := changefeed.shared_scope(followed.scopes);
    is_filtered := EXISTS (SELECT FROM unnest(followed.scopes) s WHERE s.predicate IS NOT NULL);
    IF filters IS NOT NULL THEN
        SELECT f.problem, f.filtered INTO problem, followed.scopes
        FROM changefeed.filtered_scopes(user_id, followed.scopes, filters, followed.asked, companies, followed.stamp) f;
        IF problem IS NOT NULL THEN
            RETURN;
        END IF;
    END IF;
    SELECT * INTO d FROM changefeed.device v WHERE v.user_id = news.user_id AND v.device_id = news.device_id;
    -- Whoever never pulled, or has to be told something else than events, is to pull.
    is_waiting := true;
    IF NOT FOUND OR d.epoch <> (SELECT c.epoch FROM changefeed.control c) OR d.resync <> '{}' OR d.is_copying
       OR d.models <> models
       OR changefeed.may_show_otherwise(d, followed.data_stamp)
       OR d.scopes <> (SELECT coalesce(jsonb_object_agg(s.model, s.digest), '{}') FROM unnest(followed.scopes) s) THEN
        RETURN;
    END IF;
    d := changefeed.looking_now(d);
    IF d.target::text = d.seen::text THEN
        is_waiting := false;
        RETURN;
    END IF;
    -- Past windows that hold nothing for this user; after a hundred thousand events a pull may as well do it.
    WHILE rounds < 25 LOOP
        SELECT * INTO w FROM changefeed.sync_window(d, CASE rounds WHEN 0 THEN 64 ELSE 4096 END);
        IF w.truncated IS NOT NULL OR EXISTS (
            SELECT FROM changefeed.shown_entries(
                followed.scopes, w.ids, w.models, w.record_ids, w.events, w.olds, d.acked || d.hidden, 1,
                greatest(d.window_from, d.seen_log_id)) s
            WHERE s.places <> '{}') THEN
            RETURN;
        END IF;
        IF w.is_last THEN
            is_waiting := false;
            RETURN;
        END IF;
        d.window_from := coalesce(d.window_to, w.last_log_id);
        d.window_to := NULL;
        d.position := 0;
        d.acked := '{}';
        d.hidden := '{}';
        rounds := rounds + 1;
    END LOOP;
END $$;
COMMENT ON FUNCTION changefeed.news(int, text, text, text[], int[], jsonb) IS
    'Whether a pull by this device would give it something, without a write: which models it follows, the highest '
    'event id there is of them, a digest that users with the same sight have in common (scope), '
    'and whether record rules narrow it.';
