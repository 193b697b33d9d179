-- Records the created objects: after all other functions and views, before rights are granted.
DO $$
BEGIN
    EXECUTE format(
        'CREATE OR REPLACE FUNCTION changefeed.installed_objects() RETURNS TABLE (kind text, name text) '
        'LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS %L',
        (SELECT 'VALUES ' || string_agg(format('(%L, %L)', o.kind, o.name), E',\n' ORDER BY o.name COLLATE "C")
         FROM (SELECT p.kind, p.name FROM changefeed.present_objects() p
               UNION SELECT 'function', 'changefeed.installed_objects()') o));
END $$;
COMMENT ON FUNCTION changefeed.installed_objects() IS
    'The functions, procedures and views of the last installation, as it recorded them; verify() compares.';
