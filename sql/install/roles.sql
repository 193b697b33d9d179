-- The roles. changefeed_owner owns the schema. changefeed_definer owns the functions that run inside Odoo's
-- transactions or read Odoo's tables: the owner of those tables could give a column a type whose cast runs its own
-- code, and that code must gain no right that the owner does not have already. changefeed_reader runs the compiled
-- record rules, with the right to read the columns that these need and no more. Roles belong to the cluster and are
-- shared by all its databases, so other installations may be creating them at the same time: the second one waits for
-- the first, and then finds them.
DO $$
DECLARE
    installer CONSTANT name :=
        coalesce(nullif(pg_catalog.current_setting('changefeed.installer', true), ''), current_user);
    is_16 CONSTANT boolean := pg_catalog.current_setting('server_version_num')::int >= 160000;
    wanted text;
    others text;
BEGIN
    PERFORM pg_catalog.set_config('lock_timeout', '60s', true);
    FOREACH wanted IN ARRAY ARRAY['changefeed_owner', 'changefeed_definer', 'changefeed_reader', 'changefeed_service',
                                  'changefeed_monitor'] LOOP
        FOR attempt IN 1..20 LOOP
            EXIT WHEN pg_catalog.to_regrole(wanted) IS NOT NULL;
            BEGIN
                EXECUTE pg_catalog.format('CREATE ROLE %I NOLOGIN', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation OR internal_error THEN
                PERFORM pg_catalog.pg_sleep(0.05);
            END;
        END LOOP;
    END LOOP;

    -- So that the owner sees lock holders and the age of the oldest transaction.
    FOR attempt IN 1..20 LOOP
        EXIT WHEN EXISTS (
            SELECT FROM pg_catalog.pg_auth_members m
            WHERE m.roleid = 'pg_read_all_stats'::regrole AND m.member = 'changefeed_owner'::regrole);
        BEGIN
            GRANT pg_read_all_stats TO changefeed_owner;
        EXCEPTION WHEN unique_violation OR internal_error THEN
            PERFORM pg_catalog.pg_sleep(0.05);
        WHEN insufficient_privilege THEN
            RAISE NOTICE 'changefeed_owner does not get pg_read_all_stats: status and notices show less'
                USING HINT = 'A role that may grant it runs: GRANT pg_read_all_stats TO changefeed_owner;';
            EXIT;
        END;
    END LOOP;

    -- An installer that is not a superuser must be able to act as the owner.
    FOREACH wanted IN ARRAY ARRAY['changefeed_owner', 'changefeed_definer', 'changefeed_reader'] LOOP
        FOR attempt IN 1..20 LOOP
            EXIT WHEN pg_catalog.pg_has_role(installer, wanted, CASE WHEN is_16 THEN 'SET' ELSE 'MEMBER' END)
                AND (pg_catalog.pg_has_role(installer, wanted, 'USAGE') OR NOT is_16);
            BEGIN
                EXECUTE pg_catalog.format('GRANT %I TO %I', wanted, installer)
                    || CASE WHEN is_16 THEN ' WITH INHERIT TRUE, SET TRUE' ELSE '' END;
            EXCEPTION WHEN unique_violation OR internal_error THEN
                PERFORM pg_catalog.pg_sleep(0.05);
            WHEN insufficient_privilege THEN
                SELECT pg_catalog.string_agg(DISTINCT pg_catalog.pg_get_userbyid(m.member)::text || ' or ', '')
                INTO others
                FROM pg_catalog.pg_auth_members m
                WHERE m.admin_option AND m.roleid = wanted::regrole AND m.member <> 10;
                RAISE EXCEPTION '% may not grant role %, which another role created', current_user, wanted
                    USING ERRCODE = 'insufficient_privilege', HINT = pg_catalog.concat(others, 'a superuser can.');
            END;
        END LOOP;
    END LOOP;
END $$;
