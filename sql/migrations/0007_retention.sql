-- Retention: what was settled when a watermark was made, records that are gone, errors, and the last run.
INSERT INTO changefeed.migration (version) VALUES (7);

ALTER TABLE changefeed.archived ADD COLUMN settled xid8;
COMMENT ON COLUMN changefeed.archived.settled IS
    'and, where it is not null, if their transaction is below this number: what an active device had not settled yet is not archived.';

CREATE TABLE changefeed.orphan (
    model text NOT NULL,
    record_id bigint NOT NULL,
    event_id bigint NOT NULL,
    PRIMARY KEY (model, record_id)
);
COMMENT ON TABLE changefeed.orphan IS
    'Records that Odoo no longer has: the first API hides their creates and writes. Devices still get them.';
COMMENT ON COLUMN changefeed.orphan.model IS 'Odoo model.';
COMMENT ON COLUMN changefeed.orphan.record_id IS 'The record that is gone.';
COMMENT ON COLUMN changefeed.orphan.event_id IS 'Events up to this id are hidden; a record that comes again with the same id is not.';

CREATE TABLE changefeed.error (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    occurred_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    source text NOT NULL,
    message text NOT NULL,
    context jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE changefeed.error IS 'What went wrong in the service, the newest 1,000. No secrets and no values that users sent.';
COMMENT ON COLUMN changefeed.error.id IS 'Number of the error.';
COMMENT ON COLUMN changefeed.error.occurred_at IS 'When.';
COMMENT ON COLUMN changefeed.error.source IS 'Part of the service, such as retention.';
COMMENT ON COLUMN changefeed.error.message IS 'What happened, at most 2,000 characters.';
COMMENT ON COLUMN changefeed.error.context IS 'What helps to understand it, such as the step.';
COMMENT ON SEQUENCE changefeed.error_id_seq IS 'Numbers of errors.';

CREATE TABLE changefeed.retention (
    only_row boolean PRIMARY KEY DEFAULT true CONSTRAINT retention_only_row CHECK (only_row),
    noted_at timestamptz,
    archive_every interval,
    slot_length interval NOT NULL DEFAULT '166:09:13',
    log_budget bigint NOT NULL DEFAULT 0,
    log_budget_action text NOT NULL DEFAULT 'oldest',
    started_at timestamptz,
    ran_at timestamptz,
    report jsonb NOT NULL DEFAULT '[]',
    counted_at timestamptz,
    active_events bigint,
    archived_events bigint
) WITH (fillfactor = 50);
COMMENT ON TABLE changefeed.retention IS 'One row: what the service was told about retention, when it last ran, and what it counted then.';
COMMENT ON COLUMN changefeed.retention.only_row IS 'Keeps the table at one row.';
COMMENT ON COLUMN changefeed.retention.noted_at IS 'When a service last came with other settings than these.';
COMMENT ON COLUMN changefeed.retention.archive_every IS 'How often the service is to run it; zero or null: not at all.';
COMMENT ON COLUMN changefeed.retention.slot_length IS 'How long a slot of the log is written to.';
COMMENT ON COLUMN changefeed.retention.log_budget IS 'Bytes that the log may have; 0: no limit.';
COMMENT ON COLUMN changefeed.retention.log_budget_action IS 'What happens when it has more: oldest or pause.';
COMMENT ON COLUMN changefeed.retention.started_at IS 'When a replica last began a run.';
COMMENT ON COLUMN changefeed.retention.ran_at IS 'When a run last came to its end with nothing left to do.';
COMMENT ON COLUMN changefeed.retention.report IS 'The steps of the last run.';
COMMENT ON COLUMN changefeed.retention.counted_at IS 'When the events of the first API were last counted.';
COMMENT ON COLUMN changefeed.retention.active_events IS 'Events that it showed then.';
COMMENT ON COLUMN changefeed.retention.archived_events IS 'Events that were archived then.';
INSERT INTO changefeed.retention DEFAULT VALUES;
