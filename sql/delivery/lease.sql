-- Which replica delivers to which endpoint. A lease instead of an advisory lock: it needs no session of its own, and a
-- replica that lost it cannot settle anything, since endpoint_settle() compares the owner in its own transaction.

CREATE OR REPLACE FUNCTION changefeed.endpoint_settings(
    e changefeed.endpoint, wanted boolean,
    OUT settings text, OUT secret text, OUT former_secret text, OUT secret_key text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT wanted THEN
        RETURN;
    END IF;
    settings := json_build_object(
        'name', e.name, 'kind', e.kind, 'user_id', e.user_id, 'url', e.url, 'app_type', e.app_type, 'models', e.models,
        'companies', e.companies, 'filters', e.filters, 'events', e.events, 'with_data', e.with_data,
        'fields', e.fields, 'in_order', e.in_order, 'concurrency', e.concurrency, 'batch_size', e.batch_size,
        'generation', e.generation, 'feed', left((SELECT i.feed::text FROM changefeed.identity i), 8),
        'database', current_database(), 'source', changefeed.endpoint_source());
    secret := encode(e.secret, 'hex');
    former_secret := CASE WHEN e.former_until > clock_timestamp() THEN encode(e.former_secret, 'hex') END;
    secret_key := e.secret_key;
END $$;
COMMENT ON FUNCTION changefeed.endpoint_settings(changefeed.endpoint, boolean) IS
    'What a replica needs to deliver to an endpoint: its settings as a JSON object, '
    'and its encrypted secrets in hexadecimal. Nulls unless wanted.';

CREATE OR REPLACE FUNCTION changefeed.endpoint_lease(
    owner uuid, seconds double precision DEFAULT 10, wanted boolean DEFAULT true, known jsonb DEFAULT NULL)
RETURNS TABLE (id int, revision int, settings text, secret text, former_secret text, secret_key text,
               signs_twice boolean, held_for double precision)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM changefeed.endpoint) OR NOT changefeed.delivery_allowed() THEN
        RETURN;
    END IF;
    IF NOT wanted THEN
        UPDATE changefeed.endpoint_progress p SET owner = NULL, owned_until = NULL WHERE p.owner = endpoint_lease.owner;
        RETURN;
    END IF;
    -- A lease that is lost in a crash of the server is taken again.
    PERFORM set_config('synchronous_commit', 'off', true);
    UPDATE changefeed.endpoint_progress p
    SET owner = endpoint_lease.owner, owned_until = clock_timestamp() + make_interval(secs => seconds)
    FROM (SELECT o.endpoint FROM changefeed.endpoint_progress o
          WHERE o.owner = endpoint_lease.owner
             AND o.owned_until < clock_timestamp() + make_interval(secs => seconds / 2)
             OR o.owned_until IS NULL OR o.owned_until < clock_timestamp()
             -- No lease is that long: the server's clock was set back.
             OR o.owned_until > clock_timestamp() + make_interval(secs => greatest(2 * seconds, 60))
          ORDER BY o.endpoint FOR UPDATE SKIP LOCKED) due
    WHERE p.endpoint = due.endpoint
      AND (p.owner = endpoint_lease.owner
           OR EXISTS (SELECT FROM changefeed.endpoint e WHERE e.id = p.endpoint AND e.state = 'active'));
    RETURN QUERY
    SELECT e.id, e.revision, n.settings, n.secret, n.former_secret, n.secret_key,
           coalesce(e.former_until > clock_timestamp(), false),
           extract(epoch FROM p.owned_until - clock_timestamp())::double precision
    FROM changefeed.endpoint e JOIN changefeed.endpoint_progress p ON p.endpoint = e.id
    -- What the replica knows is not written again.
    CROSS JOIN LATERAL changefeed.endpoint_settings(
        e, (known ->> e.id::text)::int IS DISTINCT FROM e.revision) n
    WHERE p.owner = endpoint_lease.owner AND p.owned_until > clock_timestamp() AND e.state = 'active'
      AND (e.secret IS NOT NULL OR e.kind <> 'webhook')
    ORDER BY e.id;
END $$;
COMMENT ON FUNCTION changefeed.endpoint_lease(uuid, double precision, boolean, jsonb) IS
    'Renews the leases of a replica, takes those that have run out or end later than any lease (the server''s clock '
    'was set back), and returns the endpoints that it delivers to, for how many seconds (held_for), '
    'with their settings and encrypted secrets (null for those that the replica knows: {id: revision}). signs_twice: '
    'the former secret signs, too. wanted false: gives them back. '
    'Nothing where this database may not push.';
