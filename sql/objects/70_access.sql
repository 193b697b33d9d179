-- Who is asking, and what Odoo lets them read. Odoo's tables differ by version, so optional columns are read
-- through to_jsonb; the bodies are compiled late, so that they install where Odoo's tables are missing.

CREATE OR REPLACE FUNCTION changefeed.api_key_candidates(prefix text)
RETURNS TABLE (key_id int, rounds int, salt text, expires_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT k.id::int, split_part(k.key, '$', 3)::int, split_part(k.key, '$', 4),
           (to_jsonb(k) ->> 'expiration_date')::timestamp AT TIME ZONE 'UTC'
    FROM public.res_users_apikeys k
    WHERE k.index = prefix AND k.key ~ '^\$pbkdf2-sha512\$[1-9][0-9]{0,6}\$[A-Za-z0-9./]+\$[A-Za-z0-9./]+$'
    ORDER BY k.id
    LIMIT 16;
END $$;
COMMENT ON FUNCTION changefeed.api_key_candidates(text) IS
    'Odoo API keys whose first eight characters are these: rounds and salt of the hash, never the hash itself.';

CREATE OR REPLACE FUNCTION changefeed.api_key_user(key_id int, derived text)
RETURNS TABLE (user_id int, login text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT u.id::int, u.login::text
    FROM public.res_users_apikeys k
    JOIN public.res_users u ON u.id = k.user_id
    WHERE k.id = api_key_user.key_id AND k.key = api_key_user.derived
      AND (k.scope IS NULL OR k.scope = 'rpc')
      AND coalesce((to_jsonb(k) ->> 'expiration_date')::timestamp > now() AT TIME ZONE 'UTC', true)
      AND u.active AND u.id <> 1;
END $$;
COMMENT ON FUNCTION changefeed.api_key_user(int, text) IS
    'The active user whose API key hashes to this text, if the key is valid now and its scope is none or rpc. Never the superuser.';

CREATE OR REPLACE FUNCTION changefeed.readable_models(user_id int) RETURNS SETOF text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    WITH RECURSIVE member (gid) AS (
        SELECT g.gid FROM public.res_groups_users_rel g
        JOIN public.res_users u ON u.id = g.uid AND u.active
        WHERE g.uid = readable_models.user_id
        UNION
        SELECT i.hid FROM member JOIN public.res_groups_implied_rel i ON i.gid = member.gid
    )
    SELECT t.model FROM changefeed.tracked_model t
    WHERE EXISTS (SELECT FROM public.res_users u WHERE u.id = readable_models.user_id AND u.active)
      AND EXISTS (
        SELECT FROM public.ir_model m
        JOIN public.ir_model_access a ON a.model_id = m.id
        WHERE m.model = t.model AND a.active AND a.perm_read
          AND (a.group_id IS NULL OR a.group_id IN (SELECT member.gid FROM member)))
    ORDER BY t.model;
END $$;
COMMENT ON FUNCTION changefeed.readable_models(int) IS
    'Tracked models that Odoo lets this user read: ir_model_access through the user''s groups, closed over implied groups.';
