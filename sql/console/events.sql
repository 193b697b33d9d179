-- Rows of the log for the console, newest first.

CREATE OR REPLACE FUNCTION changefeed.console_events(arguments jsonb) RETURNS json
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    wanted CONSTANT int := least(greatest(coalesce((arguments ->> 'limit')::int, 50), 1), 200);
    top CONSTANT bigint := coalesce((arguments ->> 'before')::bigint, 9223372036854775807);
    only_model CONSTANT text := arguments ->> 'model';
    only_event CONSTANT text := arguments ->> 'event';
    only_record CONSTANT bigint := (arguments ->> 'record')::bigint;
    since CONSTANT timestamptz := (arguments ->> 'since')::timestamptz;
    floor_id CONSTANT bigint := CASE WHEN since IS NULL THEN 0 ELSE changefeed.first_id_since(since) END;
    -- What no index finds is looked for in so many rows at a time.
    looked CONSTANT int := CASE WHEN only_event IS NULL AND only_record IS NULL THEN wanted + 1 ELSE 30000 END;
    answer json;
BEGIN
    IF only_model IS NULL THEN
        WITH looked_at AS MATERIALIZED (
            SELECT e.id, e.slot, e.occurred_at, e.event,
                   only_record IS NULL OR e.ids @> ARRAY[only_record] AS fits
            FROM changefeed.event e
            WHERE e.id < top AND e.id >= floor_id AND (since IS NULL OR e.occurred_at >= since)
            ORDER BY e.id DESC LIMIT looked)
        SELECT changefeed.console_event_rows(
            array_agg(l.id ORDER BY l.id DESC) FILTER (WHERE l.fits AND (only_event IS NULL OR l.event = only_event)),
            wanted, CASE WHEN count(*) = looked THEN min(l.id) END) INTO answer FROM looked_at l;
    ELSE
        WITH looked_at AS MATERIALIZED (
            SELECT e.id, e.slot, e.occurred_at, e.event,
                   only_record IS NULL OR e.ids @> ARRAY[only_record] AS fits
            FROM changefeed.event e
            WHERE e.model = only_model AND -e.id > -top AND -e.id <= -floor_id
              AND (since IS NULL OR e.occurred_at >= since)
            ORDER BY -e.id LIMIT looked)
        SELECT changefeed.console_event_rows(
            array_agg(l.id ORDER BY l.id DESC) FILTER (WHERE l.fits AND (only_event IS NULL OR l.event = only_event)),
            wanted, CASE WHEN count(*) = looked THEN min(l.id) END) INTO answer FROM looked_at l;
    END IF;
    RETURN answer;
END $$;
COMMENT ON FUNCTION changefeed.console_events(jsonb) IS
    'Rows of the log, newest first: arguments before (a log id), model, event, record, since, limit. next: the log id '
    'with which to go on; null: that was all. With event or record, 30,000 rows are searched at a time.';

CREATE OR REPLACE FUNCTION changefeed.console_event_rows(found bigint[], wanted int, searched_to bigint) RETURNS json
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT json_build_object(
        'events', (SELECT coalesce(json_agg(json_build_object(
                       'id', e.id, 'at', changefeed.json_time(e.occurred_at), 'model', e.model, 'event', e.event,
                       'records', cardinality(e.ids), 'ids', e.ids[1:10], 'has_old', e.olds IS NOT NULL,
                       'archived', changefeed.archived_at(e.model, e.occurred_at, e.xid) IS NOT NULL)
                       ORDER BY e.id DESC), '[]')
                   FROM changefeed.event e WHERE e.id = ANY (found[1:wanted])),
        'next', CASE WHEN cardinality(found) > wanted THEN found[wanted] ELSE searched_to END,
        'searched_to', CASE WHEN cardinality(found) > wanted THEN NULL ELSE (
            SELECT changefeed.json_time(e.occurred_at) FROM changefeed.event e WHERE e.id = searched_to) END)
$$;
COMMENT ON FUNCTION changefeed.console_event_rows(bigint[], int, bigint) IS
    'The first rows of these, as console_events() answers. searched_to: where the search stopped; null: at the end.';

CREATE OR REPLACE FUNCTION changefeed.console_event(arguments jsonb) RETURNS json
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT json_build_object(
        'id', e.id, 'event_id', e.id * 4096, 'at', changefeed.json_time(e.occurred_at), 'model', e.model,
        'event', e.event, 'transaction', e.xid::text, 'epoch', e.epoch, 'slot', e.slot,
        'records', cardinality(e.ids),
        'archived_at', changefeed.json_time(changefeed.archived_at(e.model, e.occurred_at, e.xid)),
        'from', coalesce((arguments ->> 'from')::int, 1),
        'list', (SELECT coalesce(json_agg(json_build_object('record', r.id, 'old', r.old) ORDER BY r.place), '[]')
                 FROM (SELECT i.id, i.old, i.place FROM unnest(e.ids, e.olds) WITH ORDINALITY i (id, old, place)
                       WHERE i.place >= coalesce((arguments ->> 'from')::int, 1)
                       ORDER BY i.place LIMIT 100) r),
        'same_transaction', (
            SELECT coalesce(json_agg(json_build_object('id', t.id, 'model', t.model, 'event', t.event,
                                                       'records', t.records) ORDER BY t.id), '[]')
            FROM (SELECT o.id, o.model, o.event, cardinality(o.ids) AS records FROM changefeed.event o
                  WHERE o.xid = e.xid AND o.id <> e.id ORDER BY o.id LIMIT 20) t))
    FROM changefeed.event e WHERE e.id = (arguments ->> 'id')::bigint
$$;
COMMENT ON FUNCTION changefeed.console_event(jsonb) IS
    'One row of the log, with 100 of its records from a place on, the values that were kept of them, and other rows of '
    'the same transaction. Null: there is none.';
