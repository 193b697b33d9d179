-- The console's first page, and its findings.

CREATE OR REPLACE FUNCTION changefeed.console_me(user_id int) RETURNS json
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT json_build_object('login', (SELECT l.login FROM changefeed.odoo_logins(ARRAY[console_me.user_id]) l),
                             'database', current_database())
$$;
COMMENT ON FUNCTION changefeed.console_me(int) IS 'Who is signed in, and to which database.';

-- Counting a busy hour would take longer than a page may: the newest rows of the log then stand for it.
CREATE OR REPLACE FUNCTION changefeed.console_recent(OUT first_id bigint, OUT is_cut boolean)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    newest CONSTANT bigint := (SELECT max(e.id) FROM changefeed.event e);
BEGIN
    first_id := changefeed.first_id_since(now() - interval '1 hour');
    is_cut := coalesce(newest - first_id >= 40000, false);
    IF is_cut THEN
        first_id := newest - 40000 + 1;
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.console_recent() IS
    'The first log id of the last hour, or, is_cut, of the newest 40,000 rows of it.';

CREATE OR REPLACE FUNCTION changefeed.console_overview() RETURNS json
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    recent record;
    counted json;
    since timestamptz := now() - interval '1 hour';
BEGIN
    SELECT * INTO recent FROM changefeed.console_recent();
    IF recent.is_cut THEN
        -- From the first whole minute.
        SELECT greatest(since, date_trunc('minute', e.occurred_at) + interval '1 minute') INTO since
        FROM changefeed.event e WHERE e.id >= recent.first_id ORDER BY e.id LIMIT 1;
    END IF;
    SELECT json_agg(json_build_array(m.minute, m.model, m.events) ORDER BY m.minute, m.model) INTO counted
    FROM (SELECT (extract(epoch FROM e.occurred_at)::bigint / 60) * 60 AS minute, e.model,
                 sum(greatest(cardinality(e.ids), 1)) AS events
          FROM changefeed.event e
          WHERE e.id >= recent.first_id AND e.occurred_at >= since
          GROUP BY 1, 2) m;
    RETURN (
        WITH replica AS MATERIALIZED (
            SELECT * FROM changefeed.replicas()
        ), queue AS (
            SELECT count(*) FILTER (WHERE q.is_dead) AS dead, count(*) FILTER (WHERE NOT q.is_dead) AS waiting,
                   count(*) >= 50000 AS is_cut
            FROM (SELECT w.is_dead FROM changefeed.endpoint_queue w LIMIT 50000) q
        )
        SELECT json_build_object(
            'at', changefeed.json_time(clock_timestamp()),
            'epoch', c.epoch, 'paused', c.paused, 'pause_reason', c.pause_reason, 'paused_by', c.paused_by,
            'paused_at', changefeed.json_time(c.paused_at),
            'delivery', (SELECT json_build_object('allowed', d.allowed, 'reasons', d.reasons, 'details', d.details)
                         FROM changefeed.delivery_state() d),
            'log', json_build_object(
                'bytes', changefeed.log_bytes(), 'budget', nullif(r.log_budget, 0), 'action', r.log_budget_action,
                'newest_id', (SELECT max(e.id) FROM changefeed.event e),
                'newest_at', changefeed.json_time((SELECT e.occurred_at FROM changefeed.event e
                                                   ORDER BY e.id DESC LIMIT 1)),
                'oldest_at', changefeed.json_time((SELECT e.occurred_at FROM changefeed.event e
                                                   ORDER BY e.id LIMIT 1))),
            'retention_ran_at', changefeed.json_time(r.ran_at),
            'errors', (SELECT coalesce(json_agg(json_build_object(
                           'at', changefeed.json_time(x.occurred_at), 'source', x.source, 'message', x.message)), '[]')
                       FROM (SELECT e.* FROM changefeed.error e WHERE e.occurred_at > now() - interval '1 day'
                             ORDER BY e.id DESC LIMIT 5) x),
            'oldest_transaction_seconds', (
                SELECT coalesce(round(extract(epoch FROM max(clock_timestamp() - a.xact_start))::numeric, 1), 0)
                FROM pg_stat_activity a WHERE a.datname = current_database() AND a.backend_xid IS NOT NULL
                  AND a.pid <> pg_backend_pid()),
            'gaps', (SELECT coalesce(json_agg(json_build_object(
                         'model', g.model, 'reason', g.reason, 'since', changefeed.json_time(g.began_at))
                         ORDER BY g.began_at DESC), '[]')
                     FROM (SELECT o.* FROM changefeed.gap o WHERE o.ended_at IS NULL
                           ORDER BY o.began_at DESC LIMIT 20) g),
            'lag_seconds', (SELECT CASE WHEN p.sleeps THEN 0
                                   ELSE round(extract(epoch FROM clock_timestamp() - p.state_change)::numeric, 3) END
                            FROM replica p WHERE p.leads LIMIT 1),
            'replicas', (SELECT coalesce(json_agg(json_build_object(
                             'pid', p.pid, 'name', p.application_name, 'address', p.client_addr,
                             'since', changefeed.json_time(p.backend_start), 'leader', p.leads) ORDER BY p.pid), '[]')
                         FROM replica p),
            'endpoints', (SELECT json_build_object(
                              'active', count(*) FILTER (WHERE e.state = 'active'),
                              'paused', count(*) FILTER (WHERE e.state = 'paused'),
                              'disabled', count(*) FILTER (WHERE e.state = 'disabled'),
                              'failing', count(*) FILTER (WHERE e.state = 'active' AND n.failing_since IS NOT NULL),
                              'waiting', (SELECT q.waiting FROM queue q), 'dead', (SELECT q.dead FROM queue q),
                              'is_cut', (SELECT q.is_cut FROM queue q))
                          FROM changefeed.endpoint e JOIN changefeed.endpoint_progress n ON n.endpoint = e.id),
            'devices', (SELECT json_build_object(
                            'all', count(*),
                            'last_hour', count(*) FILTER (WHERE d.last_pull_at > now() - interval '1 hour'),
                            'resync', count(*) FILTER (WHERE d.resync <> '{}'))
                        FROM changefeed.device d
                        WHERE d.retired_at IS NULL AND NOT starts_with(d.device_id, 'endpoint:')),
            'models', (SELECT count(*) FROM changefeed.tracked_model),
            'minutes', json_build_object(
                'since', changefeed.json_time(since), 'is_cut', recent.is_cut, 'rows', coalesce(counted, '[]')))
        FROM changefeed.control c CROSS JOIN changefeed.retention r);
END $$;
COMMENT ON FUNCTION changefeed.console_overview() IS
    'The state of the feed for the console''s first page; minutes: [minute, model, events] of the last hour.';

CREATE OR REPLACE FUNCTION changefeed.console_findings() RETURNS json
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT json_build_object(
        'at', changefeed.json_time(clock_timestamp()),
        'findings', coalesce(json_agg(json_build_object(
            'code', v.code, 'level', v.level, 'object', v.object, 'detail', v.detail, 'remediation', v.remediation,
            'action', CASE v.code
                WHEN 'CF110' THEN json_build_object('action', 'resume')
                WHEN 'CF111' THEN json_build_object('action', 'rotate_log')
                WHEN 'CF160' THEN json_build_object('action', 'endpoint_resume', 'name', substr(v.object, 10))
                WHEN 'CF162' THEN json_build_object('action', 'endpoint_retry', 'name', substr(v.object, 10)) END)
            ORDER BY array_position('{error,warning,info}', v.level), v.code, v.object), '[]'))
    FROM changefeed.verify() v
$$;
COMMENT ON FUNCTION changefeed.console_findings() IS
    'verify() as JSON. action: what the console can do about it itself; null: the remediation is for a terminal.';
