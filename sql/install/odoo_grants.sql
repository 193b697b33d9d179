-- The parts of Odoo's tables that changefeed_definer may read: those that the functions of odoo/tables.sql need, each
-- if it exists. grant_rules() grants the rest to changefeed_reader. Neither is a login role; the service and the
-- monitor get no right on any table of Odoo.
DO $$
DECLARE
    wanted record;
BEGIN
    -- If PUBLIC may use the schema, they may without a grant, too: an installer that cannot grant it was accepted.
    IF EXISTS (SELECT FROM pg_catalog.pg_namespace n
               WHERE n.nspname = 'public'
                 AND (pg_catalog.pg_has_role(n.nspowner, 'USAGE')
                      OR pg_catalog.has_schema_privilege(n.oid, 'USAGE WITH GRANT OPTION'))) THEN
        GRANT USAGE ON SCHEMA public TO changefeed_owner, changefeed_definer, changefeed_reader;
    END IF;
    FOR wanted IN
        SELECT * FROM (VALUES
            ('ir_model', 'SELECT (id, model)'),
            ('ir_model', 'SELECT (state)'),
            ('ir_model_access', 'SELECT (id, model_id, group_id, perm_read, active)'),
            ('ir_rule', 'SELECT (id, name, model_id, domain_force, active, perm_read)'),
            ('rule_group_rel', 'SELECT'),
            ('ir_model_inherit', 'SELECT'),
            ('res_company_users_rel', 'SELECT'),
            ('res_company', 'SELECT (id)'),
            ('res_company', 'SELECT (active)'),
            ('res_users', 'SELECT (company_id)'),
            ('ir_config_parameter', 'SELECT (key, value)'),
            ('ir_model_data', 'SELECT (module, name, model, res_id)'),
            ('res_users', 'SELECT (id, login, active, share, password)'),
            -- Columns that Odoo's authentication modules add to the key of a session.
            ('res_users', 'SELECT (totp_secret)'),
            ('res_users', 'SELECT (oauth_access_token)'),
            ('auth_passkey_key', 'SELECT (id, create_uid)'),
            ('ir_module_module', 'SELECT (name, latest_version)'),
            -- Whole, because its columns differ by release of Odoo.
            ('res_users_apikeys', 'SELECT'),
            ('res_groups_users_rel', 'SELECT'),
            ('res_groups_implied_rel', 'SELECT'),
            -- For a model whose table has another name.
            ('ir_model_constraint', 'SELECT (model, name)')
        ) AS v (table_name, privilege)
    LOOP
        IF pg_catalog.to_regclass('public.' || wanted.table_name) IS NOT NULL AND NOT EXISTS (
            SELECT FROM pg_catalog.regexp_split_to_table(pg_catalog.substring(wanted.privilege, '[(](.*)[)]'),
                                                         ', ') c (name)
            WHERE NOT EXISTS (
                SELECT FROM pg_catalog.pg_attribute a
                WHERE a.attrelid = pg_catalog.to_regclass('public.' || wanted.table_name) AND a.attname = c.name
                  AND NOT a.attisdropped)) THEN
            EXECUTE pg_catalog.format('GRANT %s ON public.%I TO changefeed_definer', wanted.privilege,
                                      wanted.table_name);
        END IF;
    END LOOP;
END $$;

-- For the records of models that are tracked or will be soon; track() does it for later ones. Missing rights
-- are detected here, where the transaction rolls everything back.
DO $$
BEGIN
    -- Earlier versions computed implied groups with the rights of changefeed_reader. If a rule reads the table, the
    -- right is granted again below.
    IF pg_catalog.has_any_column_privilege('changefeed_reader',
                                           pg_catalog.to_regclass('public.res_groups_implied_rel'), 'SELECT') THEN
        REVOKE SELECT ON public.res_groups_implied_rel FROM changefeed_reader;
    END IF;
    PERFORM changefeed.grant_data(t.model), changefeed.grant_rules(t.model)
    FROM (SELECT m.model FROM changefeed.tracked_model m
          UNION
          SELECT d.model FROM changefeed.default_model d
          WHERE NOT EXISTS (SELECT FROM changefeed.gap g WHERE g.model = d.model AND g.ended_at IS NULL)
          ORDER BY 1) t;
END $$;

-- Odoo's own role needs none of this to write. It may read the feed, because pg_dump, which Odoo and many a cron job
-- run as that role, locks every table of the database.
DO $$
DECLARE
    odoo name := (SELECT pg_catalog.pg_get_userbyid(c.relowner) FROM pg_catalog.pg_class c
                  WHERE c.oid = pg_catalog.to_regclass('public.ir_model'));
BEGIN
    IF odoo IS NOT NULL THEN
        EXECUTE pg_catalog.format('GRANT USAGE ON SCHEMA changefeed TO %I', odoo);
        EXECUTE pg_catalog.format('GRANT SELECT ON ALL TABLES IN SCHEMA changefeed TO %I', odoo);
        EXECUTE pg_catalog.format('GRANT SELECT ON ALL SEQUENCES IN SCHEMA changefeed TO %I', odoo);
    END IF;
END $$;
