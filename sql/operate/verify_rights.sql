-- Rights that the feed's own roles have lost, so that nothing else can be checked.

CREATE OR REPLACE FUNCTION changefeed.verify_rights()
RETURNS TABLE (code text, level text, object text, detail text, remediation text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT 'CF130', 'error', r.name, 'it may not use schema public, which has Odoo''s tables: requests fail, '
                                     'and nothing else can be checked',
           format('GRANT USAGE ON SCHEMA public TO %I;', r.name)
    FROM unnest('{changefeed_owner,changefeed_definer,changefeed_reader}'::text[]) r (name)
    JOIN pg_namespace n ON n.nspname = 'public'
    WHERE NOT has_schema_privilege(r.name, n.oid, 'USAGE')
$$;
COMMENT ON FUNCTION changefeed.verify_rights() IS
    'The part of verify() without which the rest of it would fail: '
    'whether the feed''s roles may use the schema of Odoo''s tables.';
