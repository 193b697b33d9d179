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

CREATE OR REPLACE FUNCTION changefeed.v1_seen(scope changefeed.model_scope, ids bigint[], record_ids bigint[])
RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN QUERY SELECT changefeed.seen_before(
        scope, v1_seen.ids, v1_seen.record_ids, array_fill('unlink'::text, ARRAY[cardinality(v1_seen.ids)]),
        ARRAY(SELECT (SELECT w.olds[(i.id % 4096 + 1)::int] FROM changefeed.event w WHERE w.id = i.id / 4096)
              FROM unnest(v1_seen.ids) WITH ORDINALITY i (id, number) ORDER BY i.number), NULL);
END $$;
COMMENT ON FUNCTION changefeed.v1_seen(changefeed.model_scope, bigint[], bigint[]) IS
    'Of records that unlink events (ids) name, those that a scope showed, from seen_before().';

-- The same rules for one page, newest first, without reading the whole log: bounded windows of the newest log rows
-- are unfolded one after another until the page is full.
CREATE OR REPLACE FUNCTION changefeed.v1_newest(
    only_models text[], only_record bigint, only_event text, since timestamptz, max_rows int, skip_rows int,
    scopes changefeed.model_scope[], OUT ids bigint[], OUT places int[], OUT records bigint[], OUT kinds int[],
    OUT times timestamptz[])
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
SET jit = off AS $$
DECLARE
    wanted CONSTANT bigint := max_rows::bigint + skip_rows;
    slots CONSTANT record := changefeed.used_slots();
    -- Nothing as new as this is archived.
    marked CONSTANT timestamptz := (SELECT max(a.before) FROM changefeed.archived a);
    -- Per model, where its unarchived events begin; null where nothing was ever archived.
    floors bigint[];
    -- Per model, whether all its events are shown: it has no condition, or nothing is filtered at all.
    open_places CONSTANT boolean[] := ARRAY(
        SELECT scopes IS NULL OR EXISTS (SELECT FROM unnest(scopes) s WHERE s.model = m.name AND s.predicate IS NULL)
        FROM unnest(only_models) WITH ORDINALITY m (name, place) ORDER BY m.place);
    -- Whether any event belongs to a record that went without an unlink.
    orphans CONSTANT boolean := EXISTS (SELECT FROM changefeed.orphan);
    -- The newest rows of the whole log fill most pages. If they do not, those of each model are read.
    of_all boolean := only_record IS NULL AND only_event IS NULL AND cardinality(only_models) > 1;
    floor_id bigint := 0;
    -- Events from this id on have been read.
    end_id bigint := 9223372036854775807;
    window_rows bigint := greatest(100, least(wanted, 2000));
    -- A statement that wrote many records fills a page alone: neither its other records nor older rows are unfolded.
    window_records bigint := least(greatest(500, 2 * wanted), 20000);
    -- How many events of a window are judged by record rules at a time: about as many as fill the page.
    judged_rows bigint := greatest(20, 2 * wanted);
    -- Models in which the one record that is asked for is hidden or is not there: it takes the same time to say so.
    closed_models text[] := '{}';
    -- Records and kinds of the windows before: only their newest events count.
    seen_place int[] := '{}';
    seen_record bigint[] := '{}';
    seen_kind int[] := '{}';
    log record;
    shown record;
    is_cut boolean;
