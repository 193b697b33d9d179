-- Values that their fields cannot have, for verify(): which model, field and records, and never the value itself.

CREATE OR REPLACE FUNCTION changefeed.odoo_unfit(
    cell text, ttype text, type oid, translate boolean, company_dependent boolean) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    fitted record;
BEGIN
    IF company_dependent AND type = 'jsonb'::regtype THEN
        RETURN format('%1$s <> ''null'' AND (jsonb_typeof(%1$s) <> ''object'' '
                      'OR EXISTS (SELECT FROM jsonb_each(CASE jsonb_typeof(%1$s) WHEN ''object'' '
                      'THEN %1$s END) e WHERE e.value <> ''null'' AND %2$s IS NULL))', cell,
                      changefeed.odoo_json_cell('e.value', ttype));
    ELSIF translate AND type = 'jsonb'::regtype THEN
        RETURN format('%1$s <> ''null'' AND jsonb_typeof(%1$s) <> ''object''', cell);
    END IF;
    SELECT * INTO fitted FROM changefeed.odoo_fitted(cell, ttype, type, 'en_US');
    IF fitted.fitted_type = 'jsonb'::regtype THEN
        RETURN nullif(concat_ws(' OR ',
            CASE WHEN fitted.expression <> cell
                 THEN format('(%s IS NOT NULL AND %s IS NULL)', cell, fitted.expression) END,
            CASE WHEN ttype <> 'json' THEN format('jsonb_typeof(%s) NOT IN (''null'', %L)', fitted.expression,
                                                  CASE ttype WHEN 'properties' THEN 'object' ELSE 'array' END) END),
                      '');
    END IF;
    RETURN CASE
        WHEN fitted.fitted_type = 'date'::regtype
        THEN format('%s NOT BETWEEN ''0001-01-01'' AND ''9999-12-31''', fitted.expression)
        WHEN fitted.fitted_type = 'timestamp'::regtype
        THEN format('%s NOT BETWEEN ''0001-01-01'' AND ''9999-12-31 23:59:59.999999''', fitted.expression)
        WHEN fitted.expression <> cell THEN format('%s IS NOT NULL AND %s IS NULL', cell, fitted.expression)
        WHEN ttype IN ('float', 'monetary') THEN format('%1$s - %1$s <> 0', cell) END;
END $$;
COMMENT ON FUNCTION changefeed.odoo_unfit(text, text, oid, boolean, boolean) IS
    'SQL that is true for a column''s value that its field cannot have; null where the column holds no such values.';

