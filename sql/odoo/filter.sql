-- Row filters at run time. A filter comes from a device and is compiled by the service; it must reveal nothing that the
-- user's data do not show. So it is in a closed language, which odoo_filter_problem() checks token by token, and uses
-- only fields that the user may see; it is evaluated only for records that the record rules show; and as
-- changefeed_definer, which builds the data of these records. The rules run as changefeed_reader, as without a filter.
--
-- A filter in model_scope.filter is {condition, numbers, texts, zone, columns, is_kept}. The condition is about a row t
-- of the model's table; $1 is the user, $2 the company, $3 the companies,
-- $4 and $5 the numbers and texts, $6 the user's time zone.

CREATE OR REPLACE FUNCTION changefeed.odoo_filter_fields(user_id int, model text) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    RETURN (
        SELECT coalesce(jsonb_object_agg(p.name, jsonb_build_array(p.ttype, format_type(a.atttypid, NULL))), '{}')
        FROM changefeed.odoo_field_parts(user_id, model, NULL) p
        JOIN pg_attribute a ON a.attrelid = changefeed.odoo_model_table(model) AND a.attname = p.name::name
          AND NOT a.attisdropped
        -- A plain column of its own, with the values that are shown.
        WHERE p.alias = 't' AND p.raw = format('t.%I', p.name) AND p.name ~ '^[a-z_][a-z0-9_]{0,62}$'
          AND p.ttype = ANY (
              '{boolean,integer,float,monetary,char,text,selection,date,datetime,many2one,many2one_reference}')
          AND a.atttypid = ANY ('{int2,int4,int8,bool,varchar,text,date,timestamp,numeric,float4,float8}'::regtype[]));
END $$;
COMMENT ON FUNCTION changefeed.odoo_filter_fields(int, text) IS
    'The fields of a model by which this user may filter its records, as {name: [type, type of the column]}: those '
    'that odoo_record_data() shows, from a plain column of the model''s own table.';

