-- Row filters: a device's conditions on its models' records. They narrow what the user sees and never widen it.

CREATE OR REPLACE FUNCTION changefeed.filter_fields(
    user_id int, models text[], companies int[] DEFAULT NULL, OUT problem text, OUT fields jsonb, OUT release int)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    stamp CONSTANT text := changefeed.access_stamp(user_id);
    access record;
BEGIN
    PERFORM changefeed.require_read_committed();
    release := changefeed.odoo_release();
    SELECT * INTO access FROM changefeed.known_access(
        'models', user_id, ARRAY(SELECT t.model FROM changefeed.tracked_model t WHERE t.model = ANY (models)
                                 ORDER BY t.model), NULL, companies, stamp);
    problem := access.problem;
    IF problem IS NULL THEN
        SELECT coalesce(jsonb_object_agg(s.model, k.shape::jsonb), '{}') INTO fields
        FROM unnest(access.scopes) s
        CROSS JOIN LATERAL changefeed.known_access('filters', filter_fields.user_id, ARRAY[s.model],
                                                   NULL, NULL, stamp) k;
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.filter_fields(int, text[], int[]) IS
    'By which fields a user may filter those of the models that are tracked and that the user may read, as {model: '
    '{field: [type, type of the column]}}, and the release of Odoo, on which a filter''s meaning depends. '
    'problem: as in access_scopes().';

CREATE OR REPLACE FUNCTION changefeed.filtered_scopes(
    user_id int, scopes changefeed.model_scope[], filters jsonb, asked text[], companies int[], stamp text,
    OUT problem text, OUT filtered changefeed.model_scope[])
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    -- The same limits as in the service.
    most_filters CONSTANT int := 20;
    most_bytes CONSTANT int := 4096;
    scope changefeed.model_scope;
    asks jsonb;
    condition text;
    names text[];
    known jsonb;
BEGIN
    filtered := scopes;
    IF filters IS NULL THEN
        RETURN;
    END IF;
    IF jsonb_typeof(filters) <> 'object' OR (SELECT count(*) FROM jsonb_object_keys(filters)) > most_filters THEN
        problem := 'filter_invalid';
        RETURN;
    END IF;
    IF EXISTS (SELECT FROM jsonb_object_keys(filters) k WHERE k <> ALL (asked)) THEN
        problem := 'filter_model';
        RETURN;
    END IF;
    FOR place IN 1..cardinality(scopes) LOOP
        scope := scopes[place];
        asks := filters -> scope.model;
        CONTINUE WHEN asks IS NULL;
        condition := asks ->> 'condition';
        -- The text is checked here in any case: only plain comparisons, and only fields that this user may see.
        IF (octet_length(asks ->> 'domain') <= most_bytes
            AND changefeed.odoo_filter_is_plain(condition)) IS NOT TRUE THEN
            problem := 'filter_invalid';
            RETURN;
        END IF;
        names := changefeed.odoo_filter_columns(condition);
        SELECT k.shape::jsonb INTO known
        FROM changefeed.known_access('filters', user_id, ARRAY[scope.model], NULL, NULL, stamp) k;
        IF NOT known ?& names THEN
            problem := 'filter_invalid';
            RETURN;
        END IF;
        scope.filter := jsonb_build_object(
            'condition', condition, 'numbers', coalesce(asks -> 'numbers', '[]'), 'texts',
            coalesce(asks -> 'texts', '[]'), 'columns', names,
            'zone', CASE WHEN condition ~ E'[$]6\\M' THEN changefeed.rules_user_zone(user_id) END,
            -- Whether the log records each row that left it, with its old values.
            'is_kept', condition !~ E'\\mnow[(]' AND coalesce((
                SELECT array_remove(names, 'id') <@ t.rule_columns::text[] FROM changefeed.tracked_model t
                WHERE t.model = scope.model), false));
        -- The client's text, as for record rules Odoo's: another compiler makes different SQL of it.
        scope.digest := md5(concat_ws(':', scope.digest, 'filter', md5(asks ->> 'domain'),
                                      CASE WHEN condition ~ E'[$][23]\\M'
                                           THEN concat(scope.company_id, ',', scope.company_ids) END));
        IF NOT changefeed.odoo_filter_runs(scope) THEN
            problem := 'filter_invalid';
            RETURN;
        END IF;
        filtered[place] := scope;
    END LOOP;
END $$;
COMMENT ON FUNCTION changefeed.filtered_scopes(int, changefeed.model_scope[], jsonb, text[], int[], text) IS
    'Scopes narrowed by the filters: {model: {domain, condition, numbers, texts}}, the condition as in '
    'odoo/filter.sql; filters of requested models that are not in scopes are ignored. Null: no filters. problem: '
    'filter_model (not a requested model) or filter_invalid.';

CREATE OR REPLACE FUNCTION changefeed.shown_before(
    scope changefeed.model_scope, ids bigint[], record_ids bigint[], events text[], olds jsonb[],
    since_id bigint, ruled bigint[])
RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    was record;
    rest record;
BEGIN
    IF scope.filter IS NULL THEN
        RETURN QUERY SELECT changefeed.seen_before(scope, ids, record_ids, events, olds, since_id);
        RETURN;
    END IF;
    -- Rules and filter must have matched the same values of a row: a state that the user cannot see decides nothing.
    was := changefeed.odoo_filtered_before(scope, record_ids, olds);
    RETURN QUERY SELECT record_ids[p.place] FROM unnest(was.places) p (place)
                 WHERE events[p.place] <> 'unlink' AND record_ids[p.place] = ANY (ruled);
    SELECT array_agg(ids[p.place]) AS ids, array_agg(record_ids[p.place]) AS record_ids,
           array_agg(events[p.place]) AS events, array_agg(p.old) AS olds
    INTO rest
    FROM unnest(was.places, was.kept) p (place, old)
    WHERE events[p.place] = 'unlink' OR record_ids[p.place] = ANY (ruled) IS NOT TRUE;
    IF rest.ids IS NOT NULL THEN
        RETURN QUERY SELECT changefeed.seen_before(scope, rest.ids, rest.record_ids, rest.events, rest.olds, since_id);
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.shown_before(changefeed.model_scope, bigint[], bigint[], text[], jsonb[],
                                            bigint, bigint[]) IS
    'Like seen_before(), for the scope''s filter: those that may have been in it while the rules showed them. ruled: '
    'those that the rules show now.';
