-- What the fields of a model are made of beside their columns: delegation, lists of ids, properties.

-- The one place that knows what a model delegates to (_inherits), for its data and for the rules that it is under. From
-- Odoo 17 on that stands in ir_model_inherit. Before, a required many2one is one whose model has no field that this
-- model lacks, some of them as related ones; or it is known.
CREATE OR REPLACE FUNCTION changefeed.odoo_delegated(models text[])
RETURNS TABLE (model text, parent text, field text, column_name text, is_stored boolean)
LANGUAGE plpgsql STABLE ROWS 5 SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    IF changefeed.odoo_table('ir_model_inherit') IS NOT NULL
       AND changefeed.odoo_readable(changefeed.odoo_table('ir_model_inherit'), 'model_id') THEN
        RETURN QUERY
        SELECT m.model::text, p.model::text, f.name::text, CASE WHEN f.store THEN f.name::text ELSE k.column_name END,
               coalesce(f.store, false)
        FROM public.ir_model m
        JOIN public.ir_model_inherit i ON i.model_id = m.id
        JOIN public.ir_model p ON p.id = i.parent_id
        JOIN public.ir_model_fields f ON f.id = i.parent_field_id
        LEFT JOIN changefeed.odoo_known_delegations() k ON k.model = m.model AND k.field = f.name
        WHERE m.model = ANY (models) AND (f.store OR k.column_name IS NOT NULL);
        RETURN;
    END IF;
    RETURN QUERY
    WITH link AS MATERIALIZED (
        SELECT DISTINCT g.model, split_part(g.related, '.', 1) AS name FROM public.ir_model_fields g
        WHERE g.model = ANY (models) AND NOT g.store AND split_part(g.related, '.', 2) = g.name
    )
    SELECT f.model::text, f.relation::text, f.name::text, f.name::text, true
    FROM link l JOIN public.ir_model_fields f ON f.model = l.model AND f.name = l.name
    WHERE f.ttype = 'many2one' AND f.required AND f.store AND f.relation <> f.model
      AND EXISTS (SELECT FROM public.ir_model_fields p WHERE p.model = f.relation)
      AND NOT EXISTS (
          SELECT FROM public.ir_model_fields p
          LEFT JOIN public.ir_model_fields o ON o.model = f.model AND o.name = p.name
          WHERE p.model = f.relation AND o.id IS NULL)
    UNION
    SELECT k.model, k.parent, k.field, k.column_name, k.field = k.column_name
    FROM changefeed.odoo_known_delegations() k WHERE k.model = ANY (models);
END $$;
COMMENT ON FUNCTION changefeed.odoo_delegated(text[]) IS
    'The fields by which models delegate to others (_inherits), and the columns that hold them. is_stored: the field '
    'itself has the column, so that the parent''s record rules count.';

CREATE OR REPLACE FUNCTION changefeed.odoo_delegations(model text)
RETURNS TABLE (alias text, parent text, source regclass, field text, column_name text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    RETURN QUERY
    SELECT 'b' || row_number() OVER (ORDER BY d.field), d.parent, t.source, d.field, d.column_name
    FROM changefeed.odoo_delegated(ARRAY[odoo_delegations.model]) d
    CROSS JOIN LATERAL (SELECT changefeed.odoo_model_table(d.parent) AS source) t
    WHERE t.source IS NOT NULL;
END $$;
COMMENT ON FUNCTION changefeed.odoo_delegations(text) IS
    'The models whose fields this one carries as its own (_inherits), their tables and the columns that lead there.';

CREATE OR REPLACE FUNCTION changefeed.odoo_id_lists(pairs bigint[]) RETURNS jsonb
LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
        SELECT jsonb_object_agg(l.owner, l.ids)
        FROM (SELECT pairs[p.place][1] AS owner,
                     concat('[', string_agg(pairs[p.place][2]::text, ', ' ORDER BY p.place), ']') AS ids
              FROM generate_subscripts(pairs, 1) p (place) GROUP BY 1) l);
END $$;
COMMENT ON FUNCTION changefeed.odoo_id_lists(bigint[]) IS
    'Of pairs of an owner and an id, in order, the JSON text of each owner''s list of ids.';

