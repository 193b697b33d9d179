-- Tracked models for the console, and what tracking another one would do.

CREATE OR REPLACE FUNCTION changefeed.console_models() RETURNS json
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    recent record;
BEGIN
    SELECT * INTO recent FROM changefeed.console_recent();
    RETURN (
        WITH counted AS MATERIALIZED (
            SELECT e.model, sum(greatest(cardinality(e.ids), 1)) FILTER (WHERE e.event = 'create') AS creates,
                   sum(greatest(cardinality(e.ids), 1)) FILTER (WHERE e.event = 'write') AS writes,
                   sum(greatest(cardinality(e.ids), 1)) FILTER (WHERE e.event IN ('unlink', 'truncate')) AS unlinks
            FROM changefeed.event e
            WHERE e.id >= recent.first_id AND e.occurred_at >= now() - interval '1 hour'
            GROUP BY e.model
        )
        SELECT json_build_object(
            'paused', c.paused, 'pause_reason', c.pause_reason, 'paused_by', c.paused_by,
            'paused_at', changefeed.json_time(c.paused_at), 'is_cut', recent.is_cut,
            'models', (
                SELECT coalesce(json_agg(json_build_object(
                    'model', t.model, 'table', t.table_name, 'state', t.trigger_state, 'rule_columns', m.rule_columns,
                    'bytes', pg_total_relation_size(to_regclass(format('%I.%I', m.table_schema, m.table_name))),
                    'creates', coalesce(k.creates, 0), 'writes', coalesce(k.writes, 0),
                    'unlinks', coalesce(k.unlinks, 0),
                    'last_at', changefeed.json_time((SELECT e.occurred_at FROM changefeed.event e
                                                     WHERE e.model = t.model ORDER BY -e.id LIMIT 1)),
                    'access', s.state, 'code', s.code, 'gap', (
                        SELECT g.reason FROM changefeed.gap g
                        WHERE (g.model = t.model OR g.model IS NULL) AND g.ended_at IS NULL
                        ORDER BY g.began_at LIMIT 1)) ORDER BY t.model), '[]')
                FROM changefeed.tracked t JOIN changefeed.tracked_model m ON m.model = t.model
                LEFT JOIN counted k ON k.model = t.model
                LEFT JOIN changefeed.model_states(NULL) s ON s.model = t.model),
            'untracked', (
                SELECT coalesce(json_agg(d.model ORDER BY d.model), '[]') FROM changefeed.default_model d
                WHERE changefeed.odoo_has_model(d.model)
                  AND NOT EXISTS (SELECT FROM changefeed.tracked_model m WHERE m.model = d.model)))
        FROM changefeed.control c);
END $$;
COMMENT ON FUNCTION changefeed.console_models() IS
    'The tracked models with the state of their triggers, their events of the last hour and their access; untracked: '
    'default models that are not tracked.';

CREATE OR REPLACE FUNCTION changefeed.console_plan(arguments jsonb) RETURNS json
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    wanted CONSTANT text := arguments ->> 'model';
    tracked CONSTANT changefeed.tracked_model := (
        SELECT m FROM changefeed.tracked_model m WHERE m.model = wanted);
    target CONSTANT regclass := CASE WHEN tracked.model IS NULL THEN changefeed.table_if_any(wanted)
        ELSE to_regclass(format('%I.%I', tracked.table_schema, tracked.table_name)) END;
BEGIN
    RETURN json_build_object(
        'model', wanted, 'is_tracked', tracked.model IS NOT NULL, 'table', target::text,
        'rows', (SELECT greatest(c.reltuples, 0)::bigint FROM pg_class c WHERE c.oid = target),
        'bytes', pg_total_relation_size(target),
        'rule_columns', CASE WHEN target IS NOT NULL THEN changefeed.odoo_rule_columns(wanted, target) END,
        'sql', CASE WHEN tracked.model IS NOT NULL THEN format('SELECT changefeed.untrack(%L);', wanted)
                    WHEN target IS NOT NULL THEN format('SELECT changefeed.track(%L);', wanted) END,
        'lock', CASE WHEN tracked.model IS NOT NULL THEN 'ACCESS EXCLUSIVE' ELSE 'SHARE ROW EXCLUSIVE' END,
        -- Without the text of the statements, which may hold anything.
        'holders', (
            SELECT coalesce(json_agg(json_build_object(
                       'pid', a.pid, 'user', a.usename, 'application', a.application_name,
                       'seconds', round(extract(epoch FROM clock_timestamp() - a.xact_start)::numeric, 1))), '[]')
            FROM pg_stat_activity a
            WHERE a.pid <> pg_backend_pid() AND EXISTS (
                SELECT FROM pg_locks l WHERE l.pid = a.pid AND l.relation = target AND l.granted
                  AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()))));
END $$;
COMMENT ON FUNCTION changefeed.console_plan(jsonb) IS
    'What tracking a model, or no longer tracking it, takes: the statement for a terminal, the lock on its table, and '
    'who holds locks there now. table null: there is no such model, or it has no ordinary table.';
