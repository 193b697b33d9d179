-- Which columns of a model Odoo's record rules read. The rules' texts are Python; a quoted text with the name of a
-- column counts as one, which sometimes gives too many and never too few.

CREATE OR REPLACE FUNCTION changefeed.odoo_rule_texts(model text) RETURNS SETOF text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
DECLARE
    source regclass := changefeed.odoo_table('ir_rule');
BEGIN
    IF changefeed.odoo_table('ir_model') IS NULL OR EXISTS (
        SELECT FROM unnest('{model_id,domain_force,active,perm_read}'::text[]) c
        WHERE NOT changefeed.odoo_readable(source, c)) THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT t.domain FROM public.ir_rule r JOIN public.ir_model m ON m.id = r.model_id
    -- The operator's replacement for a rule.
    LEFT JOIN (SELECT DISTINCT ON (c.rule_id) c.* FROM changefeed.rule_decision c ORDER BY c.rule_id, c.id DESC) d
           ON d.rule_id = r.id AND d.rule_domain = coalesce(r.domain_force, '') AND d.decision = 'override'
    CROSS JOIN LATERAL (VALUES (r.domain_force::text), (d.domain)) t (domain)
    -- Users who may not read hr.employee read it by the rules of hr.employee.public.
    WHERE (m.model = odoo_rule_texts.model OR odoo_rule_texts.model = 'hr.employee' AND m.model = 'hr.employee.public')
      AND r.active AND r.perm_read AND t.domain IS NOT NULL;
END $$;
COMMENT ON FUNCTION changefeed.odoo_rule_texts(text) IS
    'The domains of the active read rules of a model, and those with which the operator replaced them.';

CREATE OR REPLACE FUNCTION changefeed.odoo_rule_columns(model text, target regclass) RETURNS name[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
DECLARE
    rules text := (SELECT coalesce(string_agg(r, ' '), '') FROM changefeed.odoo_rule_texts(odoo_rule_columns.model) r);
    -- The first name of each path.
    names text[] := ARRAY(SELECT DISTINCT m.part[1]
                          FROM regexp_matches(rules, '[''"]([^''".[:space:]]+)', 'g') m (part));
BEGIN
    IF rules ~ '[''"]id[''"]' AND rules ~ '(child|parent)_of' THEN
        names := names || '{parent_id,parent_path}';
    END IF;
    -- A related field, and a field of another model (_inherits), is reached through a many2one.
    IF NOT EXISTS (SELECT FROM unnest('{id,model,name,ttype,relation,related,required,store}'::text[]) c
                   WHERE NOT changefeed.odoo_readable(changefeed.odoo_table('ir_model_fields'), c)) THEN
        names := names || ARRAY(
            WITH RECURSIVE path (name) AS (
                SELECT unnest(names)
                UNION
                SELECT split_part(f.related, '.', 1) FROM path
                JOIN public.ir_model_fields f ON f.model = odoo_rule_columns.model AND f.name = path.name
                WHERE f.related LIKE '%.%' AND NOT f.store
            )
            SELECT path.name FROM path);
        names := names || ARRAY(SELECT d.column_name FROM changefeed.odoo_delegations(odoo_rule_columns.model) d);
    END IF;
    RETURN ARRAY(
        SELECT a.attname FROM pg_attribute a
        WHERE a.attrelid = target AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> 'id'
          AND a.attname !~ '[[:cntrl:]<>]'
          AND (a.attname::text = ANY (names)
               OR a.attname IN ('company_id', 'user_id', 'partner_id', 'create_uid', 'active'))
          AND a.atttypid = ANY (ARRAY['int4', 'int8', 'bool', 'varchar', 'text', 'date', 'timestamp', 'numeric',
                                      'float4', 'float8', 'jsonb']::regtype[])
          AND NOT changefeed.odoo_secret_field(odoo_rule_columns.model, a.attname::text)
        ORDER BY a.attnum);
END $$;
COMMENT ON FUNCTION changefeed.odoo_rule_columns(text, regclass) IS
    'Columns of a model''s table that its record rules name, '
    'and those on which visibility usually depends. Never secrets.';

CREATE OR REPLACE FUNCTION changefeed.odoo_keeps_followers(model text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(bool_or(r ~ '[''"]message_partner_ids'), false)
    FROM changefeed.odoo_rule_texts(odoo_keeps_followers.model) r
$$;
COMMENT ON FUNCTION changefeed.odoo_keeps_followers(text) IS
    'True when record rules of a model refer to a record''s followers.';
