-- Which endpoints a change concerns: one question for all that belong to the same user, instead of a pull of each.

CREATE OR REPLACE FUNCTION changefeed.endpoint_concerned(
    user_id int, companies int[], models text[], filters jsonb, log_ids bigint[],
    OUT problem text, OUT scope text, OUT changed text[], OUT endpoints int[])
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    stamp CONSTANT text := changefeed.access_stamp(user_id);
    access record;
    list record;
    shown record;
    part record;
    known jsonb;
BEGIN
    changed := '{}';
    endpoints := '{}';
    SELECT * INTO access FROM changefeed.known_access('models', user_id, models, NULL, companies, stamp);
    problem := access.problem;
    scope := changefeed.shared_scope(access.scopes);
    IF problem IS NOT NULL THEN
        RETURN;
    END IF;
    SELECT array_agg(e.id * 4096 + i.ordinal - 1 ORDER BY e.id, i.ordinal) AS ids,
           array_agg(e.model ORDER BY e.id, i.ordinal) AS models,
           array_agg(i.record_id ORDER BY e.id, i.ordinal) AS record_ids,
           array_agg(e.event ORDER BY e.id, i.ordinal) AS events, array_agg(i.old ORDER BY e.id, i.ordinal) AS olds,
           array_agg(DISTINCT e.model) FILTER (WHERE e.event = 'truncate') AS emptied
    INTO list
    FROM changefeed.event e
    LEFT JOIN LATERAL unnest(e.ids, e.olds) WITH ORDINALITY i (record_id, old, ordinal) ON true
    WHERE e.id = ANY (log_ids) AND e.model = ANY (models);
    IF list.ids IS NULL THEN
        RETURN;
    ELSIF list.emptied IS NOT NULL THEN
        -- All records of a model were removed: each endpoint is told.
        changed := models;
        endpoints := ARRAY(SELECT DISTINCT (l ->> 0)::int FROM jsonb_each(filters) m
                           CROSS JOIN LATERAL jsonb_each(m.value) s
                           CROSS JOIN LATERAL jsonb_array_elements(s.value) l);
        RETURN;
    END IF;
    SELECT * INTO shown FROM changefeed.shown_entries(
        access.scopes, list.ids, list.models, list.record_ids, list.events, list.olds, '{}', cardinality(list.ids),
        (SELECT min(g) - 1 FROM unnest(log_ids) g));
    changed := ARRAY(SELECT DISTINCT list.models[p] FROM unnest(shown.places) p ORDER BY 1);
    FOR part IN
        SELECT s AS scope, array_agg(list.record_ids[p.place]) AS record_ids,
               array_agg(p.kind IN ('create', 'write')) AS shown, array_agg(list.olds[p.place]) AS olds
        FROM unnest(access.scopes) s
        JOIN unnest(shown.places, shown.kinds) p (place, kind) ON list.models[p.place] = s.model
        WHERE filters ? s.model GROUP BY s
    LOOP
        SELECT k.shape::jsonb INTO known
        FROM changefeed.known_access('filters', user_id, ARRAY[(part.scope).model], NULL, NULL, stamp) k;
        endpoints := endpoints || changefeed.odoo_touched(
            part.scope, filters -> (part.scope).model,
            -- By other columns a user may not filter, and the log keeps no values of them.
            ARRAY(SELECT c FROM changefeed.tracked_model t CROSS JOIN LATERAL unnest(t.rule_columns::text[]) c
                  WHERE t.model = (part.scope).model AND known ? c),
            part.record_ids, part.shown, part.olds,
            changefeed.rules_user_zone(user_id));
    END LOOP;
END $$;
COMMENT ON FUNCTION changefeed.endpoint_concerned(int, int[], text[], jsonb, bigint[]) IS
    'For rows of the log and endpoints of one user that follow the same models: the models of which the user sees a '
    'change, for endpoints without a filter of these, and the numbers of endpoints whose filter of a model the change '
    'may concern. filters: {model: {condition: [[number, numbers, texts]]}}. scope: from news(). '
    'problem: as in pull(). Only a hint: what an endpoint is sent, its pull decides.';
