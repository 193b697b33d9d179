-- What the SQL for a user's data is made of: the user's language and company, the tables of models, how records are
-- named and in which order they stand.

CREATE OR REPLACE FUNCTION changefeed.odoo_readable(source regclass, column_name text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM pg_attribute a
        WHERE a.attrelid = source AND a.attname = column_name::name AND NOT a.attisdropped
          AND has_column_privilege(a.attrelid, a.attnum, 'SELECT'));
END $$;
COMMENT ON FUNCTION changefeed.odoo_readable(regclass, text) IS
    'True for a column that exists and that changefeed_definer may read.';

CREATE OR REPLACE FUNCTION changefeed.odoo_data_needs() RETURNS TABLE (table_name text, column_name text)
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT v.table_name, unnest(string_to_array(v.columns, ' ')) FROM (VALUES
        ('ir_model', 'id model order'),
        ('ir_model_fields', 'id model name ttype relation relation_table column1 column2 relation_field translate '
         'company_dependent store related required state'),
        ('ir_model_access', 'model_id group_id perm_read active'),
        ('ir_model_data', 'module name model res_id'),
        ('res_groups_users_rel', 'uid gid'),
        ('res_groups_implied_rel', 'gid hid'),
        -- From Odoo 17 on.
        ('ir_model_inherit', 'model_id parent_id parent_field_id'),
        ('res_users', 'id active partner_id company_id'),
        ('res_partner', 'id lang'),
        ('res_company', 'id partner_id parent_path'),
        ('res_lang', 'code active'),
        ('ir_default', 'id field_id user_id company_id condition json_value'),
        ('ir_model_fields_group_rel', 'field_id group_id'),
        ('ir_module_module', 'name latest_version'),
        -- Until Odoo 17.
        ('ir_property', 'fields_id company_id res_id value_float value_integer '
                        'value_text value_datetime value_reference')
    ) AS v (table_name, columns);
END $$;
COMMENT ON FUNCTION changefeed.odoo_data_needs() IS
    'What odoo_record_data() reads of Odoo''s tables whatever the model is. Not every release has all of it.';

-- Look-ups of single rows by indexes: sixty columns, not a reading of all of them.
CREATE OR REPLACE FUNCTION changefeed.odoo_data_user(user_id int, in_company int DEFAULT NULL)
RETURNS TABLE (lang text, company int, root_company int)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    present int;
    closed boolean;
    rooted boolean;
BEGIN
    -- res_company.parent_path came with Odoo 17. What this version of Odoo has and the definer may not read: no data.
    SELECT count(DISTINCT c.oid), bool_or(c.relkind <> 'r' OR NOT has_column_privilege(c.oid, a.attnum, 'SELECT')),
           coalesce(bool_or(a.attname = 'parent_path'), false)
    INTO present, closed, rooted
    FROM changefeed.odoo_data_needs() n
    JOIN pg_class c ON c.relnamespace = to_regnamespace('public') AND c.relname = n.table_name::name
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = n.column_name::name AND NOT a.attisdropped;
    IF closed OR present < (SELECT count(DISTINCT n.table_name) FROM changefeed.odoo_data_needs() n
                            WHERE n.table_name NOT IN ('ir_property', 'ir_model_inherit')
                              OR changefeed.odoo_table(n.table_name::name) IS NOT NULL) THEN
        RETURN;
    END IF;
    -- A language that is not installed counts for nothing.
    SELECT coalesce(in_company, u.company_id),
           coalesce((SELECT l.code FROM public.res_lang l
                     WHERE l.code = p.lang AND l.active AND l.code ~ '^[A-Za-z0-9_@.-]+$' LIMIT 1),
                    (SELECT l.code FROM public.res_lang l JOIN public.res_partner q ON q.lang = l.code
                     WHERE q.id = o.partner_id AND l.active AND l.code ~ '^[A-Za-z0-9_@.-]+$' LIMIT 1), 'en_US')
    INTO company, lang
    FROM public.res_users u
    LEFT JOIN public.res_partner p ON p.id = u.partner_id
    LEFT JOIN public.res_company o ON o.id = u.company_id
    WHERE u.id = odoo_data_user.user_id AND u.active;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    root_company := company;
    IF rooted THEN
        SELECT split_part(o.parent_path, '/', 1)::int INTO root_company
        FROM public.res_company o WHERE o.id = company AND o.parent_path ~ '^[0-9]{1,9}/';
    END IF;
    root_company := coalesce(root_company, company);
    RETURN NEXT;
