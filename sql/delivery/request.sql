-- Endpoints over HTTP. A user reaches the endpoints of their own, a member of the operator's group all of them; the
-- others look as if they did not exist. The statement that calls one of these has checked the caller (odoo_caller(),
-- odoo_in_group()).

CREATE OR REPLACE FUNCTION changefeed.endpoint_managed(user_id int, is_member boolean, name text) RETURNS int
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT e.id FROM changefeed.endpoint e
            WHERE e.name = endpoint_managed.name AND (e.user_id = endpoint_managed.user_id OR is_member));
END $$;
COMMENT ON FUNCTION changefeed.endpoint_managed(int, boolean, text) IS
    'The number of the endpoint with this name that the user may manage: one of their own, or any (is_member). '
    'Null: there is none.';

CREATE OR REPLACE FUNCTION changefeed.endpoint_reached(user_id int, is_member boolean, name text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- Locked, so that it is the same one when the statement goes on.
    PERFORM FROM changefeed.endpoint e
    WHERE e.name = endpoint_reached.name AND (e.user_id = endpoint_reached.user_id OR is_member) FOR UPDATE;
    RETURN FOUND;
END $$;
COMMENT ON FUNCTION changefeed.endpoint_reached(int, boolean, text) IS
    'Whether there is an endpoint with this name that the user may manage: one of their own, or any (is_member). '
    'Locks it until the end of the transaction.';

CREATE OR REPLACE FUNCTION changefeed.endpoint_page(
    user_id int, is_member boolean, only_name text, after text, max_rows int, OUT endpoints json, OUT next_after text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    WITH found AS MATERIALIZED (
        SELECT e.name FROM changefeed.endpoint e
        WHERE (e.user_id = endpoint_page.user_id OR is_member)
          AND (only_name IS NULL OR e.name = only_name) AND (after IS NULL OR e.name > after)
        ORDER BY e.name LIMIT max_rows + 1
    ), page AS (
        SELECT f.name FROM found f ORDER BY f.name LIMIT max_rows
    )
    SELECT coalesce(json_agg(json_build_object(
               'name', v.name, 'kind', v.kind, 'url', v.url, 'user_id', v.user_id, 'app_type', v.app_type,
               'models', v.models, 'companies', v.companies, 'filters', v.filters, 'events', v.events,
               'data', v.with_data, 'fields', v.fields, 'in_order', v.in_order, 'concurrency', v.concurrency,
               'batch', v.batch_size, 'needs_api_key', v.needs_api_key, 'has_secret', v.has_secret,
               'former_secret_until',
               CASE WHEN v.former_until > clock_timestamp() THEN changefeed.json_time(v.former_until) END,
               'state', v.state, 'reason', v.reason, 'state_at', changefeed.json_time(v.state_at),
               'created_at', changefeed.json_time(v.created_at), 'is_owned', coalesce(v.is_owned, false),
               'delivered', v.delivered, 'failed', v.failed, 'failing_since', changefeed.json_time(v.failing_since),
               'last_delivery_at', changefeed.json_time(v.last_delivery_at),
               'last_failure_at', changefeed.json_time(v.last_failure_at),
               'last_failure', v.last_failure, 'waiting', v.waiting, 'dead', v.dead,
               'next_attempt_at', changefeed.json_time(v.next_due_at)) ORDER BY v.name), '[]'),
           CASE WHEN (SELECT count(*) FROM found) > max_rows THEN max(v.name) END
    INTO endpoints, next_after
    FROM page p JOIN changefeed.endpoints v ON v.name = p.name;
END $$;
COMMENT ON FUNCTION changefeed.endpoint_page(int, boolean, text, text, int) IS
    'The endpoints that a user may manage, or one of them (only_name), by name as a JSON array: max_rows after a name. '
    'Never with secrets. next_after: the name with which it continues; null when that was all.';

CREATE OR REPLACE FUNCTION changefeed.endpoint_create(
    user_id int, is_member boolean, users_may boolean, max_own int, of_user int, name text, url text, app_type text,
    models text[], companies int[], filters jsonb, events text[], with_data boolean, fields jsonb, in_order boolean,
    concurrency int, batch_size int, start text, since timestamptz, secret bytea, secret_key text, api_key int,
    OUT problem text, OUT endpoint json)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF is_member IS NOT TRUE THEN
        IF users_may IS NOT TRUE THEN
            problem := 'endpoint_not_allowed';
        ELSIF of_user <> user_id THEN
            problem := 'user_mismatch';
        ELSE
            -- Two at a time could pass the limit.
            LOCK TABLE changefeed.endpoint IN SHARE ROW EXCLUSIVE MODE;
            IF (SELECT count(*) FROM changefeed.endpoint e WHERE e.user_id = endpoint_create.user_id) >= max_own THEN
                problem := 'too_many_endpoints';
            END IF;
        END IF;
    END IF;
    IF problem IS NULL THEN
        SELECT a.problem INTO problem
        FROM changefeed.endpoint_add(
            endpoint_create.name, endpoint_create.url, coalesce(of_user, user_id), endpoint_create.app_type,
            endpoint_create.models, endpoint_create.companies, endpoint_create.filters, endpoint_create.events,
            endpoint_create.with_data, endpoint_create.fields, endpoint_create.in_order, endpoint_create.concurrency,
            endpoint_create.batch_size, start, since, endpoint_create.secret, endpoint_create.secret_key,
            endpoint_create.api_key, kind => 'webhook') a;
    END IF;
    IF problem IS NULL THEN
        SELECT p.endpoints -> 0 INTO endpoint
        FROM changefeed.endpoint_page(user_id, true, endpoint_create.name, NULL, 1) p;
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.endpoint_create(int, boolean, boolean, int, int, text, text, text, text[], int[], jsonb,
                                               text[], boolean, jsonb, boolean, int, int, text, timestamptz, bytea,
                                               text, int) IS
    'endpoint_add() of a webhook for a user who asks for it: '
    'a member of the operator''s group (is_member), also for another user '
    '(of_user); others if users_may, for themselves, max_own at most. problem: endpoint_not_allowed, user_mismatch, or '
    'as in endpoint_add().';

CREATE OR REPLACE FUNCTION changefeed.endpoint_attempts(user_id int, is_member boolean, name text, max_rows int)
RETURNS json
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    here CONSTANT int := changefeed.endpoint_managed(user_id, is_member, name);
BEGIN
    IF here IS NULL THEN
        RETURN NULL;
    END IF;
    -- What a receiver answers is the group's alone: it may stand in a network that only the operator reaches.
    RETURN (
        SELECT coalesce(json_agg(json_build_object(
                   'at', changefeed.json_time(a.at), 'message_id', a.message_id, 'model', a.model,
                   'record_id', a.record_id, 'events', a.events, 'attempt', a.attempt, 'milliseconds', a.milliseconds,
                   'status', a.status, 'error', a.error, 'answer', CASE WHEN is_member THEN a.answer END)
                   ORDER BY a.id DESC), '[]')
        FROM (SELECT o.* FROM changefeed.endpoint_attempt o WHERE o.endpoint = here
              ORDER BY o.id DESC LIMIT max_rows) a);
END $$;
COMMENT ON FUNCTION changefeed.endpoint_attempts(int, boolean, text, int) IS
    'The last attempts of an endpoint that a user may manage, newest first, as a JSON array; answers of the receiver '
    'for members only. Null: there is none.';

CREATE OR REPLACE FUNCTION changefeed.endpoint_waiting(user_id int, is_member boolean, name text, max_rows int)
RETURNS json
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    here CONSTANT int := changefeed.endpoint_managed(user_id, is_member, name);
BEGIN
    IF here IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN (
        SELECT coalesce(json_agg(json_build_object(
                   'model', q.model, 'record_id', q.record_id, 'event', q.kind,
                   'occurred_at', changefeed.json_time(q.occurred_at), 'attempts', q.attempts, 'is_dead', q.is_dead,
                   'next_attempt_at', CASE WHEN NOT q.is_dead THEN changefeed.json_time(q.due_at) END,
                   'status', q.last_status, 'error', q.last_error) ORDER BY q.is_dead DESC, q.due_at, q.event_id), '[]')
        FROM (SELECT o.* FROM changefeed.endpoint_queue o WHERE o.endpoint = here
              ORDER BY o.is_dead DESC, o.due_at, o.event_id LIMIT max_rows) q);
END $$;
COMMENT ON FUNCTION changefeed.endpoint_waiting(int, boolean, text, int) IS
    'Dead letters and waiting records of an endpoint that a user may manage, as a JSON array. Null: there is none.';

CREATE OR REPLACE FUNCTION changefeed.endpoint_trial(
    user_id int, is_member boolean, name text,
    OUT problem text, OUT id int, OUT kind text, OUT url text, OUT secret text, OUT secret_key text,
    OUT database text, OUT source text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    SELECT e.id, e.kind, e.url, encode(e.secret, 'hex'), e.secret_key, current_database(),
           changefeed.endpoint_source()
    INTO id, kind, url, secret, secret_key, database, source
    FROM changefeed.endpoint e
    WHERE e.id = changefeed.endpoint_managed(endpoint_trial.user_id, is_member, endpoint_trial.name);
    IF NOT FOUND THEN
        problem := 'endpoint_unknown';
    ELSIF NOT changefeed.delivery_allowed() THEN
        problem := 'delivery_forbidden';
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.endpoint_trial(int, boolean, text) IS
    'What a test event of an endpoint that a user may manage needs: its address, its secret or credentials, encrypted, '
    'in hexadecimal, and where its messages come from. problem: '
    'endpoint_unknown, delivery_forbidden (this database may not push).';
