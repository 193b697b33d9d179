-- Taking a model anew: a list of all its records, in pages, between two snapshots; and digests that tell which ranges of
-- a copy differ. Pages show the records as they are when they are read. What changes in between comes by pull() anyway,
-- and a record that came and went while the list was taken is told as gone there.

CREATE OR REPLACE FUNCTION changefeed.snapshot_page(
    user_id int, device_id text, model text, cursor text DEFAULT NULL, max_rows int DEFAULT 100, from_id bigint DEFAULT NULL,
    to_id bigint DEFAULT NULL, fields text[] DEFAULT NULL, max_devices int DEFAULT 100,
    OUT problem text, OUT snapshot_id text, OUT records text, OUT entries int, OUT next_cursor text, OUT complete boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    d changefeed.device;
    feed changefeed.control;
    parts text[];
    coded text;
    ids bigint[];
    last_id bigint := 0;
    is_whole boolean;
BEGIN
    PERFORM changefeed.require_read_committed();
    IF (length(device_id) BETWEEN 1 AND 255 AND max_rows BETWEEN 1 AND 500 AND user_id IS NOT NULL AND model IS NOT NULL) IS NOT TRUE THEN
        RAISE EXCEPTION 'user_id, device_id (1 to 255 characters), model and max_rows (1 to 500) must be given'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF NOT EXISTS (SELECT FROM changefeed.odoo_readable_models(user_id) r WHERE r = snapshot_page.model) THEN
        problem := 'model_not_readable';
        RETURN;
    END IF;
    IF fields IS NOT NULL AND changefeed.unknown_fields(user_id, ARRAY[model], jsonb_build_object(model, fields)) IS NOT NULL THEN
        problem := 'field_unknown';
        RETURN;
    END IF;
    IF cursor IS NOT NULL THEN
        coded := translate(substr(cursor, 5), '-_', '+/');
        IF cursor ~ '^cs1_[A-Za-z0-9_-]{20,200}$' AND length(coded) % 4 <> 1 THEN
            parts := regexp_match(encode(decode(rpad(coded, (length(coded) + 3) / 4 * 4, '='), 'base64'), 'escape'),
                '^(([0-9a-f]{12})\.([0-9]{1,18})\.([0-9]{1,18})\.([0-9]{0,18})\.([0-9]{0,18}))\.([0-9a-f]{8})$');
        END IF;
        IF parts IS NULL OR left(md5(parts[1] || model), 8) <> parts[7] THEN
            problem := 'cursor_malformed';
            RETURN;
        END IF;
        IF from_id IS NOT NULL AND from_id::text <> parts[5] OR to_id IS NOT NULL AND to_id::text <> parts[6] THEN
            problem := 'cursor_mismatch';
            RETURN;
        END IF;
        from_id := nullif(parts[5], '');
        to_id := nullif(parts[6], '');
    END IF;
    is_whole := from_id IS NULL AND to_id IS NULL;
    IF NOT changefeed.register_device(user_id, device_id, max_devices) THEN
        problem := 'too_many_devices';
        RETURN;
    END IF;
    SELECT * INTO feed FROM changefeed.control;
    SELECT * INTO d FROM changefeed.device v WHERE v.user_id = snapshot_page.user_id AND v.device_id = snapshot_page.device_id;
    -- A cursor that says nothing any more: the device goes on from now, with everything to take anew.
    IF d.epoch <> feed.epoch OR changefeed.lacks_emptied(d.seen, d.base) THEN
        PERFORM changefeed.mark_resync(d.id, d.models, CASE WHEN d.epoch <> feed.epoch THEN 'epoch_changed' ELSE 'cursor_expired' END,
                                       CASE WHEN d.epoch <> feed.epoch THEN 'replace' ELSE 'apply_differences' END, true);
        SELECT * INTO d FROM changefeed.device v WHERE v.id = d.id;
    END IF;
    IF cursor IS NULL THEN
        snapshot_id := left(md5(concat(gen_random_uuid(), d.id)), 12);
        last_id := coalesce(from_id, 1) - 1;
        IF is_whole THEN
            PERFORM changefeed.durable();
            UPDATE changefeed.device v
            SET bases = v.bases || jsonb_build_object(snapshot_page.model, jsonb_build_object(
                    'id', snapshot_page.snapshot_id, 'since', pg_current_snapshot()::text, 'until', NULL, 'at', clock_timestamp())),
                last_pull_at = clock_timestamp()
            WHERE v.id = d.id;
        END IF;
    ELSE
        snapshot_id := parts[2];
        last_id := parts[4];
        IF parts[3]::bigint <> d.id OR is_whole AND d.bases -> model ->> 'id' IS DISTINCT FROM snapshot_id THEN
            problem := 'cursor_mismatch';
            RETURN;
        END IF;
    END IF;
    ids := ARRAY(SELECT i FROM changefeed.odoo_record_ids(model, last_id, coalesce(to_id, 9223372036854775807), max_rows) i);
    SELECT '[' || coalesce(string_agg(concat('{"record_id":', i, ',"data":', coalesce(r.data::text, 'null'), '}'), ',' ORDER BY i), '') || ']',
           count(*)
    INTO records, entries
    FROM unnest(ids) i LEFT JOIN changefeed.odoo_record_data(user_id, model, ids, fields) r ON r.record_id = i;
    complete := cardinality(ids) < max_rows;
    IF NOT complete THEN
        next_cursor := concat_ws('.', snapshot_id, d.id, ids[cardinality(ids)], coalesce(from_id::text, ''), coalesce(to_id::text, ''));
        next_cursor := 'cs1_' || translate(encode(convert_to(next_cursor || '.' || left(md5(next_cursor || model), 8), 'UTF8'), 'base64'), E'+/=\n', '-_');
    ELSIF is_whole THEN
        PERFORM changefeed.durable();
        UPDATE changefeed.device v
        SET bases = jsonb_set(v.bases, ARRAY[snapshot_page.model, 'until'], to_jsonb(pg_current_snapshot()::text)),
            resync = v.resync - snapshot_page.model, last_pull_at = clock_timestamp()
        WHERE v.id = d.id AND v.bases -> snapshot_page.model ->> 'id' = snapshot_page.snapshot_id
          AND v.bases -> snapshot_page.model ->> 'until' IS NULL;
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.snapshot_page(int, text, text, text, int, bigint, bigint, text[], int) IS
    'A page of the records of a model, by id, for a device that takes it anew (cursor null: begins), or of a range of ids. With the last page (complete) the device drops what no page contained, and pull() goes on without the model''s older events. problem: model_not_readable, field_unknown, cursor_malformed, cursor_mismatch (begin again) or too_many_devices.';

CREATE OR REPLACE FUNCTION changefeed.digest(user_id int, device_id text, model text, buckets int, OUT problem text, OUT digest json)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    d changefeed.device;
    w record;
    ranges json;
BEGIN
    PERFORM changefeed.require_read_committed();
    IF NOT EXISTS (SELECT FROM changefeed.odoo_readable_models(user_id) r WHERE r = digest.model) THEN
        problem := 'model_not_readable';
        RETURN;
    END IF;
    SELECT * INTO d FROM changefeed.device v WHERE v.user_id = digest.user_id AND v.device_id = digest.device_id;
    IF NOT FOUND THEN
        problem := 'device_unknown';
        RETURN;
    END IF;
    SELECT json_agg(r) INTO ranges FROM changefeed.odoo_record_digest(model, buckets) r;
    -- After the records were read: what they show beyond the device's cursor is among these events.
    d := changefeed.looking_now(d);
    d.models := ARRAY[model];
    IF d.epoch = (SELECT c.epoch FROM changefeed.control c) THEN
        SELECT v.ids, v.record_ids, v.is_last INTO w FROM changefeed.sync_window(d, 4096) v;
    ELSE
        SELECT '{}'::bigint[] AS ids, '{}'::bigint[] AS record_ids, false AS is_last INTO w;
    END IF;
    SELECT json_build_object(
        'model', model, 'records', coalesce(sum(b.records), 0), 'hash', (coalesce(sum(b.hash), 0) % 281474976710656)::bigint,
        'pull_first', bool_or(b.pending > 0) IS TRUE OR NOT w.is_last OR d.resync ? model
                      OR (SELECT v.target IS NOT NULL FROM changefeed.device v WHERE v.id = d.id),
        'buckets', coalesce(json_agg(json_build_object(
            'from_id', b.from_id, 'to_id', b.to_id, 'records', b.records, 'hash', b.hash, 'pending', b.pending) ORDER BY b.from_id), '[]'))
    INTO digest
    FROM (SELECT r.*, (SELECT count(*) FROM unnest(w.record_ids, w.ids) p (record_id, id)
                       WHERE p.record_id BETWEEN r.from_id AND r.to_id AND p.id <> ALL (d.acked)) AS pending
          FROM json_to_recordset(ranges) r (from_id bigint, to_id bigint, records bigint, hash bigint)) b;
END $$;
COMMENT ON FUNCTION changefeed.digest(int, text, text, int) IS
    'What the copy of a device that has settled everything should look like: per range of ids, count and hash of its records (see odoo_record_digest()), and how many of them have events that wait (pending). pull_first: more may be waiting than is counted here.';
