-- Objects of the installation that no longer exist.

CREATE OR REPLACE FUNCTION changefeed.verify_objects()
RETURNS TABLE (code text, level text, object text, detail text, remediation text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $$
BEGIN
    -- The end of the installation has recorded the feed's own objects.
    IF to_regprocedure('changefeed.installed_objects()') IS NULL THEN
        RETURN QUERY SELECT 'CF135', 'error', 'changefeed.installed_objects()',
            'it is missing, and with it the list of objects that the installation created', 'psql -f sql/install.sql';
        RETURN;
    END IF;
    RETURN QUERY
    SELECT 'CF135', 'error', o.name,
           format('the installation created this %s, and it is missing; nothing else can be checked', o.kind),
           'psql -f sql/install.sql'
    FROM changefeed.installed_objects() o
    WHERE NOT EXISTS (SELECT FROM changefeed.present_objects() p WHERE (p.kind, p.name) = (o.kind, o.name))
    ORDER BY o.name;
END $$;
COMMENT ON FUNCTION changefeed.verify_objects() IS
    'The part of verify() without which the rest of it would fail: '
    'functions and views of the installation that were dropped or lost in a restore.';

CREATE OR REPLACE FUNCTION changefeed.present_objects() RETURNS TABLE (kind text, name text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $$
    SELECT CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END, p.oid::regprocedure::text
    FROM pg_proc p
    -- Those of single models are created and dropped by track() and untrack(), and checked with their triggers; those
    -- of conditions are optional.
    WHERE p.pronamespace = 'changefeed'::regnamespace AND p.proname !~ '^capture_(update|delete|parent)_|^condition_'
    UNION ALL
    SELECT 'view', c.oid::regclass::text FROM pg_class c
    WHERE c.relnamespace = 'changefeed'::regnamespace AND c.relkind = 'v'
$$;
COMMENT ON FUNCTION changefeed.present_objects() IS
    'The functions, procedures and views of the schema, except those that track() creates for single models and '
    'make_condition() for conditions.';
