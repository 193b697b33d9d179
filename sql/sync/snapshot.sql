-- Resyncing a model: a list of all its records, in pages, between two snapshots; and digests that show which ranges of
-- a copy differ. Pages show the records as they are when they are read. Changes in between are sent by pull() anyway,
-- and a record created and deleted during the list is sent as an unlink there.

CREATE OR REPLACE FUNCTION changefeed.read_list_cursor(
    cursor text, model text, OUT snapshot_id text, OUT device bigint, OUT last_id bigint, OUT from_id bigint,
    OUT to_id bigint)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    coded CONSTANT text := substr(cursor, 5);
    plain text;
    parts text[];
BEGIN
    -- Each page reads one: without bounded repetitions, which cost the regular expressions more than all the rest.
    IF (left(cursor, 4) = 'cs1_' AND length(coded) BETWEEN 20 AND 200 AND length(coded) % 4 <> 1
        AND coded ~ '^[-_0-9A-Za-z]+$') IS NOT TRUE THEN
        RETURN;
    END IF;
    plain := encode(decode(rpad(translate(coded, '-_', '+/'), (length(coded) + 3) / 4 * 4, '='), 'base64'), 'escape');
    parts := string_to_array(left(plain, -9), '.');
    IF cardinality(parts) <> 5 OR right(plain, 9) <> '.' || left(md5(left(plain, -9) || model), 8)
       OR length(parts[1]) <> 12 OR parts[1] !~ '^[0-9a-f]+$'
       OR length(parts[2]) NOT BETWEEN 1 AND 18 OR parts[2] !~ '^[0-9]+$'
       OR length(ltrim(parts[3], '-')) > 18 OR parts[3] !~ '^-?[0-9]+$'
       OR length(ltrim(parts[4], '-')) > 18 OR parts[4] <> '' AND parts[4] !~ '^-?[0-9]+$'
       OR length(ltrim(parts[5], '-')) > 18 OR parts[5] <> '' AND parts[5] !~ '^-?[0-9]+$' THEN
        RETURN;
    END IF;
    snapshot_id := parts[1];
    device := parts[2];
    last_id := parts[3];
    from_id := nullif(parts[4], '');
    to_id := nullif(parts[5], '');
END $$;
COMMENT ON FUNCTION changefeed.read_list_cursor(text, text) IS
    'The parts of a cursor of a list of this model; all null if it is malformed.';