CREATE OR REPLACE FUNCTION changefeed.odoo_filter_columns(condition text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN ARRAY(SELECT DISTINCT m.part[2]
                 FROM regexp_matches(condition, E'\\mt[.]("?)([a-z_][a-z0-9_]*)', 'g') m (part) ORDER BY 1);
END $$;
COMMENT ON FUNCTION changefeed.odoo_filter_columns(text) IS 'The columns that the condition of a filter names.';

CREATE OR REPLACE FUNCTION changefeed.odoo_filter_is_plain(condition text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    -- The compiler's output for comparisons with values:
    -- no other name than a column of t, only these functions, no query.
    tokens CONSTANT text := E'^(?:
        [ ] | [(] | [)] | ,[ ] | \\]
        | \\mt[.][a-z_][a-z0-9_]*\\M | \\mt[.]"[a-z_][a-z0-9_]*"
        | [$][1236]\\M | [(][$][45][)]\\[[0-9]{1,5}(?::[0-9]{1,5})?\\] | \\mARRAY\\[
        | ::(?:numeric|date|timestamp|text)\\M
        | \\m(?:AND|OR|NOT|IS|NULL|TRUE|FALSE|true|false|LIKE|ILIKE|ANY|ALL|CASE|WHEN|THEN|ELSE|END)\\M
        | \\mDISTINCT[ ]FROM\\M
        | [ ](?:<>|<=|>=|=|<|>|[|][|]|[+]|-)[ ]
        | \\m(?:coalesce|length|to_char|date_trunc|make_interval)[(]
        | \\m(?:years|months|weeks|days|hours|mins|secs)[ ]=>[ ]-?[0-9]{1,7}\\M
        | \\mnow[(][)] | [ ]AT[ ]TIME[ ]ZONE[ ](?:''UTC''|[$]6\\M)
        | \\minterval[ ]''[-+]?[0-9]{1,6}[ ](?:day|week|month|year|hour|minute|second|microsecond)''
        | '''' | ''(?:day|second)'' | ''[ ](?:00:00:00|23:59:59)'' | ''[-YMDHIS0-9: ]{4,24}''
        | \\m[0-9]{1,9}\\M
    )*\\Z';
    brackets text;
    rest text;
BEGIN
    IF (length(condition) BETWEEN 1 AND 100000 AND condition ~ ('(?x)' || tokens)
        -- A row's values are compared and never parsed: no single record can cause a failure.
        AND condition !~ E'\\mt[.]("?)[a-z_][a-z0-9_]*\\1::(?!text\\M)') IS NOT TRUE THEN
        RETURN false;
    END IF;
    -- One condition, and not the end of one and the beginning of another.
    brackets := regexp_replace(condition, '[^()]', '', 'g');
    LOOP
        rest := replace(brackets, '()', '');
        EXIT WHEN rest = brackets;
        brackets := rest;
    END LOOP;
    RETURN brackets = '';
END $$;
COMMENT ON FUNCTION changefeed.odoo_filter_is_plain(text) IS
    'True for a text that consists only of the tokens of comparisons between columns of t, parameters and times: '
    'it cannot read anything else.';

CREATE OR REPLACE FUNCTION changefeed.odoo_filter_array(filter jsonb, member text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN ARRAY(SELECT e.value
                 FROM jsonb_array_elements_text(filter -> member) WITH ORDINALITY e (value, place) ORDER BY e.place);
END $$;
COMMENT ON FUNCTION changefeed.odoo_filter_array(jsonb, text) IS 'A list of a filter, such as its texts, in order.';

CREATE OR REPLACE FUNCTION changefeed.odoo_filter_failed(model text, state text, reason text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- A lack of resources, or a cancellation, says nothing about the filter. The reason may contain the client's input.
    IF state ~ '^(53|55|57|58|40)' THEN
        RAISE EXCEPTION USING MESSAGE = reason, ERRCODE = state;
    END IF;
    RAISE EXCEPTION USING MESSAGE = format('a filter of %s failed (%s)', model, state), ERRCODE = 'CFR03';
END $$;
COMMENT ON FUNCTION changefeed.odoo_filter_failed(text, text, text) IS
    'Raises CFR03 for a filter that failed at run time, so that the fault can be attributed.';

CREATE OR REPLACE FUNCTION changefeed.odoo_filter_runs(scope changefeed.model_scope) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
DECLARE
    tried bigint;
BEGIN
    -- On an empty row, to detect values of the wrong type.
    EXECUTE format('SELECT count(*) FROM jsonb_populate_record(NULL::%1$s, ''{}'') t WHERE (%2$s)',
                   changefeed.odoo_model_table(scope.model), scope.filter ->> 'condition')
    INTO tried
    USING scope.user_id, scope.company_id, scope.company_ids,
          changefeed.odoo_filter_array(scope.filter, 'numbers')::bigint[],
          changefeed.odoo_filter_array(scope.filter, 'texts'), scope.filter ->> 'zone';
    RETURN true;
EXCEPTION WHEN data_exception OR syntax_error_or_access_rule_violation OR invalid_text_representation THEN
    RETURN false;
END $$;
COMMENT ON FUNCTION changefeed.odoo_filter_runs(changefeed.model_scope) IS
    'True when a scope''s filter, whose text odoo_filter_is_plain(), is a condition on the records of its model.';

-- Only the table's columns that the filter names.
CREATE OR REPLACE FUNCTION changefeed.odoo_filter_source(scope changefeed.model_scope) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN format('SELECT o.id%s FROM %s o',
        (SELECT string_agg(format(', o.%I', c), '')
         FROM unnest(array_remove(changefeed.odoo_filter_array(scope.filter, 'columns'), 'id')) c),
        changefeed.odoo_model_table(scope.model));
END $$;
COMMENT ON FUNCTION changefeed.odoo_filter_source(changefeed.model_scope) IS
    'The rows on which a scope''s filter is evaluated, as a query to which a WHERE about o can be added.';

CREATE OR REPLACE FUNCTION changefeed.odoo_filtered(scope changefeed.model_scope, ids bigint[]) RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off
SET jit = off AS $$
DECLARE
    found bigint[];
BEGIN
    IF scope.filter IS NULL OR coalesce(cardinality(ids), 0) = 0 THEN
        RETURN ids;
    END IF;
    EXECUTE format('SELECT coalesce(array_agg(t.id::bigint), ''{}'') FROM (%s WHERE o.id = ANY ($7)) t WHERE (%s)',
                   changefeed.odoo_filter_source(scope), scope.filter ->> 'condition')
    INTO found
    USING scope.user_id, scope.company_id, scope.company_ids,
          changefeed.odoo_filter_array(scope.filter, 'numbers')::bigint[],
          changefeed.odoo_filter_array(scope.filter, 'texts'), scope.filter ->> 'zone', ids;
    RETURN found;
EXCEPTION WHEN OTHERS THEN
    PERFORM changefeed.odoo_filter_failed(scope.model, SQLSTATE, SQLERRM);
END $$;
COMMENT ON FUNCTION changefeed.odoo_filtered(changefeed.model_scope, bigint[]) IS
    'Those of the ids that are records for which the scope''s filter holds now, in no order; all of them if there is '
    'no filter. To be called for records that the record rules show.';

CREATE OR REPLACE FUNCTION changefeed.odoo_shown_now(scope changefeed.model_scope, ids bigint[]) RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    RETURN changefeed.odoo_filtered(scope, changefeed.rules_visible(scope, ids));
END $$;
COMMENT ON FUNCTION changefeed.odoo_shown_now(changefeed.model_scope, bigint[]) IS
    'Like rules_visible(), for the scope''s filter.';

CREATE OR REPLACE FUNCTION changefeed.odoo_shown_ids(
    scope changefeed.model_scope, after_id bigint, last_id bigint, max_rows bigint) RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off
SET jit = off AS $$
DECLARE
    found bigint[] := '{}';
    at bigint := after_id;
    step int := 256;
    page bigint[];
BEGIN
    IF scope.filter IS NULL THEN
        RETURN changefeed.rules_record_ids(scope, after_id, last_id, max_rows::int);
    END IF;
    IF scope.predicate IS NULL THEN
        -- If the user sees all records, the planner may search those of the filter.
        EXECUTE format('SELECT ARRAY(SELECT t.id::bigint FROM (%s WHERE o.id > $7 AND o.id <= $8) t WHERE (%s) '
                       'ORDER BY t.id LIMIT $9)', changefeed.odoo_filter_source(scope), scope.filter ->> 'condition')
        INTO found
        USING scope.user_id, scope.company_id, scope.company_ids,
              changefeed.odoo_filter_array(scope.filter, 'numbers')::bigint[],
              changefeed.odoo_filter_array(scope.filter, 'texts'), scope.filter ->> 'zone', after_id, last_id, max_rows;
        RETURN found;
    END IF;
    -- First the rules, then the filter: its time reveals nothing about records that are not visible to the user.
    LOOP
        page := changefeed.rules_record_ids(scope, at, last_id, step);
        found := found || ARRAY(SELECT unnest(changefeed.odoo_filtered(scope, page)) ORDER BY 1);
        EXIT WHEN cardinality(page) < step OR cardinality(found) >= max_rows;
        at := page[step];
        step := least(4 * step, 65536);
    END LOOP;
    RETURN found[:max_rows::int];
EXCEPTION WHEN sqlstate 'CFR01' OR sqlstate 'CFR02' OR sqlstate 'CFR03' THEN
    RAISE;
WHEN OTHERS THEN
    PERFORM changefeed.odoo_filter_failed(scope.model, SQLSTATE, SQLERRM);
END $$;
COMMENT ON FUNCTION changefeed.odoo_shown_ids(changefeed.model_scope, bigint, bigint, bigint) IS
    'Like rules_record_ids(), for the scope''s filter.';

CREATE OR REPLACE FUNCTION changefeed.odoo_filtered_before(
    scope changefeed.model_scope, record_ids bigint[], olds jsonb[], OUT places int[], OUT kept jsonb[])
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET row_security = off SET jit = off SET quote_all_identifiers = off AS $$
DECLARE
    all_places CONSTANT int[] := ARRAY(SELECT generate_subscripts(record_ids, 1));
BEGIN
    IF scope.filter IS NULL OR NOT (scope.filter ->> 'is_kept')::boolean
       OR coalesce(cardinality(record_ids), 0) = 0 THEN
        places := all_places;
        kept := olds;
        RETURN;
    END IF;
    EXECUTE format(
        $query$
        WITH entry AS MATERIALIZED (
            SELECT e.place::int AS place, e.record_id, e.old
            FROM unnest($7, $8) WITH ORDINALITY e (record_id, old, place)
        ), judged AS (
            SELECT e.place, jsonb_agg(v.old) AS old
            FROM entry e
            CROSS JOIN LATERAL jsonb_array_elements(CASE jsonb_typeof(e.old) WHEN 'array' THEN e.old
                                                         ELSE jsonb_build_array(e.old) END) v (old)
            CROSS JOIN LATERAL jsonb_populate_record(NULL::%1$s, v.old || jsonb_build_object('id', e.record_id)) t
            WHERE e.old IS NOT NULL AND (NOT v.old ?& $9 OR (%2$s))
            GROUP BY e.place
            UNION ALL
            SELECT e.place, NULL FROM entry e LEFT JOIN (%3$s) t ON t.id = e.record_id
            WHERE e.old IS NULL AND (t.id IS NULL OR (%2$s))
        )
        SELECT coalesce(array_agg(j.place ORDER BY j.place), '{}'),
               coalesce(array_agg(j.old ORDER BY j.place), '{}') FROM judged j
        $query$, changefeed.odoo_model_table(scope.model), scope.filter ->> 'condition',
        changefeed.odoo_filter_source(scope))
    INTO places, kept
    USING scope.user_id, scope.company_id, scope.company_ids,
          changefeed.odoo_filter_array(scope.filter, 'numbers')::bigint[],
          changefeed.odoo_filter_array(scope.filter, 'texts'), scope.filter ->> 'zone', record_ids, olds,
          array_remove(changefeed.odoo_filter_array(scope.filter, 'columns'), 'id');
EXCEPTION WHEN data_exception THEN
    -- A kept value that no longer fits its column's type.
    places := all_places;
    kept := olds;
WHEN OTHERS THEN
    PERFORM changefeed.odoo_filter_failed(scope.model, SQLSTATE, SQLERRM);
END $$;
COMMENT ON FUNCTION changefeed.odoo_filtered_before(changefeed.model_scope, bigint[], jsonb[]) IS
    'Of changed records, each with the values that the log kept of its row before each change (an array; null: none of '
    'the filter''s columns changed), those that may have been in the scope''s filter: their positions, and the values '
    'with which they matched. Unknown values count as matching.';
