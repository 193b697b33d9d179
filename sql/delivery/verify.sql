-- The part of verify() about endpoints.

CREATE OR REPLACE FUNCTION changefeed.verify_endpoints()
RETURNS TABLE (code text, level text, object text, detail text, remediation text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT 'CF160', 'warning', 'endpoint ' || e.name,
           format('it is %s since %s and gets nothing: %s', e.state, to_char(e.state_at, 'YYYY-MM-DD HH24:MI'),
                  coalesce(e.reason, 'no reason is known')),
           format('Once that is mended: changefeed endpoint resume %s', e.name)
    FROM changefeed.endpoint e
    -- A pause without a reason is an operator's.
    WHERE e.state = 'disabled' OR e.state = 'paused' AND e.reason IS NOT NULL
    UNION ALL
    SELECT 'CF161', 'warning', 'endpoint ' || e.name,
           format('every attempt since %s failed (%s)', to_char(p.failing_since, 'YYYY-MM-DD HH24:MI'),
                  changefeed.plain_line(p.last_failure)),
           format('changefeed endpoint attempts %s; changefeed endpoint test %s', e.name, e.name)
    FROM changefeed.endpoint e JOIN changefeed.endpoint_progress p ON p.endpoint = e.id
    WHERE e.state = 'active' AND p.failing_since < clock_timestamp() - interval '1 hour'
    UNION ALL
    SELECT 'CF162', 'warning', 'endpoint ' || e.name,
           format('%s %s', q.dead,
                  CASE q.dead WHEN 1 THEN 'record is a dead letter' ELSE 'records are dead letters' END),
           format('changefeed endpoint waiting %s; then changefeed endpoint retry, or drop', e.name)
    FROM changefeed.endpoint e
    CROSS JOIN LATERAL (SELECT count(*) AS dead FROM changefeed.endpoint_queue w
                        WHERE w.endpoint = e.id AND w.is_dead) q
    WHERE q.dead > 0
    UNION ALL
    SELECT 'CF163', 'warning', 'endpoint ' || e.name,
           CASE WHEN e.secret IS NULL AND e.kind = 'webhook' THEN 'it has no secret, so nothing is delivered'
                ELSE format('no replica has delivered to it since %s: none runs%s',
                            coalesce(to_char(p.owned_until, 'YYYY-MM-DD HH24:MI'), 'it was added'),
                            CASE WHEN e.secret IS NOT NULL
                                 THEN ', or none has the key that encrypts its secret' ELSE '' END) END,
           CASE WHEN e.secret IS NOT NULL
                THEN 'Start the service with the CHANGEFEED_SECRET_KEY with which the endpoint was added.'
                WHEN e.kind = 'webhook' THEN format('changefeed endpoint rotate %s', e.name)
                ELSE 'Start the service.' END
    FROM changefeed.endpoint e JOIN changefeed.endpoint_progress p ON p.endpoint = e.id
    WHERE e.state = 'active' AND (e.secret IS NULL AND e.kind = 'webhook'
          OR coalesce(p.owned_until, e.created_at) < clock_timestamp() - interval '5 minutes'
             AND changefeed.delivery_allowed())
$$;
COMMENT ON FUNCTION changefeed.verify_endpoints() IS
    'The part of verify() about endpoints that get nothing, only fail, or have dead letters.';
