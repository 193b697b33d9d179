-- The state of the feed, as one JSON object.

CREATE OR REPLACE FUNCTION changefeed.replicas()
RETURNS TABLE (pid int, application_name text, client_addr inet, backend_start timestamptz, state_change timestamptz,
               leads boolean, sleeps boolean)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH held AS MATERIALIZED (
        -- The advisory locks held in this database.
        SELECT l.pid, (l.classid::bigint << 32) + l.objid::bigint AS key
        FROM pg_locks l JOIN pg_database d ON d.datname = current_database() AND d.oid = l.database
        WHERE l.locktype = 'advisory' AND l.granted AND l.mode IN ('ExclusiveLock', 'ShareLock') AND l.objsubid = 1
    )
    -- Each running service has one session that holds one of these two, and others that answer requests.
    SELECT a.pid, a.application_name, a.client_addr, a.backend_start, a.state_change,
           EXISTS (SELECT FROM held h WHERE h.pid = a.pid AND h.key = changefeed.leader_key()),
           EXISTS (SELECT FROM held h WHERE h.pid = a.pid AND h.key = changefeed.bell_key())
    FROM pg_stat_activity a
    WHERE a.datname = current_database()
      AND EXISTS (SELECT FROM held h
                  WHERE h.pid = a.pid AND h.key IN (changefeed.leader_key(), changefeed.follower_key()))
$$;
COMMENT ON FUNCTION changefeed.replicas() IS
    'The running services, by the session of each that holds the leader''s or the followers'' lock: whether it leads, '
    'and whether it sleeps, so that the bell rings for it. For status() and the console.';

CREATE OR REPLACE FUNCTION changefeed.status_of(with_counts boolean) RETURNS json
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH recent AS MATERIALIZED (
        SELECT e.model, e.event, sum(cardinality(e.ids)) AS events
        FROM changefeed.event e
        WHERE with_counts AND e.id >= changefeed.first_id_since(now() - interval '24 hours')
          AND e.occurred_at >= now() - interval '24 hours'
        GROUP BY e.model, e.event
    ), replica AS MATERIALIZED (
        SELECT * FROM changefeed.replicas()
    )
    SELECT json_build_object(
        'schema_version', changefeed.schema_version(),
        'server_version', current_setting('server_version'),
        'database', current_database(),
        'in_recovery', pg_is_in_recovery(),
        'epoch', c.epoch,
        'delivery', (SELECT json_build_object('allowed', d.allowed, 'reasons', d.reasons, 'details', d.details)
                     FROM changefeed.delivery_state() d),
        'paused', c.paused,
        'pause_reason', c.pause_reason,
        'paused_by', c.paused_by,
        'paused_at', c.paused_at,
        'models', (
            SELECT coalesce(json_agg(json_build_object(
                'model', t.model, 'table_name', t.table_name, 'trigger_state', t.trigger_state,
                'create_24h',
                coalesce((SELECT r.events FROM recent r WHERE r.model = t.model AND r.event = 'create'), 0),
                'write_24h', coalesce((SELECT r.events FROM recent r WHERE r.model = t.model AND r.event = 'write'), 0),
                'unlink_24h',
                coalesce((SELECT r.events FROM recent r WHERE r.model = t.model AND r.event = 'unlink'), 0)
            ) ORDER BY t.model), '[]') FROM changefeed.tracked t),
        'open_gaps', (SELECT count(*) FROM changefeed.gap g WHERE g.ended_at IS NULL),
        'current_slot', c.slot,
        'slot_opened_at', c.slot_opened_at,
        'log_bytes', changefeed.log_bytes(),
        'retention', (
            SELECT json_build_object(
                'ran_at', r.ran_at, 'archive_every_seconds', extract(epoch FROM r.archive_every),
                'log_budget', r.log_budget,
                'log_budget_action', r.log_budget_action,
                'newest_error_at', (SELECT e.occurred_at FROM changefeed.error e ORDER BY e.id DESC LIMIT 1))
            FROM changefeed.retention r),
        'slots', (
            SELECT json_agg(json_build_object(
                'slot', s.slot, 'bytes', pg_total_relation_size(changefeed.slot_table(s.slot)),
                'opened_at', s.opened_at,
                'closed_at', s.closed_at, 'emptied_at', s.emptied_at) ORDER BY s.slot) FROM changefeed.slot s),
        'last_log_id', (SELECT max(e.id) FROM changefeed.event e),
        'last_event_at', (SELECT e.occurred_at FROM changefeed.event e ORDER BY e.id DESC LIMIT 1),
        'oldest_event_at', (SELECT e.occurred_at FROM changefeed.event e ORDER BY e.id LIMIT 1),
        'oldest_transaction_seconds', (
            SELECT coalesce(extract(epoch FROM max(clock_timestamp() - a.xact_start)), 0)
            FROM pg_stat_activity a WHERE a.datname = current_database() AND a.backend_xid IS NOT NULL
              AND a.pid <> pg_backend_pid()),
        'notification_queue_usage', pg_notification_queue_usage(),
        -- Asleep, the leader has read everything and would be notified of more;
        -- awake, this is the age of its last read.
        'lag_seconds', (SELECT CASE WHEN r.sleeps THEN 0
                               ELSE round(extract(epoch FROM clock_timestamp() - r.state_change)::numeric, 3) END
                        FROM replica r WHERE r.leads LIMIT 1),
        'leader', (SELECT json_build_object('pid', r.pid, 'application_name', r.application_name) FROM replica r
                   WHERE r.leads LIMIT 1),
        'replicas', (
            SELECT coalesce(json_agg(json_build_object(
                'pid', r.pid, 'application_name', r.application_name, 'client_addr', r.client_addr,
                'connected_at', r.backend_start, 'leader', r.leads) ORDER BY r.pid), '[]') FROM replica r))
    FROM changefeed.control c
$$;
COMMENT ON FUNCTION changefeed.status_of(boolean) IS
    'The state of the feed, with the events of each model in the last 24 hours (with_counts: that takes as long as '
    'reading these) or with zeros in their place, for metrics.';

CREATE OR REPLACE FUNCTION changefeed.status() RETURNS json
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ SELECT changefeed.status_of(true) $$;
COMMENT ON FUNCTION changefeed.status() IS 'The state of the feed: one JSON object with stable keys.';
