-- Values of columns as their fields have them. No value in a table may stop a page, and none is cut: what Odoo would
-- show is shown where that can be said, and what does not fit its field counts as none.
-- The SQL that is written here cannot raise.

-- Nobody's text, if it is no JSON: Odoo writes nothing else.
CREATE OR REPLACE FUNCTION changefeed.odoo_json(value text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN value::jsonb;
EXCEPTION WHEN data_exception OR program_limit_exceeded OR statement_too_complex THEN
    RETURN NULL;
END $$;
COMMENT ON FUNCTION changefeed.odoo_json(text) IS 'A text as JSON; null where it is none.';

-- As psycopg2's typecast_datetime.c hands it to Odoo: infinity is Python's last or first moment, a year beyond 9999 is
-- 9999. Years before Christ are an error there, and none here.
CREATE OR REPLACE FUNCTION changefeed.odoo_far_moment(written text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE written
        WHEN 'infinity' THEN '9999-12-31 23:59:59'
        WHEN '-infinity' THEN '0001-01-01 00:00:00'
        ELSE CASE WHEN written NOT LIKE '% BC' AND written !~ '^0000' THEN
            left(replace(regexp_replace(written, '^[0-9]{5,}', '9999'), '9999-02-29', '9999-02-28'), 19) END END
$$;
COMMENT ON FUNCTION changefeed.odoo_far_moment(text) IS
    'A date or timestamp as Odoo would show it, out of PostgreSQL''s text (DateStyle ISO); null where Odoo could not.';

CREATE OR REPLACE FUNCTION changefeed.odoo_moment_text(written text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO, YMD' AS $$
BEGIN
    IF written !~ '^ *([0-9]{4,6}-[0-9]{1,2}-[0-9]{1,2}([ T].*)?|-?infinity) *$' THEN
        RETURN NULL;
    END IF;
    RETURN changefeed.odoo_far_moment(written::timestamp::text);
EXCEPTION WHEN data_exception THEN
    RETURN NULL;
END $$;
COMMENT ON FUNCTION changefeed.odoo_moment_text(text) IS
    'A text that says a day or a moment, as Odoo writes a moment; null where it says none.';

-- By a call: written out, it would be started with each page of each field that is a reference by company, though most
-- records have none.
CREATE OR REPLACE FUNCTION changefeed.odoo_reference(value jsonb) RETURNS int
LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    written text;
BEGIN
    -- A number, nearly always; a regular expression costs as much as ten other values.
    IF jsonb_typeof(value) = 'number' THEN
        RETURN CASE WHEN value::numeric BETWEEN 0 AND 2147483647 AND value::numeric = trunc(value::numeric)
                    THEN value::numeric::int END;
    END IF;
    written := value ->> 0;
    IF written ~ '^ *[+]?[0-9]{1,10}([.]0*)? *$' THEN
        RETURN CASE WHEN written::numeric <= 2147483647 THEN written::numeric::int END;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION changefeed.odoo_reference(jsonb) IS
    'The id in a JSON value of a many2one field; null where it is none.';

-- The casts are those of Odoo 18's Field.to_sql: of many2one fields, days and texts ((value ->> 0)::type) a scalar
-- counts, and of an array its first element. What Odoo's cast would raise for is null.
CREATE OR REPLACE FUNCTION changefeed.odoo_json_cell(cell text, ttype text) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN format(CASE
        WHEN ttype = 'boolean' THEN '(CASE jsonb_typeof(%1$s) WHEN ''boolean'' THEN %1$s = ''true''::jsonb END)'
        WHEN ttype IN ('integer', 'many2one_reference') THEN
            'CASE WHEN jsonb_typeof(%1$s) = ''number'' THEN CASE WHEN (%1$s #>> ''{}'')::numeric BETWEEN -2147483648 '
            'AND 2147483647 '
            'THEN (%1$s #>> ''{}'')::numeric::int END END'
        WHEN ttype = 'many2one' THEN 'changefeed.odoo_reference(%1$s)'
        WHEN ttype IN ('float', 'monetary') THEN
            'CASE WHEN jsonb_typeof(%1$s) = ''number'' THEN '
            'CASE WHEN abs((%1$s #>> ''{}'')::numeric) < 1e308 THEN (%1$s #>> ''{}'')::numeric END END'
        WHEN ttype IN ('date', 'datetime') THEN 'changefeed.odoo_moment_text(%1$s ->> 0)'
        ELSE '(%1$s ->> 0)' END, cell);
END $$;
COMMENT ON FUNCTION changefeed.odoo_json_cell(text, text) IS
    'SQL for a JSON value as the value of a field of this type, which cannot raise; '
    'null where the JSON is of another type.';

-- convert_to_cache(value, validate=False) of Odoo's fields: Python's int(), float(), bool() and str().
CREATE OR REPLACE FUNCTION changefeed.odoo_default_value(value jsonb, ttype text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    kind CONSTANT text := jsonb_typeof(value);
    written CONSTANT text := btrim(value #>> '{}');
    is_empty CONSTANT boolean := value IN ('null', 'false', '0', '""', '[]', '{}');
BEGIN
    RETURN CASE
        WHEN value IS NULL THEN NULL
        WHEN ttype = 'boolean' THEN to_jsonb(NOT is_empty)
        WHEN ttype IN ('integer', 'many2one_reference') THEN CASE
            WHEN is_empty THEN '0'
            WHEN kind = 'boolean' THEN '1'
            WHEN kind = 'number' THEN to_jsonb(trunc((value #>> '{}')::numeric))
            WHEN kind = 'string' AND written ~ '^[+-]?[0-9]{1,18}$' THEN to_jsonb(written::bigint) END
        WHEN ttype IN ('float', 'monetary') THEN CASE
            WHEN is_empty THEN '0'
            WHEN kind = 'boolean' THEN '1'
            WHEN kind = 'number' THEN value
            WHEN kind = 'string'
                 AND written ~ '^[+-]?([0-9]{1,200}([.][0-9]{0,200})?|[.][0-9]{1,200})(e[+-]?[0-9]{1,2})?$'
            THEN to_jsonb(written::numeric) END
        WHEN ttype = 'many2one' THEN CASE kind WHEN 'number' THEN value WHEN 'array' THEN
            CASE WHEN jsonb_typeof(value -> 0) = 'number' THEN value -> 0 END END
        WHEN ttype IN ('date', 'datetime') THEN CASE WHEN kind = 'string'
                                                          AND written <> '' THEN to_jsonb(changefeed.odoo_moment_text(
                                                              CASE ttype WHEN 'date' THEN left(written, 10)
                                                                   ELSE left(written, 19) END)) END
        WHEN kind = 'string' THEN value
        WHEN value IN ('null', 'false') THEN NULL
        WHEN kind = 'boolean' THEN '"True"'
        WHEN kind = 'number' THEN to_jsonb(value #>> '{}')
    END;
END $$;
COMMENT ON FUNCTION changefeed.odoo_default_value(jsonb, text) IS
    'A value of ir_default as JSON of the field''s own type, as Odoo converts it; '
    'null where it is none, or Odoo could not.';

-- Healthy columns are asked as they are: only those of another type than their field''s cost more.
CREATE OR REPLACE FUNCTION changefeed.odoo_fitted(cell text, ttype text, type oid, lang text, OUT expression text,
                                                  OUT fitted_type oid)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    base CONSTANT regtype := coalesce((SELECT nullif(t.typbasetype, 0) FROM pg_type t
                                       WHERE t.oid = odoo_fitted.type AND t.typtype = 'd'), type);
    is_whole CONSTANT boolean := base IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype);
    is_number CONSTANT boolean := is_whole OR base IN ('numeric'::regtype, 'float8'::regtype, 'float4'::regtype);
    is_text CONSTANT boolean := base IN ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype);
    -- Of what is neither, whatever it is: its text.
    other CONSTANT text := format('(%s)::text', cell);
BEGIN
    expression := cell;
    fitted_type := base;
    CASE
        WHEN ttype IN ('integer', 'many2one', 'many2one_reference') THEN
            IF NOT is_whole THEN
                fitted_type := 'int4'::regtype;
                expression := CASE
                    WHEN base = 'bool'::regtype THEN format('(%s)::int', cell)
                    WHEN is_number THEN format('CASE WHEN %1$s BETWEEN -2147483648 AND '
                                               '2147483647 AND %1$s = trunc(%1$s) THEN %1$s::int END', cell)
                    WHEN base = 'jsonb'::regtype THEN changefeed.odoo_json_cell(cell, ttype)
                    ELSE format('CASE WHEN %1$s ~ ''^ *[+-]?[0-9]{1,9} *$'' THEN %1$s::int END', other) END;
            END IF;
        WHEN ttype IN ('float', 'monetary') THEN
            IF is_whole OR NOT is_number THEN
                fitted_type := 'numeric'::regtype;
                expression := CASE
                    WHEN is_whole THEN format('(%s)::numeric', cell)
                    WHEN base = 'jsonb'::regtype THEN changefeed.odoo_json_cell(cell, ttype)
                    ELSE format('CASE WHEN %1$s ~ ''^ '
                                '*[+-]?([0-9]{1,200}([.][0-9]{0,200})?|[.][0-9]{1,200}) *$'' THEN %1$s::numeric END',
                                other) END;
            END IF;
        WHEN ttype = 'boolean' THEN
            IF base <> 'bool'::regtype THEN
                fitted_type := 'bool'::regtype;
                expression := CASE
                    WHEN is_number THEN format('(%s <> 0)', cell)
                    WHEN base = 'jsonb'::regtype THEN changefeed.odoo_json_cell(cell, ttype)
                    ELSE format('CASE WHEN lower(btrim(%1$s) COLLATE "C") IN (''t'', ''true'', ''y'', ''yes'', '
                                '''on'', ''1'') THEN true '
                                'WHEN lower(btrim(%1$s) COLLATE "C") IN (''f'', ''false'', ''n'', ''no'', '
                                '''off'', ''0'') THEN false END', other) END;
            END IF;
        WHEN ttype IN ('date', 'datetime') THEN
            CASE
                WHEN (base::text, ttype) IN (('date', 'date'), ('timestamp without time zone', 'datetime')) THEN NULL;
                WHEN base = 'timestamp'::regtype THEN
                    fitted_type := 'date'::regtype;
                    expression := format('(%s)::date', cell);
                WHEN base = 'timestamptz'::regtype THEN
                    fitted_type := CASE ttype WHEN 'date' THEN 'date'::regtype ELSE 'timestamp'::regtype END;
                    expression := format(CASE ttype WHEN 'date' THEN '(%s AT TIME ZONE ''UTC'')::date'
                                              ELSE '(%s AT TIME ZONE ''UTC'')' END, cell);
                WHEN base = 'jsonb'::regtype THEN
                    fitted_type := 'text'::regtype;
                    expression := changefeed.odoo_json_cell(cell, ttype);
                ELSE
                    fitted_type := 'text'::regtype;
                    expression := format('changefeed.odoo_moment_text(%s)', other);
            END CASE;
        WHEN ttype IN ('char', 'text', 'html', 'selection', 'reference') THEN
            IF NOT is_text THEN
                fitted_type := 'text'::regtype;
                expression := CASE
                    -- As Odoo makes a text column of it again: what was translated counts in the user's language.
                    WHEN base = 'jsonb'::regtype THEN format(
                        'CASE jsonb_typeof(%1$s) WHEN ''object'' THEN coalesce(%1$s ->> %2$L, '
                        '%1$s ->> ''en_US'') ELSE %1$s ->> 0 END', cell, lang)
                    WHEN base = 'bytea'::regtype THEN format('encode(%s, ''escape'')', cell)
                    ELSE other END;
            END IF;
        WHEN ttype = 'binary' THEN
            IF base <> 'bytea'::regtype AND NOT is_text THEN
                fitted_type := 'text'::regtype;
                expression := other;
            END IF;
        WHEN ttype IN ('json', 'properties', 'properties_definition') THEN
            IF base <> 'jsonb'::regtype THEN
                fitted_type := 'jsonb'::regtype;
                expression := format('changefeed.odoo_json(%s)', other);
            END IF;
        ELSE NULL;
    END CASE;
END $$;
COMMENT ON FUNCTION changefeed.odoo_fitted(text, text, oid, text) IS
    'SQL for what a column (cell, of this type) holds as the value of a field, and the type of that; it cannot raise, '
    'and is null for a value that the field cannot have. It supposes DateStyle ISO.';

CREATE OR REPLACE FUNCTION changefeed.odoo_shown_moment(cell text, ttype text, type oid) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN format(CASE
        WHEN type = 'date'::regtype THEN
            'CASE WHEN %1$s BETWEEN ''0001-01-01'' AND ''9999-12-31'' THEN %1$s::text ELSE '
            'left(changefeed.odoo_far_moment(%1$s::text), 10) END'
        WHEN type = 'timestamp'::regtype THEN
            'CASE WHEN %1$s BETWEEN ''0001-01-01'' AND ''9999-12-31 23:59:59.999999'' THEN left(%1$s::text, 19) ELSE '
            'changefeed.odoo_far_moment(%1$s::text) END'
        WHEN ttype = 'date' THEN 'left(%1$s, 10)'
        ELSE '%1$s' END, cell);
END $$;
COMMENT ON FUNCTION changefeed.odoo_shown_moment(text, text, oid) IS
    'SQL for the text by which a fitted date or timestamp (see odoo_fitted()) is shown. It supposes DateStyle ISO.';
