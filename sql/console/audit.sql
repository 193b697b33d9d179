-- The audit of the console.

CREATE OR REPLACE FUNCTION changefeed.console_audit_page(arguments jsonb) RETURNS json
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH found AS MATERIALIZED (
        SELECT a.* FROM changefeed.console_audit a
        WHERE a.id < coalesce((console_audit_page.arguments ->> 'before')::bigint, 9223372036854775807)
        ORDER BY a.id DESC LIMIT 51
    ), page AS (
        SELECT f.* FROM found f ORDER BY f.id DESC LIMIT 50
    )
    SELECT json_build_object(
        'rows', coalesce(json_agg(json_build_object(
            'id', p.id, 'at', changefeed.json_time(p.at), 'user_id', p.user_id, 'login', p.login, 'client', p.client,
            'action', p.action, 'arguments', p.arguments, 'outcome', p.outcome, 'detail', p.detail)
            ORDER BY p.id DESC), '[]'),
        'next', CASE WHEN (SELECT count(*) FROM found) > count(*) THEN min(p.id) END)
    FROM page p
$$;
COMMENT ON FUNCTION changefeed.console_audit_page(jsonb) IS
    'The audit, newest first: fifty rows; argument before (a number). next: the number with which to go on.';
