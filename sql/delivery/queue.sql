-- Delivery: what waits for another attempt, and how attempts are settled.
--
-- Messages are sent straight from a pull. Only a record whose message failed, or an endpoint that is far behind, costs
-- a row: one per record with its newest event, so that an outage ends in one message per record.

CREATE OR REPLACE FUNCTION changefeed.endpoint_judged(
    scopes changefeed.model_scope[], models text[], record_ids bigint[], kinds text[]) RETURNS text[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN (
        WITH entry AS MATERIALIZED (
            SELECT e.place, e.model, e.record_id, e.kind
            FROM unnest(models, record_ids, kinds) WITH ORDINALITY e (model, record_id, kind, place)
        ), ruled AS MATERIALIZED (
            SELECT s AS scope, e.model, changefeed.rules_visible(s, e.record_ids) AS record_ids
            FROM (SELECT o.model, array_agg(o.record_id) AS record_ids FROM entry o
                  WHERE o.kind IN ('create', 'write', 'copy') GROUP BY o.model) e
            JOIN unnest(scopes) s ON s.model = e.model
        ), shown AS MATERIALIZED (
            SELECT r.model, v.record_id FROM ruled r
            CROSS JOIN LATERAL unnest(changefeed.odoo_filtered(r.scope, r.record_ids)) v (record_id)
        )
        SELECT array_agg(CASE
                   WHEN e.kind NOT IN ('create', 'write', 'copy') OR s.record_id IS NOT NULL THEN e.kind
                   WHEN EXISTS (SELECT FROM ruled r
                                WHERE r.model = e.model AND (r.scope).filter IS NOT NULL
                                  AND e.record_id = ANY (r.record_ids))
                       THEN 'filter'
                   ELSE 'access' END ORDER BY e.place)
        FROM entry e LEFT JOIN shown s ON s.model = e.model AND s.record_id = e.record_id);
END $$;
COMMENT ON FUNCTION changefeed.endpoint_judged(changefeed.model_scope[], text[], bigint[], text[]) IS
    'The kinds of waiting entries as of now: access for one that the user does not see any more, '
    'filter for one that the filter hides.';

CREATE OR REPLACE FUNCTION changefeed.endpoint_due(
    user_id int, endpoint int, app_type text, only_models text[], companies int[], filters jsonb,
    with_data boolean, fields jsonb, max_entries int, max_bytes bigint, at_once boolean, in_order boolean,
    OUT problem text, OUT events text, OUT entries int, OUT attempts int[], OUT waiting boolean,
    OUT next_seconds double precision)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    due record;
    followed record;
    page record;
BEGIN
    PERFORM changefeed.require_read_committed();
    entries := 0;
    SELECT array_agg(q.event_id ORDER BY q.event_id) AS ids, array_agg(q.model ORDER BY q.event_id) AS models,
           array_agg(q.record_id ORDER BY q.event_id) AS record_ids, array_agg(q.kind ORDER BY q.event_id) AS kinds,
           array_agg(q.occurred_at ORDER BY q.event_id) AS times, array_agg(q.attempts ORDER BY q.event_id) AS attempts
    INTO due
    FROM (
        (SELECT w.event_id, w.model, w.record_id, w.kind, w.occurred_at, w.attempts FROM changefeed.endpoint_queue w
         WHERE NOT in_order AND w.endpoint = endpoint_due.endpoint AND NOT w.is_dead
           AND (at_once OR w.due_at <= clock_timestamp())
         ORDER BY w.due_at, w.event_id LIMIT max_entries)
        UNION ALL
        -- In order: nothing before the oldest event.
        SELECT o.event_id, o.model, o.record_id, o.kind, o.occurred_at, o.attempts FROM (
            SELECT n.*, bool_and(at_once OR n.due_at <= clock_timestamp()) OVER (ORDER BY n.event_id) AS is_its_turn
            FROM (SELECT w.* FROM changefeed.endpoint_queue w
                  WHERE in_order AND w.endpoint = endpoint_due.endpoint AND NOT w.is_dead
                  ORDER BY w.event_id LIMIT max_entries) n) o
        WHERE o.is_its_turn) q;
    IF due.ids IS NOT NULL THEN
        SELECT * INTO followed FROM changefeed.followed_models(user_id, app_type, only_models, companies);
        problem := followed.problem;
        IF problem IS NULL AND filters IS NOT NULL THEN
            SELECT f.problem, f.filtered INTO problem, followed.scopes
            FROM changefeed.filtered_scopes(user_id, followed.scopes, filters, followed.asked, companies,
                                            followed.stamp) f;
        END IF;
        IF problem IS NOT NULL THEN
            RETURN;
        END IF;
        SELECT * INTO page
        FROM changefeed.sync_page(user_id, followed.scopes, due.ids, due.models, due.record_ids,
            changefeed.endpoint_judged(followed.scopes, due.models, due.record_ids, due.kinds), due.times, with_data,
            fields, companies, max_bytes, 'occurred_at', false, followed.stamp);
        problem := page.problem;
        IF problem IS NOT NULL THEN
            RETURN;
        END IF;
        events := page.events_json;
        entries := page.entries;
        attempts := due.attempts[1:entries];
    END IF;
    IF in_order THEN
        SELECT true, extract(epoch FROM w.due_at - clock_timestamp()) INTO waiting, next_seconds
        FROM changefeed.endpoint_queue w
        WHERE w.endpoint = endpoint_due.endpoint AND NOT w.is_dead
          AND w.event_id <> ALL (coalesce(due.ids[1:entries], '{}'))
        ORDER BY w.event_id LIMIT 1;
    ELSE
        SELECT true, extract(epoch FROM w.due_at - clock_timestamp()) INTO waiting, next_seconds
        FROM changefeed.endpoint_queue w
        WHERE w.endpoint = endpoint_due.endpoint AND NOT w.is_dead
          AND w.event_id <> ALL (coalesce(due.ids[1:entries], '{}'))
        ORDER BY w.due_at LIMIT 1;
    END IF;
    waiting := coalesce(waiting, false);
END $$;
COMMENT ON FUNCTION changefeed.endpoint_due(int, int, text, text[], int[], jsonb, boolean, jsonb, int, bigint,
                                            boolean, boolean) IS
    'The records of an endpoint that wait and are due (at_once: or not; in_order: oldest event first, and none while '
    'an older one is not due), as entries of a pull with their state of now, and how often each was tried. waiting: '
    'more wait; next_seconds: until the next of them is due. problem: as in pull().';

CREATE OR REPLACE FUNCTION changefeed.endpoint_settle(
    endpoint int, owner uuid, sent jsonb, log jsonb DEFAULT NULL, sync_token text DEFAULT NULL,
    failure text DEFAULT NULL, is_gone boolean DEFAULT false, disable_after interval DEFAULT '5 days',
    more_accepted bigint DEFAULT 0, OUT problem text, OUT state text, OUT is_queued boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    here changefeed.endpoint;
    p changefeed.endpoint_progress;
    accepted bigint;
    failures bigint;
    others bigint;
BEGIN
    PERFORM changefeed.require_read_committed();
    -- First the endpoint, then its rows: the order in which those who manage it lock, so that no two wait in a ring.
    SELECT * INTO here FROM changefeed.endpoint e WHERE e.id = endpoint_settle.endpoint FOR NO KEY UPDATE;
    -- A replica that has lost the endpoint settles nothing.
    SELECT * INTO p FROM changefeed.endpoint_progress o
    WHERE o.endpoint = endpoint_settle.endpoint AND o.owner = endpoint_settle.owner FOR UPDATE;
    IF NOT FOUND THEN
        problem := 'not_owner';
        RETURN;
    END IF;
    state := here.state;
    SELECT count(*) FILTER (WHERE s.outcome = 'accepted'), count(*) FILTER (WHERE s.outcome IN ('failed', 'dead')),
           count(*) FILTER (WHERE s.outcome <> 'accepted')
    INTO accepted, failures, others
    FROM jsonb_to_recordset(sent) s (outcome text);
    accepted := accepted + more_accepted;
    -- Usually nothing waits, and all was accepted.
    IF EXISTS (SELECT FROM changefeed.endpoint_queue q WHERE q.endpoint = here.id) THEN
        -- A newer event of the record stays.
        DELETE FROM changefeed.endpoint_queue q
        USING jsonb_to_recordset(sent) s (model text, record_id bigint, event_id bigint, outcome text)
        WHERE s.outcome = 'accepted' AND q.endpoint = here.id AND q.model = s.model AND q.record_id = s.record_id
          AND q.event_id <= s.event_id;
        -- One that came meanwhile need not wait for this one any longer.
        UPDATE changefeed.endpoint_queue q SET due_at = clock_timestamp()
        FROM jsonb_to_recordset(sent) s (model text, record_id bigint, event_id bigint, outcome text)
        WHERE s.outcome <> 'waits' AND q.endpoint = here.id AND q.model = s.model AND q.record_id = s.record_id
          AND q.event_id > s.event_id
          AND q.attempts = 0 AND q.due_at > clock_timestamp();
    END IF;
    IF others > 0 THEN
        INSERT INTO changefeed.endpoint_queue AS q (endpoint, model, record_id, event_id, kind, occurred_at,
                                                    attempts, due_at, is_dead, last_status, last_error)
        SELECT here.id, s.model, s.record_id,
               CASE WHEN s.event_id = 0 THEN nextval('changefeed.event_id') * 4096 ELSE s.event_id END,
               s.kind, s.occurred_at, coalesce(s.attempts, 0),
               clock_timestamp() + make_interval(secs => coalesce(s.due_in, 0)), s.outcome = 'dead', s.status, s.error
        FROM jsonb_to_recordset(sent) s (model text, record_id bigint, event_id bigint, kind text,
                                         occurred_at timestamptz, outcome text, attempts int, due_in double precision,
                                         status int, error text)
        WHERE s.outcome IN ('failed', 'dead', 'waits')
        ON CONFLICT ON CONSTRAINT endpoint_queue_pkey DO UPDATE
        SET event_id = excluded.event_id, occurred_at = excluded.occurred_at,
            -- A record that the receiver may not know yet stays a new one.
            kind = CASE WHEN q.kind IN ('create', 'copy') AND excluded.kind = 'write' THEN q.kind
                        ELSE excluded.kind END,
            attempts = excluded.attempts, due_at = excluded.due_at, is_dead = excluded.is_dead,
            last_status = coalesce(excluded.last_status, q.last_status),
            last_error = coalesce(excluded.last_error, q.last_error)
        WHERE q.event_id <= excluded.event_id;
    END IF;
    IF log IS NOT NULL THEN
        INSERT INTO changefeed.endpoint_attempt (endpoint, message_id, model, record_id, events, attempt, milliseconds,
                                                 status, error, answer)
        SELECT here.id, l.message_id, l.model, l.record_id, coalesce(l.events, 1), l.attempt, l.milliseconds, l.status,
               l.error, left(l.answer, 1024)
        FROM jsonb_to_recordset(log) l (message_id text, model text, record_id bigint, events int, attempt int,
                                        milliseconds int, status int, error text, answer text);
        IF random() < 0.1 THEN
            DELETE FROM changefeed.endpoint_attempt a
            WHERE a.endpoint = here.id AND a.id < (SELECT o.id FROM changefeed.endpoint_attempt o
                                                   WHERE o.endpoint = here.id
                                                   ORDER BY o.id DESC OFFSET 1000 LIMIT 1);
        END IF;
    END IF;
    IF accepted > 0 OR failures > 0 OR failure IS NOT NULL THEN
        UPDATE changefeed.endpoint_progress o
        SET delivered = o.delivered + accepted, failed = o.failed + failures,
            failing_since = CASE WHEN accepted > 0 THEN NULL ELSE coalesce(o.failing_since, clock_timestamp()) END,
            last_delivery_at = CASE WHEN accepted > 0 THEN clock_timestamp() ELSE o.last_delivery_at END,
            last_failure_at = CASE WHEN failure IS NOT NULL THEN clock_timestamp() ELSE o.last_failure_at END,
            last_failure = coalesce(failure, o.last_failure)
        WHERE o.endpoint = here.id
        RETURNING * INTO p;
        IF here.state = 'active' AND (is_gone OR p.failing_since < clock_timestamp() - disable_after) THEN
            UPDATE changefeed.endpoint e
            SET state = 'disabled', state_at = clock_timestamp(), revision = e.revision + 1,
                reason = CASE WHEN is_gone THEN 'its receiver answered 410 Gone'
                              ELSE format('every attempt since %s failed',
                                          to_char(p.failing_since, 'YYYY-MM-DD HH24:MI')) END
            WHERE e.id = here.id
            RETURNING e.state INTO state;
        END IF;
    END IF;
    IF sync_token IS NOT NULL THEN
        PERFORM changefeed.acknowledge(here.user_id, changefeed.endpoint_device(here.id), NULL, sync_token);
    END IF;
    is_queued := EXISTS (SELECT FROM changefeed.endpoint_queue q WHERE q.endpoint = here.id);
END $$;
COMMENT ON FUNCTION changefeed.endpoint_settle(int, uuid, jsonb, jsonb, text, text, boolean, interval, bigint) IS
    'Settles attempts in one transaction. sent: [{model, record_id, event_id (0: it gets one), kind, occurred_at, '
    'outcome (accepted, failed, dead, waits), attempts, due_in (seconds), status, error}]; log: attempts for the '
    'record (columns of endpoint_attempt); sync_token: the endpoint''s last pull, which is settled with them; failure: '
    'the last reason; is_gone: the receiver answered 410; disable_after: how long an endpoint may only fail; '
    'more_accepted: how many were accepted besides sent, while the endpoint has no row in the queue. problem: '
    'not_owner, then nothing was changed. state: of the endpoint afterwards; is_queued: it has rows in the queue.';

CREATE OR REPLACE FUNCTION changefeed.endpoint_list(
    user_id int, endpoint int, owner uuid, model text, cursor text, max_rows int, companies int[], filters jsonb,
    OUT problem text, OUT record_ids bigint[], OUT next_cursor text, OUT complete boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    page record;
BEGIN
    -- As in endpoint_settle(): first the endpoint, then its rows.
    PERFORM FROM changefeed.endpoint e WHERE e.id = endpoint_list.endpoint FOR NO KEY UPDATE;
    PERFORM FROM changefeed.endpoint_progress p
    WHERE p.endpoint = endpoint_list.endpoint AND p.owner = endpoint_list.owner FOR UPDATE;
    IF NOT FOUND THEN
        problem := 'not_owner';
        RETURN;
    END IF;
    SELECT * INTO page
    FROM changefeed.snapshot_page(user_id, changefeed.endpoint_device(endpoint), model, cursor, max_rows, NULL, NULL,
                                  ARRAY['id'], 2147483647, companies, false, filters);
    problem := page.problem;
    IF problem IS NOT NULL THEN
        RETURN;
    END IF;
    record_ids := ARRAY(SELECT (r.value ->> 'record_id')::bigint FROM json_array_elements(page.records::json) r);
    next_cursor := page.next_cursor;
    complete := page.complete;
    -- In the transaction that ends the list: a crash between the two would lose its last page.
    PERFORM changefeed.endpoint_settle(endpoint, owner, (
        SELECT jsonb_agg(jsonb_build_object(
                   'model', endpoint_list.model, 'record_id', i.id, 'event_id', 0, 'kind', 'copy',
                   'occurred_at', clock_timestamp(), 'outcome', 'waits') ORDER BY i.place)
        FROM unnest(record_ids) WITH ORDINALITY i (id, place)));
END $$;
COMMENT ON FUNCTION changefeed.endpoint_list(int, int, uuid, text, text, int, int[], jsonb) IS
    'A page of the list of a model that an endpoint must resync, as snapshot_page(): its records wait to be sent when '
    'it returns. problem: not_owner, then nothing was read; or as in snapshot_page().';

CREATE OR REPLACE FUNCTION changefeed.endpoint_held(endpoint int, max_rows int)
RETURNS TABLE (model text, record_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT q.model, q.record_id FROM changefeed.endpoint_queue q
    WHERE q.endpoint = endpoint_held.endpoint AND NOT q.is_dead LIMIT max_rows
$$;
COMMENT ON FUNCTION changefeed.endpoint_held(int, int) IS
    'Records of an endpoint that wait for another attempt, max_rows at most.';

CREATE OR REPLACE FUNCTION changefeed.endpoint_wake(endpoint int, owner uuid) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found_rows bigint;
BEGIN
    -- As in endpoint_settle(): two that lock many rows in different orders would wait in a ring.
    PERFORM FROM changefeed.endpoint e WHERE e.id = endpoint_wake.endpoint FOR NO KEY UPDATE;
    UPDATE changefeed.endpoint_queue q SET due_at = clock_timestamp()
    WHERE q.endpoint = endpoint_wake.endpoint AND NOT q.is_dead AND q.due_at > clock_timestamp()
      AND EXISTS (SELECT FROM changefeed.endpoint_progress p
                  WHERE p.endpoint = q.endpoint AND p.owner = endpoint_wake.owner);
    GET DIAGNOSTICS found_rows = ROW_COUNT;
    RETURN found_rows;
END $$;
COMMENT ON FUNCTION changefeed.endpoint_wake(int, uuid) IS
    'Makes all waiting records of an endpoint due, after an outage of its receiver. Returns how many.';

CREATE OR REPLACE FUNCTION changefeed.endpoint_standing(endpoint int, revision int) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    e changefeed.endpoint;
    caller record;
BEGIN
    SELECT * INTO e FROM changefeed.endpoint o WHERE o.id = endpoint_standing.endpoint;
    IF NOT FOUND OR e.state <> 'active' THEN
        RETURN 'inactive';
    ELSIF e.revision <> endpoint_standing.revision THEN
        RETURN 'changed';
    ELSIF NOT changefeed.delivery_allowed() THEN
        RETURN 'forbidden';
    END IF;
    SELECT * INTO caller FROM changefeed.odoo_caller('confirmed', e.user_id, NULL, NULL, NULL, NULL, false);
    RETURN CASE WHEN caller.user_id IS NULL THEN 'user_inactive' WHEN e.api_key IS NOT NULL
                     AND NOT EXISTS (SELECT FROM changefeed.odoo_caller('endpoint', e.id, NULL, NULL, NULL, NULL, true))
                THEN 'api_key_revoked' WHEN caller.refused THEN 'portal_user' END;
END $$;
COMMENT ON FUNCTION changefeed.endpoint_standing(int, int) IS
    'Why nothing may be delivered to an endpoint: inactive, changed (its revision is another one), '
    'forbidden (this database may not push), '
    'user_inactive, api_key_revoked, portal_user (which the service may allow); null: it may.';
