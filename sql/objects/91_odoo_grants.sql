-- What changefeed_owner may read of Odoo's tables: what the SECURITY DEFINER functions need, each where it exists.
-- Nobody logs in as the owner; the service and the monitor get no right on any table of Odoo.
DO $$
DECLARE
    wanted record;
BEGIN
    GRANT USAGE ON SCHEMA public TO changefeed_owner;
    FOR wanted IN
        SELECT * FROM (VALUES
            ('ir_model', 'SELECT (id, model)'),
            ('ir_model_access', 'SELECT (id, model_id, group_id, perm_read, active)'),
            ('ir_config_parameter', 'SELECT (key, value)'),
            ('res_users', 'SELECT (id, login, active)'),
            -- Whole, since its columns differ by version of Odoo.
            ('res_users_apikeys', 'SELECT'),
            ('res_groups_users_rel', 'SELECT'),
            ('res_groups_implied_rel', 'SELECT')
        ) AS v (table_name, privilege)
    LOOP
        IF pg_catalog.to_regclass('public.' || wanted.table_name) IS NOT NULL THEN
            EXECUTE pg_catalog.format('GRANT %s ON public.%I TO changefeed_owner', wanted.privilege, wanted.table_name);
        END IF;
    END LOOP;
END $$;
