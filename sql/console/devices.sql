-- Devices and endpoints for the console.

CREATE OR REPLACE FUNCTION changefeed.console_devices(arguments jsonb) RETURNS json
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    wanted CONSTANT int := least(greatest(coalesce((arguments ->> 'limit')::int, 50), 1), 200);
    only_user CONSTANT int := CASE WHEN arguments ->> 'login' IS NOT NULL THEN
        coalesce(changefeed.odoo_user_id(arguments ->> 'login'), 0) END;
    after_user CONSTANT int := coalesce((arguments ->> 'after_user')::int, 0);
    after_device CONSTANT text := coalesce(arguments ->> 'after_device', '');
    newest CONSTANT bigint := (SELECT s.last_value FROM changefeed.event_id s);
    answer json;
BEGIN
    WITH found AS MATERIALIZED (
        SELECT d.* FROM changefeed.device d
        WHERE (d.user_id, d.device_id) > (after_user, after_device)
          AND (only_user IS NULL OR d.user_id = only_user)
          AND NOT starts_with(d.device_id, 'endpoint:')
        ORDER BY d.user_id, d.device_id LIMIT wanted + 1
    ), page AS MATERIALIZED (
        SELECT f.* FROM found f ORDER BY f.user_id, f.device_id LIMIT wanted
    ), named AS MATERIALIZED (
        SELECT l.* FROM changefeed.odoo_logins(ARRAY(SELECT DISTINCT p.user_id FROM page p)) l
    )
    SELECT json_build_object(
        'devices', coalesce(json_agg(json_build_object(
            'user_id', p.user_id, 'login', n.login, 'device_id', p.device_id, 'app_type', p.app_type,
            'models', p.models, 'registered_at', changefeed.json_time(p.registered_at),
            'last_pull_at', changefeed.json_time(p.last_pull_at),
            'last_acknowledgement_at', changefeed.json_time(p.last_acknowledgement_at),
            -- The log that it has not settled yet, other users' events included.
            'behind', greatest(newest - p.seen_log_id, 0),
            'resync', CASE WHEN p.resync <> '{}' THEN p.resync END,
            'last_resync_at', changefeed.json_time(p.last_resync_at), 'last_resync_reason', p.last_resync_reason,
            'is_retired', p.retired_at IS NOT NULL) ORDER BY p.user_id, p.device_id), '[]'),
        'next', CASE WHEN (SELECT count(*) FROM found) > wanted THEN (
            SELECT json_build_object('after_user', l.user_id, 'after_device', l.device_id)
            FROM page l ORDER BY l.user_id DESC, l.device_id DESC LIMIT 1) END)
    INTO answer FROM page p LEFT JOIN named n ON n.user_id = p.user_id;
    RETURN answer;
END $$;
COMMENT ON FUNCTION changefeed.console_devices(jsonb) IS
    'Devices by user and name: arguments login, after_user and after_device, limit. next: the arguments with which to '
    'go on; null: that was all.';

CREATE OR REPLACE FUNCTION changefeed.console_device(arguments jsonb) RETURNS json
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    SELECT json_build_object('problem', s.problem, 'state', s.state)
    FROM changefeed.device_state((arguments ->> 'user_id')::int, arguments ->> 'device_id') s
$$;
COMMENT ON FUNCTION changefeed.console_device(jsonb) IS
    'device_state() of any user''s device. problem: device_unknown, or as in access_scopes().';

CREATE OR REPLACE FUNCTION changefeed.console_endpoints(arguments jsonb) RETURNS json
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT json_build_object(
        'endpoints', p.endpoints, 'next', p.next_after,
        'delivery', (SELECT json_build_object('allowed', d.allowed, 'details', d.details)
                     FROM changefeed.delivery_state() d))
    FROM changefeed.endpoint_page(0, true, NULL, arguments ->> 'after',
                                  least(greatest(coalesce((arguments ->> 'limit')::int, 50), 1), 200)) p
$$;
COMMENT ON FUNCTION changefeed.console_endpoints(jsonb) IS
    'All endpoints by name: arguments after, limit. Never with secrets.';

CREATE OR REPLACE FUNCTION changefeed.console_endpoint(arguments jsonb) RETURNS json
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT json_build_object(
        'endpoint', p.endpoints -> 0,
        'login', (SELECT l.login FROM changefeed.odoo_logins(ARRAY[(p.endpoints -> 0 ->> 'user_id')::int]) l),
        'attempts', changefeed.endpoint_attempts(0, true, arguments ->> 'name', 50),
        'waiting', changefeed.endpoint_waiting(0, true, arguments ->> 'name', 100))
    FROM changefeed.endpoint_page(0, true, arguments ->> 'name', NULL, 1) p
$$;
COMMENT ON FUNCTION changefeed.console_endpoint(jsonb) IS
    'An endpoint with its last 50 attempts and 100 of the records that wait. endpoint null: there is none.';
