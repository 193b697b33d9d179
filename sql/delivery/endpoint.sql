-- Endpoints: what operators and clients do with them.
--
-- An endpoint is a device of its user, endpoint:ID. The device's cursor is the endpoint's, an accepted delivery is the
-- acknowledgement, and what leaves is what the user would pull.

CREATE OR REPLACE FUNCTION changefeed.endpoint_device(endpoint int) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT 'endpoint:' || endpoint
$$;
COMMENT ON FUNCTION changefeed.endpoint_device(int) IS 'The device_id of an endpoint.';

CREATE OR REPLACE FUNCTION changefeed.endpoint_source() RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(changefeed.odoo_database_uuid(), (SELECT i.feed::text FROM changefeed.identity i))
$$;
COMMENT ON FUNCTION changefeed.endpoint_source() IS
    'Where messages come from, for streams: Odoo''s parameter database.uuid, or without it the feed''s identity.';

CREATE OR REPLACE FUNCTION changefeed.endpoint_add(
    name text, url text, user_id int, app_type text DEFAULT 'all', models text[] DEFAULT NULL,
    companies int[] DEFAULT NULL, filters jsonb DEFAULT NULL, events text[] DEFAULT '{create,write,unlink}',
    with_data boolean DEFAULT false, fields jsonb DEFAULT NULL, in_order boolean DEFAULT false,
    concurrency int DEFAULT NULL, batch_size int DEFAULT 1, start text DEFAULT 'now', since timestamptz DEFAULT NULL,
    secret bytea DEFAULT NULL, secret_key text DEFAULT NULL, api_key int DEFAULT NULL, max_endpoints int DEFAULT 1000,
    kind text DEFAULT 'webhook', OUT problem text, OUT id int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    caller record;
BEGIN
    PERFORM changefeed.require_read_committed();
    -- Two at a time could pass the limit.
    LOCK TABLE changefeed.endpoint IN SHARE ROW EXCLUSIVE MODE;
    IF (SELECT count(*) FROM changefeed.endpoint) >= max_endpoints THEN
        problem := 'too_many_endpoints';
        RETURN;
    ELSIF EXISTS (SELECT FROM changefeed.endpoint e WHERE e.name = endpoint_add.name) THEN
        problem := 'endpoint_exists';
        RETURN;
    ELSIF kind <> 'webhook' AND api_key IS NOT NULL THEN
        -- Its server may have any address.
        problem := 'kind_for_operators';
        RETURN;
    ELSIF url ~ '^[a-z]+://[^/?]*@' THEN
        -- Not by the table's constraint, whose error repeats the row.
        problem := 'credentials_in_url';
        RETURN;
    END IF;
    SELECT * INTO caller FROM changefeed.odoo_caller('confirmed', endpoint_add.user_id, NULL, NULL, NULL, NULL, true);
    IF caller.user_id IS NULL THEN
        problem := 'user_unknown';
        RETURN;
    END IF;
    SELECT f.problem INTO problem FROM changefeed.followed_models(user_id, app_type, endpoint_add.models, companies) f;
    -- The service compiles rules before it pulls.
    IF problem <> 'rules_not_compiled' THEN
        RETURN;
    END IF;
    problem := NULL;
    INSERT INTO changefeed.endpoint (name, kind, url, user_id, app_type, models, companies, filters, events,
                                     with_data, fields, in_order, concurrency, batch_size, api_key, secret, secret_key)
    VALUES (endpoint_add.name, endpoint_add.kind, endpoint_add.url, endpoint_add.user_id, endpoint_add.app_type,
            endpoint_add.models,
            endpoint_add.companies, endpoint_add.filters, endpoint_add.events, endpoint_add.with_data,
            endpoint_add.fields, endpoint_add.in_order,
            coalesce(endpoint_add.concurrency, CASE endpoint_add.kind WHEN 'webhook' THEN 8 ELSE 1024 END),
            endpoint_add.batch_size,
            endpoint_add.api_key, endpoint_add.secret, endpoint_add.secret_key)
    RETURNING endpoint.id INTO endpoint_add.id;
    INSERT INTO changefeed.endpoint_progress (endpoint) VALUES (endpoint_add.id);
    SELECT r.problem INTO problem
    FROM changefeed.reset_device(user_id, changefeed.endpoint_device(endpoint_add.id), start, since, 2147483647) r;
END $$;
COMMENT ON FUNCTION changefeed.endpoint_add(text, text, int, text, text[], int[], jsonb, text[], boolean, jsonb,
                                            boolean, int, int, text, timestamptz, bytea, text, int, int, text) IS
    'Adds an endpoint that gets what an Odoo user sees: a webhook, a stream of NATS (jetstream) or a topic of Kafka. '
    'start: now, all (the existing records first), earliest, or time with since. '
    'Without a secret (null) a webhook gets nothing until the service has made one: changefeed endpoint rotate. '
    'problem: too_many_endpoints, endpoint_exists, kind_for_operators (a stream with an api_key), credentials_in_url, '
    'user_unknown, or as in followed_models(); then nothing was added.';

CREATE OR REPLACE FUNCTION changefeed.endpoint_named(name text) RETURNS changefeed.endpoint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found_one changefeed.endpoint;
BEGIN
    SELECT * INTO found_one FROM changefeed.endpoint e WHERE e.name = endpoint_named.name FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no endpoint %', coalesce(quote_literal(endpoint_named.name), 'without a name')
            USING ERRCODE = 'no_data_found', HINT = 'SELECT name FROM changefeed.endpoints lists them.';
    END IF;
    RETURN found_one;
END $$;
COMMENT ON FUNCTION changefeed.endpoint_named(text) IS
    'The endpoint with a name, locked until the end of the transaction. Fails (P0002) if there is none.';

CREATE OR REPLACE FUNCTION changefeed.endpoint_set_state(name text, state text, reason text DEFAULT NULL)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    here CONSTANT changefeed.endpoint := changefeed.endpoint_named(name);
BEGIN
    IF here.state = endpoint_set_state.state THEN
        RETURN false;
    END IF;
    UPDATE changefeed.endpoint e
    SET state = endpoint_set_state.state, reason = nullif(btrim(endpoint_set_state.reason), ''),
        state_at = clock_timestamp(), revision = e.revision + 1
    WHERE e.id = here.id;
    IF endpoint_set_state.state = 'active' THEN
        UPDATE changefeed.endpoint_progress p SET failing_since = NULL WHERE p.endpoint = here.id;
        UPDATE changefeed.endpoint_queue q SET due_at = clock_timestamp() WHERE q.endpoint = here.id AND NOT q.is_dead;
    END IF;
    RETURN true;
END $$;
COMMENT ON FUNCTION changefeed.endpoint_set_state(text, text, text) IS
    'Pauses (paused), disables (disabled) or resumes (active) an endpoint. Changes meanwhile come later. '
    'False if it was in that state.';

CREATE OR REPLACE FUNCTION changefeed.endpoint_rotate(
    name text, secret bytea, secret_key text, overlap interval DEFAULT '24 hours') RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    here CONSTANT changefeed.endpoint := changefeed.endpoint_named(name);
BEGIN
    IF (secret IS NOT NULL AND secret_key IS NOT NULL AND overlap >= interval '0') IS NOT TRUE THEN
        RAISE EXCEPTION 'secret, secret_key and an overlap of at least 0 must be given'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    UPDATE changefeed.endpoint e
    SET secret = endpoint_rotate.secret, secret_key = endpoint_rotate.secret_key,
        -- One that another key encrypts could not be read.
        former_secret = CASE WHEN overlap > interval '0'
                                  AND e.secret_key = endpoint_rotate.secret_key THEN e.secret END,
        former_until = CASE WHEN overlap > interval '0'
                                 AND e.secret_key = endpoint_rotate.secret_key THEN clock_timestamp() + overlap END,
        revision = e.revision + 1
    WHERE e.id = here.id;
END $$;
COMMENT ON FUNCTION changefeed.endpoint_rotate(text, bytea, text, interval) IS
    'Gives an endpoint a new secret, encrypted with the service''s key of that name; both sign during the overlap.';

CREATE OR REPLACE FUNCTION changefeed.endpoint_replay(name text, start text, since timestamptz DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    here CONSTANT changefeed.endpoint := changefeed.endpoint_named(name);
    former changefeed.device;
    copies boolean;
BEGIN
    SELECT * INTO former FROM changefeed.device v
    WHERE v.user_id = here.user_id AND v.device_id = changefeed.endpoint_device(here.id) FOR UPDATE;
    -- What a first copy has not reached is in no event.
    copies := former.is_copying AND start IN ('earliest', 'time');
    PERFORM changefeed.reset_device(
        here.user_id, changefeed.endpoint_device(here.id), CASE WHEN copies THEN 'all' ELSE start END,
        CASE WHEN NOT copies THEN since END, 2147483647);
    IF start IN ('earliest', 'time') AND NOT copies AND former.id IS NOT NULL THEN
        -- What it had not been sent when the log was emptied, or while capture paused, is missing as before.
        UPDATE changefeed.device v
        SET resync = former.resync,
            base = CASE WHEN changefeed.snapshot_contains(former.seen, former.base) THEN former.seen
                        ELSE former.base END
        WHERE v.id = former.id;
        IF former.epoch <> (SELECT c.epoch FROM changefeed.control c) THEN
            PERFORM changefeed.mark_resync(former.id, former.models, 'epoch_changed', 'replace', true);
        END IF;
    END IF;
    -- Between the records that wait and the log nothing may be lost: what waits stays.
    UPDATE changefeed.endpoint e SET generation = e.generation + 1, revision = e.revision + 1 WHERE e.id = here.id;
END $$;
COMMENT ON FUNCTION changefeed.endpoint_replay(text, text, timestamptz) IS
    'Delivers again: changes since a time (start time, with since), from the oldest event of the log (earliest), or '
    'all records, then changes (all). start now skips what was not delivered yet; records that wait for another '
    'attempt stay. Messages get other ids.';

CREATE OR REPLACE FUNCTION changefeed.endpoint_remove(name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    here CONSTANT changefeed.endpoint := changefeed.endpoint_named(name);
BEGIN
    PERFORM changefeed.forget_device(here.user_id, changefeed.endpoint_device(here.id));
    DELETE FROM changefeed.endpoint e WHERE e.id = here.id;
END $$;
COMMENT ON FUNCTION changefeed.endpoint_remove(text) IS
    'Removes an endpoint with its waiting records, dead letters and attempts.';

CREATE OR REPLACE FUNCTION changefeed.endpoint_retry(name text, model text DEFAULT NULL, record_id bigint DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    here CONSTANT changefeed.endpoint := changefeed.endpoint_named(name);
    found_rows bigint;
BEGIN
    UPDATE changefeed.endpoint_queue q SET is_dead = false, attempts = 0, due_at = clock_timestamp()
    WHERE q.endpoint = here.id AND (endpoint_retry.model IS NULL OR q.model = endpoint_retry.model)
      AND (endpoint_retry.record_id IS NULL OR q.record_id = endpoint_retry.record_id);
    GET DIAGNOSTICS found_rows = ROW_COUNT;
    UPDATE changefeed.endpoint e SET revision = e.revision + 1 WHERE e.id = here.id AND found_rows > 0;
    RETURN found_rows;
END $$;
COMMENT ON FUNCTION changefeed.endpoint_retry(text, text, bigint) IS
    'Tries records that wait and dead letters again, without waiting: all of an endpoint, of a model, '
    'or one. Returns how many.';

CREATE OR REPLACE FUNCTION changefeed.endpoint_drop(name text, model text DEFAULT NULL, record_id bigint DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    here CONSTANT changefeed.endpoint := changefeed.endpoint_named(name);
    found_rows bigint;
BEGIN
    DELETE FROM changefeed.endpoint_queue q
    WHERE q.endpoint = here.id AND q.is_dead AND (endpoint_drop.model IS NULL OR q.model = endpoint_drop.model)
      AND (endpoint_drop.record_id IS NULL OR q.record_id = endpoint_drop.record_id);
    GET DIAGNOSTICS found_rows = ROW_COUNT;
    RETURN found_rows;
END $$;
COMMENT ON FUNCTION changefeed.endpoint_drop(text, text, bigint) IS
    'Drops dead letters: all of an endpoint, of a model, or one. Returns how many.';

CREATE OR REPLACE VIEW changefeed.endpoints AS
    SELECT e.name, e.kind, e.user_id, e.url, e.app_type, e.models, e.companies, e.filters, e.events,
           e.with_data, e.fields, e.in_order, e.concurrency, e.batch_size, e.api_key IS NOT NULL AS needs_api_key,
           e.secret IS NOT NULL AS has_secret, e.former_until, e.state, e.reason, e.state_at,
           e.created_at, e.created_by, p.owned_until > clock_timestamp() AS is_owned, p.delivered, p.failed,
           p.failing_since, p.last_delivery_at, p.last_failure_at, p.last_failure, q.waiting, q.dead, q.next_due_at
    FROM changefeed.endpoint e
    JOIN changefeed.endpoint_progress p ON p.endpoint = e.id
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE NOT w.is_dead) AS waiting, count(*) FILTER (WHERE w.is_dead) AS dead,
               min(w.due_at) FILTER (WHERE NOT w.is_dead) AS next_due_at
        FROM changefeed.endpoint_queue w WHERE w.endpoint = e.id) q;
COMMENT ON VIEW changefeed.endpoints IS
    'Endpoints without their secrets, and how delivery goes: waiting: '
    'records that wait for another attempt; dead: dead letters.';
COMMENT ON COLUMN changefeed.endpoints.name IS 'Unique name.';
COMMENT ON COLUMN changefeed.endpoints.kind IS 'What is at its address.';
COMMENT ON COLUMN changefeed.endpoints.user_id IS 'The Odoo user with whose access rights it gets records.';
COMMENT ON COLUMN changefeed.endpoints.url IS 'Its address.';
COMMENT ON COLUMN changefeed.endpoints.app_type IS 'Its app type.';
COMMENT ON COLUMN changefeed.endpoints.models IS 'Models of the app type; null: all.';
COMMENT ON COLUMN changefeed.endpoints.companies IS 'Enabled companies; null: all of the user''s.';
COMMENT ON COLUMN changefeed.endpoints.filters IS 'Row filters, {model: domain}; null: none.';
COMMENT ON COLUMN changefeed.endpoints.events IS 'Kinds of events that it gets.';
COMMENT ON COLUMN changefeed.endpoints.with_data IS 'Messages hold the records'' data.';
COMMENT ON COLUMN changefeed.endpoints.fields IS 'Fields of the data, {model: [names]}; null: the usual ones.';
COMMENT ON COLUMN changefeed.endpoints.in_order IS 'A message that fails holds up all later ones.';
COMMENT ON COLUMN changefeed.endpoints.concurrency IS 'How many messages may be under way.';
COMMENT ON COLUMN changefeed.endpoints.batch_size IS 'How many events one message may hold.';
COMMENT ON COLUMN changefeed.endpoints.needs_api_key IS
    'It was created with an API key, without which nothing is delivered.';
COMMENT ON COLUMN changefeed.endpoints.has_secret IS
    'It has a secret, or credentials for its server. A webhook without one gets nothing.';
COMMENT ON COLUMN changefeed.endpoints.former_until IS 'Until when the former secret signs, too.';
COMMENT ON COLUMN changefeed.endpoints.state IS 'active, paused or disabled.';
COMMENT ON COLUMN changefeed.endpoints.reason IS 'Why it is paused or disabled.';
COMMENT ON COLUMN changefeed.endpoints.state_at IS 'Since when it has this state.';
COMMENT ON COLUMN changefeed.endpoints.created_at IS 'When it was created.';
COMMENT ON COLUMN changefeed.endpoints.created_by IS 'Role that created it.';
COMMENT ON COLUMN changefeed.endpoints.is_owned IS 'A replica delivers to it.';
COMMENT ON COLUMN changefeed.endpoints.delivered IS 'Events that its receiver has accepted.';
COMMENT ON COLUMN changefeed.endpoints.failed IS 'Attempts that failed.';
COMMENT ON COLUMN changefeed.endpoints.failing_since IS 'The first failure since the last success.';
COMMENT ON COLUMN changefeed.endpoints.last_delivery_at IS 'The last success.';
COMMENT ON COLUMN changefeed.endpoints.last_failure_at IS 'The last failure.';
COMMENT ON COLUMN changefeed.endpoints.last_failure IS 'Why that failed.';
COMMENT ON COLUMN changefeed.endpoints.waiting IS 'Records that wait for another attempt.';
COMMENT ON COLUMN changefeed.endpoints.dead IS 'Dead letters.';
COMMENT ON COLUMN changefeed.endpoints.next_due_at IS 'When the next record that waits is tried.';

CREATE OR REPLACE VIEW changefeed.endpoint_numbers AS SELECT e.id, e.name FROM changefeed.endpoint e;
COMMENT ON VIEW changefeed.endpoint_numbers IS
    'The numbers of endpoints, which endpoint_queue and endpoint_attempt hold.';
COMMENT ON COLUMN changefeed.endpoint_numbers.id IS 'The number.';
COMMENT ON COLUMN changefeed.endpoint_numbers.name IS 'The name.';

CREATE OR REPLACE FUNCTION changefeed.endpoint_secret(name text)
RETURNS TABLE (id int, url text, secret bytea, secret_key text, kind text, database text, source text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT e.id, e.url, e.secret, e.secret_key, e.kind, current_database(), changefeed.endpoint_source()
    FROM changefeed.endpoint e WHERE e.name = endpoint_secret.name
$$;
COMMENT ON FUNCTION changefeed.endpoint_secret(text) IS
    'An endpoint''s address and its encrypted secret, for a test event, and where its messages come from.';
