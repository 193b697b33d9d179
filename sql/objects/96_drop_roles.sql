-- Only for uninstall.sql: takes back what 91_odoo_grants.sql gave in this database, and drops the roles unless another
-- database still needs them. What an operator gave them elsewhere is not touched: DROP OWNED would take that too.
DO $$
DECLARE
    wanted text;
    granted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['changefeed_service', 'changefeed_monitor', 'changefeed_reader', 'changefeed_definer', 'changefeed_owner'] LOOP
        CONTINUE WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = wanted);
        EXECUTE pg_catalog.format('REVOKE ALL ON SCHEMA public FROM %I', wanted);
        FOR granted IN
            SELECT c.oid::pg_catalog.regclass::text FROM pg_catalog.pg_class c
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')
              AND (EXISTS (SELECT FROM pg_catalog.aclexplode(c.relacl) a WHERE a.grantee = wanted::regrole)
                   OR EXISTS (SELECT FROM pg_catalog.pg_attribute t CROSS JOIN LATERAL pg_catalog.aclexplode(t.attacl) a
                              WHERE t.attrelid = c.oid AND a.grantee = wanted::regrole))
        LOOP
            EXECUTE pg_catalog.format('REVOKE ALL ON %s FROM %I', granted, wanted);
        END LOOP;
        BEGIN
            EXECUTE pg_catalog.format('DROP ROLE %I', wanted);
        EXCEPTION WHEN dependent_objects_still_exist THEN
            RAISE NOTICE 'role % stays: it is still used, by another database of this cluster or by rights that were given to it', wanted;
        WHEN insufficient_privilege THEN
            RAISE NOTICE 'role % stays: dropping it needs more rights', wanted;
        WHEN undefined_object OR internal_error THEN
            RAISE NOTICE 'role % is being removed by somebody else', wanted;
        END;
    END LOOP;
END $$;
