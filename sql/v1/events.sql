-- The log as people and the first API read it: one row per event.
CREATE OR REPLACE VIEW changefeed.event_record AS
SELECT e.id * 4096 + (r.ordinal - 1) AS id, e.id AS log_id, e.model, r.record_id, e.event, e.occurred_at
FROM changefeed.event e
CROSS JOIN LATERAL unnest(e.ids) WITH ORDINALITY AS r (record_id, ordinal);
COMMENT ON VIEW changefeed.event_record IS 'One row per event: what happened to which record.';
COMMENT ON COLUMN changefeed.event_record.id IS 'Id of the event: log id * 4096 + place in the statement.';
COMMENT ON COLUMN changefeed.event_record.log_id IS 'Row of the log.';
COMMENT ON COLUMN changefeed.event_record.model IS 'Odoo model.';
COMMENT ON COLUMN changefeed.event_record.record_id IS 'The record.';
COMMENT ON COLUMN changefeed.event_record.event IS 'create, write or unlink.';
COMMENT ON COLUMN changefeed.event_record.occurred_at IS 'Time of the statement.';

-- The rules of Odoo's webhook mixin: the newest event of a record and kind stands for all of them, and a create
-- that the log holds hides the writes of that record.
CREATE OR REPLACE VIEW changefeed.v1_event AS
WITH log AS MATERIALIZED (
    SELECT e.id, e.model, e.event, e.occurred_at, e.ids,
           changefeed.archived_at(e.model, e.occurred_at, e.xid) AS archived_at
    FROM changefeed.event e WHERE e.model <> 'changefeed.probe'
), record AS (
    SELECT l.id * 4096 + (r.ordinal - 1) AS id, l.model, r.record_id, l.event, l.occurred_at, l.archived_at
    FROM log l CROSS JOIN LATERAL unnest(l.ids) WITH ORDINALITY AS r (record_id, ordinal)
    LEFT JOIN changefeed.orphan o ON o.model = l.model AND o.record_id = r.record_id
         AND l.event IN ('create', 'write') AND l.id * 4096 + (r.ordinal - 1) <= o.event_id
    WHERE o.model IS NULL
)
SELECT newest.id, newest.model, newest.record_id, newest.event, newest.occurred_at AS timestamp,
       newest.archived_at IS NOT NULL AS archived, newest.archived_at
FROM (
    SELECT DISTINCT ON (r.archived_at IS NULL, r.model, r.record_id, r.event) r.*
    FROM record r
    ORDER BY r.archived_at IS NULL, r.model, r.record_id, r.event, r.id DESC
) newest
LEFT JOIN (
    SELECT DISTINCT r.archived_at IS NULL AS live, r.model, r.record_id FROM record r WHERE r.event = 'create'
) created ON newest.event = 'write' AND created.live = (newest.archived_at IS NULL)
         AND created.model = newest.model AND created.record_id = newest.record_id
WHERE created.record_id IS NULL;
COMMENT ON VIEW changefeed.v1_event IS
    'The events by the webhook mixin''s rules: the newest per record and kind; a create in the log hides the record''s '
    'writes. Archived events stand apart by the same rules.';
COMMENT ON COLUMN changefeed.v1_event.id IS 'Id of the event.';
COMMENT ON COLUMN changefeed.v1_event.model IS 'Odoo model.';
COMMENT ON COLUMN changefeed.v1_event.record_id IS 'The record.';
COMMENT ON COLUMN changefeed.v1_event.event IS 'create, write or unlink.';
COMMENT ON COLUMN changefeed.v1_event.timestamp IS 'Time of the statement.';
COMMENT ON COLUMN changefeed.v1_event.archived IS 'True when the first API no longer shows it.';
COMMENT ON COLUMN changefeed.v1_event.archived_at IS 'When it was archived.';

CREATE OR REPLACE FUNCTION changefeed.visible_records(
    scopes changefeed.model_scope[], ids bigint[], models text[], record_ids bigint[], events text[], olds jsonb[])