CREATE OR REPLACE FUNCTION changefeed.snapshot_page(
    user_id int, device_id text, model text, cursor text DEFAULT NULL, max_rows int DEFAULT 100,
    from_id bigint DEFAULT NULL, to_id bigint DEFAULT NULL, fields text[] DEFAULT NULL, max_devices int DEFAULT 100,
    companies int[] DEFAULT NULL, with_hash boolean DEFAULT false, filters jsonb DEFAULT NULL, OUT problem text,
    OUT snapshot_id text, OUT records text, OUT entries int, OUT next_cursor text, OUT complete boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    d changefeed.device;
    feed changefeed.control;
    began record;
    ids bigint[];
    last_id bigint := 0;
    outermost CONSTANT bigint := 999999999999999999;
    is_whole boolean;
    access record;
    scope changefeed.model_scope;
    listed record;
    page record;
    stamp text;
BEGIN
    PERFORM changefeed.require_read_committed();
    IF (length(device_id) BETWEEN 1 AND 255 AND max_rows BETWEEN 1 AND 500 AND user_id IS NOT NULL
        AND model IS NOT NULL) IS NOT TRUE THEN
        RAISE EXCEPTION 'user_id, device_id (1 to 255 characters), model and max_rows (1 to 500) must be given'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- Odoo's ids begin at 1, and rows written by SQL may be below. A cursor has room for 18 digits.
    from_id := CASE WHEN from_id IS NOT NULL THEN least(greatest(from_id, -outermost), outermost) END;
    to_id := CASE WHEN to_id IS NOT NULL THEN least(greatest(to_id, -outermost), outermost) END;
    stamp := changefeed.access_stamp(user_id);
    SELECT * INTO access FROM changefeed.known_access(
        'models', user_id, ARRAY(SELECT t.model FROM changefeed.tracked_model t WHERE t.model = snapshot_page.model),
        NULL, companies, stamp);
    problem := access.problem;
    IF problem IS NULL AND access.scopes = '{}' THEN
        -- A device that must resync the model because its user may no longer read it gets nothing.
        UPDATE changefeed.device v
        SET resync = v.resync - snapshot_page.model, bases = v.bases - snapshot_page.model,
            last_pull_at = clock_timestamp()
        WHERE v.user_id = snapshot_page.user_id AND v.device_id = snapshot_page.device_id AND v.retired_at IS NULL
          AND v.resync ? snapshot_page.model AND snapshot_page.model <> ALL (v.models);
        IF FOUND THEN
            snapshot_id := left(md5(gen_random_uuid()::text), 12);
            records := '[]';
            entries := 0;
            complete := true;
            RETURN;
        END IF;
        problem := 'model_not_readable';
    END IF;
    IF problem IS NOT NULL THEN
        RETURN;
    END IF;
    SELECT f.problem, f.filtered INTO problem, access.scopes
    FROM changefeed.filtered_scopes(user_id, access.scopes, filters, ARRAY[model], companies, stamp) f;
    IF problem IS NOT NULL THEN
        RETURN;
    END IF;
    scope := access.scopes[1];
    SELECT l.* INTO listed FROM changefeed.known_access(
        'lists', user_id, ARRAY[model], CASE WHEN fields IS NOT NULL THEN jsonb_build_object(model, fields) END,
        companies, stamp) l;
    problem := listed.problem;
    IF problem IS NOT NULL THEN
        RETURN;
    END IF;
    IF fields IS NOT NULL THEN
        SELECT a.problem INTO problem FROM changefeed.known_access(
            'fields', user_id, ARRAY[model], jsonb_build_object(model, fields), companies, stamp) a;
        IF problem IS NOT NULL THEN
            RETURN;
        END IF;
    END IF;
    IF cursor IS NOT NULL THEN
        SELECT * INTO began FROM changefeed.read_list_cursor(cursor, model);
        IF began.snapshot_id IS NULL THEN
            problem := 'cursor_malformed';
            RETURN;
        END IF;
        IF from_id IS NOT NULL AND from_id IS DISTINCT FROM began.from_id
           OR to_id IS NOT NULL AND to_id IS DISTINCT FROM began.to_id THEN
            problem := 'cursor_mismatch';
            RETURN;
        END IF;
        from_id := began.from_id;
        to_id := began.to_id;
    END IF;
    is_whole := from_id IS NULL AND to_id IS NULL;
    SELECT * INTO d FROM changefeed.device v
    WHERE v.user_id = snapshot_page.user_id AND v.device_id = snapshot_page.device_id;
    -- Only then: whoever registers a device waits for the user's other transactions that do.
    IF NOT FOUND OR d.retired_at IS NOT NULL THEN
        IF NOT changefeed.register_device(user_id, device_id, max_devices) THEN
            problem := 'too_many_devices';
            RETURN;
        END IF;
        SELECT * INTO d FROM changefeed.device v
        WHERE v.user_id = snapshot_page.user_id AND v.device_id = snapshot_page.device_id;
    END IF;
    SELECT * INTO feed FROM changefeed.control;
    -- A cursor that is no longer valid: the device continues from now, with everything to resync.
    IF d.epoch <> feed.epoch OR changefeed.lacks_emptied(d.seen, d.base) THEN
        PERFORM changefeed.mark_resync(d.id, d.models,
                                       CASE WHEN d.epoch <> feed.epoch THEN 'epoch_changed' ELSE 'cursor_expired' END,
                                       CASE WHEN d.epoch <> feed.epoch THEN 'replace' ELSE 'apply_differences' END,
                                       true);
        SELECT * INTO d FROM changefeed.device v WHERE v.id = d.id;
    END IF;
    IF cursor IS NULL THEN
        snapshot_id := left(md5(concat(gen_random_uuid(), d.id)), 12);
        last_id := coalesce(from_id, -outermost) - 1;
        IF is_whole THEN
            PERFORM changefeed.durable();
            UPDATE changefeed.device v
            SET bases = v.bases || jsonb_build_object(snapshot_page.model, jsonb_build_object(
                    'id', snapshot_page.snapshot_id, 'scope', scope.digest, 'since', pg_current_snapshot()::text,
                    'until', NULL, 'at', clock_timestamp())),
                -- From here on its data are current; the next pull checks whether they still are.
                data_scopes = v.data_scopes
                    || (SELECT k.shape::jsonb FROM changefeed.known_access(
                            'data', snapshot_page.user_id, ARRAY[snapshot_page.model], NULL, companies, stamp) k),
                data_stamp = NULL, last_pull_at = clock_timestamp()
            WHERE v.id = d.id;
        END IF;
    ELSE
        snapshot_id := began.snapshot_id;
        last_id := began.last_id;
        -- Of another list; or visibility has changed since it was begun.
        IF began.device <> d.id OR is_whole AND (d.bases -> model ->> 'id' IS DISTINCT FROM snapshot_id
                                                     OR d.bases -> model ->> 'scope' IS DISTINCT FROM scope.digest) THEN
            problem := 'cursor_mismatch';
            RETURN;
        END IF;
    END IF;
    page := changefeed.odoo_page_data(user_id, model, fields, scope, NULL, last_id,
                                      coalesce(to_id, 9223372036854775807), max_rows, listed.scopes,
                                      stamp, listed.shape);
    ids := page.shown;
    entries := cardinality(ids);
    SELECT '[' || coalesce(string_agg(concat('{"record_id":', i.id, ',"data":', coalesce(r.data, 'null'),
               CASE WHEN with_hash THEN ',"data_hash":' || changefeed.data_hash(r.data) END, '}'), ',' ORDER BY i.id),
                           '') || ']'
    INTO records
    FROM unnest(ids) i (id) LEFT JOIN unnest(page.record_ids, page.data) r (record_id, data) ON r.record_id = i.id;
    complete := cardinality(ids) < max_rows;
    IF NOT complete THEN
        next_cursor := concat_ws('.', snapshot_id, d.id, ids[cardinality(ids)], coalesce(from_id::text, ''),
                                 coalesce(to_id::text, ''));
        next_cursor := 'cs1_'
            || translate(encode(convert_to(next_cursor || '.' || left(md5(next_cursor || model), 8), 'UTF8'), 'base64'),
                         E'+/=\n', '-_');
    ELSIF is_whole THEN
        PERFORM changefeed.durable();
        UPDATE changefeed.device v
        SET bases = jsonb_set(v.bases, ARRAY[snapshot_page.model, 'until'], to_jsonb(pg_current_snapshot()::text)),
            resync = v.resync - snapshot_page.model,
            scopes = v.scopes || jsonb_build_object(snapshot_page.model, scope.digest),
            last_pull_at = clock_timestamp()
        WHERE v.id = d.id AND v.bases -> snapshot_page.model ->> 'id' = snapshot_page.snapshot_id
          AND v.bases -> snapshot_page.model ->> 'until' IS NULL;
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.snapshot_page(int, text, text, text, int, bigint, bigint, text[], int, int[],
                                             boolean, jsonb) IS
    'A page of the records of a model, by id, for a device that resyncs it (cursor null: starts), or of a range of '
    'ids. After the last page (complete) the device drops records that no page contained, and pull() continues without '
    'the model''s older events. problem: model_not_readable, field_unknown, cursor_malformed, cursor_mismatch (start '
    'again), too_many_devices, or as in access_scopes().';

-- The expected hashes of a copy's data. Only this finds changes of a record's data that depend
-- on other records (names, lists, rights).
CREATE OR REPLACE FUNCTION changefeed.data_digest(
    scope changefeed.model_scope, lists changefeed.model_scope[], buckets int, fields text[],
    from_id bigint, to_id bigint,
    OUT ranges json, OUT next_from_id bigint)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    -- Maximum number of records in a digest.
    most CONSTANT int := 2000;
BEGIN
    -- One statement: visibility and data are of the same moment.
    WITH page AS MATERIALIZED (
        SELECT changefeed.odoo_shown_ids(scope, greatest(from_id, -999999999999999999) - 1,
                                         coalesce(to_id, 9223372036854775807), most + 1) AS ids
    ), kept AS MATERIALIZED (
        SELECT p.ids[:most] AS ids, p.ids[1] AS lowest, p.ids[most + 1] AS next,
               (p.ids[least(most, cardinality(p.ids))] - p.ids[1]) / buckets + 1 AS width
        FROM page p
    ), hashed AS MATERIALIZED (
        SELECT o.record_id, changefeed.data_hash(o.data::text) AS hash
        FROM kept k
        CROSS JOIN LATERAL changefeed.odoo_record_data(scope.user_id, scope.model, k.ids, fields,
                                                       scope.company_id, lists) o
    ), bucket AS (
        SELECT k.lowest + b.number * k.width AS from_id,
               least(k.lowest + (b.number + 1) * k.width - 1, coalesce(k.next - 1, data_digest.to_id)) AS to_id,
               b.records, b.hash
        FROM kept k CROSS JOIN LATERAL (
            SELECT (i.id - k.lowest) / k.width AS number, count(*) AS records,
                   (coalesce(sum(h.hash), 0) % 281474976710656)::bigint AS hash
            FROM unnest(k.ids) i (id) LEFT JOIN hashed h ON h.record_id = i.id GROUP BY 1) b
    )
    SELECT (SELECT json_agg(b ORDER BY b.from_id) FROM bucket b), k.next INTO ranges, next_from_id FROM kept k;
END $$;
COMMENT ON FUNCTION changefeed.data_digest(changefeed.model_scope, changefeed.model_scope[], int, text[],
                                           bigint, bigint) IS
    'Per range of ids, how many records the scope shows and the sum, modulo 2^48, of data_hash() of their data: of at '
    'most 2,000 records, from from_id on. next_from_id: where it continues; null when that was all.';

CREATE OR REPLACE FUNCTION changefeed.digest(
    user_id int, device_id text, model text, buckets int, companies int[] DEFAULT NULL, of_data boolean DEFAULT false,
    fields text[] DEFAULT NULL, from_id bigint DEFAULT NULL, to_id bigint DEFAULT NULL, filters jsonb DEFAULT NULL,
    OUT problem text, OUT digest json)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    d changefeed.device;
    w record;
    ranges json;
    next_from_id bigint;
    access record;
    listed record;
    shown record;
BEGIN
    PERFORM changefeed.require_read_committed();
    IF NOT of_data AND (fields IS NOT NULL OR from_id IS NOT NULL OR to_id IS NOT NULL) THEN
        RAISE EXCEPTION 'fields, from_id and to_id are those of a digest of data'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT * INTO access FROM changefeed.access_scopes(
        user_id, ARRAY(SELECT t.model FROM changefeed.tracked_model t WHERE t.model = digest.model), companies);
    problem := CASE WHEN access.problem IS NOT NULL THEN access.problem
                    WHEN access.scopes = '{}' THEN 'model_not_readable' END;
    IF problem IS NULL THEN
        SELECT f.problem, f.filtered INTO problem, access.scopes
        FROM changefeed.filtered_scopes(user_id, access.scopes, filters, ARRAY[model], companies,
                                        changefeed.access_stamp(user_id)) f;
    END IF;
    IF problem IS NOT NULL THEN
        RETURN;
    END IF;
    IF of_data THEN
        SELECT l.* INTO listed FROM changefeed.list_scopes(
            user_id, ARRAY[model], CASE WHEN fields IS NOT NULL THEN jsonb_build_object(model, fields) END,
            companies) l;
        problem := listed.problem;
        IF problem IS NULL AND fields IS NOT NULL
           AND changefeed.unknown_fields(user_id, ARRAY[model], jsonb_build_object(model, fields)) IS NOT NULL THEN
            problem := 'field_unknown';
        END IF;
        IF problem IS NOT NULL THEN
            RETURN;
        END IF;
    END IF;
    SELECT * INTO d FROM changefeed.device v WHERE v.user_id = digest.user_id AND v.device_id = digest.device_id;
    IF NOT FOUND THEN
        problem := 'device_unknown';
        RETURN;
    END IF;
    IF of_data THEN
        SELECT o.ranges, o.next_from_id INTO ranges, next_from_id
        FROM changefeed.data_digest(access.scopes[1], listed.scopes, buckets, fields, from_id, to_id) o;
    ELSE
        SELECT json_agg(r) INTO ranges
        FROM changefeed.rules_record_digest(access.scopes[1], buckets,
            CASE WHEN (access.scopes[1]).filter IS NOT NULL
                 THEN changefeed.odoo_shown_ids(access.scopes[1], -9223372036854775808, 9223372036854775807, 2147483647)
            END) r;
    END IF;
    -- After the records were read: changes in them beyond the device's cursor are among these events.
    d := changefeed.looking_now(d);
    d.models := ARRAY[model];
    IF d.epoch = (SELECT c.epoch FROM changefeed.control c) THEN
        SELECT * INTO w FROM changefeed.sync_window(d, 4096);
        SELECT ARRAY(SELECT w.record_ids[p] FROM unnest(s.places) p) AS record_ids INTO shown
        FROM changefeed.shown_entries(access.scopes, w.ids, w.models, w.record_ids, w.events, w.olds, d.acked, 4096,
            greatest(d.window_from, d.seen_log_id)) s;
    ELSE
        SELECT false AS is_last INTO w;
        SELECT '{}'::bigint[] AS record_ids INTO shown;
    END IF;
    SELECT json_build_object(
        'model', model, 'of', CASE WHEN of_data THEN 'data' ELSE 'write_date' END,
        'records', coalesce(sum(b.records), 0), 'hash', (coalesce(sum(b.hash), 0) % 281474976710656)::bigint,
        'pull_first', bool_or(b.pending > 0) IS TRUE OR NOT w.is_last OR d.resync ? model OR d.is_copying
                      OR (SELECT v.target IS NOT NULL FROM changefeed.device v WHERE v.id = d.id),
        'buckets', coalesce(json_agg(json_build_object(
            'from_id', b.from_id, 'to_id', b.to_id, 'records', b.records, 'hash', b.hash, 'pending', b.pending)
                                     ORDER BY b.from_id), '[]'),
        'next_from_id', next_from_id)
    INTO digest
    FROM (SELECT r.*, (SELECT count(*) FROM unnest(shown.record_ids) p (record_id)
                       WHERE p.record_id BETWEEN r.from_id AND r.to_id) AS pending
          FROM json_to_recordset(ranges) r (from_id bigint, to_id bigint, records bigint, hash bigint)) b;
END $$;
COMMENT ON FUNCTION changefeed.digest(int, text, text, int, int[], boolean, text[], bigint, bigint, jsonb) IS
    'The expected copy of a device that has settled everything: per range of ids, count and hash of its records (see '
    'rules_record_digest(), or data_digest() if of_data), and how many of them have waiting events (pending). '
    'pull_first: more events may be waiting than are counted here. next_from_id: a digest of data continues there.';
