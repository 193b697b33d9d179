-- Which entries of a window to send to a user, and as what.

CREATE OR REPLACE FUNCTION changefeed.shown_entries(
    scopes changefeed.model_scope[], ids bigint[], models text[], record_ids bigint[], events text[], olds jsonb[],
    settled bigint[], max_shown int, since_id bigint, OUT places int[], OUT kinds text[], OUT hidden bigint[])
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    open_places int[];
    is_filtered CONSTANT boolean := EXISTS (SELECT FROM unnest(scopes) s WHERE s.filter IS NOT NULL);
    at int := 1;
    step int := greatest(max_shown, 64);
    first_place int;
    last_place int;
    -- Of the part, what the rules show, and what of that the filters leave: model and record in the same place.
    ruled record;
    seen record;
    chunk record;
    -- The scope of the only model, and what its rules show.
    single changefeed.model_scope;
    visible bigint[];
BEGIN
    places := '{}';
    kinds := '{}';
    hidden := '{}';
    IF ids = '{}' THEN
        RETURN;
    END IF;
    -- Mostly there are a few entries of one model, and the user sees them all.
    IF cardinality(ids) <= step AND settled = '{}' AND 'unlink' <> ALL (events)
       AND models = array_fill(models[1], ARRAY[cardinality(models)]) THEN
        single := (SELECT s FROM unnest(scopes) s WHERE s.model = models[1]);
        visible := changefeed.rules_visible(single, record_ids);
        IF single.filter IS NULL AND cardinality(visible) = cardinality(record_ids) THEN
            places := ARRAY(SELECT generate_series(1, least(max_shown, cardinality(ids))));
            kinds := events[1:max_shown];
            RETURN;
        END IF;
    END IF;
    IF settled = '{}' THEN
        open_places := ARRAY(SELECT generate_series(1, cardinality(ids)));
    ELSE
        open_places := ARRAY(SELECT i.place::int FROM unnest(ids) WITH ORDINALITY i (id, place)
                             -- By a hash: one that is never settled keeps thousands of others in its window.
                             WHERE i.id NOT IN (SELECT s FROM unnest(settled) s WHERE s IS NOT NULL)
                             ORDER BY i.place);
    END IF;
    IF NOT is_filtered AND NOT EXISTS (SELECT FROM unnest(scopes) s WHERE s.predicate IS NOT NULL) THEN
        places := open_places[1:max_shown];
        kinds := ARRAY(SELECT events[p.place] FROM unnest(places) WITH ORDINALITY p (place, number) ORDER BY p.number);
        RETURN;
    END IF;
    -- From the first on, as far as needed to find enough.
    WHILE at <= cardinality(open_places) AND cardinality(places) < max_shown LOOP
        first_place := open_places[at];
        last_place := open_places[least(at + step - 1, cardinality(open_places))];
        at := at + step;
        step := least(4 * step, 4096);
        IF visible IS NOT NULL THEN
            SELECT array_fill(models[1], ARRAY[cardinality(visible)]) AS models, visible AS record_ids INTO ruled;
        ELSE
            SELECT coalesce(array_agg(e.model), '{}') AS models, coalesce(array_agg(v.record_id), '{}') AS record_ids
            INTO ruled
            FROM (SELECT e.model, array_agg(e.record_id) AS record_ids
                  FROM unnest(ids[first_place:last_place], models[first_place:last_place],
                              record_ids[first_place:last_place], events[first_place:last_place])
                       e (id, model, record_id, event)
                  WHERE e.event <> 'unlink' AND (settled = '{}' OR e.id <> ALL (settled))
                  GROUP BY e.model) e
            JOIN unnest(scopes) s ON s.model = e.model
            CROSS JOIN LATERAL unnest(changefeed.rules_visible(s, e.record_ids)) v (record_id);
        END IF;
        seen := ruled;
        IF is_filtered THEN
            SELECT coalesce(array_agg(r.model), '{}') AS models, coalesce(array_agg(v.record_id), '{}') AS record_ids
            INTO seen
            FROM (SELECT r.model, array_agg(r.record_id) AS record_ids
                  FROM unnest(ruled.models, ruled.record_ids) r (model, record_id) GROUP BY r.model) r
            JOIN unnest(scopes) s ON s.model = r.model
            CROSS JOIN LATERAL unnest(changefeed.odoo_filtered(s, r.record_ids)) v (record_id);
        END IF;
        SELECT array_agg(first_place - 1 + e.place::int ORDER BY e.place) AS places,
               array_agg(e.event ORDER BY e.place) AS kinds, '{}'::bigint[] AS hidden
        INTO chunk
        FROM unnest(ids[first_place:last_place], events[first_place:last_place]) WITH ORDINALITY e (id, event, place)
        WHERE settled = '{}' OR e.id <> ALL (settled);
        -- All of it, mostly: then nobody asks what was seen before.
        IF cardinality(chunk.places) > cardinality(seen.record_ids) THEN
            WITH entry AS MATERIALIZED (
                SELECT first_place - 1 + e.place::int AS place, e.id, e.model, e.record_id, e.event, e.old
                FROM unnest(ids[first_place:last_place], models[first_place:last_place],
                            record_ids[first_place:last_place], events[first_place:last_place],
                            olds[first_place:last_place]) WITH ORDINALITY e (id, model, record_id, event, old, place)
                WHERE settled = '{}' OR e.id <> ALL (settled)
            ), now_visible AS MATERIALIZED (
                SELECT n.model, n.record_id FROM unnest(seen.models, seen.record_ids) n (model, record_id)
            ), was_visible AS MATERIALIZED (
                -- A record created since then has not been seen.
                SELECT DISTINCT e.model, v.record_id
                FROM (SELECT e.model, array_agg(e.id) AS ids, array_agg(e.record_id) AS record_ids,
                             array_agg(e.event) AS events, array_agg(e.old) AS olds
                      FROM entry e
                      WHERE e.event <> 'create'
                        AND NOT EXISTS (SELECT FROM now_visible n
                                        WHERE n.model = e.model AND n.record_id = e.record_id)
                      GROUP BY e.model) e
                JOIN unnest(scopes) s ON s.model = e.model
                CROSS JOIN LATERAL changefeed.shown_before(s, e.ids, e.record_ids, e.events, e.olds, since_id,
                    CASE WHEN s.filter IS NOT NULL
                         THEN ARRAY(SELECT r.record_id FROM unnest(ruled.models, ruled.record_ids) r (model, record_id)
                                    WHERE r.model = e.model) END) v (record_id)
            ), verdict AS (
                SELECT e.place, e.id,
                       CASE WHEN n.record_id IS NOT NULL THEN e.event
                            WHEN w.record_id IS NULL THEN NULL
                            WHEN e.event = 'unlink' THEN 'unlink'
                            -- The rules show it: the filter hides it.
                            WHEN EXISTS (SELECT FROM unnest(ruled.models, ruled.record_ids) r (model, record_id)
                                         JOIN unnest(scopes) s ON s.model = r.model
                                         WHERE r.model = e.model AND r.record_id = e.record_id
                                           AND s.filter IS NOT NULL)
                                THEN 'filter'
                            ELSE 'access' END AS kind
                FROM entry e
                LEFT JOIN now_visible n ON n.model = e.model AND n.record_id = e.record_id AND e.event <> 'unlink'
                LEFT JOIN was_visible w ON w.model = e.model AND w.record_id = e.record_id
            )
            SELECT coalesce(array_agg(v.place ORDER BY v.place) FILTER (WHERE v.kind IS NOT NULL), '{}') AS places,
                   coalesce(array_agg(v.kind ORDER BY v.place) FILTER (WHERE v.kind IS NOT NULL), '{}') AS kinds,
                   coalesce(array_agg(v.id ORDER BY v.place) FILTER (WHERE v.kind IS NULL), '{}') AS hidden
            INTO chunk FROM verdict v;
        END IF;
        places := places || chunk.places;
        kinds := kinds || chunk.kinds;
        hidden := hidden || chunk.hidden;
    END LOOP;
    places := places[1:max_shown];
    kinds := kinds[1:max_shown];
END $$;
COMMENT ON FUNCTION changefeed.shown_entries(changefeed.model_scope[], bigint[], text[], bigint[], text[], jsonb[],
                                             bigint[], int, bigint) IS
    'Of the unsettled entries of a window, in order, the first max_shown for a user: their positions, and their kinds: '
    'create, write, unlink, access for a record that the user could see before and cannot now, or filter for one that '
    'the user can see and that may have been in the scope''s filter before. since_id: the log up to this id is not in '
    'the window. hidden: ids of skipped entries that are not visible to the user.';
