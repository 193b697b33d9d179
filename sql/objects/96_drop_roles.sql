-- Only for uninstall.sql: the rights in this database, and the roles unless another database still needs them.
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['changefeed_service', 'changefeed_monitor', 'changefeed_owner'] LOOP
        CONTINUE WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = wanted);
        BEGIN
            EXECUTE pg_catalog.format('DROP OWNED BY %I', wanted);
            EXECUTE pg_catalog.format('DROP ROLE %I', wanted);
        EXCEPTION WHEN dependent_objects_still_exist THEN
            EXECUTE pg_catalog.format('DROP OWNED BY %I', wanted);
            RAISE NOTICE 'role % stays: another database of this cluster still uses it', wanted;
        WHEN insufficient_privilege THEN
            RAISE NOTICE 'role % stays: dropping it needs more rights', wanted;
        WHEN undefined_object OR internal_error THEN
            RAISE NOTICE 'role % is being removed by somebody else', wanted;
        END;
    END LOOP;
END $$;
