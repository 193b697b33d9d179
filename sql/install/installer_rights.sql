-- The rights that an installer without superuser needs, checked before anything is created: one error lists
-- all missing ones, each with the statement that grants it.
-- Any later failure is rolled back with the transaction, roles included.
DO $$
DECLARE
    me CONSTANT name := current_user;
    -- Since 16, the options of a membership are set with the grant,
    -- and CREATEROLE covers only roles that the role itself created.
    is_16 CONSTANT boolean := pg_catalog.current_setting('server_version_num')::int >= 160000;
    options CONSTANT text := CASE WHEN is_16 THEN ' WITH INHERIT TRUE, SET TRUE' ELSE '' END;
    may_create boolean;
    inherits boolean;
    -- If "inherits" is missing, that is reported once, not with every role.
    needed text := 'USAGE';
    missing text[];
    beyond text[];
    lacks text[] := '{}';
    gap record;
BEGIN
    -- For install/roles.sql, and for the parts after those that run as other roles.
    PERFORM pg_catalog.set_config('changefeed.installer', me, true);
    SELECT r.rolcreaterole, r.rolinherit OR is_16 INTO may_create, inherits FROM pg_catalog.pg_roles r
    WHERE r.rolname = me AND NOT r.rolsuper;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF NOT inherits THEN
        needed := 'MEMBER';
        lacks := lacks || pg_catalog.format('%s has NOINHERIT, so its memberships give it no rights. A role that may '
                                            'change it runs: ALTER ROLE %I INHERIT;', me, me);
    END IF;

    SELECT pg_catalog.array_agg(r.name ORDER BY r.place) FILTER (WHERE pg_catalog.to_regrole(r.name) IS NULL),
           pg_catalog.array_agg(r.name ORDER BY r.place) FILTER (
               WHERE pg_catalog.to_regrole(r.name) IS NOT NULL AND r.place <= 3
                 AND NOT (pg_catalog.pg_has_role(me, r.name, needed)
                          AND pg_catalog.pg_has_role(me, r.name, CASE WHEN is_16 THEN 'SET' ELSE 'MEMBER' END))
                 AND NOT pg_catalog.pg_has_role(me, r.name, 'MEMBER WITH ADMIN OPTION')
                 AND NOT (may_create AND NOT is_16))
    INTO missing, beyond
    FROM pg_catalog.unnest(
        '{changefeed_owner,changefeed_definer,changefeed_reader,changefeed_service,changefeed_monitor}'::text[])
        WITH ORDINALITY r (name, place);
    IF missing IS NOT NULL AND NOT may_create THEN
        lacks := lacks || pg_catalog.format('%s may not create roles, and these are missing: %s. A role with '
                                            'CREATEROLE runs once: psql -d %s -v installer=%s -f sql/roles.sql',
            me, pg_catalog.array_to_string(missing, ', '), pg_catalog.quote_ident(pg_catalog.current_database()),
            pg_catalog.quote_ident(me));
    END IF;
    IF beyond IS NOT NULL THEN
        lacks := lacks || pg_catalog.format('%s may not act as roles of the feed that another role '
                                            'created. %s: GRANT %s TO %I%s;', me,
            (SELECT pg_catalog.concat(pg_catalog.string_agg(
                                          DISTINCT pg_catalog.pg_get_userbyid(m.member)::text || ' or ',
                                          '' ORDER BY pg_catalog.pg_get_userbyid(m.member)::text || ' or '),
                                      'a superuser', CASE WHEN is_16 THEN '' ELSE ' or a role with CREATEROLE' END,
                                      ' runs')
             FROM pg_catalog.pg_auth_members m
             WHERE m.admin_option AND m.roleid::regrole::text = ANY (beyond) AND m.member <> 10),
            pg_catalog.array_to_string(beyond, ', '), me, options);
    END IF;

    FOR gap IN
        SELECT d.datname, pg_catalog.pg_get_userbyid(d.datdba) AS holder FROM pg_catalog.pg_database d
        WHERE d.datname = pg_catalog.current_database() AND NOT pg_catalog.has_database_privilege(me, d.oid, 'CREATE')
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_namespace n
                          WHERE n.nspname = 'changefeed' AND n.nspowner = pg_catalog.to_regrole('changefeed_owner'))
    LOOP
        lacks := lacks || pg_catalog.format('%s may not create a schema in this database. Its owner %s runs: '
                                            'GRANT CREATE ON DATABASE %I TO %I;',
            me, gap.holder, gap.datname, me);
    END LOOP;

    FOR gap IN
        SELECT CASE WHEN pg_catalog.pg_get_userbyid(n.nspowner) = 'pg_database_owner'
                    THEN (SELECT pg_catalog.pg_get_userbyid(d.datdba) FROM pg_catalog.pg_database d
                          WHERE d.datname = pg_catalog.current_database())
                    ELSE pg_catalog.pg_get_userbyid(n.nspowner) END AS holder
        FROM pg_catalog.pg_namespace n
        CROSS JOIN LATERAL (SELECT EXISTS (
            SELECT FROM pg_catalog.aclexplode(coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner))) a
            WHERE a.grantee = 0 AND a.privilege_type = 'USAGE')) everybody (may)
        WHERE n.nspname = 'public'
          AND (NOT pg_catalog.has_schema_privilege(me, n.oid, 'USAGE')
               OR NOT everybody.may AND NOT pg_catalog.pg_has_role(me, n.nspowner, needed)
                  AND NOT pg_catalog.has_schema_privilege(me, n.oid, 'USAGE WITH GRANT OPTION')
                  AND EXISTS (
                      SELECT FROM pg_catalog.unnest(
                          '{changefeed_owner,changefeed_definer,changefeed_reader}'::text[]) r (name)
                      WHERE NOT coalesce(
                          pg_catalog.has_schema_privilege(pg_catalog.to_regrole(r.name), n.oid, 'USAGE'), false)))
    LOOP
        lacks := lacks
            || pg_catalog.format('%s may not give the feed''s roles access to schema public, which is closed to '
                                 'PUBLIC. Its owner %s runs: GRANT USAGE ON SCHEMA public TO %I WITH GRANT OPTION;',
            me, gap.holder, me);
    END LOOP;

    -- The Odoo tables that get triggers (migrations/0002_tracked_models.sql, and all that have them) and on which
    -- install/odoo_grants.sql grants; objects in schema changefeed belong to other roles only
    -- after a restore without owners.
    FOR gap IN
        SELECT o.owner, pg_catalog.pg_get_userbyid(o.owner) AS holder, r.rolsuper,
               pg_catalog.count(*) AS number, pg_catalog.string_agg(o.object, ', ' ORDER BY o.object) AS objects,
               pg_catalog.min(o.object) AS first
        FROM (
            SELECT c.relowner AS owner, c.relname::text AS object FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
            WHERE c.relkind = 'r'
              AND c.relname = ANY (
                  '{account_journal,account_move,hr_employee,hr_expense,product_category,product_product,'
                  'product_template,purchase_order,res_partner,sale_order,stock_picking,auth_passkey_key,'
                  'ir_config_parameter,ir_model,ir_model_access,ir_model_constraint,ir_model_data,ir_model_inherit,'
                  'ir_module_module,ir_rule,mail_followers,res_company,res_company_users_rel,res_groups_implied_rel,'
                  'res_groups_users_rel,res_users,res_users_apikeys,rule_group_rel}'::name[])
            UNION
            SELECT c.relowner, c.oid::regclass::text FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_trigger g ON g.tgrelid = c.oid AND NOT g.tgisinternal
            JOIN pg_catalog.pg_proc p ON p.oid = g.tgfoid
            JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace AND n.nspname = 'changefeed'
            UNION
            SELECT n.nspowner, 'schema changefeed' FROM pg_catalog.pg_namespace n WHERE n.nspname = 'changefeed'
            UNION
            SELECT c.relowner, c.oid::regclass::text FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'changefeed'
            WHERE c.relkind IN ('r', 'p', 'v', 'S', 'c')
            UNION
            SELECT p.proowner, p.oid::regprocedure::text FROM pg_catalog.pg_proc p
            JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace AND n.nspname = 'changefeed') o
        JOIN pg_catalog.pg_roles r ON r.oid = o.owner
        WHERE NOT pg_catalog.pg_has_role(me, o.owner, needed)
          AND r.rolname NOT IN ('changefeed_owner', 'changefeed_definer', 'changefeed_reader')
        GROUP BY o.owner, r.rolsuper
        ORDER BY 2
    LOOP
        lacks := lacks || pg_catalog.format('%s does not have the rights of %s, the owner of %s. %s', me, gap.holder,
            CASE WHEN gap.number <= 3 THEN gap.objects
                 ELSE pg_catalog.format('%s and %s more', gap.first, gap.number - 1) END,
            CASE WHEN gap.rolsuper
                 THEN pg_catalog.format('%s, a superuser, installs, or gives each of them to Odoo''s role: '
                                        'ALTER TABLE %s OWNER TO …;', gap.holder, gap.first)
                 ELSE pg_catalog.format('%s runs: GRANT %I TO %I%s;',
                     CASE WHEN pg_catalog.pg_has_role(me, gap.owner, 'MEMBER WITH ADMIN OPTION')
                               OR may_create AND NOT is_16 THEN me::text
                          ELSE 'A role that may grant it' END,
                     gap.holder, me, CASE WHEN is_16 THEN ' WITH INHERIT TRUE' ELSE '' END) END);
    END LOOP;

    IF lacks <> '{}' THEN
        RAISE EXCEPTION '% may not install the feed yet; nothing was changed', me
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = '- ' || pg_catalog.array_to_string(lacks, E'\n- '),
                  HINT = 'Have these statements run, then run the installation again. docs/managed.md explains them.';
    END IF;
END $$;