BEGIN
    IF only_models IS NULL OR max_rows IS NULL OR skip_rows IS NULL OR max_rows < 0 OR skip_rows < 0 THEN
        RAISE EXCEPTION 'models, max_rows and skip_rows must be given and not be negative'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    ids := '{}';
    places := '{}';
    records := '{}';
    kinds := '{}';
    times := '{}';
    IF marked IS NOT NULL THEN
        floors := changefeed.archive_floors(only_models);
    END IF;
    IF only_record IS NOT NULL AND false = ANY (open_places) THEN
        closed_models := ARRAY(SELECT s.model FROM unnest(scopes) s
                               WHERE s.predicate IS NOT NULL AND s.model = ANY (only_models)
                                 AND only_record <> ALL (changefeed.rules_visible(s, ARRAY[only_record])));
    END IF;
    IF since IS NOT NULL AND NOT of_all THEN
        floor_id := changefeed.first_id_since(since);
    END IF;
    WHILE cardinality(ids) < wanted LOOP
        -- Sets are looked up in a CASE, which makes the planner use a hash table whatever it expects. Numbers in the
        -- place of names: texts make grouping and looking up ten times as dear.
        WITH newest AS MATERIALIZED (
            -- No slot, and so no partition, where of_all is false.
            SELECT w.id, w.model, w.event, w.occurred_at, w.xid, w.ids FROM changefeed.event w
            WHERE w.slot BETWEEN CASE WHEN of_all THEN slots.first_slot END AND slots.last_slot
            ORDER BY w.id DESC LIMIT window_rows
        ), raw AS MATERIALIZED (
            SELECT n.id, array_position(only_models, n.model) AS place,
                   CASE n.event WHEN 'write' THEN 1 WHEN 'create' THEN 2 ELSE 3 END AS kind, n.occurred_at, n.ids,
                   CASE WHEN pg_column_size(n.ids) < 2000 THEN n.ids END AS small
            FROM newest n
            WHERE n.model = ANY (only_models) AND (since IS NULL OR n.occurred_at >= since)
              AND (marked IS NULL OR n.occurred_at >= marked
                   OR changefeed.archived_at(n.model, n.occurred_at, n.xid) IS NULL)
            UNION ALL
            (SELECT e.* FROM unnest(only_models, floors) WITH ORDINALITY m (name, first_id, place)
             CROSS JOIN LATERAL (
                 SELECT w.id, m.place::int, CASE w.event WHEN 'write' THEN 1 WHEN 'create' THEN 2 ELSE 3 END,
                        w.occurred_at, w.ids, CASE WHEN pg_column_size(w.ids) < 2000 THEN w.ids END
                 FROM changefeed.event w
                 WHERE w.slot BETWEEN CASE WHEN NOT of_all THEN slots.first_slot END AND slots.last_slot
                   AND w.model = m.name AND -w.id >= -((end_id - 1) >> 12)
                   AND -w.id <= -greatest(floor_id, m.first_id)
                   AND (marked IS NULL OR w.occurred_at >= marked
                        OR changefeed.archived_at(w.model, w.occurred_at, w.xid) IS NULL)
                   AND (only_event IS NULL OR w.event = only_event)
                   AND (only_record IS NULL OR w.ids @> ARRAY[only_record])
                   AND (w.model <> ALL (closed_models) OR w.event = 'unlink')
                   AND (since IS NULL OR w.occurred_at >= since)
                 ORDER BY -w.id
                 LIMIT window_rows) e
             ORDER BY e.id DESC
             LIMIT window_rows)
        ), candidate AS MATERIALIZED (
            SELECT c.*, row_number() OVER newer AS number, sum(c.size) OVER newer - c.size < window_records AS is_read
            FROM (
                -- Of small statements that wrote the same records, the newest. Large arrays are not decompressed: how
                -- many ids they have is estimated.
                SELECT DISTINCT ON (r.place, r.kind, r.small, CASE WHEN r.small IS NULL THEN r.id END)
                       r.id, r.place, r.kind, r.occurred_at, r.ids,
                       coalesce(cardinality(r.small), least(pg_column_size(r.ids) / 2, 4096)) AS size
                FROM raw r
                ORDER BY r.place, r.kind, r.small, CASE WHEN r.small IS NULL THEN r.id END, r.id DESC) c
            WINDOW newer AS (ORDER BY c.id DESC ROWS UNBOUNDED PRECEDING)
        ), log AS MATERIALIZED (
            -- The last ids of a row are its newest events.
            SELECT l.id, l.place, l.kind, l.number, l.first, l.ids[l.first : l.last] AS ids
            FROM (SELECT c.*, CASE WHEN only_record IS NULL THEN greatest(c.last - window_records::int + 1, 1)
                                   ELSE 1 END AS first
                  FROM (SELECT c.*, CASE c.id WHEN end_id >> 12 THEN (end_id & 4095)::int
                                              ELSE cardinality(c.ids) END AS last
                        FROM candidate c WHERE c.is_read) c) l
        ), found AS MATERIALIZED (
            SELECT u.place, u.kind, u.record_id, max(u.id) AS id, min(u.number)::int AS number
            FROM (SELECT l.place, l.kind, l.number, unnest(l.ids) AS record_id,
                         l.id * 4096 - 2 + l.first + generate_subscripts(l.ids, 1) AS id
                  FROM log l) u
            WHERE CASE WHEN only_record IS NULL THEN true ELSE u.record_id = only_record END
              AND CASE WHEN seen_place = '{}' THEN true ELSE (u.place, u.record_id, u.kind) NOT IN (
                  SELECT s.place, s.record_id, s.kind
                  FROM unnest(seen_place, seen_record, seen_kind) s (place, record_id, kind)) END
            GROUP BY 1, 2, 3
        ), created AS MATERIALIZED (
            -- Creates hide writes, wherever in the log they are.
            SELECT c.place, c.record_id
            FROM (SELECT m.place, unnest(c.ids) AS record_id
                  FROM unnest(only_models, floors) WITH ORDINALITY m (name, first_id, place)
                  CROSS JOIN LATERAL (
                      SELECT w.ids FROM changefeed.event w
                      WHERE w.slot BETWEEN slots.first_slot AND slots.last_slot
                        AND w.model = m.name AND w.event = 'create' AND w.id >= coalesce(m.first_id, 0)
                        AND (marked IS NULL OR w.occurred_at >= marked
                             OR changefeed.archived_at(w.model, w.occurred_at, w.xid) IS NULL)
                      OFFSET 0) c
                  WHERE CASE WHEN m.place IN (SELECT f.place FROM found f WHERE f.kind = 1) THEN true END) c
            WHERE CASE WHEN (c.place, c.record_id) IN (
                SELECT f.place, f.record_id FROM found f WHERE f.kind = 1) THEN true END
        )
        SELECT n.*, r.*, c.*, l.*, f.* INTO log
        FROM (SELECT count(*) AS read_rows, min(n.id) * 4096 AS end_id, min(n.occurred_at) AS last_at FROM newest n) n
        CROSS JOIN (SELECT count(*) AS raw_rows, min(r.id) * 4096 AS raw_end FROM raw r) r
        CROSS JOIN (SELECT count(*) AS candidates, array_agg(c.occurred_at) AS times FROM candidate c) c
        CROSS JOIN (SELECT count(*) AS rows, min(l.id * 4096 + l.first - 1) AS last_id, max(l.first) > 1 AS is_part
                    FROM log l) l
        CROSS JOIN (
            SELECT array_agg(f.id) AS ids, array_agg(f.place) AS places, array_agg(f.record_id) AS records,
                   array_agg(f.kind) AS kinds, array_agg(f.number) AS numbers
            FROM (SELECT f.* FROM found f
                  WHERE CASE WHEN f.kind <> 1 THEN true ELSE (f.place, f.record_id) NOT IN (
                      SELECT c.place, c.record_id FROM created c) END
                    -- Records that are gone.
                    AND CASE WHEN NOT orphans OR f.kind = 3 THEN true ELSE f.id > coalesce((
                        SELECT g.event_id FROM changefeed.orphan g
                        WHERE g.model = only_models[f.place] AND g.record_id = f.record_id), 0) END
                  ORDER BY f.id DESC
                  LIMIT judged_rows) f) f;
        is_cut := cardinality(log.ids) = judged_rows;
        IF log.ids IS NOT NULL THEN
            WITH part AS MATERIALIZED (
                SELECT p.* FROM unnest(log.ids, log.places, log.records, log.kinds, log.numbers)
                    p (id, place, record_id, kind, number)
            ), closed AS (
                SELECT g.*, s AS scope
                FROM (SELECT p.place, array_agg(p.record_id) FILTER (WHERE p.kind <> 3) AS record_ids,
                             array_agg(p.id) FILTER (WHERE p.kind = 3) AS gone_ids,
                             array_agg(p.record_id) FILTER (WHERE p.kind = 3) AS gone_records
                      FROM part p WHERE NOT open_places[p.place] GROUP BY p.place) g
                JOIN unnest(scopes) s ON s.model = only_models[g.place]
            ), visible AS MATERIALIZED (
                SELECT c.place, v.record_id, false AS is_unlink
                FROM closed c CROSS JOIN LATERAL unnest(changefeed.rules_visible(c.scope, c.record_ids)) v (record_id)
                UNION ALL
                -- A record that is gone was seen by those who could see it as it was.
                SELECT c.place, v.record_id, true
                FROM closed c
                CROSS JOIN LATERAL changefeed.v1_seen(c.scope, c.gone_ids, c.gone_records) v (record_id)
                WHERE c.gone_ids IS NOT NULL
            )
            SELECT array_agg(p.id) AS ids, array_agg(p.place) AS places, array_agg(p.record_id) AS records,
                   array_agg(p.kind) AS kinds, array_agg(log.times[p.number]) AS times
            INTO shown
            FROM (SELECT p.* FROM part p
                  WHERE CASE WHEN open_places[p.place] THEN true ELSE (p.place, p.record_id, p.kind = 3) IN (
                      SELECT v.place, v.record_id, v.is_unlink FROM visible v) END
                  LIMIT wanted - cardinality(v1_newest.ids)) p;
            IF shown.ids IS NOT NULL THEN
                ids := ids || shown.ids;
                places := places || shown.places;
                records := records || shown.records;
                kinds := kinds || shown.kinds;
                times := times || shown.times;
            END IF;
            EXIT WHEN cardinality(ids) >= wanted;
            seen_place := seen_place || log.places;
            seen_record := seen_record || log.records;
            seen_kind := seen_kind || log.kinds;
        END IF;
        IF is_cut THEN
            -- Beyond the last that was judged, this window may hold others. Few were shown: more at a time.
            end_id := log.ids[judged_rows];
            judged_rows := judged_rows * 4;
            CONTINUE WHEN NOT of_all;
        ELSE
            -- Everything has been read, or, although nothing looked for the place where it begins, everything that is
            -- new enough: with the margin of first_id_since().
            EXIT WHEN log.rows = log.candidates AND log.is_part IS NOT TRUE
                  AND (CASE WHEN of_all THEN log.read_rows ELSE log.raw_rows END < window_rows
                       OR of_all AND log.last_at < since - interval '5 minutes');
            end_id := CASE WHEN log.rows = log.candidates AND log.is_part IS NOT TRUE
                           THEN CASE WHEN of_all THEN log.end_id ELSE log.raw_end END ELSE log.last_id END;
            window_rows := least(window_rows * 4, 4000);
            window_records := least(window_records * 4, 20000);
        END IF;
        IF of_all AND since IS NOT NULL THEN
            floor_id := changefeed.first_id_since(since);
        END IF;
        of_all := false;
    END LOOP;
