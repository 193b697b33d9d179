-- The roles. changefeed_owner owns the schema. changefeed_definer owns the functions that run inside Odoo's transactions
-- or read Odoo's tables: whoever owns those tables can give a column a type whose cast is code of their own, and that
-- code must find no right that they do not have already. changefeed_reader runs the record rules that the service turned into SQL,
-- with the right to read what these need and no more. They belong to the cluster and are shared by all its databases, so other installations may be
-- creating them at this moment: whoever comes second finds them there.
DO $$
DECLARE
    wanted text;
    attempt int;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['changefeed_owner', 'changefeed_definer', 'changefeed_reader', 'changefeed_service', 'changefeed_monitor'] LOOP
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
    FOREACH wanted IN ARRAY ARRAY['changefeed_owner', 'changefeed_definer', 'changefeed_reader'] LOOP
        IF pg_catalog.current_setting('server_version_num')::int < 160000 THEN
            IF NOT pg_catalog.pg_has_role(current_user, wanted, 'MEMBER') THEN
                EXECUTE pg_catalog.format('GRANT %I TO %I', wanted, current_user);
            END IF;
        ELSIF NOT pg_catalog.pg_has_role(current_user, wanted, 'SET') THEN
            EXECUTE pg_catalog.format('GRANT %I TO %I WITH INHERIT TRUE, SET TRUE', wanted, current_user);
        END IF;
    END LOOP;
END $$;
