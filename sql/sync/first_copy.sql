-- The first copy: the pulls of a new device first send it the existing records, before any change.
--
-- Models are listed one after another, in pages by id, between two snapshots in device.bases, as snapshot_page() lists
-- does. The entries of a page have ids of a number that the log's sequence assigned to no event, so that everything
-- works as for events: a page stays the same until it is settled, by ids or token, in part or whole.

CREATE OR REPLACE FUNCTION changefeed.start_copy(device bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE changefeed.device v SET is_copying = true WHERE v.id = start_copy.device;
    DELETE FROM changefeed.first_copy c WHERE c.device = start_copy.device;
    INSERT INTO changefeed.first_copy (device) VALUES (start_copy.device);
END $$;
COMMENT ON FUNCTION changefeed.start_copy(bigint) IS
    'From the next pull on the device is sent all records of the models that it follows, '
    'except those of which it has taken a whole list.';

CREATE OR REPLACE FUNCTION changefeed.waits_for_copy(d changefeed.device, models text[]) RETURNS text[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT d.is_copying THEN
        RETURN '{}';
    END IF;
    RETURN (
        SELECT ARRAY(SELECT m FROM unnest(waits_for_copy.models) m
                     WHERE (c.models IS NULL OR m = ANY (c.models))
                       -- Of a model with a list, the copy's or one of the device's own, it has some records.
                       AND NOT d.bases ? m)
        FROM changefeed.first_copy c WHERE c.device = d.id);
END $$;
COMMENT ON FUNCTION changefeed.waits_for_copy(changefeed.device, text[]) IS
    'Those of these models that the device''s first copy has not reached: they are not resynced.';

CREATE OR REPLACE FUNCTION changefeed.narrow_copy(device bigint, kept text[], dropped text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE changefeed.first_copy c
    SET models = ARRAY(SELECT m FROM unnest(c.models) WITH ORDINALITY o (m, place)
                       WHERE (kept IS NULL OR m = ANY (kept)) AND (dropped IS NULL OR m <> ALL (dropped))
                       ORDER BY place),
        list_id = CASE WHEN s.stays THEN c.list_id END, page = CASE WHEN s.stays THEN c.page END
    FROM (SELECT (kept IS NULL OR o.models[1] = ANY (kept))
                 AND (dropped IS NULL OR o.models[1] <> ALL (dropped)) AS stays
          FROM changefeed.first_copy o WHERE o.device = narrow_copy.device) s
    WHERE c.device = narrow_copy.device
      AND EXISTS (SELECT FROM unnest(c.models) m WHERE m <> ALL (kept) OR m = ANY (dropped));
END $$;
COMMENT ON FUNCTION changefeed.narrow_copy(bigint, text[], text[]) IS
    'Removes models from a device''s first copy: those that are not among kept (null: none), '
    'and those that are among dropped.';

CREATE OR REPLACE FUNCTION changefeed.copy_estimate(models text[]) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
        SELECT coalesce(sum(CASE WHEN c.reltuples > 0 THEN c.reltuples ELSE pg_stat_get_live_tuples(c.oid) END),
                        0)::bigint
        FROM unnest(copy_estimate.models) m JOIN pg_class c ON c.oid = changefeed.odoo_model_table(m));
END $$;
COMMENT ON FUNCTION changefeed.copy_estimate(text[]) IS
    'Estimated number of records of these models, from PostgreSQL''s statistics; ignores record rules.';

CREATE OR REPLACE FUNCTION changefeed.copy_page(
    d changefeed.device, scopes changefeed.model_scope[], max_entries int, OUT is_current boolean, OUT ids bigint[],
    OUT models text[], OUT record_ids bigint[], OUT events text[], OUT times timestamptz[])
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    outermost CONSTANT bigint := 999999999999999999;
    c changefeed.first_copy;
    due text[];
    scope changefeed.model_scope;
    since text;
    found bigint[];
BEGIN
    -- Pulls and acknowledgements of the device wait here for one another.
    PERFORM FROM changefeed.device v
    WHERE v.id = d.id AND v.batch = d.batch AND v.acknowledgements = d.acknowledgements AND v.is_copying FOR UPDATE;
    is_current := FOUND;
    IF NOT is_current THEN
        RETURN;
    END IF;
    SELECT * INTO c FROM changefeed.first_copy o WHERE o.device = d.id;
    IF c.models IS NULL THEN
        due := ARRAY(SELECT s.model FROM unnest(scopes) s WHERE d.bases -> s.model ->> 'until' IS NULL
                     ORDER BY s.model);
        c.estimate := changefeed.copy_estimate(due);
    ELSE
        -- A model that the device has listed itself meanwhile is complete: deletions follow only as events.
        due := ARRAY(SELECT m FROM unnest(c.models) WITH ORDINALITY o (m, place)
                     WHERE m IN (SELECT s.model FROM unnest(scopes) s)
                       AND (d.bases -> m ->> 'until' IS NULL OR d.bases -> m ->> 'id' = c.list_id) ORDER BY place);
    END IF;
    -- A list that no longer counts, or a model that is no longer followed.
    IF c.list_id IS NOT NULL AND (due[1] IS DISTINCT FROM c.models[1]
                                  OR d.bases -> due[1] ->> 'id' IS DISTINCT FROM c.list_id) THEN
        c.list_id := NULL;
        c.page := NULL;
    END IF;
    IF c.page IS NULL THEN
        LOOP
            IF due = '{}' THEN
                UPDATE changefeed.first_copy o SET models = '{}', list_id = NULL, page = NULL WHERE o.device = d.id;
                UPDATE changefeed.device v SET is_copying = false WHERE v.id = d.id;
                is_current := false;
                RETURN;
            END IF;
            SELECT s.* INTO scope FROM unnest(scopes) s WHERE s.model = due[1];
            IF c.list_id IS NULL THEN
                c.list_id := left(md5(concat(gen_random_uuid(), d.id)), 12);
                c.after_id := -outermost - 1;
                -- Before the first records are read.
                since := pg_current_snapshot();
                UPDATE changefeed.device v
                SET bases = v.bases || jsonb_build_object(due[1], jsonb_build_object(
                    -- Records shown by an abandoned list may have been deleted since it began.
                    'id', c.list_id, 'scope', scope.digest, 'since',
                    coalesce(d.bases -> due[1] ->> 'since', since), 'until', NULL,
                    'at', clock_timestamp()))
                WHERE v.id = d.id;
            END IF;
            found := changefeed.odoo_shown_ids(scope, c.after_id, 9223372036854775807, max_entries + 1);
            c.is_last := cardinality(found) <= max_entries;
            IF c.is_last THEN
                -- After the last ones were.
                UPDATE changefeed.device v
                SET bases = jsonb_set(v.bases, ARRAY[due[1], 'until'], to_jsonb(pg_current_snapshot()::text))
                WHERE v.id = d.id;
            END IF;
            EXIT WHEN found <> '{}';
            due := due[2:];
            c.list_id := NULL;
        END LOOP;
        PERFORM changefeed.durable();
        c.page := found[1:max_entries];
        c.page_at := clock_timestamp();
        c.log_id := nextval('changefeed.event_id');
        c.settled := '{}';
        UPDATE changefeed.first_copy o
        SET models = due, estimate = c.estimate, list_id = c.list_id, after_id = c.after_id, page = c.page,
            page_at = c.page_at, is_last = c.is_last, log_id = c.log_id,
            first_log_id = coalesce(o.first_log_id, c.log_id), settled = '{}'
        WHERE o.device = d.id;
        UPDATE changefeed.device v SET batch = v.batch + 1, last_pull_at = clock_timestamp() WHERE v.id = d.id;
    END IF;
    SELECT array_agg(p.id ORDER BY p.id), array_agg(due[1] ORDER BY p.id), array_agg(p.record_id ORDER BY p.id),
           array_agg('copy'::text ORDER BY p.id), array_agg(c.page_at ORDER BY p.id)
    INTO ids, models, record_ids, events, times
    FROM (SELECT c.log_id * 4096 + o.place - 1 AS id, o.record_id
          FROM unnest(c.page) WITH ORDINALITY o (record_id, place)
          WHERE c.log_id * 4096 + o.place - 1 <> ALL (c.settled) ORDER BY o.place LIMIT max_entries) p;
END $$;
COMMENT ON FUNCTION changefeed.copy_page(changefeed.device, changefeed.model_scope[], int) IS
    'The next part of the device''s first copy: the open page, or a new one, without its settled entries, max_entries '
    'at most. is_current false: another session was faster, or the copy is complete; read the device again.';

CREATE OR REPLACE FUNCTION changefeed.open_copy(device bigint) RETURNS bigint[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN ARRAY(
        SELECT c.log_id * 4096 + n - 1
        FROM changefeed.first_copy c CROSS JOIN LATERAL generate_series(1, cardinality(c.page)) n
        WHERE c.device = open_copy.device AND c.log_id * 4096 + n - 1 <= c.handed
        EXCEPT SELECT unnest(c.settled) FROM changefeed.first_copy c WHERE c.device = open_copy.device);
END $$;
COMMENT ON FUNCTION changefeed.open_copy(bigint) IS
    'The entries of the open page of a device''s first copy that were sent and are not settled, in no order.';

CREATE OR REPLACE FUNCTION changefeed.settle_copy(d changefeed.device, newly bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    c changefeed.first_copy;
    is_whole boolean;
BEGIN
    IF newly = '{}' THEN
        RETURN;
    END IF;
    SELECT * INTO c FROM changefeed.first_copy o WHERE o.device = d.id;
    PERFORM changefeed.durable();
    c.settled := c.settled || newly;
    is_whole := cardinality(c.settled) = cardinality(c.page);
    UPDATE changefeed.first_copy o
    SET settled = CASE WHEN is_whole THEN '{}' ELSE c.settled END,
        page = CASE WHEN NOT is_whole THEN c.page END,
        records = CASE WHEN is_whole THEN c.records + cardinality(c.page) ELSE c.records END,
        after_id = CASE WHEN is_whole THEN c.page[cardinality(c.page)] ELSE c.after_id END,
        list_id = CASE WHEN is_whole AND c.is_last THEN NULL ELSE c.list_id END,
        models = CASE WHEN is_whole AND c.is_last THEN c.models[2:] ELSE c.models END
    WHERE o.device = d.id;
    UPDATE changefeed.device v
    SET is_copying = NOT (is_whole AND c.is_last AND cardinality(c.models) = 1),
        settled_batch = v.batch,
        settled_id = greatest((SELECT max(n) FROM unnest(newly) n),
                              CASE WHEN v.settled_batch = v.batch THEN v.settled_id END),
        told_batch = NULL, told_id = NULL, acknowledgements = v.acknowledgements + 1,
        last_acknowledgement_at = clock_timestamp()
    WHERE v.id = d.id;
END $$;
COMMENT ON FUNCTION changefeed.settle_copy(changefeed.device, bigint[]) IS
    'Settles entries of a first copy that open_copy() names. The device''s row is locked by the caller.';

CREATE OR REPLACE FUNCTION changefeed.copy_progress(d changefeed.device) RETURNS json
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
        SELECT json_build_object(
            'lists_due', coalesce(to_json(c.models), to_json(d.models)),
            'progress', json_build_object('records', o.records, 'estimate', greatest(c.estimate, o.records)))
        FROM changefeed.first_copy c
        CROSS JOIN LATERAL (
            SELECT c.records + CASE WHEN c.page IS NULL THEN 0
                                    ELSE least(greatest(c.handed - c.log_id * 4096 + 1, 0),
                                               cardinality(c.page)) END AS records) o
        WHERE c.device = d.id AND d.is_copying);
END $$;
COMMENT ON FUNCTION changefeed.copy_progress(changefeed.device) IS
    'For a device with a first copy in progress, {"lists_due": models that are not complete, "progress": {"records": '
    'sent so far, "estimate": estimated total, before record rules; null before the first pull}}; else null.';