RETURNS TABLE (model text, record_id bigint, is_unlink boolean)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    WITH entry AS MATERIALIZED (
        SELECT e.* FROM unnest(ids, models, record_ids, events, olds) e (id, model, record_id, event, old)
    )
    SELECT s.model, v.record_id, false FROM unnest(scopes) s
    CROSS JOIN LATERAL unnest(changefeed.rules_visible(
        s, ARRAY(SELECT DISTINCT e.record_id FROM entry e
                 WHERE e.model = s.model AND e.event <> 'unlink'))) v (record_id)
    WHERE s.predicate IS NOT NULL AND s.model = ANY (models)
    UNION ALL
    -- A record that is gone was seen by those who could see it as it was.
    SELECT s.model, v.record_id, true FROM unnest(scopes) s
    CROSS JOIN LATERAL (
        SELECT array_agg(e.id) AS ids, array_agg(e.record_id) AS record_ids, array_agg(e.event) AS events,
               array_agg(e.old) AS olds
        FROM entry e WHERE e.model = s.model AND e.event = 'unlink') gone
    CROSS JOIN LATERAL changefeed.seen_before(s, gone.ids, gone.record_ids, gone.events, gone.olds, NULL) v (record_id)
    WHERE s.predicate IS NOT NULL AND s.model = ANY (models) AND gone.ids IS NOT NULL;
END $$;
COMMENT ON FUNCTION changefeed.visible_records(changefeed.model_scope[], bigint[], text[], bigint[], text[], jsonb[]) IS
    'Of the records of events, those that scopes with a condition show: now, or, '
    'of an unlink (is_unlink), as the record was.';

-- The same rules for one page, newest first, without reading the whole log: bounded windows of the newest log rows
-- are unfolded one after another until the page is full.
CREATE OR REPLACE FUNCTION changefeed.v1_page(
    only_models text[], only_record bigint, only_event text, since timestamptz, max_rows int, skip_rows int,
    scopes changefeed.model_scope[] DEFAULT NULL)