END $$;
COMMENT ON FUNCTION changefeed.v1_newest(text[], bigint, text, timestamptz, int, int, changefeed.model_scope[]) IS
    'The newest max_rows + skip_rows events by the rules of v1_events(), in windows of at most 4,000 log rows and '
    'about 20,000 records. '
    'places: of the models in only_models; kinds: 1 write, 2 create, 3 unlink.';

CREATE OR REPLACE FUNCTION changefeed.v1_page(
    only_models text[], only_record bigint, only_event text, since timestamptz, max_rows int, skip_rows int,
    scopes changefeed.model_scope[] DEFAULT NULL)
RETURNS TABLE (id bigint, model text, record bigint, kind text, at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT o.id, only_models[o.place], o.record_id, (ARRAY['write', 'create', 'unlink'])[o.kind], o.at
    FROM changefeed.v1_newest(only_models, only_record, only_event, v1_page.since, max_rows, skip_rows, scopes) n
    CROSS JOIN LATERAL unnest(n.ids, n.places, n.records, n.kinds, n.times) WITH ORDINALITY
        AS o (id, place, record_id, kind, at, number)
    ORDER BY o.number
    OFFSET skip_rows LIMIT max_rows;
END $$;
COMMENT ON FUNCTION changefeed.v1_page(text[], bigint, text, timestamptz, int, int, changefeed.model_scope[]) IS
    'The rows of v1_events(), from v1_newest().';

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
SET jit = off AS $$
DECLARE
    slots CONSTANT record := changefeed.used_slots();
    -- Nothing as new as this is archived.
    marked CONSTANT timestamptz := (SELECT max(a.before) FROM changefeed.archived a);
    floors bigint[];
    open_places CONSTANT boolean[] := ARRAY(
        SELECT scopes IS NULL OR EXISTS (SELECT FROM unnest(scopes) s WHERE s.model = m.name AND s.predicate IS NULL)
        FROM unnest(models) WITH ORDINALITY m (name, place) ORDER BY m.place);
    orphans CONSTANT boolean := EXISTS (SELECT FROM changefeed.orphan);
    floor_id CONSTANT bigint := CASE WHEN since IS NULL THEN 0 ELSE changefeed.first_id_since(since) END;
BEGIN
    IF models IS NULL THEN
        RAISE EXCEPTION 'models must be given' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF marked IS NOT NULL THEN
        floors := changefeed.archive_floors(models);
    END IF;
    RETURN QUERY
    -- As in v1_newest(), sets are looked up in a CASE.
    WITH raw AS (
        SELECT e.* FROM unnest(models, floors) WITH ORDINALITY m (name, first_id, place)
        CROSS JOIN LATERAL (
            SELECT w.id, m.place::int AS place,
                   CASE w.event WHEN 'write' THEN 1 WHEN 'create' THEN 2 ELSE 3 END AS kind, w.occurred_at AS at, w.ids,
                   CASE WHEN pg_column_size(w.ids) < 2000 THEN NULL ELSE w.id END AS large
            FROM changefeed.event w
            WHERE w.slot BETWEEN slots.first_slot AND slots.last_slot
              AND w.model = m.name AND -w.id <= -greatest(floor_id, m.first_id)
              AND (v1_summary.since IS NULL OR w.occurred_at >= v1_summary.since)
              AND (marked IS NULL OR w.occurred_at >= marked
                   OR changefeed.archived_at(w.model, w.occurred_at, w.xid) IS NULL)
            OFFSET 0) e
    ), log AS (
        -- Statements that wrote the same records are unfolded once.
        SELECT r.place, r.kind, r.ids, max(r.id) AS id, max(r.at) AS at
        FROM raw r WHERE r.large IS NULL GROUP BY r.place, r.kind, r.ids
        UNION ALL
        SELECT r.place, r.kind, r.ids, r.id, r.at FROM raw r WHERE r.large IS NOT NULL
    ), found AS MATERIALIZED (
        SELECT u.place, u.record_id, u.kind, max(u.id) AS id, max(u.at) AS at
        FROM (SELECT l.place, l.kind, l.at, unnest(l.ids) AS record_id,
                     l.id * 4096 - 1 + generate_subscripts(l.ids, 1) AS id
              FROM log l) u
        WHERE CASE WHEN NOT orphans OR u.kind = 3 THEN true ELSE u.id > coalesce((
            SELECT o.event_id FROM changefeed.orphan o
            WHERE o.model = models[u.place] AND o.record_id = u.record_id), 0) END
        GROUP BY 1, 2, 3
    ), closed AS (
        SELECT g.*, s AS scope
        FROM (SELECT f.place, array_agg(f.record_id) FILTER (WHERE f.kind <> 3) AS record_ids,
                     array_agg(f.id) FILTER (WHERE f.kind = 3) AS gone_ids,
                     array_agg(f.record_id) FILTER (WHERE f.kind = 3) AS gone_records
              FROM found f WHERE NOT open_places[f.place] GROUP BY f.place) g
        JOIN unnest(scopes) s ON s.model = models[g.place]
    ), visible AS MATERIALIZED (
        SELECT c.place, v.record_id, false AS is_unlink
        FROM closed c CROSS JOIN LATERAL unnest(changefeed.rules_visible(c.scope, c.record_ids)) v (record_id)
        UNION ALL
        SELECT c.place, v.record_id, true
        FROM closed c CROSS JOIN LATERAL changefeed.v1_seen(c.scope, c.gone_ids, c.gone_records) v (record_id)
        WHERE c.gone_ids IS NOT NULL
    ), newest AS MATERIALIZED (
        SELECT f.place, f.record_id, f.kind, f.at FROM found f
        WHERE CASE WHEN open_places[f.place] THEN true ELSE (f.place, f.record_id, f.kind = 3) IN (
            SELECT v.place, v.record_id, v.is_unlink FROM visible v) END
    ), created AS MATERIALIZED (
        SELECT c.place, c.record_id
        FROM (SELECT m.place, unnest(c.ids) AS record_id
              FROM unnest(models, floors) WITH ORDINALITY m (name, first_id, place)
              CROSS JOIN LATERAL (
                  SELECT w.ids FROM changefeed.event w
                  WHERE w.slot BETWEEN slots.first_slot AND slots.last_slot
                    AND w.model = m.name AND w.event = 'create' AND w.id >= coalesce(m.first_id, 0)
                    AND (marked IS NULL OR w.occurred_at >= marked
                         OR changefeed.archived_at(w.model, w.occurred_at, w.xid) IS NULL)
                  OFFSET 0) c
              WHERE CASE WHEN m.place IN (SELECT n.place FROM newest n WHERE n.kind = 1) THEN true END) c
        WHERE CASE WHEN (c.place, c.record_id) IN (
            SELECT n.place, n.record_id FROM newest n WHERE n.kind = 1) THEN true END
    )
    SELECT models[n.place], count(*), max(n.at) FROM newest n
    WHERE CASE WHEN n.kind <> 1 THEN true ELSE (n.place, n.record_id) NOT IN (
        SELECT c.place, c.record_id FROM created c) END
    GROUP BY n.place
    ORDER BY 1;
END $$;
COMMENT ON FUNCTION changefeed.v1_summary(text[], timestamptz, changefeed.model_scope[]) IS
    'How many events v1_events() would show of each of these models, and when the newest occurred; since may be null.';
