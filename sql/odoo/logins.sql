-- Users by name, for people: the feed itself knows them by number.

CREATE OR REPLACE FUNCTION changefeed.odoo_logins(user_ids int[]) RETURNS TABLE (user_id int, login text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    IF changefeed.odoo_table('res_users') IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY SELECT u.id::int, u.login::text FROM public.res_users u WHERE u.id = ANY (user_ids);
END $$;
COMMENT ON FUNCTION changefeed.odoo_logins(int[]) IS 'The logins of these users, active or not.';
