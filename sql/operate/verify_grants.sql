-- Tables and columns added after the grants: a field made by hand while the service runs, a module
-- installed again. Their readers silently omit what they may not read, or stay closed.

CREATE OR REPLACE FUNCTION changefeed.missing_grants()
RETURNS TABLE (model text, grantee text, source regclass, columns text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $$
    WITH tracked AS MATERIALIZED (
        SELECT t.model, to_regclass(format('%I.%I', t.table_schema, t.table_name)) AS own
        FROM changefeed.tracked_model t
        WHERE changefeed.odoo_has_model(t.model)
    ), holder AS MATERIALIZED (
        SELECT t.model, t.own, t.model AS holder FROM tracked t
        UNION
        SELECT t.model, t.own, d.parent FROM tracked t CROSS JOIN LATERAL changefeed.odoo_delegations(t.model) d
    ), listed AS MATERIALIZED (
        SELECT DISTINCT ON (l.name) l.name, l.model
        FROM (SELECT t.model, t.model AS name FROM tracked t
              UNION ALL
              SELECT t.model, m FROM tracked t
              CROSS JOIN LATERAL unnest(changefeed.odoo_list_models(ARRAY[t.model])) m) l
        ORDER BY l.name, l.model <> l.name, l.model
    ), wanted (model, grantee, item) AS (
        SELECT h.model, 'changefeed_definer', n.item FROM holder h
        CROSS JOIN LATERAL changefeed.odoo_data_columns(h.holder) n (item)
        UNION
        SELECT h.model, 'changefeed_definer', format('%s:%s', a.attrelid, a.attnum)
        FROM holder h
        JOIN pg_attribute a ON a.attrelid = changefeed.odoo_model_table(h.holder) AND a.attnum > 0
          AND NOT a.attisdropped
        WHERE NOT changefeed.odoo_secret_field(h.holder, a.attname::text)
          OR changefeed.odoo_is_allowed(h.holder, a.attname::text)
        UNION
        SELECT l.model, 'changefeed_reader', r.item FROM listed l
        CROSS JOIN LATERAL changefeed.odoo_rule_reads(l.name) r (item)
    )
    SELECT w.model, w.grantee, c.oid::regclass, string_agg(DISTINCT quote_ident(a.attname), ', ')
    FROM wanted w
    JOIN pg_class c ON c.oid = split_part(w.item, ':', 1)::oid AND c.relkind = 'r'
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = split_part(w.item, ':', 2)::int AND NOT a.attisdropped
    JOIN tracked t ON t.model = w.model
    WHERE NOT has_column_privilege(w.grantee, c.oid, a.attnum, 'SELECT')
      -- CF121 reports the columns of the model itself.
      AND NOT (w.grantee = 'changefeed_definer' AND c.oid = t.own
               AND NOT changefeed.odoo_secret_field(w.model, a.attname::text))
    GROUP BY w.model, w.grantee, c.oid
$$;
COMMENT ON FUNCTION changefeed.missing_grants() IS
    'The columns that grant_data() and grant_rules() would now let changefeed_definer and '
    'changefeed_reader read in addition, by tracked model.';

CREATE OR REPLACE FUNCTION changefeed.verify_grants()
RETURNS TABLE (code text, level text, object text, detail text, remediation text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH missing AS MATERIALIZED (
        SELECT g.model, g.grantee,
               string_agg(format('%s (%s)', g.source, g.columns), ', ' ORDER BY g.source::text) AS items
        FROM changefeed.missing_grants() g GROUP BY g.model, g.grantee
    )
    SELECT 'CF143', 'warning', m.model,
           format('changefeed_definer may not read these newer tables and columns, so devices do not get the lists, '
                  'names and fields that need them: %s', m.items),
           format('SELECT changefeed.grant_data(%L);', m.model)
    FROM missing m WHERE m.grantee = 'changefeed_definer'
    UNION ALL
    SELECT 'CF144', 'warning', m.model,
           format('changefeed_reader may not read these newer tables and columns, '
                  'so record rules that read them close their models: %s', m.items),
           format('SELECT changefeed.grant_rules(%L);', m.model)
    FROM missing m WHERE m.grantee = 'changefeed_reader'
    UNION ALL
    -- Policies apply to all roles except the owner. The feed requests an error instead of fewer rows.
    SELECT 'CF145', 'error', c.oid::regclass::text,
           format('row level security is on for this table, and %s may not bypass it: '
                  'requests that need the table are refused', string_agg(r.rolname, ' and ' ORDER BY r.rolname)),
           format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY;  -- or, if it must stay: '
                  'ALTER ROLE %s BYPASSRLS; likewise for each of them.', c.oid::regclass, min(r.rolname))
    FROM pg_class c JOIN pg_roles r ON r.rolname IN ('changefeed_definer', 'changefeed_reader')
    WHERE c.relrowsecurity AND c.relkind = 'r' AND has_any_column_privilege(r.oid, c.oid, 'SELECT')
      AND NOT r.rolbypassrls AND NOT r.rolsuper
      AND (c.relforcerowsecurity OR NOT pg_has_role(r.oid, c.relowner, 'USAGE'))
    GROUP BY c.oid
$$;
COMMENT ON FUNCTION changefeed.verify_grants() IS
    'The part of verify() that is about rights on newer tables and columns, and about row level security.';
