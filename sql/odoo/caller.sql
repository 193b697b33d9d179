-- Authentication: Odoo's own credentials, checked against Odoo's tables. The secrets never leave the database.

-- Python's repr() of a str, as in Odoo's session key.
CREATE OR REPLACE FUNCTION changefeed.odoo_python_text(value text) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    quote text := CASE WHEN position('''' IN value) > 0 AND position('"' IN value) = 0 THEN '"' ELSE '''' END;
    escaped text := replace(value, E'\\', E'\\\\');
BEGIN
    IF quote = '''' THEN
        escaped := replace(escaped, '''', E'\\''');
    END IF;
    IF escaped ~ E'[\\u0001-\\u001f\\u007f-\\u00a0\\u00ad]' THEN
        escaped := replace(replace(replace(escaped, E'\n', E'\\n'), E'\r', E'\\r'), E'\t', E'\\t');
        FOR code IN 1..173 LOOP
            CONTINUE WHEN code BETWEEN 32 AND 126 OR code BETWEEN 161 AND 172;
            escaped := replace(escaped, chr(code), E'\\x' || lpad(to_hex(code), 2, '0'));
        END LOOP;
    END IF;
    RETURN quote || escaped || quote;
END $$;
COMMENT ON FUNCTION changefeed.odoo_python_text(text) IS
    'Python''s repr() of a text, except for unprintable characters above U+00AD, which it would escape too.';

CREATE OR REPLACE FUNCTION changefeed.odoo_hmac_sha256(key bytea, message bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    inner_pad bytea;
    outer_pad bytea;
    byte int;
BEGIN
    inner_pad := CASE WHEN length(key) > 64 THEN sha256(key) ELSE key END;
    inner_pad := inner_pad || decode(repeat('00', 64 - length(inner_pad)), 'hex');
    outer_pad := inner_pad;
    FOR place IN 0..63 LOOP
        byte := get_byte(inner_pad, place);
        inner_pad := set_byte(inner_pad, place, byte # 54);
        outer_pad := set_byte(outer_pad, place, byte # 92);
    END LOOP;
    RETURN sha256(outer_pad || sha256(inner_pad || message));
END $$;
COMMENT ON FUNCTION changefeed.odoo_hmac_sha256(bytea, bytea) IS 'HMAC-SHA-256 (RFC 2104).';

CREATE OR REPLACE FUNCTION changefeed.odoo_profile(user_id int) RETURNS json
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    RETURN (
        SELECT json_build_object('user_id', u.id, 'login', u.login, 'is_portal', u.share, 'lang', d.lang,
                                 'company_id', d.company,
                                 'company_ids', changefeed.odoo_user_companies(u.id))
        FROM public.res_users u LEFT JOIN changefeed.odoo_data_user(u.id) d ON true
        WHERE u.id = odoo_profile.user_id);
END $$;
COMMENT ON FUNCTION changefeed.odoo_profile(int) IS
    'A user as one JSON object: number, login, whether external, language, current company, companies. lang and '
    'company_id are null if Odoo''s tables may not be read.';

-- Odoo's res.users._session_token_hash_compute: the key is Python's str() of a tuple. Of the values, the secret last
-- (16, 17) or first (18.0); later of (column, value) for each value that is not None.
-- auth_passkey appends the ids of the passkeys.
CREATE OR REPLACE FUNCTION changefeed.odoo_session_keys(user_id int) RETURNS SETOF text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
DECLARE
    columns text[] := ARRAY(
        SELECT a.attname::text FROM pg_attribute a
        WHERE a.attrelid = changefeed.odoo_table('res_users') AND NOT a.attisdropped
          AND a.attname IN ('active', 'id', 'login', 'oauth_access_token', 'password', 'totp_secret')
        ORDER BY a.attname::text COLLATE "C");
    stored jsonb;
    plain text[];
    named text[];
    secret text := (SELECT p.value FROM public.ir_config_parameter p WHERE p.key = 'database.secret');
    name text;
    shown text;
    passkeys text;
BEGIN
    IF secret IS NULL OR secret = '' OR columns = '{}' THEN
        RETURN;
    END IF;
    -- A module that was installed after the feed: closed until install.sql has run again; verify() reports it.
    IF EXISTS (SELECT FROM unnest(columns) c WHERE NOT has_column_privilege('public.res_users', c, 'SELECT'))
       OR changefeed.odoo_table('auth_passkey_key') IS NOT NULL
          AND NOT has_column_privilege('public.auth_passkey_key', 'create_uid', 'SELECT') THEN
        RETURN;
    END IF;
    EXECUTE format('SELECT to_jsonb(u) FROM (SELECT %s FROM public.res_users WHERE id = $1) u',
                   (SELECT string_agg(quote_ident(c), ', ') FROM unnest(columns) c))
    INTO stored USING user_id;
    IF stored IS NULL THEN
        RETURN;
    END IF;
    plain := ARRAY[changefeed.odoo_python_text(secret)];
    named := ARRAY['(''database_secret'', ' || plain[1] || ')'];
    FOREACH name IN ARRAY columns LOOP
        shown := CASE jsonb_typeof(stored -> name)
            WHEN 'null' THEN 'None'
            WHEN 'boolean' THEN initcap((stored ->> name) COLLATE "C")
            WHEN 'number' THEN stored ->> name
            ELSE changefeed.odoo_python_text(stored ->> name) END;
        plain := plain || shown;
        IF shown <> 'None' THEN
            named := named || format('(%s, %s)', quote_literal(name), shown);
        END IF;
    END LOOP;
    IF changefeed.odoo_table('auth_passkey_key') IS NOT NULL THEN
        SELECT string_agg(k.id::text, ', ' ORDER BY k.id DESC) INTO passkeys
        FROM public.auth_passkey_key k WHERE k.create_uid = user_id;
        RETURN NEXT format('(%s, [%s])', array_to_string(plain, ', '), coalesce(passkeys, 'None'));
        IF passkeys IS NOT NULL THEN
            named := named || format('(''auth_passkey_key_ids'', [%s])', passkeys);
        END IF;
    ELSE
        RETURN NEXT format('(%s)', array_to_string(plain, ', '));
        RETURN NEXT format('(%s)', array_to_string(plain[2:] || plain[1], ', '));
    END IF;
    RETURN NEXT format('(%s)', array_to_string(named, ', '));
END $$;
COMMENT ON FUNCTION changefeed.odoo_session_keys(int) IS
    'The keys of Odoo''s releases for this user''s session tokens. Only for odoo_session_user(): no role may call it.';

CREATE OR REPLACE FUNCTION changefeed.odoo_session_user(
    user_id int, session text, token text, idle_seconds double precision)
RETURNS int
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
DECLARE
    longest text := (SELECT btrim(p.value, E' \t\r\n') FROM public.ir_config_parameter p
                     WHERE p.key = 'sessions.max_inactivity_seconds');
BEGIN
    -- Odoo's default: seven days.
    IF idle_seconds IS NULL
       OR idle_seconds > (CASE WHEN longest ~ '^[+-]?[0-9]{1,18}$' THEN longest::bigint ELSE 604800 END) THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT user_id WHERE EXISTS (
        SELECT FROM changefeed.odoo_session_keys(user_id) k (key)
        WHERE sha256(convert_to(token, 'UTF8')) = sha256(convert_to(encode(changefeed.odoo_hmac_sha256(
                  convert_to(k.key, 'UTF8'), convert_to(session, 'UTF8')), 'hex'), 'UTF8'))));
END $$;
COMMENT ON FUNCTION changefeed.odoo_session_user(int, text, text, double precision) IS
    'The user, if this is the token of their session by Odoo''s rules (HMAC-SHA-256 over the '
    'session id) and it was not idle for too long.';

CREATE OR REPLACE FUNCTION changefeed.odoo_caller(
    method text, subject int, proof text, session text, idle_seconds double precision, database text,
    allow_portal boolean)
RETURNS TABLE (user_id int, refused boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
DECLARE
    caller int;
BEGIN
    IF database <> current_database() OR changefeed.odoo_table('res_users') IS NULL THEN
        RETURN;
    END IF;
    CASE method
        WHEN 'api_key' THEN SELECT k.user_id INTO caller FROM changefeed.odoo_api_key_user(subject, proof) k;
        WHEN 'session' THEN caller := changefeed.odoo_session_user(subject, session, proof, idle_seconds);
        -- Odoo itself confirmed it recently.
        WHEN 'confirmed' THEN caller := subject;
        WHEN 'endpoint' THEN
            SELECT e.user_id INTO caller FROM changefeed.endpoint e
            WHERE e.id = subject AND e.state = 'active' AND (proof IS NULL OR e.revision::text = proof)
              AND changefeed.delivery_allowed()
              -- The key is the user's, or that of a member of the operator's group who created it for the user.
              AND (e.api_key IS NULL OR EXISTS (
                  SELECT FROM public.res_users_apikeys k JOIN public.res_users o ON o.id = k.user_id
                  WHERE k.id = e.api_key AND o.active
                    AND coalesce((to_jsonb(k) ->> 'expiration_date')::timestamp > now() AT TIME ZONE 'UTC', true)));
    END CASE;
    RETURN QUERY
    SELECT u.id::int, coalesce(u.share, false) AND NOT coalesce(allow_portal, false) FROM public.res_users u
    WHERE u.id = caller AND u.active AND u.id <> 1;
END $$;
COMMENT ON FUNCTION changefeed.odoo_caller(text, int, text, text, double precision, text, boolean) IS
    'The active user of a credential: an API key (subject: its row, proof: its hash), a session (subject: the user, '
    'proof: its token), a session that Odoo has just confirmed, or an endpoint (subject: its number, proof: its '
    'revision, or null), while it is active, its API key is valid and this database may push. Never the superuser. '
    'refused: a portal or public user '
    'where these are not allowed. No row for another database.';

CREATE OR REPLACE FUNCTION changefeed.odoo_user_id(login text) RETURNS int
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    RETURN (SELECT u.id FROM public.res_users u WHERE u.login = odoo_user_id.login AND u.active AND u.id <> 1);
END $$;
COMMENT ON FUNCTION changefeed.odoo_user_id(text) IS
    'The active user with a login, never the superuser; null if there is none.';

-- The only place that adds implied groups; compiled rules call it, too.
CREATE OR REPLACE FUNCTION changefeed.odoo_member_of(user_id int) RETURNS int[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    IF changefeed.odoo_table('res_groups_users_rel') IS NULL
       OR changefeed.odoo_table('res_groups_implied_rel') IS NULL THEN
        RETURN '{}';
    END IF;
    RETURN ARRAY(
        WITH RECURSIVE member (gid) AS (
            SELECT g.gid FROM public.res_groups_users_rel g WHERE g.uid = odoo_member_of.user_id
            UNION
            SELECT i.hid FROM member JOIN public.res_groups_implied_rel i ON i.gid = member.gid
        )
        SELECT m.gid FROM member m);
END $$;
COMMENT ON FUNCTION changefeed.odoo_member_of(int) IS 'The ids of a user''s groups, including implied groups.';

CREATE OR REPLACE FUNCTION changefeed.odoo_in_group(user_id int, group_name text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    IF changefeed.odoo_table('ir_model_data') IS NULL OR changefeed.odoo_table('res_users') IS NULL THEN
        RETURN false;
    END IF;
    RETURN EXISTS (
        SELECT FROM public.ir_model_data d
        WHERE d.module = split_part(group_name, '.', 1) AND d.name = split_part(group_name, '.', 2)
          AND d.model = 'res.groups'
          AND d.res_id = ANY (changefeed.odoo_member_of(user_id))
          AND EXISTS (SELECT FROM public.res_users u WHERE u.id = odoo_in_group.user_id AND u.active));
END $$;
COMMENT ON FUNCTION changefeed.odoo_in_group(int, text) IS
    'True when the user is in the group with this XML id (such as base.group_system), directly or by implied groups.';

CREATE OR REPLACE FUNCTION changefeed.odoo_trial_user() RETURNS int
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    IF changefeed.odoo_table('res_users') IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT u.id FROM public.res_users u WHERE u.active AND u.id <> 1 AND u.share IS NOT TRUE
            ORDER BY u.id LIMIT 1);
END $$;
COMMENT ON FUNCTION changefeed.odoo_trial_user() IS
    'The active internal user with the lowest number, for the trial pull; null if there is none.';
