-- The version of access in a snapshot. Statement triggers on the tables that decide what a user sees, and how data are
-- written, add a row to changefeed.access_change; the rows visible in a snapshot are its version of access. Results
-- computed under one version may be reused while it is current.

-- The tables that odoo_access(), access_scopes(), list_scopes() and odoo_record_query() read, except res_partner, which
-- is written all the time: its languages are read by odoo_access_stamp() each time. Not every release has all of them.
-- Every request that reaches the database reads res_users_apikeys and app_type; they are listed for requests that do
-- not (sync/idle.sql).
CREATE OR REPLACE FUNCTION changefeed.odoo_watched_tables(table_schema name) RETURNS name[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE table_schema
        WHEN 'public'
        THEN '{ir_default,ir_model,ir_model_access,ir_model_constraint,ir_model_data,ir_model_fields,'
             'ir_model_fields_group_rel,ir_model_inherit,ir_module_module,ir_rule,properties_base_definition,'
             'res_company,res_company_users_rel,res_groups_implied_rel,res_groups_users_rel,res_lang,res_users,'
             'res_users_apikeys,rule_group_rel}'::name[]
        WHEN 'changefeed'
        THEN '{app_type,compiled_rules,field_decision,model_decision,odoo_fields,rule_decision,tracked_model}'
        ELSE '{}' END
$$;
COMMENT ON FUNCTION changefeed.odoo_watched_tables(name) IS
    'The tables of a schema, Odoo''s (public) or the feed''s own (changefeed), whose changes are changes of access.';

-- The doorbell rings as for a change of records (capture/capture.sql): cached answers must not be reused.
-- One row per transaction. If a savepoint rolls it back, it is recorded again: the setting is rolled back with it.
CREATE OR REPLACE FUNCTION changefeed.capture_access() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me CONSTANT text := pg_current_xact_id()::text;
BEGIN
    IF current_setting('changefeed.access_noted', true) IS DISTINCT FROM me THEN
        INSERT INTO changefeed.access_change (xid) VALUES (pg_current_xact_id());
        PERFORM set_config('changefeed.access_noted', me, true);
        IF NOT pg_try_advisory_xact_lock_shared(4846791580151137091) THEN
            IF pg_notification_queue_usage() < 0.5 THEN
                PERFORM pg_notify('changefeed_bell', '');
            END IF;
        END IF;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION changefeed.capture_access() IS
    'Trigger function: records that this transaction changes what users see.';

-- Which triggers exist, and since when (xmin): changes made while one of them was off are noticed when it is back.
CREATE OR REPLACE FUNCTION changefeed.odoo_access_mark() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    ours CONSTANT oid := to_regprocedure('changefeed.capture_access()');
    odoo CONSTANT oid := to_regnamespace('public');
    feed CONSTANT oid := to_regnamespace('changefeed');
BEGIN
    RETURN (
        SELECT CASE WHEN bool_and(coalesce(
                         t.tgenabled = 'A' AND t.tgtype = 60 AND t.tgfoid = ours AND t.tgqual IS NULL
                         AND t.tgattr = ''::int2vector
                         AND c.relkind = 'r' AND NOT c.relhassubclass, false))
                     -- Logical replication does not fire statement triggers.
                     AND NOT EXISTS (SELECT FROM pg_subscription_rel)
                    THEN sum(hashint8extended((t.oid::bigint << 32) | t.xmin::text::bigint, 0))::text END
        FROM pg_class c LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND t.tgname = 'changefeed_access'
        WHERE c.relname = ANY (changefeed.odoo_watched_tables('public') || changefeed.odoo_watched_tables('changefeed'))
          AND c.relnamespace = CASE WHEN c.relname = ANY (changefeed.odoo_watched_tables('changefeed'))
                                    THEN feed ELSE odoo END);
END $$;
COMMENT ON FUNCTION changefeed.odoo_access_mark() IS
    'A text that differs for every state of the triggers that notice changes of access. Null: '
    'one is missing or altered.';

-- The mark takes more time than all the rest of a stamp, and triggers come and go when Odoo is upgraded. The service's
-- check of its memory does not use this.
CREATE OR REPLACE FUNCTION changefeed.odoo_recent_mark() RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    now_text CONSTANT text := to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS') COLLATE "C";
    kept CONSTANT text := current_setting('changefeed.access_mark', true);
    mark text;
BEGIN
    IF left(kept, 20) COLLATE "C" BETWEEN
       to_char(clock_timestamp() AT TIME ZONE 'UTC' - interval '0.5 s', 'YYYYMMDDHH24MISSUS') AND now_text THEN
        RETURN substr(kept, 21);
    END IF;
    mark := changefeed.odoo_access_mark();
    PERFORM set_config('changefeed.access_mark', now_text || mark, false);
    RETURN mark;
END $$;
COMMENT ON FUNCTION changefeed.odoo_recent_mark() IS
    'odoo_access_mark() as it was in this session at most half a second ago.';

-- An aggregate of ids that are never reused, over the whole set: transactions that end in another order than they drew
-- their ids make different sets.
CREATE OR REPLACE FUNCTION changefeed.odoo_access_version(mark text DEFAULT changefeed.odoo_access_mark()) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN (
        SELECT CASE WHEN mark IS NOT NULL AND bool_or(c.xid = pg_current_xact_id_if_assigned()) IS NOT TRUE
                    THEN concat_ws(':', mark, count(*), max(c.id), sum(hashint8extended(c.id, 0))) END
        FROM changefeed.access_change c);
END $$;
COMMENT ON FUNCTION changefeed.odoo_access_version(text) IS
    'A text that differs for every version of access. Null: unknown, because a trigger is missing (mark, from '
    'odoo_access_mark(), is null) or this transaction itself changes access.';

CREATE OR REPLACE FUNCTION changefeed.odoo_access_stamp(user_id int, mark text DEFAULT changefeed.odoo_access_mark())
RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN (
        SELECT changefeed.odoo_access_version(mark) || concat_ws(' ', '', p.lang, l.active, q.lang, m.active)
        FROM public.res_users u
        LEFT JOIN public.res_partner p ON p.id = u.partner_id LEFT JOIN public.res_lang l ON l.code = p.lang
        LEFT JOIN public.res_company o ON o.id = u.company_id
        LEFT JOIN public.res_partner q ON q.id = o.partner_id LEFT JOIN public.res_lang m ON m.code = q.lang
        WHERE u.id = odoo_access_stamp.user_id);
EXCEPTION WHEN undefined_table OR undefined_column OR insufficient_privilege THEN
    RETURN NULL;
END $$;
COMMENT ON FUNCTION changefeed.odoo_access_stamp(int, text) IS
    'odoo_access_version(), and the languages of a user and of the user''s company. Null: '
    'nothing may be cached for this user.';

CREATE OR REPLACE FUNCTION changefeed.odoo_data_shape(user_id int) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    RETURN (
        SELECT md5(ROW(d.lang, u.share, changefeed.odoo_groups_key(odoo_data_shape.user_id))::text)
        FROM changefeed.odoo_data_user(odoo_data_shape.user_id) d, public.res_users u
        WHERE u.id = odoo_data_shape.user_id);
END $$;
COMMENT ON FUNCTION changefeed.odoo_data_shape(int) IS
    'A digest shared by users for whom odoo_record_query() writes the same SQL in the same company. '
    'Null: there are no data.';

-- The facts that session checks use, other than res_users. Passkeys are counted and not watched, because each use of
-- one writes its row.
CREATE OR REPLACE FUNCTION changefeed.odoo_session_mark() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    mark text;
    passkeys text;
BEGIN
    SELECT string_agg(concat_ws(' ', p.key, p.value), ' ' ORDER BY p.key) INTO mark
    FROM public.ir_config_parameter p
    WHERE p.key IN ('database.secret', 'database.uuid', 'sessions.max_inactivity_seconds');
    IF changefeed.odoo_table('auth_passkey_key') IS NOT NULL THEN
        SELECT concat_ws(' ', count(*), sum(hashint8extended((k.id::bigint << 32) | coalesce(k.create_uid, 0), 0)))
        INTO passkeys FROM public.auth_passkey_key k;
    END IF;
    RETURN encode(sha256(convert_to(concat_ws(':', pg_postmaster_start_time(), mark, passkeys), 'UTF8')), 'hex');
EXCEPTION WHEN undefined_table OR undefined_column OR insufficient_privilege THEN
    RETURN NULL;
END $$;
COMMENT ON FUNCTION changefeed.odoo_session_mark() IS
    'A text that changes whenever a fact that session checks use has changed, other than the users. Null: unknown.';

CREATE OR REPLACE FUNCTION changefeed.odoo_idle_caller(
    method text, subject int, user_id int, idle_seconds double precision, OUT server text, OUT partners int[],
    OUT seconds double precision)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    server := concat_ws(' ', (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()),
                        pg_postmaster_start_time());
    partners := ARRAY(
        SELECT p.id FROM (
            SELECT u.partner_id AS id FROM public.res_users u WHERE u.id = odoo_idle_caller.user_id
            UNION
            SELECT c.partner_id FROM public.res_users u JOIN public.res_company c ON c.id = u.company_id
            WHERE u.id = odoo_idle_caller.user_id) p
        WHERE p.id IS NOT NULL);
    seconds := CASE method
        WHEN 'api_key' THEN (
            SELECT coalesce(extract(epoch FROM (to_jsonb(k) ->> 'expiration_date')::timestamp
                                               - clock_timestamp() AT TIME ZONE 'UTC')::double precision, 300)
            FROM public.res_users_apikeys k WHERE k.id = subject)
        WHEN 'session' THEN (
            SELECT CASE WHEN v.longest ~ '^[+-]?[0-9]{1,18}$' THEN v.longest::bigint ELSE 604800 END - idle_seconds
            FROM (SELECT (SELECT btrim(p.value, E' \t\r\n') FROM public.ir_config_parameter p
                          WHERE p.key = 'sessions.max_inactivity_seconds') AS longest) v)
        WHEN 'confirmed' THEN 300 END;
    seconds := CASE WHEN seconds <= 300 THEN seconds WHEN seconds > 300 THEN 300 END;
EXCEPTION WHEN undefined_table OR undefined_column OR insufficient_privilege THEN
    seconds := NULL;
END $$;
COMMENT ON FUNCTION changefeed.odoo_idle_caller(text, int, int, double precision) IS
    'For a caller admitted by odoo_caller(): the server and database, the partners of the user and of the user''s '
    'company, whose language affects data, and for how many seconds the credential and an answer '
    'may be trusted (at most 300; null: not at all).';
