-- The releases of Odoo and the server, and whether the feed was tested on them.

CREATE OR REPLACE FUNCTION changefeed.surroundings(
    OUT odoo text, OUT server text, OUT odoo_was_run boolean, OUT server_was_run boolean, OUT line text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    version text := changefeed.odoo_version();
BEGIN
    odoo := coalesce(substring(version FROM '^((saas[~-])?[0-9]+[.][0-9]+)'), version);
    server := split_part(current_setting('server_version'), ' ', 1);
    odoo_was_run := changefeed.odoo_release() BETWEEN 16 AND 19 IS TRUE;
    server_was_run := current_setting('server_version_num')::int / 10000 BETWEEN 13 AND 18;
    line := format('%s on PostgreSQL %s: %s', coalesce('Odoo ' || odoo, 'no Odoo'), server, CASE
        WHEN odoo IS NULL AND server_was_run THEN 'this database has nothing to follow.'
        WHEN odoo_was_run AND server_was_run THEN 'the feed was tested on both.'
        WHEN odoo_was_run THEN 'it was never tested on this server (only on 13 to 18).'
        WHEN server_was_run THEN 'it was never tested on this Odoo (only on 16.0 to 19.0).'
        ELSE 'it was never tested on either (only on Odoo 16.0 to 19.0, PostgreSQL 13 to 18).' END);
END $$;
COMMENT ON FUNCTION changefeed.surroundings() IS
    'The release of Odoo (null: none) and the version of PostgreSQL, whether the feed was tested on each, '
    'and the same as a line for people.';
