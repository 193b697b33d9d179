-- Endpoints: where the service itself delivers changes to.
INSERT INTO changefeed.migration (version) VALUES (19);

CREATE TABLE changefeed.endpoint (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL CONSTRAINT endpoint_name UNIQUE CONSTRAINT endpoint_name_plain CHECK (name ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
    kind text NOT NULL DEFAULT 'webhook' CONSTRAINT endpoint_kind CHECK (kind IN ('webhook', 'jetstream', 'kafka')),
    user_id int NOT NULL,
    url text NOT NULL CONSTRAINT endpoint_url CHECK (octet_length(url) BETWEEN 1 AND 2048)
        CONSTRAINT endpoint_url_open CHECK (url !~ '^[a-z]+://[^/?]*@'),
    app_type text NOT NULL DEFAULT 'all',
    models text[],
    companies int[],
    filters jsonb,
    events text[] NOT NULL DEFAULT '{create,write,unlink}'
        CONSTRAINT endpoint_events CHECK (events <> '{}' AND events <@ '{create,write,unlink}'),
    with_data boolean NOT NULL DEFAULT false,
    fields jsonb,
    in_order boolean NOT NULL DEFAULT false,
    concurrency int NOT NULL DEFAULT 8
        CONSTRAINT endpoint_concurrency CHECK (concurrency BETWEEN 1 AND CASE kind WHEN 'webhook' THEN 64 ELSE 1024 END),
    batch_size int NOT NULL DEFAULT 1
        CONSTRAINT endpoint_batch_size CHECK (batch_size BETWEEN 1 AND CASE kind WHEN 'webhook' THEN 100 ELSE 1 END),
    api_key int,
    secret bytea,
    former_secret bytea,
    former_until timestamptz,
    secret_key text,
    state text NOT NULL DEFAULT 'active' CONSTRAINT endpoint_state CHECK (state IN ('active', 'paused', 'disabled')),
    reason text,
    state_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    generation int NOT NULL DEFAULT 0,
    revision int NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by text NOT NULL DEFAULT session_user
);
COMMENT ON TABLE changefeed.endpoint IS 'Where the service delivers changes to. Each is a device of its user (device_id: endpoint:ID), and gets what that user sees.';
COMMENT ON COLUMN changefeed.endpoint.id IS 'Number, in the name of its device.';
COMMENT ON COLUMN changefeed.endpoint.name IS 'Unique name, by which operators and clients know it.';
COMMENT ON COLUMN changefeed.endpoint.kind IS 'What is at its address: webhook, jetstream (a stream of NATS) or kafka (a topic).';
COMMENT ON COLUMN changefeed.endpoint.user_id IS 'The Odoo user with whose access rights it gets records.';
COMMENT ON COLUMN changefeed.endpoint.url IS 'Its address, without credentials.';
COMMENT ON COLUMN changefeed.endpoint.app_type IS 'Its app type, as a pull names it.';
COMMENT ON COLUMN changefeed.endpoint.models IS 'Models of the app type; null: all.';
COMMENT ON COLUMN changefeed.endpoint.companies IS 'Enabled companies; null: all of the user''s.';
COMMENT ON COLUMN changefeed.endpoint.filters IS 'Row filters, {model: domain}; null: none.';
COMMENT ON COLUMN changefeed.endpoint.events IS 'Kinds of events that it gets.';
COMMENT ON COLUMN changefeed.endpoint.with_data IS 'Messages hold the records'' data.';
COMMENT ON COLUMN changefeed.endpoint.fields IS 'Fields of the data, {model: [names]}; null: the usual ones.';
COMMENT ON COLUMN changefeed.endpoint.in_order IS 'One message after another: a message that fails holds up all later ones.';
COMMENT ON COLUMN changefeed.endpoint.concurrency IS 'How many messages may be under way.';
COMMENT ON COLUMN changefeed.endpoint.batch_size IS 'How many events one message may hold.';
COMMENT ON COLUMN changefeed.endpoint.api_key IS 'The row of the API key with which it was created: without that key nothing is delivered. Null: an operator created it.';
COMMENT ON COLUMN changefeed.endpoint.secret IS 'The secret that signs messages, or the credentials for the server of a stream, encrypted by the service. Null: none; then a webhook gets nothing.';
COMMENT ON COLUMN changefeed.endpoint.former_secret IS 'The secret before the last rotation, encrypted.';
COMMENT ON COLUMN changefeed.endpoint.former_until IS 'Until when the former secret signs, too.';
COMMENT ON COLUMN changefeed.endpoint.secret_key IS 'Names the key that encrypts the secrets.';
COMMENT ON COLUMN changefeed.endpoint.state IS 'active; paused by a decision or because its user lost a right; disabled because its receiver refused or failed.';
COMMENT ON COLUMN changefeed.endpoint.reason IS 'Why it is paused or disabled.';
COMMENT ON COLUMN changefeed.endpoint.state_at IS 'Since when it has this state.';
COMMENT ON COLUMN changefeed.endpoint.generation IS 'How often it was replayed: messages that are sent again by a replay have other ids.';
COMMENT ON COLUMN changefeed.endpoint.revision IS 'Rises with each change of its settings, so that the service notices.';
COMMENT ON COLUMN changefeed.endpoint.created_at IS 'When it was created.';
COMMENT ON COLUMN changefeed.endpoint.created_by IS 'Role that created it.';

CREATE TABLE changefeed.endpoint_progress (
    endpoint int PRIMARY KEY REFERENCES changefeed.endpoint ON DELETE CASCADE,
    owner uuid,
    owned_until timestamptz,
    delivered bigint NOT NULL DEFAULT 0,
    failed bigint NOT NULL DEFAULT 0,
    failing_since timestamptz,
    last_delivery_at timestamptz,
    last_failure_at timestamptz,
    last_failure text
) WITH (fillfactor = 50);
COMMENT ON TABLE changefeed.endpoint_progress IS 'Which replica delivers to an endpoint, and how that goes.';
COMMENT ON COLUMN changefeed.endpoint_progress.endpoint IS 'The endpoint.';
COMMENT ON COLUMN changefeed.endpoint_progress.owner IS 'The replica that delivers; null: none.';
COMMENT ON COLUMN changefeed.endpoint_progress.owned_until IS 'When another replica may take over.';
COMMENT ON COLUMN changefeed.endpoint_progress.delivered IS 'Events that its receiver has accepted.';
COMMENT ON COLUMN changefeed.endpoint_progress.failed IS 'Attempts that failed.';
COMMENT ON COLUMN changefeed.endpoint_progress.failing_since IS 'The first failure since the last success; null: the last attempt succeeded.';
COMMENT ON COLUMN changefeed.endpoint_progress.last_delivery_at IS 'The last success.';
COMMENT ON COLUMN changefeed.endpoint_progress.last_failure_at IS 'The last failure.';
COMMENT ON COLUMN changefeed.endpoint_progress.last_failure IS 'Why that failed.';

CREATE TABLE changefeed.endpoint_queue (
    endpoint int NOT NULL REFERENCES changefeed.endpoint ON DELETE CASCADE,
    model text NOT NULL,
    record_id bigint NOT NULL,
    event_id bigint NOT NULL,
    kind text NOT NULL,
    occurred_at timestamptz NOT NULL,
    attempts int NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    is_dead boolean NOT NULL DEFAULT false,
    queued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_status int,
    last_error text,
    PRIMARY KEY (endpoint, model, record_id)
);
CREATE INDEX endpoint_queue_due ON changefeed.endpoint_queue (endpoint, due_at) WHERE NOT is_dead;
COMMENT ON INDEX changefeed.endpoint_queue_due IS 'What is due next.';
COMMENT ON TABLE changefeed.endpoint_queue IS 'Records whose newest change an endpoint has not accepted: one row per record, whatever the number of its changes. A dead letter is one that is not tried again.';
COMMENT ON COLUMN changefeed.endpoint_queue.endpoint IS 'The endpoint.';
COMMENT ON COLUMN changefeed.endpoint_queue.model IS 'The record''s model.';
COMMENT ON COLUMN changefeed.endpoint_queue.record_id IS 'The record''s id.';
COMMENT ON COLUMN changefeed.endpoint_queue.event_id IS 'The newest event of the record.';
COMMENT ON COLUMN changefeed.endpoint_queue.kind IS 'create, write, unlink, access, filter or copy, as shown_entries() names them.';
COMMENT ON COLUMN changefeed.endpoint_queue.occurred_at IS 'When the newest event occurred.';
COMMENT ON COLUMN changefeed.endpoint_queue.attempts IS 'How often this event was tried.';
COMMENT ON COLUMN changefeed.endpoint_queue.due_at IS 'When it is tried next.';
COMMENT ON COLUMN changefeed.endpoint_queue.is_dead IS 'It is not tried again by itself.';
COMMENT ON COLUMN changefeed.endpoint_queue.queued_at IS 'Since when the record waits.';
COMMENT ON COLUMN changefeed.endpoint_queue.last_status IS 'HTTP status of the last attempt; null: no answer.';
COMMENT ON COLUMN changefeed.endpoint_queue.last_error IS 'Why the last attempt failed.';

CREATE TABLE changefeed.endpoint_attempt (
    id bigint GENERATED ALWAYS AS IDENTITY,
    endpoint int NOT NULL REFERENCES changefeed.endpoint ON DELETE CASCADE,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    message_id text NOT NULL,
    model text,
    record_id bigint,
    events int NOT NULL DEFAULT 1,
    attempt int NOT NULL,
    milliseconds int NOT NULL,
    status int,
    error text,
    answer text,
    PRIMARY KEY (endpoint, id)
);
COMMENT ON TABLE changefeed.endpoint_attempt IS 'The last attempts of each endpoint: all failures, and of the successes a sample, about 1,000 in all.';
COMMENT ON COLUMN changefeed.endpoint_attempt.id IS 'Ascending number.';
COMMENT ON COLUMN changefeed.endpoint_attempt.endpoint IS 'The endpoint.';
COMMENT ON COLUMN changefeed.endpoint_attempt.at IS 'When the attempt ended.';
COMMENT ON COLUMN changefeed.endpoint_attempt.message_id IS 'The message''s webhook-id.';
COMMENT ON COLUMN changefeed.endpoint_attempt.model IS 'The model, of a message about one record.';
COMMENT ON COLUMN changefeed.endpoint_attempt.record_id IS 'The record''s id, of a message about one record.';
COMMENT ON COLUMN changefeed.endpoint_attempt.events IS 'How many events the message held.';
COMMENT ON COLUMN changefeed.endpoint_attempt.attempt IS 'Which attempt it was; the first is 1.';
COMMENT ON COLUMN changefeed.endpoint_attempt.milliseconds IS 'How long it took.';
COMMENT ON COLUMN changefeed.endpoint_attempt.status IS 'HTTP status; null: no answer.';
COMMENT ON COLUMN changefeed.endpoint_attempt.error IS 'Why it failed; null: it succeeded.';
COMMENT ON COLUMN changefeed.endpoint_attempt.answer IS 'The beginning of the receiver''s answer, 1 KB at most.';
