-- The roles. They belong to the cluster and are shared by all its databases, so other installations may be
-- creating them at this moment: whoever comes second finds them there.
DO $$
DECLARE
    wanted text;
    attempt int;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['changefeed_owner', 'changefeed_service', 'changefeed_monitor'] LOOP
        FOR attempt IN 1..20 LOOP
            EXIT WHEN EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = wanted);
            BEGIN
                EXECUTE pg_catalog.format('CREATE ROLE %I NOLOGIN', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation OR internal_error THEN
                PERFORM pg_catalog.pg_sleep(0.05);
            END;
        END LOOP;
    END LOOP;

    -- The owner sees who holds a lock and how old the oldest transaction is.
    FOR attempt IN 1..20 LOOP
        EXIT WHEN EXISTS (
            SELECT FROM pg_catalog.pg_auth_members m
            WHERE m.roleid = 'pg_read_all_stats'::regrole AND m.member = 'changefeed_owner'::regrole);
        BEGIN
            GRANT pg_read_all_stats TO changefeed_owner;
        EXCEPTION WHEN unique_violation OR internal_error THEN
            PERFORM pg_catalog.pg_sleep(0.05);
        WHEN insufficient_privilege THEN
            RAISE NOTICE 'changefeed_owner does not get pg_read_all_stats: status and notices will name less';
            EXIT;
        END;
    END LOOP;

    -- An installer that is no superuser must be able to act as the owner.
    IF NOT pg_catalog.pg_has_role(current_user, 'changefeed_owner', 'MEMBER') THEN
        EXECUTE pg_catalog.format('GRANT changefeed_owner TO %I', current_user);
    END IF;
END $$;
