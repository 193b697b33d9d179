-- Only for uninstall.sql: revokes the grants of install/odoo_grants.sql and track() in this database, and drops the
-- roles unless another database still needs them. An operator's grants to them elsewhere stay:
-- DROP OWNED would revoke those too.
DO $$
DECLARE
    me CONSTANT name := current_user;
    wanted text;
    given record;
    denied text[] := '{}';
    used text;
    left_to text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['changefeed_owner', 'changefeed_definer', 'changefeed_reader', 'changefeed_service',
                                  'changefeed_monitor'] LOOP
        CONTINUE WHEN pg_catalog.to_regrole(wanted) IS NULL;
        FOR given IN
            SELECT o.what, o.owner, a.grantor AS grantor_oid, pg_catalog.pg_get_userbyid(a.grantor) AS grantor,
                   pg_catalog.string_agg(DISTINCT a.privilege_type || o.part, ', ') AS rights
            FROM (
                SELECT pg_catalog.format('SCHEMA %I', n.nspname) AS what, '' AS part, n.nspname AS place,
                       n.nspowner AS owner, n.nspacl AS acl
                FROM pg_catalog.pg_namespace n
                UNION ALL
                SELECT c.oid::regclass::text, '', n.nspname, c.relowner, c.relacl FROM pg_catalog.pg_class c
                JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
                UNION ALL
                SELECT c.oid::regclass::text, pg_catalog.format(' (%I)', t.attname), n.nspname, c.relowner, t.attacl
                FROM pg_catalog.pg_class c
                JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                JOIN pg_catalog.pg_attribute t ON t.attrelid = c.oid AND t.attacl IS NOT NULL
                WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')) o
            CROSS JOIN LATERAL pg_catalog.aclexplode(o.acl) a
            WHERE a.grantee = pg_catalog.to_regrole(wanted)
              -- Tables may have been tracked in any schema; these two are not login roles,
              -- so their rights are the feed's.
              AND (o.place = 'public' OR wanted IN ('changefeed_definer', 'changefeed_reader')
                   AND o.place NOT IN ('pg_catalog', 'information_schema', 'pg_toast'))
            GROUP BY o.what, o.owner, a.grantor
        LOOP
            BEGIN
                -- REVOKE revokes only its own grantor's grants, and if the role is a member of several grantors it
                -- chooses one itself.
                BEGIN
                    PERFORM pg_catalog.set_config('role', given.grantor, true);
                EXCEPTION WHEN insufficient_privilege THEN
                    IF given.grantor_oid <> given.owner OR NOT pg_catalog.pg_has_role(me, given.owner, 'USAGE') THEN
                        RAISE;
                    END IF;
                END;
                EXECUTE pg_catalog.format('REVOKE %s ON %s FROM %I', given.rights, given.what, wanted);
                PERFORM pg_catalog.set_config('role', me, true);
            EXCEPTION WHEN insufficient_privilege OR invalid_parameter_value THEN
                RAISE NOTICE 'rights that % granted to role % on % stay', given.grantor, wanted, given.what
                    USING HINT = pg_catalog.format('%s runs this script again, or: REVOKE %s ON %s FROM %I;',
                                                   CASE given.grantor WHEN 'pg_database_owner'
                                                        THEN 'The database''s owner' ELSE given.grantor END,
                                                   given.rights, given.what, wanted);
            END;
        END LOOP;
        BEGIN
            EXECUTE pg_catalog.format('DROP ROLE %I', wanted);
        EXCEPTION WHEN dependent_objects_still_exist THEN
            GET STACKED DIAGNOSTICS used = PG_EXCEPTION_DETAIL;
            RAISE NOTICE 'role % stays: another database of this cluster, or rights granted to it, still use it', wanted
                USING DETAIL = used;
        WHEN insufficient_privilege THEN
            denied := denied || wanted;
        WHEN undefined_object OR internal_error OR deadlock_detected OR lock_not_available THEN
            RAISE NOTICE 'another session uses or removes role %', wanted;
        END;
    END LOOP;
    IF denied <> '{}' THEN
        SELECT pg_catalog.string_agg(DISTINCT pg_catalog.pg_get_userbyid(m.member)::text, ' or ') INTO left_to
        FROM pg_catalog.pg_auth_members m
        WHERE m.admin_option AND m.roleid::regrole::text = ANY (denied) AND m.member <> 10;
        RAISE NOTICE 'these roles stay, because % may not drop them: %', me, pg_catalog.array_to_string(denied, ', ')
            USING HINT = pg_catalog.format('When no other database uses them, %s with CREATEROLE runs: DROP ROLE %s;',
                                           coalesce(left_to, 'a role'), pg_catalog.array_to_string(denied, ', '));
    END IF;
END $$;
