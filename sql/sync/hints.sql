-- Which devices to notify of a change: evaluated once for all that see the same records, not once for each device.

CREATE OR REPLACE FUNCTION changefeed.hinted(
    user_id int, companies int[], models text[], log_ids bigint[],
    OUT problem text, OUT scope text, OUT changed text[], OUT counts int[], OUT newest bigint[])
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    access record;
BEGIN
    SELECT * INTO access
    FROM changefeed.known_access('models', user_id, models, NULL, companies, changefeed.access_stamp(user_id));
    problem := access.problem;
    scope := changefeed.shared_scope(access.scopes);
    IF problem IS NOT NULL THEN
        RETURN;
    END IF;
    WITH row AS MATERIALIZED (
        SELECT e.id, e.model, e.event, e.ids, e.olds FROM changefeed.event e
        JOIN unnest(access.scopes) s ON s.model = e.model
        WHERE e.id = ANY (log_ids)
    ), entry AS MATERIALIZED (
        SELECT r.id * 4096 + i.ordinal - 1 AS id, r.model, i.record_id, r.event, i.old
        FROM row r CROSS JOIN LATERAL unnest(r.ids, r.olds) WITH ORDINALITY i (record_id, old, ordinal)
    ), list AS (
        SELECT array_agg(e.id ORDER BY e.id) AS ids, array_agg(e.model ORDER BY e.id) AS models,
               array_agg(e.record_id ORDER BY e.id) AS record_ids, array_agg(e.event ORDER BY e.id) AS events,
               array_agg(e.old ORDER BY e.id) AS olds
        FROM entry e
    ), shown AS (
        SELECT l.models[p] AS model, l.ids[p] AS id
        FROM list l
        CROSS JOIN LATERAL changefeed.shown_entries(access.scopes, l.ids, l.models, l.record_ids,
                                                    l.events, l.olds, '{}', cardinality(l.ids),
                                                    (SELECT min(g) - 1 FROM unnest(log_ids) g)) s
        CROSS JOIN LATERAL unnest(s.places) p
        WHERE l.ids IS NOT NULL
        UNION ALL
        -- All records of a model were removed, visible or not.
        SELECT r.model, r.id * 4096 FROM row r WHERE r.event = 'truncate'
    ), total AS (
        SELECT s.model, count(*)::int AS count, max(s.id) AS newest FROM shown s GROUP BY s.model
    )
    SELECT coalesce(array_agg(t.model ORDER BY t.model), '{}'), coalesce(array_agg(t.count ORDER BY t.model), '{}'),
           coalesce(array_agg(t.newest ORDER BY t.model), '{}')
    INTO changed, counts, newest FROM total t;
END $$;
COMMENT ON FUNCTION changefeed.hinted(int, int[], text[], bigint[]) IS
    'For rows of the log, how many events are visible to the user, per model, '
    'and the highest event id among them. scope: from news().';