END $$;
COMMENT ON FUNCTION changefeed.odoo_data_user(int, int) IS
    'Language, company (in_company, or the user''s own) and that company''s root, of an active user. No row: no such '
    'user, or Odoo''s tables may not be read.';

CREATE OR REPLACE FUNCTION changefeed.odoo_text_of(alias text, field text, type oid, lang text) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN CASE WHEN type = 'jsonb'::regtype AND lang <> 'en_US'
                THEN format('coalesce(%1$s.%2$I ->> %3$L, %1$s.%2$I ->> ''en_US'')', alias, field, lang)
                WHEN type = 'jsonb'::regtype THEN format('(%s.%I ->> ''en_US'')', alias, field)
                ELSE format('%s.%I', alias, field) END;
END $$;
COMMENT ON FUNCTION changefeed.odoo_text_of(text, text, oid, text) IS
    'SQL for a column in a language: a translated one is jsonb of language and text, '
    'and en_US stands in for what is missing.';

-- Placeholders are explained at odoo_name_rules().
CREATE OR REPLACE FUNCTION changefeed.odoo_fill(
    template text, tables text[], lang text, company int, OUT filled text, OUT needs text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
DECLARE
    found record;
    usable boolean := true;
BEGIN
    filled := template;
    needs := '{}';
    FOR found IN
        SELECT h.hit[1] AS alias, h.hit[2] AS name, h.hit[3] AS raw, s.source, a.attnum, a.atttypid,
               coalesce(has_column_privilege(s.source, a.attnum, 'SELECT'), false) AS readable
        FROM (SELECT DISTINCT regexp_matches(template, '[{]([a-z])[.]([a-z0-9_]+)(!?)[}]', 'g')) h (hit)
        LEFT JOIN (SELECT split_part(t, '=', 1), c.oid::regclass FROM unnest(tables) t
                   JOIN pg_class c ON c.relnamespace = to_regnamespace('public')
                                  AND c.relname = split_part(t, '=', 2)::name AND c.relkind = 'r')
            s (alias, source) ON s.alias = h.hit[1]
        LEFT JOIN pg_attribute a ON a.attrelid = s.source AND a.attname = h.hit[2]::name AND NOT a.attisdropped
    LOOP
        IF found.attnum IS NULL THEN
            filled := NULL;
            needs := NULL;
            RETURN;
        END IF;
        usable := usable AND found.readable;
        needs := needs || format('%s:%s', found.source::oid, found.attnum);
        filled := replace(filled, format('{%s.%s%s}', found.alias, found.name, found.raw), CASE
            WHEN found.raw = '!' THEN format('%s.%I', found.alias, found.name)
            ELSE changefeed.odoo_text_of(found.alias, found.name, found.atttypid, lang) || '::text' END);
    END LOOP;
    IF NOT usable THEN
        filled := NULL;
        RETURN;
    END IF;
    FOR found IN SELECT split_part(t, '=', 1) AS alias, split_part(t, '=', 2) AS name FROM unnest(tables) t LOOP
        filled := replace(filled, '{' || found.alias || '}', format('public.%I %s', found.name, found.alias));
    END LOOP;
    filled := replace(replace(filled, '{company}', quote_literal(company)), '{lang}', quote_literal(lang));
END $$;
COMMENT ON FUNCTION changefeed.odoo_fill(text, text[], text, int) IS
    'Puts columns and tables in the place of placeholders. needs: the columns, as the table''s oid:number; null where '
    'one does not exist. filled: null where one may not be read.';

CREATE OR REPLACE FUNCTION changefeed.odoo_names(models text[], lang text, company int, user_id int)
RETURNS TABLE (model text, source regclass, joins text, expression text, needs text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
DECLARE
    found record;
    done text := '';
    filled record;
    release CONSTANT int := changefeed.odoo_release();
BEGIN
    FOR found IN
        WITH rules AS MATERIALIZED (
            SELECT n.* FROM changefeed.odoo_name_rules() n
            WHERE n.model = ANY (models) AND (n.releases IS NULL OR release = ANY (n.releases))
              -- Without a user, as whoever it may be.
              AND (n.in_group IS NULL OR odoo_names.user_id IS NULL
                   OR changefeed.odoo_in_group(odoo_names.user_id, n.in_group))
        )
        SELECT w.model, w.source, (SELECT c.relname FROM pg_class c WHERE c.oid = w.source) AS table_name,
               r.place, r.tables, r.joins,
               r.expression, r.place = max(r.place) OVER (PARTITION BY w.model) AS is_last, g.attname,
               g.attnum, g.atttypid, has_column_privilege(w.source, g.attnum, 'SELECT') AS readable, i.attnum AS id,
               has_column_privilege(w.source, i.attnum, 'SELECT') AS id_readable
        FROM changefeed.odoo_model_tables(models) w (model, source)
        JOIN pg_attribute i ON i.attrelid = w.source AND i.attname = 'id' AND NOT i.attisdropped
        LEFT JOIN rules r ON r.model = w.model
        LEFT JOIN LATERAL (
            SELECT a.attname, a.attnum, a.atttypid FROM pg_attribute a
            WHERE a.attrelid = w.source AND NOT a.attisdropped
              AND a.attname IN ('complete_name', 'display_name', 'name', 'x_name')
            ORDER BY a.attname = 'complete_name' DESC, a.attname = 'display_name' DESC, a.attname
            LIMIT 1) g ON true
        ORDER BY w.model, r.place
    LOOP
        CONTINUE WHEN found.model = done AND odoo_names.user_id IS NOT NULL;
        IF found.place IS NOT NULL THEN
            filled := changefeed.odoo_fill(found.joins || '{cut}' || found.expression,
                                           found.tables || format('c=%s', found.table_name), lang, company);
            IF filled.needs IS NOT NULL THEN
                done := found.model;
                model := found.model;
                source := found.source;
                joins := split_part(filled.filled, '{cut}', 1);
                expression := CASE WHEN found.id_readable THEN split_part(filled.filled, '{cut}', 2) END;
                needs := filled.needs || format('%s:%s', found.source::oid, found.id);
                RETURN NEXT;
                CONTINUE;
            END IF;
            -- Another rule for this model may fit, or has.
            CONTINUE WHEN NOT found.is_last OR found.model = done;
        END IF;
        done := found.model;
        model := found.model;
        source := found.source;
        joins := '';
        needs := ARRAY[format('%s:%s', found.source::oid, found.id)]
            || format('%s:%s', found.source::oid, found.attnum);
        expression := CASE
            WHEN NOT found.id_readable THEN NULL
            WHEN found.attnum IS NULL THEN format('concat(%L, c.id)', found.model || ',')
            WHEN NOT found.readable THEN NULL
            ELSE changefeed.odoo_text_of('c', found.attname, found.atttypid, lang) || '::text' END;
        IF found.attnum IS NULL THEN
            needs := needs[:1];
        END IF;
        RETURN NEXT;
    END LOOP;
END $$;
COMMENT ON FUNCTION changefeed.odoo_names(text[], text, int, int) IS
    'How records of these models are named to a user (null: every way in which they are to somebody, a row each): SQL '
    'over the table as c and its joins. expression: null where a column may not be read. '
    'No row for a model without an ordinary table.';

-- ir_model.order, with Odoo's meaning: a many2one is ordered by the order of its model, three models deep at most; a
-- column of the model that this one delegates to by that column.
CREATE OR REPLACE FUNCTION changefeed.odoo_orders(models text[], lang text)
RETURNS TABLE (model text, place int[], field text, expression text, descending boolean, needs text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    RETURN QUERY
    WITH RECURSIVE node AS (
        SELECT m.model AS root, '{}'::int[] AS place, NULL::text AS field, m.model,
               m.source::oid AS source, 'c' AS alias,
               0 AS depth, ''::text AS before, ''::text AS after, false AS descending,
               '{}'::text[] AS needs, true AS usable
        FROM changefeed.odoo_model_tables(models) m
        UNION ALL
        SELECT n.root, n.place || t.place::int, coalesce(n.field, t.hit[1]), f.relation::text, c.oid,
               'o' || n.depth, n.depth + 1, format('%s(SELECT ', n.before),
               format(' FROM %s o%s WHERE o%2$s.id = %s.%I)%s', c.oid::regclass, n.depth, n.alias, t.hit[1], n.after),
               n.descending <> (lower(t.hit[2] COLLATE "C") IS NOT DISTINCT FROM 'desc'),
               n.needs || format('%s:%s', n.source, a.attnum) || format('%s:%s', c.oid, i.attnum),
               n.usable AND has_column_privilege(n.source, a.attnum, 'SELECT')
               AND has_column_privilege(c.oid, i.attnum, 'SELECT')
        FROM node n
        JOIN public.ir_model m ON m.model = n.model
        CROSS JOIN LATERAL (
            SELECT s.place, regexp_match(
                s.term COLLATE "C",
                '^[[:space:]]*"?([a-z0-9_]+)"?[[:space:]]*(asc|desc)?[[:space:]]*'
                '(nulls[[:space:]]+(first|last))?[[:space:]]*$', 'i') COLLATE "default"
            FROM unnest(string_to_array(m."order", ',')) WITH ORDINALITY s (term, place) OFFSET 0) t (place, hit)
        JOIN public.ir_model_fields f ON f.model = n.model AND f.name = t.hit[1] AND f.ttype = 'many2one'
        JOIN pg_attribute a ON a.attrelid = n.source AND a.attname = t.hit[1]::name AND NOT a.attisdropped
                           AND a.atttypid <> 'jsonb'::regtype
        CROSS JOIN LATERAL (SELECT changefeed.odoo_model_table(f.relation::text)::oid AS oid OFFSET 0) c
        JOIN pg_attribute i ON i.attrelid = c.oid AND i.attname = 'id'
        WHERE n.depth < 3
    )
    SELECT n.root, n.place || t.place::int, coalesce(n.field, t.hit[1]),
           CASE WHEN a.attnum IS NOT NULL AND n.usable AND has_column_privilege(n.source, a.attnum, 'SELECT')
                THEN n.before || changefeed.odoo_text_of(n.alias, t.hit[1], a.atttypid, lang) || n.after
                WHEN a.attnum IS NULL AND n.usable AND has_column_privilege(n.source, d.key, 'SELECT')
                     AND has_column_privilege(d.source, d.id, 'SELECT')
                     AND has_column_privilege(d.source, d.attnum, 'SELECT')
                THEN format('%s(SELECT %s FROM %s b WHERE b.id = %s.%I)%s',
                            n.before, changefeed.odoo_text_of('b', t.hit[1], d.type, lang),
                            d.source::regclass, n.alias, d.field, n.after) END,
           n.descending <> (lower(t.hit[2] COLLATE "C") IS NOT DISTINCT FROM 'desc'),
           n.needs || CASE WHEN a.attnum IS NOT NULL THEN ARRAY[format('%s:%s', n.source, a.attnum)]
                           ELSE ARRAY[format('%s:%s', n.source, d.key), format('%s:%s', d.source, d.id),
                                      format('%s:%s', d.source, d.attnum)] END
    FROM node n
    JOIN public.ir_model m ON m.model = n.model
    CROSS JOIN LATERAL (
        SELECT s.place, regexp_match(
                s.term COLLATE "C",
                '^[[:space:]]*"?([a-z0-9_]+)"?[[:space:]]*(asc|desc)?[[:space:]]*'
                '(nulls[[:space:]]+(first|last))?[[:space:]]*$', 'i') COLLATE "default"
        FROM unnest(string_to_array(m."order", ',')) WITH ORDINALITY s (term, place) OFFSET 0) t (place, hit)
    JOIN public.ir_model_fields f ON f.model = n.model AND f.name = t.hit[1] AND f.ttype <> 'many2one'
    LEFT JOIN pg_attribute a ON a.attrelid = n.source AND a.attname = t.hit[1]::name AND NOT a.attisdropped
                            AND a.atttypid NOT IN ('json'::regtype, 'xml'::regtype)
    LEFT JOIN LATERAL (
        SELECT k.column_name AS field, key.attnum AS key, k.source::oid AS source, i.attnum AS id, v.attnum,
               v.atttypid AS type
        FROM changefeed.odoo_delegations(n.model) k
        JOIN pg_attribute key ON key.attrelid = n.source AND key.attname = k.column_name::name
          AND key.atttypid IN ('int4'::regtype, 'int8'::regtype)
        JOIN pg_attribute i ON i.attrelid = k.source AND i.attname = 'id'
        JOIN pg_attribute v ON v.attrelid = k.source AND v.attname = t.hit[1]::name AND NOT v.attisdropped
        WHERE a.attnum IS NULL
        ORDER BY k.field LIMIT 1) d ON a.attnum IS NULL
    WHERE a.attnum IS NOT NULL OR d.attnum IS NOT NULL;
END $$;
COMMENT ON FUNCTION changefeed.odoo_orders(text[], text) IS
    'The order of the records of models, as SQL over the table as c, a row per term. field: the first field that leads '
    'to it. expression: null where a column may not be read.';
