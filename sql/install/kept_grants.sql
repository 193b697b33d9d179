-- Restores the rights that install/replaced_objects.sql dropped with the views and routines: rights of roles that are
-- not the feed's own, on objects that still exist.
DO $$
DECLARE
    given record;
    owner text;
BEGIN
    FOR given IN
        SELECT g.* FROM jsonb_to_recordset(nullif(current_setting('changefeed.kept_grants', true), '')::jsonb)
            AS g (kind text, name text, grantee text, privilege text, grantable boolean)
    LOOP
        owner := CASE given.kind
            WHEN 'ROUTINE' THEN (SELECT p.proowner::regrole::text FROM pg_proc p
                                 WHERE p.oid = to_regprocedure(given.name))
            ELSE (SELECT c.relowner::regrole::text FROM pg_class c
                  WHERE c.oid = to_regclass(given.name)
                    AND (given.privilege !~ '\(' OR EXISTS (
                        SELECT FROM pg_attribute a
                        WHERE a.attrelid = c.oid AND NOT a.attisdropped
                          AND quote_ident(a.attname) = substring(given.privilege, '\((.*)\)$')))) END;
        CONTINUE WHEN owner IS NULL;
        EXECUTE format('SET LOCAL ROLE %s', owner);
        EXECUTE format('GRANT %s ON %s %s TO %I%s', given.privilege, given.kind, given.name, given.grantee,
                       CASE WHEN given.grantable THEN ' WITH GRANT OPTION' END);
    END LOOP;
    PERFORM set_config('role', current_setting('changefeed.installer'), true);
END $$;