RETURNS TABLE (id bigint, model text, record bigint, kind text, at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
-- What the planner cannot know: statements that wrote thousands of records.
-- A loop over them for each record is the worst there is.
SET enable_nestloop = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE
    wanted bigint := max_rows::bigint + skip_rows;
    floor_id bigint := 0;
    -- Events below this id are still to be read.
    upper_id bigint := 9223372036854775807;
    taken bigint := 0;
    batch record;
    -- What the page holds so far, with the rows to be skipped.
    o_id bigint[] := '{}';
    o_place int[] := '{}';
    o_record bigint[] := '{}';
    o_kind int[] := '{}';
    o_at timestamptz[] := '{}';
    -- Per model, where its unarchived events begin; null where nothing was ever archived.
    floors bigint[] := changefeed.archive_floors(only_models);
    -- Nothing as new as this is archived.
    marked timestamptz := (SELECT coalesce(max(a.before), '-infinity') FROM changefeed.archived a);
    window_rows bigint := greatest(100, least(wanted, 2000));
    -- A statement that wrote many records fills a page alone: their rows need not all be unfolded.
    window_records bigint := least(greatest(500, 2 * wanted), 20000);
    -- How many events of a window are held against the rules: about as many as fill the page.
    judged_rows bigint := greatest(20, 2 * wanted);
    -- Per model, whether all its events are shown: it has no condition, or nothing is filtered at all.
    open_places boolean[] := ARRAY(
        SELECT scopes IS NULL OR EXISTS (SELECT FROM unnest(scopes) s WHERE s.model = m.name AND s.predicate IS NULL)
        FROM unnest(only_models) WITH ORDINALITY m (name, place) ORDER BY m.place);
    -- Whether any event belongs to a record that went without an unlink.
    orphans boolean := EXISTS (SELECT FROM changefeed.orphan);
    -- Models in which the one record that is asked for is hidden or is not there: it takes the same time to say so.
    closed_models text[] := '{}';
BEGIN
    IF only_models IS NULL OR max_rows IS NULL OR skip_rows IS NULL OR max_rows < 0 OR skip_rows < 0 THEN
        RAISE EXCEPTION 'models, max_rows and skip_rows must be given and not be negative'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF since IS NOT NULL THEN
        floor_id := changefeed.first_id_since(since);
    END IF;
    IF only_record IS NOT NULL THEN
        closed_models := ARRAY(SELECT s.model FROM unnest(scopes) s
                               WHERE s.predicate IS NOT NULL AND s.model = ANY (only_models)
                                 AND only_record <> ALL (changefeed.rules_visible(s, ARRAY[only_record])));
    END IF;
    WHILE taken < wanted LOOP
        -- The newest log rows of each model, merged; cut where their records would fill more than a window.
        WITH candidate AS MATERIALIZED (
            SELECT e.* FROM unnest(only_models, floors) WITH ORDINALITY m (name, first_id, place)
            CROSS JOIN LATERAL (
                SELECT w.id, m.place::int AS place,
                       CASE w.event WHEN 'write' THEN 1 WHEN 'create' THEN 2 ELSE 3 END AS kind,
                       w.occurred_at, w.ids, w.olds
                FROM changefeed.event w
                WHERE w.model = m.name AND -w.id >= -((upper_id - 1) >> 12) AND -w.id <= -greatest(floor_id, m.first_id)
                  AND (w.occurred_at >= marked OR changefeed.archived_at(w.model, w.occurred_at, w.xid) IS NULL)
                  AND (only_event IS NULL OR w.event = only_event)
                  AND (only_record IS NULL OR w.ids @> ARRAY[only_record])
                  AND (w.model <> ALL (closed_models) OR w.event = 'unlink')
                  AND (since IS NULL OR w.occurred_at >= since)
                ORDER BY -w.id
                LIMIT window_rows) e
            ORDER BY e.id DESC
            LIMIT window_rows
        ), log AS MATERIALIZED (
            SELECT c.* FROM (
                SELECT a.*, sum(cardinality(a.ids)) OVER (ORDER BY a.id DESC) - cardinality(a.ids) AS before
                FROM candidate a) c
            WHERE c.before < window_records
        ), unfolded AS (
            -- Numbers in the place of names: texts make grouping and joining ten times as dear.
            SELECT l.place, r.record_id, l.kind, max(l.id * 4096 + (r.ordinal - 1)) AS id
            FROM log l CROSS JOIN LATERAL unnest(l.ids) WITH ORDINALITY r (record_id, ordinal)
            WHERE (only_record IS NULL OR r.record_id = only_record) AND l.id * 4096 + (r.ordinal - 1) < upper_id
            GROUP BY 1, 2, 3
        ), found AS MATERIALIZED (
            SELECT u.* FROM unfolded u
            WHERE NOT EXISTS (
                SELECT FROM unnest(o_place, o_record, o_kind) AS o (place, record_id, kind)
                WHERE o.place = u.place AND o.record_id = u.record_id AND o.kind = u.kind)
              -- Records that are gone.
              AND (NOT orphans OR u.kind = 3 OR u.id > coalesce(
                (SELECT max(g.event_id) FROM changefeed.orphan g
                 WHERE g.model = only_models[u.place] AND g.record_id = u.record_id), 0))
        ), created AS MATERIALIZED (
            -- The creates of the log stream past the few writes of this window, once.
            SELECT DISTINCT m.place, r.record_id
            FROM unnest(only_models, floors) WITH ORDINALITY m (name, first_id, place)
            JOIN changefeed.event c ON c.model = m.name AND c.id >= coalesce(m.first_id, 0)
            CROSS JOIN LATERAL unnest(c.ids) r (record_id)
            WHERE EXISTS (SELECT FROM found f WHERE f.kind = 1)
              AND c.event = 'create' AND c.id <= (upper_id - 1) >> 12
              AND (c.occurred_at >= marked OR changefeed.archived_at(c.model, c.occurred_at, c.xid) IS NULL)
              AND (m.place, r.record_id) IN (SELECT f.place, f.record_id FROM found f WHERE f.kind = 1)
        ), judged AS MATERIALIZED (
            -- Only as many as may fill the page: the rules look at each of them.
            SELECT f.* FROM found f
            WHERE f.kind <> 1 OR (f.place, f.record_id) NOT IN (SELECT c.place, c.record_id FROM created c)
            ORDER BY f.id DESC
            LIMIT judged_rows
        ), visible AS MATERIALIZED (
            SELECT v.* FROM (
                SELECT array_agg(f.id) AS ids, array_agg(only_models[f.place]) AS models,
                       array_agg(f.record_id) AS record_ids,
                       array_agg(CASE f.kind WHEN 3 THEN 'unlink' ELSE 'write' END) AS kinds,
                       array_agg(l.olds[(f.id & 4095) + 1]) AS olds
                FROM judged f
                LEFT JOIN log l ON f.kind = 3 AND l.id = f.id >> 12
                WHERE NOT open_places[f.place]) f
            CROSS JOIN LATERAL changefeed.visible_records(scopes, f.ids, f.models, f.record_ids, f.kinds, f.olds) v
        ), kept AS (
            SELECT f.* FROM judged f
            WHERE open_places[f.place]
               OR (f.place, f.record_id,
                   f.kind = 3) IN (SELECT array_position(only_models, v.model), v.record_id, v.is_unlink FROM visible v)
            ORDER BY f.id DESC
            LIMIT wanted - taken
        )
        SELECT (SELECT count(*) FROM log) AS rows, (SELECT min(l.id) * 4096 FROM log l) AS last_id,
               (SELECT min(j.id) FROM judged j HAVING count(*) = judged_rows) AS cut_id,
               array_agg(k.id ORDER BY k.id DESC) AS ids, array_agg(k.place ORDER BY k.id DESC) AS places,
               array_agg(k.record_id ORDER BY k.id DESC) AS records, array_agg(k.kind ORDER BY k.id DESC) AS kinds,
               array_agg(l.occurred_at ORDER BY k.id DESC) AS times
        INTO batch FROM kept k JOIN log l ON l.id = k.id >> 12;
        EXIT WHEN batch.rows = 0;
        IF batch.ids IS NOT NULL THEN
            o_id := o_id || batch.ids;
            o_place := o_place || batch.places;
            o_record := o_record || batch.records;
            o_kind := o_kind || batch.kinds;
            o_at := o_at || batch.times;
            taken := cardinality(o_id);
        END IF;
        -- Beyond the last that was judged, this window may hold others.
        upper_id := coalesce(batch.cut_id, batch.last_id);
        IF batch.cut_id IS NOT NULL THEN
            -- Few of them were shown: more at a time.
            judged_rows := judged_rows * 4;
            CONTINUE;
        END IF;
        window_rows := least(window_rows * 4, 4000);
        window_records := least(window_records * 4, 20000);
    END LOOP;
    RETURN QUERY
    SELECT o.id, only_models[o.place], o.record_id, (ARRAY['write', 'create', 'unlink'])[o.kind], o.at
    FROM unnest(o_id, o_place, o_record, o_kind, o_at) AS o (id, place, record_id, kind, at)
    ORDER BY o.id DESC
    OFFSET skip_rows LIMIT max_rows;
END $$;
COMMENT ON FUNCTION changefeed.v1_page(text[], bigint, text, timestamptz, int, int, changefeed.model_scope[]) IS
    'What v1_events() does, by windows of at most 4,000 log rows and about 20,000 records.';

CREATE OR REPLACE FUNCTION changefeed.v1_events(
    models text[], record_id bigint, event text, since timestamptz, max_rows int, skip_rows int,
    scopes changefeed.model_scope[] DEFAULT NULL)
RETURNS TABLE (id bigint, model text, record_id bigint, event text, occurred_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT p.id, p.model, p.record, p.kind, p.at
    FROM changefeed.v1_page($1, $2, $3, $4, $5, $6, $7) p
$$;
COMMENT ON FUNCTION changefeed.v1_events(text[], bigint, text, timestamptz, int, int, changefeed.model_scope[]) IS
    'A page of events of these models, newest first, by the webhook mixin''s rules; record_id, event and since may be '
    'null. scopes: only what they show; null: everything.';

CREATE OR REPLACE FUNCTION changefeed.v1_summary(
    models text[], since timestamptz, scopes changefeed.model_scope[] DEFAULT NULL)
RETURNS TABLE (model text, events bigint, last_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_nestloop = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE
    floor_id bigint := CASE WHEN since IS NULL THEN 0 ELSE changefeed.first_id_since(since) END;
    floors bigint[] := changefeed.archive_floors(models);
    -- Nothing as new as this is archived.
    marked timestamptz := (SELECT coalesce(max(a.before), '-infinity') FROM changefeed.archived a);
    open_places boolean[] := ARRAY(
        SELECT scopes IS NULL OR EXISTS (SELECT FROM unnest(scopes) s WHERE s.model = m.name AND s.predicate IS NULL)
        FROM unnest(models) WITH ORDINALITY m (name, place) ORDER BY m.place);
    orphans boolean := EXISTS (SELECT FROM changefeed.orphan);
BEGIN
    IF models IS NULL THEN
        RAISE EXCEPTION 'models must be given' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN QUERY
    WITH log AS (
        SELECT e.* FROM unnest(models, floors) WITH ORDINALITY m (name, first_id, place)
        CROSS JOIN LATERAL (
            SELECT w.id, m.place::int AS place,
                   CASE w.event WHEN 'write' THEN 1 WHEN 'create' THEN 2 ELSE 3 END AS kind, w.occurred_at, w.ids
            FROM changefeed.event w
            WHERE w.model = m.name AND -w.id <= -greatest(floor_id, m.first_id)
              AND (v1_summary.since IS NULL OR w.occurred_at >= v1_summary.since)
              AND (w.occurred_at >= marked OR changefeed.archived_at(w.model, w.occurred_at, w.xid) IS NULL)) e
    ), found AS MATERIALIZED (
        SELECT l.place, r.record_id, l.kind, max(l.id * 4096 + (r.ordinal - 1)) AS id, max(l.occurred_at) AS at
        FROM log l CROSS JOIN LATERAL unnest(l.ids) WITH ORDINALITY r (record_id, ordinal)
        WHERE NOT orphans OR l.kind = 3 OR l.id * 4096 + (r.ordinal - 1) > coalesce(
            (SELECT max(o.event_id) FROM changefeed.orphan o
             WHERE o.model = models[l.place] AND o.record_id = r.record_id), 0)
        GROUP BY 1, 2, 3
    ), visible AS MATERIALIZED (
        SELECT v.* FROM (
            SELECT array_agg(f.id) AS ids, array_agg(models[f.place]) AS models, array_agg(f.record_id) AS record_ids,
                   array_agg(CASE f.kind WHEN 3 THEN 'unlink' ELSE 'write' END) AS kinds,
                   array_agg(l.olds[(f.id & 4095) + 1]) AS olds
            FROM found f
            LEFT JOIN changefeed.event l ON f.kind = 3 AND l.id = f.id >> 12
            WHERE NOT open_places[f.place]) f
        CROSS JOIN LATERAL changefeed.visible_records(scopes, f.ids, f.models, f.record_ids, f.kinds, f.olds) v
    ), newest AS MATERIALIZED (
        SELECT f.place, f.record_id, f.kind, f.at FROM found f
        WHERE open_places[f.place]
           OR (f.place, f.record_id,
               f.kind = 3) IN (SELECT array_position(models, v.model), v.record_id, v.is_unlink FROM visible v)
    ), created AS MATERIALIZED (
        SELECT DISTINCT m.place, r.record_id
        FROM unnest(v1_summary.models, floors) WITH ORDINALITY m (name, first_id, place)
        JOIN changefeed.event c ON c.model = m.name AND c.id >= coalesce(m.first_id, 0)
        CROSS JOIN LATERAL unnest(c.ids) r (record_id)
        WHERE EXISTS (SELECT FROM newest n WHERE n.kind = 1)
          AND c.event = 'create'
          AND (c.occurred_at >= marked OR changefeed.archived_at(c.model, c.occurred_at, c.xid) IS NULL)
          AND (m.place, r.record_id) IN (SELECT n.place, n.record_id FROM newest n WHERE n.kind = 1)
    )
    SELECT models[n.place], count(*), max(n.at) FROM newest n
    WHERE n.kind <> 1 OR (n.place, n.record_id) NOT IN (SELECT c.place, c.record_id FROM created c)
    GROUP BY n.place
    ORDER BY 1;
END $$;
COMMENT ON FUNCTION changefeed.v1_summary(text[], timestamptz, changefeed.model_scope[]) IS
    'How many events v1_events() would show of each of these models, and when the newest occurred; since may be null.';