CREATE OR REPLACE FUNCTION changefeed.odoo_unfit_values(models text[], newest int DEFAULT 10000)
RETURNS TABLE (model text, field text, record_ids bigint[], records bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off
SET datestyle = 'ISO, YMD' SET jit = off SET lock_timeout = '1s' AS $$
DECLARE
    looked record;
BEGIN
    IF changefeed.odoo_table('ir_model_fields') IS NULL
       OR EXISTS (SELECT FROM changefeed.odoo_data_needs() n
                  WHERE n.table_name = 'ir_model_fields'
                    AND NOT changefeed.odoo_readable(changefeed.odoo_table('ir_model_fields'), n.column_name)
                    AND n.column_name <> 'company_dependent') THEN
        RETURN;
    END IF;
    FOR looked IN
        SELECT w.model, w.source, string_agg(format('t.%I', a.attname), ', ') AS columns,
               string_agg(format('CASE WHEN %s THEN %L END', u.condition, f.name), ', ') AS conditions
        FROM (SELECT m.name, changefeed.odoo_model_table(m.name) FROM unnest(models) m (name)) w (model, source)
        JOIN changefeed.odoo_fields_of(models) f ON f.model = w.model AND f.store
          AND f.ttype NOT IN ('one2many', 'many2many')
        JOIN pg_attribute a ON a.attrelid = w.source AND a.attname = f.name::name AND a.attnum > 0
          AND NOT a.attisdropped
        CROSS JOIN LATERAL (SELECT changefeed.odoo_unfit(format('t.%I', a.attname), f.ttype, a.atttypid, f.translate,
                                                         f.company_dependent)) u (condition)
        WHERE u.condition IS NOT NULL AND a.attname <> 'id' AND changefeed.odoo_readable(w.source, 'id')
          AND has_column_privilege(w.source, a.attnum, 'SELECT')
        GROUP BY w.model, w.source
        UNION ALL
        SELECT 'ir.property', p.source, 't.value_reference, t.value_float, t.value_datetime',
               'CASE WHEN t.value_reference !~ ''^[A-Za-z0-9_.]+,[0-9]{1,9}$'' THEN ''value_reference'' END, '
               'CASE WHEN t.value_float - t.value_float <> 0 THEN ''value_float'' END, '
               'CASE WHEN t.value_datetime NOT BETWEEN ''0001-01-01'' AND ''9999-12-31 '
               '23:59:59.999999'' THEN ''value_datetime'' END'
        FROM (SELECT changefeed.odoo_table('ir_property')) p (source)
        WHERE NOT EXISTS (SELECT FROM unnest('{id,value_reference,value_float,value_datetime}'::text[]) c
                          WHERE NOT changefeed.odoo_readable(p.source, c))
    LOOP
        BEGIN
            RETURN QUERY EXECUTE format(
                'SELECT %L, u.name, (array_agg(u.id ORDER BY u.id))[1:5], count(*) FROM ('
                'SELECT t.id::bigint AS id, unnest(ARRAY[%s]) AS name FROM (SELECT t.id, %s FROM %s t '
                'ORDER BY t.id DESC LIMIT %s) t) u '
                'WHERE u.name IS NOT NULL GROUP BY u.name', looked.model, looked.conditions, looked.columns,
                looked.source, newest);
        EXCEPTION WHEN insufficient_privilege OR lock_not_available THEN
            -- Under row level security, which CF145 names, or held by an upgrade: the others are looked at.
            CONTINUE;
        END;
    END LOOP;
    -- Values by default of fields by company.
    IF NOT EXISTS (SELECT FROM changefeed.odoo_data_needs() n WHERE n.table_name = 'ir_default'
                   AND NOT changefeed.odoo_readable(changefeed.odoo_table('ir_default'), n.column_name)) THEN
        RETURN QUERY
        SELECT 'ir.default'::text, 'json_value'::text, (array_agg(d.id::bigint ORDER BY d.id))[1:5], count(*)
        FROM public.ir_default d
        JOIN (SELECT f.id, f.ttype FROM changefeed.odoo_fields_of(models) f WHERE f.company_dependent) f
          ON f.id = d.field_id
        CROSS JOIN LATERAL (SELECT changefeed.odoo_json(d.json_value)) v (value)
        WHERE v.value IS NULL OR v.value NOT IN ('null', 'false', '""', '[]', '{}', '0')
          AND changefeed.odoo_default_value(v.value, f.ttype) IS NULL
        HAVING count(*) > 0;
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.odoo_unfit_values(text[], int) IS
    'Fields of models, and the values by company behind them, that hold what the field cannot have, among the newest '
    'so many records of each model: the first records by id, and how many they are.';

CREATE OR REPLACE FUNCTION changefeed.odoo_unfit_columns(models text[])
RETURNS TABLE (model text, field text, ttype text, column_type text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    IF changefeed.odoo_table('ir_model_fields') IS NULL
       OR EXISTS (SELECT FROM changefeed.odoo_data_needs() n
                  WHERE n.table_name = 'ir_model_fields'
                    AND NOT changefeed.odoo_readable(changefeed.odoo_table('ir_model_fields'), n.column_name)
                    AND n.column_name <> 'company_dependent') THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT w.model, f.name, f.ttype, format_type(a.atttypid, NULL)
    FROM (SELECT m.name, changefeed.odoo_model_table(m.name) FROM unnest(models) m (name)) w (model, source)
    JOIN changefeed.odoo_fields_of(models) f ON f.model = w.model AND f.store
      AND f.ttype NOT IN ('one2many', 'many2many')
    JOIN pg_attribute a ON a.attrelid = w.source AND a.attname = f.name::name AND a.attnum > 0 AND NOT a.attisdropped
    CROSS JOIN LATERAL changefeed.odoo_fitted('t', f.ttype, a.atttypid, 'en_US') v
    WHERE v.expression <> 't' AND NOT ((f.translate OR f.company_dependent) AND a.atttypid = 'jsonb'::regtype)
    UNION
    -- What leads back to a record is a number, or the list cannot be told.
    SELECT f.model, f.name, f.ttype, format_type(a.atttypid, NULL)
    FROM changefeed.odoo_fields_of(models) f
    CROSS JOIN LATERAL (
        SELECT changefeed.odoo_model_table(f.relation) AS source, f.relation_field AS name WHERE f.ttype = 'one2many'
        UNION ALL SELECT changefeed.odoo_table(f.relation_table::name), unnest(ARRAY[f.column1, f.column2])
        WHERE f.ttype = 'many2many') k
    JOIN pg_attribute a ON a.attrelid = k.source AND a.attname = k.name::name AND a.attnum > 0 AND NOT a.attisdropped
    WHERE f.store AND f.ttype IN ('one2many', 'many2many') AND a.atttypid <> ALL ('{int2,int4,int8}'::regtype[]);
END $$;
COMMENT ON FUNCTION changefeed.odoo_unfit_columns(text[]) IS
    'Stored fields of models whose column, or whose key in another table, is of another type than the field.';

CREATE OR REPLACE FUNCTION changefeed.odoo_unserved_names(models text[]) RETURNS TABLE (model text, field text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    IF NOT changefeed.odoo_readable(changefeed.odoo_table('ir_model_fields'), 'name') THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT f.model::text, f.name::text FROM public.ir_model_fields f
    WHERE f.model = ANY (models) AND f.store
      AND NOT (octet_length(f.name) BETWEEN 1 AND 63 AND f.name !~ '^[.]|[[:cntrl:]]');
END $$;
COMMENT ON FUNCTION changefeed.odoo_unserved_names(text[]) IS
    'Stored fields whose names no device is given: longer than a column''s may be, or with control characters.';
