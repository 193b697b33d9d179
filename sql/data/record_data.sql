-- Records as JSON, as Odoo's read() over RPC returns their stored fields to a user. One SQL statement per call, written
-- from ir_model_fields and from the columns that there are: what Odoo adds or drops later is there or gone at the next
-- call. What changefeed_definer may not read is left out.
-- Whether the user may read the model and the records is the caller's work.

-- raw: the value, over the table as t and what it delegates to as b1 ...; shown: what the JSON has, over the same
-- tables, the raw values that are no plain columns as r and the lookups as k. A lookup is jsonb by id, made once for
-- the page: names of records, or lists of ids, as the JSON text of each; or definitions of properties.
CREATE OR REPLACE FUNCTION changefeed.odoo_field_parts(
    user_id int, model text, fields text[], in_company int DEFAULT NULL, scoped text[] DEFAULT NULL)
RETURNS TABLE (name text, ttype text, by_default boolean, alias text, via text, source regclass, raw text, shown text,
               lookup text, lookup_start text, lookup_ids text, lookup_end text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
DECLARE
    owner record;
    field record;
    definition record;
    fitted record;
    cell text;
    release int;
    closed text[];
BEGIN
    SELECT * INTO owner FROM changefeed.odoo_data_user(user_id, in_company);
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF NOT changefeed.odoo_has_model(model)
       OR NOT changefeed.odoo_readable(changefeed.odoo_model_table(model), 'id') THEN
        RETURN;
    END IF;
    release := changefeed.odoo_release();
    closed := changefeed.odoo_closed_models(user_id, ARRAY(
        SELECT DISTINCT f.relation::text FROM public.ir_model_fields f
        WHERE f.ttype = 'many2one' AND f.store AND (f.model = odoo_field_parts.model OR f.model IN (
            SELECT d.parent FROM changefeed.odoo_delegations(odoo_field_parts.model) d))), true);
    FOR field IN
        WITH stored AS MATERIALIZED (
            SELECT f.*, row_number() OVER () AS number
            FROM changefeed.odoo_stored_fields(odoo_field_parts.user_id, odoo_field_parts.model,
                                               odoo_field_parts.fields) f
        ),
        named AS MATERIALIZED (
            SELECT * FROM changefeed.odoo_names(
                -- Names may be what Odoo's Python code hides: there the id is all that is told.
                ARRAY(SELECT DISTINCT s.relation FROM stored s
                      WHERE s.ttype = 'many2one' AND s.relation <> ALL (closed)), owner.lang, owner.root_company,
                odoo_field_parts.user_id)
        ),
        listed AS MATERIALIZED (
            -- A one2many field of a model that the user may not read at all is an error in Odoo; here it is left out.
            SELECT * FROM changefeed.odoo_lists(ARRAY(
                SELECT s.field_id FROM stored s
                WHERE s.ttype = 'many2many' OR s.ttype = 'one2many' AND s.relation IN (
                    SELECT unnest(r.models_readable) FROM changefeed.odoo_model_rights(
                        odoo_field_parts.user_id, ARRAY(SELECT DISTINCT r.relation FROM stored r
                                                        WHERE r.ttype = 'one2many')) r)),
                owner.lang, scoped)
        )
        SELECT s.*, n.model IS NOT NULL AS has_table, n.source AS named_source, n.joins, n.expression,
               l.query, l.ending, dense_rank() OVER (ORDER BY s.relation) AS relation_number
        FROM stored s LEFT JOIN named n ON s.ttype = 'many2one' AND n.model = s.relation
        LEFT JOIN listed l ON l.field_id = s.field_id
        ORDER BY s.number
    LOOP
        name := field.name;
        ttype := field.ttype;
        by_default := field.by_default;
        alias := field.alias;
        via := field.via;
        source := field.source;
        raw := format('%s.%I', field.alias, field.name);
        lookup := NULL;
        lookup_start := NULL;
        lookup_ids := NULL;
        lookup_end := NULL;
        IF field.company_dependent AND coalesce(field.type = 'jsonb'::regtype, true) THEN
            CONTINUE WHEN field.ttype NOT IN ('boolean', 'integer', 'float', 'monetary', 'many2one', 'date',
                                              'datetime', 'char', 'text',
                                              'selection', 'html');
            raw := changefeed.odoo_company_value(field.field_id, field.holder, field.ttype, field.relation, field.alias,
                                                 CASE WHEN field.type IS NOT NULL THEN field.name END, owner.company);
            field.type := CASE WHEN field.ttype IN ('float', 'monetary') THEN 'numeric'::regtype
                               ELSE 'text'::regtype END;
        ELSIF field.translate AND field.type = 'jsonb'::regtype THEN
            raw := changefeed.odoo_text_of(field.alias, field.name, field.type, owner.lang);
        ELSIF field.type <> ALL (CASE
            WHEN field.ttype IN ('integer', 'many2one', 'many2one_reference') THEN '{int4,int8,int2}'
            WHEN field.ttype IN ('float', 'monetary') THEN '{numeric,float8,float4}'
            WHEN field.ttype = 'boolean' THEN '{bool}'
            WHEN field.ttype = 'date' THEN '{date}'
            WHEN field.ttype = 'datetime' THEN '{timestamp}'
            WHEN field.ttype = 'binary' THEN '{bytea,text,varchar}'
            WHEN field.ttype IN ('json', 'properties', 'properties_definition') THEN '{jsonb}'
            ELSE '{varchar,text}' END::regtype[]) THEN
            SELECT * INTO fitted FROM changefeed.odoo_fitted(raw, field.ttype, field.type, owner.lang);
            raw := fitted.expression;
            field.type := fitted.fitted_type;
        END IF;
        -- What is computed is computed once.
        cell := CASE WHEN raw = format('%s.%I', field.alias, field.name) THEN raw ELSE format('r.%I', field.name) END;
        CASE
            WHEN field.name = 'id' THEN
                shown := cell;
            WHEN field.ttype IN ('integer', 'many2one_reference') THEN
                shown := format('coalesce(%s, 0)', cell);
            WHEN field.ttype = 'boolean' THEN
                shown := format('CASE WHEN %s THEN ''true'' ELSE ''false'' END', cell);
            WHEN field.ttype IN ('float', 'monetary') THEN
                -- With a decimal point, whatever it is: clients with types tell 1.0 from 1.
                -- Infinity and NaN are no JSON.
                shown := format('CASE WHEN %1$s - %1$s = 0 THEN %1$s%2$s + 0.0 ELSE 0.0 END', cell,
                    CASE WHEN field.type IN ('float8'::regtype, 'float4'::regtype) THEN '::text::numeric' ELSE '' END);
            WHEN field.ttype IN ('date', 'datetime') THEN
                shown := format('coalesce(to_json(%s), ''false''::json)',
                                changefeed.odoo_shown_moment(cell, field.ttype, field.type));
            WHEN field.ttype = 'binary' THEN
                shown := format('coalesce(to_json(%s), ''false''::json)',
                    CASE WHEN field.type = 'bytea'::regtype THEN format('encode(%s, ''escape'')', cell) ELSE cell END);
            WHEN field.ttype = 'json' THEN
                shown := format('coalesce(nullif(%s, ''null''), ''false'')', cell);
            WHEN field.ttype = 'properties_definition' THEN
                shown := format('CASE WHEN jsonb_typeof(%1$s) = ''array'' THEN %1$s ELSE ''[]'' END', cell);
            WHEN field.ttype = 'properties' THEN
                SELECT * INTO definition FROM changefeed.odoo_properties(field.holder, field.source, field.name);
                CONTINUE WHEN definition.container IS NULL AND definition.container_id IS NULL;
                lookup := 'd' || field.number;
                lookup_start := format('SELECT jsonb_object_agg(c.id, c.%1$I) FROM %2$s c '
                                       'WHERE jsonb_typeof(c.%1$I) = ''array'' '
                                       'AND c.%1$I <> ''[]'' AND c.id = ANY (', definition.definition,
                                       definition.source);
                lookup_ids := coalesce(definition.container_id::text,
                                       format('%s.%I', field.alias, definition.container));
                lookup_end := ')';
                shown := format('changefeed.odoo_property_list(k.%s -> (%s)::text, %s, %L)', lookup, lookup_ids,
                    -- Through a delegation Odoo 17 answers the defaults, whatever is stored.
                    CASE WHEN field.via IS NOT NULL AND release <= 17 THEN 'NULL::jsonb' ELSE cell END, CASE
                    WHEN release BETWEEN 16 AND 18 THEN CASE WHEN field.via IS NULL THEN 'null' ELSE 'default' END
                    ELSE 'nothing' END);
            WHEN field.ttype = 'many2one' AND NOT field.has_table THEN
                shown := format('CASE WHEN %1$s IS NULL THEN ''false''::json ELSE '
                                'json_build_array(%1$s, concat(%2$L, %1$s)) END', cell, field.relation || ',');
            WHEN field.ttype = 'many2one' THEN
                CONTINUE WHEN field.expression IS NULL;
                lookup := 'n' || field.relation_number;
                -- As jsonb writes [id, "name"].
                lookup_start := format('SELECT jsonb_object_agg(c.id, concat(''['', c.id, '', '', '
                                       'coalesce(to_json(nullif(%s, '''')), ''false''), '']'')) FROM %s c %s '
                                       'WHERE c.id = ANY (', field.expression, field.named_source, field.joins);
                lookup_ids := cell;
                lookup_end := ')';
                shown := format('coalesce(k.%s ->> %s::text, ''false'')', lookup, cell);
            WHEN field.ttype IN ('one2many', 'many2many') THEN
                CONTINUE WHEN field.query IS NULL;
                raw := NULL;
                lookup := 'l' || field.number;
                lookup_start := field.query;
                -- Null: the records themselves.
                lookup_ids := CASE WHEN field.via IS NOT NULL THEN field.alias || '.id' END;
                lookup_end := field.ending;
                shown := format('coalesce(k.%s ->> %s.id::text, ''[]'')', lookup, field.alias);
            ELSE
                shown := format('coalesce(to_json(%s), ''false''::json)', cell);
        END CASE;
        RETURN NEXT;
    END LOOP;
END $$;
COMMENT ON FUNCTION changefeed.odoo_field_parts(int, text, text[], int, text[]) IS
    'The fields that odoo_record_data() gives this user, each with the pieces of SQL that make its value.';

-- Lookups of single rows in catalogs: planned once per session, by indexes.
CREATE OR REPLACE FUNCTION changefeed.odoo_record_query(
    user_id int, model text, fields text[], in_company int DEFAULT NULL, scoped text[] DEFAULT NULL,
    ids text DEFAULT '$1') RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    RETURN (
        WITH part AS MATERIALIZED (
            SELECT p.*, row_number() OVER () AS place,
                   p.raw <> format('%s.%I', p.alias, p.name) AND position('r.' || quote_ident(p.name) IN p.shown) > 0
                       AS is_computed
            FROM changefeed.odoo_field_parts(odoo_record_query.user_id, odoo_record_query.model,
                                             odoo_record_query.fields, odoo_record_query.in_company,
                                             odoo_record_query.scoped) p
            WHERE odoo_record_query.fields IS NOT NULL OR p.by_default
        ), lookup AS (
            SELECT p.lookup, min(p.lookup_start) AS start, min(p.lookup_end) AS ending,
                   -- Each id once: a small table is read with all of them in hand.
                   string_agg(DISTINCT format('array_agg(DISTINCT %1$s) FILTER (WHERE %2$s IS NOT NULL)',
                                              p.lookup_ids || CASE WHEN l.several THEN '::bigint' ELSE '' END,
                                              p.lookup_ids), ' || ') FILTER (WHERE p.lookup_ids IS NOT NULL) AS keys
            FROM part p
            JOIN (SELECT o.lookup, count(DISTINCT o.lookup_ids) > 1 AS several FROM part o GROUP BY 1) l USING (lookup)
            GROUP BY p.lookup
        ), source AS (
            SELECT concat_ws(' ', changefeed.odoo_model_table(odoo_record_query.model) || ' t',
                       (SELECT string_agg(j.item, ' ' ORDER BY j.item) FROM (
                            SELECT DISTINCT format('LEFT JOIN %1$s %2$s ON %2$s.id = t.%3$I', p.source, p.alias, p.via)
                            FROM part p WHERE p.via IS NOT NULL) j (item))) AS tables,
                   string_agg(format('%s AS %I', p.raw, p.name), ', ' ORDER BY p.place) AS computed,
                   -- Those that are ids of lookups.
                   string_agg(format('%s AS %I', p.raw, p.name), ', ' ORDER BY p.place)
                       FILTER (WHERE position('r.' || quote_ident(p.name) IN p.lookup_ids) > 0) AS computed_ids,
                   -- A look-up for each record is made once for both readings of the page.
                   bool_or(p.raw LIKE '%(SELECT %') AS is_kept
            FROM part p WHERE p.is_computed
        )
        SELECT format('WITH %1$s k AS MATERIALIZED (SELECT y.ids AS ".ids", %2$s FROM (SELECT %3$s) y) '
                      -- Faster than row_to_json(), which looks every type up for every row; at most 100 arguments each.
                      -- No subquery at this level: with one, a session reads all these expressions through before
                      -- each run, for tables to lock.
                      'SELECT t.id::bigint, concat(%5$s, ''}'') FROM %4$s, k WHERE t.id = ANY (k.".ids")',
                      CASE WHEN s.is_kept THEN format('r AS MATERIALIZED (SELECT t.id AS ".t", %s FROM %s '
                                                      'WHERE t.id = ANY (%s)), ', s.computed, s.tables, o.ids) END,
                      (SELECT coalesce(string_agg(format(
                                  'CASE WHEN y.%1$s IS NOT NULL THEN (%2$sy.%1$s%3$s) END AS %4$I',
                                  CASE WHEN l.keys IS NULL THEN 'ids' ELSE l.lookup END, l.start, l.ending, l.lookup),
                              ', '), 'true')
                       FROM lookup l),
                      -- One row, with or without keys.
                      o.ids || ' AS ids'
                      || coalesce((SELECT format(', %s FROM %s WHERE t.id = ANY (%s)',
                                                 string_agg(format('%s AS %s', l.keys, l.lookup), ', '), j.id_tables,
                                                 o.ids)
                                   FROM lookup l WHERE l.keys IS NOT NULL HAVING count(*) > 0), ''),
                      j.tables,
                      (SELECT string_agg(format('concat(%s)', g.items), ', ' ORDER BY g.chunk) FROM (
                           SELECT p.place / 45 AS chunk,
                                  string_agg(format('%L, %s', CASE WHEN p.place = 1 THEN '{' ELSE ',' END
                                                              || to_json(p.name) || ':', p.shown), ', '
                                             ORDER BY p.place) AS items
                           FROM part p GROUP BY 1) g))
        FROM source s, (SELECT odoo_record_query.ids) o (ids),
             LATERAL (SELECT concat(s.tables, c.kept, ' CROSS JOIN LATERAL (SELECT ' || c.ids || ' OFFSET 0) r'),
                             concat(s.tables, c.kept, ' CROSS JOIN LATERAL (SELECT ' || c.parts || ' OFFSET 0) r')
                      FROM (SELECT CASE WHEN s.is_kept THEN ' JOIN r ON r.".t" = t.id' END,
                                   CASE WHEN NOT s.is_kept THEN s.computed_ids END,
                                   CASE WHEN NOT s.is_kept THEN s.computed END) c (kept, ids, parts)
                     ) j (id_tables, tables)
        WHERE EXISTS (SELECT FROM part));
END $$;
COMMENT ON FUNCTION changefeed.odoo_record_query(int, text, text[], int, text[], text) IS
    'The SQL of odoo_record_data(), with the ids as $1 (or the expression given) and the scopes as $2. Null: '
    'no such user, model or table.';

CREATE OR REPLACE FUNCTION changefeed.odoo_data_fields(user_id int, model text)
RETURNS TABLE (name text, ttype text, by_default boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off AS $$
    SELECT p.name, p.ttype, p.by_default
    FROM changefeed.odoo_field_parts(odoo_data_fields.user_id, odoo_data_fields.model, NULL) p
$$;
COMMENT ON FUNCTION changefeed.odoo_data_fields(int, text) IS
    'What odoo_record_data() can give this user of a model''s records; by_default: without being asked for by name.';

-- What stands behind a name, a list or an order may be of another type than Odoo's code supposes: whatever it is, the
-- other fields and the other records are not in its way. Slow, and only for pages that hold such a value.
CREATE OR REPLACE FUNCTION changefeed.odoo_data_apart(
    user_id int, model text, ids bigint[], fields text[], company int, scopes changefeed.model_scope[])
RETURNS TABLE (record_id bigint, data json)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET row_security = off SET datestyle = 'ISO, YMD' SET extra_float_digits = 1
SET jit = off
AS $$
DECLARE
    scoped CONSTANT text[] := ARRAY(
        SELECT CASE WHEN s.predicate IS NOT NULL THEN s.model END
        FROM unnest(scopes) WITH ORDINALITY s ORDER BY s.ordinality);
    field record;
    query text;
    present bigint[];
    texts text[] := '{}';
    shown text[];
    part text[];
    starts int[];
    ends int[];
    first int;
    last int;
BEGIN
    FOR field IN
        SELECT f.name, CASE WHEN f.ttype IN ('integer', 'many2one_reference') THEN '0'
                            WHEN f.ttype IN ('float', 'monetary') THEN '0.0'
                            WHEN f.ttype IN ('one2many', 'many2many', 'properties', 'properties_definition') THEN '[]'
                            ELSE 'false' END AS nothing
        FROM changefeed.odoo_field_parts(user_id, model, fields, company, scoped) f
        WHERE fields IS NOT NULL OR f.by_default
    LOOP
        query := changefeed.odoo_record_query(user_id, model, ARRAY[field.name], company, scoped);
        IF field.name = 'id' THEN
            EXECUTE format('SELECT array_agg(r.id ORDER BY r.id) FROM (%s) r (id, data)', query)
            INTO present USING ids, scopes;
            EXIT WHEN present IS NULL;
            texts := ARRAY(SELECT '"id":' || p FROM unnest(present) p);
            CONTINUE;
        END IF;
        shown := '{}';
        -- Halves of what fails, until it is one record.
        starts := '{1}';
        ends := ARRAY[cardinality(present)];
        WHILE starts <> '{}' LOOP
            first := starts[cardinality(starts)];
            last := ends[cardinality(ends)];
            starts := starts[:cardinality(starts) - 1];
            ends := ends[:cardinality(ends) - 1];
            BEGIN
                EXECUTE format('SELECT array_agg((r.data::json -> %L)::text ORDER BY r.id) FROM (%s) r (id, data)',
                               field.name, query)
                INTO part USING present[first:last], scopes;
                shown := shown || part;
            EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
                IF first = last THEN
                    shown := shown || field.nothing;
                ELSE
                    starts := starts || ARRAY[(first + last) / 2 + 1, first];
                    ends := ends || ARRAY[last, (first + last) / 2];
                END IF;
            WHEN datatype_mismatch OR undefined_function OR cannot_coerce THEN
                shown := shown || array_fill(field.nothing, ARRAY[last - first + 1]);
            END;
        END LOOP;
        texts := ARRAY(SELECT concat(t.text, ',', to_json(field.name), ':', t.value)
                       FROM unnest(texts, shown) WITH ORDINALITY t (text, value, place) ORDER BY t.place);
    END LOOP;
    RETURN QUERY SELECT p.id, ('{' || p.text || '}')::json FROM unnest(present, texts) p (id, text);
END $$;
COMMENT ON FUNCTION changefeed.odoo_data_apart(int, text, bigint[], text[], int, changefeed.model_scope[]) IS
    'odoo_record_data(), each field by itself, and where one fails, each record: what fails counts as none.';

CREATE OR REPLACE FUNCTION changefeed.odoo_record_data(
    user_id int, model text, ids bigint[], fields text[] DEFAULT NULL, company int DEFAULT NULL,
    scopes changefeed.model_scope[] DEFAULT NULL)
RETURNS TABLE (record_id bigint, data json)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET row_security = off SET datestyle = 'ISO, YMD' SET extra_float_digits = 1
SET jit = off
AS $$
DECLARE
    query text := changefeed.odoo_record_query(user_id, model, fields, company, ARRAY(
        SELECT CASE WHEN s.predicate IS NOT NULL THEN s.model END
        FROM unnest(scopes) WITH ORDINALITY s ORDER BY s.ordinality));
    found record;
BEGIN
    IF query IS NULL THEN
        RETURN;
    END IF;
    -- Whole or not at all: rows that were returned before an error would stay.
    EXECUTE format('SELECT array_agg(r.id) AS ids, array_agg(r.data::json) AS data FROM (%s) r (id, data)', query)
    INTO found USING ids, scopes;
    RETURN QUERY SELECT * FROM unnest(found.ids, found.data);
EXCEPTION WHEN data_exception OR program_limit_exceeded OR datatype_mismatch OR undefined_function OR cannot_coerce THEN
    RETURN QUERY SELECT a.* FROM changefeed.odoo_data_apart(
        odoo_record_data.user_id, odoo_record_data.model, odoo_record_data.ids, odoo_record_data.fields,
        odoo_record_data.company, odoo_record_data.scopes) a;
END $$;
COMMENT ON FUNCTION changefeed.odoo_record_data(int, text, bigint[], text[], int, changefeed.model_scope[]) IS
    'Records as Odoo''s read() returns their stored fields to this user, one row for each id that exists. It does not '
    'ask whether the user may read the model or the records: the caller does that first. fields: only these (and id); '
    'null: all but html and binary. company: for names and values that depend on it; null: the user''s own. scopes: of '
    'their models, lists of ids hold what the record rules show; of other models, all.';