CREATE OR REPLACE FUNCTION changefeed.odoo_shown_lists(scope changefeed.model_scope, pairs bigint[]) RETURNS jsonb
LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ids CONSTANT bigint[] := ARRAY(SELECT pairs[p.place][2] FROM generate_subscripts(pairs, 1) p (place));
    shown CONSTANT bigint[] := changefeed.rules_visible(scope, ids);
BEGIN
    -- As many as were asked for, each once: all of them.
    IF cardinality(shown) < cardinality(ids) THEN
        pairs := (SELECT array_agg(ARRAY[pairs[p.place][1], pairs[p.place][2]] ORDER BY p.place)
                  FROM generate_subscripts(pairs, 1) p (place)
                  WHERE pairs[p.place][2] IN (SELECT unnest(shown)));
    END IF;
    RETURN changefeed.odoo_id_lists(pairs);
END $$;
COMMENT ON FUNCTION changefeed.odoo_shown_lists(changefeed.model_scope, bigint[]) IS
    'odoo_id_lists() of those ids that the scope shows. They are asked about once, for all owners.';

-- The ids of the owners stand between query and ending. $2 are the scopes of which scoped has the models.
CREATE OR REPLACE FUNCTION changefeed.odoo_lists(field_ids int[], lang text, scoped text[] DEFAULT NULL)
RETURNS TABLE (field_id int, query text, ending text, needs text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
DECLARE
    field record;
    filled record;
    clause text;
    scope int;
    own text[];
    others CONSTANT text[] := ARRAY(SELECT DISTINCT f.relation::text FROM public.ir_model_fields f
                                    WHERE f.id = ANY (field_ids) AND f.relation IS NOT NULL);
BEGIN
    -- Models of which only what hangs on the record itself is listed.
    own := changefeed.odoo_own_lists(others);
    FOR field IN
        WITH wanted AS MATERIALIZED (
            SELECT f.id, f.model::text, f.name::text, f.ttype = 'many2many' AS many, f.relation::text,
                   f.column1, f.column2, f.relation_field, c.source::oid AS target, l.oid AS link,
                   -- Odoo's _active_name: custom models have the other name.
                   (SELECT min(n.name) FROM public.ir_model_fields n
                    WHERE n.model = f.relation AND n.name IN ('active', 'x_active')) AS active_name,
                   coalesce(b.source, c.source::oid) AS holding, b.column_name AS through
            FROM unnest(field_ids) w (id)
            JOIN public.ir_model_fields f ON f.id = w.id
            JOIN changefeed.odoo_model_tables(others) c ON c.model = f.relation
            LEFT JOIN pg_class l ON l.relnamespace = to_regnamespace('public')
                                AND l.relname = f.relation_table::name AND l.relkind = 'r'
            -- The field that leads back may be one that the records carry by delegation.
            LEFT JOIN LATERAL (
                SELECT d.source::oid AS source, d.column_name
                FROM (SELECT f.relation::text AS model WHERE f.ttype = 'one2many' AND NOT EXISTS (
                          SELECT FROM pg_attribute n
                          WHERE n.attrelid = c.source AND n.attname = f.relation_field::name AND NOT n.attisdropped)
                      OFFSET 0) s
                CROSS JOIN LATERAL changefeed.odoo_delegations(s.model) d
                WHERE EXISTS (SELECT FROM pg_attribute n
                              WHERE n.attrelid = d.source AND n.attname = f.relation_field::name AND NOT n.attisdropped)
                ORDER BY d.field LIMIT 1) b ON true
        ), sorting AS MATERIALIZED (
            SELECT * FROM changefeed.odoo_orders(ARRAY(SELECT DISTINCT w.relation FROM wanted w), odoo_lists.lang)
        )
        SELECT w.*, r.archived_too, r.tables, r.condition, i.ttype <> 'many2one' AS by_reference,
               m.attname AS model_column, a.attname AS active_column, v.needs, v.missing, v.usable, s.expressions,
               s.needs AS sorting_needs,
               (SELECT p.relname FROM pg_class p WHERE p.oid = w.target) AS table_name
        FROM wanted w
        LEFT JOIN LATERAL (
            SELECT bool_or(c.archived_too) AS archived_too, bool_or(c.left_out) AS left_out,
                   string_agg(array_to_string(c.tables, ','), ',') FILTER (WHERE c.tables <> '{}') AS tables,
                   string_agg('(' || c.condition || ')', ' AND ') AS condition
            FROM changefeed.odoo_field_conditions() c
            WHERE coalesce(c.model, w.model) = w.model AND coalesce(c.field, w.name) = w.name
              AND coalesce(c.comodel, w.relation) = w.relation
        ) r ON true
        LEFT JOIN public.ir_model_fields i ON NOT w.many AND i.model = w.relation AND i.name = w.relation_field
        LEFT JOIN LATERAL (
            SELECT n.attname FROM pg_attribute n
            WHERE i.ttype <> 'many2one' AND n.attrelid = w.holding AND n.attname IN ('res_model', 'model')
              AND NOT n.attisdropped
              AND n.atttypid IN ('varchar'::regtype, 'text'::regtype)
            ORDER BY n.attname DESC LIMIT 1) m ON true
        LEFT JOIN pg_attribute a ON a.attrelid = w.target AND a.attname = w.active_name
                                AND a.atttypid = 'boolean'::regtype
                                AND NOT a.attisdropped AND r.archived_too IS NOT TRUE
        CROSS JOIN LATERAL (
            -- A key of another type leads nowhere that could be told.
            SELECT array_agg(format('%s:%s', x.source, n.attnum)) AS needs,
                   bool_or(n.attnum IS NULL
                           OR x.is_key AND n.atttypid <> ALL ('{int2,int4,int8}'::regtype[])) AS missing,
                   bool_and(coalesce(has_column_privilege(x.source, n.attnum, 'SELECT'), false)) AS usable
            FROM (VALUES (w.target, 'id', true, true), (w.target, a.attname::text, a.attnum IS NOT NULL, false),
                         (w.holding, w.relation_field, NOT w.many, true),
                         (w.holding, m.attname::text, i.ttype <> 'many2one', false),
                         (w.target, w.through, w.through IS NOT NULL, true),
                         (w.holding, 'id', w.through IS NOT NULL, true),
                         (w.link, w.column1, w.many, true),
                         (w.link, w.column2, w.many, true)) x (source, name, wanted, is_key)
            LEFT JOIN pg_attribute n ON n.attrelid = x.source AND n.attname = x.name::name AND NOT n.attisdropped
            WHERE x.wanted) v
        LEFT JOIN LATERAL (
            SELECT string_agg(o.expression || CASE WHEN o.descending THEN ' DESC' ELSE '' END, ', ' ORDER BY o.place)
                       AS expressions,
                   string_agg(array_to_string(o.needs, ' '), ' ') AS needs
            FROM sorting o WHERE o.model = w.relation AND (w.many OR o.field IS DISTINCT FROM w.relation_field)) s
          ON true
        WHERE r.left_out IS NOT TRUE AND NOT v.missing
    LOOP
        -- Not where columns are looked for that somebody may decide to give later.
        CONTINUE WHEN scoped IS NOT NULL AND field.relation = ANY (own)
            AND (field.many OR field.by_reference IS NOT TRUE);
        field_id := field.id;
        needs := field.needs || coalesce(string_to_array(field.sorting_needs, ' '), '{}');
        clause := CASE WHEN field.active_column IS NOT NULL THEN format(' AND c.%I', field.active_column) ELSE '' END
                  || CASE WHEN field.model_column IS NULL THEN ''
                          ELSE format(' AND %s.%I = %L', CASE WHEN field.through IS NULL THEN 'c' ELSE 'b' END,
                                      field.model_column, field.model) END;
        IF field.condition IS NOT NULL THEN
            SELECT * INTO filled FROM changefeed.odoo_fill(field.condition,
                coalesce(string_to_array(field.tables, ','), '{}') || format('c=%s', field.table_name), lang, 0);
            CONTINUE WHEN filled.needs IS NULL;
            needs := needs || filled.needs;
            clause := clause || ' AND ' || filled.filled;
        END IF;
        scope := array_position(scoped, field.relation);
        -- One pass over the related records; what is made of them is made only where there are some (STRICT).
        query := CASE WHEN NOT field.usable OR clause IS NULL THEN NULL ELSE format(
            'SELECT changefeed.%1$sarray_agg(ARRAY[%2$s.%3$I, c.id]::bigint[] ORDER BY %4$s)) ', CASE
            WHEN scope IS NULL THEN 'odoo_id_lists(' ELSE format('odoo_shown_lists($2[%s], ', scope) END,
            CASE WHEN field.many THEN 'r' WHEN field.through IS NOT NULL THEN 'b' ELSE 'c' END,
            CASE WHEN field.many THEN field.column1 ELSE field.relation_field END,
            concat_ws(', ', field.expressions, 'c.id'))
            || format(CASE WHEN field.many THEN 'FROM %1$s r JOIN %2$s c ON c.id = r.%3$I'
                           WHEN field.through IS NOT NULL THEN 'FROM %4$s b JOIN %2$s c ON c.%5$I = b.id'
                           ELSE 'FROM %2$s c' END,
                      field.link::regclass, field.target::regclass, field.column2, field.holding::regclass,
                      coalesce(field.through, ''))
            || format(' WHERE %s.%I = ANY (',
                      CASE WHEN field.many THEN 'r' WHEN field.through IS NOT NULL THEN 'b' ELSE 'c' END,
                      CASE WHEN field.many THEN field.column1 ELSE field.relation_field END) END;
        ending := ')' || clause;
        RETURN NEXT;
    END LOOP;
END $$;
COMMENT ON FUNCTION changefeed.odoo_lists(int[], text, text[]) IS
    'SQL for the ids of one2many and many2many fields, in Odoo''s order, without archived records and, of models in '
    'scoped, without those that record rules hide. query: null where a column may not be read. '
    'No row where it cannot be told.';

-- From Odoo 18 on a jsonb of company and value, with ir_default behind it. Before, rows of ir_property, of which the
-- record's own go before the model's, and those of the company before those of every company (ir.property._get_multi).
CREATE OR REPLACE FUNCTION changefeed.odoo_company_value(
    field_id int, model text, ttype text, relation text, alias text, column_name text, company int) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
DECLARE
    fallback jsonb;
    own text;
BEGIN
    IF column_name IS NULL THEN
        -- Written as the index of ir_property is.
        RETURN format('(SELECT %s FROM public.ir_property i WHERE i.fields_id = %s '
                      'AND coalesce(i.company_id, 0) = ANY (''{0,%s}'') '
                      'AND coalesce(i.res_id, '''') = ANY (ARRAY[%L || %s.id::text, '''']) '
                      'ORDER BY coalesce(i.res_id, '''') = '''', i.company_id IS NULL LIMIT 1)', CASE
            WHEN ttype IN ('float', 'monetary') THEN
                'CASE WHEN i.value_float - i.value_float = 0 THEN i.value_float::text::numeric END'
            WHEN ttype = 'integer' THEN 'i.value_integer'
            WHEN ttype = 'boolean' THEN 'i.value_integer <> 0'
            WHEN ttype = 'many2one' THEN format('substring(i.value_reference FROM %L)::int',
                                                format('^%s,([0-9]{1,9})$', replace(relation, '.', '[.]')))
            WHEN ttype IN ('date', 'datetime') THEN 'changefeed.odoo_far_moment(i.value_datetime::text)'
            -- An empty text is none to Odoo.
            ELSE 'nullif(i.value_text, '''')' END, field_id, company, model || ',', alias);
    END IF;
    -- The defaults of everybody, as the superuser has them (get_company_dependent_fallback).
    SELECT changefeed.odoo_default_value(changefeed.odoo_json(d.json_value), ttype) INTO fallback
    FROM public.ir_default d
    WHERE d.field_id = odoo_company_value.field_id AND (d.user_id IS NULL OR d.user_id = 1) AND d.condition IS NULL
      AND (d.company_id = company OR d.company_id IS NULL)
    ORDER BY d.user_id, d.company_id, d.id LIMIT 1;
    own := format('(%I.%I -> %L)', alias, column_name, company::text);
    -- What most records have is worked out when the statement is planned.
    RETURN format('CASE WHEN %s IS NULL THEN %s ELSE %s END', own, CASE
        WHEN fallback IS NULL THEN 'NULL'
        ELSE changefeed.odoo_json_cell(format('%L::jsonb', fallback), ttype) END,
        changefeed.odoo_json_cell(own, ttype));
END $$;
COMMENT ON FUNCTION changefeed.odoo_company_value(int, text, text, text, text, text, int) IS
    'SQL for the value of a field in a company: of its column, or where it has none of ir_property. It cannot raise.';

-- By the names that Odoo's modules use: lead_properties of a lead, lead_properties_definition of its team.
CREATE OR REPLACE FUNCTION changefeed.odoo_properties(
    model text, holder regclass, field text, OUT container text, OUT container_id int, OUT definition text,
    OUT source regclass)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    SELECT f.name, d.name, changefeed.odoo_model_table(d.model::text) INTO container, definition, source
    FROM public.ir_model_fields f
    JOIN public.ir_model_fields d ON d.model = f.relation AND d.ttype = 'properties_definition' AND d.store
    WHERE f.model = odoo_properties.model AND f.ttype = 'many2one' AND f.store AND d.name = field || '_definition'
    ORDER BY f.id LIMIT 1;
    IF NOT FOUND AND changefeed.odoo_readable(changefeed.odoo_table('properties_base_definition'),
                                              'properties_field_id') THEN
        -- From Odoo 19 on a field may have one definition for all records.
        source := changefeed.odoo_table('properties_base_definition');
        definition := 'properties_definition';
        SELECT d.id INTO container_id FROM public.properties_base_definition d
        JOIN public.ir_model_fields f ON f.id = d.properties_field_id
        WHERE f.model = odoo_properties.model AND f.name = odoo_properties.field LIMIT 1;
        IF NOT (changefeed.odoo_readable(source, definition) AND changefeed.odoo_readable(source, 'id')) THEN
            container_id := NULL;
        END IF;
        RETURN;
    END IF;
    IF NOT (changefeed.odoo_readable(holder, container) AND changefeed.odoo_readable(source, definition)
            AND changefeed.odoo_readable(source, 'id')) THEN
        container := NULL;
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.odoo_properties(text, regclass, text) IS
    'Where the definition of a properties field stands: the many2one that leads there (or container_id, for all '
    'records), the field and the table. container and container_id: null where it cannot be told or may not be read.';

-- absent: what a property without a stored value has. Until Odoo 18 null,
-- and through a delegation its default; from 19 on nothing.
CREATE OR REPLACE FUNCTION changefeed.odoo_property_list(definitions jsonb, stored jsonb, absent text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF definitions IS NULL THEN
        RETURN '[]';
    END IF;
    -- Of related records Odoo gives the name to those who may read them; here it is null, which is what the others get.
    RETURN (
        SELECT coalesce(jsonb_agg(d.item - 'value' || CASE
                   WHEN v.value IS NULL AND absent = 'nothing' THEN '{}'
                   ELSE jsonb_build_object('value', CASE
                       WHEN (v.value IS NULL OR v.value IN ('null', 'false')) AND absent = 'default' THEN
                           CASE WHEN d.item -> 'default' IN ('null', '""', '[]', '0') THEN 'false'
                                ELSE coalesce(d.item -> 'default', 'false') END
                       WHEN d.item ->> 'type' = 'boolean' THEN to_jsonb(v.value NOT IN ('null', 'false', '0') IS TRUE)
                       WHEN d.item ->> 'type' = 'char' AND jsonb_typeof(v.value) IS DISTINCT FROM 'string' THEN 'false'
                       WHEN v.value IS NULL THEN 'null'
                       -- An option or a tag that the definition no longer has.
                       WHEN d.item ->> 'type' = 'selection' AND v.value NOT IN ('null', 'false') AND NOT EXISTS (
                           SELECT FROM jsonb_path_query(d.item, 'lax $.selection[*][0]') o (id)
                           WHERE o.id = v.value) THEN 'false'
                       WHEN d.item ->> 'type' = 'tags' AND jsonb_typeof(v.value) = 'array' THEN (
                           SELECT coalesce(jsonb_agg(e.tag ORDER BY e.place), '[]')
                           FROM jsonb_array_elements(v.value) WITH ORDINALITY e (tag, place)
                           WHERE e.tag IN (SELECT jsonb_path_query(d.item, 'lax $.tags[*][0]')))
                       WHEN d.item ->> 'type' = 'many2one' AND jsonb_typeof(v.value) = 'number'
                       THEN jsonb_build_array(v.value, NULL)
                       WHEN d.item ->> 'type' = 'many2many' AND jsonb_typeof(v.value) = 'array' THEN (
                           SELECT coalesce(jsonb_agg(jsonb_build_array(e.id, NULL) ORDER BY e.place), '[]')
                           FROM jsonb_array_elements(v.value) WITH ORDINALITY e (id, place))
                       ELSE v.value END) END ORDER BY d.place), '[]')
        FROM jsonb_array_elements(definitions) WITH ORDINALITY d (item, place)
        CROSS JOIN LATERAL (SELECT CASE WHEN jsonb_typeof(stored) = 'object'
                                        THEN stored -> (d.item ->> 'name') END) v (value)
        WHERE jsonb_typeof(d.item) = 'object');
END $$;
COMMENT ON FUNCTION changefeed.odoo_property_list(jsonb, jsonb, text) IS
    'A record''s properties as Odoo''s read() shows them: the definitions of its container, each with the record''s '
    'value. absent: nothing, null or default.';

CREATE OR REPLACE FUNCTION changefeed.odoo_data_columns(model text) RETURNS SETOF text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    RETURN QUERY
    SELECT unnest(n.needs) FROM changefeed.odoo_names(ARRAY(
        SELECT DISTINCT f.relation::text FROM public.ir_model_fields f
        WHERE f.model = odoo_data_columns.model AND f.store AND f.ttype = 'many2one'
        UNION SELECT f.relation FROM changefeed.odoo_fields_of(ARRAY[odoo_data_columns.model]) f
        WHERE f.in_properties AND f.ttype = 'many2one'),
        'en_US', 0, NULL) n
    UNION
    SELECT unnest(l.needs) FROM changefeed.odoo_lists(ARRAY(
        SELECT f.id FROM public.ir_model_fields f
        WHERE f.model = odoo_data_columns.model AND f.store AND f.ttype IN ('one2many', 'many2many')
          AND (NOT changefeed.odoo_secret_field(f.model::text, f.name::text)
               OR changefeed.odoo_is_allowed(f.model::text, f.name::text))), 'en_US') l
    UNION
    SELECT format('%s:%s', a.attrelid, a.attnum) FROM public.ir_model_fields f
    JOIN public.ir_model_fields d ON d.model = f.relation AND d.ttype = 'properties_definition' AND d.store
    JOIN pg_attribute a ON a.attrelid = changefeed.odoo_model_table(d.model::text) AND a.attname IN ('id', d.name::name)
                       AND NOT a.attisdropped
    WHERE f.model = odoo_data_columns.model AND f.store AND f.ttype = 'many2one'
    UNION
    SELECT format('%s:%s', a.attrelid, a.attnum) FROM pg_attribute a
    WHERE a.attrelid = changefeed.odoo_table('properties_base_definition')
      AND a.attname IN ('id', 'properties_field_id', 'properties_definition')
      AND EXISTS (SELECT FROM public.ir_model_fields f
                  WHERE f.model = odoo_data_columns.model AND f.ttype = 'properties' AND f.store);
END $$;
COMMENT ON FUNCTION changefeed.odoo_data_columns(text) IS
    'The columns of other tables that the fields of a model need, as the table''s oid:number, '
    'whether or not they may be read now.';
