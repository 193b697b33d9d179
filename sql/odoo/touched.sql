-- Which of many filters a change may concern, by one statement for all of them.

CREATE OR REPLACE FUNCTION changefeed.odoo_touched(
    scope changefeed.model_scope, filters jsonb, kept text[], record_ids bigint[], shown boolean[], olds jsonb[],
    zone text)
RETURNS int[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off
SET jit = off SET quote_all_identifiers = off AS $$
DECLARE
    everyone CONSTANT int[] := ARRAY(SELECT (f ->> 0)::int FROM jsonb_each(filters) s
                                     CROSS JOIN LATERAL jsonb_array_elements(s.value) f);
    conditions text[] := '{}';
    columns text[] := '{}';
    names text[];
    condition text;
    cases text := '';
    found int[];
BEGIN
    FOR condition IN SELECT jsonb_object_keys(filters) LOOP
        names := array_remove(changefeed.odoo_filter_columns(condition), 'id');
        -- The log knows the values before the change, and the text is in the closed language of filters.
        IF names <@ kept AND condition !~ E'\\mnow[(]' AND changefeed.odoo_filter_is_plain(condition) THEN
            conditions := conditions || condition;
            columns := columns || names;
            cases := cases || format(' WHEN %s THEN (%s)', cardinality(conditions),
                replace(replace(condition, '($4)[', '(f.numbers)['), '($5)[', '(f.texts)['));
        END IF;
    END LOOP;
    columns := ARRAY(SELECT DISTINCT c FROM unnest(columns) c ORDER BY 1);
    -- Of a deleted record nothing else is known than what the log kept of it.
    IF conditions = '{}' OR EXISTS (
        SELECT FROM unnest(shown, olds) e (is_shown, old)
        WHERE NOT e.is_shown AND e.old IS NULL
           OR EXISTS (SELECT FROM jsonb_array_elements(CASE jsonb_typeof(e.old) WHEN 'array' THEN e.old
                                                            ELSE jsonb_build_array(e.old) END) v (old)
                      WHERE e.old IS NOT NULL AND NOT v.old ?& columns)) THEN
        RETURN everyone;
    END IF;
    EXECUTE format(
        $query$
        WITH given AS MATERIALIZED (
            SELECT e.record_id, e.is_shown, e.old FROM unnest($7, $8, $9) e (record_id, is_shown, old)
        ), state AS MATERIALIZED (
            SELECT o.id%1$s FROM %2$s o
            WHERE o.id = ANY (ARRAY(SELECT g.record_id FROM given g WHERE g.is_shown))
            UNION ALL
            SELECT o.id%1$s FROM given g
            CROSS JOIN LATERAL jsonb_array_elements(CASE jsonb_typeof(g.old) WHEN 'array' THEN g.old
                                                         ELSE jsonb_build_array(g.old) END) v (old)
            CROSS JOIN LATERAL jsonb_populate_record(NULL::%2$s, v.old || jsonb_build_object('id', g.record_id)) o
            WHERE g.old IS NOT NULL
        ), filter AS (
            SELECT s.place, (l ->> 0)::int AS endpoint,
                   ARRAY(SELECT jsonb_array_elements_text(l -> 1))::bigint[] AS numbers,
                   ARRAY(SELECT jsonb_array_elements_text(l -> 2)) AS texts
            FROM unnest($10) WITH ORDINALITY s (condition, place)
            CROSS JOIN LATERAL jsonb_array_elements($11 -> s.condition) l
        )
        SELECT coalesce(array_agg(f.endpoint), '{}') FROM filter f
        WHERE EXISTS (SELECT FROM state t WHERE CASE f.place%3$s END)
        $query$, (SELECT string_agg(format(', o.%I', c), '') FROM unnest(columns) c),
        changefeed.odoo_model_table(scope.model), cases)
    INTO found
    USING scope.user_id, scope.company_id, scope.company_ids, NULL::bigint[], NULL::text[], zone, record_ids, shown,
          olds, conditions, filters;
    RETURN found || ARRAY(SELECT (l ->> 0)::int FROM jsonb_each(filters) s
                          CROSS JOIN LATERAL jsonb_array_elements(s.value) l WHERE s.key <> ALL (conditions));
EXCEPTION WHEN OTHERS THEN
    -- Each finds out by itself.
    RETURN everyone;
END $$;
COMMENT ON FUNCTION changefeed.odoo_touched(changefeed.model_scope, jsonb, text[], bigint[], boolean[], jsonb[],
                                            text) IS
    'Of filters of a model, {condition: [[number, numbers, texts]]}, the numbers of those that changed records may '
    'have entered, left or stayed in; all of those by columns of which the log keeps no values (kept: those of which '
    'it does). shown: whether the record rules show a record now; olds: the values before each change; '
    'zone: the user''s time zone.';
