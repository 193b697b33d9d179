-- Devices of the second API: where each stands in the log, and what it follows.
INSERT INTO changefeed.migration (version) VALUES (6);

-- One row per device and none per event: 10,000 devices at 1,000,000 events are 10,000 rows.
CREATE TABLE changefeed.device (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id int NOT NULL,
    device_id text NOT NULL CONSTRAINT device_device_id CHECK (length(device_id) BETWEEN 1 AND 255),
    app_type text,
    models text[] NOT NULL DEFAULT '{}',
    scopes jsonb NOT NULL DEFAULT '{}',
    epoch int NOT NULL,
    base pg_snapshot NOT NULL DEFAULT pg_current_snapshot(),
    bases jsonb NOT NULL DEFAULT '{}',
    resync jsonb NOT NULL DEFAULT '{}',
    began pg_snapshot NOT NULL,
    seen pg_snapshot NOT NULL,
    seen_log_id bigint NOT NULL,
    seen_next xid8,
    target pg_snapshot,
    target_low_id bigint,
    target_high_id bigint,
    target_next xid8,
    batch bigint NOT NULL DEFAULT 0,
    window_from bigint NOT NULL DEFAULT 0,
    window_to bigint,
    window_is_last boolean NOT NULL DEFAULT false,
    handed bigint NOT NULL DEFAULT 0,
    position bigint NOT NULL DEFAULT 0,
    acked bigint[] NOT NULL DEFAULT '{}',
    hidden bigint[] NOT NULL DEFAULT '{}',
    acknowledgements bigint NOT NULL DEFAULT 0,
    token_epoch int NOT NULL DEFAULT 0,
    registered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_pull_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_acknowledgement_at timestamptz,
    last_resync_at timestamptz,
    last_resync_reason text,
    retired_at timestamptz,
    CONSTRAINT device_user UNIQUE (user_id, device_id)
) WITH (fillfactor = 50);
COMMENT ON TABLE changefeed.device IS 'Devices of the second API. What is visible in seen is settled for them; of what is visible in target and not in seen, one window after another is handed out and settled by acknowledgement.';
COMMENT ON COLUMN changefeed.device.id IS 'Number of the device.';
COMMENT ON COLUMN changefeed.device.user_id IS 'Odoo user (res_users.id) to whom it belongs.';
COMMENT ON COLUMN changefeed.device.device_id IS 'The name that the client gave it; another user''s same name is another device.';
COMMENT ON COLUMN changefeed.device.app_type IS 'App type that it last pulled with; null before its first pull.';
COMMENT ON COLUMN changefeed.device.models IS 'Models that it follows: those asked for that are tracked and readable for the user.';
COMMENT ON COLUMN changefeed.device.scopes IS 'Per model, a digest of what its user could see when it last pulled.';
COMMENT ON COLUMN changefeed.device.epoch IS 'Epoch of the feed in which its snapshots were taken.';
COMMENT ON COLUMN changefeed.device.base IS 'Snapshot at its registration or last reset: gaps and truncations that this has passed do not concern it.';
COMMENT ON COLUMN changefeed.device.bases IS 'Per model, a list of all records that it took: {"id", "since", "until", "at"}: snapshots at the first page and (null while it lasts) at the last.';
COMMENT ON COLUMN changefeed.device.resync IS 'Per model, why it must be taken anew before pulls go on: {"code", "mode"}.';
COMMENT ON COLUMN changefeed.device.began IS 'What seen was when it last began: nothing visible here was ever handed out to it.';
COMMENT ON COLUMN changefeed.device.seen IS 'Everything visible in this snapshot is settled.';
COMMENT ON COLUMN changefeed.device.seen_log_id IS 'Last log id drawn before seen was taken: what is not visible in it and has a lower one belongs to a transaction that was running then.';
COMMENT ON COLUMN changefeed.device.seen_next IS 'Transactions from this number on began after seen was taken; null where that is not known.';
COMMENT ON COLUMN changefeed.device.target IS 'Snapshot that bounds the batch being drained; null when there is none.';
COMMENT ON COLUMN changefeed.device.target_low_id IS 'What seen_log_id becomes with the batch''s end.';
COMMENT ON COLUMN changefeed.device.target_next IS 'What seen_next becomes then.';
COMMENT ON COLUMN changefeed.device.target_high_id IS 'No log row above this id is visible in target.';
COMMENT ON COLUMN changefeed.device.batch IS 'Number of the window: rises with each that is opened.';
COMMENT ON COLUMN changefeed.device.window_from IS 'The batch is settled up to this log id.';
COMMENT ON COLUMN changefeed.device.window_to IS 'Last log id of the window; null when the next pull is to open one.';
COMMENT ON COLUMN changefeed.device.window_is_last IS 'The batch ends with the window.';
COMMENT ON COLUMN changefeed.device.handed IS 'Highest event id that was handed out from the window.';
COMMENT ON COLUMN changefeed.device.position IS 'The window is settled up to this event id.';
COMMENT ON COLUMN changefeed.device.acked IS 'Event ids above position that are settled.';
COMMENT ON COLUMN changefeed.device.hidden IS 'Event ids of the window, up to handed, that are not for its user: they settle themselves.';
COMMENT ON COLUMN changefeed.device.acknowledgements IS 'Rises with each acknowledgement: a token that names more comes from a future that this database has lost.';
COMMENT ON COLUMN changefeed.device.token_epoch IS 'Highest epoch that a token of it has named: told once, it is not told again.';
COMMENT ON COLUMN changefeed.device.registered_at IS 'When it first came.';
COMMENT ON COLUMN changefeed.device.last_pull_at IS 'When it last pulled, to the minute.';
COMMENT ON COLUMN changefeed.device.last_acknowledgement_at IS 'When it last settled something.';
COMMENT ON COLUMN changefeed.device.last_resync_at IS 'When it was last told to take something anew, or began anew.';
COMMENT ON COLUMN changefeed.device.last_resync_reason IS 'Why.';
COMMENT ON COLUMN changefeed.device.retired_at IS 'When it made room for another device of its user; null while it counts.';
COMMENT ON SEQUENCE changefeed.device_id_seq IS 'Numbers of devices.';

CREATE TABLE changefeed.app_type (
    name text PRIMARY KEY CONSTRAINT app_type_name CHECK (name ~ '^[a-z][a-z0-9_]{0,63}$'),
    models text[]
);
COMMENT ON TABLE changefeed.app_type IS 'App types: names for sets of models that devices follow. Edit as you like; devices learn of added models at their next pull.';
COMMENT ON COLUMN changefeed.app_type.name IS 'Name, as clients give it; NAME_app means the same.';
COMMENT ON COLUMN changefeed.app_type.models IS 'Odoo models; null means everything that is tracked.';
INSERT INTO changefeed.app_type (name, models) VALUES
    ('sales', '{sale.order,res.partner,product.template,product.product,product.category}'),
    ('delivery', '{stock.picking,res.partner}'),
    ('warehouse', '{stock.picking,stock.move,product.product}'),
    ('manager', '{sale.order,purchase.order,account.move,hr.expense,res.partner}'),
    ('mobile_app', '{sale.order,res.partner,product.template}'),
    ('all', NULL);
