-- Everything that reads Odoo's own tables, owned by changefeed_definer: the tables' owner controls them, and any object
-- that it substitutes (a view, a policy, a type with its own cast) runs without useful rights. Columns that differ by
-- release of Odoo are looked up; the bodies are compiled late, so that they install where Odoo's tables are missing.

-- In plpgsql, whose plans last for the session: a pull calls it thirty times.
CREATE OR REPLACE FUNCTION changefeed.odoo_table(table_name name) RETURNS regclass
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT c.oid::regclass FROM pg_class c
            WHERE c.relnamespace = to_regnamespace('public') AND c.relname = odoo_table.table_name AND c.relkind = 'r');
END $$;
COMMENT ON FUNCTION changefeed.odoo_table(name) IS
    'An ordinary table of schema public; null for anything else of that name.';

CREATE OR REPLACE FUNCTION changefeed.odoo_has_model(model text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    IF changefeed.odoo_table('ir_model') IS NULL THEN
        RETURN false;
    END IF;
    RETURN EXISTS (SELECT FROM public.ir_model m WHERE m.model = odoo_has_model.model);
END $$;
COMMENT ON FUNCTION changefeed.odoo_has_model(text) IS 'True when Odoo knows the model in this database.';

-- Odoo does not record a model's table (_table). It is found in this order: the tracked table, Odoo's default name,
-- and otherwise the only table whose constraints Odoo recorded for the model.
CREATE OR REPLACE FUNCTION changefeed.odoo_model_table(model text) RETURNS regclass
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
DECLARE
    found regclass := (
        SELECT c.oid FROM changefeed.tracked_model t
        JOIN pg_namespace n ON n.nspname = t.table_schema
        JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.table_name AND c.relkind = 'r'
        WHERE t.model = odoo_model_table.model);
BEGIN
    IF found IS NULL THEN
        -- As odoo_table() finds it.
        found := (SELECT c.oid FROM pg_class c
                  WHERE c.relnamespace = to_regnamespace('public') AND c.relname = replace(model, '.', '_')::name
                    AND c.relkind = 'r');
    END IF;
    IF found IS NOT NULL THEN
        RETURN found;
    END IF;
    IF changefeed.odoo_table('ir_model') IS NOT NULL AND (
        SELECT count(*) = 2 FROM pg_attribute a
        WHERE a.attrelid = changefeed.odoo_table('ir_model_constraint') AND a.attname IN ('model', 'name')
          AND has_column_privilege(a.attrelid, a.attnum, 'SELECT')) THEN
        SELECT max(c.oid::oid) INTO found FROM public.ir_model_constraint k
        JOIN public.ir_model m ON m.id = k.model
        JOIN pg_constraint p ON p.conname = k.name
        JOIN pg_class c ON c.oid = p.conrelid AND c.relkind = 'r' AND c.relnamespace = to_regnamespace('public')
        WHERE m.model = odoo_model_table.model
        HAVING count(DISTINCT c.oid) = 1;
    END IF;
    RETURN found;
END $$;
COMMENT ON FUNCTION changefeed.odoo_model_table(text) IS
    'The ordinary table with a model''s records; null if there is none.';

CREATE OR REPLACE FUNCTION changefeed.odoo_model_tables(models text[]) RETURNS TABLE (model text, source regclass)
LANGUAGE plpgsql STABLE ROWS 20 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    FOREACH model IN ARRAY models LOOP
        source := changefeed.odoo_model_table(model);
        IF source IS NOT NULL THEN
            RETURN NEXT;
        END IF;
    END LOOP;
END $$;
COMMENT ON FUNCTION changefeed.odoo_model_tables(text[]) IS
    'odoo_model_table() of many; no row for a model that has none.';

CREATE OR REPLACE FUNCTION changefeed.odoo_database_uuid() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    IF changefeed.odoo_table('ir_config_parameter') IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT p.value FROM public.ir_config_parameter p WHERE p.key = 'database.uuid');
END $$;
COMMENT ON FUNCTION changefeed.odoo_database_uuid() IS 'Odoo''s parameter database.uuid; null without Odoo.';

CREATE OR REPLACE FUNCTION changefeed.odoo_is_neutralized() RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    IF changefeed.odoo_table('ir_config_parameter') IS NULL THEN
        RETURN false;
    END IF;
    -- Like Odoo: any text but the empty one, even 'False'.
    RETURN EXISTS (SELECT FROM public.ir_config_parameter p WHERE p.key = 'database.is_neutralized' AND p.value <> '');
END $$;
COMMENT ON FUNCTION changefeed.odoo_is_neutralized() IS
    'True if Odoo''s parameter database.is_neutralized is set, as on test copies.';

CREATE OR REPLACE FUNCTION changefeed.odoo_version() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    IF changefeed.odoo_table('ir_module_module') IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT m.latest_version::text FROM public.ir_module_module m WHERE m.name = 'base' LIMIT 1);
END $$;
COMMENT ON FUNCTION changefeed.odoo_version() IS
    'Version of Odoo''s module base as last installed or upgraded, such as 18.0.1.3; null without Odoo.';

CREATE OR REPLACE FUNCTION changefeed.odoo_release() RETURNS int
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN substring(changefeed.odoo_version() FROM '^([0-9]{1,4})[.]0[.]')::int;
END $$;
COMMENT ON FUNCTION changefeed.odoo_release() IS
    'The release of Odoo, such as 18; null without Odoo, and for versions between two releases (saas~17.4).';

CREATE OR REPLACE FUNCTION changefeed.odoo_api_key_candidates(prefix text)
RETURNS TABLE (key_id int, rounds int, salt text, expires_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    IF changefeed.odoo_table('res_users_apikeys') IS NULL OR changefeed.odoo_table('res_users') IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT k.id::int, split_part(k.key, '$', 3)::int, split_part(k.key, '$', 4),
           (to_jsonb(k) ->> 'expiration_date')::timestamp AT TIME ZONE 'UTC'
    FROM public.res_users_apikeys k
    WHERE k.index = prefix AND k.key ~ '^[$]pbkdf2-sha512[$][1-9][0-9]{0,6}[$][A-Za-z0-9./]+[$][A-Za-z0-9./]+$'
    ORDER BY k.id
    LIMIT 16;
END $$;
COMMENT ON FUNCTION changefeed.odoo_api_key_candidates(text) IS
    'Odoo API keys with these first eight characters: rounds and salt of the hash, never the hash itself.';

CREATE OR REPLACE FUNCTION changefeed.odoo_api_key_user(key_id int, derived text)
RETURNS TABLE (user_id int, login text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    IF changefeed.odoo_table('res_users_apikeys') IS NULL OR changefeed.odoo_table('res_users') IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT u.id::int, u.login::text
    FROM public.res_users_apikeys k
    JOIN public.res_users u ON u.id = k.user_id
    WHERE k.id = odoo_api_key_user.key_id AND k.key = odoo_api_key_user.derived
      AND (k.scope IS NULL OR k.scope = 'rpc')
      AND coalesce((to_jsonb(k) ->> 'expiration_date')::timestamp > now() AT TIME ZONE 'UTC', true)
      AND u.active AND u.id <> 1;
END $$;
COMMENT ON FUNCTION changefeed.odoo_api_key_user(int, text) IS
    'The active user whose API key hashes to this text, '
    'if the key is valid now and its scope is none or rpc. Never the superuser.';
