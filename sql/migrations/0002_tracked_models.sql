-- Which models are captured, which ought to be, and where capture had gaps.
INSERT INTO changefeed.migration (version) VALUES (2);

CREATE TABLE changefeed.tracked_model (
    model text PRIMARY KEY,
    table_schema name NOT NULL,
    table_name name NOT NULL,
    tracked_at timestamptz NOT NULL DEFAULT now(),
    rule_columns name[] NOT NULL DEFAULT '{}',
    keeps_followers boolean NOT NULL DEFAULT false,
    CONSTRAINT tracked_model_table UNIQUE (table_schema, table_name)
);
COMMENT ON TABLE changefeed.tracked_model IS 'The models that are captured. changefeed.track() and untrack() keep it.';
COMMENT ON COLUMN changefeed.tracked_model.model IS 'Odoo model.';
COMMENT ON COLUMN changefeed.tracked_model.table_schema IS 'Schema of its table.';
COMMENT ON COLUMN changefeed.tracked_model.table_name IS 'Its table.';
COMMENT ON COLUMN changefeed.tracked_model.tracked_at IS 'Since when.';
COMMENT ON COLUMN changefeed.tracked_model.rule_columns IS 'Columns that Odoo''s record rules look at: its triggers keep their old values (event.olds). track() chooses them anew.';
COMMENT ON COLUMN changefeed.tracked_model.keeps_followers IS 'Record rules of the model look at followers: an unlink keeps who followed the record (message_partner_ids).';

CREATE TABLE changefeed.default_model (
    model text PRIMARY KEY
);
COMMENT ON TABLE changefeed.default_model IS 'The models that an installation tracks by itself, where Odoo has them. Edit as you like.';
COMMENT ON COLUMN changefeed.default_model.model IS 'Odoo model.';
INSERT INTO changefeed.default_model (model) VALUES
    ('sale.order'), ('purchase.order'), ('product.template'), ('product.product'), ('product.category'),
    ('res.partner'), ('account.move'), ('account.journal'), ('hr.employee'), ('hr.expense'), ('stock.picking');

CREATE TABLE changefeed.gap (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    model text,
    epoch int NOT NULL,
    reason text NOT NULL,
    began_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    began_by text NOT NULL DEFAULT session_user,
    from_log_id bigint NOT NULL,
    from_snapshot pg_snapshot NOT NULL DEFAULT pg_current_snapshot(),
    ended_at timestamptz,
    ended_by text,
    to_log_id bigint,
    to_snapshot pg_snapshot
);
CREATE INDEX gap_open ON changefeed.gap (model) WHERE ended_at IS NULL;
COMMENT ON TABLE changefeed.gap IS 'Times in which changes were not captured: devices that follow these models need a resync.';
COMMENT ON INDEX changefeed.gap_open IS 'Finds the gaps that have not ended.';
COMMENT ON COLUMN changefeed.gap.id IS 'Number of the gap.';
COMMENT ON COLUMN changefeed.gap.model IS 'The model, or null for all models.';
COMMENT ON COLUMN changefeed.gap.epoch IS 'Epoch of the feed in which it began.';
COMMENT ON COLUMN changefeed.gap.reason IS 'Why: what was given to pause(), or untrack.';
COMMENT ON COLUMN changefeed.gap.began_at IS 'When it began.';
COMMENT ON COLUMN changefeed.gap.began_by IS 'Role that began it.';
COMMENT ON COLUMN changefeed.gap.from_log_id IS 'Newest log id when it began.';
COMMENT ON COLUMN changefeed.gap.from_snapshot IS 'Snapshot when it began.';
COMMENT ON COLUMN changefeed.gap.ended_at IS 'When it ended; null while it lasts.';
COMMENT ON COLUMN changefeed.gap.ended_by IS 'Role that ended it.';
COMMENT ON COLUMN changefeed.gap.to_log_id IS 'Newest log id at to_snapshot.';
COMMENT ON COLUMN changefeed.gap.to_snapshot IS 'A snapshot after which everything is captured again; null until settle() knows one. A reader is past the gap when its snapshot''s xmin is not below the xmax of this one.';
COMMENT ON SEQUENCE changefeed.gap_id_seq IS 'Numbers of gaps.';
